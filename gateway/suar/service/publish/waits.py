"""Held messages from the publisher's side: the limit on their number, withdrawal, and what waits with a recall."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.service.core.core import Core
from suar.service.core.reading_policy import refusal
from suar.service.publish import drafts, two_persons
from suar.store.messages import rows as messages
from suar.store.people import access, held

WAITING_MAX: Final = 500
"""Most messages of one token that may wait for a second person."""
CANCELLED: Final = "the message was cancelled"
_PAGE: Final = 100  # rows


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


# -- a recall, and the message that takes the place of the recalled one


def check_recall_left(core: Core, connection: Connection, row: Any) -> None:
    """Raise Invalid if a held message takes the place of one of ours whose recall waits: it would leave alone."""
    if any(_is_recall_waiting(core, connection, id_) for id_ in _replaced(core, row)):
        raise refusal(two_persons.CODE, "$.related", two_persons.AFTER_RECALL)


def replaced_by(core: Core, id_: str) -> list[dict[str, Any]]:
    """Return the messages of ours whose place the message that waits under this id takes, and their recall: `waits`,
    `left`, or `none`. For any thread.
    """
    with core.database.reading() as connection:
        row = held.find(connection, id_)
        ids = _replaced(core, row) if row is not None and row.state == held.HELD else []
        known = {each: messages.find(connection, each) for each in ids}
        return [
            {"id": each, "recall": _recall(core, connection, newest)}
            for each, newest in known.items()
            if newest is not None
        ]


def replacements(core: Core, id_: str) -> list[str]:
    """Return the ids of the messages that wait and take the place of this one. For any thread."""
    found, after = list[str](), (0, "")
    with core.database.reading() as connection:
        while rows := held.page(connection, after, _PAGE):
            after = (rows[-1].at, rows[-1].id)
            found += [row.id for row in rows if row.id != id_ and id_ in _replaced(core, row)]
    return found


def _recall(core: Core, connection: Connection, newest: Any) -> str:
    if newest.action == "cancel":
        return "left"
    return "waits" if _is_recall_waiting(core, connection, newest.id) else "none"


def _is_recall_waiting(core: Core, connection: Connection, id_: str) -> bool:
    return any(_tree(core, row).get("action") == "cancel" for row in held.pending_of(connection, id_))


def _replaced(core: Core, row: Any) -> list[str]:
    """Return the messages of ours whose place a new one takes: its updates and its recall may still name them."""
    tree = _tree(core, row)
    related = tree.get("related", ()) if tree["action"] == "new" else ()
    return [
        each["id"] for each in related
        if each["rel"] == two_persons.REPLACES and each["id"][:2] == core.member and each["id"] != row.id
    ]  # fmt: skip


def _tree(core: Core, row: Any) -> dict[str, Any]:
    tree: dict[str, Any] = msgspec.json.decode(held.open_row(core.vault, row).data)
    return tree
