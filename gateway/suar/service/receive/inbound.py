"""The inbound path: a batch of objects is judged in order and committed in one transaction, then acknowledged.

Signatures are checked first, on two cores (signatures.py); everything else needs the world and runs on the core's
thread. Waiting objects are committed too, and are judged again in the same transaction when their dependency arrives.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Row

from suar.observe.alarms import IDENTITY_IN_USE
from suar.observe.hooks import ObjectJudged
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import CODES, Fault, Refused
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.admission import admit
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.outcome import Alarm, Outcome
from suar.service.core.core import Core
from suar.service.gaps import own_numbers
from suar.service.receive import own_name, signatures, waiting
from suar.service.receive.batch import Arrival, BatchTransaction, Effect
from suar.service.receive.outcomes import apply_outcome
from suar.store.inbound import incidents
from suar.store.outbound import outbox
from suar.store.recovery import positions

_CHAINED: Final = (epochs.MAGIC, frames.MAGIC)  # form chains: earlier objects that wait are judged first


class ClockFault(Fault):
    """[T14] This gateway's clock is behind: nothing may be judged, and objects stay in their stream."""


def receive_batch(
    core: Core, batch: Sequence[Arrival], sequence: int = 0, *, on_carried: Callable[[Outcome], None] | None = None,
    with_waiting: bool = True, position: str = positions.INBOX,
) -> Effect:  # fmt: skip
    """Judge a batch in order and commit all of it. Raises StoreFault, ClockFault: then nothing of it is committed.

    An error that may be due to an object (`may_be_of_object`) is raised too: poison.py then judges object by object,
    without the waiting objects. `sequence` is the number of the last object in the INBOX of `position`. `on_carried` is
    called with the outcome of each object of a carried file: the rules are the same, except that a heartbeat in a file
    does not show that its sender is present now.
    """
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        if core.world.is_clock_back(turn.now):  # [T14] the clock may step between the pull and now
            raise ClockFault(CODES["E-CLOCK"].meaning, CODES["E-CLOCK"].advice)
        if with_waiting and core.due.waits_for <= turn.now + limits.CLOCK_TOLERANCE:
            _judge_due(turn)
        turn.on_carried = on_carried
        verified = signatures.verify_signatures(core.world, [arrival.data for arrival in batch], core.verifier)
        for arrival, checked in zip(batch, verified, strict=True):
            if with_waiting and turn.has_unlocked and arrival.data[:4] in _CHAINED:
                _judge_waiting(turn)
            _receive_one(turn, arrival, checked)
        if with_waiting:
            _judge_waiting(turn)
        _end(turn)
        core.record_position(connection, position, sequence)
        core.faults.hit("inbound.admitted")
        core.run_after_commit(lambda: core.faults.hit("inbound.committed"))
    return Effect(turn.queued, turn.is_trust_new, tuple(turn.accepted))


def judge_everything(core: Core) -> Effect:
    """Judge all waiting objects again, after a list that did not arrive by the bus."""
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        turn.mark_trust_changed()
        _judge_waiting(turn)
        _end(turn)
    return Effect(turn.queued, is_trust_new=True)


def judge_one_waiting(core: Core, n: int) -> Effect | None:
    """Judge one waiting object again, alone; None when it continues to wait, or no longer waits."""
    with core.transaction() as connection:
        row = incidents.waiting_object(connection, n)
        turn = BatchTransaction(core, connection)
        if row is None or not _judge_again(turn, row):
            return None
        _end(turn)
    return Effect(turn.queued, turn.is_trust_new)


def judge_due(core: Core) -> Effect:
    """Judge objects whose time has come, and refuse those that have waited for 24 hours."""
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        _judge_due(turn)
        _end(turn)
    return Effect(turn.queued, turn.is_trust_new)


def _end(transaction: BatchTransaction) -> None:
    transaction.write()
    if transaction.is_trust_new:
        transaction.core.renew_sender()


