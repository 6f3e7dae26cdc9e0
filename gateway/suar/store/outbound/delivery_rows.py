"""Deliveries of one message to one member that have a row of their own: the exceptions.

These are a member without a valid key ([K7]), a member that was suspended when the message was sent to all, a message
that is resealed for one member, a frame of which only some messages were answered, and an own message that must never
be sent. In these cases the row of the frame cannot represent all its messages. The frame is split for the member: its
messages get rows, and the frame no longer waits for that member. A row is deleted when the message is stored; the
statements about its frames are then complete.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    update,
)

from suar.protocol.base.stages import HELD_BY_LAW, RECALLED, UNANSWERED
from suar.protocol.base.subjects import ALL
from suar.store import tables as t
from suar.store.engine.prepared import Prepared, Rows
from suar.store.engine.upsert import insert_new, upsert
from suar.store.outbound.delivery_view import (
    IS_WAITING,
    Delivery,
    deliveries,
    join_codes,
    readers,
    split_codes,
    waits_for_some,
)

Entry = tuple[bytes, Collection[int] | None]
"""Hash of an own frame, and indexes in it; None for every message of it."""

_d, _f, _m, _p, _q = t.delivery, t.own_frame, t.message, t.place, t.queue


def _key() -> ColumnElement[bool]:
    return and_(_d.c.id == bindparam("id_"), _d.c.rev == bindparam("rev_"), _d.c.member == bindparam("member_"))


_STATE: Final = Prepared(select(_d.c.state).where(_key()))
_MOVE: Final = Prepared(update(_d).where(_key()).values(state=bindparam("state")))
_LEFT: Final = Prepared(update(_d).where(_key()).values(state="sent", sent=bindparam("now")))
_REFUSE: Final = Prepared(
    update(_d).where(_key()).values(state="refused", refused=bindparam("now"), refused_code=bindparam("code"))
)
_DROP: Final = Prepared(delete(_d).where(_key()))
_HAS: Final = Prepared(
    select(_d.c.member)
    .where(_d.c.state.in_([literal_column(f"'{state}'") for state in (*UNANSWERED, "owed", "refused")]))
    .where(_d.c.member == bindparam("member"))
    .limit(1)
)
_HAS_QUEUED: Final = Prepared(select(_d.c.member).where(_d.c.state == "queued").limit(1))
_IN_FRAME: Final = Prepared(
    select(_p.c.place, _d.c.id, _d.c.rev, _d.c.member, _d.c.state)
    .select_from(_p.join(_d, and_(_d.c.id == _p.c.id, _d.c.rev == _p.c.rev)))
    .where(_p.c.frame_hash == bindparam("frame_hash"))
)


def _named(row: Any) -> dict[str, Any]:
    return {"id_": row.id, "rev_": row.rev, "member_": row.member}


def state(connection: Connection, id_: str, rev: int, member: str) -> str | None:
    """Return the state in the row; None if there is no row."""
    rows = _STATE.rows(connection, id_=id_, rev_=rev, member_=member)
    return str(rows[0].state) if rows else None


# -- frames split by message


def _split_frames(frames: ColumnElement[bool]) -> tuple[Prepared, Prepared]:
    """Return the statements that write the rows and remove the member from the frames that wait for it."""
    wanted = and_(frames, IS_WAITING, _f.c.waits.like(bindparam("like")))
    columns = ("id", "rev", "member", "state", "queued", "sent")
    has_left = case((_f.c.sent.is_(None), "queued"), else_="sent")
    values: tuple[ColumnElement[Any], ...] = (_p.c.id, _p.c.rev, bindparam("member", type_=String), has_left)
    messages = _f.join(_p, _p.c.frame_hash == _f.c.hash).join(_m, and_(_m.c.id == _p.c.id, _m.c.rev == _p.c.rev))
    owed = select(*values, _m.c.at, _f.c.sent).select_from(messages).where(wanted, _p.c.owed.is_(True))

    def rows(dialect: Any) -> Executable:
        made: Executable = dialect.insert(_d).from_select(columns, owed).on_conflict_do_nothing()
        return made

    waits = func.replace(_f.c.waits, bindparam("code", type_=String), "")
    return Prepared(rows), Prepared(update(_f).where(wanted).values(waits=waits))


_ONE: Final = _split_frames(_f.c.hash == bindparam("frame_hash"))
_waiting = _f.alias("waiting")  # found by the index of waiting frames, not among all that ever existed
_WAITS_FOR: Final = select(_waiting.c.hash).where(waits_for_some(_waiting), _waiting.c.waits.like(bindparam("like")))
_SEALED: Final = _split_frames(_f.c.hash.in_(_WAITS_FOR))
_WAITING: Final = Prepared(
    select(_f.c.hash, _f.c.waits)
    .select_from(_p.join(_f, _f.c.hash == _p.c.frame_hash))
    .where(_p.c.id == bindparam("id"), _p.c.rev == bindparam("rev"), IS_WAITING)
)


def _run(connection: Connection, pair: tuple[Prepared, Prepared], member: str, **values: Any) -> None:
    rows, waits = pair
    like = f"%{join_codes([member])}%"
    rows.run(connection, member=member, like=like, **values)
    waits.run(connection, code=join_codes([member]), like=like, **values)


def split_by_message(connection: Connection, frame_hash: bytes, member: str) -> None:
    """Write a row for each message of the frame, if the frame waits for the member."""
    _run(connection, _ONE, member, frame_hash=frame_hash)


def split_message(connection: Connection, id_: str, rev: int, members: Collection[str] | None = None) -> None:
    """Remove the message from the frames that represent it for these members, or for all."""
    for frame in _WAITING.rows(connection, id=id_, rev=rev):
        for member in split_codes(frame.waits):
            if members is None or member in members:
                split_by_message(connection, frame.hash, member)


# -- changes of rows


def advance(
    connection: Connection, member: str, stage: str, code: str | None, entries: Iterable[Entry], now: int
) -> None:
    """Apply a member's statement: a refusal is recorded in the row; at stored or later, the row is deleted."""
    if not _HAS.rows(connection, member=member):
        return
    for frame_hash, indexes in entries:
        for row in _rows_in(connection, frame_hash, lambda row: row.member == member):
            if indexes is not None and row.place not in indexes:
                continue
            if stage != "refused":
                _DROP.run(connection, **_named(row))
            elif row.state != "refused":
                _REFUSE.run(connection, now=now, code=code, **_named(row))


