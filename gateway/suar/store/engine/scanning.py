"""Compares each row of one protected table with its keyed hash, and the table with its account."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from suar.protocol.base.primitives import is_equal
from suar.protocol.transport.content import digest
from suar.store.engine.account import Sum
from suar.store.engine.protection import TABLES
from suar.store.engine.row_macs import RowMacs, is_mac, name_of
from suar.store.tables.columns import NO_UTF8

PAUSE_AFTER: Final = 500  # rows
NAMED_MAX: Final = 1_000  # rows with a wrong hash that are named
TEXT_MAX: Final = 200  # characters of SQLite's message
RESTORE: Final = "a REINDEX is not to be trusted, a restored backup is"


class Scan(NamedTuple):
    """The rows of a table: the sum of those with a correct hash; the number of wrong ones, and the first of these by
    name.
    """

    good: Sum
    wrong: int
    named: list[str]
    keys: list[tuple[Any, ...]]  # the first wrong rows


class Finding(NamedTuple):
    """What is wrong with a table, and whether it closes the store."""

    text: str
    is_closing: bool


def scan(connection: Connection, macs: RowMacs, table: str, pause: Callable[[], object] | None = None) -> Scan:
    """Read every row of a table. `pause` is called regularly."""
    columns = macs.columns[table]
    macs.settle(connection)
    total = rows = 0
    named, keys = list[str](), list[tuple[Any, ...]]()
    positions = [columns.hashed.index(name) for name in columns.key]
    wrong = 0
    for read, row in enumerate(macs.rows(connection, table), 1):
        pair = macs.pair(table, row[:-1])
        if is_mac(pair, row[-1]):
            total += int.from_bytes(pair[32:], "big")
            rows += 1
        else:
            wrong += 1
            if wrong <= NAMED_MAX:
                named.append(name_of(columns, row))
                keys.append(tuple(row[position] for position in positions))
        if pause and read % PAUSE_AFTER == 0:
            pause()
    return Scan(Sum().plus(total, rows), wrong, named, keys)


def finding(table: str, found: Scan, expected: Sum, taken_out: int = 0) -> Finding | None:
    """Return what is wrong with a table by its account; None if nothing. `taken_out`: wrong rows removed in the
    meantime.
    """
    how = TABLES[table]
    if is_whole(found, expected):
        if not found.wrong:
            return None
        return Finding(_wrong_text(found), is_closing=how.is_deciding and how.judged_by is None)
    if found.wrong:
        text = _wrong_text(found)
    elif found.good.rows != expected.rows:
        text = f"{found.good.rows} rows where this gateway wrote {expected.rows}"
    else:
        text = "an older row was put in the place of a newer one"
    return Finding(text, is_closing=how.is_deciding and not is_made_good(table, found, expected, taken_out))


def objects(
    connection: Connection, macs: RowMacs, table: str, pause: Callable[[], object] | None = None
) -> Finding | None:
    """Check that each object of a table is the one whose digest is in its row's hash. `pause` is called after each."""
    columns = _digested(macs, table)
    if columns is None:
        return None
    key = macs.columns[table].key
    for row in macs.rows(connection, table, (*key, *columns)):
        *named, found, expected = row
        if _digest(found) != expected:
            return _wrong_object(table, named)
        if pause:
            pause()
    return None


def _digest(found: object) -> bytes | None:
    """Return the digest of an object; of a value of another type, which SQLite keeps in any column, one that no row
    has.
    """
    if found is None:
        return None
    return digest(found) if isinstance(found, bytes) else b""


def check_objects(connection: Connection, macs: RowMacs, table: str) -> Finding | None:
    """Check that an object is present where the row has a digest of it, and nowhere else; no object is read."""
    columns = _digested(macs, table)
    if columns is None:
        return None
    keys = ", ".join(f'"{name}"' for name in macs.columns[table].key)
    differs = " <> ".join(f'("{name}" IS NULL)' for name in columns)
    wanted = f"SELECT {keys} FROM {unindexed(connection, table)} WHERE {differs} LIMIT 1"  # noqa: S608 - of the schema
    row = connection.exec_driver_sql(wanted).first()
    return None if row is None else _wrong_object(table, row)


