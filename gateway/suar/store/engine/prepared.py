"""Statements of SQLAlchemy Core, compiled once and run with the driver's cursor.

Processing a message runs about thirty small statements, and building one costs ten times what SQLite needs to run it.
The statements are still Core's, so they are right for both databases.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Executable, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

_BATCH: Final = 512  # values that one statement searches for
_NAMES: Final = tuple(f"value{i}" for i in range(_BATCH))
_BLOCK: Final = 32  # rows that one statement inserts

Rows = list[Any]
"""Named tuples: a row's columns by name, as Core's Row gives them."""


class _Compiled(NamedTuple):
    sql: str
    parameters: Callable[[Mapping[str, Any]], Any]  # the form in which the driver takes the values of a statement
    row: Callable[[Iterable[Any]], Any]


class Prepared:
    """One statement. `statement` is Core's with `bindparam`s, or a function that makes it from the dialect's module."""

    def __init__(self, statement: Executable | Callable[[Any], Executable]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: Any) -> Rows:
        """Run it with these values and return its rows."""
        compiled = self.compiled_for(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.parameters(values))
            return list(map(compiled.row, cursor.fetchall()))
        finally:
            cursor.close()

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it with these values; returns the number of changed rows."""
        compiled = self.compiled_for(connection)
        return _execute(connection, compiled.sql, compiled.parameters(values))

    def run_all(self, connection: Connection, many: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each mapping of values."""
        compiled = self.compiled_for(connection)
        _many(connection, compiled.sql, list(map(compiled.parameters, many)))

    def compiled_for(self, connection: Connection) -> _Compiled:
        """Return the statement compiled for the connection's database."""
        name = connection.dialect.name
        return self._compiled.get(name) or self._compiled.setdefault(name, self._compile(connection))

    def _compile(self, connection: Connection) -> _Compiled:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = self._statement if isinstance(self._statement, Executable) else self._statement(dialect)
        compiled: SQLCompiler = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
        order = None if connection.dialect.paramstyle in ("pyformat", "named") else tuple(compiled.positiontup or ())
        constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        columns = [entry.keyname for entry in compiled._result_columns]  # Core tells them nowhere else
        return _Compiled(str(compiled), _parameters(order, constants), _row_type(columns))


class Insert(Prepared):
    """Inserts many rows, given as tuples of `columns`, which are named in the table's order.

    With `keep`, a row whose key exists is left unchanged. SQLite gets blocks of rows: for each statement the driver
    releases the interpreter's lock and waits for it, and SQLite copies the pages that the triggers of a row change.
    """

    def __init__(self, table: Table, *columns: str, keep: bool = False) -> None:
        if [column.name for column in table.columns if column.name in columns] != list(columns):
            raise ValueError(f"columns of {table.name} out of order: {columns}")
        self.columns = columns

        def statement(dialect: Any, rows: int = 1) -> Executable:
            one: dict[str, Any] = {name: bindparam(name) for name in columns}
            block: list[dict[str, Any]] = [{name: bindparam(f"{name}_{n}") for name in columns} for n in range(rows)]
            made = dialect.insert(table).values(block if rows > 1 else one)
            return made.on_conflict_do_nothing() if keep else made  # type: ignore[no-any-return]

        super().__init__(statement)
        self._block = Prepared(lambda dialect: statement(dialect, _BLOCK))

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write `rows` in the connection's transaction; returns how many were new."""
        if not rows:
            return 0
        sql = self.compiled_for(connection).sql
        if connection.dialect.paramstyle in ("pyformat", "named"):
            return _many(connection, sql, [dict(zip(self.columns, row, strict=True)) for row in rows])
        whole, new = len(rows) - len(rows) % _BLOCK, 0
        for first in range(0, whole, _BLOCK):
            values = list(chain.from_iterable(rows[first : first + _BLOCK]))
            new += _execute(connection, self._block.compiled_for(connection).sql, values)
        return new + (_many(connection, sql, rows[whole:]) if whole < len(rows) else 0)


class Lookup:
    """Finds the rows of a column `key` for many values in one statement; the conditions `where` have parameters."""

    def __init__(
        self, key: Column[Any], *columns: ColumnElement[Any], where: Sequence[ColumnElement[bool]] = ()
    ) -> None:
        self._key, self._columns, self._where = key, columns, where
        self._of_size = cache(self._prepare)

    def find(self, connection: Connection, values: Iterable[Any]) -> dict[Any, Any]:
        """Return the row of each value that has one, of a unique column."""
        return {getattr(row, self._key.name): row for row in self.rows(connection, values)}

    def rows(self, connection: Connection, values: Iterable[Any], **fixed: Any) -> Rows:
        """Return every row with one of the values; `fixed`: the values of the parameters of `where`."""
        wanted, found = list(values), Rows()
        for first in range(0, len(wanted), _BATCH):
            part = wanted[first : first + _BATCH]
            size = 1 << (len(part) - 1).bit_length()  # powers of two; the last value fills up
            part += part[-1:] * (size - len(part))
            found += self._of_size(size).rows(connection, **dict(zip(_NAMES, part, strict=False)), **fixed)
        return found

    def _prepare(self, size: int) -> Prepared:
        wanted = self._key.in_([bindparam(name) for name in _NAMES[:size]])
        return Prepared(select(self._key, *self._columns).where(wanted, *self._where))


def _execute(connection: Connection, sql: str, values: Any) -> int:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
    finally:
        cursor.close()


def _many(connection: Connection, sql: str, values: Sequence[Any]) -> int:
    cursor = connection.connection.cursor()
    try:
        cursor.executemany(sql, values)
        return int(cursor.rowcount)
    finally:
        cursor.close()


def _parameters(order: tuple[str, ...] | None, constants: dict[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """`order`: names of positional parameters; None if the driver takes them by name. `constants`: values in the
    statement itself.
    """
    if order is None:
        return lambda values: {**constants, **values}
    if len(order) > 1 and not constants:
        return itemgetter(*order)
    return lambda values: tuple([values[name] if name in values else constants[name] for name in order])


def _row_type(columns: list[str]) -> Callable[[Iterable[Any]], Any]:
    made: Any = namedtuple  # the type checker knows it only with names that are in the text
    return made("Row", columns)._make if columns else tuple