def mark_sent(connection: Connection, frames: Iterable[tuple[bytes, str, int]]) -> None:
    """Record that frames (hash, channel, time in ms) were sent: rows of their messages that waited become `sent`.

    A frame to all does not reach a member without a key.
    """
    is_any_queued = bool(_HAS_QUEUED.rows(connection))
    for frame_hash, channel, now in frames:
        if channel == ALL and is_any_queued:
            rows = _rows_in(connection, frame_hash, lambda row: row.state == "queued")
        elif channel != ALL and _HAS.rows(connection, member=channel):
            rows = _rows_in(connection, frame_hash, _waits_for(channel))
        else:
            continue
        _LEFT.run_all(connection, [_named(row) | {"now": now} for row in rows])


def _waits_for(channel: str) -> Callable[[Any], bool]:
    return lambda row: row.member == channel and row.state in ("queued", "no-valid-key")


def _rows_in(connection: Connection, frame_hash: bytes, wanted: Callable[[Any], bool]) -> Rows:
    return [row for row in _IN_FRAME.rows(connection, frame_hash=frame_hash) if wanted(row)]


def hold_for_key(connection: Connection, item: Any, member: str) -> bool:
    """[K7] Record that the member has no valid key; False if the message is not for it.

    `item` is the row of the message in the queue, as `queue.due` returns it.
    """
    if item.channel is None:
        if member not in split_codes(item.readers):
            return False
        row = {"id": item.id, "rev": item.rev, "member": member, "state": "no-valid-key", "queued": item.accepted_at}
        insert_new(connection, _d, [row])
        return True
    now = state(connection, item.id, item.rev, member)
    if now in ("queued", "sent"):
        _MOVE.run(connection, id_=item.id, rev_=item.rev, member_=member, state="no-valid-key")
    return now is not None


# -- resealing for one member

_MESSAGES_BATCH: Final = 100


def requeue_sealed(connection: Connection, members: Collection[str] | None) -> list[Row[Any]]:
    """Queue sealed deliveries (to `members`, or all) without an answer again; return (id, rev, member, realm).

    This includes frames that have not been sent yet: they were sealed when other members could read them.
    """
    for member in _waited_for(connection) if members is None else members:
        _run(connection, _SEALED, member)
    return _queue_again(connection, true() if members is None else _d.c.member.in_(members))


def requeue(
    connection: Connection, messages: Iterable[tuple[str, int]], members: Collection[str] | None = None
) -> list[Row[Any]]:
    """Do the same for these (id, rev)."""
    rows, wanted = list[Row[Any]](), sorted(set(messages))
    to = true() if members is None else _d.c.member.in_(members)
    for id_, rev in wanted:
        split_message(connection, id_, rev, members)
    for first in range(0, len(wanted), _MESSAGES_BATCH):
        part = wanted[first : first + _MESSAGES_BATCH]
        named = and_(_d.c.id.in_([id_ for id_, _ in part]), tuple_(_d.c.id, _d.c.rev).in_(part))
        rows += _queue_again(connection, and_(named, to))
    return rows


