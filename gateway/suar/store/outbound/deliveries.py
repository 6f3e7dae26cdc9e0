"""Deliveries of own messages, at a cost that does not grow with the number of members.

`message.readers` contains the recipients of a message. The state of its deliveries is stored in as few rows as
possible:

- not sealed: the message is in the queue, and no further row is written; - sealed: the row of its frame in `own_frame`
contains the time of sending and the members that have not answered yet; - answered: one row in `statement` for each
entry of a receipt, about a frame or some messages in it; - exceptions: one row in `delivery` for a message and a
member, see delivery_rows.py.

Each pair of a message and a member is recorded in exactly one of the queue, a frame and a row, until it is settled.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, String, and_, bindparam, exists, func, literal_column, select, update

from suar.protocol.base import limits
from suar.protocol.base.subjects import ALL
from suar.protocol.transport.sending import Outgoing
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup, Prepared
from suar.store.engine.verifying import is_as_written
from suar.store.outbound import delivery_rows
from suar.store.outbound.delivery_rows import Entry
from suar.store.outbound.delivery_view import (
    IS_WAITING,
    join_codes,
    join_indexes,
    split_codes,
    split_indexes,
    waiting_members,
)

_d, _f, _m, _p, _s = t.delivery, t.own_frame, t.message, t.place, t.statement
_revision = t.message.alias()


class OwnFrame(NamedTuple):
    """An own frame that was sealed, as stored in `own_frame`."""

    hash: bytes
    channel: str
    messages: int  # the messages that it represents
    queued: int  # ms: when the oldest was accepted
    sent: int | None
    waits: str  # `joined`


class ReceiptRecord(NamedTuple):
    """A member's receipt: its name, and its bytes, sealed at rest."""

    member: str
    stage: str
    code: str | None
    digest: bytes
    data: bytes


_PLACES: Final = Insert(t.place, "frame_hash", "place", "id", "rev", "owed")
_FRAMES: Final = Insert(t.own_frame, *OwnFrame._fields, keep=True)
_RECEIPTS: Final = Insert(t.receipt, "digest", "member", "stage", "at", "data", keep=True)
_STATEMENTS: Final = Insert(t.statement, "frame_hash", "member", "stage", "places", "code", "at", "receipt", keep=True)
_CONTENTS: Final = Prepared(
    select(_p.c.frame_hash, _p.c.id, _p.c.rev, _m.c.n)
    .select_from(_p.outerjoin(_m, and_(_m.c.id == _p.c.id, _m.c.rev == _p.c.rev)))
    .where(_p.c.frame_hash > bindparam("after"))
    .order_by(_p.c.frame_hash, _p.c.place)
    .limit(bindparam("limit"))
)
_FRAME: Final = Lookup(_f.c.hash, _f.c.queued, _f.c.waits)
_SENT: Final = Prepared(
    update(_f).where(_f.c.hash == bindparam("frame_hash"), _f.c.sent.is_(None)).values(sent=bindparam("now"))
)
_ANSWERED: Final = Prepared(
    update(_f)
    .where(_f.c.hash == bindparam("frame_hash"))
    .values(waits=func.replace(_f.c.waits, bindparam("code", type_=String), literal_column("''")))
)
_REALM: Final = Prepared(
    select(_m.c.realm)
    .select_from(_p.join(_m, and_(_m.c.id == _p.c.id, _m.c.rev == _p.c.rev)))
    .where(_p.c.frame_hash == bindparam("frame_hash"))
    .order_by(_p.c.place)
    .limit(1)
)
_OWED: Final = Prepared(select(_p.c.place).where(_p.c.frame_hash == bindparam("frame_hash"), _p.c.owed.is_(True)))
_STATED: Final = Prepared(
    select(_s.c.stage, _s.c.places).where(
        _s.c.frame_hash == bindparam("frame_hash"), _s.c.member == bindparam("member")
    )
)


# -- sending


def keep_frames(connection: Connection, frames: Sequence[OwnFrame]) -> None:
    """Store own frames with messages, from the time of sealing."""
    _FRAMES.insert(connection, frames)


