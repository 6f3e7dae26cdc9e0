"""What follows from a judgement: what of an object is kept, told, asked for and stated."""

from typing import Final

from suar.observe.hooks import MessageReceived, ObjectJudged
from suar.protocol.base import subjects
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import kind_of
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm, Outcome
from suar.service.core import claims
from suar.service.gaps import ranges, resend
from suar.service.gaps.resealing import reseal_refused
from suar.service.notify import deadlines
from suar.service.receipts.receipts import EVERY_FRAME
from suar.service.receive import heartbeats, quarantine, waiting
from suar.service.receive.batch import Arrival, BatchTransaction
from suar.service.trust import trust_sync
from suar.store.inbound import gaps
from suar.store.messages import proofs
from suar.store.messages.rows import Arrived
from suar.store.outbound import queue

_ASKS: Final = frozenset({outcome.LEFT_OUT, outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})


def apply_outcome(turn: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Everything that follows from a judgement, in the transaction of the batch."""
    core, origin = turn.core, out.subject.sender if out.subject else ""
    if _is_replay(turn, arrival, out):
        out.rule, out.code = "F6", "E-FRAME-REPLAY"
    core.queue_record(
        ObjectJudged(
            at=turn.now, origin=origin, type=out.subject.type if out.subject else "",
            realm=out.subject.realm if out.subject else "", result=out.result, rule=out.rule, code=out.code,
            is_redelivered=arrival.is_redelivered,
        )
    )  # fmt: skip
    for alarm in out.alarms:
        ranges.record_announced(core, turn.connection, alarm)
        if turn.by_hand is not None and claims.claimed_epoch(core.world, alarm) is not None:
            continue  # the line to that member is cut too: who names its frames does so again once the line is back
        core.raise_alarm(turn.connection, alarm, arrival.data)
        _request_missing(turn, alarm, out)
    if out.result == "refused":
        quarantine.keep_refused(turn, arrival, out)
        waiting.refuse_waiting_frames(turn, arrival, out)
    if out.subject is not None and out.result in ("ok", "late"):
        _accepted(turn, arrival, out)
    elif out.result == "skip" and out.epoch is not None and arrival.data[:4] == epochs.MAGIC:
        turn.new_epochs.append(out.epoch.id)  # not for us: its frames wait for nothing
    if out.subject is not None:
        turn.statements.about_frame(out, origin, out.subject.realm)


def _request_missing(turn: BatchTransaction, alarm: Alarm, out: Outcome) -> None:
    """Ask the origin for what an alarm says we lack: resealed for us alone ([E9]), or the same bytes again.

    By the word of a third party ([F11]) as well, but ever more seldom.
    """
    if alarm.name not in _ASKS or alarm.member == turn.core.member or out.subject is None:
        return
    claimed, member = claims.claimed_epoch(turn.core.world, alarm), alarm.member
    if claimed is not None:
        member = claimed.epoch.sender
        if not turn.core.claim_quota.may_ask(alarm.member, claimed.id, turn.now):
            return
    code = ""
    if alarm.name == outcome.LEFT_OUT:
        trust_sync.publish_bundle(turn.core, turn.connection, alarm.member)
        code = "E-LEFT-OUT"
    first, last = (0, EVERY_FRAME) if alarm.first is None or alarm.last is None else (alarm.first, alarm.last)
    state = turn.core.world.epochs.get(alarm.epoch_id)
    realm = state.chain.realm if state else out.subject.realm
    turn.statements.missing(member, realm, Entry(epoch=alarm.epoch_id.hex(), first=first, last=last), code)


def _is_replay(turn: BatchTransaction, arrival: Arrival, out: Outcome) -> bool:
    """[F6] A frame that we hold came again though NATS does not say so: counted, no alarm and no effect.

    Not the first copy on the line of what came in a carried file.
    """
    is_again = out.result == "duplicate" and not arrival.is_redelivered
    if not is_again or out.subject is None or out.subject.type != "frame":
        return False
    return not gaps.came_by_hand(turn.connection, frames.frame_hash(arrival.data, out.subject.realm))


def _accepted(turn: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    type_ = out.subject.type if out.subject else ""
    if type_ in ("trust", "revoke"):
        turn.mark_trust_changed()
        turn.reinstated |= turn.core.reinstated_members()
        turn.queued += reseal_refused(turn.core, turn.connection) if type_ == "trust" else 0
    elif type_ == "keys" and out.subject is not None:
        queue.unpark(turn.connection, out.subject.sender)
    elif type_ == "epoch" and out.epoch is not None:
        turn.core.refused_epochs.discard(out.epoch.id)
        turn.new_epochs.append(out.epoch.id)
    elif type_ == "frame":
        _frame(turn, arrival, out)


def _frame(turn: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    core, frame, origin = turn.core, out.frame, out.epoch.epoch.sender if out.epoch else ""
    if frame is None:
        return
    if out.heartbeat is not None and out.epoch is not None and out.epoch.chain.channel == subjects.ALL:
        heartbeats.apply_heartbeat(turn, origin, out)
    first = next((each for each in out.messages if not isinstance(each.message, Receipt)), None)
    if out.duplicates and out.messages:
        holder = (first.message.id, first.message.rev) if first and not isinstance(first.message, Receipt) else None
        turn.carried.append((frame.hash, holder, out.duplicates))
    said: list[tuple[bytes, int]] = []
    for accepted in out.messages:
        if isinstance(accepted.message, Receipt):
            resend.apply_receipt(core, turn.connection, accepted.message, accepted.data)
            said.append((accepted.digest, accepted.index))
            continue
        message = accepted.message
        decision = core.readers.may_read(core.world.trust, message)
        if not decision.allowed:  # sealed to us by an earlier list: kept and accounted for, and shown to nobody
            core.log_event("message_withheld", "warning", id=message.id, rev=message.rev, rule=decision.rule)
        if message.action == "cancel" or accepted.is_recalled:
            turn.recalled.add((message.id, message.rev + accepted.is_recalled))
        else:
            deadlines.add_deadline(core, turn.connection, message)
        evidence = arrival.data if accepted is first else None
        turn.arrived.append(
            Arrived(message, accepted.data, accepted.digest, origin, turn.now, frame.hash, accepted.index, evidence)
        )
        core.queue_record(
            MessageReceived(
                at=turn.now, origin=origin, kind=kind_of(message), realm=message.status, id=message.id,
                rev=message.rev, seconds=max(0, turn.now - frame.parsed.ts) / 1000,
            )
        )  # fmt: skip
    proofs.keep_receipts(turn.connection, frame.hash, arrival.data, said)
    if out.refused:
        quarantine.keep_refused_messages(turn, origin, frame, out)
