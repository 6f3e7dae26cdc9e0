"""The heartbeat loop ([F11]): one heartbeat every interval, and one within a second when the faults that it states
change.
"""

import asyncio
import math

from suar.protocol.transport.heartbeat import Trouble
from suar.service.access.troubles import troubles
from suar.service.pacing.wake import wait_for
from suar.service.process.running import CHECK_EVERY, LoopContext
from suar.service.publish import sealing
from suar.store.engine.database import StoreFault


class Heartbeats:
    """Sends the gateway's heartbeats."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self._ready = run, run.ready
        self.core, self.wake = run.core, run.wake
        self._faults: list[Trouble] = []

    async def run(self) -> None:
        """[F11] Send a heartbeat every interval, and at the next check when the faults that it states change."""
        pace, last = self._run.pace, -math.inf
        while self._run.is_running:
            now, interval = asyncio.get_running_loop().time(), pace.seconds
            faults = troubles(self.core.status, self.core.clock())
            if self._ready.has_started and self._ready.may_send and (now - last >= interval or faults != self._faults):
                self._faults = faults
                last = now
                pace.record_sent()
                await self._beat_once()
            await wait_for(self.wake.beat, min(CHECK_EVERY, interval / 4))

    async def _beat_once(self) -> None:
        try:
            if await self.core.run(sealing.seal_heartbeat, self.core):
                self.wake.publish.set()
        except StoreFault as fault:
            self._run.log_fault("store_failed", "error", error=fault.text)
