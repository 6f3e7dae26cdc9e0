"""Checks that all messages of received frames are still stored.

Each frame's row states how many messages the frame delivered, with a keyed hash of the whole row, so that nobody
without the store's key can change the number, or have a member accused of two frames with one number.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from suar.protocol.base import limits
from suar.protocol.transport.replay import HeldFrame, Ranges
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import is_as_written
from suar.store.tables.columns import blob

TAG_BYTES: Final = 16
_e, _f, _m = t.epoch, t.frame, t.message
_ranges: Final = msgspec.msgpack.Decoder(list[tuple[int, int]])
_HELD: Final = select(func.count()).where(_m.c.frame_hash == _f.c.hash).scalar_subquery()
_PAGE: Final = Prepared(
    select(_f.c.seq, _f.c.hash, _f.c.prev, _f.c.messages, _f.c.tag, _HELD.label("held"))
    .where(_f.c.epoch_id == bindparam("epoch_id"), _f.c.seq >= bindparam("first"))
    .order_by(_f.c.seq)
    .limit(bindparam("limit"))
)
_NEXT_EPOCH: Final = Prepared(
    select(_e.c.n, _e.c.id).where(_e.c.n > bindparam("after"), _e.c.kind == "open").order_by(_e.c.n).limit(1)
)

_IS_HELD: Final = Prepared(
    select(_f.c.seq)
    .where(_f.c.epoch_id == bindparam("of"), _f.c.seq == bindparam("at"), _f.c.hash == bindparam("name"))
    .limit(1)
)
_OF_BEFORE: Final = and_(_f.c.messages.is_(None), _f.c.tag.is_(None))
_ADOPTED_BATCH: Final = 1_000  # rows
_NUMBER: Final = Prepared(
    update(_f)
    .where(_f.c.epoch_id == bindparam("of"), _f.c.seq == bindparam("at"))
    .values(messages=bindparam("count"), tag=bindparam("bound"))
)


class FrameNumber(NamedTuple):
    """A frame, by its number in its epoch."""

    epoch_id: bytes
    seq: int


class ExpectedFrames(NamedTuple):
    """The frames that an epoch must have: all numbers below `next` except those that are known to be missing."""

    next: int
    missing: Ranges


NO_FRAMES: Final = ExpectedFrames(0, Ranges())


def expected(connection: Connection, epoch_id: bytes) -> ExpectedFrames:
    """Return the frames that an epoch must have, by its row; none by a row that this gateway did not write."""
    row = connection.execute(select(_e).where(_e.c.id == epoch_id)).first()
    if row is None or not is_as_written(connection, _e, row):
        return NO_FRAMES
    return ExpectedFrames(row.next, Ranges(_ranges.decode(row.missing)))


def tag(vault: Vault, number: FrameNumber, held: HeldFrame, messages: int) -> bytes:
    """Return the keyed hash of a frame's row: its number, its hashes, and how many messages it delivered."""
    row = b"frame %d %d " % (number.seq, messages) + number.epoch_id + held.hash + held.prev
    return vault.fingerprint(row)[:TAG_BYTES]


def is_genuine(vault: Vault, number: FrameNumber, held: HeldFrame, messages: object, bound: bytes | None) -> bool:
    """Whether this gateway wrote the row; in one of an older version the hash alone is bound."""
    if not isinstance(messages, int) or bound is None:
        return False
    of_before = vault.fingerprint(b"messages of frame %d " % messages + held.hash)[:TAG_BYTES]
    return bound in (tag(vault, number, held, messages), of_before)


def is_held(connection: Connection, data: bytes, frame_hash: bytes) -> bool:
    """Return whether exactly this frame was received before."""
    of, at = data[4:36], int.from_bytes(data[36:44], "big")
    return at <= limits.INTEGER_MAX and bool(_IS_HELD.rows(connection, of=of, at=at, name=frame_hash))


def next_epoch(connection: Connection, after: int) -> tuple[int, bytes] | None:
    """Return (row number, id) of the next readable epoch after a row number, or None."""
    rows = _NEXT_EPOCH.rows(connection, after=after)
    return (rows[0].n, rows[0].id) if rows else None


def adopt(connection: Connection, vault: Vault) -> None:
    """Set, once, the number of messages for frames of an older version from what is stored of them."""
    wanted = select(_f.c.epoch_id, _f.c.seq, _f.c.hash, _f.c.prev, _HELD.label("held")).where(_OF_BEFORE)
    rows = connection.execute(wanted)
    while some := rows.fetchmany(_ADOPTED_BATCH):
        _NUMBER.run_all(connection, [_numbered(vault, each) for each in some])


def _numbered(vault: Vault, row: Any) -> dict[str, object]:
    of, at = blob(row.epoch_id), row.seq
    bound = tag(vault, FrameNumber(of, at), HeldFrame(blob(row.hash), blob(row.prev)), row.held)
    return {"of": of, "at": at, "count": row.held, "bound": bound}


def lost(
    connection: Connection, vault: Vault, epoch_id: bytes, first: int, limit: int, *, is_adopted: bool
) -> tuple[list[int], int]:
    """Return the numbers of incomplete or missing frames among the next `limit` held ones from `first` on.

    The second value is the number after the last frame examined, `first` if there is none. `is_adopted`: by the store's
    account every row has a number, so a row without one was altered.
    """
    numbers, expected = list[int](), first
    for row in _PAGE.rows(connection, epoch_id=epoch_id, first=first, limit=limit):
        if not isinstance(row.seq, int) or row.seq >= limits.FRAMES_AN_EPOCH:  # no number that a frame has
            break
        numbers += range(expected, row.seq)  # a row is gone; the caller distinguishes what is known to be missing
        expected = row.seq + 1
        if row.messages is None and row.tag is None and not is_adopted:  # of an older version
            continue
        held = HeldFrame(blob(row.hash), blob(row.prev))
        bound = blob(row.tag) if row.tag is not None else None
        has_valid_values = is_genuine(vault, FrameNumber(epoch_id, row.seq), held, row.messages, bound)
        if not has_valid_values or row.held < row.messages:
            numbers.append(row.seq)
    return numbers, expected


def is_lost(connection: Connection, vault: Vault, number: FrameNumber, *, is_adopted: bool) -> bool:
    """Whether one frame is incomplete or missing now."""
    numbers, after = lost(connection, vault, number.epoch_id, number.seq, 1, is_adopted=is_adopted)
    return after == number.seq or numbers[:1] == [number.seq]


def forget(connection: Connection, number: FrameNumber) -> None:
    """Delete a frame's row, so that it is requested again."""
    connection.execute(delete(_f).where(_f.c.epoch_id == number.epoch_id, _f.c.seq == number.seq))


def messages_of(connection: Connection, frame_hashes: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield how many messages of these frames are stored."""
    for each in frame_hashes:
        wanted = select(func.count()).select_from(_m).where(_m.c.frame_hash == each)
        yield each, connection.execute(wanted).scalar_one()


def epochs_of(connection: Connection, frame_hashes: Sequence[bytes], epoch_ids: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the epoch of each of the frames that is in one of these epochs, by the frame's hash."""
    wanted = select(_f.c.hash, _f.c.epoch_id).where(_f.c.epoch_id.in_(epoch_ids), _f.c.hash.in_(frame_hashes))
    return {blob(row.hash): blob(row.epoch_id) for row in connection.execute(wanted)}
