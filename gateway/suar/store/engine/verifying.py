"""Compares protected rows with the account: single rows as they are read, a table, the whole store."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

from suar.protocol.base.errors import Fault
from suar.store.engine.account import NEXT, Account, Sum
from suar.store.engine.bookkeeping import Books
from suar.store.engine.protection import TABLES
from suar.store.engine.row_macs import KEEPER, READS, RowMacs
from suar.store.engine.scanning import (
    NAMED_MAX,
    Finding,
    check_objects,
    finding,
    indexes,
    objects,
    scan,
    texts,
    too_many,
    unindexed,
)
from suar.store.faults import AlteredError
from suar.store.tables import metadata

MEMBERS_MAX: Final = 1_000
_BY_MEMBER: Final = ("heartbeat", "peer_said")  # read whole at the start: a row for each member
AT_START: Final = 20_000
"""Rows of a table that are verified at the start; a larger table is counted, and verified in parallel."""


def sound(connection: Connection, table: Table, rows: Sequence[Any]) -> Sequence[Any]:
    """Return these rows, read whole, if each is as this gateway wrote it. Raises AlteredError."""
    for row in rows:
        if not is_as_written(connection, table, row):
            key = " ".join(_word(getattr(row, column.name)) for column in table.primary_key)
            raise AlteredError(f"the store was altered from outside: table {table.name}, row {key}", NEXT)
    return rows


def is_as_written(connection: Connection, table: Table, row: Any) -> bool:
    """Whether a row, read whole, is as this gateway wrote it."""
    macs: RowMacs | None = connection.info.get(KEEPER)
    return macs is None or macs.has_its_mac(str(table.name), row)


def _word(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def table_sound(connection: Connection, table: Table) -> None:
    """Verify that every row of a table is present, and as this gateway wrote it; a table of more than AT_START rows is
    counted only. Raises AlteredError.
    """
    macs: RowMacs | None = connection.info.get(KEEPER)
    books: Books | None = macs.books if macs is not None else None
    if books is None or books.account is None:
        return
    name, account = str(table.name), _as_seen(connection, books)
    found = count(connection, account, name) if is_large(account, name) else check(connection, books, account, name)
    if found is not None:
        books.found(name, found)
        raise books.fault()


def _as_seen(connection: Connection, books: Books) -> Account:
    """Return the account of what the connection sees. Raises AlteredError if the store contains an older one."""
    if not connection.info.get(READS):
        books.macs.settle(connection)
        return books.so_far()
    kept = books.kept(connection)
    if kept is None or kept.generation < connection.info[READS]:
        raise AlteredError("the store's account of its rows is an older one", NEXT)
    return kept


def compare_with_anchor(books: Books, kept: Account | None, anchored: Account | None, *, is_known: bool) -> None:
    """Check that the store's account is the anchor's or a later one of its lineage. Raises Fault. `is_known`: the store
    had an account.
    """
    if kept is None and anchored is None and not is_known:
        return
    if kept is None:
        raise Fault("the store has no account of its rows: it was emptied, or put back from before it had one", NEXT)
    if anchored is None:
        raise Fault(f"the anchor {books.anchor.path} is missing, so nobody can tell how old the store is", NEXT)
    if kept.member != books.member or anchored.member != books.member:
        raise Fault("the store or its anchor is another member's", NEXT)
    if kept.lineage != anchored.lineage:
        raise Fault("the store is not the one that the anchor stands for: it was put back from another copy", NEXT)
    if kept.generation < anchored.generation:
        lag = anchored.generation - kept.generation
        raise Fault(f"the store is {lag} commits behind its anchor: it was put back from an older copy", NEXT)
    if kept.generation == anchored.generation and kept != anchored:
        raise Fault("the store's account of its rows is not the one that was anchored", NEXT)


def check(
    connection: Connection, books: Books, account: Account, table: str, pause: Callable[[], object] | None = None
) -> Finding | None:
    """Return what is wrong with a table by the account; None if nothing. Reads every row, not the objects in them."""
    found = finding(table, scan(connection, books.macs, table, pause), account.tables.get(table, Sum()))
    return found or check_objects(connection, books.macs, table)


def count(connection: Connection, account: Account, table: str) -> Finding | None:
    """Check that a table has the number of rows in its account."""
    wanted = f"SELECT count(*) FROM {unindexed(connection, table)}"  # noqa: S608 - an index may lie
    found: int = connection.exec_driver_sql(wanted).scalar_one()
    expected, how = account.tables.get(table, Sum()).rows, TABLES[table]
    if found == expected:
        return None
    closes = how.is_deciding and (how.judged_by is None or found < expected)
    return Finding(f"{found} rows where this gateway wrote {expected}", closes)


def is_large(account: Account, table: str) -> bool:
    """Whether the start only counts the table's rows; they are verified in parallel."""
    return account.tables.get(table, Sum()).rows > AT_START