def _receive_one(transaction: BatchTransaction, arrival: Arrival, verified: Verified | None) -> None:
    if _judge_echo(transaction, arrival):
        return
    out = admit(transaction.core.world, arrival.subject, arrival.data, transaction.now, verified)
    if _is_ours_moved(transaction, arrival, out):
        out.result, out.rule, out.code = "refused", "F3", "E-FRAME-SUBJECT"
    apply_outcome(transaction, arrival, out)
    if arrival.id and out.result in ("ok", "late"):
        transaction.accepted.append(arrival.id)
    if transaction.on_carried is not None:
        transaction.on_carried(out)
    if out.result == "wait":
        waiting.keep_waiting(transaction, arrival, out)


def _judge_echo(transaction: BatchTransaction, arrival: Arrival) -> bool:
    """Judge an object under this member's name, our own `all` traffic or another's; returns False for any other."""
    core = transaction.core
    try:
        subject = subjects.parse(arrival.subject)
    except Refused:
        return False
    if subject.sender != core.member or subject.type in ("trust", "revoke"):
        return False
    epoch_id = arrival.data[4:36] if subject.type == "frame" else b""
    if outbox.is_ours(transaction.connection, arrival.data, epoch_id):
        return True
    own_numbers.read_returned(core, transaction.connection, subject, arrival.data)
    if own_name.is_signed_by(core.world.trust, core.member, subject, arrival.data):
        core.raise_alarm(transaction.connection, Alarm(IDENTITY_IN_USE, core.member), arrival.data)
    else:  # the hub's operator placed it there; it has no effect
        core.queue_record(
            ObjectJudged(
                at=transaction.now, origin=core.member, type=subject.type, realm=subject.realm, result="refused",
                rule="F4", code="E-FRAME-SIGNATURE", is_redelivered=arrival.is_redelivered, hub=arrival.hub,
            )
        )  # fmt: skip
    return True


def _is_ours_moved(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> bool:
    """Whether a frame of ours arrived under another member's name: it would wait for an epoch of that member."""
    if out.result != "wait" or out.subject is None or out.subject.type != "frame":
        return False
    return outbox.has_epoch(transaction.connection, arrival.data[4:36])


def _judge_due(transaction: BatchTransaction) -> None:
    """Judge due objects. This runs before later objects: a waiting epoch is refused once its successor is accepted
    ([E8]).
    """
    until, is_any = transaction.now + limits.CLOCK_TOLERANCE, False
    for row in incidents.waiting_due(transaction.connection, transaction.now):
        is_any = True
        _judge_again(transaction, row)
        _judge_waiting(transaction)
    if is_any or transaction.core.due.waits_for <= until:
        transaction.core.due.set_next_time(incidents.earliest_wait(transaction.connection))


def _judge_waiting(transaction: BatchTransaction) -> None:
    """Judge waiting objects again, in order of arrival, until none makes progress."""
    _judge_frames(transaction)
    while transaction.has_new_trust:
        transaction.has_new_trust = False
        judged: set[int] = set()
        for row in incidents.waiting_objects(transaction.connection, everything=True):
            if row.n not in judged and _judge_again(transaction, row):
                transaction.has_new_trust = True  # objects that wait for earlier ones may be judged now
                judged |= _judge_frames(transaction)


def _judge_frames(transaction: BatchTransaction) -> set[int]:
    """Judge the frames that waited for new epochs, before the next epoch states their number; returns their rows."""
    judged = set()
    while transaction.new_epochs:
        epoch_ids, transaction.new_epochs = transaction.new_epochs, []
        for row in incidents.waiting_objects(transaction.connection, epoch_ids=epoch_ids):
            _judge_again(transaction, row)
            judged.add(row.n)
    return judged


def _judge_again(transaction: BatchTransaction, row: Row[Any]) -> bool:
    """Judge a waiting object again, as if it arrived from the bus now; returns whether it no longer waits."""
    arrival = Arrival(row.subject, row.data, is_redelivered=True)
    if _judge_echo(transaction, arrival):  # no object under our own name ever waits
        incidents.delete_waiting(transaction.connection, [row.n])
        return True
    out = admit(transaction.core.world, row.subject, row.data, transaction.now)
    if out.result == "wait":
        waiting.extend_wait(transaction, row, out)
        return False
    incidents.delete_waiting(transaction.connection, [row.n])
    apply_outcome(transaction, arrival, out)
    return True
