"""Copies of a store in PostgreSQL: as the SQLite file that a backup has, and back into a database.

The file has the schema of the store's revision. A row has the same hash in both databases, so whatever verifies a file
verifies the copy, and a backup of either database is restored into either.
"""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg import Error as DriverError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from suar.protocol.base.errors import Fault
from suar.store.engine.backends.lease import KEPT, ROW, leading_of
from suar.store.engine.database import Database
from suar.store.engine.hashing.notices import FUNCTION
from suar.store.engine.row_macs import plain, quoted
from suar.store.migrations import schema, schema_postgresql
from suar.store.tables.columns import blob

_VERSION: Final = "alembic_version"  # written by the migrations
_BOOLEAN: Final = "boolean"
_COLUMNS: Final = text(
    "SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relkind = 'r' AND c.relnamespace = CAST('public' AS regnamespace) ORDER BY c.relname, a.attnum"
)
_SEQUENCES: Final = text(
    "SELECT s.relname AS name, t.relname AS table, a.attname AS column FROM pg_class s"
    " JOIN pg_depend d ON d.objid = s.oid AND d.classid = CAST('pg_class' AS regclass) AND d.deptype = 'a'"
    " JOIN pg_class t ON t.oid = d.refobjid"
    " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid WHERE s.relkind = 'S'"
)
_HAS_ACCOUNT: Final = text("SELECT to_regclass('public.integrity')")
_ACCOUNT: Final = text("SELECT sealed FROM integrity WHERE id = 1")
_SET: Final = text("SELECT setval(CAST(quote_ident(:name) AS regclass), CAST(:highest AS bigint))")
_OTHER: Final = "see `suar doctor`; the database has to be the store's alone"

Tables = dict[str, dict[str, str]]
"""Table -> its columns -> their types."""


class Target(NamedTuple):
    """A database that gets a store; `keyrings` as of `Lease.claim`."""

    url: str
    keyrings: tuple[str, ...]


def revision(folder: Path, url: str) -> str:
    """Return the revision of the store there; "" where there is none, or it cannot be read."""
    database = Database(folder, url)
    try:
        with database.reading() as connection:
            return schema.revision(connection) or ""
    except Fault:
        return ""
    finally:
        database.close()


def schema_fault(connection: Connection) -> Fault | None:
    """Return why a gateway would not start with the schema of this store; None if it would, or if there is no store."""
    try:
        if schema.stated_on_server(connection) != schema.newest():  # an earlier version is upgraded first
            return None
    except Fault as fault:
        return fault
    found = schema_postgresql.difference(connection, is_open=False)
    if found is None:
        return None
    return Fault(f"the schema of the store was altered from outside: {found}", schema_postgresql.NEXT)


def sealed_account(connection: Connection) -> bytes | None:
    """Return the sealed account of a store's rows; None where it has none, or the database has no store."""
    if connection.execute(_HAS_ACCOUNT).scalar() is None:
        return None
    row = connection.execute(_ACCOUNT).first()
    return None if row is None else blob(row[0])


def copy(folder: Path, url: str, target: Path) -> bool:
    """Copy the committed state of one moment to `target`, which is new and gets mode 0600; False: there is no store.

    Whoever writes goes on. Raises Fault for a store of a newer version, or one that
    states none.
    """
    database = Database(folder, url)
    try:
        with database.reading() as connection:
            found = schema.stated_on_server(connection)
            if found is None:
                return False
            if found not in schema.revisions():
                raise Fault(f"the store {database.display_name} was written by a newer suar", "install that version")
            _copy_tables(connection, target, found)
    finally:
        database.close()
    return True


