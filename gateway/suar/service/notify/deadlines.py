"""Deadlines of alerts with `ack_within`: finds who has not acknowledged one in time, and queues the notices.

The escalation profile in force (escalation.py) has three steps. By default the duty officer is reminded after half of
the time, the focal point is notified at the deadline, and the national coordinator half of the time after it. A
receiver notifies its own people about alerts that it has not acknowledged itself. A publisher notifies its own people,
at the deadline and after it, about the members whose signed receipts are missing. The time of a member begins when it
has the alert, not when the publisher dated it. A cancel or an update ends the deadline of the revision before it.
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
from suar.service.reading.answers import begins_here, begins_there
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
        begin, within = milliseconds(message.sent), message.ack_within * limits.HOUR
        if message.id[:2] != core.member:
            begin = begins_here(begin, core.clock())
        first = steps(core.config.escalation)[0].due(begin, within)
        deadlines.keep(connection, message.id, message.rev, begin, within, max(first, not_before))


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
            _process(core, connection, row, now)


def _process(core: Core, connection: Connection, row: Row[Any], now: int) -> None:
    """Queue the notices of the steps that became due since the last call, for each member by its own begin."""
    message = messages.find(connection, row.id)
    begins = _unacknowledged(core, connection, row, now) if message is not None and message.rev == row.rev else {}
    is_ours, since = row.id[:2] == core.member, row.due if row.step else 0
    following: list[int] = []
    for step in steps(core.config.escalation):
        due = {member: step.due(begin, row.within) for member, begin in begins.items()}
        following += [at for at in due.values() if at > now]
        overdue = [member for member, at in due.items() if since <= at <= now]
        if message is not None and overdue and not (is_ours and step.percent < DEADLINE):  # the others have their time
            _notify(core, connection, message, step.role, overdue)
    if following:
        deadlines.next_step(connection, row, min(following))
    else:
        deadlines.end(connection, row)


def _notify(core: Core, connection: Connection, message: Row[Any], role: str, overdue: list[str]) -> None:
    for member in overdue:
        core.queue_record(Overdue(at=core.clock(), id=message.id, rev=message.rev, member=member, role=role))
    notices.add_overdue(core, connection, message, role, overdue)


def _unacknowledged(core: Core, connection: Connection, row: Row[Any], now: int) -> dict[str, int]:
    """Return the members that have not acknowledged the message, with the begin of their time (ms).

    The other members if it is ours, else possibly us; members whose time ended long ago, while the gateway was stopped,
    are left out.
    """
    if row.id[:2] == core.member:
        unacknowledged = {
            each.member: begins_there(row.sent, each.stored)
            for each in delivery_view.deliveries(connection, row.id, row.rev)
            if delivery_view.is_answer_due(each)
        }
    else:
        statements = [each for each in own_statements.statements_about(connection, row.id) if each.rev == row.rev]
        unacknowledged = {} if any(each.stage in BY_PERSON for each in statements) else {core.member: row.sent}
    return {member: begin for member, begin in unacknowledged.items() if now - begin <= LONG_OVER * row.within}
