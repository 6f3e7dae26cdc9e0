"""Single named values of the store."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.upsert import upsert

_VALUE: Final = Prepared(select(t.meta.c.value).where(t.meta.c.name == bindparam("name")))


def get(connection: Connection, name: str) -> str | None:
    """Return the value of that name, or None."""
    rows = _VALUE.rows(connection, name=name)
    return rows[0].value if rows else None


def put(connection: Connection, name: str, value: str) -> None:
    """Set a value."""
    upsert(connection, t.meta, [{"name": name, "value": value}])
