"""The account of a store kept with each transaction, and the anchor behind it."""

import os
from collections.abc import Collection
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.store import tables as t
from suar.store.engine.account import NEXT, STORE, Account, AccountSeal, Sum
from suar.store.engine.anchor import Anchor
from suar.store.engine.faults import AlteredError
from suar.store.engine.protection import SEAL, SIGNATURE, TABLES
from suar.store.engine.row_macs import Change, RowMacs, Way
from suar.store.engine.scanning import Finding, finding, is_made_good, is_whole, scan
from suar.store.engine.upsert import upsert

_LINEAGE: Final = 16


class Books:
    """Knows the account as of the last commit, and writes the next one into each transaction that changes it."""

    def __init__(self, member: str, macs: RowMacs, seal: AccountSeal, anchor: Anchor) -> None:
        self.member, self.macs, self.seal, self.anchor = member, macs, seal, anchor
        macs.books = self
        self.account: Account | None = None
        self.findings: dict[str, str] = {}  # table -> what was found altered in it
        self._closed: set[str] = set()  # tables because of which nothing is changed any more
        self._next: Account | None = None
        self._is_prompt = self._adopts = False
        self._above = 0  # a generation that the next commit is to be above

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
        macs = self.macs
        macs.is_open = True
        macs.begin()
        for table in macs.columns:
            self._way.adopt(connection, table)
        last = connection.exec_driver_sql("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").first()
        macs.audit = (int(last[0]), bytes(last[1])) if last else (0, bytes(32))
        tables = {table: Sum() for table in macs.columns}
        lineage = os.urandom(_LINEAGE)
        self.account = Account("suar-anchor/1", self.member, lineage, above, schema, macs.audit, tables)
        self.findings, self._closed, self._adopts = {}, set(), True

    # -- with each transaction

    def begin(self) -> None:
        """A transaction begins."""
        self.macs.begin()
        self._next = None

    def finish(self, connection: Connection) -> None:
        """The transaction is about to be committed: its account goes with it. Raises AlteredError."""
        macs, account = self.macs, self.account
        macs.settle(connection)
        for table, row in macs.altered:
            how = TABLES[table]
            text = f"row {row} is not as this gateway wrote it"
            self.found(table, Finding(text, closes=how.decides and how.judged_by is None))
        for table in list(macs.taken_out):
            self._count_anew(connection, table)
        if self._closed:
            raise self.fault()
        if account is None or not macs.has_changes:
            return
        self._next = replace(self.so_far(), generation=self._following(account), audit=macs.audit or account.audit)
        self._is_prompt = self._adopts or any(TABLES[table].is_prompt for table in macs.changes)
        upsert(connection, t.integrity, [{"id": 1, "sealed": self.seal.close(self._next, STORE)}])

    @property
    def _way(self) -> Way:
        if self.macs.way is None:
            raise ValueError("the store is not protected yet")
        return self.macs.way

    def _following(self, account: Account) -> int:
        return max(account.generation, self._above) + 1

    def continue_above(self, generation: int) -> None:
        """Have the next commit be above this generation, which another anchor of this store has."""
        self._above = generation

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

    # -- rows that are judged by what they say

    def judged(self, connection: Connection, table: str, allowed: Collection[str] = ()) -> None:
        """The rows of a table were judged by what they say, with the caller's transaction: what is left is counted.

        `allowed`: rows that stay though they were not taken. Missing rows close the gateway, see `finish`.
        """
        found = scan(connection, self.macs, table)
        if found.wrong and TABLES[table].judged_by == SIGNATURE:
            self._way.hash_anew(connection, table, found.keys)
        self._count_anew(connection, table)
        if TABLES[table].judged_by == SEAL and not set(found.named) <= set(allowed):
            self.found(table, Finding("a row that opens is not as this gateway wrote it", closes=True))

    def _count_anew(self, connection: Connection, table: str) -> None:
        """Where rows lack that were altered and come again, what is there counts from now on."""
        if self.account is None:
            return
        taken_out = self.macs.taken_out.get(table, 0)
        found, expected = scan(connection, self.macs, table), self.so_far().tables.get(table, Sum())
        wrong = finding(table, found, expected, taken_out)
        if wrong is not None:
            self.found(table, wrong)
        if not is_whole(found, expected) and is_made_good(table, found, expected, taken_out):
            before = self.account.tables.get(table, Sum())
            total = int.from_bytes(found.good.total, "big") - int.from_bytes(before.total, "big")
            self.macs.changes[table] = Change(total, found.good.rows - before.rows)

    # -- what was found

    def found(self, table: str, what: Finding) -> None:
        """Remember that rows of the table are not as this gateway wrote them; the first finding that closes stays."""
        if what.closes and table not in self._closed:
            self._closed.add(table)
            self.findings[table] = what.text
        self.findings.setdefault(table, what.text)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is changed any more because of what was found."""
        return bool(self._closed)

    def fault(self) -> AlteredError:
        """What stands against every change."""
        return AlteredError(f"the store was altered from outside: {findings_text(self.findings)}", NEXT)


def findings_text(findings: dict[str, str]) -> str:
    """Findings in one line."""
    return "; ".join(f"table {table}: {finding}" for table, finding in sorted(findings.items()))