def keep_sealed(
    connection: Connection, outgoing: Iterable[Outgoing], items: Sequence[Any], left_out: Collection[str]
) -> None:
    """Record which of `items` (rows as `queue.due` returns them) each frame contains, and its recipients."""
    entries: list[tuple[bytes, int, str, int, bool]] = []  # the last: whether its frame represents it
    frames = []
    for sealed in outgoing:
        if sealed.frame is None:
            continue
        inside = items[sealed.first : sealed.first + sealed.frame.count]
        held = [
            (sealed.frame.hash, index, row.id, row.rev, _is_owed(row, sealed.channel))
            for index, row in enumerate(inside)
            if row.id is not None
        ]
        if held:
            entries += held
            owed, oldest = sum(row[-1] for row in held), min(row.accepted_at for row in inside if row.id is not None)
            waits = waiting_members(inside[0].readers, sealed.channel, left_out) if owed else ""
            frames.append(OwnFrame(sealed.frame.hash, sealed.channel, owed, oldest, None, waits))
    _PLACES.insert(connection, entries)
    keep_frames(connection, frames)


def lost_messages(connection: Connection, after: bytes, limit: int) -> tuple[list[tuple[str, int]], bytes]:
    """Return (id, rev) of the messages in own frames that are not stored, and the frame after which the next call
    continues: b"" after the last one.

    `after`: only frames whose hash is higher. `limit`: contents that are examined, more than a frame has.
    """
    rows = _CONTENTS.rows(connection, after=after, limit=limit)
    found = list(dict.fromkeys((row.id, row.rev) for row in rows if row.n is None))
    if len(rows) < limit:
        return found, b""
    last = rows[-1].frame_hash
    return found, next((row.frame_hash for row in reversed(rows) if row.frame_hash != last), last)


def is_lost(connection: Connection, id_: str, rev: int) -> bool:
    """Whether an own frame contains the message, by a row that this gateway wrote, and it is not stored."""
    stored = select(_m.c.n).where(_m.c.id == id_, _m.c.rev == rev)
    if connection.execute(stored).first() is not None:
        return False
    named = connection.execute(select(_p).where(_p.c.id == id_, _p.c.rev == rev).limit(limits.FRAME_MESSAGES_MAX))
    return any(is_as_written(connection, _p, row) for row in named)


def _is_owed(row: Any, channel: str) -> bool:
    """Return whether the item counts for its frame; an item resealed for one member has a row of its own."""
    return row.channel is None and (channel == ALL or f"{channel}," in row.readers)


def mark_sent(connection: Connection, frames: Sequence[tuple[bytes, str, int]]) -> None:
    """Record that these (frame hash, channel, ms) were sent with their messages. A second copy changes nothing."""
    first = [each for each in frames if _SENT.run(connection, frame_hash=each[0], now=each[2])]
    delivery_rows.mark_sent(connection, first)


# -- receipts


def record_receipt(connection: Connection, receipt: ReceiptRecord, entries: Iterable[Entry], now: int) -> list[int]:
    """Record what a receipt states about own frames: one row for each entry, whatever the number of messages.

    Return the time of acceptance of the oldest message of each frame. Entries about other frames are ignored.
    """
    entries = list(entries)
    frames = _FRAME.find(connection, {entry[0] for entry in entries})
    known = [(entry, frames[entry[0]]) for entry in entries if entry[0] in frames]
    if not known:
        return []
    kept = _keep(connection, receipt, [(frame_hash, "") for (frame_hash, indexes), _ in known if indexes is None], now)
    waits = [entry for entry, frame in known if f"{receipt.member}," in frame.waits]
    _answered(connection, receipt.member, [frame_hash for frame_hash, indexes in waits if indexes is None])
    for entry, _ in known:
        if entry[1] is not None:
            kept += _record_indexes(connection, receipt, entry[0], set(entry[1]), now, is_waiting=entry in waits)
    if kept:  # a member may repeat a statement without limit
        _RECEIPTS.insert(connection, [(receipt.digest, receipt.member, receipt.stage, now, receipt.data)])
    delivery_rows.advance(connection, receipt.member, receipt.stage, receipt.code, [entry for entry, _ in known], now)
    return [frame.queued for _, frame in known]


def of_ours(
    connection: Connection, entries: Sequence[tuple[bytes, tuple[int, ...] | None]]
) -> list[tuple[bytes, tuple[int, ...] | None]]:
    """Return those (frame hash, indexes) whose frame is an own one."""
    frames = _FRAME.find(connection, {entry[0] for entry in entries})
    return [entry for entry in entries if entry[0] in frames]


def of_another_realm(connection: Connection, frames: Iterable[bytes], realm: str) -> set[bytes]:
    """Return those of the frames that carried own messages of another realm; all of a frame are of one realm."""
    found = {frame_hash: _REALM.rows(connection, frame_hash=frame_hash) for frame_hash in frames}
    return {frame_hash for frame_hash, rows in found.items() if rows and rows[0].realm != realm}


