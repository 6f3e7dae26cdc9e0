"""The open feeds: each subscription has a position and one page, and is woken by the core when messages arrive."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from suar.observe.hooks import MessagePublished, MessageReceived, Record
from suar.protocol.base.errors import Fault
from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.feed.feed import (
    Event,
    FeedPosition,
    FeedSelection,
    Page,
    decode_position,
    encode_position,
    latest_position,
    next_page,
)
from suar.service.reading import human_receipts

OPEN_MAX: Final = 64
OPEN_A_TOKEN: Final = 8


class TooManyFeeds(Fault):
    """The limit of open feeds is reached, in total or for one token."""


class Feeds:
    """The open feeds of one gateway. Used on its event loop; the core's hook wakes them."""

    def __init__(self, core: Core) -> None:
        self._core, self._open = core, set[Subscription]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_told = False
        core.hooks.listen(self._on_record)

    async def open(
        self, asked: FeedSelection, who: str, after: str | None, *, from_now: bool = False
    ) -> "Subscription":
        """Open a feed for the token named `who`, after the position `after`. Raises UnknownPosition and TooManyFeeds.

        Without `after` it begins at the first message, or behind the last one if `from_now` is set.
        """
        self._loop = asyncio.get_running_loop()
        mine = Counter(each.who for each in self._open)[who]
        if len(self._open) >= OPEN_MAX or mine >= OPEN_A_TOKEN:
            raise TooManyFeeds("too many feeds are open", "close one: a token needs one for each selection")
        feed = Subscription(self, self._core, asked, who)
        self._open.add(feed)
        try:
            await feed.seek(after, from_now=from_now)
        except BaseException:
            self._open.discard(feed)
            raise
        return feed

    def remove(self, feed: "Subscription") -> None:
        """Remove a feed that was closed."""
        self._open.discard(feed)

    def __len__(self) -> int:
        return len(self._open)

    def _on_record(self, record: Record) -> None:
        """Schedule one wake-up for all records of a commit. Runs on the core's thread."""
        if not self._open or self._is_told or not isinstance(record, MessageReceived | MessagePublished):
            return
        self._is_told = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._notify)

    def _notify(self) -> None:
        self._is_told = False
        for feed in self._open:
            feed.news.set()


class Subscription:
    """One reader's feed; it holds a position and at most one page."""

    def __init__(self, feeds: Feeds, core: Core, asked: FeedSelection, who: str) -> None:
        self._feeds, self._core, self.asked, self.who = feeds, core, asked, who
        self.news = asyncio.Event()
        self._place, self._given = FeedPosition(), 0

    async def seek(self, after: str | None, *, from_now: bool) -> None:
        """Set the position where the feed begins, and record the start of the reading in the audit."""
        if after is not None:
            self._place = await self._core.run_read_only(decode_position, self._core, self.asked, after)
        elif from_now:
            self._place = await self._core.run_read_only(latest_position, self._core)
        await self._note("feed", "from a place" if after else "from now" if from_now else "from the beginning")

    async def next_page(self) -> Page:
        """Return the next page, empty if there is nothing new; `news` is set when messages arrive after this call."""
        self.news.clear()
        taken = await self._core.run_read_only(next_page, self._core, self.asked, self._place)
        self._place = taken.place
        return taken

    def position(self) -> str:
        """Return the current position, encoded for the reader."""
        return encode_position(self._core, self.asked, self._place)

    async def record_sent(self, events: Sequence[Event]) -> None:
        """Record that these events were sent: a program has read them, which is not a person's opening."""
        self._given += len(events)
        new = [each.reads for each in events if each.reads is not None]
        if new:
            await self._core.run_in_group(_read, self._core, new)

    async def close(self) -> None:
        """Close the feed and record its end in the audit."""
        self._feeds.remove(self)
        with contextlib.suppress(Fault):  # a failing store is reported elsewhere, and the reader has left
            await self._note("feed-end", f"{self._given} messages")

    async def _note(self, what: str, about: str) -> None:
        await self._core.run_in_group(note_reading, self._core, self.who, what, f"{self.asked.as_line()}, {about}")


def _read(core: Core, rows: Sequence[int]) -> None:
    with core.transaction() as connection:
        human_receipts.record_program_reads(core, connection, rows)
