"""Drills: their names, and the messages of each."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from suar.store import tables as t
from suar.store.engine.upsert import insert_new

_d = t.drill
LISTED_MAX: Final = 1_000  # drills in one list


def add(connection: Connection, name: str, ids: Sequence[str], who: str, now: int) -> None:
    """Add own messages to the drill, which may already have others."""
    insert_new(connection, _d, [{"name": name, "id": id_, "at": now, "who": who} for id_ in ids])


def messages_of(connection: Connection, name: str) -> list[str]:
    """Return the ids of a drill in the order of their start; empty if there is no drill of that name."""
    return list(connection.execute(select(_d.c.id).where(_d.c.name == name).order_by(_d.c.at, _d.c.id)).scalars())


def drill_of(connection: Connection, id_: str) -> str | None:
    """Return the name of the drill of a message."""
    found: str | None = connection.execute(select(_d.c.name).where(_d.c.id == id_).order_by(_d.c.at).limit(1)).scalar()
    return found


def listed(connection: Connection) -> Sequence[Row[Any]]:
    """Return (name, at, who, messages) of the newest drills, the newest first."""
    begun = func.min(_d.c.at).label("at")
    wanted = select(_d.c.name, begun, func.min(_d.c.who).label("who"), func.count().label("messages"))
    return connection.execute(wanted.group_by(_d.c.name).order_by(begun.desc()).limit(LISTED_MAX)).all()
