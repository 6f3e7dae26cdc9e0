"""The way in: a batch of objects judged in order and committed in one transaction, then acknowledged.

Signatures are checked first, on two cores (signatures.py); everything else needs the world and runs on the core's
thread. What waits is committed too and judged again, in the same transaction, the moment what it waits for arrives.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.observe.hooks import HeartbeatSeen, MessageReceived, MessageRefused, ObjectJudged
from suar.protocol import frame as frames
from suar.protocol import limits, outcome, subjects
from suar.protocol.admission import admit
from suar.protocol.errors import CODES, Fault, Refused
from suar.protocol.frame import Verified
from suar.protocol.heartbeat import Heartbeat
from suar.protocol.kinds import Entry, Receipt
from suar.protocol.messages import kind_of
from suar.protocol.outcome import Alarm, Outcome
from suar.protocol.primitives import ACTUAL, hash_
from suar.service import deadlines, heads, heads_seen, lifecycle, ranges, resend, signatures, trust_sync
from suar.service.core import Core
from suar.service.receipts import EVERY_FRAME, Statements
from suar.service.resealing import seal_again
from suar.store import gaps, incidents, messages, outbox, positions, proofs
from suar.store.messages import Arrived

IDENTITY_IN_USE: Final = "identity-in-use"  # an object under our name that did not leave from here
BUNDLE_WITHHELD: Final = "bundle-withheld"  # a heartbeat names a key bundle that did not come, though it left before
NO_BUNDLE: Final = bytes(16)
_UNSIGNED: Final = frozenset({"S1", "T1", "T2", "K1", "K2", "E1", "F1", "F2", "F3", "F4", "R1", "T14"})
_UNSIGNED_CODES: Final = frozenset({"E-BUNDLE-SIGNATURE", "E-EPOCH-SIGNATURE"})
_ASKS: Final = frozenset({outcome.LEFT_OUT, outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})
_EPOCH_TAIL: Final = 84  # what an epoch's id is the hash of begins there


class ClockFault(Fault):
    """[T14] Our clock stands behind: nothing may be judged, and what came stays where it is."""


class Arrival(NamedTuple):
    """An object as it came: the hub's subject, the bytes, and whether NATS says that it came before."""

    subject: str
    data: bytes
    is_redelivered: bool = False


class Waiting(NamedTuple):
    """An object as the table of what waits would have it."""

    sender: str
    type: str
    subject: str
    code: str
    rule: str
    for_time: int | None
    since: int
    epoch_id: bytes | None
    data: bytes


class _Turn:
    """One transaction's work: what it states, and what became known that others may wait for."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self.core, self.connection, self.now = core, connection, core.clock()
        self.statements = Statements()
        self.new_epochs: list[bytes] = []
        self.is_trust_new = False
        self.heard_anew: set[str] = set()
        self.arrived: list[Arrived] = []
        self.recalled: set[tuple[str, int]] = set()  # (id, first revision that stays) of what a cancel destroys
        self.carried: list[tuple[bytes, tuple[str, int] | None, list[tuple[str, int]]]] = []
        self.queued = 0
        self.by_hand: Callable[[Outcome], None] | None = None  # told of each object of a carried file

    def end(self) -> None:
        """Write what was gathered."""
        messages.insert_messages(self.connection, self.core.vault, self.arrived)
        for frame_hash, holder, inside in self.carried:
            self.recalled |= lifecycle.carry(self.connection, frame_hash, holder, inside)
        for id_, below in sorted(self.recalled):
            lifecycle.recall(self.core, self.connection, id_, below)
        self.queued = self.statements.queue(self.connection, self.core)
        if self.heard_anew:
            self.queued += seal_again(self.connection, self.core.member, self.heard_anew)


class Effect(NamedTuple):
    """What a batch caused: receipts to seal, and whether the trust list changed."""

    queued: int
    is_trust_new: bool


def receive(
    core: Core, batch: Sequence[Arrival], place: int = 0, *, by_hand: Callable[[Outcome], None] | None = None
) -> Effect:
    """Judge a batch in order and commit all of it. Raises StoreFault, ClockFault: then nothing of it happened.

    `place` is the number that its last object has in INBOX. `by_hand` is told how each object of a carried file was
    judged: the same door, but a heartbeat in a file does not say that its sender is there now.
    """
    with core.transaction() as connection:
        turn = _Turn(core, connection)
        turn.by_hand = by_hand
        if core.world.is_clock_back(turn.now):  # [T14] it may step between the pull and now
            raise ClockFault(CODES["E-CLOCK"].meaning, CODES["E-CLOCK"].advice)
        verified = signatures.verified(core.world, [arrival.data for arrival in batch], core.verifier)
        for arrival, checked in zip(batch, verified, strict=True):
            _receive_one(turn, arrival, checked)
        _judge_waiting(turn)
        turn.end()
        core.see_position(connection, positions.INBOX, place)
        core.faults.hit("inbound.admitted")
        core.when_committed(lambda: core.faults.hit("inbound.committed"))
        if turn.is_trust_new:
            core.renew_sender()
    return Effect(turn.queued, turn.is_trust_new)


def judge_everything(core: Core) -> Effect:
    """Judge again all that waits: a list came by another door than the bus."""
    with core.transaction() as connection:
        turn = _Turn(core, connection)
        turn.is_trust_new = True
        _judge_waiting(turn)
        turn.end()
    return Effect(turn.queued, is_trust_new=True)


def judge_due(core: Core) -> Effect:
    """Judge what waited for a time that has come, and give up what waited for 24 hours."""
    with core.transaction() as connection:
        turn = _Turn(core, connection)
        for row in incidents.waiting_due(connection, turn.now):
            _judge_again(turn, row)
            _judge_waiting(turn)  # an epoch's frames before the next epoch, which says how many there were
        turn.end()
    return Effect(turn.queued, turn.is_trust_new)


def _receive_one(turn: _Turn, arrival: Arrival, verified: Verified | None) -> None:
    if _is_echo(turn, arrival):
        return
    out = admit(turn.core.world, arrival.subject, arrival.data, turn.now, verified)
    _apply(turn, arrival, out)
    if turn.by_hand is not None:
        turn.by_hand(out)
    if out.result == "wait":
        _wait(turn, arrival, out)


def _is_echo(turn: _Turn, arrival: Arrival) -> bool:
    """Our own `all` traffic comes back. What carries our name and did not leave from here is another's work."""
    core = turn.core
    try:
        subject = subjects.parse(arrival.subject)
    except Refused:
        return False
    if subject.sender != core.member or subject.type in ("trust", "revoke"):
        return False
    epoch_id = arrival.data[4:36] if subject.type == "frame" else b""
    if not outbox.is_ours(turn.connection, arrival.data, epoch_id):
        core.alarm(turn.connection, Alarm(IDENTITY_IN_USE, core.member), arrival.data)
    return True


