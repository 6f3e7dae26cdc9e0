"""Own epochs that the store still holds: their length, and the frames that can be republished."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from suar.protocol.base.subjects import ALL
from suar.protocol.transport import epoch as epochs
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.outbound.delivery_view import IS_WAITING, join_codes
from suar.store.tables.columns import blob

_o = t.outbox
_OF_EPOCH: Final = _o.c.epoch_id == bindparam("epoch")
_EPOCH: Final = Prepared(
    select(_o.c.n, _o.c.epoch_id, _o.c.realm, _o.c.channel).where(_OF_EPOCH, _o.c.seq.is_(None)).limit(1)
)
_NEWEST: Final = Prepared(select(func.max(_o.c.seq).label("seq")).where(_OF_EPOCH))
_HEAD: Final = Prepared(select(t.own_head.c.frames).where(t.own_head.c.epoch_id == bindparam("epoch")))
_SUCCESSOR: Final = Prepared(
    select(_o.c.data)
    .where(
        _o.c.n > bindparam("n"), _o.c.seq.is_(None), _o.c.epoch_id.is_not(None), _o.c.realm == bindparam("realm"),
        _o.c.channel == bindparam("channel"),
    )
    .order_by(_o.c.n)
    .limit(1)
)  # fmt: skip
_NUMBERS: Final = Prepared(
    select(_o.c.seq).where(_OF_EPOCH, _o.c.seq.between(bindparam("first"), bindparam("last"))).order_by(_o.c.seq)
)


class SentEpoch(NamedTuple):
    """An own epoch: its number of frames as far as known here, and the newest frame that is still stored."""

    epoch_id: bytes
    frames: int
    newest: int


def of_epoch(connection: Connection, epoch_id: bytes, member: str) -> SentEpoch | None:
    """Return the epoch if `member` is a recipient; otherwise None, so that no other channel is disclosed."""
    found = _EPOCH.rows(connection, epoch=epoch_id)
    if not found or found[0].channel not in (ALL, member):
        return None
    (last,) = _NEWEST.rows(connection, epoch=epoch_id)
    newest = -1 if last.seq is None else last.seq
    return SentEpoch(epoch_id, max(newest + 1, _frame_count(connection, found[0])), newest)


def has_purged(connection: Connection, epoch_id: bytes, seq: int) -> bool:
    """Return whether the own epoch had a frame of that number that is no longer stored, which is a heartbeat."""
    found = _EPOCH.rows(connection, epoch=epoch_id)
    return bool(found) and seq < _frame_count(connection, found[0]) and not numbers(connection, epoch_id, seq, seq)


def _frame_count(connection: Connection, epoch: Any) -> int:
    """Return the number of frames of an own epoch, by its head or its successor."""
    heads = _HEAD.rows(connection, epoch=epoch.epoch_id)
    by_successor = _by_successor(connection, epoch.n, epoch.realm, epoch.channel, epoch.epoch_id)
    return max(heads[0].frames if heads else 0, by_successor)


def _by_successor(connection: Connection, n: int, realm: str, channel: str, epoch_id: bytes) -> int:
    """Return the number of frames of this epoch as stated in the next epoch of the channel."""
    found = _SUCCESSOR.rows(connection, n=n, realm=realm, channel=channel)
    if not found:
        return 0
    epoch = epochs.content(blob(found[0].data))
    return epoch.prev_frames if epoch.prev_epoch == epoch_id else 0


def numbers(connection: Connection, epoch_id: bytes, first: int, last: int) -> list[int]:
    """Return the numbers of the frames in that range that are still stored, in order."""
    return [row.seq for row in _NUMBERS.rows(connection, epoch=epoch_id, first=first, last=last)]


def number_of(connection: Connection, epoch_id: bytes, frame_hash: bytes) -> int | None:
    """Return the number of that own frame in its epoch, while the frame is stored."""
    o = t.outbox
    wanted = select(o.c.seq).where(o.c.epoch_id == epoch_id, o.c.frame_hash == frame_hash)
    return connection.execute(wanted.limit(1)).scalar()


def sealed_at(connection: Connection, epoch_id: bytes, frames: int) -> int | None:
    """Return when the newest stored one of an epoch's first `frames` frames was sealed (ms); else the epoch itself."""
    o = t.outbox
    of_it = and_(o.c.epoch_id == epoch_id, or_(o.c.seq.is_(None), o.c.seq < frames))
    return connection.execute(select(func.max(o.c.at)).where(of_it)).scalar()


# -- the content of a carried file


class Start(NamedTuple):
    """The row of an epoch from which the objects of a channel are read."""

    realm: str
    channel: str
    n: int


def newest(connection: Connection) -> int:
    """Return the number of the newest row."""
    return connection.execute(select(func.max(t.outbox.c.n))).scalar() or 0


def unanswered_since(connection: Connection, channel: str, members: Sequence[str]) -> int | None:
    """Return when the oldest sent message in that channel without an answer of one of these was accepted (ms)."""
    f, d = t.own_frame, t.delivery
    waits = or_(*(f.c.waits.contains(join_codes([member])) for member in members))
    frames = select(func.min(f.c.queued)).where(f.c.channel == channel, IS_WAITING, waits)
    rows = select(func.min(d.c.queued)).where(d.c.member.in_(members), d.c.state == "sent")
    times = [connection.execute(each).scalar() for each in (frames, rows)]
    return min((at for at in times if at is not None), default=None)


def start(connection: Connection, realm: str, channel: str, since: int | None) -> Start | None:
    """Return the epoch that was open at `since` (ms), or the first stored one; None if nothing was sent since."""
    o = t.outbox
    mine = and_(o.c.realm == realm, o.c.channel == channel, o.c.epoch_id.is_not(None))
    first = select(o.c.n, o.c.epoch_id).where(mine, o.c.at >= (since or 0)).order_by(o.c.n).limit(1)
    row = connection.execute(first).first()
    if row is None:
        return None
    own = select(o.c.n).where(o.c.epoch_id == row.epoch_id, o.c.seq.is_(None)).limit(1)
    return Start(realm, channel, min(row.n, connection.execute(own).scalar() or row.n))


def objects(
    connection: Connection, starts: Sequence[Start], after: int, last: int, limit: int
) -> list[tuple[int, str, bytes]]:
    """Return (row, own subject, bytes) of the next epochs and frames, in the order of sealing."""
    o = t.outbox
    if not starts:
        return []
    wanted = or_(*(and_(o.c.realm == s.realm, o.c.channel == s.channel, o.c.n >= s.n) for s in starts))
    rows = select(o.c.n, o.c.subject, o.c.data).where(o.c.n > after, o.c.n <= last, o.c.epoch_id.is_not(None), wanted)
    return [(row.n, row.subject, blob(row.data)) for row in connection.execute(rows.order_by(o.c.n).limit(limit))]