def of_cancelled(
    connection: Connection, entries: Sequence[tuple[bytes, tuple[int, ...] | None]]
) -> list[tuple[bytes, tuple[int, ...] | None]]:
    """Return those (frame hash, indexes) of which every message is cancelled by a later revision."""
    later = _revision.c.rev > _p.c.rev
    is_cancelled = exists().where(_revision.c.id == _p.c.id, later, _revision.c.action == "cancel")
    named = _p.c.frame_hash.in_({entry[0] for entry in entries})
    rows = connection.execute(select(_p.c.frame_hash, _p.c.place, is_cancelled.label("cancelled")).where(named)).all()
    open_: dict[bytes, set[int]] = defaultdict(set)
    for row in rows:
        if not row.cancelled:
            open_[bytes(row.frame_hash)].add(row.place)
    return [(name, indexes) for name, indexes in entries if not _is_touched(open_[name], indexes)]


def _is_touched(open_: set[int], indexes: Collection[int] | None) -> bool:
    return bool(open_) if indexes is None else not open_.isdisjoint(indexes)


def _keep(connection: Connection, receipt: ReceiptRecord, about: Iterable[tuple[bytes, str]], now: int) -> int:
    """Store each (frame hash, indexes in column form) once; return the number of new rows."""
    rows = [
        (name, receipt.member, receipt.stage, indexes, receipt.code, now, receipt.digest) for name, indexes in about
    ]
    return _STATEMENTS.insert(connection, rows)


def _answered(connection: Connection, member: str, frames: Iterable[bytes]) -> None:
    """Record that these frames no longer wait for the member: every stage, and a refusal, is an answer."""
    code = join_codes([member])
    _ANSWERED.run_all(connection, [{"frame_hash": frame_hash, "code": code} for frame_hash in frames])


def _record_indexes(
    connection: Connection, receipt: ReceiptRecord, frame_hash: bytes, indexes: set[int], now: int, *, is_waiting: bool
) -> int:
    """Record an answer about some messages of a frame, and split it if others are unanswered; count of new rows."""
    before = _STATED.rows(connection, frame_hash=frame_hash, member=receipt.member)
    new = indexes - _places(before, receipt.stage)
    if not new or any(row.stage == receipt.stage and not row.places for row in before):
        return 0  # nothing new, so a member cannot create more rows for a frame than it has messages
    kept = _keep(connection, receipt, [(frame_hash, join_indexes(new))], now)
    if not is_waiting:
        return kept
    owed = {row.place for row in _OWED.rows(connection, frame_hash=frame_hash)}
    if owed <= indexes | _places(before):
        _answered(connection, receipt.member, [frame_hash])
    else:
        delivery_rows.split_by_message(connection, frame_hash, receipt.member)
    return kept


def _places(statements: Iterable[Any], stage: str | None = None) -> set[int]:
    return {index for row in statements if stage in (None, row.stage) for index in split_indexes(row.places)}


# -- how much is open


def pending(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return member -> (number of own messages without its answer, time of acceptance of the oldest)."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for members, count, oldest in _open(connection):
        for member in members:
            before, since = found[member]
            found[member] = before + count, min(since or oldest, oldest)
    return dict(found)


def _open(connection: Connection) -> Iterator[tuple[Sequence[str], int, int]]:
    """Yield (members, messages, oldest) of frames, of rows, and of messages that are not sealed."""
    frames = select(_f.c.waits, func.sum(_f.c.messages), func.min(_f.c.queued)).where(IS_WAITING)
    for waits, count, oldest in connection.execute(frames.group_by(_f.c.waits)):
        yield split_codes(waits), count, oldest
    is_open = _d.c.state.in_(("queued", "no-valid-key", "sent"))
    rows = select(_d.c.member, func.count(), func.min(_d.c.queued)).where(is_open).group_by(_d.c.state, _d.c.member)
    for member, count, oldest in connection.execute(rows):
        yield [member], count, oldest
    for readers, count, oldest in connection.execute(_unsealed()):
        yield split_codes(readers), count, oldest


def _unsealed() -> Any:
    """Yield (readers, messages, oldest) of the queue; messages of one kind and one audience have the same readers."""
    q, is_unsealed = t.queue, (t.queue.c.channel.is_(None), t.queue.c.id.is_not(None))
    count, first = func.count().label("count"), func.min(q.c.n).label("first")
    groups = select(count, first).where(*is_unsealed).group_by(q.c.kind, q.c.audience).subquery()
    joins = groups.join(q, q.c.n == groups.c.first).join(_m, (_m.c.id == q.c.id) & (_m.c.rev == q.c.rev))
    return select(_m.c.readers, groups.c.count, _m.c.at).select_from(joins)
