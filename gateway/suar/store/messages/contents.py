"""Published contents by a keyed hash, so that a repeated submission is found without its text."""

from sqlalchemy import Connection, delete, insert, select

from suar.store import tables as t


def find(connection: Connection, name: bytes) -> str | None:
    """Return the id under which a content was published last, or None."""
    return connection.execute(select(t.content.c.id).where(t.content.c.name == name)).scalar()


def keep(connection: Connection, name: bytes, id_: str, now: int) -> None:
    """Store a content's id, replacing an earlier one."""
    connection.execute(delete(t.content).where(t.content.c.name == name))
    connection.execute(insert(t.content).values(name=name, id=id_, at=now))


def forget(connection: Connection, before: int) -> None:
    """Delete contents older than the validity of any message."""
    connection.execute(delete(t.content).where(t.content.c.at < before))
