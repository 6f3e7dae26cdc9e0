"""The pages that open feeds wait for, read in rounds: all that waited when a round began, slice by slice.

A slice has one view of the store, so that whoever reads the same shares its page, however often something is committed
meanwhile. It is one job of the reader's thread, which others have between two slices, however many feeds are open.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from time import monotonic
from typing import Final, NamedTuple

from suar.service.core.core import Core
from suar.service.feed.feed import StoreView, view_of_store
from suar.service.feed.pages import Page

SLICE: Final = 0.02
"""Seconds after which a slice takes no further page."""


class Wanted(NamedTuple):
    """A page that a feed waits for. `likeness`: those of the same are read one after the other."""

    likeness: Hashable
    read: Callable[[StoreView], Page]
    page: "asyncio.Future[Page]"


class Rounds:
    """Used on one event loop."""

    def __init__(self, core: Core) -> None:
        self._core, self._waiting = core, list[Wanted]()
        self._task: asyncio.Task[None] | None = None

    async def page(self, likeness: Hashable, read: Callable[[StoreView], Page]) -> Page:
        """Return what `read` makes of a view of the store, on the reader's thread; raises what it raises."""
        wanted = Wanted(likeness, read, asyncio.get_running_loop().create_future())
        self._waiting.append(wanted)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="feed rounds")
        return await wanted.page

    async def _run(self) -> None:
        some = list[Wanted]()
        try:
            while self._waiting:
                some, self._waiting = alike_together(self._waiting), []
                await self._round(some)
        finally:
            self._task = None
            for each in (*some, *self._waiting):  # none is left, unless the loop ends
                each.page.cancel()
            self._waiting = []

    async def _round(self, wanted: Sequence[Wanted]) -> None:
        """Read what is wanted. After a slice that failed one by one: a fault is told to whom it concerns."""
        at, most = 0, len(wanted)
        while at < len(wanted):
            some = wanted[at : at + most]
            try:
                pages = await self._core.run_read_only(self._slice, some)
            except Exception as error:  # whatever it is, who waited for the page has it
                if len(some) == 1:
                    _fail(some[0], error)
                    at += 1
                most = 1
                continue
            for each, page in zip(some, pages, strict=False):
                if not each.page.done():
                    each.page.set_result(page)
            at += len(pages)

    def _slice(self, wanted: Sequence[Wanted]) -> list[Page]:
        """The pages of the first ones, one at least. On the reader's thread."""
        begun, pages = monotonic(), list[Page]()
        with view_of_store(self._core) as view:
            for each in wanted:
                pages.append(each.read(view))
                if monotonic() - begun >= SLICE:
                    break
        return pages


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
