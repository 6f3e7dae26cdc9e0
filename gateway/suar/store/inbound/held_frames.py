"""Checks that all messages of received frames are still stored.

Each frame's row states how many messages the frame delivered, with a keyed hash, so that nobody without the store's key
can change the number.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.vault import Vault

TAG_BYTES: Final = 16
_e, _f, _m = t.epoch, t.frame, t.message
_HELD: Final = select(func.count()).where(_m.c.frame_hash == _f.c.hash).scalar_subquery()
_PAGE: Final = Prepared(
    select(_f.c.seq, _f.c.hash, _f.c.messages, _f.c.tag, _HELD.label("held"))
    .where(_f.c.epoch_id == bindparam("epoch_id"), _f.c.seq >= bindparam("first"))
    .order_by(_f.c.seq)
    .limit(bindparam("limit"))
)


class Place(NamedTuple):
    """A frame, by its number in its epoch."""

    epoch_id: bytes
    seq: int


def tag(vault: Vault, frame_hash: bytes, messages: int) -> bytes:
    """Return the keyed hash that binds the number of messages to the frame."""
    return vault.fingerprint(b"messages of frame %d " % messages + frame_hash)[:TAG_BYTES]


def next_epoch(connection: Connection, after: int) -> tuple[int, bytes] | None:
    """Return (row number, id) of the next readable epoch after a row number, or None."""
    wanted = select(_e.c.n, _e.c.id).where(_e.c.n > after, _e.c.kind == "open").order_by(_e.c.n).limit(1)
    found = connection.execute(wanted).first()
    return (found.n, found.id) if found is not None else None


def lost(connection: Connection, vault: Vault, epoch_id: bytes, first: int, limit: int) -> tuple[list[int], int]:
    """Return the numbers of incomplete or missing frames among the next `limit` held ones from `first` on.

    The second value is the number after the last frame examined, `first` if there is none.
    """
    numbers, expected = list[int](), first
    for row in _PAGE.rows(connection, epoch_id=epoch_id, first=first, limit=limit):
        if not isinstance(row.seq, int) or row.seq >= limits.FRAMES_AN_EPOCH:  # no number that a frame has
            break
        numbers += range(expected, row.seq)  # a row is gone; what is known to be missing is told apart by who asks
        expected = row.seq + 1
        if row.messages is None and row.tag is None:  # of before
            continue
        is_sound = isinstance(row.messages, int) and row.tag == tag(vault, row.hash, row.messages)
        if not is_sound or row.held < row.messages:
            numbers.append(row.seq)
    return numbers, expected


def is_lost(connection: Connection, vault: Vault, place: Place) -> bool:
    """Whether one frame is incomplete or missing now."""
    numbers, after = lost(connection, vault, place.epoch_id, place.seq, 1)
    return after == place.seq or numbers[:1] == [place.seq]


def forget(connection: Connection, place: Place) -> None:
    """Delete a frame's row, so that it is requested again."""
    connection.execute(delete(_f).where(_f.c.epoch_id == place.epoch_id, _f.c.seq == place.seq))


def messages_of(connection: Connection, frame_hashes: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield how many messages of these frames are stored."""
    for each in frame_hashes:
        wanted = select(func.count()).select_from(_m).where(_m.c.frame_hash == each)
        yield each, connection.execute(wanted).scalar_one()
