"""Acceptance of rows without an account as the gateway's own: after an upgrade, or by two persons."""

from typing import Any, Final

from sqlalchemy import Connection, Row, inspect, select

from suar.store import tables as t
from suar.store.engine.account import Account
from suar.store.engine.bookkeeping import Books
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault
from suar.store.inbound import held_frames
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.migrations import schema
from suar.store.people import access, held

BY_UPGRADE: Final = "store-adopt"
_BINDS_ANSWERS: Final = "0029"
_m = t.message


def adopt(connection: Connection, books: Books, vault: Vault, now: int) -> None:
    """Accept the store once after an upgrade: fill missing columns, hash every row, and record this in the audit log.

    A token that the audit log does not contain, or contains as revoked, was not created by this gateway: it is revoked
    and named.
    """
    held.bind_publishers(connection, vault)
    held_frames.adopt(connection, vault)
    _note_recalled(connection, vault)
    access.bind_answers(connection, vault)
    revoked = _revoke_unknown(connection, now)
    if access.last_note(connection)[0]:
        tokens = " ".join(row.name for row in access.tokens(connection))
        unknown = f"; not made by this gateway, so revoked: {' '.join(revoked)}" if revoked else ""
        about = f"rows of before this version; tokens: {tokens or 'none'}{unknown}"
        access.note(connection, access.GATEWAY, BY_UPGRADE, about, now)
    for name in revoked:
        access.note(connection, access.GATEWAY, "token-revoke", name, now)
    books.adopt(connection, schema_of(connection))


def carry_over(connection: Connection, books: Books, vault: Vault, older: Account, now: int) -> None:
    """Hash every row again after an upgrade of a store with an account, whose rows were verified before."""
    if older.schema < _BINDS_ANSWERS:
        access.bind_answers(connection, vault)
    access.note(connection, access.GATEWAY, BY_UPGRADE, f"tables {older.schema} became {schema_of(connection)}", now)
    books.adopt(connection, schema_of(connection), older.generation)


def is_behind(connection: Connection) -> bool:
    """Return whether the store belongs to an earlier version than this one."""
    if not _has(connection, "alembic_version"):
        return False
    return schema_of(connection) < schema.newest()


def has_account(connection: Connection) -> bool:
    """Return whether the store belongs to a version with an account of its rows."""
    return _has(connection, "integrity")


def _has(connection: Connection, table: str) -> bool:
    return inspect(connection).has_table(table)


def schema_of(connection: Connection) -> str:
    """Return the revision of the schema. Raises AlteredError if a store in PostgreSQL does not state one."""
    if connection.dialect.name != "sqlite":
        return schema.stated_on_server(connection) or ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def _note_recalled(connection: Connection, vault: Vault) -> None:
    """Record messages that were cancelled before this table existed, by a valid cancel."""
    cancels = select(*messages.LEAN).where(_m.c.action == "cancel", _m.c.readers.is_(None))
    rows = [row for row in connection.execute(cancels) if _is_as_written(vault, row)]
    insert_new(connection, t.recalled, [{"id": row.id, "below": row.rev, "at": row.at} for row in rows])


def _is_as_written(vault: Vault, row: Row[Any]) -> bool:
    try:
        return messages.body_of(vault, row) is not None
    except AlteredRow:
        return False


def _revoke_unknown(connection: Connection, now: int) -> list[str]:
    unknown = access.tokens_against_audit(connection)
    return [name for name in unknown if access.revoke_token(connection, name, now)]
