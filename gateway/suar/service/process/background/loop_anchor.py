"""The anchor loop: publishes the store's account to a stream of the own NATS server, a second after a change."""

import asyncio
from typing import Final

from suar.bus.errors import ApiError, BusError, NoResponders, NotPermitted
from suar.service.pacing.wake import wait_for
from suar.service.process.running import LoopContext
from suar.service.recovery.anchor_stream import HINT, AnchorStream

EVERY: Final = 1.0  # seconds
LATER: Final = 600.0  # seconds until a server without such a stream is tried again


class AnchorKeeping:
    """Keeps the newest anchor outside the gateway's machine."""

    def __init__(self, run: LoopContext) -> None:
        self._run = run
        self.stream = AnchorStream(run.core, run.bus)
        self._not_before = 0.0

    async def compare(self) -> None:
        """Compare the store with the stream, before anything is received or sent. Raises as AnchorStream does."""
        why = await self.stream.compare()
        if why is not None:
            self._is_missing(why)

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
            self._is_missing(str(error))
        except BusError:  # reported elsewhere; the next anchor is newer
            return

    def _is_missing(self, why: str) -> None:
        self._not_before = asyncio.get_running_loop().time() + LATER
        self._run.log_fault("anchor_not_kept", "warning", error=why, hint=HINT)
