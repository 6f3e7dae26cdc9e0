"""Proposals of agencies to the focal point: one encrypted row for each, with its state and its draft.

The text is destroyed with the decision: when its message is sent, or when it is rejected.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound
from suar.store.people import access

PROPOSED: Final = "proposed"
EDITING: Final = "editing"
HELD: Final = "held"
PUBLISHED: Final = "published"
REJECTED: Final = "rejected"
STATES: Final = (PROPOSED, EDITING, HELD, PUBLISHED, REJECTED)
OPEN: Final = (PROPOSED, EDITING, HELD)
"""Open states: nobody has decided yet."""
TAKEN_WITHIN: Final = 90 * limits.DAY
"""Time since the proposal (ms) after which an open one is rejected."""
KEPT: Final = 90 * limits.DAY
"""Time since the publication or rejection (ms) after which the row is deleted."""
OVERDUE: Final = "nobody took it within 90 days"
_c = t.contribution
_ERASED: Final[dict[str, Any]] = {"sealed": None, "sealed_key": None}


def add(connection: Connection, vault: Vault, row: Mapping[str, Any], content: bytes) -> None:
    """Store a new proposal. `row`: id, agency, at, realm, kind, changed_by."""
    sealed, salt = vault.seal(content, _about(row["id"]))
    kept = {"state": PROPOSED, "changed_at": row["at"], "sealed": sealed, "sealed_key": salt}
    connection.execute(insert(_c), {**row, **kept})


def find(connection: Connection, id_: str, agency: str | None = None) -> Row[Any] | None:
    """Return a proposal, only of that agency if one is named. Raises AlteredError."""
    table_sound(connection, _c)  # an older row would have the text that was destroyed
    wanted = select(_c).where(_c.c.id == id_)
    return connection.execute(wanted if agency is None else wanted.where(_c.c.agency == agency)).first()


def page(
    connection: Connection, after: tuple[int, str], limit: int, *, agency: str | None = None, state: str | None = None,
    realm: str | None = None,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Return proposals after (time, id), the oldest first; of one agency, state or realm, if these are named."""
    table_sound(connection, _c)
    wanted = select(_c).where(tuple_(_c.c.at, _c.c.id) > after)
    for column, value in ((_c.c.agency, agency), (_c.c.state, state), (_c.c.realm, realm)):
        wanted = wanted if value is None else wanted.where(column == value)
    return connection.execute(wanted.order_by(_c.c.at, _c.c.id).limit(limit)).all()


def count_open(connection: Connection, agency: str) -> int:
    """Return how many open proposals an agency has."""
    wanted = select(func.count()).where(_c.c.agency == agency, _c.c.state.in_(OPEN))
    return connection.execute(wanted).scalar_one()


def count_since(connection: Connection, agency: str, since: int) -> int:
    """Return how many an agency has proposed since then (ms)."""
    return connection.execute(select(func.count()).where(_c.c.agency == agency, _c.c.at >= since)).scalar_one()


def count_proposed(connection: Connection, realm: str) -> int:
    """Return how many of a realm are open."""
    wanted = select(func.count()).where(_c.c.state == PROPOSED, _c.c.realm == realm)
    return connection.execute(wanted).scalar_one()


def content_of(vault: Vault, row: Row[Any]) -> bytes | None:
    """Return what was proposed; None once it is destroyed."""
    return None if row.sealed is None else vault.open(row.sealed, row.sealed_key, _about(row.id))


def reason_of(vault: Vault, row: Row[Any]) -> str | None:
    """Return why it was rejected."""
    return None if row.reason is None else bytes(vault.unwrap(row.reason, _about(row.id))).decode()


def edit(connection: Connection, id_: str, draft: str, who: str, now: int) -> None:
    """Record that somebody accepted it into a draft."""
    _set(connection, _c.c.id == id_, state=EDITING, draft=draft, changed_by=who, changed_at=now)


def reject(connection: Connection, vault: Vault, id_: str, who: str, reason: str, now: int) -> None:
    """Reject it and destroy its text."""
    sealed = vault.wrap(reason.encode(), _about(id_))
    _set(connection, _c.c.id == id_, state=REJECTED, reason=sealed, changed_by=who, changed_at=now, **_ERASED)


# -- the draft of a proposal


def hold(connection: Connection, draft: str, message: str, who: str, now: int) -> None:
    """Record that the draft waits for a second person as `message`."""
    _of_draft(connection, draft, state=HELD, message=message, changed_by=who, changed_at=now)


def edit_again(connection: Connection, draft: str, who: str, now: int) -> None:
    """Record that the draft waits no longer, and can be changed again."""
    _of_draft(connection, draft, state=EDITING, message=None, changed_by=who, changed_at=now)


def publish(connection: Connection, draft: str, message: str, who: str, now: int) -> None:
    """Record that the draft was sent as `message`, and destroy the text of the proposal."""
    _of_draft(connection, draft, state=PUBLISHED, message=message, changed_by=who, changed_at=now, **_ERASED)


def reject_draft(connection: Connection, vault: Vault, draft: str, who: str, reason: str, now: int) -> None:
    """Record that the second person rejected and thereby destroyed the draft, and destroy the text of the proposal."""
    for id_ in connection.execute(select(_c.c.id).where(_c.c.draft == draft, _c.c.state.in_(OPEN))).scalars().all():
        reject(connection, vault, id_, who, reason, now)


def reopen(connection: Connection, draft: str, who: str, now: int) -> None:
    """Record that the draft was destroyed and nothing of it was sent: the proposal is open again."""
    _of_draft(connection, draft, state=PROPOSED, draft=None, message=None, changed_by=who, changed_at=now)


def forget(connection: Connection, vault: Vault, now: int) -> None:
    """Reject what was open for too long, each with its line of the audit, and delete what was decided long ago."""
    is_overdue = (_c.c.state == PROPOSED, _c.c.at < now - TAKEN_WITHIN)
    for id_ in connection.execute(select(_c.c.id).where(*is_overdue)).scalars().all():
        reject(connection, vault, id_, access.GATEWAY, OVERDUE, now)
        access.note(connection, access.GATEWAY, "proposal-reject", id_, now)
    is_old = (_c.c.state.in_((PUBLISHED, REJECTED)), _c.c.changed_at < now - KEPT)
    connection.execute(delete(_c).where(*is_old))


def _of_draft(connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(update(_c).where(_c.c.draft == id_, _c.c.state.in_(OPEN)).values(**values))


def _set(connection: Connection, which: Any, **values: Any) -> None:
    connection.execute(update(_c).where(which).values(**values))


def _about(id_: str) -> str:
    return f"contribution {id_}"
