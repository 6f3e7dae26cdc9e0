"""The loop that tells people. It stands beside everything else: what fails or hangs here stops nothing there.

Each recipient (a person by one channel) is served by a task of its own, so that a slow receiver delays only itself.
Everything that is to be told lies in the store before it is told and goes when it was: at least once, under one key.
"""

import asyncio
import contextlib
from functools import partial
from typing import Final

from suar.observe.hooks import Happened, NoticesWaiting, Notified
from suar.protocol import limits
from suar.service import notices, notify_plan, notify_words
from suar.service.core import Core
from suar.service.notify_channels import Channels, Untold
from suar.service.notify_plan import Lately, Sending
from suar.service.notify_words import Notice
from suar.store import notices as rows
from suar.store.database import StoreFault
from suar.store.notices import Recipient

LOOK_EVERY: Final = 0.5  # seconds
BACKOFF_MAX: Final = 900_000  # ms
_DOUBLINGS_MAX: Final = 20


class Notifier:
    """Tells people until it is stopped. Raises Fault at once for a channel that cannot be set up."""

    def __init__(self, core: Core) -> None:
        self.core, self.settings = core, core.config.notify
        self.channels = Channels(core.config, core.clock)
        self.known = [
            Recipient(name, channel)
            for name, person in self.settings.person.items()
            for channel in dict.fromkeys(person.channels)
        ]
        self._home = f"http://{core.config.http.listen}/v1/messages/{{id}}"
        self._lately = {who: Lately() for who in self.known}
        self._busy: dict[Recipient, asyncio.Task[None]] = {}
        self._seen = -1  # the last message that `gather` has looked at
        self._waiting: dict[str, int] = {}
        self._told_of: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is being told then is told again at the next start, under the same key."""
        if not self.known:
            return
        while not stop.is_set():
            try:
                await self.look()
                self._told_of = None
            except Exception as error:
                self._trouble("notify_failed", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await stop.wait()
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def look(self) -> None:
        """New messages, then everybody for whom something is due."""
        await self._gather()
        due, waiting = await self.core.beside(self._due)
        if waiting != self._waiting:
            numbers = {**dict.fromkeys(self._waiting, 0), **waiting}
            self.core.hooks(NoticesWaiting(at=self.core.clock(), channels=numbers))
            self._waiting = waiting
        for who in due:
            if who in self._lately and who not in self._busy:
                task = asyncio.create_task(self._serve(who))
                self._busy[who] = task
                task.add_done_callback(partial(self._served, who))

    def _served(self, who: Recipient, _: "asyncio.Task[None]") -> None:
        del self._busy[who]

    async def settle(self) -> None:
        """Until nobody is being told."""
        while self._busy:
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            await asyncio.sleep(0)

    async def _gather(self) -> None:
        if self._seen < 0:
            gone = await self.core.run(self._forget)
            if gone:
                self._event("notices_dropped", "warning", number=gone)
        newest = await self.core.beside(self._newest)
        if newest == self._seen:
            return
        while await self.core.run(notices.gather, self.core, newest):
            pass
        self._seen = newest

    def _forget(self) -> int:
        with self.core.transaction() as connection:
            return rows.forget_strangers(connection, self.known)

    def _newest(self) -> int:
        with self.core.database.reading() as connection:
            return rows.newest_message(connection)

    def _due(self) -> tuple[list[Recipient], dict[str, int]]:
        with self.core.database.reading() as connection:
            return rows.recipients(connection, self.core.clock()), rows.waiting(connection)

    # -- one recipient

    async def _serve(self, who: Recipient) -> None:
        """Tell everything that is due up to the first that fails; what is most urgent is asked before each."""
        try:
            while (next_ := await self.core.run(self._plan, who)) is not None:
                if not await self._tell(who, *next_):
                    return
        except StoreFault:
            self._trouble("notify_failed", "StoreFault")
        except Exception as error:
            self._trouble("notify_failed", type(error).__name__)
            await asyncio.sleep(self.settings.retry_seconds)

    def _plan(self, who: Recipient) -> tuple[Sending, Notice] | None:
        """What is told next; a digest is claimed by now."""
        core, settings, now = self.core, self.settings, self.core.clock()
        person = settings.person[who.person]
        quiet = notify_plan.is_quiet(person, settings.zone(person), now)
        with core.transaction() as connection:
            first = next(iter(notify_plan.plan(connection, who, now, settings, self._lately[who], quiet=quiet)), None)
            if first is None:
                return None
            if first.row is not None:
                return first, notify_words.single(first.row, core.member, settings, self._home)
            head = rows.head_of(connection, first.key, notify_plan.LISTED)
            counts = rows.counts_of(connection, first.key)
        return first, notify_words.digest(first.key, head, counts, core.member, settings, self._home)

    async def _tell(self, who: Recipient, sending: Sending, notice: Notice) -> bool:
        try:
            await self.channels.tell(who.channel, self.settings.person[who.person], notice)
        except Untold as untold:
            why = untold.why
        except Exception as error:
            why = type(error).__name__
        else:
            await self.core.run(self._told, who, sending, notice)
            return True
        await self.core.run(self._put_off, who, sending, notice, why)
        return False

    def _told(self, who: Recipient, sending: Sending, notice: Notice) -> None:
        with self.core.transaction() as connection:
            rows.told(connection, sending.key)
            self.core.tell(Notified(at=self.core.clock(), channel=who.channel, about=notice.event, result="sent"))
        self._lately[who].note(sending, self.core.clock())

    def _put_off(self, who: Recipient, sending: Sending, notice: Notice, why: str) -> None:
        """Try again later, or give up what is too old to matter."""
        core, settings, now = self.core, self.settings, self.core.clock()
        with core.transaction() as connection:
            tries, at = rows.tries_of(connection, sending.key)
            is_over = now - at > settings.give_up_hours * limits.HOUR
            if is_over:
                rows.told(connection, sending.key)
            wait = min(BACKOFF_MAX, int(settings.retry_seconds * 1000) << min(tries, _DOUBLINGS_MAX))
            rows.put_off(connection, who, now, sending.key, now + wait)
            result = "given-up" if is_over else "failed"
            core.tell(Notified(at=now, channel=who.channel, about=notice.event, result=result))
            facts = {
                "channel": who.channel,
                "person": who.person,
                "notice": sending.key,
                "why": why,
                "tries": tries + 1,
            }
            core.event(f"notice_{result.replace('-', '_')}", "error" if is_over else "warning", **facts)

    def _trouble(self, event: str, error: str) -> None:
        """Said once until it changes or is over."""
        if self._told_of != f"{event} {error}":
            self._told_of = f"{event} {error}"
            self._event(event, "error", error=error)

    def _event(self, event: str, level: str, **facts: object) -> None:
        self.core.hooks(Happened(at=self.core.clock(), event=event, level=level, facts=facts))
