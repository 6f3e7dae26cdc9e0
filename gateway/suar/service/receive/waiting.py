"""Objects that cannot be judged yet: kept until they can be, and refused when they expire (protocol.md section 7)."""

from typing import Any, Final, NamedTuple

from suar.observe.hooks import ObjectJudged
from suar.protocol.base import limits
from suar.protocol.transport.epoch import id_of
from suar.protocol.transport.outcome import Outcome
from suar.service.receive import quarantine
from suar.service.receive.batch import Arrival, BatchTransaction
from suar.store.inbound import incidents

_SUBJECT: Final = "E3"


class WaitingObject(NamedTuple):
    """An object as a row of the waiting table."""

    sender: str
    type: str
    subject: str
    code: str
    rule: str
    for_time: int | None
    since: int
    epoch_id: bytes | None
    data: bytes


def keep_waiting(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Keep an object that cannot be judged yet, unless its dependency was refused."""
    if out.subject is None:
        return
    sender, epoch_id = quarantine.quota_share(transaction, out.subject.sender), arrival.data[4:36]
    row = WaitingObject(
        sender, out.subject.type, arrival.subject, out.code or "", out.waits_rule or "", out.waits_for_time,
        transaction.now, epoch_id if out.subject.type == "frame" else None, arrival.data,
    )  # fmt: skip
    if row.epoch_id in transaction.core.refused_epochs:
        refuse_expired(transaction, row, "E-EPOCH-REFUSED")
        return
    _request_dependency(transaction, row, out.subject.sender)
    columns = row._asdict()
    data = columns.pop("data")
    for gone in incidents.add_waiting(transaction.connection, columns, data):
        refuse_expired(transaction, gone, "E-WAIT-FULL")


def extend_wait(transaction: BatchTransaction, row: Any, out: Outcome) -> None:
    """Keep an object waiting, possibly for another dependency; after 24 hours refuse it by the rule that it waits by.

    While this gateway's clock is behind, neither happens ([T14]).
    """
    if out.subject is None:
        return
    now_by = WaitingObject(
        row.sender, row.type, row.subject, out.code or "", out.waits_rule or "", out.waits_for_time, row.since,
        row.epoch_id, row.data,
    )  # fmt: skip
    if row.since <= transaction.now - limits.WAIT_MAX:
        incidents.delete_waiting(transaction.connection, [row.n])
        refuse_expired(transaction, now_by, "E-WAIT-OVER")
    elif (row.rule, row.code, row.for_time) != (now_by.rule, now_by.code, now_by.for_time):
        incidents.update_waiting(transaction.connection, row.n, now_by.rule, now_by.code, now_by.for_time)
        _request_dependency(transaction, now_by, out.subject.sender)


def _request_dependency(transaction: BatchTransaction, row: WaitingObject, origin: str) -> None:
    """Request the trust list that an object waits for, or schedule its time."""
    if row.code == "E-EPOCH-TRUST":
        transaction.ask_for_list(origin)
    if row.for_time is not None:
        transaction.core.due.add_wait(row.for_time)


def refuse_waiting_frames(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Discard the frames that wait for an epoch which its signer signed and this gateway refuses ([E4] to [E10]).

    Frames that arrive after it do not wait either: the epoch was requested, and frames are sent again with it. A
    refusal by [E3] is about the subject of whoever replayed the epoch, and does not concern the epoch itself.
    """
    if out.subject is None or out.subject.type != "epoch" or out.rule == _SUBJECT or not quarantine.is_signed(out):
        return
    epoch_id = id_of(arrival.data, out.subject.realm)
    transaction.core.refused_epochs.add(epoch_id)
    for row in incidents.waiting_objects(transaction.connection, epoch_ids=[epoch_id]):
        incidents.delete_waiting(transaction.connection, [row.n])
        refuse_expired(transaction, row, "E-EPOCH-REFUSED")


def refuse_expired(transaction: BatchTransaction, row: Any, reason: str) -> None:
    """Refuse an object by the rule that made it wait."""
    transaction.core.queue_record(
        ObjectJudged(
            at=transaction.now,
            origin=row.sender,
            type=row.type,
            realm="",
            result="refused",
            rule=row.rule,
            code=row.code,
        )
    )
    transaction.core.log_event("waiting_ended", "warning", origin=row.sender, type=row.type, rule=row.rule, code=reason)
    sample = {"origin": row.sender, "code": row.code, "rule": row.rule, "subject": row.subject, "at": transaction.now}
    incidents.keep_sample(transaction.connection, sample, row.data)
