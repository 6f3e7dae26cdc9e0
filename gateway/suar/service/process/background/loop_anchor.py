"""The anchor loop: publishes the store's account to a stream of the own NATS server, a second after a change.

At the start it finds out whether the store is an older copy of one that another gateway of this member uses now: each
heartbeat of that one changes its store, so it publishes an anchor at least once in the interval of the heartbeats.
"""

import asyncio
from typing import Final

from suar.bus.errors import ApiError, BusError, NoResponders, NotPermitted
from suar.observe.alarms import IDENTITY_IN_USE
from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.transport.outcome import Alarm
from suar.service.core.core import Core
from suar.service.pacing.wake import wait_for
from suar.service.process.running import LoopContext
from suar.service.recovery.anchor_stream import HINT, AnchorStream
from suar.service.recovery.stream_reconciliation import IN_USE

EVERY: Final = 1.0  # seconds
LATER: Final = 600.0  # seconds until a server without such a stream is tried again
LISTENS_MAX: Final = 120.0  # seconds; as a rule two intervals of the heartbeats


class AnchorKeeping:
    """Keeps the newest anchor outside the gateway's machine."""

    def __init__(self, run: LoopContext) -> None:
        self._run = run
        self.stream = AnchorStream(run.core, run.bus)
        self._not_before = 0.0

    async def compare(self) -> bool:
        """Compare the store with the stream, before anything is received or sent. Raises as AnchorStream does.

        Returns False where nothing may follow: another gateway uses a later state of this store, or this one stops.
        """
        ahead = await self.stream.missing()  # where a decision is missing, nothing is sent anyway
        if ahead is not None and not ahead.decided and not await self._wait_until_alone(ahead.generation):
            return False
        why = await self.stream.compare()
        if why is not None:
            self._report_missing(why)
        return True

    async def _wait_until_alone(self, generation: int) -> bool:
        """Listen for later anchors than the one of `generation`; False: one came, and this gateway stands down, or it
        stops.
        """
        core, now = self._run.core, asyncio.get_running_loop().time
        self._run.ready.is_copy = True
        until = now() + min(core.silent_after / limits.SECOND, LISTENS_MAX)
        self._run.log_fault("listening_for_another_gateway", "warning", seconds=round(until - now()))
        while self._run.is_running:
            later = await self.stream.missing()
            if later is not None and later.generation > generation:
                self._run.ready.is_in_use = True
                core.hooks(Happened(at=core.clock(), event="stood_down", level="error", facts={"error": IN_USE}))
                await core.run(_raise_in_use, core)
                return False
            if now() >= until:
                return True
            await wait_for(self._run.wake.anchor, EVERY)
        return False

    async def run(self) -> None:
        """Publish the anchor whenever the store has changed, after the store was compared with the stream."""
        while self._run.is_running:
            now = asyncio.get_running_loop().time()
            if self._run.ready.settled.is_set() and now >= self._not_before and self.stream.is_due:
                await self._publish()
            await wait_for(self._run.wake.anchor, EVERY)

    async def _publish(self) -> None:
        try:
            await self.stream.publish()
        except (NoResponders, NotPermitted, ApiError) as error:
            self._report_missing(str(error))
        except BusError:  # reported elsewhere; the next anchor is newer
            return

    def _report_missing(self, why: str) -> None:
        self._not_before = asyncio.get_running_loop().time() + LATER
        self._run.log_fault("anchor_not_kept", "warning", error=why, hint=HINT)


def _raise_in_use(core: Core) -> None:
    with core.transaction() as connection:
        core.raise_alarm(connection, Alarm(IDENTITY_IN_USE, core.member))
