"""Accepts a store that was put back as the gateway's current one: two persons decide, and the audit log records it.

The first has the keyring's passphrase. The second shows a token that is their own: a person's, claimed, in force, of
the scope approve or admin, with its row as the gateway wrote it. Where a store has no such token, one person is
enough, and the audit says that there was no second one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import equal
from suar.service.access.standing import Standing, token_of
from suar.service.access.tokens import Rows, TokenRow, hash_of
from suar.service.settings.integrity import Integrity
from suar.service.settings.keyring import Keyring
from suar.store import tables as t
from suar.store.engine import verifying
from suar.store.engine.account import Account
from suar.store.engine.database import Database
from suar.store.engine.faults import AlteredError
from suar.store.migrations import schema
from suar.store.people import access
from suar.store.recovery import adopting, copies, positions

_MAY: Final = frozenset({"approve", "admin"})
SECOND: Final = (
    "have a second person show a token of their own, of the scope approve or admin, claimed: --second-token-file"
)


class Restored(NamedTuple):
    """What two persons took for the gateway's store: who was the second, and what was wrong with it."""

    second: str | None
    findings: dict[str, str]


def of_backup(folder: Path, keyring: Keyring, second: str | None, now: int, *, holds: bool = False) -> str | None:
    """The store of a backup, unpacked into `folder`, is whole; mark it as put back. Who was the second person.

    `holds`: legal holds may have been set after the backup, so that nothing recalled is destroyed until two persons
    have said which stand; so it is too where the store knows of any hold. Fault when it was altered, or when a second
    person lacks.
    """
    if not copies.has_account(folder / copies.STORE):
        copies.mark_restored(folder / copies.STORE, now, holds=holds)
        return None
    database = Database(folder)
    try:
        integrity, kept = _opened(folder, keyring, database)
        if kept is None:
            raise Fault("the store in the backup has no account of its rows", "take an older backup")
        findings = _findings(integrity, database, kept)
        if findings:
            raise Fault(f"the store in the backup was altered: {', '.join(findings)}", "take an older backup")
        about = "this state was put back from a backup"
        return _anchored(integrity, database, ("restore", about), second, kept.generation, now, holds=holds)
    finally:
        database.close()


def as_it_is(folder: Path, keyring: Keyring, reason: str, second: str | None, now: int) -> Restored:
    """Take the store as it stands, whatever is wrong with it, for the gateway's. The caller holds the folder's lock."""
    database = Database(folder)
    try:
        database.migrate()
        integrity, kept = _opened(folder, keyring, database)
        above = max(each.generation if each else 0 for each in (kept, _anchor(integrity)))
        findings = _findings(integrity, database, kept) if kept is not None else {}
        _require_indexes(database)
        about = f"{reason}; altered: {', '.join(findings) or 'nothing'}"
        named = _anchored(integrity, database, ("store-restored", about), second, above, now)
        keyring.keep_account()
        return Restored(named, findings)
    finally:
        database.close()


def _opened(folder: Path, keyring: Keyring, database: Database) -> tuple[Integrity, Account | None]:
    integrity = Integrity(folder, keyring, database)
    database.protect(integrity.books)
    with database.reading() as connection:
        try:
            return integrity, integrity.books.kept(connection)
        except Fault:
            return integrity, None


def _anchor(integrity: Integrity) -> Account | None:
    try:
        return integrity.books.anchor.read()
    except Fault:
        return None


def _findings(integrity: Integrity, database: Database, kept: Account) -> dict[str, str]:
    with database.reading() as connection:
        found = verifying.everything(connection, integrity.books, kept)
        return {table: finding for table, _, finding in found if finding is not None}


def _require_indexes(database: Database) -> None:
    """Nobody can say what a store with indexes that lie contains. Raises AlteredError."""
    with database.reading() as connection:
        found = next(verifying.lying_indexes(connection), None)
    if found is not None:
        raise AlteredError(f"the store was altered from outside: table {found[0]}: {found[1]}", schema.NEXT)


def _anchored(
    integrity: Integrity, database: Database, line: tuple[str, str], second: str | None, above: int, now: int, *,
    holds: bool = False,
) -> str | None:  # fmt: skip
    books = integrity.books
    with database.begin() as connection:
        named = _second(connection, books.macs, second, now)
        what, about = line
        who = f"with {named}" if named else "no second person has a token here"
        positions.mark_restored(connection, now, holds=holds)
        access.note(connection, access.OPERATOR, what, f"{about}; {who}", now)
        # generations grow by one a commit: the time in ms is above every earlier one, also of copies elsewhere
        books.adopt(connection, adopting.schema_of(connection), max(above, now))
    return named


def _second(connection: Connection, macs: Any, token: str | None, now: int) -> str | None:
    """The name of the second person's token. Fault when it is none, or when there are such and none was shown."""
    macs.is_open = True  # rows are judged; they are adopted later
    able = _able(connection, macs, now)
    if token is None:
        if able:
            raise Fault("a second person has to agree", SECOND)
        return None
    found = _by_hash(able, hash_of(token))
    if found is None:
        raise Fault("the second person's token is none that may agree", SECOND)
    return found


def _able(connection: Connection, macs: Any, now: int) -> Rows:
    """The own tokens of persons who may agree, in force as for a call of the API, by rows that the gateway wrote."""
    tokens = (token_of(row) for row in connection.execute(select(t.token)) if macs.has_its_mac("token", row))
    people = [row for row in connection.execute(select(t.person)) if macs.has_its_mac(str(t.person.name), row)]
    judged = Standing(tokens, people, now).tokens
    in_force = [row for row in judged if row.is_in_force(now) and row.is_person and row.claimed_at is not None]
    return [row for row in in_force if not _MAY.isdisjoint(row.info.scopes.intersection(row.scopes))]


def _by_hash(able: Sequence[TokenRow], digest: bytes) -> str | None:
    return next((str(row.name) for row in able if equal(bytes(row.hash), digest)), None)
