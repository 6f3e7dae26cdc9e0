"""Insert or replace by primary key, which SQLAlchemy implements in one module for each dialect."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam

from suar.store.engine.prepared import Prepared


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write `rows`; for a row whose primary key exists, the given columns are replaced."""
    if rows:
        _upsert(table, tuple(rows[0])).run_all(connection, rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write `rows`; a row whose primary or unique key exists is left unchanged."""
    if rows:
        _insert_new(table, tuple(rows[0])).run_all(connection, rows)


@cache
def _upsert(table: Table, columns: tuple[str, ...]) -> Prepared:
    keys = [column.name for column in table.primary_key]

    def make(dialect: Any) -> Executable:
        statement = _insert(dialect, table, columns)
        changed = {name: statement.excluded[name] for name in columns if name not in keys}
        made: Executable = statement.on_conflict_do_update(index_elements=keys, set_=changed)
        return made

    return Prepared(make)


@cache
def _insert_new(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(lambda dialect: _insert(dialect, table, columns).on_conflict_do_nothing())


def _insert(dialect: Any, table: Table, columns: tuple[str, ...]) -> Any:
    return dialect.insert(table).values({name: bindparam(name) for name in columns})
