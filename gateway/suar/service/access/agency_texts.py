"""Which texts the agencies of this member received, and when first; no publisher is informed.

Noted in memory when a text is handed over, so that an agency never waits for the store, and stored within a minute,
with lines of the audit about each agency's new ones. They are stored in steps. While messages arrive, each step is in
the commit of something that is received, and is as long as a share of the time since the one before: many commits have
a short one each, and none has a long one. A crash loses what was noted in the minute before it.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from hashlib import blake2b
from itertools import chain
from threading import Lock
from time import thread_time
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.observe.pace import Pace
from suar.protocol.base.instants import instant
from suar.service.access.act_notes import TITLES
from suar.service.access.agencies import PREFIX
from suar.service.core.core import Core
from suar.store.faults import StoreFault
from suar.store.people import access
from suar.store.people import agencies as table
from suar.store.people.agencies import AgencyText

ACT: Final = "given"
WRITE_MS: Final = 20_000
"""After so long the storing of what was noted begins."""
Texts = tuple[tuple[str, int], ...]
"""Texts by id and revision."""
_Key = tuple[str, Texts]
"""An agency, and what it received at once."""
_encode: Final = msgspec.msgpack.Encoder().encode
NOTED_MAX: Final = 10_000
"""Texts in memory; then some are kept in the store first. While it cannot be written, no further ones are noted."""
ROOM: Final = 7_500
"""Texts in memory to which it is emptied when it is full, before any of those who wait for room goes on."""
KEPT_BATCH: Final = 1024
"""Texts that are kept in one step of the core, at most."""
PART: Final = 64
"""Texts after which a step looks how long it has taken."""
SHARE: Final = 0.1
"""Of the core's thread, which keeping takes while messages arrive."""
STEP_SECONDS: Final = 0.005
"""CPU of one step while messages arrive, at most and about: what is received in the same commit waits for it."""
REMEMBERED: Final = 8_192
"""Pages of which it is known that the store names them: an agency that reads again from the beginning costs it nothing.
"""


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
    """The first time at which each agency received each text; noted on event loops, stored by the core."""

    def __init__(self, core: Core) -> None:
        self._core, self._pace = core, Pace(SHARE, core.hooks)
        self._noted: dict[_Key, int] = {}
        self._count, self._lock = 0, Lock()
        self._stored: dict[bytes, None] = {}  # names of pages, the oldest first
        self._room: Future[bool] | None = None  # for all who wait for it, while steps are run

    async def note(self, agency: str, texts: Iterable[tuple[str, int]]) -> None:
        """Note that the agency receives these (id, revision) now; nothing for "", this member's own programs.

        A page costs one entry, whatever it contains; its texts are separated when they are stored.
        """
        all_texts = tuple(texts) if agency else ()
        for first in range(0, len(all_texts), NOTED_MAX):
            part = all_texts[first : first + NOTED_MAX]
            if _name((agency, part)) in self._stored:
                continue
            while self._count + len(part) > NOTED_MAX:
                if not await self._make_room():
                    return
            with self._lock:
                if (agency, part) not in self._noted:
                    self._noted[agency, part] = self._core.clock()
                    self._count += len(part)

    async def _make_room(self) -> bool:
        """Wait until there is room, the same steps for all who wait.

        False where the store cannot be written, which is reported elsewhere.
        """
        with self._lock:
            room, is_mine = self._room or Future[bool](), self._room is None
            self._room = room
        if not is_mine:
            return await asyncio.shield(asyncio.wrap_future(room))
        is_kept = True
        try:
            await self._keep_some()
            while self._count > ROOM:
                await self._keep_some()
        except StoreFault:
            is_kept = False
        finally:  # also where who waited has left: another one goes on
            with self._lock:
                self._room = None
            room.set_result(is_kept)
        return is_kept

    async def _keep_some(self) -> None:
        """Run one step, in a commit of what is received while messages arrive."""
        run = self._core.run_deferred if self._pace.is_arriving else self._core.run_in_group
        self._forget(await run(self._write, self._oldest()))

    def keep(self, *, at_once: bool = False) -> None:
        """Write some of what is noted when it is due, or with `at_once` all of it; on the core's thread.

        Called each second: of what is due, a part at each call, so that all of it is stored within the minute.
        """
        now = self._core.clock()
        if at_once:
            self._forget(self._write(dict(self._noted), is_whole=True))
        elif min(self._noted.values(), default=now) <= now - WRITE_MS:
            self._forget(self._write(self._oldest()))

    def _oldest(self) -> dict[_Key, int]:
        """Texts of one step, and one page more at most: those of an agency together, so that lines are full.

        The agency whose text waits longest is the first one.
        """
        by_agency = defaultdict[str, list[_Key]](list)
        with self._lock:
            noted = dict(self._noted)
        for key in noted:
            by_agency[key[0]].append(key)
        ordered = {key: noted[key] for key in chain.from_iterable(by_agency.values())}
        return next(_parts(ordered, KEPT_BATCH), {})

    def _write(self, some: Mapping[_Key, int], *, is_whole: bool = False) -> list[_Key]:
        """Store the first of these, all of them while no messages arrive or if `is_whole`; returns which."""
        if not some:
            return []
        is_whole = is_whole or not self._pace.is_arriving
        begun, most, kept = thread_time(), self._pace.earned(STEP_SECONDS), list[_Key]()
        with self._core.transaction() as connection:
            for part in _parts(some, sys.maxsize if is_whole else PART):
                keep_texts(self._core, connection, _each(part))
                kept += part
                if not is_whole and thread_time() - begun >= most:
                    break
        self._pace.add_spent(thread_time() - begun)
        return kept

    def _forget(self, some: Iterable[_Key]) -> None:
        """After the commit."""
        with self._lock:
            for key in some:
                self._count -= len(key[1]) if self._noted.pop(key, None) is not None else 0
                self._stored[_name(key)] = None
            for oldest in list(self._stored)[: max(0, len(self._stored) - REMEMBERED)]:
                del self._stored[oldest]

    def of(self, id_: str) -> list[dict[str, Any]]:
        """Return each agency that received a revision of the message, by revision and name; for any thread."""
        with self._lock:
            noted = dict(self._noted)  # before the store is read: what is kept meanwhile is in one of both
        with self._core.database.reading() as connection:
            kept = {(each.agency, each.rev): each.at for each in table.find_received(connection, id_)}
        for each in _each(noted):
            if each.id == id_:
                kept.setdefault((each.agency, each.rev), each.at)
        found = sorted(kept.items(), key=lambda each: (each[0][1], each[0][0]))
        return [{"agency": agency, "rev": rev, "at": instant(at)} for (agency, rev), at in found]


def _name(key: _Key) -> bytes:
    """Return a hash of an agency and texts, 16 bytes."""
    return blake2b(_encode(key), digest_size=16).digest()


def _parts(some: Mapping[_Key, int], size: int) -> Iterator[dict[_Key, int]]:
    """Divide pages into parts of so many texts, and one page more at most."""
    part, count = dict[_Key, int](), 0
    for key, at in some.items():
        part[key], count = at, count + len(key[1])
        if count >= size:
            yield part
            part, count = {}, 0
    if part:
        yield part


def _each(noted: Mapping[_Key, int]) -> list[AgencyText]:
    """What was noted text by text, the first time first."""
    return [AgencyText(id_, rev, agency, at) for (agency, texts), at in noted.items() for id_, rev in texts]
