"""Alerts that are to be acknowledged within hours (`ack_within`): who has not, and who is told of it.

Three steps of the profile in force (escalation.py): as a rule the duty officer is reminded at half the time, the focal
point at the deadline, the national coordinator half the time after it. A receiver tells its own people of what it has
not answered. The publisher tells its own at the deadline and after it which members have not, by their signed receipts.
Cancelled and updated alerts are not waited for.
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

LONG_OVER: Final = 3  # times the time that was given
SETTLED: Final = 5 * limits.MINUTE  # after a restore: until then the receipts of old may be on their way back


def add_deadline(core: Core, connection: Connection, message: Publication, *, not_before: int = 0) -> None:
    """An alert was accepted or came: look at it in time. Any other message costs nothing."""
    if isinstance(message, Alert) and message.ack_within is not UNSET and message.action != "cancel":
        sent, within = milliseconds(message.sent), message.ack_within * limits.HOUR
        first = steps(core.config.escalation)[0].due(sent, within)
        deadlines.keep(connection, message.id, message.rev, sent, within, max(first, not_before))


def add_restored_deadline(core: Core, connection: Connection, message: Publication) -> None:
    """An alert of ours that this state had lost is waited for again, once its receipts may have been read back too."""
    add_deadline(core, connection, message, not_before=core.clock() + SETTLED)


def process_due(core: Core) -> None:
    """Tell of every step that has come, in one transaction."""
    with core.transaction() as connection:
        now = core.clock()
        for row in deadlines.due_deadlines(connection, now):
            if now - row.sent > LONG_OVER * row.within:
                deadlines.end(connection, row)  # we were away: what is long over wakes nobody
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
    """Members that have not acknowledged it: of a message of ours the others, else we."""
    if row.id[:2] == core.member:
        return [
            each.member
            for each in delivery_view.deliveries(connection, row.id, row.rev)
            if delivery_view.is_answer_due(each)
        ]
    said = [each for each in own_statements.statements_about(connection, row.id) if each.rev == row.rev]
    return [] if any(each.stage in BY_PERSON for each in said) else [core.member]
