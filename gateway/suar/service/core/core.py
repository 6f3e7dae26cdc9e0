"""The gateway's core: store, world and sender, all on one thread.

The event loop communicates with NATS and HTTP and submits jobs to the core; the core never waits for a network. Every
change is made in `transaction`: store and world change together, and after a failed commit both are reloaded from disk.
The steps of a message share a commit with other jobs of that moment (`run_in_group`, see group_commit.py).
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.observe.alarms import about, is_event
from suar.observe.hooks import AlarmRaised, Happened, Hooks, Record
from suar.observe.passed_over import PassedOver
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.recent import Recent
from suar.protocol.base.subjects import ALL
from suar.protocol.privacy.memo import Unprepared
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.sender import HeadRotation, Identity, Sender
from suar.protocol.transport.world import Changes, World
from suar.service.core import altered_rows
from suar.service.core.active_keys import ActiveKeys, active_keys, reinstated
from suar.service.core.audit_cursor import TITLES_MAX, AuditCursor, AuditSalts, RecentActs
from suar.service.core.claims import ClaimQuota, claimed_epoch
from suar.service.core.due import EVERY, Due
from suar.service.core.group_commit import GroupCommit
from suar.service.core.observations import MAX_CHECK_GAP_MS, Observations
from suar.service.core.own_streams import Echo, ReturnedObjects, SealedRows, StreamPositions
from suar.service.core.reading_policy import Readers
from suar.service.core.request_quota import RequestQuota
from suar.service.core.seams import Clock, FaultPoints, is_thread_checked
from suar.service.core.status import OutboxView, Status, Views, frozen_copy
from suar.service.core.thread_affinity import Owned, Owner
from suar.service.settings.config import Config
from suar.service.settings.disk_space import DiskSpace
from suar.service.settings.hardware_key import HardwareKey, Module
from suar.service.settings.integrity import Integrity
from suar.service.settings.keyring import Keyring
from suar.service.settings.outbox_capacity import OutboxCapacity
from suar.store.engine.database import Database, StoreFault
from suar.store.engine.vault import Vault
from suar.store.inbound import incidents
from suar.store.inbound.held_frames import FrameNumber
from suar.store.inbound.world_loading import load_world
from suar.store.inbound.world_rows import HeldRows, save_changes
from suar.store.messages.opened_texts import PAGES, OpenedTexts
from suar.store.outbound import own_heads, recalls
from suar.store.outbound.queue import Accepted
from suar.store.people import access, legal_holds
from suar.store.recovery import positions

YIELD_SECONDS: Final = 0.002
"""Longest wait of one row of a list for the core, in seconds; two seconds for a thousand rows."""
P = ParamSpec("P")
T = TypeVar("T")
HoldNotes = dict[str, str | None]
CHECKERS: Final = 2
"""Number of threads that check drafts with a table (draft_check_pool.py); a caller uses one at a time."""
SHORT_CHECKERS: Final = 1
"""Number of threads that check other drafts and cancels: these never wait for a table."""


class Core:
    """One gateway's state. Its methods run on the core's thread: call them through `run`. Others read `status`."""

    world: Owned[World] = Owned()
    sender: Owned[Sender] = Owned()
    observations: Owned[Observations] = Owned()
    last_heard: Owned[dict[str, int]] = Owned()
    outbox_capacity: Owned[OutboxCapacity] = Owned()
    due: Owned[Due] = Owned()
    is_evidence_full: bool = False  # the folder of evidence has no room for what is to be written
    passed_over: tuple[PassedOver, ...] = ()  # objects of ours that hubs did not return
    known_until: int | None = None  # the highest time that the state knew when this process loaded it
    holds_open_since: int | None = None  # after a restore (ms), until two persons confirm the legal holds in force

    def __init__(
        self, config: Config, keyring: Keyring, database: Database, hooks: Hooks, clock: Clock, faults: FaultPoints
    ) -> None:
        self.owner = Owner(is_checked=is_thread_checked())
        self.config, self.keyring, self.database = config, keyring, database
        self.module = Module.of(config.hsm, config.folder)
        database.guard(lambda: self.owner.check("the store"), self.owner.check_reading)
        self.hooks, self.clock, self.faults = hooks, clock, faults
        self.member, self.readers = config.member.code, Readers(config.member.code)
        self.vault = Vault(keyring.store_key)
        self.integrity = Integrity(config.folder, keyring, database)
        self.draw = Draw(keyring.gate_key)
        self.audit = AuditCursor(keyring.audit)
        self.recent_acts, self.recent_titles = RecentActs(), RecentActs(TITLES_MAX)
        self.audit_salts = AuditSalts(self.vault)
        self.opened_texts, self.pages, self.listed_texts = OpenedTexts(), OpenedTexts(PAGES), OpenedTexts()
        self.started_at = clock()
        self.silent_after = int(2 * config.bus.heartbeat_seconds * limits.SECOND)
        self.last_heard = {}
        self.observations = Observations()
        self.outbox_capacity = OutboxCapacity()
        self.due = Due()
        # rows that any thread found: altered messages, those that this version cannot read, and those of `outbox` and
        # `waiting` that somebody else wrote
        self.suspects, self.unreadable, self.strange_objects, self.strange_waiting = (set[int]() for _ in range(4))
        self.recalled: dict[str, int] = {}  # ids of messages of others, by the revision that cancelled them
        # ids under a legal hold, by the note about it; `sealed`: recalled texts under offline keys alone
        self.held_by_law, self.sealed_by_law = HoldNotes(), HoldNotes()
        # frames whose messages were found missing; own messages that were, and whether reported: see store_checks.py
        self.lost, self.lost_own = set[FrameNumber](), dict[tuple[str, int], bool]()
        self.stream_positions, self.sealed_rows, self.echo = StreamPositions(), SealedRows(), Echo(config.bus.links)
        self.request_quota, self.claim_quota, self.returned = RequestQuota(), ClaimQuota(), ReturnedObjects()
        self.head_rotation = HeadRotation()
        self.refused_epochs = Recent()
        self.restored_at: int | None = None
        self.has_draft_checks = (
            False  # whether drafts are checked on worker threads before the core sees them: in a running gateway
        )
        self.status: Status  # as of the last commit, for every thread
        self._may_seal: Callable[[], bool] = bool
        self._store_fault: str | None = None
        self._disk = DiskSpace(config.folder)
        self._views = Views()
        self._accepted: list[Accepted] = []  # what the open transaction accepted from users and has not sealed
        self._held = HeldRows(self.vault)
        self._verified: set[bytes] = set()  # epochs of the store whose signatures this process has verified
        self._open: Connection | None = None  # the open transaction
        self._before_commit: list[Callable[[Core], object]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._records: list[Record] = []
        self._is_stale = True
        self._idle = Event()  # nothing is written
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="core", initializer=self.owner.begin)
        self.verifier = ThreadPoolExecutor(1, thread_name_prefix="verify")  # the other half of the core's signatures
        self.checkers = ThreadPoolExecutor(CHECKERS + SHORT_CHECKERS, thread_name_prefix="check")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._group = GroupCommit(self, self._thread)
        self.active_keys: ActiveKeys

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` alone on the core's thread and wait for it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))

    async def run_in_group(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in one transaction with the jobs of other callers; returns after the commit.

        Only for functions that change store and world through `transaction` and may be repeated when it fails.
        """
        result: T = await self._group.run_in_group(lambda: function(*args, **kwargs))
        return result

    def submit(self, future: "asyncio.Future[T]", function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
        """The same for a thread without an event loop: resolves `future` on its own loop after the commit."""
        self._group.submit(lambda: function(*args, **kwargs), future)

    def run_deferred(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
        """The same with the next commit of another job, or after DEFER_SECONDS: for changes that a crash may undo."""
        return self._group.run_deferred(lambda: function(*args, **kwargs))

    async def run_read_only(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function`, which reads committed rows and `status`, on the reader thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, lambda: function(*args, **kwargs))

    def yield_to_writer(self) -> None:
        """Wait briefly while the core writes; called before each row of a long list."""
        if not self._idle.is_set():
            self._idle.wait(YIELD_SECONDS)

    def pause_between_reads(self) -> None:
        """Pause between parts of a long reading that nobody waits for."""
        time.sleep(YIELD_SECONDS)
        self._idle.wait(YIELD_SECONDS)

    def close(self) -> None:
        """End the threads and close the store."""
        self._thread.shutdown(wait=True)
        self.verifier.shutdown(wait=True)
        self._reader.shutdown(wait=True)
        self.checkers.shutdown(wait=True, cancel_futures=True)
        self.owner.end()
        self.database.close()

    # -- transactions

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Change store and world together; a nested call joins the open transaction.

        Raises StoreFault when the store cannot commit: then neither store nor memory has changed. Listeners are
        notified after the commit. A request that is refused before it changed anything keeps the world in memory.
        """
        self.owner.check("the store")
        if self._open is not None:
            yield self._open
            return
        steps, kept = 0, self.stream_positions.kept
        self._idle.clear()
        try:
            self.integrity.require_unaltered()
            if self._is_stale:
                self.load()
            steps, kept = self.sender.steps, self.stream_positions.kept
            with self.database.begin() as self._open:
                self._held.attach(self._open)
                yield self._open
                changes = self._finish(self._open)
        except BaseException as error:
            self._is_stale = self._is_stale or not self._is_unchanged(error, steps)  # [T11] else as the store has it
            self.stream_positions.restore(kept)
            self.vault.numbers.forget()
            self.due.note_statements()
            self._note_fault(error)
            if isinstance(error, OSError):
                raise StoreFault(
                    f"the store {self.database.display_name} failed: {error.strerror}", "make room on its disk"
                ) from error
            raise
        else:
            self._store_fault = None
            self._views.apply_commit(self.world, changes.epochs, changes.chains)
            self.due.alarms.note_changes(changes)
            self.publish_status()
            self._emit_records()
        finally:
            self._open = None
            self._idle.set()
            self._before_commit, self._after_commit, self._records = [], [], []
            self._accepted = []

    def _is_unchanged(self, error: BaseException, steps: int) -> bool:
        """Whether a refused request changed nothing in memory; a reload would close the open epochs."""
        is_refusal = type(error) in (Refused, Invalid, Fault, Unprepared)
        return is_refusal and self.sender.steps == steps and self.world.changes == Changes()

    def _finish(self, connection: Connection) -> Changes:
        for step in self._before_commit:
            step(self)
        if self._held.altered:
            altered_rows.note(self, connection, [altered_rows.frame(each) for each in self._held.altered])
        changes = self.world.pop_changes()
        if changes.lists:
            altered_rows.keep_pin(self)
        save_changes(connection, changes, self.clock(), self.vault)
        return changes

    def run_jobs(self, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run jobs in one transaction, up to one that requires a reload of the world; returns their results."""
        results = []
        with self.transaction():
            for job in jobs:
                results.append(job())
                if self._is_stale:
                    break
        return results

    def run_before_commit(self, step: "Callable[[Core], object]") -> None:
        """Run `step` at the end of the open transaction, once, however often it is requested."""
        if step not in self._before_commit:
            self._before_commit.append(step)

    @property
    def is_reload_pending(self) -> bool:
        """Whether the next transaction reloads the world from the store; then nothing is sealed in this one."""
        return self._is_stale

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is open; readers wait for its end, for a short time."""
        return not self._idle.is_set()

    def note_destroyed(self) -> None:
        """Record that the open transaction destroys or hides a text: no cache in memory has it after the commit."""
        self.due.note_destroyed()
        self.run_after_commit(self.opened_texts.clear)
        self.run_after_commit(self.pages.clear)
        self.run_after_commit(self.listed_texts.clear)

    def request_reload(self) -> None:
        """Let the next transaction reload the world from the store."""
        self._is_stale = True

    def run_after_commit(self, step: Callable[[], None]) -> None:
        """Run `step` after the open transaction is committed."""
        self._after_commit.append(step)

    def load_to_examine(self) -> None:
        """Read what stored messages are compared with, and nothing else; changes nothing. Raises Fault, StoreFault."""
        with self.database.reading() as connection:
            self.vault.numbers.load(connection, is_kept=False)
            self._load_recalls_and_holds(connection)

    def _load_recalls_and_holds(self, connection: Connection) -> None:
        self.recalled |= recalls.load(connection)
        self.holds_open_since = positions.holds_open(connection)
        notes, sealed = legal_holds.notes(connection, self.vault), legal_holds.with_sealed_texts(connection)
        self.held_by_law = {id_: note for id_, note in notes.items() if id_ not in sealed}
        self.sealed_by_law = {id_: note for id_, note in notes.items() if id_ in sealed}

    def load(self) -> None:
        """Load world and sender from the store, verified the first time; open epochs are lost ([E11])."""
        now = self.clock()
        if not self.integrity.is_open:
            self.integrity.open()
            self.audit = AuditCursor(self.keyring.audit or self.integrity.audit)  # the chain is followed from here
            if self.integrity.audit_finding is not None:
                self.audit.mark_broken(self.integrity.audit_finding)
        with self.database.begin() as connection:
            world = World(self.federation, self.member, self._held, altered_rows.pin_of(self, connection))
            altered = load_world(connection, world, self.vault, now, self._verified)
            self.last_heard = {row.member: row.at for row in incidents.heartbeats(connection)} | self.last_heard
            self.sender = self._make_sender(world)
            self.stream_positions.load(positions.load(connection))
            self.vault.numbers.load(connection)
            self.restored_at = positions.restored(connection)
            self.due.reset_after_load(incidents.earliest_wait(connection))
            for realm, channel, link, not_before in own_heads.load(connection, self.sender.identity.kid):
                self.sender.resume(realm, channel, link, not_before)
            self.world = world
            if self.known_until is None:
                self.known_until = world.highest_time
            altered_rows.adopt_pin(self, connection)
            altered_rows.note(self, connection, altered)
            self.integrity.verify_loaded(connection, self.vault, [(each.table, each.key) for each in altered], now)
            self._load_recalls_and_holds(connection)
            self.suspects.update(recalls.find_reappeared(connection))
        self.integrity.note_loaded()
        self._is_stale = False
        if any(each.table == "trust_list" for each in altered):
            self.due.mark_list_missing()
        self.active_keys = active_keys(world)
        self._views.apply_commit(world, {}, {})
        self.publish_status()

    def _make_sender(self, world: World) -> Sender:
        """Return a sender with the newest identity key that the trust list has and that is not revoked."""
        listed = world.trust.member(self.member)
        if listed and any(self.keyring.find(key.kid) is None for key in listed.keys):
            self.keyring.reload_identities()  # a command may have written it meanwhile
        known = [i for i in self.keyring.identities if world.trust.owner(i.kid) and not world.trust.is_revoked(i.kid)]
        identity = (known or self.keyring.identities)[-1]
        terms = self.config.limits
        return Sender(
            Identity(identity.signer(self.module)), int(terms.epoch_seconds * limits.SECOND),
            rotates_at_once=terms.rotate_at_once, rotation=self.head_rotation,
        )  # fmt: skip

    @property
    def key_away(self) -> str | None:
        """Why the hardware module with our identity key does not answer; None where it does. For any thread."""
        return self.module.away if self.module is not None else None

    def check_key(self) -> bool:
        """Look whether the hardware module with our identity key answers; True without one. For any thread."""
        found = self.keyring.find(self.status.signs)
        if self.module is None or found is None or not isinstance(found.key, HardwareKey):
            return True
        return self.module.check(found.key)

    def suspect_rows(self, *numbers: int) -> None:
        """Record rows of messages that were found altered, until they are judged again. May be called on any thread."""
        self.suspects.update(numbers)

    def clear_suspects(self, judged: Iterable[int]) -> None:
        """Record that these rows were judged again, once the open transaction is committed."""
        self.run_after_commit(lambda: self.suspects.difference_update(judged))

    def note_unreadable(self, number: int) -> None:
        """Record the row of a message that this version cannot read. May be called on any thread."""
        self.unreadable.add(number)

    def forget_unreadable(self, number: int) -> None:
        """Record that the message of this row is not in force, or readable. May be called on any thread."""
        self.unreadable.discard(number)

    def record_strange(self, *, objects: Iterable[int] = (), waiting: Iterable[int] = ()) -> None:
        """Record rows of `outbox` and `waiting` that this gateway did not write. May be called on any thread."""
        self.strange_objects.update(objects)
        self.strange_waiting.update(waiting)

    def clear_strange(self, *, objects: Sequence[int] = (), waiting: Sequence[int] = ()) -> None:
        """Record that these rows were removed, once the open transaction is committed."""
        self.run_after_commit(lambda: self.strange_objects.difference_update(objects))
        self.run_after_commit(lambda: self.strange_waiting.difference_update(waiting))

    def record_lost(self, frames: Iterable[FrameNumber]) -> None:
        """Record frames whose messages are missing, until they are requested. May be called on any thread."""
        self.lost.update(frames)

    def clear_lost(self, requested: Iterable[FrameNumber]) -> None:
        """Record that these frames were requested again, once the open transaction is committed."""
        self.run_after_commit(lambda: self.lost.difference_update(requested))

    def record_lost_own(self, messages: Iterable[tuple[str, int]], most: int) -> None:
        """Record own messages (id, revision) that are gone, at most `most` in all. May be called on any thread."""
        fresh = [each for each in messages if each not in self.lost_own]
        self.lost_own.update(dict.fromkeys(fresh[: most - len(self.lost_own)], False))

    def clear_lost_own(self, reported: Iterable[tuple[str, int]]) -> None:
        """Record that these own messages were reported, once the open transaction is committed."""
        self.run_after_commit(lambda: self.lost_own.update(dict.fromkeys(reported, True)))

    def record_recall(self, id_: str, below: int) -> None:
        """Record that a message is recalled below that revision, once the open transaction is committed."""
        self.run_after_commit(lambda: self.recalled.update({id_: below}))

    def record_hold(self, id_: str, note: str | None) -> None:
        """Record the note about the legal hold of a message, once the open transaction is committed."""

        def record() -> None:
            known = self.sealed_by_law if id_ in self.sealed_by_law else self.held_by_law
            known[id_] = note

        self.run_after_commit(record)

    def record_sealed_hold(self, id_: str) -> None:
        """Record that the held texts of a message are under offline keys alone, once the transaction is committed."""

        def record() -> None:
            if id_ in self.held_by_law:
                self.sealed_by_law[id_] = self.held_by_law.pop(id_)

        self.run_after_commit(record)

    def end_hold(self, id_: str) -> None:
        """Record that a message is under no legal hold, once the open transaction is committed."""

        def record() -> None:
            self.held_by_law.pop(id_, None)
            self.sealed_by_law.pop(id_, None)

        self.run_after_commit(record)

    def close_holds(self) -> None:
        """Record that the legal holds in force were confirmed after the restore."""
        self.holds_open_since = None

    def note_evidence_folder(self, *, is_full: bool) -> None:
        """Record whether the folder of evidence has no room for what is to be written."""
        self.is_evidence_full = is_full

    def note_passed_over(self, found: tuple[PassedOver, ...]) -> None:
        """Record which objects of ours the hubs did not return. For the event loop."""
        self.passed_over = found

    def renew_sender(self) -> None:
        """Reload after a new trust list if another identity key of ours is valid now."""
        if self._make_sender(self.world).identity.kid != self.sender.identity.kid:
            self.request_reload()  # the next transaction resumes the other key's chains

    def reinstated_members(self) -> set[str]:
        """Return the members that a change of trust made active again, or that lost a key; in its transaction."""
        self.refused_epochs.clear()  # another list may lead to another judgement
        before, self.active_keys = self.active_keys, active_keys(self.world)
        found = reinstated(before, self.active_keys)
        self.observations.record_reinstated(found, self.clock())
        return found

    def clamp_times(self, now: int) -> None:
        """Limit remembered times to `now` after a clock that ran ahead, so that intervals end in time."""
        self.started_at = min(self.started_at, now)
        self.last_heard = {code: min(at, now) for code, at in self.last_heard.items()}
        self.observations.clamp_times(now)
        self.due.alarms.note(EVERY)

    @property
    def federation(self) -> str:
        """Return the federation's name, from the settings or from the member's creation."""
        name = self.config.federation.name or self.keyring.federation
        if not name:
            raise Fault("the federation's name is not set", f"set [federation] name in {self.config.file}")
        return name

    @property
    def server(self) -> str:
        """Return the addresses of the own NATS server, for the log."""
        return ", ".join(self.config.bus.urls)

    def record_position(self, connection: Connection, name: str, number: int) -> None:
        """[E12] Record in the caller's transaction that the own stream `name` is known up to `number`."""
        if self.stream_positions.record(name, number):
            positions.put(connection, name, number)

    def set_position(self, connection: Connection, name: str, number: int) -> None:
        """[E12] Record the same after a comparison with the stream, whose numbers may have restarted."""
        self.stream_positions.reset_to(name, number)
        positions.put(connection, name, number)

    # -- state that other modules decide

    def mark_reconciled(self) -> None:
        """[E12] Record that a restored state was compared with its streams."""
        self.restored_at = None
        self.publish_status()

    def enable_draft_checks(self) -> None:
        """Let worker threads check drafts first from now on; the core then only looks up the results."""
        self.has_draft_checks = True

    def enable_immediate_sealing(self, may_seal: Callable[[], bool]) -> None:
        """Seal accepted messages in the same transaction from now on, while `may_seal` returns True."""
        self._may_seal = may_seal

    def seal_in_transaction(self, accepted: Sequence[Accepted], seal: "Callable[[Core], object]") -> bool:
        """Seal these with `seal` at the end of the transaction; returns False when nothing may be sealed now."""
        if not accepted or not self._may_seal():
            return False
        self._accepted += accepted
        self.run_before_commit(seal)
        return True

    def pop_accepted(self) -> list[Accepted]:
        """Return and clear the messages that this transaction accepted and has not sealed."""
        accepted, self._accepted = self._accepted, []
        return accepted

    def record_listening(
        self, is_listening: bool, now: int, patience: int = MAX_CHECK_GAP_MS, received_until: int | None = None
    ) -> None:
        """Record whether objects from the hub reach us at this check; see observations.py."""
        self.observations.record_listening(is_listening, now, patience, received_until)
        self.publish_status()

    def record_heartbeat(self, member: str, sent: int, now: int) -> None:
        """Record a heartbeat that the member dated `sent` (ms)."""
        self.last_heard[member] = now
        self.observations.record_heartbeat(member, sent, now)

    # -- records, delivered after the commit

    def queue_record(self, record: Record) -> None:
        """Queue a record for the listeners, which receive it after the commit."""
        self._records.append(record)

    def _emit_records(self) -> None:
        self.hooks.pass_on(self._records)
        for step in self._after_commit:
            step()

    def log_event(self, event: str, level: str = "info", **facts: object) -> None:
        """Queue a log event; only ids, codes and numbers."""
        self.queue_record(Happened(at=self.clock(), event=event, level=level, facts=dict(facts)))

    def raise_alarm(self, connection: Connection, alarm: Alarm, evidence: bytes = b"") -> None:
        """Store an alarm with the object that raised it and report it; a repeated alarm is only counted."""
        now, claimed = self.clock(), claimed_epoch(self.world, alarm)
        if claimed is not None and incidents.extend_alarm(connection, alarm, now):
            self.due.alarms.note_raised(alarm, is_counted=False)
            return
        kept = altered_rows.without_recalled(self, evidence)
        whom = about(alarm.name, alarm.member, alarm.message_id)
        is_new = incidents.raise_alarm(connection, alarm, kept, now, is_event=is_event(alarm))
        self.due.alarms.note_raised(alarm, is_counted=not is_new)
        if is_new:
            access.note(
                connection, access.GATEWAY, "alarm", f"{alarm.name} {alarm.member} {alarm.message_id}".strip(), now
            )
            self.queue_record(
                AlarmRaised(
                    at=now, name=alarm.name, member=whom, first=alarm.first, last=alarm.last,
                    epoch_id=alarm.epoch_id.hex(), message_id=alarm.message_id,
                    claimed_of=claimed.epoch.sender if claimed is not None else "",
                )
            )  # fmt: skip

    def _note_fault(self, error: BaseException) -> None:
        if isinstance(error, StoreFault | OSError):
            self._store_fault = str(error)
            self.observations.record_store_failure(error, self.clock())
            self.publish_status()

    # -- status for other threads

    def publish_status(self) -> None:
        """Publish the status; before a reload it is the last committed one with current observations."""
        self.status = replace(self.status, **self._memory_status()) if self._is_stale else self.build_status()

    def build_status(self) -> Status:
        """Return the current status, including uncommitted changes; epochs are as of the last commit."""
        world, chains = self.world, self.sender.chains
        own = ((realm, chains.get((realm, ALL))) for realm in (ACTUAL, EXERCISE))
        return Status(
            member=self.member, trust=self._views.trust(world.trust), bundles=self._views.bundles(world),
            epochs=self._views.epochs, signs=self.sender.identity.kid, has_chains=bool(chains),
            epochs_begin=max((chain.not_before for chain in chains.values()), default=0),
            ends=tuple((realm, chain.end) for realm, chain in own if chain is not None),
            started_at=self.started_at, restored_at=self.restored_at, highest_time=world.highest_time,
            time_waits=frozen_copy(world.time_waits), silent_after=self.silent_after,
            queued=self.due.queued, audit_broken=self.audit.broken, **self._memory_status(),
        )  # fmt: skip

    def _memory_status(self) -> dict[str, Any]:
        """Return the fields of the status that are kept in memory only."""
        observed, room = self.observations, self.outbox_capacity
        return {
            "last_heard": frozen_copy(self.last_heard), "offsets": frozen_copy(observed.offsets),
            "named": MappingProxyType(dict(observed.named)),
            "listening_since": observed.listening_since, "expected_since": frozen_copy(observed.expected_since),
            "received_until": observed.received_until,
            "store_fault": self._store_fault,
            "store_failed_at": observed.failed_at, "has_no_room": observed.has_no_room,
            "outbox": OutboxView(room.held, room.limit, room.is_ordinary_blocked), "disk_free": self._disk.free(),
            "is_list_missing": self.due.is_list_missing,
        }  # fmt: skip
