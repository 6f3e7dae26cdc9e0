"""Whether everything that frames of others brought is still here: each frame's row says how many messages it brought,
under a keyed hash, so that nobody without the store's key changes the number."""

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
    """A frame by its number in its epoch."""

    epoch_id: bytes
    seq: int


def tag(vault: Vault, frame_hash: bytes, messages: int) -> bytes:
    """What binds the number of messages to the frame."""
    return vault.fingerprint(b"messages of frame %d " % messages + frame_hash)[:TAG_BYTES]


def next_epoch(connection: Connection, after: int) -> tuple[int, bytes] | None:
    """(row number, id) of the next epoch that we read, behind a row number."""
    wanted = select(_e.c.n, _e.c.id).where(_e.c.n > after, _e.c.kind == "open").order_by(_e.c.n).limit(1)
    found = connection.execute(wanted).first()
    return (found.n, found.id) if found is not None else None


def lost(connection: Connection, vault: Vault, epoch_id: bytes, first: int, limit: int) -> tuple[list[int], int]:
    """Of the next `limit` frames that are held from `first` on those whose messages are not all here, or that are gone
    themselves; and the number behind the last one looked at, `first` when there is none."""
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
    """The same of one frame, now."""
    numbers, after = lost(connection, vault, place.epoch_id, place.seq, 1)
    return after == place.seq or numbers[:1] == [place.seq]


def forget(connection: Connection, place: Place) -> None:
    """It comes again."""
    connection.execute(delete(_f).where(_f.c.epoch_id == place.epoch_id, _f.c.seq == place.seq))


def messages_of(connection: Connection, frame_hashes: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """How many messages of these frames are here."""
    for each in frame_hashes:
        wanted = select(func.count()).select_from(_m).where(_m.c.frame_hash == each)
        yield each, connection.execute(wanted).scalar_one()
