"""Messages that we published, the newest first, with the number of members at each stage by their signed receipts.

Also, for their authors, messages that a second person rejected and that were never sent.
"""

from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.instants import rfc3339
from suar.service.core.altered_rows import NOT_SHOWN
from suar.service.core.core import Core
from suar.service.reading import views
from suar.store.messages import inbox as inbox_rows
from suar.store.messages import rows as messages
from suar.store.messages.urgency import Selection
from suar.store.people import held

_PAGE: Final = 100
DECIDED_FOR: Final = 7 * limits.DAY  # a rejection is shown to its authors, a release alone to coordinators
DECIDED_MAX: Final = 100  # rows that are examined


def list_sent(
    core: Core, *, realm: str, before: int | None = None, limit: int = _PAGE, lang: str | None = None
) -> list[dict[str, Any]]:
    """Return the newest revisions of our messages below row number `before`; for any thread.

    A row has the inbox's fields of a message, `sent`, and `counts`: see delivery_details.py.
    """
    found: list[dict[str, Any]] = []
    selection = Selection(None, core.member, realm, None)
    with core.database.reading() as connection:
        while len(found) < limit:
            last = core.vault.numbers.last if before is None else before - 1
            numbers = inbox_rows.newest_before(connection, selection, limit - len(found), last)
            for rows in inbox_rows.pages(connection, numbers):
                chains = messages.chains_of(connection, {row.id for row in rows})
                for row in rows:
                    if chains[row.id][-1].rev == row.rev:
                        found += _line(core, connection, row, chains[row.id], lang)
            if not numbers:
                break
            before = numbers[-1]
    return found


def list_rejected(core: Core, who: str, realm: str) -> list[dict[str, Any]]:
    """Return what was rejected recently of what the person of a session wrote, the last first, each with the reason.

    What one of its authors took back is left out. For any thread.
    """
    with core.database.reading() as connection:
        rows = held.rejected_since(connection, realm, core.clock() - DECIDED_FOR, DECIDED_MAX)
    return [
        {
            "id": row.id, "kind": row.kind, "by": row.decided_by, "at": rfc3339(row.decided_at),
            "reason": held.note_of(core.vault, row),
        }
        for row in rows
        if who in (editors := (row.editors or "").split()) and row.decided_by not in editors
    ]  # fmt: skip


def list_released_alone(core: Core, realm: str) -> list[dict[str, str]]:
    """Return which messages were released without a second person recently, and by whom, the last first.

    For any thread.
    """
    with core.database.reading() as connection:
        rows = held.released_alone_since(connection, realm, core.clock() - DECIDED_FOR, DECIDED_MAX)
    return [{"id": row.id, "by": row.decided_by} for row in rows]


def _line(
    core: Core, connection: Connection, row: Any, chain: list[Any], lang: str | None
) -> list[dict[str, Any]]:  # fmt: skip
    try:
        body = views.body_of(core, row)
    except NOT_SHOWN:  # the next check reports it; the others are shown
        return []
    delivered = views.deliveries_of(core, connection, row, body)
    line = views.line(row, body, views.state_of(chain, row, core.clock()), lang)
    delivery = {"sent": rfc3339(row.sent), "acknowledge_by": delivered["acknowledge_by"]}
    return [line | delivery | {"counts": delivered["counts"]}]