def at_start(connection: Connection, books: Books, account: Account) -> list[str]:
    """Verify tables up to AT_START rows and count larger ones, whose names are returned. Findings are added to `books`.

    A table whose rows are verified by their own content was verified with them (`Books.judged`).
    """
    left = []
    for table, text in unequal(books, account):
        books.found(table, Finding(text, is_closing=True))
    for table in _BY_MEMBER:
        _note(books, table, too_many(connection, table, MEMBERS_MAX))
    for table in books.macs.columns:
        if is_large(account, table):
            _note(books, table, count(connection, account, table))
            left.append(table)
            continue
        most = account.tables.get(table, Sum()).rows + NAMED_MAX
        if _note(books, table, too_many(connection, table, most)):
            continue
        if TABLES[table].judged_by is None:
            _note(books, table, check(connection, books, account, table))
        _note(books, table, indexes(connection, table))
    return left


def _note(books: Books, table: str, found: Finding | None) -> bool:
    """Record a finding about the table; returns False if there is none."""
    if found is not None:
        books.found(table, found)
    return found is not None


def unequal(books: Books, account: Account) -> Iterator[tuple[str, str]]:
    """Yield (table, why) of tables in the account that nothing verifies, and of verified tables without an account."""
    for table in sorted(account.tables.keys() - books.macs.columns.keys()):
        yield table, "it has no column for its hashes any more"
    for table in sorted(books.macs.columns.keys() - account.tables.keys()):
        yield table, "the store's account does not know it"


def lying_indexes(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield (table, what is wrong) of every table whose indexes do not match its rows."""
    if connection.dialect.name != "sqlite":
        return
    wanted = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    for table in connection.exec_driver_sql(wanted).scalars().all():
        found = indexes(connection, table)
        if found is not None:
            yield table, found.text


def everything(connection: Connection, books: Books, account: Account) -> Iterator[tuple[str, int, str | None]]:
    """Yield (table, rows, what is wrong) of every protected table, then of everything else that is wrong."""
    for table in sorted(books.macs.columns):
        found = check(connection, books, account, table) or objects(connection, books.macs, table)
        yield table, account.tables.get(table, Sum()).rows, found.text if found is not None else None
    for table, text in unequal(books, account):
        yield table, account.tables.get(table, Sum()).rows, text
    for table, text in lying_indexes(connection):
        yield table, account.tables.get(table, Sum()).rows, text


def unreadable(connection: Connection, books: Books) -> Iterator[tuple[str, str]]:
    """Yield (table, what is wrong) of every table without hashes that has a text which is no UTF-8."""
    for table in metadata.tables.keys() - books.macs.columns.keys():
        found = texts(connection, table)
        if found is not None:
            yield table, found.text


class Sweep:
    """Verifies the tables in turn while the gateway runs, each in one view of the store."""

    def __init__(self, books: Books, first: Sequence[str]) -> None:
        self._books = books
        turn = ["message", *first, *books.macs.columns, *metadata.tables]
        self.order = list(dict.fromkeys(turn))  # those without a hash for their indexes
        self.verified_at: int | None = None  # ms: when the last round ended
        self._done = 0

    def step(self, connection: Connection, now: int, seconds: float, pause: Callable[[], object]) -> None:
        """Verify tables for so long, at least one; findings are added to the books. Raises AlteredError."""
        until = time.monotonic() + seconds
        seen = _as_seen(connection, self._books)
        while True:
            table = self.order[self._done]
            if table in self._books.macs.columns:
                found = check(connection, self._books, seen, table, pause)
                _note(self._books, table, found or objects(connection, self._books.macs, table, pause))
            else:
                _note(self._books, table, texts(connection, table))
            _note(self._books, table, indexes(connection, table))
            self._done += 1
            if self._done == len(self.order):
                self._done, self.verified_at = 0, now
                break
            if time.monotonic() >= until:
                break
