"""SQLite: temporary triggers of the writer's connection, which are in no file, call functions of this process."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

from suar.store.engine.protection import MAC, TABLES
from suar.store.engine.row_macs import KEEPER, Columns, RowMacs, quoted
from suar.store.faults import AlteredError

NOT_READ: Final = "user-defined function raised"  # SQLite about a row of which a text is no UTF-8
_BACKUP: Final = "put a backup back with `suar restore`: no such row can be accepted or changed"
_NOTED: Final = "CREATE TEMP TRIGGER noted AFTER INSERT ON audit BEGIN SELECT suar_noted(NEW.n, NEW.hash); END"


class Triggers:
    """Writes the hash of a row in the statement that changes the row."""

    def __init__(self, macs: RowMacs) -> None:
        self._macs = macs

    def install(self, writer: Engine) -> None:
        """Keep the hashes in every connection that this engine opens from now on."""
        event.listen(writer, "connect", self._connected)

    def settle(self, connection: Connection) -> None:
        """Do nothing: a changed row has its hash already."""

    def begin(self) -> None:
        """Do nothing: there is no state."""

    def forget(self) -> None:
        """Do nothing: there is no pending work."""

    def rows(self, connection: Connection, table: str, names: Iterable[str]) -> Iterator[Any]:
        """Yield these columns of every row, read without indexes, which may have been altered."""
        cursor = connection.connection.cursor()
        try:
            yield from cursor.execute(f'SELECT {quoted(names)} FROM "{table}" NOT INDEXED')  # noqa: S608 - names of the schema
        finally:
            cursor.close()

    def rehash(self, connection: Connection, table: str, keys: Iterable[tuple[Any, ...]]) -> None:
        """Hash these rows of a table as they are: their content was verified by other means."""
        columns = self._macs.columns[table]
        first = columns.hashed[0]
        here = " AND ".join(f'"{name}" IS ?' for name in columns.key)
        raw: Any = connection.connection.driver_connection
        raw.executemany(f'UPDATE "{table}" SET "{first}" = "{first}" WHERE {here}', keys)  # noqa: S608 - of the schema

    def adopt(self, connection: Connection, table: str) -> None:
        """Hash every row of a table as it is."""
        raw: Any = connection.connection.driver_connection
        call = f"suar_added('{table}', {quoted(self._macs.columns[table].hashed)})"
        try:
            raw.execute(f'UPDATE "{table}" SET {MAC} = {call}')  # noqa: S608 - of the schema
        except sqlite3.OperationalError as error:
            if NOT_READ not in str(error):
                raise
            raise not_read(f"table {table}") from None

    def _connected(self, raw: Any, record: Any) -> None:
        record.info[KEEPER] = self._macs
        macs = self._macs
        functions: dict[str, Callable[..., Any]] = {
            "suar_added": macs.added, "suar_gone": macs.gone, "suar_noted": macs.noted,
        }  # fmt: skip
        for name, function in functions.items():
            raw.create_function(name, -1, function)
        for statement in _triggers(macs.columns):
            raw.execute(statement)


def not_read(where: str) -> AlteredError:
    """Return the error of a row that SQLite cannot give to a function of this process (NOT_READ)."""
    text = f"the store was altered from outside: {where} has a text that is no UTF-8"
    return AlteredError(text, f"`suar audit verify --store` names the row's table; {_BACKUP}")


def columns_of(connection: Connection) -> dict[str, Columns]:
    """Return each protected table that the file has: its columns in their order."""
    raw: Any = connection.connection.driver_connection
    found = {}
    for table, how in TABLES.items():
        info = raw.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
        names = [row[1] for row in info]
        if MAC in names:
            hashed = tuple(name for name in names if name != MAC and name not in how.unhashed)
            key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
            found[table] = Columns(hashed, key)
    return found


def _triggers(tables: dict[str, Columns]) -> list[str]:
    made = [_NOTED]
    for table, columns in tables.items():
        gone = f"SELECT suar_gone('{table}', OLD.{MAC}, {_of('OLD', columns.hashed)});"
        here = " AND ".join(f'"{name}" = NEW."{name}"' for name in columns.key)
        call = f"suar_added('{table}', {_of('NEW', columns.hashed)})"
        added = f'UPDATE "{table}" SET {MAC} = {call} WHERE {here};'  # noqa: S608 - of the schema
        made += [
            f'CREATE TEMP TRIGGER "{table}_added" AFTER INSERT ON "{table}" BEGIN {added} END',
            f'CREATE TEMP TRIGGER "{table}_gone" AFTER DELETE ON "{table}" BEGIN {gone} END',
            f'CREATE TEMP TRIGGER "{table}_changed" AFTER UPDATE OF {quoted(columns.hashed)} ON "{table}"'
            f" BEGIN {gone} {added} END",
        ]
    return made


def _of(row: str, names: Iterable[str]) -> str:
    return ", ".join(f'{row}."{name}"' for name in names)
