"""Updates the account of a store with each transaction, and then the anchor."""

import contextlib
import os
from collections.abc import Callable, Collection
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.store import tables as t
from suar.store.engine.account import NEXT, STORE, Account, AccountSeal, Sum
from suar.store.engine.anchor import Anchor
from suar.store.engine.protection import SEAL, SIGNATURE, TABLES
from suar.store.engine.row_macs import Change, RowMacs, Way
from suar.store.engine.scanning import Finding, finding, is_made_good, is_whole, scan
from suar.store.engine.upsert import upsert
from suar.store.faults import AlteredError, LeaseFault
from suar.store.tables.columns import blob

_LINEAGE: Final = 16
_COMPARED: Final = "compared"  # in the `info` of a connection: the account there was that of the last commit


class Books:
    """Holds the account as of the last commit, and writes the next one in each transaction that changes it."""

    def __init__(self, member: str, macs: RowMacs, seal: AccountSeal, anchor: Anchor) -> None:
        self.member, self.macs, self.seal, self.anchor = member, macs, seal, anchor
        macs.books = self
        self.account: Account | None = None
        self.findings: dict[str, str] = {}  # table -> what was found altered in it
        self._closed: dict[str, str] = {}  # table -> the finding that closes the store: no more changes
        self._is_kept = False  # whether the first of these is in the state folder
        self.is_shared = False  # other machines reach the store: another server may have taken the place of its own
        self.may_keep: Callable[[], bool] = lambda: True  # False once another gateway may have written the store
        self.audit_finding: str | None = None  # why the audit is not as this gateway wrote it
        self._audit_kept: tuple[int, bytes] | None = None  # its last line before that, which the account goes on naming
        self._audit_last: tuple[int, bytes] | None = None  # the last line that this process committed
        self._next: Account | None = None
        self._is_prompt = self._is_adopting = False
        self._above = 0  # the next commit must have a higher generation than this

    @property
    def generation(self) -> int:
        """Return the generation of the last commit, at least 1."""
        return max(self.account.generation, 1) if self.account else 1

    # -- opening

    def kept(self, connection: Connection) -> Account | None:
        """Return the account that the store contains. Raises AlteredError if it was altered."""
        row = connection.exec_driver_sql("SELECT sealed FROM integrity WHERE id = 1").first()
        try:
            return None if row is None else self.seal.open(blob(row[0]), STORE, "the store's account of its rows")
        except Fault as fault:
            raise AlteredError(fault.text, fault.hint) from None

    def open(self, account: Account) -> None:
        """Continue from this account."""
        self.account, self.macs.is_open = account, True
        self.anchor.write_soon(account)

    def adopt(self, connection: Connection, schema: str, above: int = 0) -> None:
        """Accept every row as this gateway's, in the caller's transaction; a new lineage begins.

        Its generation is higher than `above`.
        """
        macs = self.macs
        macs.settle(connection)
        last = self._audit_kept or macs.audit or _last_line(connection)
        macs.is_open = True
        macs.begin()
        for table in macs.columns:
            self._way.adopt(connection, table)
        macs.audit = last
        tables = {table: Sum() for table in macs.columns}
        lineage = os.urandom(_LINEAGE)
        self.account = Account("suar-anchor/1", self.member, lineage, above, schema, macs.audit, tables)
        self.findings, self._closed, self._is_kept, self._is_adopting = {}, {}, False, True

    # -- with each transaction

    def begin(self, connection: Connection) -> None:
        """Reset at the start of a transaction.

        In a new session, and where the outcome of the last transaction is unknown, the store's account has to be that
        of the last commit. Raises AlteredError if it was altered, LeaseFault if it is an older one in a store that
        other machines reach, and OSError as `note_commit` does.
        """
        if self._next is not None or (self.account is not None and not connection.info.get(_COMPARED)):
            kept = self.kept(connection)
            if kept is not None and kept == self._next:
                self.note_commit()  # its commit took effect, and the answer was lost with the server or the connection
            elif not self._is_adopting:
                self._require_last(kept)
            connection.info[_COMPARED] = True
        self.macs.begin()
        self._next = None

    def _require_last(self, kept: Account | None) -> None:
        """Compare the store's account with that of the last commit. Raises LeaseFault or AlteredError."""
        ours = self.account
        if ours is None or kept == ours:
            return
        is_older = kept is not None and kept.lineage == ours.lineage and kept.generation < ours.generation
        if kept is not None and is_older and self.is_shared:
            lag = ours.generation - kept.generation
            raise LeaseFault(f"the store is {lag} commits behind what this gateway committed: it lost them", NEXT)
        self.found(t.integrity.name, Finding("the account is not that of the last commit", is_closing=True))
        raise self.fault()

    def finish(self, connection: Connection) -> None:
        """Write the account in the transaction that is about to be committed. Raises AlteredError."""
        macs, account = self.macs, self.account
        macs.settle(connection)
        for table, row in macs.altered:
            how = TABLES[table]
            text = f"row {row} is not as this gateway wrote it"
            self.found(table, Finding(text, is_closing=how.is_deciding and how.judged_by is None))
        for table in list(macs.taken_out):
            self._recount(connection, table)
        if self._closed:
            raise self.fault()
        if account is None or not macs.has_changes:
            return
        audit = self._audit_kept or macs.audit or account.audit
        self._next = replace(self.so_far(), generation=self._following(account), audit=audit)
        self._is_prompt = self._is_adopting or any(TABLES[table].is_prompt for table in macs.changes)
        upsert(connection, t.integrity, [{"id": 1, "sealed": self.seal.close(self._next, STORE)}])

    @property
    def _way(self) -> Way:
        if self.macs.way is None:
            raise ValueError("the store is not protected yet")
        return self.macs.way

    def _following(self, account: Account) -> int:
        return max(account.generation, self._above) + 1

    def continue_above(self, generation: int) -> None:
        """Give the next commit a higher generation than this one, which another anchor of this store has."""
        self._above = generation

    def so_far(self) -> Account:
        """Return the account including the changes of the open transaction."""
        if self.account is None:
            raise ValueError("not open")
        tables = dict(self.account.tables)
        for table, change in self.macs.changes.items():
            tables[table] = tables.get(table, Sum()).plus(change.total, change.rows)
        return replace(self.account, tables=tables)

    def note_commit(self) -> None:
        """Update the anchor after a commit. Raises OSError if one that must precede an answer cannot be written."""
        if self._next is None:
            return
        adopts = self._is_adopting
        self.account, self._next, self._is_adopting = self._next, None, False
        self._audit_last = self.macs.audit or self._audit_last
        if self._is_prompt:
            self.anchor.write(self.account)
        else:
            self.anchor.write_soon(self.account)
        if adopts:
            self.anchor.closed.remove()

    # -- the audit

    @property
    def audit_last(self) -> tuple[int, bytes] | None:
        """Return number and hash of the last line that this gateway wrote, from memory; None without an account."""
        return self.macs.audit or self._audit_last or (self.account.audit if self.account else self._audit_kept)

    def audit_altered(self, text: str, last: tuple[int, bytes] | None = None) -> None:
        """Record why the audit is not as this gateway wrote it; the first finding is kept.

        From now on the account goes on naming the gateway's last line, by default the one of now, so that the next
        start finds it too.
        """
        if self.audit_finding is None:
            self.audit_finding, self._audit_kept = text, last or (self.account.audit if self.account else None)

    def accept_audit(self, last: tuple[int, bytes]) -> None:
        """Continue the audit behind this line, by decision of an operator, in the caller's transaction."""
        self.audit_finding = self._audit_kept = None
        self.macs.audit = last

    # -- rows that are verified by their own content

    def judged(self, connection: Connection, table: str, allowed: Collection[str] = ()) -> None:
        """Count the rows of a table that were verified by their own content, in the caller's transaction.

        `allowed`: rows that stay although they were not removed. Missing rows close the gateway, see `finish`.
        """
        found = scan(connection, self.macs, table)
        if found.wrong and TABLES[table].judged_by == SIGNATURE:
            self._way.rehash(connection, table, found.keys)
        self._recount(connection, table)
        if TABLES[table].judged_by == SEAL and not set(found.named) <= set(allowed):
            self.found(table, Finding("a row that opens is not as this gateway wrote it", is_closing=True))

    def _recount(self, connection: Connection, table: str) -> None:
        """Count the present rows from now on, if those that are missing were altered and are received again."""
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

    # -- findings

    def found(self, table: str, what: Finding) -> None:
        """Record that rows of the table are not as this gateway wrote them; the first finding that closes is kept, also
        in the state folder.
        """
        if what.is_closing and table not in self._closed:
            self._closed[table] = self.findings[table] = what.text
        self.findings.setdefault(table, what.text)
        self._keep()

    def _keep(self) -> None:
        """Write the first finding that closes beside the anchor, once; after a failure again with the next finding or
        refusal.
        """
        if self._is_kept or not self._closed or not self.may_keep():
            return
        with contextlib.suppress(OSError):  # reported by `fault`
            self.anchor.closed.write(*next(iter(self._closed.items())))
            self._is_kept = True

    @property
    def is_closed(self) -> bool:
        """Whether a finding prevents every further change."""
        return bool(self._closed)

    def fault(self) -> AlteredError:
        """Return the error that refuses every change."""
        self._keep()
        return AlteredError(f"the store was altered from outside: {findings_text(self.findings)}", NEXT)


def _last_line(connection: Connection) -> tuple[int, bytes]:
    last = connection.exec_driver_sql("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").first()
    return (int(last[0]), blob(last[1])) if last else (0, bytes(32))


def findings_text(findings: dict[str, str]) -> str:
    """Return findings in one line."""
    return "; ".join(f"table {table}: {finding}" for table, finding in sorted(findings.items()))
