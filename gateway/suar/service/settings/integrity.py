"""Nothing in the store is believed: its account of its rows is compared with the anchor, and the rows with the account.

What is stopped and what is not stands in docs/store.md and its decision.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.service.settings.keyring import Keyring
from suar.store.engine import verifying
from suar.store.engine.account import NEXT, AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books, told
from suar.store.engine.database import Database
from suar.store.engine.faults import AlteredError
from suar.store.engine.row_macs import RowMacs
from suar.store.engine.vault import Vault
from suar.store.people import access
from suar.store.recovery import adopting

STEP: Final = 0.2  # seconds of verifying at a time while the gateway runs


class Integrity:
    """The protection of one gateway's store."""

    def __init__(self, folder: Path, keyring: Keyring, database: Database) -> None:
        self._keyring, self._database = keyring, database
        seal = AccountSeal(keyring.store_key)
        self.books = Books(keyring.member, RowMacs(keyring.store_key), seal, Anchor(folder, seal))
        self._sweep: verifying.Sweep | None = None
        self.is_new = False  # the store has no account yet: `adopt` makes one

    @property
    def is_open(self) -> bool:
        """Whether the rows were compared with the anchor, or cannot be: a store in PostgreSQL is not protected."""
        return self._sweep is not None or not self._database.is_sqlite

    def open(self) -> None:
        """Compare the store with its anchor, and what decides with its account. Fault where something is wrong."""
        books = self.books
        self._database.protect(books)
        anchored = books.anchor.read()
        with self._database.reading() as connection:
            kept = books.kept(connection)
            verifying.against_anchor(books, kept, anchored, is_known=self._keyring.has_account)
            left = [] if kept is None else verifying.at_start(connection, books, kept)
            strange = [] if kept is None else access.tokens_against_audit(connection)
        if strange:
            books.found("token", f"{', '.join(strange)}: not in force by the audit")
        if books.deciding():
            raise books.fault()
        self._sweep = verifying.Sweep(books, left)
        if kept is None:
            self.is_new = True
        else:
            books.open(kept)
            self._keyring.keep_account()

    def verified(self) -> list[tuple[str, int, str | None]]:
        """(table, rows, what is wrong) of every protected table. Fault where store and anchor differ."""
        books = self.books
        self._database.protect(books)
        anchored = books.anchor.read()
        with self._database.reading() as connection:
            kept = books.kept(connection)
            verifying.against_anchor(books, kept, anchored, is_known=self._keyring.has_account)
            return [] if kept is None else list(verifying.everything(connection, books, kept))

    def adopt(self, connection: Connection, vault: Vault, now: int) -> None:
        """Take the rows of a store of before for this gateway's, once, with the caller's transaction."""
        adopting.adopt(connection, self.books, vault, now)

    def adopted(self) -> None:
        """That is on disk."""
        self.is_new = False
        self._keyring.keep_account()

    def require(self) -> None:
        """Raises AlteredError when rows that decide were found altered."""
        if self.books.deciding():
            raise self.books.fault()

    @property
    def finding(self) -> str | None:
        """What was found altered; None: nothing."""
        return told(self.books.findings) if self.books.findings else None

    def look(self, now: int, pause: Callable[[], object]) -> None:
        """Verify a few tables more; findings are kept. On the reader's thread."""
        if self._sweep is None:
            return
        with self._database.reading() as connection:
            try:
                self._sweep.step(connection, now, STEP, pause)
            except AlteredError as error:
                self.books.found("meta", error.text)

    @property
    def verified_at(self) -> int | None:
        """When every row was found as it should be, last (ms); None: not yet."""
        return self._sweep.verified_at if self._sweep else None

    @property
    def audit(self) -> tuple[int, bytes] | None:
        """The last line of the audit by the account."""
        account = self.books.account
        return account.audit if account is not None and account.audit[0] else None

    def anchor_bytes(self) -> bytes:
        """What a standby, or a stream of the own server, keeps of this store: the sealed account as of now."""
        if self.books.account is None:
            raise Fault("the store has no account of its rows yet", NEXT)
        return self.books.anchor.sealed(self.books.account)
