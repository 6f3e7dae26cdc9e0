"""Deadlines of alerts with `ack_within`: finds who has not acknowledged one in time, and queues the notices.

The escalation profile in force (escalation.py) has three steps. By default the duty officer is reminded after half of
the time, the focal point is notified at the deadline, and the national coordinator half of the time after it. A
receiver notifies its own people about alerts that it has not acknowledged itself. A publisher notifies its own people,
at the deadline and after it, about the members whose signed receipts are missing. A cancel or an update ends the
deadline of the revision before it.
"""

from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import Connection, Row

from suar.observe.hooks import Overdue
from suar.protocol.base import limits
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.stages import BY_PERSON
from suar.protocol.message.kinds import Alert, Publication
from suar.service.core.core import Core
from suar.service.notify import notices
from suar.service.settings.escalation import DEADLINE, steps
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view, own_statements
from suar.store.people import deadlines

LONG_OVER: Final = 3  # multiples of `ack_within`; a deadline older than that is dropped without a notice
SETTLED: Final = 5 * limits.MINUTE  # wait after a restore: earlier receipts may still have to be read back


def add_deadline(core: Core, connection: Connection, message: Publication, *, not_before: int = 0) -> None:
    """Store the deadline of an alert that was accepted or received; does nothing for any other message.

    Runs in the caller's transaction. `not_before` (ms) is the earliest time of the first step.
    """
    if isinstance(message, Alert) and message.ack_within is not UNSET and message.action != "cancel":
        sent, within = milliseconds(message.sent), message.ack_within * limits.HOUR
        first = steps(core.config.escalation)[0].due(sent, within)
        deadlines.keep(connection, message.id, message.rev, sent, within, max(first, not_before))


def add_restored_deadline(core: Core, connection: Connection, message: Publication) -> None:
    """Store the deadline of an alert of ours that was read back after a restore.

    The first step is due `SETTLED` ms from now at the earliest, when its receipts may have been read back too.
    """
    add_deadline(core, connection, message, not_before=core.clock() + SETTLED)


def process_due(core: Core) -> None:
    """Process every step that is due, in one transaction: queue its notices and schedule the next step."""
    with core.transaction() as connection:
        now = core.clock()
        for row in deadlines.due_deadlines(connection, now):
            if now - row.sent > LONG_OVER * row.within:
                deadlines.end(connection, row)  # the gateway was stopped: nobody is woken for a deadline of long ago
                continue
            _step(core, connection, row, now)


def _step(core: Core, connection: Connection, row: Row[Any], now: int) -> None:
    message = messages.find(connection, row.id)
    owing = _unacknowledged(core, connection, row) if message is not None and message.rev == row.rev else []
    plan = steps(core.config.escalation)
    percent, role = plan[row.step]
    is_ours = message is not None and message.origin == core.member
    if not (is_ours and percent < DEADLINE):  # the others have their time until the deadline
        for member in owing:
            core.queue_record(Overdue(at=now, id=row.id, rev=row.rev, member=member, role=role))
        if message is not None:
            notices.add_overdue(core, connection, message, role, owing)
    if owing and row.step + 1 < len(plan):
        deadlines.next_step(connection, row, plan[row.step + 1].due(row.sent, row.within))
    else:
        deadlines.end(connection, row)


def _unacknowledged(core: Core, connection: Connection, row: Row[Any]) -> list[str]:
    """Return the members that have not acknowledged the message: the other members if it is ours, else possibly us."""
    if row.id[:2] == core.member:
        return [
            each.member
            for each in delivery_view.deliveries(connection, row.id, row.rev)
            if delivery_view.is_answer_due(each)
        ]
    said = [each for each in own_statements.statements_about(connection, row.id) if each.rev == row.rev]
    return [] if any(each.stage in BY_PERSON for each in said) else [core.member]
