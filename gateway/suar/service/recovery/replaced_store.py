"""The store that a restore replaces: what was revoked, suspended, narrowed or removed in it since the backup is so in
the restored store too, each with a line of the audit.

It gives nobody a right: rights that were added since are not carried over. A secret that its holder made in place of
one that another had seen (a claimed token, a rotated token of an agency) is carried over with the end of the older one.
"""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, Table, select, update

from suar.files import private_folder
from suar.protocol.base.errors import Fault
from suar.service.people.endings import NOTHING_PENDING
from suar.service.recovery.second_person import Party, party
from suar.service.settings.integrity import Integrity
from suar.service.settings.keyring import Keyring
from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.migrations import schema
from suar.store.people import access, agencies, feed_readers, persons, webhooks
from suar.store.people.access import Act
from suar.store.recovery import copies

ROWS_MAX: Final = 10_000
"""Rows that are read of a table; a member has some dozens of tokens, and at most 500 people and 2,000 agencies."""
BYTES_MAX: Final = 16 * 1024 * 1024
"""Bytes of all rows that are read."""

_Lines: TypeAlias = Iterator[tuple[Act, str]]
_Rows: TypeAlias = Mapping[str, Row[Any]]


class Replaced(NamedTuple):
    """What a store knows of rights, by rows that the gateway wrote. `generation`: that of its account."""

    generation: int
    party: Party
    tokens: Sequence[Row[Any]]
    people: Sequence[Row[Any]]
    agencies: Sequence[Row[Any]]
    nkeys: Mapping[str, str]
    webhooks: frozenset[str]


def read(state: Path, url: str, keyring: Keyring, now: int) -> Replaced | None:
    """Read the store of a state folder that is replaced, from a copy; None where it is none of this gateway and
    version, or cannot be read: also where its schema was altered, or has more than anybody writes. `keyring`: the
    backup's. `now` is in ms.
    """
    folder = state.parent / f".{state.name}.{secrets.token_hex(6)}.replaced"
    private_folder(folder)
    try:
        copy = folder / copies.STORE
        if not _copy_store(state, url, copy) or copies.schema_fault(copy) or copies.revision(copy) != schema.newest():
            return None
        return _read(folder, keyring, now)
    except Fault:
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_store(state: Path, url: str, target: Path) -> bool:
    """Copy the store that is replaced to `target`; returns False if there is none."""
    if copies.is_on_server(url):
        from suar.store.recovery import server_copies

        return server_copies.copy(state, url, target)
    if not (state / copies.STORE).is_file():
        return False
    copies.copy(state / copies.STORE, target)
    return True


def _read(folder: Path, keyring: Keyring, now: int) -> Replaced | None:
    database = Database(folder)
    try:
        books = Integrity(folder, keyring, database).books
        database.protect(books)
        with database.reading() as connection:
            kept = books.kept(connection)
            if kept is None or kept.member != keyring.member:
                return None
            books.macs.is_open = True  # rows are judged
            found = _bounded(connection, (t.token, t.person, t.agency, t.feed_reader, t.webhook))

            def written(table: Table) -> list[Row[Any]]:
                return [row for row in found[table] if books.macs.has_its_mac(str(table.name), row)]

            return Replaced(
                kept.generation,
                party(connection, books.macs, now),
                written(t.token),
                written(t.person),
                written(t.agency),
                {row.name: row.nkey for row in written(t.feed_reader)},
                frozenset(row.agency for row in found[t.webhook]),
            )
    finally:
        database.close()


def _bounded(connection: Connection, tables: Sequence[Table]) -> dict[Table, list[Row[Any]]]:
    """Return every row of these tables, read one by one. Raises Fault beyond ROWS_MAX or BYTES_MAX."""
    found: dict[Table, list[Row[Any]]] = {}
    size = 0
    for table in tables:
        rows = found.setdefault(table, [])
        for row in connection.execute(select(table)):
            rows.append(row)
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(rows) > ROWS_MAX or size > BYTES_MAX:
                raise Fault(f"table {table.name} of the replaced store has more than a gateway writes", schema.NEXT)
    return found