def _apply(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    """Everything that follows from a judgement, in the transaction of the batch."""
    core, origin = turn.core, out.subject.sender if out.subject else ""
    if _is_replay(turn, arrival, out):
        out.rule, out.code = "F6", "E-FRAME-REPLAY"
    core.tell(
        ObjectJudged(
            at=turn.now, origin=origin, type=out.subject.type if out.subject else "",
            realm=out.subject.realm if out.subject else "", result=out.result, rule=out.rule, code=out.code,
            is_redelivered=arrival.is_redelivered,
        )
    )  # fmt: skip
    for alarm in out.alarms:
        ranges.announce(core, turn.connection, alarm)
        if turn.by_hand is not None and alarm.name == outcome.GAP and alarm.member != origin:
            continue  # the line to that member is cut too: `peers` shows it, and it is asked once the line is back
        core.alarm(turn.connection, alarm, arrival.data)
        _ask(turn, alarm, out)
    if out.result == "refused":
        _keep_refused(turn, arrival, out)
        _give_up_frames(turn, arrival, out)
    if out.subject is not None and out.result in ("ok", "late"):
        _accepted(turn, arrival, out)
    if out.subject is not None:
        turn.statements.about_frame(out, origin, out.subject.realm)


def _ask(turn: _Turn, alarm: Alarm, out: Outcome) -> None:
    """Ask the origin for what an alarm says we lack: resealed for us alone ([E9]), or the same bytes again."""
    if alarm.name not in _ASKS or alarm.member == turn.core.member or out.subject is None:
        return
    code = ""
    if alarm.name == outcome.LEFT_OUT:
        trust_sync.publish_bundle(turn.core, turn.connection)
        code = "E-LEFT-OUT"
    first, last = (0, EVERY_FRAME) if alarm.first is None or alarm.last is None else (alarm.first, alarm.last)
    state = turn.core.world.epochs.get(alarm.epoch_id)
    realm = state.chain.realm if state else out.subject.realm
    turn.statements.missing(alarm.member, realm, Entry(epoch=alarm.epoch_id.hex(), first=first, last=last), code)


def _is_replay(turn: _Turn, arrival: Arrival, out: Outcome) -> bool:
    """[F6] A frame that we hold came again though NATS does not say so: counted, no alarm and no effect.

    Not the first copy on the line of what came in a carried file.
    """
    is_again = out.result == "duplicate" and not arrival.is_redelivered
    if not is_again or out.subject is None or out.subject.type != "frame":
        return False
    return not gaps.came_by_hand(turn.connection, frames.frame_hash(arrival.data, out.subject.realm))


def _accepted(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    type_ = out.subject.type if out.subject else ""
    if type_ == "trust" or (type_ == "revoke" and turn.core.world.changes.revokes):  # not a second one of a key
        turn.is_trust_new = True
        turn.heard_anew |= turn.core.hear_anew()
    elif type_ == "keys" and out.subject is not None:
        outbox.unpark(turn.connection, out.subject.sender)
    elif type_ == "epoch" and out.epoch is not None:
        turn.core.refused_epochs.discard(out.epoch.id)
        turn.new_epochs.append(out.epoch.id)
    elif type_ == "frame":
        _frame(turn, arrival, out)


def _frame(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    core, frame, origin = turn.core, out.frame, out.epoch.epoch.sender if out.epoch else ""
    if frame is None:
        return
    if out.heartbeat is not None and out.epoch is not None and out.epoch.chain.channel == subjects.ALL:
        _heartbeat(turn, origin, out)
    first = next((each for each in out.messages if not isinstance(each.message, Receipt)), None)
    if out.duplicates and out.messages:
        holder = (first.message.id, first.message.rev) if first and not isinstance(first.message, Receipt) else None
        turn.carried.append((frame.hash, holder, out.duplicates))
    said: list[tuple[bytes, int]] = []
    for accepted in out.messages:
        if isinstance(accepted.message, Receipt):
            resend.take(core, turn.connection, accepted.message, accepted.data)
            said.append((accepted.digest, accepted.index))
            continue
        message = accepted.message
        decision = core.readers.may_read(core.world.trust, message)
        if not decision.allowed:  # sealed to us by an earlier list: kept and accounted for, and shown to nobody
            core.event("message_withheld", "warning", id=message.id, rev=message.rev, rule=decision.rule)
        if message.action == "cancel" or accepted.is_recalled:
            turn.recalled.add((message.id, message.rev + accepted.is_recalled))
        else:
            deadlines.keep(core, turn.connection, message)
        evidence = arrival.data if accepted is first else None
        turn.arrived.append(
            Arrived(message, accepted.data, accepted.digest, origin, turn.now, frame.hash, accepted.index, evidence)
        )
        core.tell(
            MessageReceived(
                at=turn.now, origin=origin, kind=kind_of(message), realm=message.status, id=message.id,
                rev=message.rev, seconds=max(0, turn.now - frame.parsed.ts) / 1000,
            )
        )  # fmt: skip
    proofs.keep_receipts(turn.connection, frame.hash, arrival.data, said)
    for refused in out.refused:
        core.tell(MessageRefused(at=turn.now, origin=origin, code=refused.code, rule=refused.rule))
    if out.refused:
        row = {"sender": origin, "frame_hash": frame.hash, "at": turn.now}
        each = [({"code": r.code, "rule": r.rule, "path": r.path, "place": r.index}, r.data) for r in out.refused]
        incidents.quarantine(turn.connection, core.vault, row, each)


def _heartbeat(turn: _Turn, origin: str, out: Outcome) -> None:
    beat = out.heartbeat
    if beat is None or out.frame is None:
        return
    core = turn.core
    if turn.by_hand is None and out.result != "late":  # else it says how things were
        _hear(turn, origin, beat, out.frame.parsed.ts)
    heads_seen.compare(core, turn.connection, beat.heads_seen)
    if _lacks_bundle(core, origin, beat.bundle_kid, out.frame.parsed.ts):
        alarm = Alarm(BUNDLE_WITHHELD, origin, message_id=beat.bundle_kid.hex())
        core.alarm(turn.connection, alarm, out.frame.parsed.data)
    ahead = beat.trust_version - core.world.trust.version
    if 0 < ahead <= limits.TRUST_AHEAD:
        _ask_for_list(turn, origin)


def _hear(turn: _Turn, origin: str, beat: Heartbeat, sent: int) -> None:
    """The member is there now."""
    core = turn.core
    core.last_heard[origin] = turn.now
    core.hearing.beat(origin, sent, turn.now)
    incidents.note_heartbeat(turn.connection, origin, turn.now, beat.trust_version, beat.faults)
    heads.keep(core, turn.connection, origin, beat, sent)
    core.tell(HeartbeatSeen(at=turn.now, member=origin, trust_version=beat.trust_version, faults=tuple(beat.faults)))


def _lacks_bundle(core: Core, member: str, name: bytes, sent: int) -> bool:
    """[F11] Whether the member uses a bundle that did not come. A heartbeat that waited names one that has gone."""
    bundles = core.world.bundles
    newest = bundles.soonest(member)
    is_old = newest is not None and sent < newest.bundle.not_before
    return name != NO_BUNDLE and not is_old and not bundles.holds(member, name)


def _ask_for_list(turn: _Turn, member: str) -> None:
    """Somebody has a list above ours: the next one is looked up in INBOX, and asked of who named it."""
    turn.core.is_list_lacking = True
    turn.statements.missing(member, ACTUAL, Entry(trust=turn.core.world.trust.version + 1))


def _keep_refused(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    """Before a valid signature: a sample in a ring. After it: quarantine, it is its signer's word."""
    origin = out.subject.sender if out.subject else ""
    if out.code == "E-TRUST-VERSION":
        turn.core.is_list_lacking = True  # the one between came later, or is still to come
    row: dict[str, Any] = {"code": out.code or "", "rule": out.rule or "", "at": turn.now}
    if out.rule in _UNSIGNED or out.code in _UNSIGNED_CODES:
        sample = row | {"origin": origin, "subject": arrival.subject}
        incidents.keep_sample(turn.connection, sample, arrival.data)
        return
    place = {"frame_hash": out.frame.hash if out.frame else None, "place": None, "path": "$"}
    whose = {"sender": _share(turn, origin)}
    incidents.quarantine(turn.connection, turn.core.vault, row | whose, [(place, arrival.data)])


def _share(turn: _Turn, sender: str) -> str:
    """Whose share of what is kept it takes: all that no list names have one together, for a hub can invent senders."""
    trust = turn.core.world.trust
    return sender if trust.current is None or trust.member(sender) else ""


def _give_up_frames(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    """The frames that wait for an epoch which its signer signed and we refuse ([E3] to [E10]) wait for nothing.

    Those that come after it neither: it was asked for, and each time it is sent again they are sent with it.
    """
    is_signed = out.rule not in _UNSIGNED and out.code not in _UNSIGNED_CODES
    if out.subject is None or out.subject.type != "epoch" or not is_signed:
        return
    epoch_id = hash_("epoch", arrival.data[_EPOCH_TAIL:], out.subject.realm)
    turn.core.refused_epochs.add(epoch_id)
    for row in incidents.waiting(turn.connection, epoch_ids=[epoch_id]):
        incidents.stop_waiting(turn.connection, [row.n])
        _give_up(turn, row, "E-EPOCH-REFUSED")


# -- waiting (protocol.md section 7)


def _wait(turn: _Turn, arrival: Arrival, out: Outcome) -> None:
    if out.subject is None:
        return
    row = Waiting(
        _share(turn, out.subject.sender), out.subject.type, arrival.subject, out.code or "", out.waits_rule or "",
        out.waits_for_time, turn.now, arrival.data[4:36] if out.subject.type == "frame" else None, arrival.data,
    )  # fmt: skip
    if out.code == "E-EPOCH-TRUST":
        _ask_for_list(turn, out.subject.sender)
    if row.epoch_id in turn.core.refused_epochs:
        _give_up(turn, row, "E-EPOCH-REFUSED")
        return
    columns = row._asdict()
    data = columns.pop("data")
    for gone in incidents.wait(turn.connection, columns, data):
        _give_up(turn, gone, "E-WAIT-FULL")


def _judge_waiting(turn: _Turn) -> None:
    """Judge again what may go on now, until nothing more does."""
    while turn.is_trust_new or turn.new_epochs:
        everything, epoch_ids = turn.is_trust_new, turn.new_epochs
        turn.new_epochs = []
        moved = False
        for row in incidents.waiting(turn.connection, epoch_ids=epoch_ids, everything=everything):
            moved |= _judge_again(turn, row)
        if everything and not moved:
            break


def _judge_again(turn: _Turn, row: Row[Any]) -> bool:
    """Present a waiting object once more; whether it waits no longer."""
    arrival = Arrival(row.subject, row.data, is_redelivered=True)
    out = admit(turn.core.world, row.subject, row.data, turn.now)
    if out.result == "wait":
        if row.since <= turn.now - limits.WAIT_MAX:
            incidents.stop_waiting(turn.connection, [row.n])
            _give_up(turn, row, "E-WAIT-OVER")
        return False
    incidents.stop_waiting(turn.connection, [row.n])
    _apply(turn, arrival, out)
    return True


def _give_up(turn: _Turn, row: Any, why: str) -> None:
    """Refused by the rule that made it wait."""
    turn.core.tell(
        ObjectJudged(
            at=turn.now, origin=row.sender, type=row.type, realm="", result="refused", rule=row.rule, code=row.code
        )
    )
    turn.core.event("waiting_ended", "warning", origin=row.sender, type=row.type, rule=row.rule, code=why)
    sample = {"origin": row.sender, "code": row.code, "rule": row.rule, "subject": row.subject, "at": turn.now}
    incidents.keep_sample(turn.connection, sample, row.data)
