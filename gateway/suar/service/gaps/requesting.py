"""Requests missing frames of other members: automatically, repeated until they arrive, and on an operator's command.

The first request is sent with the alarm (outcomes.py). If an origin answers that it will not send a frame, it is not
requested again automatically; the answer is stored, and the frame is shown as lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base import limits, subjects
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.service.access import daily_quotas
from suar.service.core.core import Core
from suar.service.gaps import answering, ends, own_numbers, ranges
from suar.service.gaps.ranges import EpochRanges
from suar.service.receipts import receipts
from suar.service.receipts.receipts import EVERY_FRAME, Statements
from suar.store.inbound import alarm_ends, gaps
from suar.store.inbound.gaps import Refusal, RequestRecord, UnopenedEpoch
from suar.store.outbound import outbox
from suar.store.people import access

CHECK_EVERY: Final = 5 * limits.SECOND
FIRST_AFTER: Final = 5 * limits.MINUTE  # more than a frame takes to be sent again (outbox.AGAIN_AFTER) and to arrive
LONGEST: Final = 6 * limits.HOUR
SPANS_MAX: Final = 256  # of one epoch in one request
EPOCHS_MAX: Final = 64  # for which frames wait, in one check: a member can name any number in frames that it invents


def apply_receipt(core: Core, connection: Connection, receipt: Receipt, data: bytes) -> None:
    """Process a receipt of another member: a request, an answer to ours, or a statement about our messages."""
    if receipt.stage == "missing":
        answering.answer_request(core, connection, receipt)
    elif (reply := answering.read_refusal(receipt)) is not None and _origins(core, reply.epoch_id) == {receipt.member}:
        _refused(core, connection, receipt.member, reply)
    else:
        if receipt.stage == "refused" and receipt.code == own_numbers.REUSED:
            own_numbers.note_refused(core, connection, receipt, data)
        receipts.apply_receipt(core, connection, receipt, data)


def _origins(core: Core, epoch_id: bytes) -> set[str]:
    """Return the members that may own an epoch; if several name one that was never received, nobody may answer."""
    state = core.world.epochs.get(epoch_id)
    if state is not None:
        return {state.epoch.sender}
    signers = (key.signer for key, chain in core.world.chains.items() if epoch_id in chain.missing)
    return {owner for signer in signers if (owner := core.world.trust.owner(signer)) is not None}


def _refused(core: Core, connection: Connection, member: str, refusal: answering.Answer) -> None:
    """Store the origin's refusal for frames that are missing; held frames are not affected."""
    named = (epoch for _, epoch in ranges.incomplete(core.world, connection) if epoch.id == refusal.epoch_id)
    spans = [span for epoch in named for span in epoch.open]
    is_sealed_to_others = refusal.epoch_id in gaps.left_out_epochs(connection)
    if is_sealed_to_others:
        spans.append((0, EVERY_FRAME))
    kept = [
        Refusal(max(first, low), min(last, high), refusal.code, core.clock())
        for first, last in refusal.ranges
        for low, high in spans
        if max(first, low) <= min(last, high)
    ]
    gaps.save_refusals(connection, refusal.epoch_id, kept)
    core.due.alarms.note(refusal.epoch_id)
    for each in kept:
        core.log_event("not_sent_again", "warning", member=member, code=refusal.code, first=each.first, last=each.last)
    if is_sealed_to_others:
        _raise_again(core, connection, member, refusal.epoch_id)


def _raise_again(core: Core, connection: Connection, member: str, epoch_id: bytes) -> None:
    """Raise `left-out` again if it ended when part of the epoch was resealed, and the rest is refused until tomorrow.

    The rest waits for the next day, so the alarm does too (ends.py): an epoch raises it at most once a day.
    """
    state = core.world.epochs.get(epoch_id)
    if state is None or not ends.is_put_off(state, gaps.refusals_of(connection, (epoch_id,)).get(epoch_id, ())):
        return
    if not alarm_ends.active_alarms_of(connection, (outcome.LEFT_OUT,), (epoch_id,)):
        core.raise_alarm(connection, Alarm(outcome.LEFT_OUT, member, epoch_id=epoch_id))


