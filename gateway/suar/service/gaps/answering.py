"""Answers other members' requests for missing frames: resends the same bytes, reseals messages, or refuses.

A refusal is a receipt `refused` whose one entry names the epoch in the position of a frame, and whose note names the
ranges: `frames 3-7 9-9` (docs/gaps.md). Heartbeats are kept for a day only: for a range of heartbeats alone, the answer
E-RESEND-EMPTY states that nothing was lost. E-RESEND-ANEW states the same for an epoch that everybody refuses for its
date ([E6]), whose contents are sealed again.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.transport import epoch as epochs
from suar.service.access import daily_quotas
from suar.service.core.core import Core
from suar.service.gaps import request_ranges
from suar.service.gaps.ranges import EMPTY, RESENT, Span
from suar.service.gaps.resealing import requeue_receipts, reseal_before
from suar.service.receipts import receipts
from suar.service.receipts.receipts import EVERY_FRAME, StatementDetails
from suar.store.engine import meta
from suar.store.inbound import gaps
from suar.store.outbound import delivery_rows, outbox, queue, sent_before
from suar.store.outbound.sent_before import SentEpoch
from suar.store.recovery import positions
from suar.store.recovery import readback as recovery

_RANGES: Final = re.compile(r"frames((?: [0-9]{1,5}-[0-9]{1,5})+)")
_Answers = dict[tuple[bytes, str], list[Span]]


class Answer(NamedTuple):
    """A refusal as the requester reads it."""

    epoch_id: bytes
    code: str
    ranges: tuple[Span, ...]


def answer_request(core: Core, connection: Connection, receipt: Receipt) -> None:
    """Serve or refuse each entry of a member's request, within the quota of the member."""
    answers: _Answers = defaultdict(list)
    for entry in request_ranges.merged_entries(receipt.of):
        if not core.request_quota.may_request(receipt.member, core.clock()):
            core.log_event("asked_too_much", "warning", member=receipt.member)
            if entry.epoch is not UNSET and core.request_quota.count_refusal(receipt.member, core.clock()):
                refused = {(bytes.fromhex(entry.epoch), daily_quotas.LIMIT): [request_ranges.span_of(entry)]}
                _refuse_all(core, connection, receipt, refused)
            break
        core.request_quota.record_usage(receipt.member, core.clock(), 1 if entry.epoch is UNSET else limits.RANGE_COST)
        if daily_quotas.is_refused(core, connection, receipt.member):
            core.log_event("asked_too_much", "debug", member=receipt.member)
            break
        _answer_one(core, connection, receipt, entry, answers)
        if any(code in daily_quotas.TOMORROW for _, code in answers):
            daily_quotas.note_refusal(core, connection, receipt.member)
            break
    _refuse_all(core, connection, receipt, answers)


def _refuse_all(core: Core, connection: Connection, request: Receipt, answers: _Answers) -> None:
    for (epoch_id, code), spans in answers.items():
        for note in request_ranges.range_notes(spans):
            _refuse(core, connection, request, epoch_id, code, note)


def _refuse(core: Core, connection: Connection, request: Receipt, epoch_id: bytes, code: str, note: str) -> None:
    entry, details = Entry(frame=epoch_id.hex()), StatementDetails(note=note)
    data = receipts.make_receipt(core.member, request.status, "refused", [entry], core.clock(), code, details=details)
    daily_quotas.spend_resend(core, connection, request.member, len(data))
    queue.enqueue(connection, [receipts.receipt_row(core.vault, request.status, request.member, data)])


def read_refusal(receipt: Receipt) -> Answer | None:
    """Return the refusal of a range, if the receipt is one."""
    entry, note = receipt.of[0], receipt.note
    if receipt.stage != "refused" or len(receipt.of) != 1 or entry.frame is UNSET or note is UNSET:
        return None
    found = _RANGES.fullmatch(note)
    if found is None or receipt.code is UNSET or entry.messages is not UNSET:
        return None
    spans = [each.split("-") for each in found[1].split()]
    ranges = tuple((int(first), int(last)) for first, last in spans)
    if any(first > last for first, last in ranges):
        return None
    return Answer(bytes.fromhex(entry.frame), receipt.code, ranges)


