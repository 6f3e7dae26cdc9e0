"""Contents that were published, by a keyed hash: what is handed in again is found without its text."""

from sqlalchemy import Connection, delete, insert, select

from suar.store import tables as t


def find(connection: Connection, name: bytes) -> str | None:
    """The id under which a content was published last."""
    return connection.execute(select(t.content.c.id).where(t.content.c.name == name)).scalar()


def keep(connection: Connection, name: bytes, id_: str, now: int) -> None:
    """Note it, in place of an earlier id."""
    connection.execute(delete(t.content).where(t.content.c.name == name))
    connection.execute(insert(t.content).values(name=name, id=id_, at=now))


def forget(connection: Connection, before: int) -> None:
    """Forget contents older than any message is in force."""
    connection.execute(delete(t.content).where(t.content.c.at < before))
