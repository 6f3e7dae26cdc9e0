"""Single named values of the store."""

from sqlalchemy import Connection, select

from suar.store import tables as t
from suar.store.engine.upsert import upsert


def get(connection: Connection, name: str) -> str | None:
    """Return the value of that name, or None."""
    return connection.execute(select(t.meta.c.value).where(t.meta.c.name == name)).scalar()


def put(connection: Connection, name: str, value: str) -> None:
    """Set a value."""
    upsert(connection, t.meta, [{"name": name, "value": value}])
