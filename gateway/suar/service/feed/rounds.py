"""The pages that open feeds wait for, read in rounds: all that waited when a round began, slice by slice.

A slice has one view of the store, so that whoever reads the same shares its page, however often something is committed
meanwhile. It is one job of the reader's thread, which others have between two slices, however many feeds are open.

Feeds that had everything come first; those that catch up have the slices that are left, and one of MIXED at least.
While messages arrive, a pause after each slice leaves the process to what is received: see SHARE.
"""

import asyncio
import sys
from collections.abc import Callable, Hashable, Sequence
from time import monotonic, thread_time
from typing import Final, NamedTuple

from suar.observe.pace import Pace
from suar.service.core.core import Core
from suar.service.feed.feed import StoreView, view_of_store
from suar.service.feed.pages import Page

SLICE: Final = 0.02
"""Seconds after which a slice takes no further page."""
SHARE: Final = 0.2
"""Of one processor, which reading and sending the pages takes while messages arrive."""
PACED: Final = 16
"""Pages of a slice while messages arrive, at most."""
MIXED: Final = 4
"""Of so many slices one is for feeds that catch up, whatever the others wait for."""


class Wanted(NamedTuple):
    """A page that a feed waits for. `likeness`: those of the same are read one after the other."""

    likeness: Hashable
    read: Callable[[StoreView], Page]
    page: "asyncio.Future[Page]"


class _Queue:
    """Pages that wait: those of the round that has begun, and those of the next one."""

    def __init__(self) -> None:
        self.later, self.round = list[Wanted](), list[Wanted]()
        self._most = 0

    def __bool__(self) -> bool:
        return bool(self.later or self.round)

    def first(self, most: int) -> list[Wanted]:
        """Return at most that many of the round, which begins anew when it is over; one by one after a fault."""
        self.round = [each for each in self.round if not each.page.done()]  # without those who have left
        if not self.round:
            self.round, self.later, self._most = alike_together(self.later), [], len(self.later)
        return self.round[: min(most, self._most)]

    def go_one_by_one(self) -> None:
        """Let the rest of the round be read one by one, after a fault: it is told to whom it concerns."""
        self._most = 1


class Rounds:
    """Used on one event loop."""

    def __init__(self, core: Core) -> None:
        self._core, self._pace = core, Pace(SHARE, core.hooks)
        self._first, self._behind = _Queue(), _Queue()
        self._task: asyncio.Task[None] | None = None

    async def page(self, likeness: Hashable, read: Callable[[StoreView], Page]) -> Page:
        """Return what `read` makes of a view of the store, on the reader's thread; raises what it raises."""
        return await self.want(likeness, read)

    def want(
        self, likeness: Hashable, read: Callable[[StoreView], Page], *, is_behind: bool = False
    ) -> "asyncio.Future[Page]":
        """Return the future of that page; nothing is read any more once it is done. `is_behind`: for who catches up."""
        wanted = Wanted(likeness, read, asyncio.get_running_loop().create_future())
        (self._behind if is_behind else self._first).later.append(wanted)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="feed rounds")
        return wanted.page

    async def _run(self) -> None:
        number, cpu = 0, thread_time()
        try:
            while self._first or self._behind:
                await asyncio.sleep(self._pace.pause)  # those who got a page send it meanwhile
                number += 1
                is_behind = bool(self._behind) and (not self._first or number % MIXED == 0)
                spent = await self._next_slice(self._behind if is_behind else self._first)
                self._pace.add_spent(spent + thread_time() - cpu)
                cpu = thread_time()
        finally:
            self._task = None
            for queue in (self._first, self._behind):
                for each in (*queue.round, *queue.later):  # none is left, unless the loop ends
                    each.page.cancel()
            self._first, self._behind = _Queue(), _Queue()

    async def _next_slice(self, queue: _Queue) -> float:
        """Read a slice of these; returns the seconds of CPU of the reader's thread."""
        some = queue.first(PACED if self._pace.is_arriving else sys.maxsize)
        if not some:
            return 0.0
        try:
            pages, spent = await self._core.run_read_only(self._slice, some)
        except Exception as error:  # whatever it is, who waited for the page has it
            if len(some) == 1:
                _fail(some[0], error)
            queue.go_one_by_one()
            return 0.0
        for each, page in zip(some, pages, strict=False):
            if not each.page.done():
                each.page.set_result(page)
        return spent

    def _slice(self, wanted: Sequence[Wanted]) -> tuple[list[Page], float]:
        """The pages of the first ones, one at least, and the CPU (s) that they took. On the reader's thread."""
        begun, cpu, pages = monotonic(), thread_time(), list[Page]()
        with view_of_store(self._core) as view:
            for each in wanted:
                pages.append(each.read(view))
                if monotonic() - begun >= SLICE:
                    break
        return pages, thread_time() - cpu


def alike_together(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those that are still waited for, in the order in which they came, but each behind the first that it is like."""
    alike = dict[Hashable, list[Wanted]]()
    for each in wanted:
        if each.page.done():  # who waited has left
            continue
        alike.setdefault(each.likeness, []).append(each)
    return [each for some in alike.values() for each in some]


def _fail(wanted: Wanted, error: Exception) -> None:
    if not wanted.page.done():
        wanted.page.set_exception(error)
