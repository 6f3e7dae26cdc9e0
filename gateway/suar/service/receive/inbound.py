"""The way in: a batch of objects judged in order and committed in one transaction, then acknowledged.

Signatures are checked first, on two cores (signatures.py); everything else needs the world and runs on the core's
thread. What waits is committed too and judged again, in the same transaction, the moment what it waits for arrives.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Row

from suar.observe.alarms import IDENTITY_IN_USE
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import CODES, Fault, Refused
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.admission import admit
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.outcome import Alarm, Outcome
from suar.service.core.core import Core
from suar.service.receive import signatures, waiting
from suar.service.receive.batch import Arrival, BatchTransaction, Effect
from suar.service.receive.outcomes import apply_outcome
from suar.store.inbound import incidents
from suar.store.outbound import outbox
from suar.store.recovery import positions

_CHAINED: Final = (epochs.MAGIC, frames.MAGIC)  # come in an order: before them is judged what waited and came sooner


class ClockFault(Fault):
    """[T14] Our clock stands behind: nothing may be judged, and what came stays where it is."""


def receive_batch(
    core: Core, batch: Sequence[Arrival], place: int = 0, *, by_hand: Callable[[Outcome], None] | None = None
) -> Effect:
    """Judge a batch in order and commit all of it. Raises StoreFault, ClockFault: then nothing of it happened.

    `place` is the number that its last object has in INBOX. `by_hand` is told how each object of a carried file was
    judged: the same door, but a heartbeat in a file does not say that its sender is there now.
    """
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        if core.world.is_clock_back(turn.now):  # [T14] it may step between the pull and now
            raise ClockFault(CODES["E-CLOCK"].meaning, CODES["E-CLOCK"].advice)
        if core.due.waits_for <= turn.now + limits.CLOCK_TOLERANCE:
            _judge_due(turn)
        turn.by_hand = by_hand
        verified = signatures.verify_signatures(core.world, [arrival.data for arrival in batch], core.verifier)
        for arrival, checked in zip(batch, verified, strict=True):
            if turn.has_unlocked and arrival.data[:4] in _CHAINED:
                _judge_waiting(turn)
            _receive_one(turn, arrival, checked)
        _judge_waiting(turn)
        _end(turn)
        core.record_position(connection, positions.INBOX, place)
        core.faults.hit("inbound.admitted")
        core.run_after_commit(lambda: core.faults.hit("inbound.committed"))
    return Effect(turn.queued, turn.is_trust_new)


def judge_everything(core: Core) -> Effect:
    """Judge again all that waits: a list came by another door than the bus."""
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        turn.mark_trust_changed()
        _judge_waiting(turn)
        _end(turn)
    return Effect(turn.queued, is_trust_new=True)


def judge_due(core: Core) -> Effect:
    """Judge what waited for a time that has come, and give up what waited for 24 hours."""
    with core.transaction() as connection:
        turn = BatchTransaction(core, connection)
        _judge_due(turn)
        _end(turn)
    return Effect(turn.queued, turn.is_trust_new)


def _end(turn: BatchTransaction) -> None:
    turn.write()
    if turn.is_trust_new:
        turn.core.renew_sender()


def _receive_one(turn: BatchTransaction, arrival: Arrival, verified: Verified | None) -> None:
    if _is_echo(turn, arrival):
        return
    out = admit(turn.core.world, arrival.subject, arrival.data, turn.now, verified)
    apply_outcome(turn, arrival, out)
    if turn.by_hand is not None:
        turn.by_hand(out)
    if out.result == "wait":
        waiting.keep_waiting(turn, arrival, out)


def _is_echo(turn: BatchTransaction, arrival: Arrival) -> bool:
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
        core.raise_alarm(turn.connection, Alarm(IDENTITY_IN_USE, core.member), arrival.data)
    return True


def _judge_due(turn: BatchTransaction) -> None:
    """Before what came later: an epoch that waited is refused for good once its successor was accepted ([E8])."""
    until, is_any = turn.now + limits.CLOCK_TOLERANCE, False
    for row in incidents.waiting_due(turn.connection, turn.now):
        is_any = True
        _judge_again(turn, row)
        _judge_waiting(turn)
    if is_any or turn.core.due.waits_for <= until:
        turn.core.due.set_next_time(incidents.first_time(turn.connection))


def _judge_waiting(turn: BatchTransaction) -> None:
    """Judge again what may go on now, in the order it came, until nothing more does."""
    _judge_frames(turn)
    while turn.has_new_trust:
        turn.has_new_trust = False
        judged: set[int] = set()
        for row in incidents.waiting(turn.connection, everything=True):
            if row.n not in judged and _judge_again(turn, row):
                turn.has_new_trust = True  # what came before it may go on too
                judged |= _judge_frames(turn)


def _judge_frames(turn: BatchTransaction) -> set[int]:
    """The frames that waited for new epochs, before the next epoch, which says how many there were; their rows."""
    judged = set()
    while turn.new_epochs:
        epoch_ids, turn.new_epochs = turn.new_epochs, []
        for row in incidents.waiting(turn.connection, epoch_ids=epoch_ids):
            _judge_again(turn, row)
            judged.add(row.n)
    return judged


def _judge_again(turn: BatchTransaction, row: Row[Any]) -> bool:
    """Present a waiting object once more; whether it waits no longer."""
    arrival = Arrival(row.subject, row.data, is_redelivered=True)
    out = admit(turn.core.world, row.subject, row.data, turn.now)
    if out.result == "wait":
        waiting.extend_wait(turn, row, out)
        return False
    incidents.stop_waiting(turn.connection, [row.n])
    apply_outcome(turn, arrival, out)
    return True
