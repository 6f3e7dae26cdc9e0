"""The notification loop: delivers the stored notices to people. Its failures affect no other part of the gateway.

Each recipient (one person on one channel) is served by its own task, so a slow receiver delays only itself. A notice is
stored before it is delivered and removed after it was delivered, so it is delivered at least once, always with the same
key.
"""

import asyncio
import contextlib
from functools import partial
from typing import Final

from suar.observe.hooks import Happened, NoticesWaiting, Notified
from suar.protocol.base import limits
from suar.service.core.core import Core
from suar.service.notify import notices, notify_plan, notify_words
from suar.service.notify.notify_channels import Channels, DeliveryFailed
from suar.service.notify.notify_plan import RecentNotices, Sending
from suar.service.notify.notify_words import Notice
from suar.store.people import notices as rows
from suar.store.people.notices import Newest, Recipient

CHECK_EVERY: Final = 0.5  # seconds
IDLE: Final = 5_000  # ms until a recipient whose notices are delayed is served again, unless new notices arrive
COUNT_EVERY: Final = 5_000  # ms
BACKOFF_MAX: Final = 900_000  # ms
_DOUBLINGS_MAX: Final = 20
_NOTHING: Final = Newest(0, 0)


class _RecipientState:
    """The state of one recipient, kept in memory while this process runs."""

    def __init__(self) -> None:
        self.recent = RecentNotices()
        self.failures = 0
        self.seen = _NOTHING  # newest notices when the next delivery was last selected
        self.not_before = 0  # ms

    def is_due(self, newest: Newest, now: int) -> bool:
        """Whether to serve this recipient now: it has notices, and either new ones or its waiting time is over.

        A new immediate notice is never delayed. Other new notices are delayed while the recipient has failures.
        """
        if not newest.row:
            return False
        waits = 0 < self.not_before - now <= BACKOFF_MAX
        is_new = newest.urgent > self.seen.urgent or (newest.row > self.seen.row and not self.failures)
        return is_new or not waits


