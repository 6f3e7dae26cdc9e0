"""Accepts a store that was restored as the gateway's current one: two persons decide, and the audit log records it.

The first has the keyring's passphrase, the second shows a token of their own (second_person.py). If one person is
enough, the audit notes that there was no second one. The rights in the store are those of its time, so a check is
critical until an operator has gone through them (positions.py).
"""

import socket
from pathlib import Path
from typing import Final, NamedTuple

from suar.protocol.base.errors import Fault
from suar.service.recovery import replaced_store, second_person
from suar.service.recovery.replaced_store import Replaced
from suar.service.settings.integrity import AUDIT, Integrity, audit_difference
from suar.service.settings.keyring import Keyring
from suar.store.engine import verifying
from suar.store.engine.account import Account, AccountSeal
from suar.store.engine.anchor import ClosedFile
from suar.store.engine.database import Database
from suar.store.faults import AlteredError
from suar.store.migrations import schema
from suar.store.people import access, persons
from suar.store.people.access import Act
from suar.store.recovery import adopting, copies, positions

_EVER: Final = 1 << 62  # ms, after every time in a store


class Restored(NamedTuple):
    """The result of accepting a store: who was the second person, and what was wrong with it."""

    second: str | None
    findings: dict[str, str]


class Accepted(NamedTuple):
    """Who was the second person, and how many decisions of the replaced store were carried over."""

    second: str | None
    carried: int = 0


class _Source(NamedTuple):
    """Of which time (ms) the rights in a store are, None: of its last line of the audit, and what it replaces."""

    made_at: int | None = None
    replaced: Replaced | None = None


def of_backup(
    folder: Path, keyring: Keyring, second: str | None, now: int, *, holds: bool = False, made_at: int | None = None,
    replaced: Replaced | None = None, closed: str | None = None,
) -> Accepted:  # fmt: skip
    """Check the store of a backup, unpacked into `folder`, and mark it as restored.

    `made_at`: when the backup was made (ms). `replaced`: the store in whose place it comes, if that could be read: it
    judges the second person too, and what was ended in it since is ended here. `closed`: the finding that closed the
    replaced store, which the audit names.

    `holds`: legal holds may have been set after the backup, so nothing recalled is destroyed until two persons have
    confirmed those in force; this also applies where the store knows of any hold. Raises Fault when it was altered, or
    when a second person is missing.
    """
    if not copies.has_account(folder / copies.STORE):
        copies.mark_restored(folder / copies.STORE, now, holds=holds, as_of=made_at or now)
        return Accepted(None)
    database = Database(folder)
    try:
        integrity, kept = _opened(folder, keyring, database)
        if kept is None:
            raise Fault("the store in the backup has no account of its rows", "take an older backup")
        findings = _findings(integrity, database, kept)
        if findings:
            raise Fault(f"the store in the backup was altered: {', '.join(findings)}", "take an older backup")
        about = _with_finding("this state was put back from a backup", closed)
        is_newer = replaced is not None and replaced.generation > kept.generation
        source = _Source(made_at, replaced if is_newer else None)
        return _anchored(integrity, database, ("restore", about), second, kept.generation, now, source, holds=holds)
    finally:
        database.close()


def as_it_is(
    folder: Path, keyring: Keyring, reason: str, second: str | None, now: int, url: str | None = None
) -> Restored:
    """Take the store as it stands, whatever is wrong with it, for the gateway's. The caller holds the folder's lock.

    `url`: of a store that is not the file in the folder; no other gateway leads on it meanwhile.
    """
    database = Database(folder, url)
    try:
        database.acquire()
        database.migrate()
        database.claim(keyring.pair_hashes(), socket.gethostname())
        closed = ClosedFile(folder, AccountSeal(keyring.store_key)).named()
        integrity, kept = _opened(folder, keyring, database)
        above = max(each.generation if each else 0 for each in (kept, _anchor(integrity)))
        findings = _findings(integrity, database, kept) if kept is not None else {}
        _require_indexes(database)
        about = _with_finding(f"{reason}; altered: {', '.join(findings) or 'nothing'}", closed)
        named = _anchored(integrity, database, ("store-restored", about), second, above, now, _Source()).second
        keyring.keep_account()
        return Restored(named, findings)
    finally:
        database.close()


def _with_finding(about: str, closed: str | None) -> str:
    return about if closed is None else f"{about}; the store was {closed}"


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
        named = {table: finding for table, _, finding in found if finding is not None}
        finding = audit_difference(connection, kept)
        return named if finding is None else named | {AUDIT: finding}


def _require_indexes(database: Database) -> None:
    """Raise AlteredError: the content of a store with wrong indexes cannot be determined."""
    with database.reading() as connection:
        found = next(verifying.lying_indexes(connection), None)
    if found is not None:
        raise AlteredError(f"the store was altered from outside: table {found[0]}: {found[1]}", schema.NEXT)


def _anchored(
    integrity: Integrity, database: Database, line: tuple[Act, str], second: str | None, above: int, now: int,
    source: _Source, *, holds: bool = False,
) -> Accepted:  # fmt: skip
    books, replaced = integrity.books, source.replaced
    with database.begin() as connection:
        books.macs.is_open = True  # rows are judged; they are adopted later
        parties = [second_person.party(connection, books.macs, now), *([replaced.party] if replaced else ())]
        named = second_person.agreed(parties, second, now)
        what, about = line
        who = f"with {named}" if named else "no second person has a token here"
        positions.mark_restored(connection, now, holds=holds, as_of=source.made_at)
        persons.delete_old_sessions(connection, _EVER)
        access.note(connection, access.OPERATOR, what, f"{about}; {who}", now)
        carried = replaced_store.carry(connection, replaced, now) if replaced else 0
        # generations grow by one a commit: the time in ms is above every earlier one, also of copies elsewhere
        books.adopt(connection, adopting.schema_of(connection), max(above, now))
    return Accepted(named, carried)
