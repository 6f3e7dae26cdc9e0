"""Verifies the store: its account of its rows is compared with the anchor, and the rows with the account.

docs/store.md and its decision record state what is stopped after a failure and what is not.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.settings.keyring import Keyring
from suar.store.engine import verifying
from suar.store.engine.account import ANCHOR, NEXT, STORE, Account, AccountSeal, Sum
from suar.store.engine.anchor import MAGIC, Anchor, ClosedFile
from suar.store.engine.bookkeeping import Books, findings_text
from suar.store.engine.database import Database
from suar.store.engine.protection import TABLES
from suar.store.engine.row_macs import RowMacs
from suar.store.engine.scanning import Finding
from suar.store.engine.vault import Vault
from suar.store.faults import AlteredError
from suar.store.people import access, audit
from suar.store.recovery import adopting, copies
from suar.store.recovery.adopting import has_account, is_behind

AUDIT: Final = "audit"
OTHER: Final = "the anchor at the own NATS server"


class Behind(NamedTuple):
    """What an external anchor shows to be missing in this store: its generation, and tables of people's decisions."""

    generation: int
    commits: int
    decided: tuple[str, ...]


STEP: Final = 0.2  # seconds of verifying at a time while the gateway runs


def anchor_fault(folder: Path, keyring: Keyring, connection: Connection | None = None) -> Fault | None:
    """Return why no gateway would start on the store of a folder by its anchor; None if one would. Changes nothing.

    `connection`: to a store in PostgreSQL; None: the store is the folder's file.
    """
    seal = AccountSeal(keyring.store_key)
    books = Books(keyring.member, RowMacs(keyring.store_key), seal, Anchor(folder, seal))
    try:
        sealed = copies.sealed_account(folder / copies.STORE) if connection is None else _sealed_account(connection)
        kept = None if sealed is None else seal.open(sealed, STORE, "the store's account of its rows")
        verifying.compare_with_anchor(books, kept, books.anchor.read(), is_known=keyring.has_account)
    except Fault as fault:
        return fault
    return closed_fault(folder, keyring)


def _sealed_account(connection: Connection) -> bytes | None:
    from suar.store.recovery import server_copies

    return server_copies.sealed_account(connection)


def closed_fault(folder: Path, keyring: Keyring) -> Fault | None:
    """Return why no gateway would start on a folder after an earlier finding; None: there was none."""
    try:
        ClosedFile(folder, AccountSeal(keyring.store_key)).require_open()
    except Fault as fault:
        return fault
    return None