def _digested(macs: RowMacs, table: str) -> tuple[str, str] | None:
    """Return the columns of a table's objects and of their digests; None if it has none, as in an older version."""
    columns = TABLES[table].digest
    return columns if columns is not None and columns[1] in macs.columns[table].hashed else None


def _wrong_object(table: str, key: Sequence[object]) -> Finding:
    name = " ".join(map(str, key))
    return Finding(
        f"the object of row {name} is not the one that this gateway wrote", is_closing=TABLES[table].is_deciding
    )


def indexes(connection: Connection, table: str) -> Finding | None:
    """Check, with SQLite's own comparison, that the indexes of a table match its rows; a finding always closes.

    PostgreSQL has no equivalent for a role that is not an administrator.
    """
    if connection.dialect.name != "sqlite":
        return None
    cursor = connection.connection.cursor()
    try:
        (text,) = cursor.execute(f'PRAGMA main.integrity_check("{table}")').fetchone()
    finally:
        cursor.close()
    if text == "ok":
        return None
    return Finding(f"its pages or indexes do not fit its rows ({str(text)[:TEXT_MAX]}); {RESTORE}", is_closing=True)


def texts(connection: Connection, table: str) -> Finding | None:
    """Check that every text of a table without a keyed hash is UTF-8, which SQLite does not; a finding never closes."""
    if connection.dialect.name != "sqlite":
        return None
    columns = connection.exec_driver_sql(f'PRAGMA main.table_info("{table}")').all()
    names = [f'"{row.name}"' for row in columns if row.type.upper().startswith(("TEXT", "VARCHAR"))]
    if not names:
        return None
    key = [f'"{row.name}"' for row in columns if row.pk]
    is_strange = " OR ".join(f"{name} GLOB '*[^ -~]*'" for name in names)
    wanted = f'SELECT {", ".join((*key, *names))} FROM "{table}" NOT INDEXED WHERE {is_strange}'  # noqa: S608 - of the schema
    for row in connection.exec_driver_sql(wanted):
        if any(isinstance(value, str) and value.startswith(NO_UTF8) for value in row):
            name = " ".join(_word(value) for value in row[: len(key)])
            return Finding(
                f"row {name} has a text that is no UTF-8, which this gateway does not write", is_closing=False
            )
    return None


def _word(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value).removeprefix(NO_UTF8)[:TEXT_MAX]


def too_many(connection: Connection, table: str, most: int) -> Finding | None:
    """Check that a table has at most `most` rows; no more rows are read than necessary."""
    limit = int(most) + 1
    wanted = f"SELECT count(*) FROM (SELECT 1 FROM {unindexed(connection, table)} LIMIT {limit}) AS counted"  # noqa: S608 - of the schema
    rows = connection.exec_driver_sql(wanted).scalar_one()
    return Finding(f"more than {most} rows, which it never has", is_closing=True) if rows > most else None


def unindexed(connection: Connection, table: str) -> str:
    """Return a table as named in a query that counts its rows without its indexes, which may have been altered."""
    return f'"{table}" NOT INDEXED' if connection.dialect.name == "sqlite" else f'"{table}"'


def is_whole(found: Scan, expected: Sum) -> bool:
    """Whether every row that this gateway wrote is present."""
    return found.good.rows == expected.rows and is_equal(found.good.total, expected.total)


def is_made_good(table: str, found: Scan, expected: Sum, taken_out: int) -> bool:
    """Whether the missing rows are restored or decide nothing: as many as were altered, of a table of that kind."""
    how = TABLES[table]
    missing = expected.rows - found.good.rows
    if not 0 < missing <= found.wrong + taken_out:
        return False
    return how.may_return or (how.may_be_empty and not found.good.rows)


def _wrong_text(found: Scan) -> str:
    return f"row {found.named[0]} is not as this gateway wrote it"
