"""The periodic tasks: work that is due, and the state of the own streams and of the link to the hub."""

import asyncio
from typing import Final

from suar.bus import jsapi
from suar.bus.errors import STREAM_NOT_FOUND, ApiError, BusError
from suar.observe.hooks import Happened
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.trust.trustlist import TrustList
from suar.service.core import altered_rows
from suar.service.custody import holds, retention
from suar.service.custody.evidence_files import EvidenceFiles
from suar.service.gaps import ends
from suar.service.gaps.requesting import RequestLoop, resend_interval
from suar.service.gaps.suspension_backlog import SuspensionBacklog
from suar.service.notify import deadlines
from suar.service.pacing.wake import wait_for
from suar.service.process.background.link_watch import LinkWatch
from suar.service.process.background.silence import SilenceWatch
from suar.service.process.running import CHECK_EVERY, LoopContext
from suar.service.receive import inbound, poison, recall, store_checks
from suar.service.receive.batch import Effect
from suar.service.receive.inbound import ClockFault
from suar.service.status.auditing import sign_due
from suar.service.status.hub_link import QUIET
from suar.service.status.snapshot import BusState
from suar.service.trust import trust_sync
from suar.store.engine.database import StoreFault
from suar.store.outbound import outbox

VERIFY_EVERY: Final = 10.0  # seconds
KEY_EVERY: Final = 5.0  # seconds


