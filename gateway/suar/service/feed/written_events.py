"""The event of a row, built once for all readers: the text is decrypted, and the event written, for the first one.

It depends on the row alone, and never on the reader. The policy decides for each reader, each time.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from suar.protocol.message.marking import Marking, marking_of_tree
from suar.service.core.altered_rows import is_destroyed
from suar.service.core.core import Core
from suar.service.feed.events import expiry_event, message_event
from suar.service.feed.withdrawals import opened
from suar.store.messages import urgency
from suar.store.messages.inbox import VALUE_MAX

CURRENT: Final = "current"
OVER: Final = "over"
EXPIRY: Final = "expiry"
"""The forms of an event: of what is in force, of what is not any more, and that it has just expired."""


class WrittenEvent(NamedTuple):
    """The marking of a message, by which the policy decides, and its event."""

    marking: Marking | None
    data: bytes


def written_events(
    core: Core, connection: Connection, rows: Sequence[Any], forms: Sequence[str], turn: int | None
) -> list[WrittenEvent | None]:
    """Return the event of each of these rows in its form; None for what was overtaken, destroyed or altered.

    `turn` is that of `core.opened_texts` from before the view of the store that is read; without it nothing is kept.
    """
    known = core.opened_texts
    core.suspect_rows(*(row.n for row in rows if row.size > VALUE_MAX))
    newest = [row.is_held and row.last_rev == row.rev and row.size <= VALUE_MAX for row in rows]
    found = [
        known.find((form, *urgency.bound_of(row))) if is_newest else None
        for row, form, is_newest in zip(rows, forms, newest, strict=True)
    ]
    unknown = {
        row.n: at for at, row in enumerate(rows) if newest[at] and (found[at] is None or is_destroyed(core, row))
    }
    for at in unknown.values():
        found[at] = None
    for row in urgency.with_bodies(connection, unknown):
        at = unknown[row.n]
        event = found[at] = _written(core, row, forms[at])
        if event is not None:
            known.keep((forms[at], *urgency.bound_of(row)), event, len(event.data), turn)
    return found


def _written(core: Core, row: Any, form: str) -> WrittenEvent | None:
    body = opened(core, row)
    if body is None:
        return None
    data = expiry_event(core, row) if form == EXPIRY else message_event(core, row, body, is_over=form == OVER)
    return WrittenEvent(marking_of_tree(body), data)
