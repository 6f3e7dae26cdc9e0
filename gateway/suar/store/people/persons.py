"""Rows of the people who sign in at the console, and of their sessions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from suar.store import tables as t
from suar.store.engine.verifying import table_sound
from suar.store.people.access import is_name_taken

_p, _s = t.person, t.session


def insert_person(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Store a person, the columns by name; returns False if a token or a person has the name."""
    if is_name_taken(connection, row["id"]):
        return False
    connection.execute(insert(_p), dict(row))
    return True


def people(connection: Connection) -> Sequence[Row[Any]]:
    """Return everybody, by user name. Raises AlteredError."""
    table_sound(connection, _p)
    return connection.execute(select(_p).order_by(_p.c.id)).all()


def person(connection: Connection, id_: str) -> Row[Any] | None:
    """Return one person; None if there is none of that name. Raises AlteredError."""
    table_sound(connection, _p)
    return connection.execute(select(_p).where(_p.c.id == id_)).first()


def update_person(connection: Connection, id_: str, values: Mapping[str, Any]) -> None:
    """Change columns of a person."""
    connection.execute(update(_p).where(_p.c.id == id_).values(**values))


def spend_link(connection: Connection, link_hash: bytes, now: int) -> bool:
    """Use up the link; returns False if it was used before, replaced or has expired."""
    is_it = (_p.c.link_hash == link_hash, _p.c.link_until > now)
    done = connection.execute(update(_p).where(*is_it).values(link_hash=None, link_until=None))
    return done.rowcount == 1


def spend_step(connection: Connection, id_: str, step: int) -> bool:
    """Record that the code of a TOTP step was used; returns False if that step, or a later one, was used before."""
    is_it = (_p.c.id == id_, _p.c.totp_step < step)
    return connection.execute(update(_p).where(*is_it).values(totp_step=step)).rowcount == 1


def insert_session(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a session."""
    connection.execute(insert(_s), dict(row))


def sessions(connection: Connection) -> Sequence[Row[Any]]:
    """Return every session, the oldest first. Raises AlteredError."""
    table_sound(connection, _s)
    return connection.execute(select(_s).order_by(_s.c.created_at)).all()


def update_session(connection: Connection, hash_: bytes, values: Mapping[str, Any]) -> None:
    """Change the times of a session."""
    connection.execute(update(_s).where(_s.c.hash == hash_).values(**values))


def delete_session(connection: Connection, hash_: bytes) -> None:
    """End one session."""
    connection.execute(delete(_s).where(_s.c.hash == hash_))


def delete_sessions(connection: Connection, person: str, but: bytes = b"") -> None:
    """End all sessions of a person except the one with this hash."""
    connection.execute(delete(_s).where(_s.c.person == person, _s.c.hash != but))


def delete_old_sessions(connection: Connection, created_before: int) -> None:
    """Delete the sessions that were opened before."""
    connection.execute(delete(_s).where(_s.c.created_at < created_before))