class PeriodicTasks:
    """The tasks that a running gateway performs every second."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self._ready = run, run.ready
        self.core, self.bus, self.wake = run.core, run.bus, run.wake
        self._silence = SilenceWatch(run.core)
        self._sign_at = 0  # ms: last activity of the stream from the hub
        self._links = LinkWatch(run)
        self._asking = RequestLoop(run.core)
        self._suspension_backlog = SuspensionBacklog(run.core)
        self._verify_at = 0.0  # when rows of the store are verified next, by the loop's clock
        self._retention = retention.Daily(run.core)
        self._evidence_files = EvidenceFiles(run.core)
        self._key_at = 0.0  # when the hardware module is looked at next, by the loop's clock
        self._altered: str | None = None  # what was reported about it
        self._walk, self._frames = store_checks.Walk(run.core), store_checks.FrameWalk(run.core)
        self._sent = store_checks.SentWalk(run.core)

    async def run(self) -> None:
        """Once a second: bundle, daily repetition, due work, silent peers, and the state of the own streams."""
        await self.core.run(self._watch)
        while self._run.is_running:
            try:
                await self._run_once()
            except StoreFault as fault:
                self._run.log_fault("store_failed", "error", error=fault.text)
            except ClockFault as fault:
                self._run.log_fault("clock_behind", "error", error=fault.text)
            except BusError as error:
                self._run.log_fault("bus_failed", "warning", error_type=type(error).__name__, server=self.core.server)
            except Fault as fault:
                self._run.log_fault("look_failed", "error", error=fault.text)
            await wait_for(self.wake.periodic, CHECK_EVERY)

    async def _run_once(self) -> None:
        await self._check_key()
        await self._verify()
        await self.core.run(sign_due, self.core)
        if not self.core.status.is_clock_back(self.core.clock()):
            await self.core.run_read_only(self._check_store)
            await self._run_together()
            self._run.apply_effect(await self.core.run(poison.guarded, inbound.judge_due, self.core))
            await self._retention.run_due()
            await self._evidence_files.run_due()
            requested, owed = await self.core.run(self._run_separately)
            self._run.apply_effect(Effect(requested, is_trust_new=False))
            if owed:
                self.wake.seal.set()
            await self._request_lists()
        self._ready.bus = await self._bus_state()
        may_send = await self._run.pace.check()
        await self._run.put_back_watch.check()
        if may_send:
            self.wake.wake_outbound()
            self.wake.beat.set()
        self.core.note_passed_over(self._run.return_order.passed_over(self.core.clock(), self._links.standing))
        await self._links.raise_alarms()

    def _check_store(self) -> None:
        self._walk.step()
        self._frames.step()
        self._sent.step()

    async def _run_together(self) -> None:
        """Run tasks that are rarely due in one transaction: each of its own would cost a commit every second."""
        jobs = (
            trust_sync.keep_bundle_fresh, trust_sync.repeat_daily, trust_sync.release_parked, store_checks.settle,
            store_checks.ask_again, holds.end_over, deadlines.process_due, ends.end_resolved,
            store_checks.report_lost, altered_rows.withdraw_objects, altered_rows.remove_strange_waiting,
        )  # fmt: skip
        done = await asyncio.gather(*(self.core.run_in_group(job, self.core) for job in jobs))
        made, repeated, released, _, requested, *_ = done
        if made or repeated:
            self.wake.publish.set()
        if released:
            self.wake.wake_all()
        if requested:
            self.wake.seal.set()

    def _run_separately(self) -> tuple[int, int]:
        """Run the tasks that cannot share a transaction; returns how many receipts and owed messages were queued."""
        recall.purge_log(self.core)
        self._run.uses.keep()
        self._run.agency_texts.keep()
        self._silence.check(self._sign_at, is_receiving=self._is_receiving())
        return self._asking.run_due(), self._suspension_backlog.run_due()

    async def _check_key(self) -> None:
        """Look at the hardware module with the identity key, in a thread, since one that is away answers late."""
        now = asyncio.get_running_loop().time()
        if self.core.module is None or now < self._key_at:
            return
        self._key_at, before = now + KEY_EVERY, self.core.key_away
        if await asyncio.to_thread(self.core.check_key) and before is not None:
            self.wake.wake_all()
        if self.core.key_away != before:
            event, level = ("key_back", "info") if self.core.key_away is None else ("key_away", "error")
            self.core.hooks(Happened(at=self.core.clock(), event=event, level=level, facts={}))

    async def _verify(self) -> None:
        """Verify a few tables of the store from time to time, in parallel with other work."""
        now, core = asyncio.get_running_loop().time(), self.core
        if now >= self._verify_at:
            self._verify_at = now + VERIFY_EVERY
            await asyncio.to_thread(core.integrity.verify_next, core.clock(), core.pause_between_reads)
            await core.run_read_only(store_checks.find_returned, core)
            await core.run_read_only(store_checks.find_strange, core)
        finding = core.integrity.finding
        if finding is not None and finding != self._altered:
            self._altered = finding
            self._run.log_fault("store_altered", "error", finding=finding)

    async def _request_lists(self) -> None:
        """Judge a missing trust list from our INBOX: it was refused when it arrived before its predecessor ([T6])."""
        core, streams = self.core, [link.inbox(self.core.member) for link in self.core.config.bus.links]
        while core.status.is_list_missing and self.bus.is_connected and self._ready.settled.is_set():
            current = await core.run(self._request_list)
            if current is None:
                return
            version = current.version + 1
            named = [subjects.hub(member.code, subjects.trust(version)) for member in current.members]
            wanted = [(stream, subject) for stream in streams for subject in named]
            found = await asyncio.gather(*(jsapi.last_for_subject(self.bus, *each) for each in wanted))
            batch = {each.data: each.subject for each in found if each is not None}
            if batch:
                again = [(subject, data) for data, subject in batch.items()]
                await self._run.judge_again(again, 0, core.config.bus.links[0])
            await core.run(self._request_next, version)

    def _request_list(self) -> TrustList | None:
        """Return the trust list in force, whose successor is searched for."""
        self.core.due.mark_list_requested()
        self.core.publish_status()
        return self.core.world.trust.current

    def _request_next(self, version: int) -> None:
        """Search for the next list too, if the list of that version is now in force."""
        if self.core.world.trust.version == version:
            self.core.due.mark_list_missing()
            self.core.publish_status()

    def _watch(self) -> None:
        self.core.outbox_capacity.enable()

    def _is_receiving(self) -> bool:
        """Whether objects of other members reach us now: from the hub to our server, and from there to the core."""
        active = self._ready.bus.source_active_seconds
        is_whole = self.bus.is_connected and self._ready.bus.is_connected and self._ready.settled.is_set()
        return is_whole and active is not None and 0 <= active < QUIET and not self._run.catching_up.now.is_catching_up

    async def _bus_state(self) -> BusState:
        failed = self.bus.read_failed
        unread = (failed.text, int(failed.at * 1000)) if failed else ("", 0)
        if not self.bus.is_connected:
            self._links.disconnected()
            return BusState(is_connected=False, read_failed=unread[0], read_failed_at=unread[1])
        member = self.core.member
        backlog, taken = await self.core.run(
            self._backlog
        )  # read before the stream's state, so that the sum is too large rather than too small
        names = {link: link.inbox(member) for link in self.core.config.bus.links}
        self._run.catching_up.begin_update(names)
        streams = {name: await self._stream_info(name) for name in (f"OUTBOX_{member}", *names.values())}
        inboxes = {link: streams[name] or None for link, name in names.items()}
        outbox_info = streams[f"OUTBOX_{member}"] or None
        await self.core.run(self._update_outbox, outbox_info, backlog, taken)
        whole = await self._links.update(inboxes)
        seconds = whole.active
        if seconds is not None and seconds >= 0:
            self._sign_at = self.core.clock() - round(seconds * limits.SECOND)
        await self._run.catching_up.update(self.bus, self._links.of_standing(inboxes))
        room = {name: size for name, info in streams.items() if info and (size := jsapi.bytes_and_limit(info))}
        present = {name: bool(info) for name, info in streams.items() if info is not None}
        return BusState(
            is_connected=True, source_active_seconds=seconds, streams=present, link=whole.probed, stream_room=room,
            read_failed=unread[0], read_failed_at=unread[1], hubs=self._links.seen(),
        )  # fmt: skip

    def _backlog(self) -> tuple[int, int]:
        with self.core.transaction() as connection:
            return outbox.backlog(connection), self.core.outbox_capacity.taken

    def _update_outbox(self, info: jsapi.Json | None, backlog: int, taken: int) -> None:
        """Record how full OUTBOX is; logs once when it begins to refuse messages."""
        if info is None:
            return
        room = self.core.outbox_capacity
        room.set_resend_interval(resend_interval(info, room.again_after))
        before = room.is_resend_blocked, room.is_ordinary_blocked
        held, limit = int(info["state"]["bytes"]), int(info["config"].get("max_bytes", -1))
        room.update(held, limit, backlog, taken)
        self.core.publish_status()
        if (room.is_resend_blocked, room.is_ordinary_blocked) > before:
            facts = {"held": held, "limit": limit, "stops_ordinary": room.is_ordinary_blocked}
            self.core.hooks(Happened(at=self.core.clock(), event="outbox_fills", level="warning", facts=facts))

    async def _stream_info(self, name: str) -> jsapi.Json | None:
        """Return the stream's state; empty if the stream does not exist, None if the server does not answer."""
        try:
            return await jsapi.stream_info(self.bus, name)
        except ApiError as error:
            return {} if error.err_code == STREAM_NOT_FOUND else None
        except BusError:
            return None
