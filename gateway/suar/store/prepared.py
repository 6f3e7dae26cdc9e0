"""Statements of SQLAlchemy's Core, compiled once and run by the driver's own cursor.

A message's way takes some thirty small statements, and building one anew costs ten times what SQLite needs to run it.
The statement is still Core's, so it is right for either database.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Rows = list[Any]
"""Named tuples: a row's columns by name, as Core's Row gives them."""


class _Compiled(NamedTuple):
    sql: str
    order: tuple[str, ...] | None  # names of positional parameters; None where the driver takes them by name
    constants: dict[str, Any]  # values that stand in the statement itself
    row: Callable[[Iterable[Any]], Any]


class Prepared:
    """One statement. `statement` is Core's with `bindparam`s, or makes it from the dialect's module."""

    def __init__(self, statement: Executable | Callable[[Any], Executable]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> Rows:
        """Run it with these values; the rows that it answers."""
        compiled = self._for(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, _parameters(compiled, values))
            return list(map(compiled.row, cursor.fetchall()))
        finally:
            cursor.close()

    def each(self, connection: Connection, name: str, values: Iterable[Any]) -> dict[Any, Any]:
        """For each value of its only parameter the first row, where there is one."""
        compiled = self._for(connection)
        found = {}
        cursor = connection.connection.cursor()
        try:
            for value in values:
                cursor.execute(compiled.sql, _parameters(compiled, {name: value}))
                row = cursor.fetchone()
                if row is not None:
                    found[value] = compiled.row(row)
        finally:
            cursor.close()
        return found

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it with these values; how many rows it changed."""
        compiled = self._for(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, _parameters(compiled, values))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def run_all(self, connection: Connection, many: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each mapping of values."""
        compiled = self._for(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(compiled.sql, [_parameters(compiled, values) for values in many])
        finally:
            cursor.close()

    def _for(self, connection: Connection) -> _Compiled:
        name = connection.dialect.name
        return self._compiled.get(name) or self._compiled.setdefault(name, self._compile(connection))

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = self._statement if isinstance(self._statement, Executable) else self._statement(dialect)
        compiled: SQLCompiler = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
        order = None if connection.dialect.paramstyle in ("pyformat", "named") else tuple(compiled.positiontup or ())
        constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        columns = [entry.keyname for entry in compiled._result_columns]  # Core tells them nowhere else
        return _Compiled(str(compiled), order, constants, _row_type(columns))


def _parameters(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
    if compiled.order is None:
        return {**compiled.constants, **values}
    return tuple([values[name] if name in values else compiled.constants[name] for name in compiled.order])


def _row_type(columns: list[str]) -> Callable[[Iterable[Any]], Any]:
    made: Any = namedtuple  # the type checker knows it only with names that stand in the text
    return made("Row", columns)._make if columns else tuple
