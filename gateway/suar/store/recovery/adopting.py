"""Rows that were written without an account are taken for the gateway's own: after an upgrade, or by two persons."""

from typing import Final

from sqlalchemy import Connection, select

from suar.store import tables as t
from suar.store.engine.bookkeeping import Books
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault
from suar.store.people import access, held

BY_UPGRADE: Final = "store-adopt"
_m = t.message


def adopt(connection: Connection, books: Books, vault: Vault, now: int) -> None:
    """After an upgrade, once: what the rows lack is added, every row is hashed, and the audit says so.

    A token that the audit does not know, or knows as revoked, was not made by this gateway: it is revoked, and named.
    """
    held.bind_publishers(connection, vault)
    _note_recalled(connection)
    strange = _revoke_unknown(connection, now)
    if access.last_note(connection)[0]:
        tokens = " ".join(row.name for row in access.tokens(connection))
        unknown = f"; not made by this gateway, so revoked: {' '.join(strange)}" if strange else ""
        about = f"rows of before this version; tokens: {tokens or 'none'}{unknown}"
        access.note(connection, "gateway", BY_UPGRADE, about, now)
    for name in strange:
        access.note(connection, "gateway", "token-revoke", name, now)
    books.adopt(connection, schema_of(connection))


def schema_of(connection: Connection) -> str:
    """The revision of the tables."""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def _note_recalled(connection: Connection) -> None:
    """What was cancelled before this table was there."""
    cancels = select(_m.c.id, _m.c.rev, _m.c.at).where(_m.c.action == "cancel", _m.c.readers.is_(None))
    rows = [{"id": row.id, "below": row.rev, "at": row.at} for row in connection.execute(cancels)]
    insert_new(connection, t.recalled, rows)


def _revoke_unknown(connection: Connection, now: int) -> list[str]:
    strange = access.tokens_against_audit(connection)
    return [name for name in strange if access.revoke_token(connection, name, now)]
