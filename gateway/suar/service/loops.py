"""The loops of a running gateway, each one step of the path of a message. The core is asked, never waited in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from sqlalchemy import Row

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.consume import Delivery, Puller
from suar.bus.errors import WRONG_LAST_SEQ, BusError, NotPermitted, PublishRefused
from suar.bus.publish import PubAck, Publisher
from suar.observe.hooks import Happened
from suar.protocol import limits, subjects
from suar.protocol.errors import Fault
from suar.protocol.heartbeat import Trouble
from suar.protocol.outcome import SILENCE, Alarm
from suar.service import deadlines, inbound, lifecycle, outbound, trust_sync
from suar.service.auditing import keep_signed
from suar.service.core import Core
from suar.service.echoes import Echoes
from suar.service.gateway import Gateway
from suar.service.inbound import Arrival, ClockFault, Effect
from suar.service.line import Looker
from suar.service.resend import Asking, again_after
from suar.service.settle import IN_USE, Settling
from suar.service.snapshot import BusState
from suar.service.troubles import troubles
from suar.service.wake import Wake, wait_for
from suar.service.window import Window
from suar.store import positions
from suar.store.database import StoreFault

RETRY: Final = 1.0  # seconds before a store or a server that failed is asked again
PUBLISH_AT_ONCE: Final = 1_000
BUNDLE_WAIT: Final = 10.0  # seconds at the start for the bundles of all ([E13])
LOOK_EVERY: Final = 1.0
RECEIPTS_AFTER: Final = 0.2  # seconds that a receipt waits for others to the same sender


class _Pulled(NamedTuple):
    """A batch as it came, and what of it is to be judged."""

    batch: list[Delivery]
    arrivals: list[Arrival]


class Loops:
    """Everything that runs beside HTTP."""

    def __init__(self, core: Core, gateway: Gateway, bus: Bus, wake: Wake) -> None:
        self.core, self.gateway, self.bus, self.wake = core, gateway, bus, wake
        self._publisher = Publisher(bus)
        self._window = Window(gateway, bus)
        self._silent: set[str] = set()
        self._faults: list[Trouble] = []
        self._told: dict[str, float] = {}
        self._receipts_since: float | None = None
        self._departed: set[int] = set()  # outbox rows that the own server has, before the store says so
        self._echoes = Echoes(core.member)
        self._line = Looker(gateway.config.bus.monitor_port)
        self._settling = Settling(core, bus, self._take_again)
        self._asking = Asking(core)

    async def run(self) -> None:
        """Until `wake.stop` is set; what is in hand is finished."""
        async with asyncio.TaskGroup() as group:
            for loop in (self.settle, self.receive, self.seal, self.publish, self.beat, self.look):
                group.create_task(loop())

    @property
    def _is_running(self) -> bool:
        return not self.wake.stop.is_set()

    # -- before anything else

    async def settle(self) -> None:
        """[E12] Compare the state with the own streams; nothing is sealed, published or taken before."""
        while self._is_running and not self.gateway.settled.is_set():
            if not self.bus.connected or self.core.world.is_clock_back(self.core.clock()):  # [T14] nothing is judged
                await wait_for(self.wake.settled, RETRY / 4)
                continue
            try:
                await self._settling.at_start()
                self.gateway.settled.set()
                self.wake.all()
            except NotPermitted:
                self._tell("read_back_forbidden", "error", hint="render the server's config: suar federation nats")
                await asyncio.sleep(RETRY)
            except (BusError, StoreFault, ClockFault) as error:
                self._tell("not_settled", "warning", error=type(error).__name__)
                await asyncio.sleep(RETRY / 4)

    async def _may_go_on(self) -> bool:
        """Wait until the state is settled and the identity ours alone; False when the gateway stops before."""
        while self._is_running:
            if self.gateway.settled.is_set() and not self.gateway.in_use:
                return True
            await wait_for(self.wake.settled, RETRY / 4)
        return False

    async def _take_again(self, batch: list[tuple[str, bytes]], place: int) -> None:
        arrivals = [Arrival(subject, data, is_redelivered=True) for subject, data in batch]
        self._follow(await self.core.run(inbound.receive, self.core, arrivals, place))

    async def _moved(self) -> None:
        """The own stream took something that is not from here, or an answer was lost."""
        account = await self._settling.outbox(is_running=True)
        if account.is_in_use:
            self.gateway.in_use = True
            await self._settling.take_all_again()
            self.core.hooks(Happened(at=self.core.clock(), event="stood_down", level="error", facts={"reason": IN_USE}))

    # -- the way in

    async def receive(self) -> None:
        """Pull, judge, commit, acknowledge; in order, batch by batch, the next one pulled meanwhile."""
        puller = Puller(self.bus, f"INBOX_{self.core.member}", "gw")
        ahead: asyncio.Task[_Pulled] | None = None
        while await self._may_go_on():
            if self.core.world.is_clock_back(self.core.clock()):  # [T14] everything waits in its stream
                self._tell("clock_behind", "error", highest=self.core.world.highest_time)
                await asyncio.sleep(RETRY)
                continue
            pull = ahead or asyncio.create_task(self._pull(puller))
            ahead = None
            try:
                pulled = await pull
            except BusError as error:
                self._tell("inbox_unreachable", "warning", error=type(error).__name__)
                await asyncio.sleep(RETRY / 4)
                continue
            if pulled.batch and not self.gateway.in_use:
                ahead = asyncio.create_task(self._pull(puller))
                await self._take(pulled)
        if ahead is not None:
            ahead.cancel()  # what it pulled was not acknowledged: it comes again, in order

    async def _pull(self, puller: Puller) -> "_Pulled":
        """The next batch, without what the hub gives back of ours."""
        batch = await puller.fetch(limits.BATCH_FRAMES, limits.BATCH_BYTES, wait=LOOK_EVERY)
        arrivals = [
            Arrival(each.subject, each.data, each.delivered > 1)
            for each in batch
            if not self._echoes.has(each.subject, each.data)
        ]
        if len(arrivals) < len(batch):
            self.core.hearing.echoed()
        return _Pulled(batch, arrivals)

    async def _take(self, pulled: "_Pulled") -> None:
        batch = pulled.batch
        place = max(each.stream_seq for each in batch)  # its last one may be one that came again
        effect = await self._judge(pulled, place)
        if effect is None:
            return
        try:
            for each in batch:
                await each.ack()
        except BusError:
            pass  # they come again and are duplicates
        self.core.faults.hit("inbound.acknowledged")
        self.gateway.catching_up.took(place, len(batch))
        self._follow(effect)

    async def _judge(self, pulled: "_Pulled", place: int) -> Effect | None:
        """Commit what others sent. Our own words that the hub gives back change nothing and need no commit."""
        if not pulled.arrivals:
            return Effect(0, is_trust_new=False)
        return await self._insist(
            lambda: self.core.join(inbound.receive, self.core, pulled.arrivals, place), pulled.batch
        )

    async def _insist(self, commit: Callable[[], Awaitable[Effect]], batch: list[Delivery]) -> Effect | None:
        """Our own fault is not the peer's: hold the batch, keep it ours, and commit once the store can.

        In place rather than by negative acknowledgement, which would let newer frames overtake these.
        """
        while True:
            try:
                return await commit()
            except (StoreFault, ClockFault) as fault:
                event = "store_failed" if isinstance(fault, StoreFault) else "clock_behind"
                self._tell(event, "error", error=fault.text)
                if not self._is_running:
                    return None
                await asyncio.sleep(RETRY)
                await self._keep(batch)

    async def _keep(self, batch: list[Delivery]) -> None:
        try:
            for each in batch:
                await each.in_progress()
        except BusError:
            pass  # a new connection delivers them again, in order

    def _follow(self, effect: Effect) -> None:
        if effect.queued and self._receipts_since is None:
            self._receipts_since = asyncio.get_running_loop().time()
            self.wake.seal.set()
        if effect.is_trust_new:
            self.wake.all()

    # -- the way out

    async def seal(self) -> None:
        """Seal what is queued; at the start only once the others' bundles are there, or after 10 s."""
        if await self._may_go_on():
            await self._wait_for_bundles()
            self.gateway.started = True
            self.core.may_seal = lambda: self._may_send and self._window.is_open
        while True:
            try:
                with_receipts = self._may_receipts_go()
                while self._may_send and self._window.is_open and await self._seal_some(with_receipts):
                    self.wake.publish.set()
            except StoreFault as fault:
                self._tell("store_failed", "error", error=fault.text)
            if not self._is_running:
                self.wake.publish.set()
                return
            await wait_for(self.wake.seal, RETRY if self._receipts_since is None else self._receipts_wait())

    async def _seal_some(self, with_receipts: bool) -> int:
        return await self.core.join(outbound.seal, self.core, with_receipts=with_receipts)

    def _may_receipts_go(self) -> bool:
        """Whether queued receipts are sealed now; what is queued after this waits anew."""
        if self._receipts_wait() > 0:
            return False
        self._receipts_since = None
        return True

    def _receipts_wait(self) -> float:
        """Seconds until queued receipts leave.

        A message never waits for company. A receipt waits a moment, so that one frame speaks of many messages: else
        every message would cost its sender a frame, a signature check and a commit for each of its readers.
        """
        if self._receipts_since is None or not self._is_running:
            return 0.0
        return max(0.0, RECEIPTS_AFTER - (asyncio.get_running_loop().time() - self._receipts_since))

    async def _wait_for_bundles(self) -> None:
        deadline = asyncio.get_running_loop().time() + BUNDLE_WAIT
        while self._is_running and asyncio.get_running_loop().time() < deadline:
            if await self.core.run(trust_sync.has_all_bundles, self.core) and self._has_heard_all():
                return
            await asyncio.sleep(0.05)

    def _has_heard_all(self) -> bool:
        """[E12] A state that does not know its own end first hears what the others hold of it."""
        if not self._settling.is_doubtful:
            return True
        core = self.core
        others = [code for code in core.world.trust.active_members() if code != core.member]
        return all(core.last_heard.get(code, 0) >= core.started_at for code in others)

    @property
    def _may_send(self) -> bool:
        return self.gateway.settled.is_set() and not self.gateway.in_use

    async def publish(self) -> None:
        """Publish sealed objects in their order until the own server has them."""
        while True:
            try:
                if self._may_send:
                    await self._publish_some()
            except (BusError, StoreFault) as error:
                self._tell("publish_failed", "warning", error=type(error).__name__)
                await asyncio.sleep(RETRY / 4)
            if not self._is_running:
                return
            await wait_for(self.wake.publish, RETRY)

    async def _publish_some(self) -> None:
        while rows := await self.core.beside(outbound.next_to_publish, self.core, PUBLISH_AT_ONCE, self._departed):
            self._window.saw(len(rows))
            self._echoes.expect(row.msg_id for row in rows if row.epoch_id is not None)
            last = self.core.positions.get(positions.OUTBOX)
            results = await self._publisher.publish_all(((row.subject, row.data, row.msg_id) for row in rows), last)
            acks = [(row, result) for row, result in zip(rows, results, strict=True) if isinstance(result, PubAck)]
            if acks:
                self._depart(acks)
            failed = next((result for result in results if isinstance(result, BusError)), None)
            if failed is not None:
                if isinstance(failed, PublishRefused) and failed.err_code == WRONG_LAST_SEQ:
                    await self._moved()
                    return
                if isinstance(failed, PublishRefused):
                    self._tell("publish_refused", "error", err_code=failed.err_code)
                raise failed
            if len(rows) < PUBLISH_AT_ONCE:
                break  # whoever commits more from here on wakes this loop
        if self._window.saw(0):
            self.wake.seal.set()

    def _depart(self, acks: list[tuple[Row[Any], PubAck]]) -> None:
        """The own server has these. The store is told with its next commit; until then we remember it."""
        place, duplicates = max(ack.seq for _, ack in acks), [row.n for row, ack in acks if ack.duplicate]
        rows = [row for row, _ in acks]
        numbers = [row.n for row in rows]
        if any(row.channel == subjects.ALL for row in rows):
            self.core.hearing.spoke(self.core.clock())
        self._departed.update(numbers)
        self.core.positions[positions.OUTBOX] = max(place, self.core.positions.get(positions.OUTBOX, 0))
        noted = self.core.ride(outbound.published, self.core, rows, place, duplicates)
        noted.add_done_callback(lambda _: self._noted(noted, numbers))

    def _noted(self, noted: "asyncio.Future[None]", numbers: list[int]) -> None:
        self._departed.difference_update(numbers)
        if not noted.cancelled() and noted.exception() is not None:
            self._tell("store_failed", "error", error=str(noted.exception()))
            self.wake.publish.set()  # once more: the own server knows them by their ids

    # -- heartbeats and everything that has its time

    async def beat(self) -> None:
        """[F11] A heartbeat every interval, and at once when what it says of our troubles changes."""
        interval = self.gateway.config.bus.heartbeat_seconds
        due = 0.0
        while self._is_running:
            now = asyncio.get_running_loop().time()
            faults = troubles(self.core)
            if self.gateway.started and self._may_send and (now >= due or faults != self._faults):
                self._faults = faults
                due = now + interval
                await self._beat_once()
            await wait_for(self.wake.beat, min(0.2, interval / 4))

    async def _beat_once(self) -> None:
        try:
            if await self.core.run(outbound.heartbeat, self.core):
                self.wake.publish.set()
        except StoreFault as fault:
            self._tell("store_failed", "error", error=fault.text)

    async def look(self) -> None:
        """Bundle, daily repetition, what waited for its time, silent peers, the own streams."""
        while self._is_running:
            try:
                await self._look_once()
            except StoreFault as fault:
                self._tell("store_failed", "error", error=fault.text)
            except ClockFault as fault:
                self._tell("clock_behind", "error", error=fault.text)
            except BusError as error:
                self._tell("bus_failed", "warning", error=type(error).__name__)
            except Fault as fault:
                self._tell("look_failed", "error", error=fault.text)
            await wait_for(self.wake.look, LOOK_EVERY)

    async def _look_once(self) -> None:
        await self.core.run(keep_signed, self.core)
        if not self.core.world.is_clock_back(self.core.clock()):
            made = await self.core.run(trust_sync.keep_bundle_fresh, self.core)
            repeated = await self.core.run(trust_sync.repeat_daily, self.core)
            effect = await self.core.run(inbound.judge_due, self.core)
            if made or repeated:
                self.wake.publish.set()
            self._follow(effect)
            if await self.core.run(trust_sync.release_parked, self.core):
                self.wake.all()
            await self.core.run(lifecycle.prove, self.core)
            await self.core.run(deadlines.look, self.core)
            await self.core.run(self._hear)
            self._follow(Effect(await self.core.run(self._asking.look), is_trust_new=False))
            await self._seek_lists()
        self.gateway.bus = await self._bus_state()

    async def _seek_lists(self) -> None:
        """A list that we lack may lie in our INBOX: it was refused because it came before the one before it ([T6])."""
        core, stream = self.core, f"INBOX_{self.core.member}"
        while core.is_list_lacking and self.bus.connected and self.gateway.settled.is_set():
            current, core.is_list_lacking = core.world.trust.current, False
            if current is None:
                return
            version = current.version + 1
            named = [subjects.hub(member.code, subjects.trust(version)) for member in current.members]
            found = await asyncio.gather(*(jsapi.last_for_subject(self.bus, stream, subject) for subject in named))
            batch = {each.data: each.subject for each in found if each is not None}
            if batch:
                await self._take_again([(subject, data) for data, subject in batch.items()], 0)
            core.is_list_lacking |= core.world.trust.version == version  # and the one after it

    def _hear(self) -> None:
        """[F11] Silence of two intervals is an alarm, once until the peer is heard again."""
        core, interval = self.core, int(self.gateway.config.bus.heartbeat_seconds * limits.SECOND)
        now = core.clock()
        others = [code for code in core.world.trust.active_members() if code != core.member]
        silent = {code for code in others if now - core.last_heard.get(code, core.started_at) > 2 * interval}
        for code in sorted(silent - self._silent):
            with core.transaction() as connection:
                core.alarm(connection, Alarm(SILENCE, code, message_id=str(core.last_heard.get(code, 0))))
        self._silent = silent

    async def _bus_state(self) -> BusState:
        if not self.bus.connected:
            return BusState(connected=False)
        member = self.core.member
        streams = {name: await self._info(name) for name in (f"OUTBOX_{member}", f"INBOX_{member}")}
        inbox = streams[f"INBOX_{member}"]
        self.core.again_after = again_after(streams[f"OUTBOX_{member}"])
        sources = (inbox or {}).get("sources") or []
        active = sources[0].get("active", -1) if sources else None
        seconds = None if active is None else active / 1e9 if active >= 0 else -1.0
        await self.gateway.catching_up.look(self.bus, inbox)
        present = {name: info is not None for name, info in streams.items()}
        line = await self._line.look(self.bus.server_id, seconds)
        return BusState(connected=True, source_active_seconds=seconds, streams=present, line=line)

    async def _info(self, name: str) -> jsapi.Json | None:
        try:
            return await jsapi.stream_info(self.bus, name)
        except BusError:
            return None

    def _tell(self, event: str, level: str, **facts: object) -> None:
        """Log a trouble, at most every 5 s each."""
        now = asyncio.get_running_loop().time()
        if now - self._told.get(event, -5.0) >= 5.0:
            self._told[event] = now
            self.core.hooks(Happened(at=self.core.clock(), event=event, level=level, facts=facts))
