"""Rows by the thousand: an INSERT compiled once by SQLAlchemy, run by the driver's own executemany.

Only for the hot paths; the statement is still Core's, so it is right for either database.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite


class Bulk:
    """Inserts rows, given as tuples of `columns`, which are named in the table's order.

    With `keep` a row whose key stands already is left as it is.
    """

    def __init__(self, table: Table, *columns: str, keep: bool = False) -> None:
        if [column.name for column in table.columns if column.name in columns] != list(columns):
            raise ValueError(f"columns of {table.name} out of order: {columns}")
        self._table, self.columns, self._keep = table, columns, keep
        self._statements: dict[str, str] = {}

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write `rows` in the connection's transaction; how many were new."""
        if not rows:
            return 0
        name = connection.dialect.name
        statement = self._statements.get(name) or self._statements.setdefault(name, self._compile(connection))
        is_named = connection.dialect.paramstyle in ("pyformat", "named")
        values: Any = [dict(zip(self.columns, row, strict=True)) for row in rows] if is_named else rows
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(statement, values)
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _compile(self, connection: Connection) -> str:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(self._table).values({name: bindparam(name) for name in self.columns})
        if self._keep:
            statement = statement.on_conflict_do_nothing()
        return str(statement.compile(dialect=connection.dialect, column_keys=list(self.columns)))
