"""Isolates an object that the store cannot hold: it is set aside alone, without failing its batch or the process.

The store rejects values, not objects. After such an error the batch is judged object by object, each in its own
transaction; then the waiting objects, because an object is judged again in the transaction of the one that it waited
for. The object that fails is kept as it arrived, encrypted, with the alarm `poison`, and its stream continues after it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from suar.observe.alarms import POISON, code_of
from suar.protocol.base import subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_
from suar.protocol.transport.outcome import Alarm
from suar.service.core.altered_rows import without_recalled
from suar.service.core.core import Core
from suar.service.receive import inbound, quarantine
from suar.service.receive.batch import Arrival, BatchTransaction, Effect
from suar.store.engine.database import refuses_data
from suar.store.inbound import incidents
from suar.store.recovery import positions

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
    """Judge the waiting objects; if the store rejects a value in them, object by object."""
    try:
        return judge(core)
    except Exception as error:
        if not refuses_data(error):
            raise
        return judge_separately(core)


def _receive_alone(core: Core, arrival: Arrival) -> Effect:
    return _or_keep(core, arrival, partial(inbound.receive_batch, core, [arrival], with_waiting=False)) or _NOTHING


def _judge_alone(core: Core, n: int) -> Effect | None:
    with core.transaction() as connection:
        row = incidents.waiting_object(connection, n)
    if row is None:
        return None
    arrival = Arrival(row.subject, row.data, is_redelivered=True)
    return _or_keep(core, arrival, partial(inbound.judge_one_waiting, core, n), n)


def _or_keep(
    core: Core, arrival: Arrival, judge: Callable[[], Effect | None], waiting: int | None = None
) -> Effect | None:
    try:
        return judge()
    except Exception as error:
        if not refuses_data(error):
            raise
        _keep(core, arrival, error, waiting)
        return _NOTHING


def _keep(core: Core, arrival: Arrival, error: Exception, waiting: int | None) -> None:
    """Return the object as it arrived: nothing that it states is used in a statement."""
    try:
        sender = subjects.parse(arrival.subject).sender
    except Refused:
        sender = ""
    with core.transaction() as connection:
        transaction = BatchTransaction(core, connection)
        share = quarantine.quota_share(transaction, sender)
        row: dict[str, Any] = {
            "code": code_of(POISON), "rule": "", "at": transaction.now, "sender": share,
            "frame_hash": None, "place": None, "path": "$",
        }  # fmt: skip
        incidents.quarantine(connection, core.vault, row, [({}, without_recalled(core, arrival.data))])
        digest = hash_("frame", arrival.data).hex()
        core.raise_alarm(connection, Alarm(POISON, share, message_id=digest[:32]), arrival.data)
        if waiting is not None:
            incidents.delete_waiting(connection, [waiting])
        core.log_event("object_poisoned", "error", member=share, digest=digest, error_type=type(error).__name__)


_NOTHING: Final = Effect(0, is_trust_new=False)


def _sum(effects: Sequence[Effect]) -> Effect:
    accepted = tuple(found for each in effects for found in each.accepted)
    return Effect(sum(each.queued for each in effects), any(each.is_trust_new for each in effects), accepted)