def resend_interval(outbox_stream: Mapping[str, Any] | None, before: int) -> int:
    """Return the ms until the own stream accepts the same object again, from its duplicate window.

    `before`: the last known value, which is used when the server does not answer.
    """
    if outbox_stream is None:
        return before
    window = (outbox_stream.get("config") or {}).get("duplicate_window")
    return outbox.AGAIN_AFTER if window is None else int(window) // 1_000_000 + outbox.AGAIN_MARGIN


# -- requests


def request_all_missing(core: Core, member: str, who: str) -> dict[str, Any] | None:
    """Request everything missing from a member on an operator's command; None for an unknown member.

    The result names each range; `peers` shows what became of it.
    """
    if member == core.member or core.world.trust.member(member) is None:
        return None
    with core.transaction() as connection:
        epochs = [epoch for code, epoch in ranges.incomplete(core.world, connection) if code == member]
        requested = [(epoch, span) for epoch in epochs for span in _all_ranges(epoch)[:SPANS_MAX]]
        _queue_requests(core, connection, [(member, epoch, span) for epoch, span in requested])
        unopened = [each for each in gaps.unopened_epochs(connection) if each.member == member][:EPOCHS_MAX]
        _queue_epochs(core, connection, unopened, gaps.load_requests(connection))
        access.note(connection, who, "resend", member, core.clock())
    shapes = [_shape(epoch, span) for epoch, span in requested]
    return {"member": member, "asked": [*shapes, *map(_shape_unopened, unopened)]}


def _all_ranges(epoch: EpochRanges) -> list[ranges.Span]:
    return sorted([*epoch.open, *((each.first, each.last) for each in epoch.lost)])


def _shape(epoch: EpochRanges, span: ranges.Span) -> dict[str, Any]:
    where = {"realm": epoch.realm, "channel": epoch.channel, "epoch": epoch.id.hex()}
    return where | {"first": span[0], "last": span[1]}


def _shape_unopened(each: UnopenedEpoch) -> dict[str, Any]:
    subject = subjects.parse(each.subject)
    where = {"realm": subject.realm, "channel": subject.channel, "epoch": each.epoch_id.hex()}
    return where | {"first": EVERY_FRAME, "last": EVERY_FRAME}


def _queue_requests(core: Core, connection: Connection, wanted: list[tuple[str, EpochRanges, ranges.Span]]) -> int:
    """Queue the requests; returns how many receipts."""
    statements, now = Statements(), core.clock()
    records: dict[bytes, RequestRecord] = {}
    for member, epoch, (first, last) in wanted:
        statements.missing(member, epoch.realm, Entry(epoch=epoch.id.hex(), first=first, last=last))
        records[epoch.id] = RequestRecord(now, (epoch.request.times if epoch.request else 0) + 1)
    gaps.record_requests(connection, records)
    return statements.queue(connection, core)


def _request_epochs(
    core: Core, connection: Connection, unopened: list[UnopenedEpoch], known: Mapping[bytes, RequestRecord]
) -> int:
    """Request epochs for which frames wait since a moment, if it is time."""
    now = core.clock()
    due = [
        each
        for each in unopened[:EPOCHS_MAX]
        if now - each.since >= CHECK_EVERY and (each.epoch_id not in known or _is_time(known[each.epoch_id], now))
    ]
    return _queue_epochs(core, connection, due, known)


def _queue_epochs(
    core: Core, connection: Connection, unopened: list[UnopenedEpoch], known: Mapping[bytes, RequestRecord]
) -> int:
    """Queue requests for epochs by the number that no frame has, so that only the epoch is resent."""
    statements, now, records = Statements(), core.clock(), dict[bytes, RequestRecord]()
    for each in unopened:
        before = known.get(each.epoch_id)
        realm = subjects.parse(each.subject).realm
        entry = Entry(epoch=each.epoch_id.hex(), first=EVERY_FRAME, last=EVERY_FRAME)
        statements.missing(each.member, realm, entry)
        records[each.epoch_id] = RequestRecord(now, (before.times if before else 0) + 1)
    gaps.record_requests(connection, records)
    return statements.queue(connection, core)


