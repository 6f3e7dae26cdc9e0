"""Frames sealed to the offline evidence keys: the proof of the other messages in the frame of a recalled message.

The gateway has no key to them. A row is deleted with the last message of its frame that has a text.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, or_, select

from suar.store import tables as t
from suar.store.engine.upsert import insert_new

_m, _s = t.message, t.sealed_frame


def other_indexes(connection: Connection, frame_hash: bytes, id_: str, below: int) -> list[int]:
    """Return the indexes of the messages of a frame whose texts remain when those of `id_` below a revision are
    destroyed.
    """
    stays = or_(_m.c.id != id_, _m.c.rev >= below)
    wanted = select(_m.c.place).where(_m.c.frame_hash == frame_hash, _m.c.body.is_not(None), stays)
    return sorted(connection.execute(wanted).scalars())


def keep(connection: Connection, frame_hash: bytes, epoch_id: bytes, sealed: bytes, now: int) -> None:
    """Store a sealed frame; an existing one is kept."""
    insert_new(connection, _s, [{"frame_hash": frame_hash, "epoch_id": epoch_id, "sealed": sealed, "at": now}])


def find(connection: Connection, frame_hash: bytes) -> Row[Any] | None:
    """Return the sealed frame of that hash."""
    return connection.execute(select(_s).where(_s.c.frame_hash == frame_hash)).first()


def drop_unneeded(connection: Connection, hashes: Iterable[bytes]) -> None:
    """Destroy those of these sealed frames whose messages have no text any more."""
    connection.execute(delete(_s).where(_s.c.frame_hash.in_(list(hashes)), ~_proves_a_text()))


def _proves_a_text() -> ColumnElement[bool]:
    return exists().where(and_(_m.c.frame_hash == _s.c.frame_hash, _m.c.body.is_not(None)))