class Notifier:
    """Delivers notices until it is stopped. Creating it raises Fault for a channel that cannot be set up."""

    def __init__(self, core: Core) -> None:
        self.core, self.settings = core, core.config.notify
        self.channels = Channels(core.config, core.clock)
        self.desks = {
            Recipient(name, channel): _RecipientState()
            for name, person in self.settings.person.items()
            for channel in dict.fromkeys(person.channels)
        }
        self._links = notify_words.links_of(core.config)
        self._busy: dict[Recipient, asyncio.Task[None]] = {}
        self._seen = -1  # row number of the last message that `_gather` has examined
        self._waiting: dict[str, int] = {}
        self._counted: int | None = None  # ms: time of the last count
        self._trouble = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver notices until `stop` is set.

        An interrupted delivery is repeated at the next start, with the same key.
        """
        while self.desks and not stop.is_set():
            try:
                await self.process_due()
                self._trouble = ""
            except Exception as error:
                self._log_fault(error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_EVERY):
                    await stop.wait()
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def process_due(self) -> None:
        """Write the notices of new messages, then start a task for every recipient that is due."""
        await self._gather()
        now = self.core.clock()
        for who, newest in (await self.core.run_read_only(self._newest)).items():
            desk = self.desks[who]
            if who not in self._busy and desk.is_due(newest, now):
                task = asyncio.create_task(self._serve(who, desk))
                self._busy[who] = task
                task.add_done_callback(partial(self._served, who))
        if self._counted is None or not 0 <= now - self._counted < COUNT_EVERY:
            await self.report_waiting()

    async def wait_idle(self) -> None:
        """Wait until no delivery is in progress."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            await asyncio.sleep(0)

    async def report_waiting(self) -> None:
        """Report how many notices wait on each channel, if the numbers have changed."""
        self._counted = self.core.clock()
        waiting = await self.core.run_read_only(self._count)
        if waiting != self._waiting:
            numbers = {**dict.fromkeys(self._waiting, 0), **waiting}
            self.core.hooks(NoticesWaiting(at=self._counted, channels=numbers))
            self._waiting = waiting

    def _served(self, who: Recipient, _: "asyncio.Task[None]") -> None:
        del self._busy[who]

    async def _gather(self) -> None:
        if self._seen < 0:
            gone = await self.core.run(self._forget)
            if gone:
                self._event("notices_dropped", "warning", number=gone)
        newest = await self.core.run_read_only(self._newest_message)
        while newest != self._seen and await self.core.run(notices.collect_alerts, self.core, newest):
            pass
        self._seen = newest

    # -- the store, on the core's threads

    def _forget(self) -> int:
        with self.core.transaction() as connection:
            return rows.forget_unknown(connection, list(self.desks))

    def _newest_message(self) -> int:
        with self.core.database.reading() as connection:
            return rows.newest_message(connection, self.core.vault.numbers.last)

    def _newest(self) -> dict[Recipient, Newest]:
        with self.core.database.reading() as connection:
            return {who: rows.newest(connection, who) for who in self.desks}

    def _count(self) -> dict[str, int]:
        with self.core.database.reading() as connection:
            return rows.waiting(connection)

    # -- one recipient

    async def _serve(self, who: Recipient, desk: _RecipientState) -> None:
        """Deliver what is due, most urgent first, until one delivery fails.

        The next notice is selected before each delivery.
        """
        try:
            while (found := await self.core.run(self._next, who, desk)) is not None:
                if not await self._deliver(who, desk, *found):
                    return
            desk.failures, desk.not_before = 0, self.core.clock() + IDLE
        except Exception as error:
            self._log_fault(error)
            self._back_off(desk)

    def _next(self, who: Recipient, desk: _RecipientState) -> tuple[Sending, Notice] | None:
        """Select the next delivery; a digest is claimed in the same transaction."""
        core, settings, now = self.core, self.settings, self.core.clock()
        person = settings.person[who.person]
        quiet = notify_plan.is_quiet(person, settings.zone(person), now)
        with core.transaction() as connection:
            desk.seen = rows.newest(connection, who)  # the numbers of deleted rows are used again
            found = notify_plan.next_sending(connection, who, now, settings, desk.recent, quiet=quiet)
            if found is None:
                return None
            if found.row is not None:
                return found, notify_words.single(found.row, core.member, self._links)
            head = rows.head_of(connection, who, found.key, notify_plan.LISTED)
            counts = rows.counts_of(connection, who, found.key)
        return found, notify_words.digest(found.key, head, counts, core.member, self._links)

    async def _deliver(self, who: Recipient, desk: _RecipientState, sending: Sending, notice: Notice) -> bool:
        """Send a notice and record the result; returns False if it was not delivered, and is to be sent again."""
        try:
            await self.channels.deliver(who.channel, self.settings.person[who.person], notice)
        except DeliveryFailed as failure:
            why = failure.why
        except Exception as error:  # a receiver whose answer triggers a fault of ours is retried like any other
            why = type(error).__name__
        else:
            await self.core.run(self._mark_delivered, who, sending, "sent", notice)
            desk.failures = 0
            desk.recent.note(sending, self.core.clock())
            return True
        self._back_off(desk)
        await self.core.run(self._mark_failed, who, desk, sending, notice, why)
        return False

    def _back_off(self, desk: _RecipientState) -> None:
        """Delay the next attempt for this recipient, twice as long after each failure, at most `BACKOFF_MAX` ms."""
        wait = int(self.settings.retry_seconds * 1000) << min(desk.failures, _DOUBLINGS_MAX)
        desk.failures, desk.not_before = desk.failures + 1, self.core.clock() + min(BACKOFF_MAX, wait)

    def _mark_delivered(self, who: Recipient, sending: Sending, result: str, notice: Notice) -> None:
        """Remove the notice, or all notices of the digest, and record the result."""
        with self.core.transaction() as connection:
            number = None if sending.row is None else sending.row.n
            rows.remove(connection, who, number=number, batch=sending.key)
            self.core.queue_record(
                Notified(at=self.core.clock(), channel=who.channel, about=notice.event, result=result)
            )

    def _mark_failed(self, who: Recipient, desk: _RecipientState, sending: Sending, notice: Notice, why: str) -> None:
        """Record a failed delivery; a notice older than `give_up_hours` is removed."""
        core, now = self.core, self.core.clock()
        with core.transaction() as connection:
            at = rows.oldest_of(connection, who, sending.key) if sending.row is None else sending.row.at
            is_over = now - at > self.settings.give_up_hours * limits.HOUR
            if is_over:
                self._mark_delivered(who, sending, "given-up", notice)
            else:
                core.queue_record(Notified(at=now, channel=who.channel, about=notice.event, result="failed"))
            event, level = ("notice_given_up", "error") if is_over else ("notice_failed", "warning")
            facts = {"channel": who.channel, "person": who.person, "notice": sending.key, "why": why}
            core.log_event(event, level, **facts, tries=desk.failures)

    def _log_fault(self, error: Exception) -> None:
        """Log a fault of our own once; again only after its type has changed or a run without a fault."""
        if self._trouble != type(error).__name__:
            self._trouble = type(error).__name__
            self._event("notify_failed", "error", error=self._trouble)

    def _event(self, event: str, level: str, **facts: object) -> None:
        self.core.hooks(Happened(at=self.core.clock(), event=event, level=level, facts=facts))
