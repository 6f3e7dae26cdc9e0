"""The open feeds: each subscription has a position and one page, and is woken by the core when messages arrive."""

import asyncio
import contextlib
from collections.abc import Hashable, Sequence
from functools import partial
from time import monotonic
from typing import Final, NamedTuple

from msgspec.structs import replace

from suar.observe.hooks import Record, has_messages
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access.act_notes import note_reading, note_titles
from suar.service.access.agencies import PREFIX, AgencyBook, Registration, reader_of
from suar.service.access.agency_texts import AgencyTexts
from suar.service.core.core import Core
from suar.service.feed.feed import StoreView
from suar.service.feed.pages import Page, SharedPage
from suar.service.feed.positions import (
    FeedPosition,
    FeedSelection,
    decode_position,
    encode_position,
    first_position,
    latest_position,
)
from suar.service.feed.rounds import Rounds
from suar.service.reading import human_receipts
from suar.store.people.access import Act

OPEN_MAX: Final = 64
OPEN_AGENCIES: Final = 512
"""Feeds of agencies, which leave those of this member's own programs alone."""
OPEN_A_TOKEN: Final = 8
SENT: Final = "feed-sent"
SECONDS_EACH: Final = 0.002
"""Seconds of the reader's thread that are left to each open feed between two wake-ups: 500 feeds look once a second."""
FRESH: Final = 1.0
"""Seconds that noting a page may take; after more it is read anew, since a message may have been recalled meanwhile."""


class TooManyFeeds(Fault):
    """The limit of open feeds is reached, in total or for one token."""


