"""Which texts the agencies of this member received, and when first; no publisher is informed.

Noted in memory when a text is handed over, so that an agency never waits for the store, and stored at most once a
minute, with a line of the audit about each agency's new ones. A crash loses what was noted in the minute before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base.instants import instant
from suar.service.access.act_notes import TITLES
from suar.service.access.agencies import PREFIX
from suar.service.core.core import Core
from suar.store.engine.faults import StoreFault
from suar.store.people import access
from suar.store.people import agencies as table
from suar.store.people.agencies import AgencyText

ACT: Final = "given"
WRITE_MS: Final = 60_000
Texts = tuple[tuple[str, int], ...]
"""Texts by id and revision."""
NOTED_MAX: Final = 10_000
"""Texts in memory; then some are kept in the store first. While it cannot be written, no further ones are noted."""
KEPT_AT_ONCE: Final = 1000
"""Texts that are kept in one step of the core then: what is received waits for no more."""


def keep_texts(core: Core, connection: Connection, texts: Sequence[AgencyText]) -> None:
    """Store which texts agencies received. The audit names each text of an agency once, some of them in a line."""
    named: dict[str, list[str]] = defaultdict(list)
    for each in table.add_received(connection, texts):
        named[PREFIX + each.agency].append(f"{each.id} {each.rev}")
    access.notes(
        connection,
        [
            (core.clock(), who, ACT, " ".join(abouts[first : first + TITLES]))
            for who, abouts in named.items()
            for first in range(0, len(abouts), TITLES)
        ],
    )


class AgencyTexts:
    """The first time at which each agency received each text; noted on HTTP's event loop, stored by the core."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._noted: dict[tuple[str, Texts], int] = {}
        self._count, self._lock, self._kept_at = 0, Lock(), 0

    async def note(self, agency: str, texts: Iterable[tuple[str, int]]) -> None:
        """Note that the agency receives these (id, revision) now; nothing for "", this member's own programs.

        A page costs one entry, whatever it contains; its texts are separated when they are stored.
        """
        all_texts = tuple(texts) if agency else ()
        for first in range(0, len(all_texts), NOTED_MAX):
            part = all_texts[first : first + NOTED_MAX]
            while self._count + len(part) > NOTED_MAX:
                if not await self._are_some_kept():
                    return
            with self._lock:
                if (agency, part) not in self._noted:
                    self._noted[agency, part] = self._core.clock()
                    self._count += len(part)

    async def _are_some_kept(self) -> bool:
        """Write some of what is noted; returns False where the store cannot be written, which is reported elsewhere."""
        try:
            await self._core.run(self._keep_some)
        except StoreFault:
            return False
        return True

    def keep(self, *, at_once: bool = False) -> None:
        """Write what is new to the store, at most once a minute unless `at_once`; on the core's thread."""
        now = self._core.clock()
        if at_once or now - self._kept_at >= WRITE_MS:
            self._kept_at = now
            self._keep(dict(self._noted))

    def _keep_some(self) -> None:
        """The same with KEPT_AT_ONCE texts, agency by agency, so that the lines of the audit are full."""
        some, count = dict[tuple[str, Texts], int](), 0
        for key, at in sorted(dict(self._noted).items()):
            some[key], count = at, count + len(key[1])
            if count >= KEPT_AT_ONCE:
                break
        self._keep(some)

    def _keep(self, noted: Mapping[tuple[str, Texts], int]) -> None:
        if noted:
            with self._core.transaction() as connection:
                keep_texts(self._core, connection, _each(noted))
            with self._lock:
                for key in noted:
                    self._count -= len(key[1]) if self._noted.pop(key, None) is not None else 0

    def of(self, id_: str) -> list[dict[str, Any]]:
        """Return each agency that received a revision of the message, by revision and name; for any thread."""
        with self._core.database.reading() as connection:
            kept = {(each.agency, each.rev): each.at for each in table.find_received(connection, id_)}
        for each in _each(dict(self._noted)):
            if each.id == id_:
                kept.setdefault((each.agency, each.rev), each.at)
        found = sorted(kept.items(), key=lambda each: (each[0][1], each[0][0]))
        return [{"agency": agency, "rev": rev, "at": instant(at)} for (agency, rev), at in found]


def _each(noted: Mapping[tuple[str, Texts], int]) -> list[AgencyText]:
    """What was noted text by text, the first time first."""
    return [AgencyText(id_, rev, agency, at) for (agency, texts), at in noted.items() for id_, rev in texts]