class Integrity:
    """The protection of one gateway's store."""

    def __init__(self, folder: Path, keyring: Keyring, database: Database) -> None:
        self._keyring, self._database = keyring, database
        seal = AccountSeal(keyring.store_key)
        self.books = Books(keyring.member, RowMacs(keyring.store_key), seal, Anchor(folder, seal))
        self._sweep: verifying.Sweep | None = None
        self.is_new = False  # the store has no account of its present tables yet: `adopt` makes one
        self._older: Account | None = None  # the account of the version before, verified
        self._opened: Account | None = None  # the account of the store as it was opened
        self._is_verified = False  # whether `verified` compared all rows with an account
        self._is_judged = False  # whether every row that is judged by its content was judged once

    @property
    def is_open(self) -> bool:
        """Whether the rows were compared with the anchor."""
        return self._sweep is not None

    def migrate(self) -> None:
        """Bring the store to this version.

        The rows of an older one with an account are verified before. Raises Fault.
        """
        database = self._database
        if database.is_sqlite and database.path.exists():
            database.check_schema()
        if not database.is_sqlite or database.path.exists():
            with database.reading() as connection:
                if is_behind(connection):
                    database.verified_schema = self._verify_older(connection)
        database.migrate()

    def _verify_older(self, connection: Connection) -> str | None:
        """The schema that was verified; None where the store has no account."""
        books = self.books
        self._database.find_columns(books.macs, connection)
        kept = books.kept(connection) if has_account(connection) else None
        verifying.compare_with_anchor(books, kept, books.anchor.read(), is_known=self._keyring.has_account)
        if kept is None:
            return None
        for table, _, finding in verifying.everything(connection, books, kept):
            if finding is not None:
                books.found(table, Finding(finding, is_closing=True))
        if books.is_closed:
            raise books.fault()
        books.anchor.closed.require_open()
        return kept.schema

    def open(self) -> None:
        """Compare the store with its anchor, and what decides with its account. Fault where something is wrong."""
        books = self.books
        with self._compared_with_anchor() as (connection, opened, anchored):
            self._opened = kept = opened
            if kept is not None and kept.schema != adopting.schema_of(connection):
                self._older = self._require_verified(kept)
                kept = None
            left = [] if kept is None else verifying.at_start(connection, books, kept)
            unknown = [] if kept is None else access.tokens_against_audit(connection)
            self._compare_audit(connection, opened, anchored)
        if unknown:
            books.found("token", Finding(f"{', '.join(unknown)}: not in force by the audit", is_closing=True))
        if books.is_closed:
            raise books.fault()
        books.anchor.closed.require_open()
        self._sweep = verifying.Sweep(books, left)
        if kept is None:
            self.is_new = True
        else:
            books.open(kept)
            self._keyring.keep_account()

    def _require_verified(self, kept: Account) -> Account:
        if self._database.verified_schema != kept.schema:
            raise Fault("the store was brought to this version without being verified before", NEXT)
        return kept

    def verified(self) -> list[tuple[str, int, str | None]]:
        """(table, rows, what is wrong) of every protected table. Fault where store and anchor differ."""
        with self._compared_with_anchor() as (connection, kept, _):
            if kept is None:
                return []
            self._is_verified = True
            rows = list(verifying.everything(connection, self.books, kept))
            unreadable = [(table, 0, text) for table, text in sorted(verifying.unreadable(connection, self.books))]
            closed = self.books.anchor.closed.read()
            earlier = [] if closed is None else [(closed.table, 0, f"found at {instant(closed.at)}: {closed.text}")]
            return [*rows, (AUDIT, kept.audit[0], audit_difference(connection, kept)), *unreadable, *earlier]

    def _compare_audit(self, connection: Connection, opened: Account | None, anchored: Account | None) -> None:
        """Find out whether the audit ends with the line that the account names, and has the anchor's."""
        if opened is None:
            return
        finding = audit_difference(connection, opened, anchored)
        if finding is not None:
            self.books.audit_altered(finding, opened.audit)

    @property
    def audit_finding(self) -> str | None:
        """Why the audit is not the one that this gateway wrote; None: nothing was found. For any thread."""
        return self.books.audit_finding

    @contextmanager
    def _compared_with_anchor(self) -> Iterator[tuple[Connection, Account | None, Account | None]]:
        """Read the store and its account, which agree with the anchor. Fault where they do not."""
        books = self.books
        self._database.protect(books)
        anchored = books.anchor.read()
        with self._database.reading() as connection:
            kept = books.kept(connection)
            verifying.compare_with_anchor(books, kept, anchored, is_known=self._keyring.has_account)
            yield connection, kept, anchored

    def verify_loaded(self, connection: Connection, vault: Vault, altered: Sequence[tuple[str, str]], now: int) -> None:
        """Compare the remaining rows with the account, after the rows that are judged by their content.

        Runs in the caller's transaction, which fails where rows are missing. `altered`: table and key of the rows that
        were rejected. Rows of an older store are accepted as this gateway's, once.
        """
        if self.is_new and self._older is None:
            adopting.adopt(connection, self.books, vault, now)
        elif self.is_new and self._older is not None:
            adopting.carry_over(connection, self.books, vault, self._older, now)
        elif self.books.account is not None:
            named = {table for table, _ in altered}
            for table, how in TABLES.items():
                is_wanted = how.is_prompt or table in named or not self._is_judged
                if how.judged_by is None or not is_wanted:
                    continue
                if not verifying.is_large(self.books.account, table):
                    self.books.judged(connection, table, [key for of, key in altered if of == table])

    def note_loaded(self) -> None:
        """Record that what `verify_loaded` accepted is committed."""
        self._is_judged = True
        if self.is_new:
            self.is_new = False
            self._keyring.keep_account()

    def require_unaltered(self) -> None:
        """Raise AlteredError if rows that decide were found altered."""
        if self.books.is_closed:
            raise self.books.fault()

    @property
    def finding(self) -> str | None:
        """What was found altered; None: nothing."""
        if not self.books.findings:
            return None
        text, file = findings_text(self.books.findings), self.books.anchor.closed
        return text if file.fault is None else f"{text}; {file.path.name} cannot be written: {file.fault}"

    def verify_next(self, now: int, pause: Callable[[], object]) -> None:
        """Verify a few tables more; findings are kept. On the reader's thread."""
        if self._sweep is None:
            return
        with self._database.reading() as connection:
            self._database.compare_schema(connection)
            try:
                self._sweep.step(connection, now, STEP, pause)
            except AlteredError as error:
                self.books.found("meta", Finding(error.text, is_closing=True))

    @property
    def verified_at(self) -> int | None:
        """When every row was found as it should be, last (ms); None: not yet."""
        return self._sweep.verified_at if self._sweep else None

    @property
    def audit(self) -> tuple[int, bytes] | None:
        """The last line of the audit by the account."""
        account = self.books.account
        return account.audit if account is not None and account.audit[0] else None

    @property
    def is_adopted(self) -> bool:
        """Whether the store has an account: a version that keeps one wrote its rows, or accepted them once."""
        return self.books.account is not None or self._is_verified

    def compare_anchor(self, sealed: bytes) -> Behind | None:
        """How this store, as it was opened, is older than an anchor of it that was kept elsewhere; None: it is not.

        Raises Fault for bytes that are no anchor of this gateway.
        """
        own, kept = self._open_accounts(sealed)
        if kept.generation < own.generation or kept == own:
            return None
        decided = [name for name, how in TABLES.items() if how.is_prompt]
        return Behind(kept.generation, kept.generation - own.generation, _different(own, kept, decided))

    def differs_from(self, sealed: bytes, tables: Sequence[str]) -> tuple[str, ...] | None:
        """Which of these tables have other rows by an anchor of the store before it was restored; None: it is no such.

        Raises Fault as `compare_anchor`.
        """
        own, kept = self._open_accounts(sealed)
        return None if kept.lineage == own.lineage else _different(own, kept, tables)

    def _open_accounts(self, sealed: bytes) -> tuple[Account, Account]:
        """Return the account of the store as it was opened, and the one in a sealed anchor that was kept elsewhere."""
        own = self._opened or self.books.account
        if sealed[: len(MAGIC)] != MAGIC or own is None:
            raise Fault(f"{OTHER} was altered", NEXT)
        kept = self.books.seal.open(sealed[len(MAGIC) :], ANCHOR, OTHER)
        if kept.member != own.member:
            raise Fault(f"{OTHER} is another member's", NEXT)
        return own, kept


def _different(own: Account, kept: Account, tables: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in tables if kept.tables.get(name, Sum()) != own.tables.get(name, Sum()))


def audit_difference(connection: Connection, kept: Account, anchored: Account | None = None) -> str | None:
    """Return the finding if the audit does not end with the line of the store's account, or is missing the anchor's."""
    for n, digest in (account.audit for account in (kept, anchored) if account is not None):
        if n and audit.hash_at(connection, n) != digest:
            return f"line {n}, or one before it, is not the one that the store's account names"
    return access.difference(connection, kept.audit)
