"""The loop that serves agencies at the own NATS server, over a connection of its own to their account."""

import asyncio
from typing import Final

from suar.bus.connect import Bus
from suar.bus.errors import STREAM_NOT_FOUND, ApiError, BusError
from suar.protocol.base.errors import Fault
from suar.service.nats_feed.writer import FeedWriter
from suar.service.pacing.wake import wait_for
from suar.service.process.running import LoopContext
from suar.store.people import feed_readers

EVERY: Final = 0.5  # seconds
PAUSE: Final = 0.05
"""Seconds between two rounds; events that arrive between them are published in one page."""
HINT: Final = (
    "render the server's config again, reload it twice, then `suar federation streams --member CC --plan FILE`"
)


class AgencyFeed:
    """Connects when the first agency has an nkey, and then runs rounds of the writer."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self.core = run, run.core
        config = run.core.config
        self.bus = Bus(
            config.bus.urls, bytes(run.core.keyring.nkey_seed("feed")), config.bus.feed_inbox_prefix,
            f"feed-{run.core.member.lower()}", tls=config.tls(),
        )  # fmt: skip

    async def run(self) -> None:
        """Run a round whenever something changed, and twice a second, while the gateway runs."""
        if not self.core.config.bus.agency_feed:
            return
        try:
            if await self._wait_until_wanted():
                await self.bus.start()
                await self._rounds()
        finally:
            await self.bus.close()

    async def _wait_until_wanted(self) -> bool:
        """Wait until an agency has an nkey; False when the gateway stops before."""
        while self._run.is_running:
            try:
                if await self.core.run_read_only(self._has_readers):
                    return True
            except Fault as fault:  # the store is away: the gateway goes on without it, and so does this
                self._run.log_fault("agency_feed_failed", "warning", error_type=type(fault).__name__)
            await wait_for(self._run.wake.agencies, EVERY * 4)
        return False

    def _has_readers(self) -> bool:
        with self.core.database.reading() as connection:
            return bool(feed_readers.load(connection))

    async def _rounds(self) -> None:
        writer = FeedWriter(
            self.core, self._run.agencies.book, self._run.agency_texts, self.bus, self._run.wake.agencies.set
        )
        while self._run.is_running:
            is_more = self.bus.is_connected and await self._round(writer)
            await asyncio.sleep(PAUSE)
            if not is_more:
                await wait_for(self._run.wake.agencies, EVERY)

    async def _round(self, writer: FeedWriter) -> bool:
        """Run one round, and log why one failed; returns True if more is waiting."""
        try:
            return await writer.run_once(may_publish=self._run.ready.settled.is_set())
        except ApiError as error:
            hint = HINT if error.err_code == STREAM_NOT_FOUND else ""
            self._run.log_fault("agency_feed_failed", "warning", error=str(error), hint=hint)
        except (BusError, Fault) as error:
            self._run.log_fault("agency_feed_failed", "warning", error_type=type(error).__name__)
        return False
