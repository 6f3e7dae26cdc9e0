"""Who reads the feed now: subscriptions, each with a place and one page in hand, told of news by the core."""

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
    """As many feeds are open as may be, here or for one token."""


class Feeds:
    """The open feeds of one gateway; made and used on its event loop, told of news by the core."""

    def __init__(self, core: Core) -> None:
        self._core, self._open = core, set[Subscription]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_told = False
        core.hooks.listen(self._on_record)

    async def open(
        self, asked: FeedSelection, who: str, after: str | None, *, from_now: bool = False
    ) -> "Subscription":
        """A feed for the token named `who`, behind the place `after`. Raises UnknownPlace, TooMany."""
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
        """It reads no more."""
        self._open.discard(feed)

    def __len__(self) -> int:
        return len(self._open)

    def _on_record(self, record: Record) -> None:
        """On the core's thread, behind each commit: one call for all that it brought."""
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
    """One reader's feed; it holds a place and one page, never more."""

    def __init__(self, feeds: Feeds, core: Core, asked: FeedSelection, who: str) -> None:
        self._feeds, self._core, self.asked, self.who = feeds, core, asked, who
        self.news = asyncio.Event()
        self._place, self._given = FeedPosition(), 0

    async def seek(self, after: str | None, *, from_now: bool) -> None:
        """Find the place to begin behind."""
        if after is not None:
            self._place = await self._core.run_read_only(decode_position, self._core, self.asked, after)
        elif from_now:
            self._place = await self._core.run_read_only(latest_position, self._core)
        await self._note("feed", "from a place" if after else "from now" if from_now else "from the beginning")

    async def next_page(self) -> Page:
        """The next page, empty when there is nothing new; what comes after this call sets `news`."""
        self.news.clear()
        taken = await self._core.run_read_only(next_page, self._core, self.asked, self._place)
        self._place = taken.place
        return taken

    def position(self) -> str:
        """The name of where it stands."""
        return encode_position(self._core, self.asked, self._place)

    async def record_sent(self, events: Sequence[Event]) -> None:
        """These went out: a program has read them, which is no person's opening."""
        self._given += len(events)
        new = [each.reads for each in events if each.reads is not None]
        if new:
            await self._core.run_in_group(_read, self._core, new)

    async def close(self) -> None:
        """The reader left, or may read no more."""
        self._feeds.remove(self)
        with contextlib.suppress(Fault):  # a store that fails is told elsewhere, and the reader has left
            await self._note("feed-end", f"{self._given} messages")

    async def _note(self, what: str, about: str) -> None:
        await self._core.run_in_group(note_reading, self._core, self.who, what, f"{self.asked.as_line()}, {about}")


def _read(core: Core, rows: Sequence[int]) -> None:
    with core.transaction() as connection:
        human_receipts.record_program_reads(core, connection, rows)
