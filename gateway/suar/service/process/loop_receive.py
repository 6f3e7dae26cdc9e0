"""The receive loop of one link: fetches INBOX batch by batch; judges, commits and acknowledges in order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from suar.bus import history
from suar.bus.acks import Acks
from suar.bus.consume import Delivery, Puller
from suar.bus.errors import BusError
from suar.protocol.base import limits
from suar.protocol.base.link_names import ONLY_HUB, HubLink
from suar.protocol.base.subjects import sender_of
from suar.service.pacing.hub_comparison import name_of
from suar.service.process.running import CHECK_EVERY, RETRY, LoopContext
from suar.service.receive import inbound, poison
from suar.service.receive.batch import Arrival, Effect
from suar.service.receive.inbound import ClockFault
from suar.store.faults import StoreFault, may_be_of_object

READ_AT_START: Final = 2_000  # objects of a link's INBOX that are read at the start, if there are two hubs


class Pulled(NamedTuple):
    """A batch as it was fetched, and the part of it that has to be judged."""

    batch: list[Delivery]
    arrivals: list[Arrival]


class Receiving:
    """The incoming path of a running gateway from one hub."""

    def __init__(self, run: LoopContext, link: HubLink = ONLY_HUB) -> None:
        self._run, self._ready, self._link = run, run.ready, link
        self.core, self.bus = run.core, run.bus
        self._echoes = run.echoes
        self._stream = link.inbox(run.core.member)
        self._acks = Acks()

    async def run(self) -> None:
        """Fetch, judge, commit and acknowledge batches in order; the next one is fetched in the meantime."""
        puller = Puller(self.bus, self._link.inbox(self.core.member), "gw")
        ahead: asyncio.Task[Pulled] | None = None
        if self._run.hubs.is_on and await self._run.wait_until_settled():
            await self._remember()
        while await self._run.wait_until_settled():
            status = self.core.status
            if status.is_clock_back(self.core.clock()):  # [T14] nothing is judged; it stays in the stream
                self._run.log_fault("clock_behind", "error", highest_time=status.highest_time)
                await asyncio.sleep(RETRY)
                continue
            pull = ahead or asyncio.create_task(self.pull(puller))
            ahead = None
            try:
                pulled = await pull
            except BusError as error:
                self._run.log_fault(
                    "inbox_unreachable", "warning", error_type=type(error).__name__, server=self.core.server
                )
                await asyncio.sleep(RETRY / 4)
                continue
            if pulled.batch and not self._ready.is_in_use:
                ahead = asyncio.create_task(self.pull(puller))
                await self._process(pulled)
        await self._acks.flush()
        if ahead is not None:
            ahead.cancel()  # its batch was not acknowledged and is delivered again, in order

    async def _remember(self) -> None:
        """Read what this link delivered last before the start, so that repeated deliveries count as replays."""
        stream = self._link.inbox(self.core.member)
        try:
            last = await history.acknowledged(self.bus, stream, "gw")
            async for some in history.between(self.bus, stream, max(1, last - READ_AT_START + 1), last):
                for each in some:
                    self._run.hubs.record_delivery(self._link, name_of(each.subject, each.data))
        except BusError as error:  # then they count as duplicates
            self._run.log_fault("inbox_unreachable", "warning", error_type=type(error).__name__)

    async def pull(self, puller: Puller) -> Pulled:
        """Fetch the next batch and leave out what the hub returned of our own objects."""
        batch = await puller.fetch(limits.BATCH_FRAMES, limits.BATCH_BYTES, wait=CHECK_EVERY)
        arrivals = []
        for each in batch:
            own = self._echoes.id_of(each.subject, each.data)
            if own is None:
                arrivals.append(self._arrival(each))
            elif self._run.return_order.record_return(self._link, own, self.core.clock()):
                self.core.echo.record_echo(self._link)
        return Pulled(batch, arrivals)

    def _arrival(self, delivery: Delivery) -> Arrival:
        """Return the objects to judge; with two hubs they are compared with those of the other hub."""
        subject, data, is_redelivered = delivery.subject, delivery.data, delivery.delivered > 1
        if not self._run.hubs.is_on:
            return Arrival(subject, data, is_redelivered, stream=self._stream, number=delivery.stream_seq)
        id_ = name_of(subject, data)
        is_first = self._run.hubs.record_delivery(self._link, id_)
        return Arrival(
            subject, data, is_redelivered, is_first, id_, self._link.entity, self._stream, delivery.stream_seq
        )

    def _compare(self, arrivals: list[Arrival], accepted: frozenset[str]) -> None:
        for each in arrivals if self._run.hubs.is_on else ():
            self._run.hubs.record_judged(self._link, sender_of(each.subject), each.id, is_new=each.id in accepted)

    async def _process(self, pulled: Pulled) -> None:
        batch = pulled.batch
        sequence = max(each.stream_seq for each in batch)  # the last one may be a redelivery
        effect = await self._judge(pulled, sequence)
        if effect is None:
            return
        await self._acks.add(batch)
        self.core.faults.hit("inbound.acknowledged")
        self._compare(pulled.arrivals, frozenset(effect.accepted))
        self._run.catching_up.record_batch(sequence, len(batch), self._link)
        self._run.apply_effect(effect)

    async def _judge(self, pulled: Pulled, sequence: int) -> Effect | None:
        """Judge and commit objects of other members.

        Our own objects from the hub change nothing and need no commit.
        """
        if not pulled.arrivals:
            return Effect(0, is_trust_new=False)
        core, arrivals, position = self.core, pulled.arrivals, self._link.position
        try:
            return await self._commit_with_retry(
                lambda: core.run_in_group(inbound.receive_batch, core, arrivals, sequence, position=position),
                pulled.batch,
            )
        except Exception as error:
            if not may_be_of_object(error):
                raise
            self._run.log_fault("batch_refused_by_store", "error", error_type=type(error).__name__)
        return await self._commit_with_retry(
            lambda: core.run(poison.receive_separately, core, arrivals, sequence, position), pulled.batch
        )

    async def _commit_with_retry(self, commit: Callable[[], Awaitable[Effect]], batch: list[Delivery]) -> Effect | None:
        """Commit a batch, again and again if the store fails, because a fault of ours must not be attributed to the
        peer.

        The batch is kept in memory, its deadline extended. A negative acknowledgement would let newer frames overtake
        it.
        """
        while True:
            try:
                return await commit()
            except (StoreFault, ClockFault) as fault:
                event = "store_failed" if isinstance(fault, StoreFault) else "clock_behind"
                self._run.log_fault(event, "error", error=fault.text)
                if not self._run.is_running:
                    return None
                await asyncio.sleep(RETRY)
                await self._extend_deadline(batch)

    async def _extend_deadline(self, batch: list[Delivery]) -> None:
        try:
            for each in batch:
                await each.in_progress()
        except BusError:
            pass  # after a reconnect they are delivered again, in order
