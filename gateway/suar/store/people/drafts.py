"""Drafts of messages before publication: one sealed row each, with its editors and the held message that it became."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound
from suar.store.people import access, contributions

LIFE: Final = 30 * limits.DAY
"""Time since a draft was last saved (ms) after which it is destroyed."""

_d = t.draft


def add(connection: Connection, vault: Vault, row: dict[str, Any], content: bytes) -> None:
    """Store a new draft. `row`: id, version, realm, kind, begun, saved, saved_by, editors."""
    sealed, salt = vault.seal(content, _about(row["id"], row["version"]))
    connection.execute(insert(_d), {**row, "sealed": sealed, "sealed_key": salt})


def save(connection: Connection, vault: Vault, row: dict[str, Any], content: bytes, before: int) -> bool:
    """Replace version `before` by another version; False if that is not the stored one, or the draft is locked.

    `row`: id, version, saved, saved_by, editors.
    """
    sealed, salt = vault.seal(content, _about(row["id"], row["version"]))
    is_it = (_d.c.id == row["id"], _d.c.version == before, _d.c.message.is_(None))
    changed = {**row, "sealed": sealed, "sealed_key": salt}
    return connection.execute(update(_d).where(*is_it).values(changed)).rowcount == 1


def find(connection: Connection, id_: str) -> Row[Any] | None:
    """Return a draft. Raises AlteredError."""
    row = connection.execute(select(_d).where(_d.c.id == id_)).first()
    sound(connection, _d, [] if row is None else [row])
    return row


def of_message(connection: Connection, message: str) -> Row[Any] | None:
    """Return the draft that waits as this message."""
    row = connection.execute(select(_d).where(_d.c.message == message)).first()
    sound(connection, _d, [] if row is None else [row])
    return row


def listed(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return drafts, the last saved first."""
    return sound(connection, _d, connection.execute(select(_d).order_by(_d.c.saved.desc(), _d.c.id).limit(limit)).all())


def content_of(vault: Vault, row: Row[Any]) -> bytes:
    """Return the saved content."""
    return vault.open(row.sealed, row.sealed_key, _about(row.id, row.version))


def lock(connection: Connection, id_: str, message: str) -> None:
    """Lock the draft, which waits for a second person as `message` and cannot be changed."""
    connection.execute(update(_d).where(_d.c.id == id_).values(message=message, until=None))


def unlock(connection: Connection, id_: str, until: int) -> None:
    """Unlock the draft, which is destroyed at `until` (ms)."""
    connection.execute(update(_d).where(_d.c.id == id_).values(message=None, until=until))


def remove(connection: Connection, id_: str, who: str, now: int) -> bool:
    """Destroy a draft; returns False if there is none. Its proposal is open again unless somebody has decided."""
    is_done = connection.execute(delete(_d).where(_d.c.id == id_)).rowcount == 1
    contributions.reopen(connection, id_, who, now)
    if is_done:
        access.note(connection, who, "draft-delete", id_, now)
    return is_done


def forget(connection: Connection, now: int, saved_before: int) -> int:
    """Destroy expired drafts, and those that nobody has saved since `saved_before`, unless they wait; returns how many.

    Each has its line of the audit.
    """
    is_over = or_(_d.c.until <= now, _d.c.saved < saved_before)
    ids = list(connection.execute(select(_d.c.id).where(_d.c.message.is_(None), is_over)).scalars())
    for id_ in ids:
        remove(connection, id_, access.GATEWAY, now)
    return len(ids)


def _about(id_: str, version: int) -> str:
    return f"draft {id_} {version}"
