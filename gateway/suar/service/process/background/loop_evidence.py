"""The evidence loop: stores what proves messages, and has it time-stamped once a day by the operator's authority."""

from typing import Final

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.pacing.wake import wait_for
from suar.service.process.running import LoopContext
from suar.service.reading import proof_keeping, stamping
from suar.service.reading.authority import NotStamped, request_token

CHECK_EVERY: Final = 60.0  # seconds
RETRY: Final = 10 * limits.MINUTE  # ms before an authority that gave no token is asked again
KEEP_EVERY: Final = limits.HOUR


class EvidenceKeeping:
    """Prepares the evidence that a gateway may have to present later."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self.core, self.wake = run, run.core, run.wake
        self._kept_at = self._requested_at = 0  # ms
        self._is_placed = False  # whether the positions of all values of the newest tree are stored

    async def run(self) -> None:
        """Check once a minute.

        Each step runs outside the core's thread and stores its result in a short transaction.
        """
        while self._run.is_running:
            if self._run.ready.settled.is_set():
                await self.run_once()
            await wait_for(self.wake.evidence, CHECK_EVERY)

    async def run_once(self) -> None:
        """Store and stamp what is due."""
        try:
            await self._keep()
            await self._add_positions()
            await self._stamp()
        except NotStamped as outcome:
            self._run.log_fault("not_stamped", "warning", why=outcome.why)
        except Fault as fault:
            self._run.log_fault("evidence_failed", "error", error=fault.text)

    async def _keep(self) -> None:
        now = self.core.clock()
        if not self.core.config.evidence.keep or 0 <= now - self._kept_at < KEEP_EVERY:
            return
        while self._run.is_running:
            found = await self.core.run_read_only(proof_keeping.collect, self.core)
            await self.core.run(proof_keeping.keep, self.core, found)
            if len(found) < proof_keeping.BATCH:
                break
        self._kept_at = now

    async def _add_positions(self) -> None:
        """Store the positions of the newest tree that a transaction before did not store."""
        if self._is_placed:
            return
        for part in await self.core.run_read_only(stamping.unstored, self.core):
            if not self._run.is_running:
                return
            await self.core.run(stamping.add_positions, self.core, part)
        self._is_placed = True

    async def _stamp(self) -> None:
        """Stamp one tree a day, and further trees if one cannot hold everything."""
        now = self.core.clock()
        if not self.core.config.evidence.authority or 0 <= now - self._requested_at < RETRY:
            return
        is_due = await self.core.run_read_only(stamping.is_due, self.core)
        while is_due and self._is_placed and self._run.is_running:
            tree = await self.core.run_read_only(stamping.collect, self.core)
            if tree is None:
                return
            self._requested_at = now
            token = await request_token(self.core.config, tree.statement)
            await self.core.run(stamping.keep, self.core, tree, token)
            self._is_placed = tree.is_placed
            await self._add_positions()
            is_due = tree.is_full
        self._requested_at = 0
