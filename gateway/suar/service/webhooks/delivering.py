"""Delivers the events of each agency to its webhook: one call at a time for an agency.

The calls of an agency wait for no call of another one: however many receivers hang, fail or answer slowly, the others
are called at once. So there are at most as many calls as agencies, whose number is bounded (AGENCIES_MAX). It runs on
an event loop of its own thread, so that neither the bus nor HTTP waits for a receiver.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Final

from suar.observe.hooks import Happened, Record, WebhooksWaiting, has_messages
from suar.protocol.base import limits
from suar.service.access.agencies import AgencyBook
from suar.service.core.core import Core
from suar.service.notify.standard_webhooks import signature_headers
from suar.service.webhooks import pending, schedule
from suar.service.webhooks.addresses import Endpoint
from suar.service.webhooks.calling import Caller, CallFailed, Request, tls_of
from suar.service.webhooks.loop_thread import LoopThread
from suar.service.webhooks.pending import Document, NotActive, Reached, Target
from suar.service.webhooks.webhook import Webhook
from suar.store.people import webhooks as rows

CHECK_EVERY: Final = 0.5  # seconds
IDLE: Final = 15 * limits.SECOND
"""ms until an agency without news is checked again, for what has expired."""
COUNT_EVERY: Final = 5 * limits.SECOND


class _State:
    """What is known of one webhook in memory."""

    def __init__(self, hook: Webhook) -> None:
        self.hook = hook
        self.reached: Reached | None = None
        self.not_before = 0  # ms: of the next call after a failure; 0: at once
        self.check_at = 0  # ms: of the next check without news
        self.has_news = True
        self.is_new_preferred = False
        self.lock = asyncio.Lock()  # one call at a time

    def is_due(self, now: int) -> bool:
        """Whether to search for events to send."""
        waits = 0 < self.not_before - now <= schedule.FIRST
        return not waits and (self.has_news or not 0 < self.check_at - now <= IDLE)


class Deliverer:
    """Calls webhooks, once it is started. Making it raises Fault for a `ca_file` that cannot be used."""

    def __init__(self, core: Core, book: AgencyBook, chance: Callable[[], float] = random.random) -> None:
        self._core, self._book, self._chance = core, book, chance
        self._caller = Caller(tls_of(core.config), core.config.webhooks.networks)
        self._states: dict[str, _State] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._has_webhooks = self._is_notified = False
        self._counted: tuple[int, tuple[int, int]] | None = None
        self._trouble = ""
        self.thread = LoopThread("webhooks")
        core.hooks.listen(self._on_records)

    # -- for any thread

    async def start(self) -> None:
        """Deliver in a thread of its own from now on."""
        await self.thread.start(self._run)

    async def stop(self) -> None:
        """End the calls; each is made again at the next start."""
        await self.thread.stop()

    def set_webhooks(self, hooks: Iterable[Webhook]) -> None:
        """Deliver to these webhooks from now on; a call to any other address ends."""
        found = {each.agency: each for each in hooks}
        self._has_webhooks = bool(found)
        self.thread.call_soon(self._set_webhooks, found)

    def end(self, agency: str) -> None:
        """End the call to an agency that may read no more."""
        self.thread.call_soon(self._end, agency)

    def deliver_now(self, agency: str) -> None:
        """Search at once for what to send to an agency, whatever failed before."""
        self.thread.call_soon(self._deliver_now, agency)

    async def send_once(self, agency: str, document: Document) -> str | None:
        """Send a document that is not of the feed; why it did not arrive, None when it did.

        Raises NotActive when the agency may read nothing, or has no webhook.
        """
        return await self.thread.run(partial(self._send_once, agency, document))

    def _on_records(self, records: Sequence[Record]) -> None:
        """Schedule one wake-up for all records of a commit. Runs on the core's thread."""
        if self._is_notified or not self._has_webhooks or not has_messages(records):
            return  # a webhook that is set later begins with a search
        self._is_notified = True
        self.thread.call_soon(self._note_news)

    # -- on its event loop

    def _note_news(self) -> None:
        self._is_notified = False
        for state in self._states.values():
            state.has_news = True
        self._news.set()

    def _set_webhooks(self, hooks: dict[str, Webhook]) -> None:
        for name in self._states.keys() - hooks.keys():
            self._end(name)
            del self._states[name]
        for name, hook in hooks.items():
            known = self._states.get(name)
            if known is None:
                self._states[name] = _State(hook)
            elif known.hook != hook:
                if known.hook.to != hook.to:
                    self._end(name)
                known.hook = hook
                self._deliver_now(name)
        self._news.set()

    def _end(self, agency: str) -> None:
        task = self._tasks.get(agency)
        if task is not None:
            task.cancel()

    def _deliver_now(self, agency: str) -> None:
        state = self._states.get(agency)
        if state is not None:
            state.not_before, state.has_news = 0, True
            self._news.set()

    async def _run(self, stop: asyncio.Event) -> None:
        ending = asyncio.create_task(stop.wait())
        while not ending.done():
            try:
                await self.process_due()
                self._trouble = ""
            except Exception as error:
                self._log_fault(error)
            news = asyncio.create_task(self._news.wait())
            await asyncio.wait({news, ending}, timeout=CHECK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            self._news.clear()
        for task in self._tasks.values():
            task.cancel()
        await self.wait_idle()

    async def process_due(self) -> None:
        """Start a task for every webhook that is due."""
        now = self._core.clock()
        for name, state in self._states.items():
            if name not in self._tasks and state.is_due(now):
                task = asyncio.create_task(self._serve(state))
                self._tasks[name] = task
                task.add_done_callback(partial(self._served, name))
        await self._count(now)

    async def wait_idle(self) -> None:
        """Wait until no call is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await asyncio.sleep(0)

    def _served(self, agency: str, _: "asyncio.Task[None]") -> None:
        del self._tasks[agency]
        self._news.set()  # postponed events are searched for

    async def _serve(self, state: _State) -> None:
        """Send what is due, one event after the other, until nothing is left or one does not arrive."""
        try:
            while True:
                state.has_news = False
                found = await self._core.run_read_only(
                    pending.choose, self._core, self._book, state.hook.agency, state.reached,
                    prefers_new=state.is_new_preferred,
                )  # fmt: skip
                state.reached = found.reached
                if found.target is None and found.is_last:
                    state.check_at = min(self._core.clock() + IDLE, found.next_at)
                    return
                if found.target is not None and not await self._deliver(state, found.target):
                    return
        except NotActive:
            state.check_at = self._core.clock() + IDLE
        except Exception as error:
            self._pause(state)
            self._log_fault(error)

    async def _deliver(self, state: _State, target: Target) -> bool:
        """Send one event and note what became of it; returns False if it is to be sent again."""
        core, agency = self._core, state.hook.agency
        state.is_new_preferred = target.is_again
        try:
            sent = await self._call(state, partial(self._document, agency, target))
        except CallFailed as failure:
            self._pause(state)
            if failure.outcome == pending.GONE:
                await core.run_in_group(pending.stopped, core, agency)
            else:
                await core.run_in_group(pending.failed, core, agency, target, failure, self._chance())
            return False
        if sent is None:
            await core.run_in_group(pending.dropped, core, agency, target)
            return True
        state.not_before = 0
        await core.run_in_group(pending.arrived, core, agency, target)
        return True

    async def _call(self, state: _State, make: Callable[[], Awaitable[Document | None]]) -> Document | None:
        """Send what `make` returns, and return it; None when that is nothing. Raises CallFailed."""
        hook, found = state.hook, None
        if not isinstance(hook.to, Endpoint):
            raise CallFailed("address", f"address {hook.to}")

        async def request() -> Request | None:
            nonlocal found
            found, now = await make(), self._core.clock()
            if found is None:
                return None
            headers = signature_headers(hook.keys(now), found.id, now // limits.SECOND, found.body)
            return Request(headers, found.body)

        async with state.lock:
            await self._caller.call(hook.to, request)
        return found

    async def _document(self, agency: str, target: Target) -> Document | None:
        """Return the event as it is now. That the agency receives its text is stored before any of it is sent."""
        found = await self._core.run_read_only(pending.document, self._core, self._book, agency, target)
        if found is not None and found.has_text:
            await self._core.run_in_group(pending.store_received, self._core, agency, target)
        return found

    async def _send_once(self, agency: str, document: Document) -> str | None:
        async def make() -> Document:
            if self._book.find(agency) is None:
                raise NotActive
            return document

        state = self._states.get(agency)
        if state is None:
            raise NotActive
        try:
            await self._call(state, make)
        except CallFailed as failure:
            return failure.why
        return None

    def _pause(self, state: _State) -> None:
        """Call its receiver at the earliest in some seconds: each event has its own schedule, and the others go on."""
        state.not_before = self._core.clock() + schedule.delay(1, self._chance())

    async def _count(self, now: int) -> None:
        """Report how many events wait, and how many are dead letters, if that has changed."""
        if self._counted is not None and 0 <= now - self._counted[0] < COUNT_EVERY:
            return
        counts = (await self._core.run_read_only(self._counts)).values()
        numbers = sum(waiting for waiting, _ in counts), sum(dead for _, dead in counts)
        if self._counted is None or self._counted[1] != numbers:
            self._core.hooks(WebhooksWaiting(at=now, waiting=numbers[0], dead=numbers[1]))
        self._counted = now, numbers

    def _counts(self) -> dict[str, tuple[int, int]]:
        with self._core.database.reading() as connection:
            return rows.counts(connection)

    def _log_fault(self, error: Exception) -> None:
        """Log a fault of our own once; again only after its type has changed or a round without a fault."""
        if self._trouble != type(error).__name__:
            self._trouble = type(error).__name__
            facts = {"error": self._trouble}
            self._core.hooks(Happened(at=self._core.clock(), event="webhooks_failed", level="error", facts=facts))