def _is_time(record: RequestRecord, now: int) -> bool:
    return now - record.at >= min(FIRST_AFTER << min(record.times - 1, 10), LONGEST)


_Refusals = Mapping[bytes, Sequence[Refusal]]


def _until_tomorrow(refusals: Iterable[Refusal]) -> list[Refusal]:
    """Return as many as the day's quota allows, the newest last."""
    return sorted((each for each in refusals if each.code in daily_quotas.TOMORROW), key=lambda each: each.at)


class RequestLoop:
    """Repeats requests for missing frames after 5 minutes and at doubling intervals, only to members that send."""

    def __init__(self, core: Core) -> None:
        self._core, self._next = core, 0

    def run_due(self) -> int:
        """Repeat due requests; returns how many receipts were queued."""
        core, now = self._core, self._core.clock()
        if now < self._next <= now + CHECK_EVERY:
            return 0
        self._next = now + CHECK_EVERY
        with core.transaction() as connection:
            incomplete, known = list(ranges.incomplete(core.world, connection)), gaps.load_requests(connection)
            unopened = gaps.unopened_epochs(connection)
            named = {epoch.id for _, epoch in incomplete} | {each.epoch_id for each in unopened}
            gaps.forget_requests(connection, known.keys() - named)
            queued = _request_epochs(core, connection, unopened, known)
            refusals = gaps.load_refusals(connection)
            limited = self._limited(refusals, incomplete)
            queued += self._request_left_out(connection, refusals)
            fresh = {epoch.id: RequestRecord(now, 1) for _, epoch in incomplete if epoch.request is None and epoch.open}
            gaps.record_requests(connection, fresh)  # requested with the alarm
            return queued + _queue_requests(core, connection, [
                (member, epoch, span)
                for member, epoch in incomplete
                if member not in limited and self._is_due(member, epoch, now)
                for span in epoch.open[:SPANS_MAX]
            ])  # fmt: skip

    def _limited(self, refusals: _Refusals, incomplete: list[tuple[str, EpochRanges]]) -> set[str]:
        """Return the members that refused today (UTC) to resend any more; requests to them are skipped."""
        today = self._core.clock() // limits.DAY
        return {
            member
            for member, epoch in incomplete
            if any(each.at // limits.DAY == today for each in _until_tomorrow(refusals.get(epoch.id, ())))
        }

    def _request_left_out(self, connection: Connection, refusals: _Refusals) -> int:
        """Request again what was sealed to no key of ours and was refused on an earlier day for its quota."""
        core, statements, today = self._core, Statements(), self._core.clock() // limits.DAY
        put_off = {id_: wanted for id_, each in refusals.items() if (wanted := _until_tomorrow(each))}
        left_out = gaps.left_out_epochs(connection) if put_off else set()
        for id_, wanted in put_off.items():
            state = core.world.epochs.get(id_)
            if id_ not in left_out or state is None or not state.is_live or wanted[-1].at // limits.DAY >= today:
                continue
            gaps.delete_refusals(connection, id_, daily_quotas.TOMORROW)  # the alarm is checked with what comes next
            for each in wanted:
                entry = Entry(epoch=id_.hex(), first=each.first, last=each.last)
                statements.missing(state.epoch.sender, state.chain.realm, entry, "E-LEFT-OUT")
        return statements.queue(connection, core)

    def _is_due(self, member: str, epoch: EpochRanges, now: int) -> bool:
        if epoch.request is None or now - self._core.last_heard.get(member, 0) > self._core.silent_after:
            return False
        return _is_time(epoch.request, now)
