"""Isolates an object that the store cannot hold or that makes our own code raise: it is set aside alone, without
failing its batch or the process.

After such an error the batch is judged object by object, each in its own transaction; then the waiting objects, because
an object is judged again in the transaction of the one that it waited for. The object that fails is kept as it arrived,
encrypted, within the quota of its sender, with the alarm `poison`, and its stream continues after it. At the end a
batch of no object is judged: if that fails too, the fault is ours alone, and nothing of the batch is acknowledged.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from suar.observe.alarms import POISON, code_of
from suar.protocol.base import subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_
from suar.protocol.base.subjects import Subject
from suar.protocol.transport import frame as frames
from suar.protocol.transport.outcome import Alarm
from suar.service.core.altered_rows import without_recalled
from suar.service.core.core import Core
from suar.service.receive import inbound, own_name, quarantine
from suar.service.receive.batch import Arrival, BatchTransaction, Effect
from suar.store.faults import may_be_of_object
from suar.store.inbound import incidents
from suar.store.inbound.text import storable
from suar.store.recovery import positions

WAITING: Final = "waiting"  # instead of a stream, of an object that waits here
SUBJECT_MAX: Final = 120  # characters that are kept of a subject
PASSES: Final = 3  # passes over the waiting objects, where one object may unlock another


def receive_separately(
    core: Core, batch: Sequence[Arrival], sequence: int = 0, position: str = positions.INBOX
) -> Effect:
    """Judge a batch that could not be committed, object by object; then the waiting objects. Raises StoreFault,
    ClockFault.
    """
    effects = [_receive_alone(core, arrival) for arrival in batch]
    effects.append(inbound.receive_batch(core, [], sequence, with_waiting=False, position=position))
    return _sum([*effects, judge_separately(core)])


def judge_separately(core: Core) -> Effect:
    """Judge all waiting objects again, each in its own transaction."""
    effects = list[Effect]()
    for _ in range(PASSES):
        with core.transaction() as connection:
            numbers = incidents.waiting_numbers(connection)
        made = [each for n in numbers if (each := _judge_alone(core, n)) is not None]
        effects += made
        if not made:
            break
    return _sum(effects)


def guarded(judge: Callable[[Core], Effect], core: Core) -> Effect:
    """Judge the waiting objects; if one of them may be what fails, object by object."""
    try:
        return judge(core)
    except Exception as error:
        if not may_be_of_object(error):
            raise
        return judge_separately(core)


def _receive_alone(core: Core, arrival: Arrival) -> Effect:
    return _or_keep(core, arrival, partial(inbound.receive_batch, core, [arrival], with_waiting=False)) or _NOTHING


def _judge_alone(core: Core, n: int) -> Effect | None:
    with core.transaction() as connection:
        row = incidents.waiting_object(connection, n)
    if row is None:
        return None
    arrival = Arrival(row.subject, row.data, is_redelivered=True, stream=WAITING, number=n)
    return _or_keep(core, arrival, partial(inbound.judge_one_waiting, core, n), n)


def _or_keep(
    core: Core, arrival: Arrival, judge: Callable[[], Effect | None], waiting: int | None = None
) -> Effect | None:
    try:
        return judge()
    except Exception as error:
        if not may_be_of_object(error):
            raise
        _keep(core, arrival, error, waiting)
        return _NOTHING


def _keep(core: Core, arrival: Arrival, error: Exception, waiting: int | None) -> None:
    """Keep the object as it arrived: nothing that it states is used in a statement.

    The alarm names its sender only if a key of the sender signed it; its subject is the hub's word.
    """
    with core.transaction() as connection:
        transaction = BatchTransaction(core, connection)
        sender, is_signed = _sender_of(core, arrival)
        share = quarantine.quota_share(transaction, sender)
        row: dict[str, Any] = {
            "code": code_of(POISON), "rule": "", "at": transaction.now, "sender": share,
            "frame_hash": None, "place": None, "path": _description(arrival, sender, is_signed=is_signed),
        }  # fmt: skip
        incidents.quarantine(connection, core.vault, row, [({}, without_recalled(core, arrival.data))])
        digest = hash_("frame", arrival.data).hex()
        alarm = Alarm(POISON, share if is_signed else "", message_id=digest[:32])
        core.raise_alarm(connection, alarm, arrival.data)
        if waiting is not None:
            incidents.delete_waiting(connection, [waiting])
        facts = {"stream": arrival.stream, "number": arrival.number, "subject": storable(arrival.subject)[:SUBJECT_MAX]}
        kind = type(error).__name__
        core.log_event(
            "object_poisoned", "error", member=share, digest=digest, error_type=kind, is_signed=is_signed, **facts
        )


def _sender_of(core: Core, arrival: Arrival) -> tuple[str, bool]:
    """Return the sender that the subject names, and whether it signed the object; an error while looking: no."""
    try:
        subject = subjects.parse(arrival.subject)
    except Refused:
        return "", False
    try:
        return subject.sender, _is_signed(core, subject, arrival.data)
    except Exception:  # Refused, or this object makes our code raise
        return subject.sender, False


def _is_signed(core: Core, subject: Subject, data: bytes) -> bool:
    """Whether the sender signed it: a frame with the key of an epoch of its own, anything else with its identity."""
    state = core.world.epochs.get(data[4:36]) if subject.type == "frame" else None
    if state is None:
        return own_name.is_signed_by(core.world.trust, subject.sender, subject, data)
    frames.verify_signature(frames.parse(data), state.epoch.public, state.epoch.realm)
    return state.epoch.sender == subject.sender


def _description(arrival: Arrival, sender: str, *, is_signed: bool) -> str:
    """Return the stream, number, subject and sender of an object in one line."""
    source = f"{arrival.stream} number {arrival.number}" if arrival.number else arrival.stream or "by hand"
    word = f"signed by {sender}" if is_signed else "signed by nobody known"
    return storable(f"{source}, subject {arrival.subject[:SUBJECT_MAX]}, {word}")


_NOTHING: Final = Effect(0, is_trust_new=False)


def _sum(effects: Sequence[Effect]) -> Effect:
    accepted = tuple(found for each in effects for found in each.accepted)
    return Effect(sum(each.queued for each in effects), any(each.is_trust_new for each in effects), accepted)
