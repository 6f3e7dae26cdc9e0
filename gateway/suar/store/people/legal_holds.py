"""Legal holds: messages whose texts are kept after a recall. A row is deleted with the end of its hold."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound

_h = t.legal_hold


def _bound(id_: str) -> str:
    return f"legal hold {id_}"


def ids(connection: Connection) -> list[str]:
    """Return the messages under a hold. Raises AlteredError."""
    table_sound(connection, _h)
    return list(connection.execute(select(_h.c.id)).scalars())


def holds(connection: Connection) -> list[Row[Any]]:
    """Return every hold, the oldest first. Raises AlteredError."""
    table_sound(connection, _h)
    return list(connection.execute(select(_h).order_by(_h.c.since, _h.c.id)))


def over(connection: Connection, now: int) -> list[str]:
    """Return the messages whose hold has ended by its date."""
    return list(connection.execute(select(_h.c.id).where(_h.c.until <= now)).scalars())


def details(vault: Vault, row: Row[Any]) -> bytes:
    """Return the sealed details of a hold. Raises Fault."""
    return bytes(vault.unwrap(row.sealed, _bound(row.id)))


def add(connection: Connection, vault: Vault, id_: str, said: bytes, since: int, until: int) -> None:
    """Store a hold of a message that has none; times in ms."""
    row = {"id": id_, "sealed": vault.wrap(said, _bound(id_)), "since": since, "until": until}
    connection.execute(insert(_h), row)


def remove(connection: Connection, id_: str) -> None:
    """Delete the hold of a message."""
    connection.execute(delete(_h).where(_h.c.id == id_))
