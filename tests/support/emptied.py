"""A database of a cluster that a test has left, emptied for the next one: making another costs five times as much.

Tables that have a file are truncated, so that nothing of a test stays in the files either, and sequences begin again.
A database of which anything else is not as in the template is not given to another test: a table, column, index,
constraint, trigger, function, right, setting, statistic or version of the schema.
"""

from __future__ import annotations

from contextlib import closing
from typing import Final, TypeAlias

import psycopg

_VERSION: Final = "alembic_version"  # the only table that has a row in a store without content
_FIRST: Final = 16384  # what has a lower number is PostgreSQL's own
_CATALOGS: Final = {
    "pg_attribute": "attrelid", "pg_attrdef": "oid", "pg_constraint": "oid", "pg_index": "indexrelid", "pg_proc": "oid",
    "pg_rewrite": "oid", "pg_statistic": "starelid", "pg_statistic_ext": "oid", "pg_trigger": "oid", "pg_type": "oid",
}  # fmt: skip
"""What a change of a schema writes, and emptying does not; with the number of what a row is about."""
_WITH_FILES: Final = f"""
    SELECT oid::regclass::text FROM pg_class
    WHERE oid >= {_FIRST} AND relkind = 'r' AND relname <> '{_VERSION}' AND pg_relation_size(oid) > 0"""
_RESTARTED: Final = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL"""
_SHAPE: Final = "\nUNION ALL ".join([
    f"""SELECT 'pg_class', count(*), md5(string_agg(concat_ws(' ', oid, relname, relnamespace, relkind, relowner,
        relacl, reloptions, relpersistence, relreplident, relrowsecurity, relchecks, relhastriggers), ',' ORDER BY oid))
    FROM pg_class WHERE oid >= {_FIRST}""",
    *(
        f"SELECT '{name}', count(*), max(xmin::text::bigint)::text FROM {name} WHERE {number} >= {_FIRST}"
        for name, number in _CATALOGS.items()
    ),
    "SELECT 'pg_namespace', count(*), string_agg(concat_ws(' ', nspname, nspowner, nspacl), ',' ORDER BY oid) "
    "FROM pg_namespace",
    "SELECT 'pg_extension', count(*), NULL FROM pg_extension",
    "SELECT 'pg_largeobject', count(*), NULL FROM pg_largeobject_metadata",
    f"SELECT '{_VERSION}', count(*), string_agg(version_num, ',') FROM {_VERSION}",
    "SELECT 'pg_database', count(*), string_agg(concat_ws(' ', datdba, datacl, datconnlimit, datallowconn), ',') "
    "FROM pg_database WHERE datname = current_database()",
    "SELECT 'pg_db_role_setting', count(*), NULL FROM pg_db_role_setting JOIN pg_database ON setdatabase = "
    "pg_database.oid WHERE datname = current_database()",
])  # fmt: skip

Shape: TypeAlias = list[tuple[str, int, str | None]]


def shape_of(conninfo: str) -> Shape:
    """What all databases have that were made of one template, and that no emptying changes."""
    with closing(psycopg.connect(conninfo, autocommit=True)) as connection:
        return _shape(connection)


def is_emptied(conninfo: str, shape: Shape) -> bool:
    """Empty a database that nobody has open; whether it has that shape still, and is as new for another test."""
    with closing(psycopg.connect(conninfo, autocommit=True)) as connection:
        try:
            if _shape(connection) != shape:
                return False
            connection.execute("SET session_replication_role = replica")  # no trigger of the store runs
            tables = [row[0] for row in connection.execute(_WITH_FILES)]
            if tables:
                connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE".encode())
            connection.execute(_RESTARTED.encode())
        except psycopg.Error:
            return False
        return True


def _shape(connection: psycopg.Connection[tuple[object, ...]]) -> Shape:
    found: Shape = connection.execute(_SHAPE.encode()).fetchall()  # type: ignore[assignment]  # as the query says
    return found
