"""What the loops of a gateway share: the objects that they use, whether to continue, and how faults are logged."""

import asyncio
from typing import Final

from suar.bus.connect import Bus
from suar.observe.hooks import Happened
from suar.protocol.base.link_names import HubLink
from suar.service.core.core import Core
from suar.service.pacing.echoes import Echoes
from suar.service.pacing.heartbeat_pace import HeartbeatPace
from suar.service.pacing.hub_comparison import HubComparison
from suar.service.pacing.put_back import PutBackWatch
from suar.service.pacing.receipt_delay import ReceiptDelay
from suar.service.pacing.return_order import ReturnOrder
from suar.service.pacing.send_gate import SendGate
from suar.service.pacing.wake import Wake, wait_for
from suar.service.process.gateway import Gateway
from suar.service.receive import inbound, poison
from suar.service.receive.batch import Arrival, Effect
from suar.service.recovery.stream_reconciliation import Reconciliation
from suar.store.faults import may_be_of_object

RETRY: Final = 1.0  # seconds before the next attempt after a store or a server failed
CHECK_EVERY: Final = 1.0


class LoopContext:
    """One running gateway, as its loops see it."""

    def __init__(self, core: Core, gateway: Gateway, bus: Bus, wake: Wake) -> None:
        self.core, self.bus, self.wake = core, bus, wake
        self.ready, self.catching_up, self.uses = gateway.ready, gateway.catching_up, gateway.uses
        self.agency_texts = gateway.agency_texts
        self.agencies = gateway.agencies
        self.pace = HeartbeatPace(core, self.ready, bus)
        self.window = SendGate(self.ready, bus, self.pace)
        self.echoes, self.return_order = Echoes(core.member), ReturnOrder(core.config.bus.links)
        self.hubs = HubComparison(core.config.bus.links)
        self.settling = Reconciliation(core, bus, self.judge_again)
        self.put_back_watch = PutBackWatch(
            core, self.ready, self.pace, self.return_order, lambda: self.settling.is_doubtful
        )  # fmt: skip
        self.ready.id_hold = self.put_back_watch
        self.receipts = ReceiptDelay(wake.seal)
        self._logged_at: dict[str, float] = {}

    @property
    def is_running(self) -> bool:
        """Whether no stop was requested."""
        return not self.wake.stop.is_set()

    async def wait_until_settled(self) -> bool:
        """Wait until the state was compared with the own streams and no other process uses the identity.

        Returns False if the gateway stops before.
        """
        while self.is_running:
            if self.ready.may_send:
                return True
            await wait_for(self.wake.settled, RETRY / 4)
        return False

    async def judge_again(self, batch: list[tuple[str, bytes]], sequence: int, link: HubLink) -> None:
        """Judge objects that the INBOX of this link had delivered before as if they had just arrived."""
        arrivals = [Arrival(subject, data, is_redelivered=True) for subject, data in batch]
        try:
            effect = await self.core.run(inbound.receive_batch, self.core, arrivals, sequence, position=link.position)
        except Exception as error:
            if not may_be_of_object(error):
                raise
            effect = await self.core.run(poison.receive_separately, self.core, arrivals, sequence, link.position)
        self.apply_effect(effect)

    def apply_effect(self, effect: Effect) -> None:
        """Wake the loops that have to act after a batch."""
        if effect.queued:
            self.receipts.queued()
        if effect.is_trust_new:
            self.wake.wake_all()

    def log_fault(self, event: str, level: str, **facts: object) -> None:
        """Log a fault, the same event at most every 5 s."""
        now = asyncio.get_running_loop().time()
        if now - self._logged_at.get(event, -5.0) >= 5.0:
            self._logged_at[event] = now
            self.core.hooks(Happened(at=self.core.clock(), event=event, level=level, facts=facts))