def _waited_for(connection: Connection) -> set[str]:
    waits = connection.execute(select(_f.c.waits).where(IS_WAITING).distinct()).scalars()
    return {member for each in waits for member in split_codes(each)}


def _queue_again(connection: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    """Queue again what was sent, and what is sealed, not sent, and not in the queue; nothing that was erased."""
    is_its_own = or_(_q.c.channel.is_(None), _q.c.channel == _d.c.member)
    is_queued = exists().where(_q.c.id == _d.c.id, _q.c.rev == _d.c.rev, is_its_own)
    text = _m.alias()
    has_text = exists().where(text.c.id == _d.c.id, text.c.rev == _d.c.rev, text.c.body.is_not(None))
    wanted = and_(or_(_d.c.state == "sent", and_(_d.c.state == "queued", ~is_queued)), which, has_text)
    joined_rows = _d.join(_m, and_(_m.c.id == _d.c.id, _m.c.rev == _d.c.rev))
    sent = select(_d.c.id, _d.c.rev, _d.c.member, _m.c.realm).select_from(joined_rows).where(wanted)
    rows: list[Row[Any]] = list(connection.execute(sent.order_by(_m.c.n, _d.c.member)))
    connection.execute(update(_d).where(wanted), {"state": "queued"})
    return rows


def missing_messages(connection: Connection, frame_hash: bytes, member: str) -> list[tuple[str, int]]:
    """Return (id, rev) of the messages of a frame for the member, which states that it could not open the frame.

    A delivery that was `stored` is open again, because the member has since lost its state and its keys.
    """
    wanted = select(_p.c.id, _p.c.rev).where(_p.c.frame_hash == frame_hash).order_by(_p.c.place)
    found = [(id_, rev) for id_, rev in connection.execute(wanted)]
    return [(id_, rev) for id_, rev in found if _reopen(connection, id_, rev, member)]


def _reopen(connection: Connection, id_: str, rev: int, member: str) -> bool:
    """Open the delivery again if the member has not got the message; returns False if it is not for it or needs
    nothing.
    """
    if connection.execute(select(_m.c.n).where(_m.c.id == id_, _m.c.rev == rev, _m.c.body.is_(None))).first():
        return False  # its text was erased
    split_message(connection, id_, rev, [member])
    now = state(connection, id_, rev, member)
    if now is not None:
        return now != "owed"  # an owed message is sealed for it later
    here = next((each for each in deliveries(connection, id_, rev) if each.member == member), None)
    if here is None or here.state in ("queued", HELD_BY_LAW, RECALLED):
        return False  # not for it, sent without this, or withdrawn
    if here.state in ("sent", "stored", "refused"):
        _open_again(connection, id_, rev, here)
    return True


def _open_again(connection: Connection, id_: str, rev: int, here: Delivery) -> None:
    row = {"id": id_, "rev": rev, "member": here.member, "state": "queued", "sent": here.sent}
    if here.state == "refused":  # until it is stored
        row |= {"state": "refused", "refused": here.refused, "refused_code": here.refused_code}
    at = connection.execute(select(_m.c.at).where(_m.c.id == id_, _m.c.rev == rev)).scalar_one()
    insert_new(connection, _d, [row | {"queued": at}])


# -- what a restored state needs


def add_recipients(connection: Connection, id_: str, rev: int, members: Collection[str], at: int) -> None:
    """Add recipients to the message: each that has not stored it gets a row."""
    split_message(connection, id_, rev)
    known = readers(connection, id_, rev)
    everybody = join_codes({*known, *members})
    connection.execute(update(_m).where(_m.c.id == id_, _m.c.rev == rev), {"readers": everybody})
    is_open = {each.member for each in deliveries(connection, id_, rev) if each.state in UNANSWERED}
    rows = {"id": id_, "rev": rev, "state": "queued", "queued": at}
    insert_new(connection, _d, [rows | {"member": member} for member in members if member in is_open])


def mark_message_sent(connection: Connection, id_: str, rev: int, members: Collection[str], now: int) -> None:
    """Record that the message was sealed for these members and sent."""
    here = and_(_d.c.id == id_, _d.c.rev == rev, _d.c.member.in_(members), _d.c.state.in_(("queued", "no-valid-key")))
    connection.execute(update(_d).where(here), {"state": "sent", "sent": now})


def refuse_message(connection: Connection, id_: str, rev: int, code: str, now: int) -> None:
    """Record that an own message must never be sent: it is refused for all members, by this gateway."""
    split_message(connection, id_, rev)
    row = {"id": id_, "rev": rev, "state": "refused", "queued": now, "refused": now, "refused_code": code}
    upsert(connection, _d, [row | {"member": member} for member in readers(connection, id_, rev)])