def _answer_one(core: Core, connection: Connection, receipt: Receipt, entry: Entry, answers: _Answers) -> None:
    """Serve `missing`: the same bytes, a trust list, or, if it was left out, the messages resealed for the member."""
    if entry.trust is not UNSET:
        _send_list(core, connection, receipt.member, entry.trust)
        return
    if entry.epoch is UNSET:
        return
    epoch_id, span, member = bytes.fromhex(entry.epoch), request_ranges.span_of(entry), receipt.member
    sent = sent_before.of_epoch(connection, epoch_id, member)
    if sent is None:
        answers[epoch_id, "E-RESEND-UNKNOWN"].append(span)
        answer = "E-RESEND-UNKNOWN"
    elif (code := daily_quotas.refusal(core, connection, member)) is not None:
        core.log_event("asked_too_much", "warning", member=member)
        answers[epoch_id, code].append(span)
        answer = code
    elif receipt.code == "E-LEFT-OUT":
        answer = _reseal_for_asker(core, connection, receipt, sent, span, answers)
    elif _is_refused(core, connection, epoch_id):
        answer = _resend_epoch(core, connection, member, sent, span, answers)
    else:
        answer = _send_again(core, connection, member, sent, span, answers)
    gaps.note_question(connection, member, epoch_id, *span, answer, core.clock())


def _send_list(core: Core, connection: Connection, member: str, version: int) -> None:
    """Send a list of our history again, as far as the member may have it; it is also repeated daily."""
    accepted = core.world.trust.history.get(version)
    if accepted is None:
        return
    size = len(accepted.data)
    if daily_quotas.refusal(core, connection, member, size) is not None:
        core.log_event("asked_too_much", "warning", member=member)
    elif receipts.publish_list(core, connection, version):
        daily_quotas.spend_resend(core, connection, member, size)


def _is_refused(core: Core, connection: Connection, epoch_id: bytes) -> bool:
    data = recovery.epoch_data(connection, epoch_id)
    return data is not None and epochs.is_too_late(core.world.trust, epochs.content(data))


def _resend_epoch(
    core: Core, connection: Connection, member: str, sent: SentEpoch, span: Span, answers: _Answers
) -> str:
    """Resend the epoch only, to a member whose frames wait for it; and reseal what it is missing of the one before."""
    _republish(core, connection, member, sent, (EVERY_FRAME, EVERY_FRAME))
    first, last = span[0], min(span[1], sent.frames - 1)
    if first <= last:
        answers[sent.epoch_id, RESENT].append((first, last))
        reseal_before(core, connection, member, sent.epoch_id)
    return "resealed"


def _republish(core: Core, connection: Connection, member: str, sent: SentEpoch, span: Span) -> outbox.Republished:
    """Resend the epoch and a range of its frames, as many as the member may have today."""
    budget = daily_quotas.resend_bytes_left(core, connection, member)
    done = outbox.republish_within(connection, sent.epoch_id, *span, member, core.outbox_capacity.again_after, budget)
    core.request_quota.record_usage(member, core.clock(), done.objects)
    daily_quotas.spend_resend(core, connection, member, done.size)
    return done


def _send_again(core: Core, connection: Connection, member: str, sent: SentEpoch, span: Span, answers: _Answers) -> str:
    """Resend the kept bytes; answer for the rest with our earlier statement, if there is one."""
    first, last = span
    done = _republish(core, connection, member, sent, span)
    core.log_event("sent_again", member=member, objects=done.objects, bytes=done.size)
    answer = "sent-again"
    if done.left_from is not None:
        answer = _refuse_over_quota(core, connection, member, answers, sent, (done.left_from, last))
        last = done.left_from - 1
    for code, ranges in _refused(connection, sent, (first, last)).items():
        if ranges:
            answers[sent.epoch_id, code] += ranges
            answer = code if code != EMPTY and answer == "sent-again" else answer
    return answer


