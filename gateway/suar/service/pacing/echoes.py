"""Our own objects as the hub returns them: everything that is sent to `all` is also delivered to us."""

from collections.abc import Iterable
from typing import Final

from suar.protocol.base import subjects
from suar.protocol.base.primitives import message_id

REMEMBERED: Final = 20_000  # ids; later ones are looked up in the store


class Echoes:
    """The ids of what left last: epochs and frames. Whatever else carries our name is judged."""

    def __init__(self, member: str) -> None:
        self._prefix = subjects.hub(member, "")
        self._ids: dict[str, None] = {}

    def expect(self, ids: Iterable[str]) -> None:
        """These leave now."""
        self._ids.update(dict.fromkeys(ids))
        while len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]

    def id_of(self, subject: str, data: bytes) -> str | None:
        """Return the id of an object that left from here; None for any other."""
        id_ = message_id(data) if subject.startswith(self._prefix) else ""
        return id_ if id_ in self._ids else None
