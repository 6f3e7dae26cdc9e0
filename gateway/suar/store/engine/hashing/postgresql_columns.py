"""PostgreSQL: the protected tables of a store, with their columns in the order in which SQLite has them.

A row is hashed with its columns in that order, so it has one hash in both databases, and a backup of either is
restored into either.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, text

from suar.store.engine.protection import MAC, TABLES
from suar.store.engine.row_macs import Columns
from suar.store.tables import metadata

_COLUMNS: Final = text(
    "SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,"
    " array_position(i.indkey::int2[], a.attnum) AS position"
    " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
    " WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND c.relname = ANY(:tables)"
    " ORDER BY c.relname, a.attnum"
)


def columns_and_types(connection: Connection) -> tuple[dict[str, Columns], dict[str, dict[str, str]]]:
    """The protected tables of the database, their columns in its order; and the types of these."""
    found: dict[str, list[Any]] = {}
    for row in connection.execute(_COLUMNS, {"tables": list(TABLES)}):
        found.setdefault(row.table, []).append(row)
    columns, types = {}, {}
    for table, rows in found.items():
        if MAC in [row.name for row in rows]:
            names = [row.name for row in rows if row.name not in (MAC, *TABLES[table].unhashed)]
            hashed = tuple(sorted(names, key=_order(table)))
            key = sorted((row for row in rows if row.position is not None), key=lambda row: row.position)
            columns[table] = Columns(hashed, tuple(row.name for row in key))
            types[table] = {row.name: row.type for row in rows}
    return columns, types


def _order(table: str) -> Callable[[str], int]:
    """Columns as SQLite has them, so that a row has one hash in both databases."""
    order = [column.name for column in metadata.tables[table].columns]
    return lambda name: order.index(name) if name in order else len(order)


def columns_of(connection: Connection) -> dict[str, Columns]:
    """Of each protected table that the database has: its columns in their order."""
    return columns_and_types(connection)[0]
