"""Protected rows compared with the account: single rows as they are read, a table, the whole store."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import equal
from suar.store.engine.account import NEXT, Account
from suar.store.engine.bookkeeping import Books
from suar.store.engine.faults import AlteredError
from suar.store.engine.protection import MAC
from suar.store.engine.row_macs import KEEPER, READS, RowMacs, is_mac, name_of

AT_START: Final = 20_000
"""Rows of a table that are verified at the start; of a larger one they are counted, and verified beside."""
_STEP: Final = 500  # rows between two pauses
_MODULUS: Final = 1 << 256


def sound(connection: Connection, table: Table, rows: Sequence[Any]) -> Sequence[Any]:
    """These rows, read whole, when each is as this gateway wrote it. Raises AlteredError."""
    macs: RowMacs | None = connection.info.get(KEEPER)
    if macs is not None:
        for row in rows:
            if not macs.has_its_mac(str(table.name), row):
                key = " ".join(_word(getattr(row, column.name)) for column in table.primary_key)
                raise AlteredError(f"the store was altered from outside: table {table.name}, row {key}", NEXT)
    return rows


def _word(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def table_sound(connection: Connection, table: Table) -> None:
    """Every row of a small table is there, and as this gateway wrote it. Raises AlteredError."""
    macs: RowMacs | None = connection.info.get(KEEPER)
    books: Books | None = macs.books if macs is not None else None
    if books is None or books.account is None:
        return
    finding = check(connection, books, _as_seen(connection, books), str(table.name))
    if finding is not None:
        books.found(str(table.name), finding)
        raise books.fault()


def _as_seen(connection: Connection, books: Books) -> Account:
    """The account of what the connection sees. Raises AlteredError when the store has an older one."""
    if not connection.info.get(READS):
        return books.so_far()
    kept = books.kept(connection)
    if kept is None or kept.generation < connection.info[READS]:
        raise AlteredError("the store's account of its rows is an older one", NEXT)
    return kept


def against_anchor(books: Books, kept: Account | None, anchored: Account | None, *, is_known: bool) -> None:
    """The store's account is the anchor's or a later one of its lineage. Fault. `is_known`: the store has had one."""
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
        behind = anchored.generation - kept.generation
        raise Fault(f"the store is {behind} commits behind its anchor: it was put back from an older copy", NEXT)
    if kept.generation == anchored.generation and kept != anchored:
        raise Fault("the store's account of its rows is not the one that was anchored", NEXT)


def check(
    connection: Connection, books: Books, account: Account, table: str, pause: Callable[[], object] | None = None
) -> str | None:
    """What is wrong with a table as against the account; None: nothing. Reads every row."""
    macs, columns = books.macs, books.macs.columns[table]
    wanted = ", ".join(f'"{name}"' for name in (*columns.hashed, MAC))
    total = count = 0
    bad = ""
    cursor = connection.connection.cursor()
    try:
        for row in cursor.execute(f'SELECT {wanted} FROM "{table}"'):  # noqa: S608 - names of the schema
            pair = macs.pair(table, row[:-1])
            if not bad and not is_mac(pair, row[-1]):
                bad = name_of(columns, row)
            total += int.from_bytes(pair[32:], "big")
            count += 1
            if pause and count % _STEP == 0:
                pause()
    finally:
        cursor.close()
    if bad:
        return f"row {bad} is not as this gateway wrote it"
    expected = account.tables.get(table)
    if expected is None or count != expected.rows:
        return f"{count} rows where this gateway wrote {expected.rows if expected else 0}"
    if not equal((total % _MODULUS).to_bytes(32, "big"), expected.total):
        return "an older row was put in the place of a newer one"
    return None


def count(connection: Connection, account: Account, table: str) -> str | None:
    """Whether a table has as many rows as it should."""
    found: int = connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()  # noqa: S608
    expected = account.tables[table].rows if table in account.tables else 0
    return None if found == expected else f"{found} rows where this gateway wrote {expected}"


def at_start(connection: Connection, books: Books, account: Account) -> list[str]:
    """Verify tables up to AT_START rows and count the others; which were only counted. Findings go to `books`."""
    left = []
    for table in books.macs.columns:
        expected = account.tables.get(table)
        is_large = expected is not None and expected.rows > AT_START
        finding = count(connection, account, table) if is_large else check(connection, books, account, table)
        if finding is not None:
            books.found(table, finding)
        elif is_large:
            left.append(table)
    return left


def everything(
    connection: Connection, books: Books, account: Account, tables: Collection[str] | None = None
) -> Iterator[tuple[str, int, str | None]]:
    """(table, rows, what is wrong) of every protected table, or of these."""
    for table in sorted(books.macs.columns if tables is None else tables):
        expected = account.tables.get(table)
        yield table, expected.rows if expected else 0, check(connection, books, account, table)


class Sweep:
    """Verifies one table after the other while the gateway runs, each in one view of the store."""

    def __init__(self, books: Books, first: Sequence[str]) -> None:
        self._books = books
        self._turn = [*first, *(table for table in books.macs.columns if table not in first)]
        self.verified_at: int | None = None  # ms: when the last round ended
        self._done = 0

    def step(self, connection: Connection, now: int, seconds: float, pause: Callable[[], object]) -> None:
        """Verify tables for so long, one at least; findings go to the books. Raises AlteredError."""
        until = time.monotonic() + seconds
        seen = _as_seen(connection, self._books)
        while True:
            table = self._turn[self._done]
            finding = check(connection, self._books, seen, table, pause)
            if finding is not None:
                self._books.found(table, finding)
            self._done += 1
            if self._done == len(self._turn):
                self._done, self.verified_at = 0, now
                break
            if time.monotonic() >= until:
                break
