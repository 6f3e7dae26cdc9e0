"""The seal loop: seals receipts, and accepted messages that could not be sealed at once, when they may be sent."""

import asyncio
from typing import Final

from suar.service.pacing.wake import wait_for
from suar.service.process.running import RETRY, LoopContext
from suar.service.publish import sealing
from suar.service.settings.hardware_key import KeyAway
from suar.service.trust import trust_sync
from suar.store.engine.database import StoreFault

BUNDLE_WAIT: Final = 10.0  # seconds to wait at the start for the bundles of all members ([E13])


class Sealing:
    """The first half of the outgoing path."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self._ready = run, run.ready
        self.core, self.wake = run.core, run.wake
        self._window = run.window

    async def run(self) -> None:
        """Seal what is queued; at the start only after the bundles of all members arrived, or after 10 s."""
        if await self._run.wait_until_settled():
            await self._wait_for_bundles()
            self._ready.has_started = True
            self.wake.beat.set()
            self.core.enable_immediate_sealing(lambda: self._ready.may_send and self._window.is_open)
        while True:
            try:
                await self.seal_all()
            except KeyAway as fault:  # it went away in the middle: nothing of this was committed
                self._run.log_fault("key_away", "error", error=fault.text)
            except StoreFault as fault:
                self._run.log_fault("store_failed", "error", error=fault.text)
            if not self._run.is_running:
                self.wake.publish.set()
                return
            await wait_for(self.wake.seal, RETRY)

    async def seal_all(self) -> None:
        """Seal everything that may be sent. Receipts that are queued in the meantime wait for the next run."""
        with_receipts = self._run.receipts.may_send or not self._run.is_running
        while self._ready.may_send and self._window.is_open:
            if not await self.core.run_in_group(sealing.seal_queued, self.core, with_receipts=with_receipts):
                return
            self.wake.publish.set()
            with_receipts = False

    async def _wait_for_bundles(self) -> None:
        deadline = asyncio.get_running_loop().time() + BUNDLE_WAIT
        while self._run.is_running and asyncio.get_running_loop().time() < deadline:
            has_bundles = trust_sync.has_all_bundles(self.core)
            if has_bundles and self._has_heads_of_all() and self._is_outbox_known():
                return
            await asyncio.sleep(0.05)

    def _is_outbox_known(self) -> bool:
        """Whether the size of the own stream is known, or the server cannot be asked."""
        return self.core.status.outbox.held is not None or not self._run.bus.is_connected

    def _has_heads_of_all(self) -> bool:
        """[E12] Whether a state that may not know its own last frame has received the heads that others hold of it."""
        if not self._run.settling.is_doubtful:
            return True
        status = self.core.status
        return all(status.last_heard.get(code, 0) >= status.started_at for code in status.others())
