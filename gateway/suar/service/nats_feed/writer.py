"""The writer of FEED: publishes for each agency what it may read, and erases what it may no longer have.

It reads in parallel with the core, like the feeds of HTTP, and writes the position of each agency once a round. It may
be killed between publishing and writing: what it publishes again has the same id, and what the stream holds is not
published twice.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from time import monotonic
from typing import Final

from msgspec.structs import replace

from suar.bus.connect import Bus
from suar.bus.errors import BusError, NoAnswer
from suar.observe.hooks import MessagePublished, MessageReceived, Record
from suar.protocol.base import limits
from suar.service.access.act_notes import note_reading
from suar.service.access.agencies import PREFIX, AgencyBook
from suar.service.access.agency_texts import AgencyTexts
from suar.service.core.core import Core
from suar.service.feed.positions import FeedPosition, encode_position
from suar.service.nats_feed.held import HeldEvent, HeldEvents
from suar.service.nats_feed.publishing import FeedPage, gap, judge, page_of, position_of, selection_of
from suar.service.nats_feed.stream import FeedStream, Outgoing
from suar.store.people import feed_readers
from suar.store.people.feed_readers import FeedReader

HELD_MS: Final = 7 * limits.DAY
"""How long an event stays; one that was not read by then is reported as a gap."""
AWAY_MS: Final = limits.DAY
"""A gateway that was away so long may have left events to the stream's own limit, which is a day longer."""
ALIVE_MS: Final = limits.HOUR
"""How often the time is written while nothing is published."""
JUDGED: Final = 64
"""Events that are judged again in a second, in rotation, in addition to those of messages that changed."""
CHANGED_MAX: Final = 4096
"""Ids of changed messages that are remembered for a round; beyond it all events are judged."""
_ROWS_UNSAVED: Final = 1000


