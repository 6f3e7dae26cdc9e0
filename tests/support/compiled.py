"""One cache of compiled statements for all stores of a process of tests.

SQLAlchemy keeps what it compiled with an engine, and each test has engines of its own: without this each test compiles
the same statements again. Engines of one dialect compile alike, and what is run on the database is the same.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

_DIALECT: Final = 0  # in a key: the dialect as each engine has its own
_MAX: Final = 10_000  # statements; a whole run has some hundreds of different ones


class SharedCache(MutableMapping[Any, Any]):
    """Keys name the dialect's type instead of the dialect."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_shared(key)]

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for that key by any engine."""
        return self._kept.get(_shared(key), default)

    def __setitem__(self, key: Any, made: Any) -> None:
        if len(self._kept) >= _MAX:
            self._kept.clear()
        self._kept[_shared(key)] = made

    def __delitem__(self, key: Any) -> None:
        del self._kept[_shared(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _shared(key: Any) -> Any:
    return (type(key[_DIALECT]), *key[1:])


def share() -> None:
    """Have every engine of this process use one cache from now on."""
    cache = SharedCache()

    def connected(connection: Connection) -> None:
        connection.execution_options(compiled_cache=cache)

    event.listen(Engine, "engine_connect", connected)
