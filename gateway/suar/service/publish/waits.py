"""Held messages from the publisher's side: the limit on their number, and withdrawal."""

from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.service.core.core import Core
from suar.service.publish import drafts
from suar.store.people import access, held

WAITING_MAX: Final = 500
"""Most messages of one token that may wait for a second person."""
CANCELLED: Final = "the message was cancelled"


def held_limit_reason(connection: Connection, who: str, more: int = 1) -> Reason | None:
    """Return the reason against holding this many more messages of the token, if there is one."""
    if held.count_of(connection, who) + more <= WAITING_MAX:
        return None
    text = sentence(
        "{waiting_max} messages of this token wait for a second person, and no more may", waiting_max=WAITING_MAX
    )
    return Reason.of("E-HELD-FULL", None, "$", text, advice("E-HELD-FULL"))


def drop_held(core: Core, connection: Connection, id_: str, who: str, now: int) -> None:
    """Remove the held revision of a message that is cancelled in this transaction."""
    for row in held.pending_of(connection, id_):
        withdraw(core, connection, row, who, CANCELLED, now)


def withdraw(core: Core, connection: Connection, row: Any, who: str, note: str, now: int) -> None:
    """Withdraw a held message for its publisher: recorded as rejected, its text destroyed.

    The draft of a session is kept for a day.
    """
    held.decide(connection, core.vault, row, held.REJECTED, who, now, note)
    drafts.hand_back(core, connection, row.id, who, now, to_mend=True)
    access.note(connection, who, "withdraw", f"{row.id} {row.rev}", now)


def withdraw_draft(core: Core, id_: str, realm: str, who: str, note: str, version: int) -> bool:
    """Withdraw the held revision that a draft waits as, so that it can be changed; False where there is none.

    Revisions that were sent before remain as they are. Raises Conflict when another version of it waits.
    """
    with core.transaction() as connection:
        draft = drafts.waiting_as(core, connection, id_, realm, version)
        rows = held.pending_of(connection, draft) if draft is not None else ()
        for row in rows:
            withdraw(core, connection, row, who, note, core.clock())
    return bool(rows)
