"""[E12] Compares the state with its own streams before anything is sealed or received.

A state that continues where it stopped needs two requests. One that was restored from an older copy reads what is
missing: its own objects from OUTBOX, and from INBOX what it had acknowledged before. A running gateway compares again
when its stream advanced without it: then another process publishes under its identity, and this gateway stops sending.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from suar.bus import history
from suar.bus.connect import Bus
from suar.observe.alarms import RIGHTS
from suar.observe.hooks import Happened
from suar.protocol.base import subjects
from suar.protocol.base.link_names import HubLink
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.service.core.core import Core
from suar.service.recovery.readback import ReadBack, ReadBackReport
from suar.store.engine import meta
from suar.store.outbound import outbox
from suar.store.recovery import positions

IN_USE: Final = "another gateway publishes under this identity"
LOST_MAX: Final = 100_000
"""Most objects that are published again after the own server lost them; others ask for what they miss beyond that."""

JudgeBatch = Callable[[list[tuple[str, bytes]], int, HubLink], Awaitable[None]]


class Reconciliation:
    """Compares one gateway's state with its streams: OUTBOX, and the INBOX of each hub.

    `judge_batch` processes a batch of INBOX as if it had just arrived.
    """

    def __init__(self, core: Core, bus: Bus, judge_batch: JudgeBatch) -> None:
        self._core, self._bus, self._judge_batch = core, bus, judge_batch
        self._began: dict[HubLink, int] = {}  # sequence in each INBOX at which this process began
        self.is_doubtful = False  # restored, or the stream was recreated: our true end may be later than both show

    async def run(self) -> None:
        """Read back everything that was sent under our name or acknowledged. Raises the errors of the bus."""
        self.is_doubtful = self._core.status.restored_at is not None
        account = await self.read_outbox(is_running=False)
        again = sum([await self._inbox(link) for link in self._core.config.bus.links])
        if self._core.status.restored_at:
            await self._core.run(mark_reconciled, self._core)
        if account.objects or again:
            facts = {"objects": account.objects, "messages": account.messages, "again": again}
            self._core.hooks(Happened(at=self._core.clock(), event="settled", level="warning", facts=facts))

    async def read_outbox(self, *, is_running: bool) -> ReadBackReport:
        """Read the part of OUTBOX after the last known sequence."""
        stream, known = f"OUTBOX_{self._core.member}", self._core.stream_positions.last_known(positions.OUTBOX)
        extent = await history.extent(self._bus, stream)
        is_other = known is None or known > extent.last  # never compared, or the server recreated its stream
        first = extent.first if is_other or known is None else max(extent.first, known + 1)
        reading = ReadBack(self._core, is_running=is_running)
        if not is_running:
            self.is_doubtful |= known is not None and known > extent.last
            await self._read_echoes(reading)
        reading.newest_row = 0  # of OUTBOX alone
        async for batch in history.between(self._bus, stream, first, extent.last):
            if not await self._core.run(reading.process, [(each.subject, each.data) for each in batch]):
                return reading.account
        account = await self._core.run(reading.finish, extent.last)
        if known is not None and known > extent.last and not account.objects:
            await self._core.run(_publish_lost, self._core, reading.newest_row)
        return account

    async def rejudge_inbox(self) -> None:
        """Process again, at the next start, all of INBOX since this start: another gateway also received from it."""
        for link, number in self._began.items():
            await self._core.run(_set_inbox, self._core, link, number)

    async def _read_echoes(self, reading: ReadBack) -> None:
        """Read our own objects to all members from INBOX, where the hub returned them, if OUTBOX may be incomplete."""
        if not self.is_doubtful:
            return
        prefix = subjects.hub(self._core.member, "")
        for link in self._core.config.bus.links:  # what both have is read once: the store knows it then
            stream = link.inbox(self._core.member)
            extent = await history.extent(self._bus, stream)
            async for batch in history.between(self._bus, stream, extent.first, extent.last):
                own = [(e.subject.removeprefix(prefix), e.data) for e in batch if e.subject.startswith(prefix)]
                await self._core.run(reading.process, own)

    async def _inbox(self, link: HubLink) -> int:
        """Process again what a newer state of this gateway had acknowledged; returns how many objects of other members.

        Own objects that the hub returned are acknowledged without a commit, so the last ones may follow any stop.
        """
        stream, own = link.inbox(self._core.member), subjects.hub(self._core.member, "")
        extent = await history.extent(self._bus, stream)
        done = min(await history.acknowledged(self._bus, stream, "gw"), extent.last)
        known = self._core.stream_positions.last_known(link.position)
        if known is None:
            known = 0 if self._core.status.restored_at else done
        if known > extent.last:  # the server recreated its stream
            known = 0
        await self._core.run(_set_inbox, self._core, link, known)
        self._began[link] = max(known, done)
        count = 0
        async for batch in history.between(self._bus, stream, max(known + 1, extent.first), done):
            again = [(each.subject, each.data) for each in batch]
            await self._judge_batch(again, batch[-1].seq if batch else 0, link)
            count += sum(not each.subject.startswith(own) for each in batch)
        return count


def _publish_lost(core: Core, newest_row: int) -> None:
    """Have the objects after that row, the newest one in the own stream, published again in their order.

    The own server's disk was put back. Until its numbers are where they were, the hub drops what it takes for old
    objects: those that were published before are, and what is new follows them. Nothing is done for an empty stream.
    """
    with core.transaction() as connection:
        count = outbox.publish_again_after(connection, newest_row, LOST_MAX) if newest_row else 0
        if count:
            core.log_event("own_stream_put_back", "warning", objects=count)
    core.sealed_rows.forget()


def _set_inbox(core: Core, link: HubLink, number: int) -> None:
    with core.transaction() as connection:
        core.set_position(connection, link.position, number)


def mark_reconciled(core: Core) -> None:
    """Record that a restored state was compared with its streams, and ask for somebody to go through its rights."""
    with core.transaction() as connection:
        meta.put(connection, positions.SETTLED, str(max(core.clock(), core.restored_at or 0)))
        if positions.rights(connection) is not None:
            message_id = f"{RIGHTS}{core.restored_at or core.clock()}"
            core.raise_alarm(connection, Alarm(outcome.RESTORED, core.member, message_id=message_id))
    core.mark_reconciled()
