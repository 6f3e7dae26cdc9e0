"""The lease loop of a gateway that leads: it renews the lease of the store each second, and ends when it is lost."""

import asyncio
import contextlib
from typing import Any, Final

from suar.observe.hooks import Happened
from suar.protocol.base.errors import Fault
from suar.service.core.core import Core
from suar.service.pacing.wake import Wake
from suar.store.engine.backends.lease import Lease, boot_seconds, waiting
from suar.store.engine.database import StoreFault
from suar.store.faults import LeaseFault
from suar.store.people import access

EVERY: Final = 1.0  # seconds
_ALONE: Final = "start the other gateway of the pair, wait until it is the standby, and yield again"


class LeaseKeeping:
    """Keeps the lease of one gateway process, if its store has one."""

    def __init__(self, core: Core, wake: Wake) -> None:
        self._core, self._wake = core, wake
        self.lost: LeaseFault | None = None  # another gateway leads: this one stops

    async def run(self) -> None:
        """Renew until cancelled, also while the gateway stops: what is in progress still needs the lease."""
        if self._core.database.lease is None:
            return
        while self.lost is None:
            try:
                await self._core.run(_renew, self._core, self._core.database.lease)
            except LeaseFault as fault:
                self.lost = fault
                self._log("lease_lost", "error", error=fault.text)
                self._wake.stop.set()
                self._wake.wake_all()
            except StoreFault as fault:
                self._log("lease_not_renewed", "warning", error=fault.text)
            await asyncio.sleep(EVERY)

    @contextlib.asynccontextmanager
    async def renewing(self) -> Any:
        """Renew the lease while the block runs."""
        task = asyncio.create_task(self.run(), name="lease")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def yield_to_standby(self, who: str) -> dict[str, Any]:
        """Stop, so that the standby leads; returns the waiting hosts. Raises Fault if no gateway waits."""
        if self._core.database.lease is None:
            raise Fault("the store is a file of this machine: no other gateway waits for it", "stop this one instead")
        hosts = await self._core.run_read_only(_waiting, self._core)
        if not hosts:
            raise Fault("no standby waits for the lease", _ALONE)
        await self._core.run(_note, self._core, who, hosts)
        self._log("lease_yielded", "info", standby=hosts)
        self._wake.stop.set()
        return {"standby": hosts}

    def _log(self, event: str, level: str, **facts: object) -> None:
        self._core.hooks(Happened(at=self._core.clock(), event=event, level=level, facts=facts))


def _renew(core: Core, lease: Lease) -> None:
    since = boot_seconds()
    with core.transaction() as connection:
        leading = lease.renew(connection)
    lease.renewed(leading, since)


def _waiting(core: Core) -> list[str]:
    with core.database.reading() as connection:
        return waiting(connection)


def _note(core: Core, who: str, hosts: list[str]) -> None:
    with core.transaction() as connection:
        access.note(connection, who, "yield-lease", " ".join(hosts), core.clock())
