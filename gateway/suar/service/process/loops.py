"""The loops of a running gateway, each one step of a message's path.

They submit jobs to the core and never block it.
"""

import asyncio

from suar.bus.connect import Bus
from suar.bus.errors import BusError, NotPermitted
from suar.service.core.core import Core
from suar.service.pacing.wake import Wake, wait_for
from suar.service.process.background.loop_agency_feed import AgencyFeed
from suar.service.process.background.loop_anchor import AnchorKeeping
from suar.service.process.background.loop_evidence import EvidenceKeeping
from suar.service.process.background.loop_inbox_erasure import InboxErasure
from suar.service.process.background.loop_periodic import PeriodicTasks
from suar.service.process.gateway import Gateway
from suar.service.process.loop_heartbeat import Heartbeats
from suar.service.process.loop_publish import Publishing
from suar.service.process.loop_receive import Receiving
from suar.service.process.loop_seal import Sealing
from suar.service.process.running import RETRY, LoopContext
from suar.service.receive.inbound import ClockFault
from suar.store.engine.database import StoreFault


class Loops:
    """All loops of the gateway that use the bus."""

    def __init__(self, core: Core, gateway: Gateway, bus: Bus, wake: Wake) -> None:
        self._run = run = LoopContext(core, gateway, bus, wake)
        self._anchor = AnchorKeeping(run)
        self._receiving = [Receiving(run, link) for link in core.config.bus.links]
        self._each = (
            Sealing(run),
            Publishing(run),
            Heartbeats(run),
            PeriodicTasks(run),
            EvidenceKeeping(run),
            self._anchor,
            InboxErasure(run),
            AgencyFeed(run),
        )

    async def run(self) -> None:
        """Run the loops until `wake.stop` is set; work in progress is finished."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._reconcile())
            for receiving in self._receiving:
                group.create_task(receiving.run())
            for loop in self._each:
                group.create_task(loop.run())

    async def _reconcile(self) -> None:
        """[E12] Compare the state with the own streams; nothing is sealed, published or received before."""
        core, ready, wake = self._run.core, self._run.ready, self._run.wake
        while self._run.is_running and not ready.settled.is_set():
            if not self._run.bus.is_connected or core.status.is_clock_back(core.clock()):  # [T14] nothing is judged
                await wait_for(wake.settled, RETRY / 4)
                continue
            try:
                if not await self._anchor.compare():
                    return
                await self._run.settling.run()
                ready.settled.set()
                wake.wake_all()
            except NotPermitted:
                self._run.log_fault(
                    "read_back_forbidden", "error", hint="render the server's config: suar federation nats"
                )
                await asyncio.sleep(RETRY)
            except (BusError, StoreFault, ClockFault) as error:
                self._run.log_fault("not_settled", "warning", error_type=type(error).__name__, server=core.server)
                await asyncio.sleep(RETRY / 4)
