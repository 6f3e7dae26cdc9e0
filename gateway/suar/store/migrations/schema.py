"""Compares SQLite's list of the tables and indexes of a store with the schema that the code expects.

SQLite runs any triggers, views and generated columns that a file contains, so a file with an additional, missing or
different object is refused. schema.json has the objects of this version: `python -m suar.store.migrations.schema`
writes them, a test compares them with the migrations. Those of an earlier version are made by its migrations in memory
when a store is upgraded.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from suar.store.faults import AlteredError

FILE: Final = Path(__file__).with_name("schema.json")
MIGRATIONS: Final = Path(__file__).parent
NEXT: Final = "put a backup back with `suar restore`; `suar store restored` does not accept another schema"
_NEXT_ON_SERVER: Final = "put a backup back with `suar restore --replace`, or the database as it was by its own backups"
_UNSTATED: Final = "the store does not say of which version it is: alembic_version has not one row"
_OBJECTS_MAX: Final = 1_000
_SQL_MAX: Final = 20_000  # characters of one definition
_LISTED: Final = (  # what runs by itself is named first
    "SELECT type, name, tbl_name, substr(sql, 1, ?) FROM main.sqlite_master"
    " ORDER BY type NOT IN ('trigger', 'view'), rowid LIMIT ?"
)
_STATISTICS: Final = {  # what ANALYZE creates: it affects how rows are found, never which
    ("table", "sqlite_stat1"): ("sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4"): ("sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
}

Objects = dict[tuple[str, str], tuple[str, str]]
"""(type, name) -> (table, definition without superfluous blanks; empty for an index of a constraint)."""


def check(raw: Any) -> str | None:
    """Raise AlteredError unless the schema is that of its revision; return the revision, None for an empty file.

    A revision that this version does not know is returned unchecked: `migrate` refuses it.
    """
    if not raw.execute("SELECT count(*) FROM main.sqlite_master").fetchone()[0]:
        return None
    revision = stated(raw)
    if revision in revisions():
        require(raw, revision)
    return revision


def require(raw: Any, revision: str | None = None) -> None:
    """Raise AlteredError unless the schema is that of the revision; by default this version's."""
    found = difference(raw, revision)
    if found is not None:
        raise AlteredError(f"the schema of the store was altered from outside: {found}", NEXT)


def difference(raw: Any, revision: str | None = None) -> str | None:
    """Return the first object that differs from the expected schema, in words; None if nothing differs."""
    expected = this_version() if revision in (None, newest()) else earlier(str(revision))
    found: Objects = {}
    for kind, name, table, sql in _listed(raw):
        key, defined = (kind, name), (table, sql)
        if _STATISTICS.get(key) == defined:
            continue
        if expected.get(key) != defined or key in found:
            what = "is defined otherwise" if key in expected else "does not belong to it"
            return f"{_word(kind)} {_word(name)} {what}"
        found[key] = defined
    missing = min(expected.keys() - found.keys(), default=None)
    return None if missing is None else f"{missing[0]} {missing[1]} is missing"


def cookie(raw: Any) -> int:
    """Return SQLite's number of the schema, which every change of it increases."""
    return int(raw.execute("PRAGMA main.schema_version").fetchone()[0])


@cache
def this_version() -> Objects:
    """Return the objects of this version."""
    return {(kind, name): (table, sql) for kind, name, table, sql in json.loads(FILE.read_text())}


@cache
def earlier(revision: str) -> Objects:
    """Return the objects of an earlier version, made by its migrations in memory."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
            listed = list(_listed(connection.connection.driver_connection))
    finally:
        engine.dispose()
    return {(kind, name): (table, sql) for kind, name, table, sql in listed}


def upgrade(connection: Any, revision: str) -> None:
    """Run the migrations up to that revision. Raises alembic's CommandError."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions that this version knows, the oldest first."""
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def newest() -> str:
    """Return this version's revision."""
    return revisions()[-1]


def revision(connection: Connection) -> str | None:
    """Return the revision of a store in PostgreSQL; None for a database that is empty or states none."""
    if connection.execute(text("SELECT to_regclass('alembic_version') IS NULL")).scalar_one():
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version LIMIT 2")).scalars().all()
    return str(found[0]) if len(found) == 1 else None


def stated_on_server(connection: Connection) -> str | None:
    """Return the revision of a store in PostgreSQL; None for an empty database. Raises AlteredError unless one row of a
    table states it.
    """
    kind = connection.execute(text("SELECT relkind FROM pg_class WHERE oid = to_regclass('alembic_version')")).scalar()
    if kind is None:
        return None
    found = revision(connection) if kind == "r" else None
    if found is None:
        raise AlteredError(_UNSTATED, _NEXT_ON_SERVER)
    return found


def stated(raw: Any) -> str:
    """Return the revision that a store in SQLite states. Raises AlteredError unless one row of a table does: a view
    of that name may compute for ever.
    """
    kinds = "SELECT count(*) FROM main.sqlite_master WHERE name = 'alembic_version' AND type = 'table'"
    rows = []
    if raw.execute(kinds).fetchone()[0]:
        rows = raw.execute("SELECT substr(version_num, 1, 32) FROM main.alembic_version LIMIT 2").fetchall()
    if len(rows) != 1 or not isinstance(rows[0][0], str):
        raise AlteredError(_UNSTATED, NEXT)
    return str(rows[0][0])


def _listed(raw: Any) -> Iterator[tuple[str, str, str, str]]:
    for kind, name, table, sql in raw.execute(_LISTED, (_SQL_MAX, _OBJECTS_MAX)):
        yield str(kind), str(name), str(table), " ".join(str(sql or "").split())


def _word(name: str) -> str:
    """Return a name in a form that is safe in a message, because anybody may have written it."""
    return "".join(each if each.isprintable() else "?" for each in name[:64])


def main() -> None:
    """Write the objects that the migrations make."""
    rows = sorted([*key, *defined] for key, defined in earlier(newest()).items())
    sys.stdout.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
