"""In which database the stores of a test are: the SQLite file of each state folder, or one of a private cluster each.

The settings of a state folder that is made in a cluster name its database, for commands and processes too.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Engine, create_engine, event

from suar.store.engine.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from support.postgresql import Cluster

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
BOTH: Final = (SQLITE, POSTGRESQL)
_NAMED: Final = re.compile(r"^\[store\]\n(url = .*\n)?", re.MULTILINE)
_BYTES: Final = re.compile(r"\bx'([0-9a-f]*)'")  # as SQLite writes them
_MADE: Final = re.compile(r"\b(random|zero)blob\((\d+)\)")  # as SQLite makes them


SALT: Final = "coalesce((select salt from row_key where name = body_key), body_key)"
"""In a query for rows of messages: the salt of a row's key, which opens it also in the row itself."""


class _Place:
    cluster: Cluster | None = None
    has_replica = False
    urls: dict[Path, str]
    opened: Final[list[Database]] = []  # a test may leave one open, as it may a file


@contextmanager
def in_cluster(cluster: Cluster, *, has_replica: bool = False) -> Iterator[None]:
    """Have each state folder's store be a database of the cluster; they are taken back at the end.

    `has_replica`: the stores' URLs name its replica too.
    """
    _Place.cluster, _Place.has_replica, _Place.urls = cluster, has_replica, {}
    event.listen(Engine, "before_cursor_execute", _as_on_server, retval=True)
    try:
        with ended():
            yield
    finally:
        event.remove(Engine, "before_cursor_execute", _as_on_server)
        _Place.cluster = None


@contextmanager
def ended() -> Iterator[None]:
    """Have what is made and opened in a cluster meanwhile be closed and taken back at the end."""
    cluster = _Place.cluster
    assert cluster is not None
    opened, kept = len(_Place.opened), cluster.databases()
    try:
        yield
    finally:
        while len(_Place.opened) > opened:
            _Place.opened.pop().close()
        cluster.recycle(kept)


def is_sqlite() -> bool:
    """Whether stores are SQLite files now."""
    return _Place.cluster is None


def new_url(folder: Path) -> str:
    """The URL of a new store for the folder, with the tables of this version; in a cluster."""
    assert _Place.cluster is not None
    made = _Place.cluster.new_database()
    made = _Place.urls[folder.absolute()] = _Place.cluster.url_of_both(made) if _Place.has_replica else made
    return made


def name(folder: Path, url: str) -> None:
    """Have the folder's store be that database of the cluster."""
    _Place.urls[folder.absolute()] = url
    named_in_settings(folder)


def named_in_settings(folder: Path) -> None:
    """Have the folder's settings name its store, where that is in a cluster."""
    file = folder / "suar.toml"
    if _Place.cluster is not None and file.exists():
        file.write_text(_NAMED.sub(f'[store]\nurl = "{url(folder)}"\n', file.read_text("utf-8")), "utf-8")


def empty(folder: Path) -> Database:
    """A store without tables, as a gateway's first start finds it."""
    if _Place.cluster is not None:
        name(folder, _Place.cluster.new_database("TEMPLATE template0"))
    return opened(folder)


def files(folder: Path) -> list[bytes]:
    """What stands in the files of the folder's store, its log among them."""
    if _Place.cluster is not None:
        return _Place.cluster.files(_Place.urls[folder.absolute()])
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


def url(folder: Path) -> str | None:
    """The URL of the folder's store; None for its file."""
    return None if is_sqlite() else _Place.urls[folder.absolute()]


def opened(folder: Path) -> Database:
    """The store of a state folder."""
    made = Database(folder, url(folder))
    if _Place.cluster is not None:
        _Place.opened.append(made)
    return made


class Outsider(Protocol):
    """What somebody who writes the store without the keyring's secrets has."""

    def execute(self, statement: str, values: Sequence[object] = ..., /) -> Any:
        """Run a statement with `?` for each value; a cursor."""


def _as_on_server(  # as SQLAlchemy calls it
    _connection: object, _cursor: object, statement: str, values: Any, context: Any, _executemany: object
) -> tuple[str, Any]:
    """Have a statement that a test wrote for SQLite be PostgreSQL's; those of the package are compiled for it."""
    if context.compiled is not None or context.dialect.name != POSTGRESQL:
        return statement, values
    if "%s" not in statement and "%(" not in statement:
        statement = statement.replace("%", "%%").replace("?", "%s")
    return _MADE.sub(_made, _BYTES.sub(r"'\\x\1'::bytea", statement)), values


def _made(found: re.Match[str]) -> str:
    made = os.urandom(int(found[2])) if found[1] == "random" else bytes(int(found[2]))
    return f"'\\x{made.hex()}'::bytea"


class _OnServer:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = (), /) -> Any:
        return self._connection.exec_driver_sql(statement, tuple(values))


@contextmanager
def outsider(folder: Path) -> Iterator[Outsider]:
    """Write or read the folder's store beside its gateway; what was written is committed at the end."""
    if is_sqlite():
        with closing(sqlite3.connect(folder / "suar.db", timeout=120)) as store, store:
            yield store
        return
    engine = create_engine(str(url(folder)))
    try:
        with engine.begin() as connection:
            yield _OnServer(connection)
    finally:
        engine.dispose()


def write(folder: Path, statement: str, values: tuple[object, ...] = ()) -> int:
    """Run a statement as whoever writes the store without the keyring's secrets; how many rows it was about."""
    with outsider(folder) as store:
        return int(store.execute(statement, values).rowcount)


def copy(folder: Path) -> str:
    """A copy of the folder's store, which nobody has open."""
    if _Place.cluster is not None:
        return _Place.cluster.copy(str(url(folder)))
    kept = folder.parent / f"kept-{len(list(folder.parent.iterdir()))}.db"
    shutil.copy(folder / "suar.db", kept)
    return str(kept)


def put_back(folder: Path, kept: str) -> None:
    """Have a copy take the place of the folder's store, which nobody has open."""
    if _Place.cluster is not None:
        name(folder, _Place.cluster.copy(kept))
    else:
        shutil.copy(kept, folder / "suar.db")