class FeedWriter:
    """The stream's one writer. Used on the event loop of the bus; the core's hook reports changes to it."""

    def __init__(
        self, core: Core, book: AgencyBook, agency_texts: AgencyTexts, bus: Bus, on_news: Callable[[], None]
    ) -> None:
        self._core, self._book, self._bus, self._on_news = core, book, bus, on_news
        self._agency_texts = agency_texts
        self._stream = FeedStream(bus, core.member)
        self._held = HeldEvents()
        self._generation = -1
        self._trust_version = -1
        self._readers: dict[str, FeedReader] = {}
        self._positions: dict[str, FeedPosition] = {}
        self._open, self._closed, self._unsaved = set[str](), set[str](), set[str]()
        self._changed_ids = deque[str](maxlen=CHANGED_MAX + 1)  # by the core's thread
        self._changed = set[str]()
        self._noted: dict[str, int] = {}
        self._judged_to, self._judged_at = 0, 0.0
        core.hooks.listen(self._on_records)

    def _on_records(self, records: Sequence[Record]) -> None:
        """Remember which messages changed; `on_news` may be called from any thread. Runs on the core's thread."""
        changed = [each.id for each in records if isinstance(each, MessageReceived | MessagePublished)]
        if changed:
            self._changed_ids.extend(changed)
            self._on_news()

    async def run_once(self, *, may_publish: bool) -> bool:
        """Close, erase, publish a page for each agency; returns whether more is waiting. Raises as the bus does."""
        found = {each.name: each for each in await self._core.run_read_only(self._load)}
        self._readers = found | self._readers
        if self._generation != self._bus.generation:
            await self._begin()
        for name in self._readers.keys() - found.keys():
            await self._forget(name)
        for each in found.values():
            if each.run > self._readers[each.name].run:
                await self._restart(each)
        await self._close_ended()
        await self._drop_lost()
        if self._generation < 0:
            return True
        await self._erase_closed_texts()
        is_more = False
        for name in list(self._readers):
            if self._is_closing_due():
                is_more = True
                break
            if may_publish and self._book.find(name) is not None:
                is_more |= await self._advance(name)
        await self._save()
        return is_more

    def _load(self) -> list[FeedReader]:
        with self._core.database.reading() as connection:
            return feed_readers.load(connection)

    # -- a new connection

    async def _begin(self) -> None:
        """Learn what the stream holds, once a connection: what was sent over the one before may be there or not."""
        generation = self._bus.generation
        self._held = HeldEvents(await self._stream.listed())
        self._trust_version = -1
        self._open.clear()
        self._closed.clear()
        _, last = await self._stream.extent()
        for name in self._held.agencies() - self._readers.keys():
            await self._erase(self._held.of(name))
            await self._stream.purge(name)
        for reader in list(self._readers.values()):
            if last < reader.last:
                await self._begin_new_stream(reader)
            elif self._book.find(reader.name) is not None and reader.saved_at:
                await self._check_absence(reader)
        self._generation = generation

    async def _begin_new_stream(self, reader: FeedReader) -> None:
        """The stream was created again: nobody knows what its agency had read of the earlier one."""
        self._change(replace(reader, run=reader.run + 1, floor=0, unread=0, last=0))
        try:
            await self._publish_gap(reader.name, "", reader.last)
        except BusError:
            self._readers[reader.name] = reader
            raise

    async def _check_absence(self, reader: FeedReader) -> None:
        """Report a gap where the stream may have dropped what an agency had not read, while the gateway was stopped."""
        if not reader.unread or self._core.clock() - reader.saved_at <= AWAY_MS:
            return
        floor = await self._floor(reader.name)
        is_there = reader.unread > floor and any(each.seq == reader.unread for each in self._held.of(reader.name))
        if floor < reader.last and not is_there:
            await self._publish_gap(reader.name, "", reader.last)

    # -- who may read nothing any more

    def _is_closing_due(self) -> bool:
        return any(name not in self._closed and self._book.find(name) is None for name in self._readers)

    async def _close_ended(self) -> None:
        for name in list(self._readers):
            if self._book.find(name) is not None:
                self._closed.discard(name)
            elif name not in self._closed:
                await self._close(name)

    async def _close(self, name: str) -> None:
        """Delete the consumer of an agency and what it had not read; it is published again when it is resumed."""
        await self._floor(name)
        reader, held = self._readers[name], self._held.of(name)
        unread = [each for each in held if each.seq > reader.floor]
        self._positions.pop(name, None)
        if unread:
            position = next((each.before for each in unread if each.before), reader.position)
            self._change(replace(reader, run=reader.run + 1, position=position))
        await self._save()
        await self._stream.close(name)
        await self._erase(held)
        await self._stream.purge(name)
        self._open.discard(name)
        self._closed.add(name)

    async def _restart(self, wanted: FeedReader) -> None:
        """Begin again where an operator wants it: what the stream holds of that agency is erased."""
        name = wanted.name
        await self._erase(self._held.of(name))
        await self._stream.purge(name)
        self._positions.pop(name, None)
        self._change(replace(self._readers[name], run=wanted.run, position=wanted.position))

    async def _forget(self, name: str) -> None:
        """Delete the consumer and the events of an agency that reads here no longer."""
        await self._stream.close(name)
        await self._erase(self._held.of(name))
        await self._stream.purge(name)
        del self._readers[name]
        self._positions.pop(name, None)
        for names in (self._open, self._closed, self._unsaved):
            names.discard(name)

    # -- what is erased

    async def _drop_lost(self) -> None:
        """Erase what is too old, and report what was dropped before its agency read it."""
        (first, last), oldest = await self._stream.extent(), self._core.clock() - HELD_MS
        if last < max((each.last for each in self._readers.values()), default=0):  # it was created again
            self._generation = -1
            return
        for name in self._held.agencies():
            eldest = self._held.oldest(name)
            if eldest.seq >= first and eldest.at > oldest:
                continue
            gone = [each for each in self._held.of(name) if each.seq < first or each.at <= oldest]
            floor = await self._floor(name)
            unread = [each for each in gone if each.seq > floor]
            if unread:
                await self._publish_gap(name, unread[0].before, unread[0].seq)
            await self._erase(gone)

    async def _erase_closed_texts(self) -> None:
        """Erase what agencies may no longer have: of changed messages; of all, in rotation, when the list changed."""
        with contextlib.suppress(IndexError):
            while True:
                self._changed.add(self._changed_ids.popleft())
        version = self._core.status.trust.version
        if version != self._trust_version or len(self._changed) > CHANGED_MAX:
            events = list(self._held)
        else:
            events = [each for id_ in self._changed for each in self._held.about(id_)] + self._next_judged()
        for at in range(0, len(events), JUDGED):
            some = events[at : at + JUDGED]
            for event, other in await self._core.run_read_only(judge, self._core, self._book, some):
                await self._erase([event])
                if other is not None and event.seq > await self._floor(event.agency):
                    await self._publish(event.agency, [other])
        self._trust_version = version
        self._changed.clear()

    def _next_judged(self) -> list[HeldEvent]:
        now = monotonic()
        if now - self._judged_at < 1.0:
            return []
        events = list(islice(self._held, self._judged_to, self._judged_to + JUDGED))
        self._judged_to, self._judged_at = self._judged_to + len(events) if events else 0, now
        return events

    async def _erase(self, events: list[HeldEvent]) -> None:
        await self._stream.erase(events)
        for each in events:
            self._held.remove(each)

    # -- what is published

    async def _advance(self, name: str) -> bool:
        """Publish the next page of an agency, where it has room; returns whether there is more."""
        if name not in self._open:
            await self._stream.open(name, self._readers[name].floor)
            self._open.add(name)
        if self._held.is_full(name):
            floor = await self._floor(name)
            await self._erase([each for each in self._held.of(name) if each.seq <= floor])
            if self._held.is_full(name):
                return False
        page = await self._core.run_read_only(self._page, name)
        if page is None:
            return False
        for each in page.events:
            before = [] if each.is_gap else self._held.about(each.message, name)
            await self._erase([old for old in before if old.event != each.event])
        done = await self._publish(name, [each for each in page.events if not self._held.has(name, each.event)])
        await self._keep_position(name, page, is_done=done)
        return done and not page.is_last

    def _page(self, name: str) -> FeedPage | None:
        """On the reader's thread."""
        agency = self._book.find(name)
        if agency is None:
            return None
        before = self._positions.get(name)
        if before is None:
            selection = selection_of(agency.registration)
            before = self._positions[name] = position_of(self._core, selection, self._readers[name].position)
        return page_of(self._core, self._book, name, before)

    async def _publish(self, name: str, events: list[Outgoing]) -> bool:
        """Publish these in order; returns whether the stream has all of them."""
        if self._book.find(name) is None:
            return False
        reader = self._readers[name]
        stored = await self._stream.publish(name, reader.run, events, self._core.clock())
        for each in stored:
            self._held.add(each)
        if stored:
            self._change(replace(reader, last=max(reader.last, stored[-1].seq)))
            await self._note_reading(name)
            await self._agency_texts.note(name, [each.text for each in events[: len(stored)] if each.text])
        if len(stored) < len(events):
            self._generation = -1  # the stream may have more than is known of
        return len(stored) == len(events)

    async def _note_reading(self, name: str) -> None:
        """Record in the audit that an agency receives events at the NATS server: one line an hour."""
        hour, agency = self._core.clock() // limits.HOUR, self._book.find(name)
        if self._noted.get(name) != hour and agency is not None:
            self._noted[name] = hour
            line = f"nats {agency.registration.realm}"
            await self._core.run_in_group(note_reading, self._core, PREFIX + name, "feed", line)

    async def _keep_position(self, name: str, page: FeedPage, *, is_done: bool) -> None:
        """Store where the next page begins: after this one, or where it began if a part of it may be missing.

        A part that is there is found in the list, or by the server under its id.
        """
        agency = self._book.find(name)
        if not is_done or agency is None:
            return
        self._positions[name] = page.after
        if page.events or max(page.after.lanes) - max(page.before.lanes) >= _ROWS_UNSAVED:
            selection = selection_of(agency.registration)
            position = await self._core.run_read_only(encode_position, self._core, selection, page.after)
            self._change(replace(self._readers[name], position=position))

    async def _publish_gap(self, name: str, before: str, lost: int) -> None:
        """Publish a gap, unless the agency has one such event to read."""
        floor, agency = await self._floor(name), self._book.find(name)
        if agency is None or any(each.is_gap and each.seq > floor for each in self._held.of(name)):
            return
        selection = selection_of(agency.registration)
        if not await self._publish(name, [gap(self._core, selection, before, f"{self._readers[name].run}-{lost}")]):
            raise NoAnswer("it is not known whether a gap was told")

    # -- how far each is

    async def _floor(self, name: str) -> int:
        """Up to where an agency has acknowledged; what was kept where it has no consumer."""
        found, reader = await self._stream.floor(name), self._readers[name]
        if found is not None and found > reader.floor:
            self._change(replace(reader, floor=found))
        return self._readers[name].floor

    def _change(self, reader: FeedReader) -> None:
        self._readers[reader.name] = reader
        self._unsaved.add(reader.name)

    async def _save(self) -> None:
        """Write what changed in one transaction, together with other callers' changes."""
        now = self._core.clock()
        late = {name for name, each in self._readers.items() if now - each.saved_at >= ALIVE_MS}
        names = sorted(self._unsaved | late)
        for name in names:
            reader = self._readers[name]
            unread = next((each.seq for each in self._held.of(name) if each.seq > reader.floor), 0)
            self._readers[name] = replace(reader, unread=unread, saved_at=now)
        if names:
            await self._core.run_in_group(_write, self._core, [self._readers[name] for name in names])
            self._unsaved.clear()


def _write(core: Core, readers: list[FeedReader]) -> None:
    with core.transaction() as connection:
        feed_readers.save(connection, readers)