def carry(connection: Connection, replaced: Replaced, now: int) -> int:
    """End in the restored store what was ended in the replaced one; returns how many lines the audit got. `now`: ms."""
    parts = (_tokens(connection, replaced), _people(connection, replaced), _agencies(connection, replaced))
    lines = [line for part in parts for line in part]
    access.notes(connection, [(now, access.GATEWAY, what, about) for what, about in lines])
    return len(lines)


def _tokens(connection: Connection, replaced: Replaced) -> _Lines:
    own = {row.name: row for row in connection.execute(select(t.token))}
    for row in _same(replaced.tokens, own, "name"):
        mine = own[row.name]
        if mine.revoked_at is not None:
            continue
        if row.revoked_at is not None:
            access.revoke_token(connection, row.name, row.revoked_at)
            yield "token-revoke", row.name
        elif row.claimed_at is not None and mine.claimed_at is None:
            is_it = t.token.c.name == row.name
            connection.execute(update(t.token).where(is_it).values(hash=row.hash, claimed_at=row.claimed_at))
            yield "token-claim", row.name


def _people(connection: Connection, replaced: Replaced) -> _Lines:
    own = {row.id: row for row in connection.execute(select(t.person))}
    none = {"link_hash": None, "link_until": None}
    for row in _same(replaced.people, own, "id"):
        mine, before = own[row.id], own[row.id].roles.split()
        roles = [each for each in before if each in row.roles.split()]
        if row.state == "suspended" != mine.state:
            persons.update_person(connection, row.id, {"state": "suspended", **NOTHING_PENDING, **none})
            yield "person-suspend", row.id
        elif mine.link_hash not in (None, row.link_hash):
            persons.update_person(connection, row.id, none)
            yield "person-link-void", row.id
        if roles != before:
            persons.update_person(connection, row.id, {"roles": " ".join(roles)})
            yield "person-roles", " ".join((row.id, *roles))


def _agencies(connection: Connection, replaced: Replaced) -> _Lines:
    own = {row.name: row for row in connection.execute(select(t.agency)) if row.revoked_at is None}
    nkeys = {each.name: each.nkey for each in feed_readers.load(connection)}
    hooks = set(connection.execute(select(t.webhook.c.agency)).scalars())
    for row in _same(replaced.agencies, own, "name"):
        name = row.name
        if row.revoked_at is not None:
            agencies.change_agency(connection, name, {"revoked_at": row.revoked_at})
            webhooks.remove(connection, name)
            yield "agency-revoke", name
            continue
        for what, about, values in _narrowed(own[name], row):
            agencies.change_agency(connection, name, values)
            yield what, about
        nkey = replaced.nkeys.get(name) or None
        if name in nkeys and nkeys[name] != nkey:
            feed_readers.set_nkey(connection, name, nkey)
            yield "agency-change", f"{name}: nkey {nkey or 'none'}"
        if name in hooks - replaced.webhooks:
            webhooks.remove(connection, name)
            yield "webhook-remove", name


def _narrowed(mine: Row[Any], row: Row[Any]) -> Iterator[tuple[Act, str, dict[str, Any]]]:
    if row.suspended_at is not None and mine.suspended_at is None:
        yield "agency-suspend", row.name, {"suspended_at": row.suspended_at}
    if row.hash != mine.hash:
        columns = ("hash", "old_hash", "old_until", "expires_at", "token_makers")
        yield "agency-rotate", row.name, {column: getattr(row, column) for column in columns}
    if mine.may_propose and not row.may_propose:
        yield "agency-change", f"{row.name}: proposes nothing", {"may_propose": False}


def _same(rows: Sequence[Row[Any]], own: _Rows, key: str) -> Iterator[Row[Any]]:
    """Those that the restored store has too: of the same name, and made at the same time."""
    for row in rows:
        mine = own.get(getattr(row, key))
        if mine is not None and mine.created_at == row.created_at:
            yield row