def _refuse_over_quota(
    core: Core, connection: Connection, member: str, answers: _Answers, sent: SentEpoch, rest: Span
) -> str:
    """Refuse the rest of a range that exceeds the quota of the hour or of the day; returns the code."""
    code = daily_quotas.refusal(core, connection, member, limits.FRAME_BYTES_MAX) or daily_quotas.LIMIT
    core.log_event("asked_too_much", "warning", member=member)
    answers[sent.epoch_id, code].append((rest[0], max(rest[0], min(rest[1], sent.frames - 1))))
    return code


def _refused(connection: Connection, sent: SentEpoch, span: Span) -> dict[str, list[Span]]:
    """Return the parts of the range that are no longer stored, by reason.

    Frames with messages are kept as long as a peer may request them; deleted ones were heartbeats. This does not hold
    in a restored state: its streams may have lost more than this store.
    """
    first, last = span
    end, kept = sent.frames, sent_before.numbers(connection, sent.epoch_id, first, min(last, sent.frames - 1))
    was_restored = meta.get(connection, positions.SETTLED) is not None
    found: dict[str, list[Span]] = defaultdict(list)
    for low, high in _absent_numbers(first, min(last, end - 1), kept):
        if not was_restored or high < sent.newest:
            found[EMPTY].append((low, high))
        else:
            found["E-RESEND-GONE"].append((low, high))
    if last != EVERY_FRAME and last >= end:
        found["E-RESEND-UNKNOWN"].append((max(first, end), last))
    return found


def _absent_numbers(first: int, last: int, kept: Sequence[int]) -> Iterator[Span]:
    at = first
    for number in kept:
        if number > at:
            yield at, number - 1
        at = number + 1
    if at <= last:
        yield at, last


def _reseal_for_asker(
    core: Core, connection: Connection, receipt: Receipt, sent: SentEpoch, span: Span, answers: _Answers
) -> str:  # fmt: skip
    """[E9] Reseal the messages for the requester; if none is left, refuse with the reason."""
    count, nothing, stopped = _reseal(core, connection, receipt, sent, span, answers)
    core.log_event("resealing", member=receipt.member, messages=count)
    refused = _refused(connection, sent, span)
    answer = stopped or ("resealed" if count else nothing)
    for code in ("E-RESEND-GONE", "E-RESEND-UNKNOWN"):
        if refused[code]:
            answers[sent.epoch_id, code] += refused[code]
            answer = answer if count or stopped else code
    if answer == nothing and not stopped:
        answers[sent.epoch_id, nothing].append(span)
    return answer


def _reseal(
    core: Core, connection: Connection, receipt: Receipt, sent: SentEpoch, span: Span, answers: _Answers
) -> tuple[int, str, str]:  # fmt: skip
    """Reseal for a member that could not open the epoch, including messages it confirmed before it lost its state.

    Messages that wait to be sealed for it are not queued twice; our statements about its messages are made again.
    Frames in their order, as many as the member may have in this hour and today. Returns how many are sealed, the code
    that states why there is none, and the code with which the rest of the range was refused, if it was.
    """
    member, now, count, nothing, stopped = receipt.member, core.clock(), 0, EMPTY, ""
    served = []
    queued = queue.queued_for(connection, member)
    for frame_hash, messages in outbox.frames_of(connection, sent.epoch_id, *span):
        size, may_request = outbox.frame_size(connection, sent.epoch_id, frame_hash), core.request_quota.may_request
        if not may_request(member, now) or daily_quotas.refusal(core, connection, member, size) is not None:
            seq = sent_before.number_of(connection, sent.epoch_id, frame_hash) or 0
            stopped = _refuse_over_quota(core, connection, member, answers, sent, (seq, span[1]))
            break
        core.request_quota.record_usage(member, now, messages)
        found = delivery_rows.missing_messages(connection, frame_hash, member)
        daily_quotas.spend_resend(core, connection, member, size)
        unqueued = [each for each in found if each not in queued]
        nothing = RESENT if len(unqueued) < len(found) else nothing
        queue.enqueue(connection, [receipts.reseal_row(receipt.status, member, id_, rev) for id_, rev in unqueued])
        queued.update(unqueued)
        count += len(unqueued)
        served.append(frame_hash)
    data = recovery.epoch_data(connection, sent.epoch_id)
    count += requeue_receipts(core, connection, data, served) if data is not None and served else 0
    return count, nothing, stopped
