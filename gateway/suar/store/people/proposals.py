"""Acts that one person asked for and a second one has to confirm; the details are sealed."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from suar.store import tables as t
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound

_p = t.proposal


def _bound(act: str, about: str) -> str:
    return f"proposal {act} {about}"


def find(connection: Connection, act: str, about: str, since: int) -> Row[Any] | None:
    """Return the proposal made at `since` (ms) or later, or None. Raises AlteredError."""
    wanted = select(_p).where(_p.c.act == act, _p.c.about == about, _p.c.at >= since)
    found = list(sound(connection, _p, connection.execute(wanted).all()))
    return found[0] if found else None


def details(vault: Vault, row: Row[Any]) -> bytes:
    """Return the sealed details of a proposal. Raises Fault."""
    return bytes(vault.unwrap(row.sealed, _bound(row.act, row.about)))


def put(
    connection: Connection, vault: Vault, act: str, about: str, said: bytes, who: str, counts_as: str, at: int
) -> None:
    """Store a proposal; it replaces an older one of the same act about the same."""
    sealed = vault.wrap(said, _bound(act, about))
    row = {"act": act, "about": about, "sealed": sealed, "who": who, "counts_as": counts_as, "at": at}
    upsert(connection, _p, [row])


def remove(connection: Connection, act: str, about: str) -> None:
    """Delete a proposal that was confirmed."""
    connection.execute(delete(_p).where(_p.c.act == act, _p.c.about == about))
