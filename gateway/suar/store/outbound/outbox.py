"""Sealed outbound objects in the order in which they must be published, and their republication on request."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from suar.protocol.base import limits
from suar.protocol.base.primitives import message_id
from suar.protocol.base.subjects import ALL
from suar.protocol.transport.sending import Outgoing
from suar.store import tables as t
from suar.store.engine.prepared import Prepared, Rows
from suar.store.outbound import sent_before
from suar.store.tables.columns import blob, octets

AGAIN_MARGIN: Final = 5_000  # ms after the duplicate window of OUTBOX
AGAIN_AFTER: Final = 120_000 + AGAIN_MARGIN  # as the stream is created; the actual window is read from it
AGAIN_RETRY: Final = 30_000  # ms: a server that was restarted remembers for longer
AGAIN: Final = -1  # in `again_at`: in transit again
RELEASED_BATCH: Final = 2_000  # objects of one channel, once a second

_COLUMNS: Final = ("subject", "data", "at", "epoch_id", "seq", "frame_hash", "channel", "realm")
_PUT: Final = Prepared(
    insert(t.outbox).values({n: bindparam(n) for n in (*_COLUMNS, "msg_id", "messages")}).returning(*t.outbox.c)
)


def append(connection: Connection, rows: Sequence[dict[str, Any]]) -> Rows:
    """Append objects that are ready to be published, in their order; returns them as `unpublished` does."""
    added = Rows()
    for row in rows:
        added += _PUT.rows(connection, **{name: row.get(name) for name in _COLUMNS}, **_named(row))
    return added


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {"msg_id": message_id(row["data"]), "messages": row.get("messages", 0)}


def append_sealed(connection: Connection, outgoing: Sequence[Outgoing], now: int) -> Rows:
    """Append own epochs and frames; returns their rows."""
    return append(
        connection,
        [
            {
                "subject": item.subject, "data": item.data, "at": now, "epoch_id": item.epoch_id,
                "seq": item.frame.seq if item.frame else None, "frame_hash": item.frame.hash if item.frame else None,
                "channel": item.channel, "realm": item.realm, "messages": item.frame.count if item.frame else 0,
            }
            for item in outgoing
        ],
    )  # fmt: skip


_IS_AGAIN: Final = case((t.outbox.c.again_at.is_(None), 0), else_=1)
IS_LARGE: Final = octets(t.outbox.c.data) > 8 * limits.FRAME_BYTES_MAX
"""Whether a row is so large that it is not even read: SQLite may not return its data."""
_UNPUBLISHED: Final = Prepared(
    select(t.outbox)
    .where(t.outbox.c.published.is_(None), ~IS_LARGE)
    .order_by(_IS_AGAIN, t.outbox.c.n)
    .limit(bindparam("limit"))
)
_PUBLISHED: Final = Prepared(
    update(t.outbox)
    .where(t.outbox.c.n == bindparam("number"))
    .values({"published": bindparam("now"), "again_at": None})
)


_RELEASE: Final = Prepared(
    update(t.outbox).where(t.outbox.c.n == bindparam("number")).values({"published": None, "again_at": literal(AGAIN)})
)


def unpublished(connection: Connection, limit: int, without: Collection[int] = ()) -> Rows:
    """Return the next objects to publish in order, without these row numbers; republished objects follow new ones."""
    rows = _UNPUBLISHED.rows(connection, limit=limit + len(without))
    return [row for row in rows if row.n not in without][:limit]


def mark_published(connection: Connection, rows: Iterable[tuple[int, int]]) -> None:
    """Record that the own server has stored these row numbers, each since a time (ms)."""
    _PUBLISHED.run_all(connection, [{"number": number, "now": at} for number, at in rows])


def publish_again_after(connection: Connection, number: int, most: int) -> int:
    """Have the last `most` published objects after a row number published again, in their order; returns how many."""
    o = t.outbox
    lost = select(o.c.n).where(o.c.n > number, o.c.published.is_not(None)).order_by(o.c.n.desc()).limit(most)
    done = connection.execute(update(o).where(o.c.n.in_(lost)), {"published": None, "again_at": None})
    return done.rowcount


def postpone_duplicates(connection: Connection, numbers: Sequence[int], now: int) -> None:
    """Schedule these again for later, because the own server regarded them as duplicates."""
    if numbers:
        connection.execute(update(t.outbox).where(t.outbox.c.n.in_(numbers)), {"again_at": now + AGAIN_RETRY})


_BACKLOG: Final = Prepared(
    select(func.sum(func.length(t.outbox.c.data)).label("size")).where(t.outbox.c.published.is_(None))
)


def backlog(connection: Connection) -> int:
    """Return the number of bytes that are sealed and not published yet."""
    return _BACKLOG.rows(connection)[0].size or 0


_IS_OURS: Final = Prepared(select(t.outbox.c.n).where(t.outbox.c.msg_id == bindparam("msg_id")).limit(1))
_OF_EPOCH: Final = t.outbox.c.epoch_id == bindparam("epoch_id")
_LAST_SEQ: Final = Prepared(select(func.max(t.outbox.c.seq).label("last")).where(_OF_EPOCH))
_HAS_SEQ: Final = Prepared(select(t.outbox.c.seq).where(_OF_EPOCH, t.outbox.c.seq == bindparam("seq")).limit(1))


def has_epoch(connection: Connection, epoch_id: bytes) -> bool:
    """Return whether frames of this epoch were sent from here and are held."""
    return _LAST_SEQ.rows(connection, epoch_id=epoch_id)[0].last is not None


def is_ours(connection: Connection, data: bytes, epoch_id: bytes = b"") -> bool:
    """Return whether exactly this object was sent from here; a frame of `epoch_id` may have been purged since.

    Heartbeats are purged after a day, even if they are the last or only frames of their epoch.
    """
    if _IS_OURS.rows(connection, msg_id=message_id(data)):
        return True
    seq, count = int.from_bytes(data[36:44], "big"), int.from_bytes(data[52:54], "big")
    last = _LAST_SEQ.rows(connection, epoch_id=epoch_id)[0].last
    if last is not None and seq < last:
        return not _HAS_SEQ.rows(connection, epoch_id=epoch_id, seq=seq)
    return bool(epoch_id) and not count and sent_before.has_purged(connection, epoch_id, seq)


def republish(connection: Connection, row: dict[str, Any], after: int = AGAIN_AFTER) -> bool:
    """Publish an object again; False if it is already in transit.

    A recent copy is scheduled for the time at which the own stream accepts it again. An object therefore has one row in
    `after` ms, however often it is requested.
    """
    o = t.outbox
    is_recent = or_(o.c.published.is_(None), o.c.published > row["at"] - after)
    copy = select(o.c.n, o.c.published).where(o.c.msg_id == message_id(row["data"]), is_recent).order_by(o.c.n.desc())
    held = connection.execute(copy.limit(1)).first()
    if held is None:
        append(connection, [row])
        return True
    if held.published is None:
        return False
    has_request = o.c.again_at >= 0
    this = and_(o.c.n == held.n, or_(o.c.again_at.is_(None), ~has_request))
    return connection.execute(update(o).where(this), {"again_at": held.published + after}).rowcount > 0


class Republished(NamedTuple):
    """Objects that are republished, their bytes, and the first frame that exceeded the budget, if any."""

    objects: int = 0
    size: int = 0
    left_from: int | None = None


def republish_within(
    connection: Connection, epoch_id: bytes, first: int, last: int, member: str, after: int, budget: int
) -> Republished:
    """Publish the epoch and a range of its frames again, unchanged, if `member` is a recipient.

    An object is published at most once in `after` ms, when it is outside the duplicate window of the own stream, and no
    frame is published before an earlier frame of the range that was sent later, because its recipients would see a gap.
    As many objects as fit into `budget` bytes are published, in their order; objects already in transit do not count.
    """
    if first > last or budget <= 0:
        return Republished(left_from=first if first <= last else None)
    values = {"epoch": epoch_id, "member": member, "first": first, "last": last, "after": after, "budget": budget}
    (found,) = _WITHIN.rows(connection, **values)
    if found.objects:
        _REPUBLISH.run(connection, **values)
    return Republished(found.objects, int(found.size or 0), found.left_from)


def _due_within() -> Subquery:
    """The objects of a range that may be published again, with the bytes up to and with each."""
    o = t.outbox
    mine = select(o.c.n).where(o.c.epoch_id == bindparam("epoch"), o.c.channel.in_((literal(ALL), bindparam("member"))))
    in_range = mine.where(o.c.seq.between(bindparam("first"), bindparam("last")))
    wanted = o.c.n.in_(union_all(mine.where(o.c.seq.is_(None)), in_range))  # each by the index
    newest = func.max(o.c.published).over(partition_by=o.c.seq.is_(None), order_by=o.c.n)
    size, at = func.length(o.c.data).label("size"), (newest + bindparam("after")).label("at")
    due = select(o.c.n, o.c.seq, size, o.c.again_at, at).where(wanted, o.c.published.is_not(None)).subquery()
    total = func.sum(due.c.size).over(order_by=due.c.n).label("total")
    is_in_transit = due.c.again_at >= 0
    free = or_(due.c.again_at.is_(None), ~is_in_transit)
    return select(due.c.n, due.c.seq, due.c.size, due.c.at, total).where(free).subquery()


def _within() -> Select[Any]:
    found = _due_within()
    fits = found.c.total <= bindparam("budget")
    objects, size = func.count(case((fits, found.c.n))), func.sum(case((fits, found.c.size), else_=0))
    left_from = func.min(case((fits, None), else_=found.c.seq))
    wanted: tuple[Any, ...] = objects.label("objects"), size.label("size"), left_from.label("left_from")
    return select(*wanted).select_from(found)


def _republish() -> Update:
    o, found = t.outbox, _due_within()
    return update(o).where(o.c.n == found.c.n, found.c.total <= bindparam("budget")).values(again_at=found.c.at)


_WITHIN: Final = Prepared(_within())
_REPUBLISH: Final = Prepared(_republish())


def _due_for_release() -> Select[Any]:
    o = t.outbox
    due = o.c.again_at.between(0, bindparam("now"))
    turn = func.row_number().over(partition_by=o.c.channel, order_by=o.c.n).label("turn")
    waiting = select(o.c.n, func.length(o.c.data).label("size"), turn).where(due).subquery()
    total = func.sum(waiting.c.size).over(order_by=(waiting.c.turn, waiting.c.n)).label("total")
    first = select(waiting.c.n, total).where(waiting.c.turn <= bindparam("share")).subquery()
    return select(first.c.n).where(first.c.total <= bindparam("budget"))


_DUE: Final = Prepared(_due_for_release())


def release(connection: Connection, now: int, budget: int = limits.INTEGER_MAX) -> int:
    """Release requested objects whose time has come; return their number.

    A fixed number of each channel is released at a time, and in total as many as fit into `budget` bytes, so that one
    member that requests an epoch of 60,000 frames delays neither the requests of others nor new objects.
    """
    rows = _DUE.rows(connection, now=now, budget=budget, share=RELEASED_BATCH)
    _RELEASE.run_all(connection, [{"number": row.n} for row in rows])
    return len(rows)


def clamp_times(connection: Connection, now: int) -> None:
    """Correct the times of a clock that was ahead: set times of publication after `now` to `now`."""
    o = t.outbox
    connection.execute(update(o).where(o.c.published > now), {"published": now})
    connection.execute(update(o).where(o.c.again_at > now + AGAIN_AFTER), {"again_at": now + AGAIN_AFTER})


def frames_named(connection: Connection, epoch_id: bytes, names: Collection[bytes]) -> Iterator[bytes]:
    """Yield the bytes of the frames of an own epoch that `frames_of` returned, in order, one in memory at a time."""
    o = t.outbox
    all_of_it = select(o.c.n, o.c.frame_hash).where(o.c.epoch_id == epoch_id, o.c.seq.is_not(None)).order_by(o.c.seq)
    for n in [n for n, frame_hash in connection.execute(all_of_it) if frame_hash in names]:
        yield blob(connection.execute(select(o.c.data).where(o.c.n == n)).scalar_one())


def frames_of(
    connection: Connection, epoch_id: bytes, first: int = 0, last: int = limits.FRAMES_AN_EPOCH
) -> list[tuple[bytes, int]]:
    """Return (hash, messages) of own frames with messages in a range."""
    o = t.outbox
    wanted = and_(o.c.epoch_id == epoch_id, o.c.seq.between(first, last), o.c.messages > 0)
    rows = connection.execute(select(o.c.frame_hash, o.c.messages).where(wanted).order_by(o.c.seq))
    return [(frame_hash, messages) for frame_hash, messages in rows]


def frame_size(connection: Connection, epoch_id: bytes, frame_hash: bytes) -> int:
    """Return the size of a frame of an own epoch in bytes."""
    o = t.outbox
    wanted = select(func.length(o.c.data)).where(o.c.epoch_id == epoch_id, o.c.frame_hash == frame_hash)
    return connection.execute(wanted).scalar() or 0


def purge(connection: Connection, before: int, heartbeats_before: int) -> None:
    """Delete published objects that no peer can request any more; heartbeats earlier."""
    o = t.outbox
    connection.execute(delete(o).where(o.c.published < before))
    idle = and_(o.c.messages == 0, o.c.seq.is_not(None), o.c.published < heartbeats_before)
    connection.execute(delete(o).where(idle))
