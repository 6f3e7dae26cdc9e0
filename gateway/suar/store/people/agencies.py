"""Registered agencies, and when tokens were last used."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from suar.store import tables as t
from suar.store.engine.upsert import upsert
from suar.store.engine.verifying import sound, table_sound

a = t.agency


def insert_agency(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep an agency, its columns by name; False when the name is taken."""
    if connection.execute(select(a.c.name).where(a.c.name == row["name"])).first():
        return False
    connection.execute(insert(a), dict(row))
    return True


def agencies(connection: Connection) -> list[Row[Any]]:
    """Every agency that was ever registered, oldest first. Raises AlteredError."""
    table_sound(connection, a)
    return list(connection.execute(select(a).order_by(a.c.created_at, a.c.name)))


def change_agency(connection: Connection, name: str, values: Mapping[str, Any]) -> bool:
    """Set columns of an agency that is not revoked; False when there is none of that name."""
    done = connection.execute(update(a).where(a.c.name == name, a.c.revoked_at.is_(None)).values(dict(values)))
    return done.rowcount == 1


def token_makers(connection: Connection, names: Iterable[str]) -> set[str]:
    """Everybody who was ever shown a token of these agencies."""
    rows = connection.execute(select(a).where(a.c.name.in_(list(names)))).all()
    return {each for row in sound(connection, a, rows) for each in (row.token_makers or row.maker).split()}


def keep_last_uses(connection: Connection, at: Mapping[str, int]) -> None:
    """Set when each token was last used, by name."""
    upsert(connection, t.last_use, [{"name": name, "at": when} for name, when in at.items()])


def last_uses(connection: Connection) -> dict[str, int]:
    """When each token was last used, by name."""
    return {row.name: row.at for row in connection.execute(select(t.last_use))}