class Feeds:
    """The open feeds of one gateway, used on its event loop; the core's hook wakes them.

    `agency_texts`: which texts agencies received.
    """

    def __init__(self, core: Core, book: AgencyBook, agency_texts: AgencyTexts) -> None:
        self._core, self._book, self._open = core, book, set[Subscription]()
        self.agency_texts, self.rounds = agency_texts, Rounds(core)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_notified, self._woken_at = False, 0.0
        self._noted: dict[tuple[str, str], int] = {}
        self._readings = set[asyncio.Task[None]]()
        core.hooks.listen(self._on_records)

    async def open(
        self, selection: FeedSelection, who: str, after: str | None, *, from_now: bool = False
    ) -> "Subscription":
        """Open a feed for the token named `who`, after the position `after`. Raises UnknownPosition and TooManyFeeds.

        Without `after` it begins at the first message, or behind the last one if `from_now` is set.
        """
        self._loop = asyncio.get_running_loop()
        same = [each.who for each in self._open if each.who.startswith(PREFIX) == who.startswith(PREFIX)]
        most = OPEN_AGENCIES if who.startswith(PREFIX) else OPEN_MAX
        if len(same) >= most or same.count(who) >= OPEN_A_TOKEN:
            raise TooManyFeeds("too many feeds are open", "close one: a token needs one for each selection")
        feed = Subscription(self, self._core, self._book, selection, who)
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

    async def note_door(self, who: str, line: str) -> None:
        """Record in the audit that `who` reads a door that shows a state: one line an hour."""
        if not self.mark_noted(who, line):
            await self._core.run_in_group(note_reading, self._core, who, "feed", line)

    def mark_noted(self, who: str, line: str) -> bool:
        """Mark that the audit has a line of this hour about an agency; returns True if it was marked before."""
        hour = self._core.clock() // limits.HOUR
        return self._noted.get((who, line)) == hour or bool(self._noted.update({(who, line): hour}))

    def end(self, who: str) -> None:
        """End the feeds of a token or an agency that may read no more. For any event loop."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._end, who)

    def _end(self, who: str) -> None:
        for feed in self._open:
            if who in (feed.who, PREFIX + feed.selection.agency):
                feed.end()

    def __len__(self) -> int:
        return len(self._open)

    def _on_records(self, records: Sequence[Record]) -> None:
        """Schedule one wake-up for all records of a commit. Runs on the core's thread."""
        if not self._open or self._is_notified or not has_messages(records):
            return
        self._is_notified = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._notify_in_time, self._loop)

    def _notify_in_time(self, loop: asyncio.AbstractEventLoop) -> None:
        """Each look of a feed takes the reader's thread: the more are open, the more commits a wake-up is for."""
        loop.call_at(self._woken_at + SECONDS_EACH * len(self._open), self._notify, loop)

    def _notify(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake the feeds; of agencies that had everything, only those for which there is something now."""
        self._is_notified, self._woken_at = False, loop.time()
        alike = dict[Resting, list[Subscription]]()
        for feed in self._open:
            if (resting := feed.resting()) is None:
                feed.news.set()
            else:
                alike.setdefault(resting, []).append(feed)
        for resting, feeds in alike.items():
            reading = loop.create_task(self._read_together(resting, feeds), name="feeds alike")
            self._readings.add(reading)
            reading.add_done_callback(self._readings.discard)

    async def _read_together(self, resting: "Resting", feeds: "Sequence[Subscription]") -> None:
        """Look once for all of these: where there is nothing, none of them has to be woken."""
        try:
            page = await self.rounds.page(resting[:2], partial(self._page, resting, feeds[0].selection))
        except Exception:  # each reads by itself then, and reports what fails
            page = None
        for feed in feeds:
            feed.pop_answer(resting, page)

    def _page(self, resting: "Resting", selection: FeedSelection, view: StoreView) -> Page:
        """On the reader's thread: by the registration for which it is."""
        reader = reader_of(resting.registration, self._core.member, self._core.status.trust, view.now)
        return view.page(selection, resting.position, reader)


class Resting(NamedTuple):
    """What determines whether there is something for an agency that had everything: alike for many of them."""

    messages: str
    registration: Registration
    position: FeedPosition


class Subscription:
    """One reader's feed; it holds a position and at most one page."""

    def __init__(self, feeds: Feeds, core: Core, book: AgencyBook, selection: FeedSelection, who: str) -> None:
        self._feeds, self._core, self._book, self.selection, self.who = feeds, core, book, selection, who
        self.news, self.ended = asyncio.Event(), asyncio.Event()
        self._position, self._delivered = first_position(core), 0
        self._is_resting = self._is_behind = False
        self._wanted: asyncio.Future[Page] | None = None

    @property
    def is_open(self) -> bool:
        """Whether whom the feed is for may read anything now."""
        return not self.ended.is_set() and (
            not self.selection.agency or self._book.find(self.selection.agency) is not None
        )

    async def seek(self, after: str | None, *, from_now: bool) -> None:
        """Set the position where the feed begins, and record the start of the reading in the audit."""
        if after is not None:
            self._position = await self._core.run_read_only(decode_position, self._core, self.selection, after)
        elif from_now:
            self._position = await self._core.run_read_only(latest_position, self._core)
        await self._note("feed", "from a place" if after else "from now" if from_now else "from the beginning")

    async def next_page(self) -> Page:
        """Return the next page, empty if there is nothing new; `news` is set when messages arrive after this call.

        The audit names what is in it before it is handed over, unless the feed is an agency's.
        """
        self.news.clear()
        self._is_resting = False
        taken = await self._read()
        while taken.entries and not self.who.startswith(PREFIX) and not await self._note_sent(taken):
            taken = await self._read()
        self._position, self._is_resting, self._is_behind = taken.position, taken.is_last, not taken.is_last
        return taken

    async def _read(self) -> Page:
        self._wanted = self._feeds.rounds.want(self._likeness(), self._next_page, is_behind=self._is_behind)
        return await self._wanted

    def end(self) -> None:
        """End the feed: it waits for no page any more."""
        self.ended.set()
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(self._nothing())

    def resting(self) -> Resting | None:
        """Return what determines whether there is something for an agency that had everything; None for others."""
        agency = self._book.find(self.selection.agency) if self._is_resting and self.selection.agency else None
        if agency is None:
            return None
        return Resting(self.selection.messages, replace(agency.registration, name=""), self._position)

    def pop_answer(self, resting: Resting, page: Page | None) -> None:
        """Take the answer to what `resting` was: behind an empty last page the feed goes on, else it is woken."""
        if page is None or page.entries or not page.is_last or self.resting() != resting:
            self.news.set()
        else:
            self._position = page.position

    async def _note_sent(self, page: Page) -> bool:
        """Note in the audit that a page is sent; returns whether it is still fresh afterwards."""
        begun = monotonic()
        about = [each.about for each in page.entries]
        await self._core.run_in_group(note_titles, self._core, self.who, SENT, about)
        return monotonic() - begun < FRESH

    def _likeness(self) -> Hashable:
        """Feeds of the same likeness may read the same page: agencies that are registered alike."""
        agency = self._book.find(self.selection.agency) if self.selection.agency else None
        return self.selection.messages, None if agency is None else replace(agency.registration, name="")

    def _next_page(self, view: StoreView) -> Page:
        """On the reader's thread: by the registration of this moment."""
        if not self.selection.agency:
            return view.page(self.selection, self._position)
        agency, core = self._book.find(self.selection.agency), self._core
        if agency is None:
            return self._nothing()
        reader = reader_of(agency.registration, core.member, core.status.trust, view.now)
        return view.page(self.selection, self._position, reader, since=agency.created_at)

    def _nothing(self) -> Page:
        return Page(self._core, self.selection, SharedPage((), self._position, 0, 0, is_last=True))

    async def rewind(self, position: str) -> None:
        """Go on behind the event with this position: what came after it was not sent, and is read anew."""
        self._position = await self._core.run_read_only(decode_position, self._core, self.selection, position)

    def position(self) -> str:
        """Return the current position, encoded for the reader."""
        return encode_position(self._core, self.selection, self._position)

    async def record_sent(self, page: Page, count: int) -> None:
        """Record that the first events of a page were sent: a program has read them, which is no person's opening."""
        self._delivered += count
        await self._feeds.agency_texts.note(self.selection.agency, page.texts(count))
        new = [each.reads for each in page.entries[:count] if each.reads is not None]
        if new:
            await self._core.run_in_group(_read, self._core, new)

    async def close(self) -> None:
        """Close the feed; its end is recorded in the audit, unless it is an agency's."""
        self._feeds.remove(self)
        if self.who.startswith(PREFIX):  # the audit has a line an hour: an agency never waits for the store
            return
        with contextlib.suppress(Fault):  # a store that fails is told elsewhere, and the reader has left
            await self._note("feed-end", f"{self._delivered} messages")

    async def _note(self, what: Act, about: str) -> None:
        line = f"{self.selection.as_line()}, {about}"
        if self.who.startswith(PREFIX):
            line = self.selection.realm
            if self._feeds.mark_noted(self.who, line):
                return
        await self._core.run_in_group(note_reading, self._core, self.who, what, line)


def _read(core: Core, rows: Sequence[int]) -> None:
    with core.transaction() as connection:
        human_receipts.record_program_reads(core, connection, rows)
