"""The account of a store kept with each transaction, and the anchor behind it."""

import os
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.store.engine.account import NEXT, STORE, Account, AccountSeal, Sum
from suar.store.engine.anchor import Anchor
from suar.store.engine.faults import AlteredError
from suar.store.engine.protection import TABLES
from suar.store.engine.row_macs import RowMacs

_LINEAGE: Final = 16
_PUT: Final = "INSERT INTO integrity (id, sealed) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed"


class Books:
    """Knows the account as of the last commit, and writes the next one into each transaction that changes it."""

    def __init__(self, member: str, macs: RowMacs, seal: AccountSeal, anchor: Anchor) -> None:
        self.member, self.macs, self.seal, self.anchor = member, macs, seal, anchor
        macs.books = self
        self.account: Account | None = None
        self.findings: dict[str, str] = {}  # table -> what was found altered in it
        self._next: Account | None = None
        self._is_prompt = self._adopts = False

    @property
    def generation(self) -> int:
        """Of the last commit; 1 at least."""
        return max(self.account.generation, 1) if self.account else 1

    # -- opening

    def kept(self, connection: Connection) -> Account | None:
        """The account that the store has of itself. Fault when it was altered."""
        row = connection.exec_driver_sql("SELECT sealed FROM integrity WHERE id = 1").first()
        return None if row is None else self.seal.open(bytes(row[0]), STORE, "the store's account of its rows")

    def open(self, account: Account) -> None:
        """Go on from this account."""
        self.account, self.macs.is_open = account, True
        self.anchor.write_soon(account)

    def adopt(self, connection: Connection, schema: str, above: int = 0) -> None:
        """Take every row as it stands for this gateway's, with the caller's transaction; a new lineage begins.

        Its generation is higher than `above`.
        """
        macs, raw = self.macs, connection.connection.cursor()
        macs.is_open = True
        macs.begin()
        try:
            for table in macs.columns:
                macs.adopt(raw, table)
            last = raw.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        finally:
            raw.close()
        macs.audit = (int(last[0]), bytes(last[1])) if last else (0, bytes(32))
        tables = {table: Sum() for table in macs.columns}
        lineage = os.urandom(_LINEAGE)
        self.account = Account("suar-anchor/1", self.member, lineage, above, schema, macs.audit, tables)
        self.findings, self._adopts = {}, True

    # -- with each transaction

    def begin(self) -> None:
        """A transaction begins."""
        self.macs.begin()
        self._next = None

    def finish(self, connection: Connection) -> None:
        """The transaction is about to be committed: its account goes with it. Raises AlteredError."""
        macs, account = self.macs, self.account
        for table, row in macs.altered:
            self.found(table, f"row {row} is not as this gateway wrote it")
        if any(TABLES[table].decides for table, _ in macs.altered):
            raise self.fault()
        if account is None or not (macs.changes or macs.audit):
            return
        self._next = replace(self.so_far(), generation=account.generation + 1, audit=macs.audit or account.audit)
        self._is_prompt = self._adopts or any(TABLES[table].is_prompt for table in macs.changes)
        _put(connection, self.seal.close(self._next, STORE))

    def so_far(self) -> Account:
        """The account with what the transaction that is going on changed."""
        if self.account is None:
            raise ValueError("not open")
        tables = dict(self.account.tables)
        for table, change in self.macs.changes.items():
            tables[table] = tables.get(table, Sum()).plus(change.total, change.rows)
        return replace(self.account, tables=tables)

    def committed(self) -> None:
        """It is on disk: the anchor follows. OSError when one that must stand before an answer cannot be written."""
        if self._next is None:
            return
        self.account, self._next, self._adopts = self._next, None, False
        if self._is_prompt:
            self.anchor.write(self.account)
        else:
            self.anchor.write_soon(self.account)

    # -- what was found

    def found(self, table: str, finding: str) -> None:
        """Remember that rows of the table are not as this gateway wrote them; the first finding stays."""
        self.findings.setdefault(table, finding)

    def deciding(self) -> list[str]:
        """Tables with findings for which nothing is changed any more."""
        return [table for table in self.findings if table in TABLES and TABLES[table].decides]

    def fault(self) -> AlteredError:
        """What stands against every change."""
        return AlteredError(f"the store was altered from outside: {findings_text(self.findings)}", NEXT)


def findings_text(findings: dict[str, str]) -> str:
    """Findings in one line."""
    return "; ".join(f"table {table}: {finding}" for table, finding in sorted(findings.items()))


def _put(connection: Connection, sealed: bytes) -> None:
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(_PUT, (sealed,))
    finally:
        cursor.close()