def _copy_tables(connection: Connection, target: Path, found: str | None) -> None:
    """`found`: the revision whose tables the file gets; None: those of the database as they are called there."""
    tables = _tables_of(connection)
    target.touch(mode=0o600, exist_ok=False)
    if found is not None:
        _make_schema(target, found)
    with closing(sqlite3.connect(target, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=OFF")  # who made the copy hashes or flushes it
        file.execute("BEGIN")
        for table, columns in tables.items():
            if found is None:
                file.execute(f'CREATE TABLE "{table}" ({quoted(columns)})')
            if found is None or table != _VERSION:
                _copy_rows(connection, file, table, columns)
        file.execute("COMMIT")


def _make_schema(target: Path, found: str) -> None:
    engine = create_engine(f"sqlite:///{target}")
    try:
        with engine.begin() as connection:
            schema.upgrade(connection, found)
    finally:
        engine.dispose()


def _copy_rows(connection: Connection, file: sqlite3.Connection, table: str, columns: dict[str, str]) -> None:
    names, here = quoted(columns), f" WHERE name <> '{ROW}'" if table == "meta" else ""
    insert = f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608 - of the schema
    raw: Any = connection.connection.driver_connection
    try:
        with Cursor(raw) as cursor:
            rows = cursor.stream(f'SELECT {names} FROM "{table}"{here}', binary=True)  # noqa: S608 - the same
            file.executemany(insert, (tuple(map(plain, row)) for row in rows))
    except sqlite3.Error as error:
        raise Fault(f"table {table} of the store cannot be copied: {error}", _OTHER) from None


def put(folder: Path, target: Target, source: Path, kept: Path | None, now: int) -> bool:
    """Have the store in the file `source` be that of the database; returns whether another one was there.

    What was there is copied to the new file `kept` first; None: then it is refused. `now` is in ms. Raises Fault, and
    LeaseFault while a gateway leads there; the database is as before then.
    """
    database = Database(folder, target.url)
    try:
        database.prepare()
        database.acquire()
        with database.reading() as connection:
            has_store, term = _keep_aside(connection, database, kept)
        with database.begin() as connection, closing(sqlite3.connect(source)) as file:
            _replace(connection, file)
            if database.lease is not None:
                # above the terms of gateways that led here, also in a database that was dropped since
                database.lease.claim(connection, target.keyrings, socket.gethostname(), max(term, now // 1000))
    except (DBAPIError, DriverError, sqlite3.Error) as error:
        first = str(getattr(error, "orig", error)).partition("\n")[0]
        raise Fault(f"the store cannot be put into {database.display_name}: {first}", _OTHER) from None
    finally:
        database.close()
    return has_store


def _keep_aside(connection: Connection, database: Database, kept: Path | None) -> tuple[bool, int]:
    """Returns whether the database has tables, and a term above that of its lease."""
    tables = _tables_of(connection)
    if tables and kept is None:
        hint = "name an empty database in store.url, or give --replace: what is there is then kept aside"
        raise Fault(f"the database {database.display_name} is not empty", hint)
    if not tables or kept is None:
        return False, 1
    found = schema.revision(connection)
    _copy_tables(connection, kept, found if found in schema.revisions() else None)
    leading = leading_of(connection.execute(text(KEPT)).scalar()) if "meta" in tables else None
    return True, leading.term + 1 if leading else 1


def _replace(connection: Connection, file: sqlite3.Connection) -> None:
    """In the caller's transaction: tables that are there are dropped."""
    for table in _tables_of(connection):
        connection.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {FUNCTION}() CASCADE")
    schema.upgrade(connection, file.execute(f"SELECT version_num FROM {_VERSION}").fetchone()[0])  # noqa: S608 - a constant
    for table, columns in _tables_of(connection).items():
        if table != _VERSION:
            _put_rows(connection, file, table, columns)
    for sequence in connection.execute(_SEQUENCES).all():
        last = f'SELECT max("{sequence.column}") FROM "{sequence.table}"'  # noqa: S608 - names of the schema
        highest = connection.exec_driver_sql(last).scalar()
        connection.execute(_SET, {"name": sequence.name, "highest": highest})  # of an empty table: nothing


def _put_rows(connection: Connection, file: sqlite3.Connection, table: str, columns: dict[str, str]) -> None:
    names, here = quoted(columns), f" WHERE name <> '{ROW}'" if table == "meta" else ""
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copying:
        for row in file.execute(f'SELECT {names} FROM "{table}"{here}'):  # noqa: S608 - names of the schema
            copying.write_row(tuple(_as_stored(row, columns)))


def _as_stored(row: tuple[Any, ...], columns: dict[str, str]) -> Iterator[Any]:
    for value, kind in zip(row, columns.values(), strict=True):
        yield bool(value) if kind == _BOOLEAN and value is not None else value


def _tables_of(connection: Connection) -> Tables:
    found: Tables = {}
    for row in connection.execute(_COLUMNS):
        found.setdefault(row.table, {})[row.name] = row.type
    return found
