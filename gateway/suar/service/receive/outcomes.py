"""Effects of an admission outcome: storing, alarms, requests and receipts."""

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
from suar.service.core.altered_rows import is_recalled
from suar.service.gaps import ranges, requesting
from suar.service.gaps.resealing import reseal_refused
from suar.service.notify import deadlines
from suar.service.receipts.receipts import EVERY_FRAME
from suar.service.receive import heartbeats, quarantine, waiting
from suar.service.receive.batch import Arrival, BatchTransaction
from suar.service.trust import trust_sync
from suar.store.inbound import gaps, held_frames
from suar.store.messages import proofs
from suar.store.messages.rows import NewMessage
from suar.store.outbound import leftovers, queue

_ASKS: Final = frozenset({outcome.LEFT_OUT, outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})


def apply_outcome(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Apply everything that follows from a judgement, in the transaction of the batch."""
    core, origin = transaction.core, out.subject.sender if out.subject else ""
    if _check_replay(transaction, arrival, out):
        out.rule, out.code = "F6", "E-FRAME-REPLAY"
    core.queue_record(
        ObjectJudged(
            at=transaction.now, origin=origin, type=out.subject.type if out.subject else "",
            realm=out.subject.realm if out.subject else "", result=out.result, rule=out.rule, code=out.code,
            is_redelivered=arrival.is_redelivered, hub=arrival.hub,
        )
    )  # fmt: skip
    if out.result in ("duplicate", "refused"):
        _erase_copy(transaction, arrival, out)
    for alarm in outcome.without_repeats((*out.alarms, *_sealed_falsely(out))):
        ranges.record_announced(core, transaction.connection, alarm)
        if transaction.on_carried is not None and claims.claimed_epoch(core.world, alarm) is not None:
            continue  # its line is interrupted too: whoever names its frames does so again when it works
        core.raise_alarm(transaction.connection, alarm, arrival.data)
        _request_missing(transaction, alarm, out)
    if out.result == "refused":
        quarantine.keep_refused(transaction, arrival, out)
        waiting.refuse_waiting_frames(transaction, arrival, out)
    if out.subject is not None and out.result in ("ok", "late"):
        _accepted(transaction, arrival, out)
    elif out.result == "skip" and out.epoch is not None and arrival.data[:4] == epochs.MAGIC:
        transaction.new_epochs.append(out.epoch.id)  # not for us: its frames wait for nothing
    if out.subject is not None:
        transaction.statements.about_frame(out, origin, out.subject.realm)


def _sealed_falsely(out: Outcome) -> tuple[Alarm, ...]:
    """[E9] The sender sealed another secret to us than to others: they can read the message, and we cannot.

    This is recorded in addition to the protocol's outcome, which is only the refusal.
    """
    if out.rule != "E9" or out.epoch is None:
        return ()
    return (Alarm(outcome.LEFT_OUT, out.epoch.epoch.sender, epoch_id=out.epoch.id),)


def _request_missing(transaction: BatchTransaction, alarm: Alarm, out: Outcome) -> None:
    """Request what an alarm shows to be missing: resealed for us alone ([E9]), or the same bytes again.

    Frames that only a third party names ([F11]) are requested as well, at increasing intervals.
    """
    if alarm.name not in _ASKS or alarm.member == transaction.core.member or out.subject is None:
        return
    claimed, member = claims.claimed_epoch(transaction.core.world, alarm), alarm.member
    if claimed is not None:
        member = claimed.epoch.sender
        if not transaction.core.claim_quota.count_request(alarm.member, claimed.id, transaction.now):
            return
    code = ""
    if alarm.name == outcome.LEFT_OUT:
        trust_sync.publish_bundle(transaction.core, transaction.connection, alarm.member)
        code = "E-LEFT-OUT"
    first, last = (0, EVERY_FRAME) if alarm.first is None or alarm.last is None else (alarm.first, alarm.last)
    state = transaction.core.world.epochs.get(alarm.epoch_id)
    realm = state.chain.realm if state else out.subject.realm
    transaction.statements.missing(member, realm, Entry(epoch=alarm.epoch_id.hex(), first=first, last=last), code)


def _check_replay(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> bool:
    """[F6] Use up the mark of a carried frame; returns True if a held frame arrived again without redelivery by NATS:
    then it is only counted.

    This excludes the first copy on a line of an object from a carried file, and a copy that the other of two hubs
    delivered.
    """
    is_again = out.result == "duplicate" and not arrival.is_redelivered
    if not is_again or out.subject is None or out.subject.type != "frame":
        return False
    is_carried = gaps.pop_carried(transaction.connection, frames.frame_hash(arrival.data, out.subject.realm))
    return not (is_carried or arrival.is_first)


def _erase_copy(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Delete the INBOX copy of a frame of a recalled message that arrived again, from whichever hub and under any name.

    A refused object is noted only if it is a frame that we hold, so a hub cannot make us record more than that.
    """
    core, state = transaction.core, transaction.core.world.epochs.get(arrival.data[4:36])
    is_frame = out.subject is not None and out.subject.type == "frame"
    if not is_frame or state is None or not is_recalled(core, arrival.data):
        return
    name = frames.frame_hash(arrival.data, state.chain.realm)
    if out.result == "duplicate" or held_frames.is_held(transaction.connection, arrival.data, name):
        leftovers.note_copy(transaction.connection, name, arrival.subject, state.chain.realm)
        core.due.note_copy(name)


def _accepted(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    type_ = out.subject.type if out.subject else ""
    if type_ in ("trust", "revoke"):
        transaction.mark_trust_changed()
        transaction.reinstated |= transaction.core.reinstated_members()
        transaction.queued += reseal_refused(transaction.core, transaction.connection) if type_ == "trust" else 0
    elif type_ == "keys" and out.subject is not None:
        queue.unpark(transaction.connection, out.subject.sender)
    elif type_ == "epoch" and out.epoch is not None:
        transaction.core.refused_epochs.discard(out.epoch.id)
        transaction.new_epochs.append(out.epoch.id)
    elif type_ == "frame":
        _frame(transaction, arrival, out)


def _frame(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    core, frame, origin = transaction.core, out.frame, out.epoch.epoch.sender if out.epoch else ""
    if frame is None:
        return
    if out.heartbeat is not None and out.epoch is not None and out.epoch.chain.channel == subjects.ALL:
        heartbeats.apply_heartbeat(transaction, origin, out)
    if out.result == "late":
        transaction.late.append(frame.hash)
    first = next((each for each in out.messages if not isinstance(each.message, Receipt)), None)
    if out.duplicates and out.messages:
        holder = (first.message.id, first.message.rev) if first and not isinstance(first.message, Receipt) else None
        transaction.copies.append((frame.hash, holder, out.duplicates))
    receipts: list[tuple[bytes, int]] = []
    for accepted in out.messages:
        if isinstance(accepted.message, Receipt):
            requesting.apply_receipt(core, transaction.connection, accepted.message, accepted.data)
            receipts.append((accepted.digest, accepted.index))
            continue
        message = accepted.message
        decision = core.readers.may_read(core.world.trust, message)
        if not decision.is_allowed:  # sealed to us under an earlier list: kept and counted, and shown to nobody
            core.log_event("message_withheld", "warning", id=message.id, rev=message.rev, rule=decision.rule)
        if message.action == "cancel" or accepted.is_recalled:
            transaction.recalled.add((message.id, message.rev + accepted.is_recalled))
        else:
            deadlines.add_deadline(core, transaction.connection, message)
        evidence = arrival.data if accepted is first else None
        transaction.arrived.append(
            NewMessage(
                message, accepted.data, accepted.digest, origin, transaction.now, frame.hash, accepted.index, evidence
            )
        )
        core.queue_record(
            MessageReceived(
                at=transaction.now, origin=origin, kind=kind_of(message), realm=message.status, id=message.id,
                rev=message.rev, seconds=max(0, transaction.now - frame.parsed.ts) / 1000,
            )
        )  # fmt: skip
    proofs.keep_receipts(transaction.connection, core.vault, frame.hash, arrival.data, receipts)
    if out.refused:
        quarantine.keep_refused_messages(transaction, origin, frame, out)
