"""Objects that were not accepted: waiting, quarantined and sampled ones; alarms; and the heartbeats of peers."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from suar.protocol.base import limits
from suar.protocol.transport.content import digest
from suar.protocol.transport.outcome import Alarm
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared
from suar.store.engine.upsert import insert_new, upsert
from suar.store.engine.vault import Vault
from suar.store.inbound.strange_waiting import HAS_VALID_VALUES
from suar.store.inbound.text import storable
from suar.store.tables.columns import has_types

_SAMPLE_BYTES: Final = 1_024
_MANY: Final = 500  # values in one statement
PAGE: Final = 16  # waiting objects in memory at once: each may have 768 KiB

# -- waiting (protocol.md section 7)


def add_waiting(connection: Connection, row: dict[str, Any], data: bytes) -> list[Row[Any]]:
    """Store an object until it can be judged; returns the rows that were dropped because its sender's share is full.

    Frames are replaced by newer frames. Other objects have a separate share; if it is full, the new object itself is
    refused, and the answer contains its row.
    """
    filled = row | {"data": data, "size": len(data), "digest": digest(data)}
    insert_new(connection, t.waiting, [filled])
    w, is_frame = t.waiting, row["type"] == "frame"
    share = and_(w.c.sender == row["sender"], w.c.type == "frame" if is_frame else w.c.type != "frame")
    bound = limits.WAIT_FRAME_BYTES if is_frame else limits.WAIT_OTHER_BYTES
    excess = (connection.execute(select(func.sum(w.c.size)).where(share)).scalar() or 0) - bound
    gone: list[Row[Any]] = []
    while excess > 0:
        order = w.c.n if is_frame else w.c.n.desc()
        for each in connection.execute(select(w).where(share).order_by(order).limit(PAGE)).all():
            if excess > 0:
                delete_waiting(connection, [each.n])
                gone.append(each)
                excess -= each.size
    return gone


def waiting_numbers(connection: Connection) -> list[int]:
    """Return the rows of all waiting objects, in the order of arrival."""
    return list(connection.execute(select(t.waiting.c.n).where(HAS_VALID_VALUES).order_by(t.waiting.c.n)).scalars())


def waiting_object(connection: Connection, n: int) -> Row[Any] | None:
    """Return one waiting object; None if it does not wait any more."""
    return connection.execute(select(t.waiting).where(t.waiting.c.n == n, HAS_VALID_VALUES)).first()


def waiting_objects(
    connection: Connection, *, epoch_ids: Sequence[bytes] = (), everything: bool = False
) -> Iterator[Row[Any]]:
    """Yield waiting objects in order of arrival: all, or the frames of certain epochs. See `_pages`."""
    return _pages(connection, true() if everything else t.waiting.c.epoch_id.in_(epoch_ids))


def _is_due(soon: Any, long_ago: Any) -> ColumnElement[bool]:
    return or_(t.waiting.c.for_time <= soon, t.waiting.c.since <= long_ago)


_FIRST_DUE: Final = Prepared(select(t.waiting.c.n).where(_is_due(bindparam("soon"), bindparam("long_ago"))).limit(1))
_EARLIEST: Final = Prepared(select(func.min(t.waiting.c.for_time).label("earliest")).where(HAS_VALID_VALUES))


def waiting_due(connection: Connection, now: int) -> Iterator[Row[Any]]:
    """Yield waiting objects whose time has come or that waited too long. See `_pages`."""
    times = {"soon": now + limits.CLOCK_TOLERANCE, "long_ago": now - limits.WAIT_MAX}
    if _FIRST_DUE.rows(connection, **times):
        yield from _pages(connection, _is_due(**times))


def earliest_wait(connection: Connection) -> int | None:
    """Return the earliest time (ms) that any object waits for."""
    earliest: int | None = _EARLIEST.rows(connection)[0].earliest
    return earliest


def _pages(connection: Connection, wanted: ColumnElement[bool]) -> Iterator[Row[Any]]:
    """Yield a few objects at a time, because all together may exceed the memory."""
    w, last, is_wanted = t.waiting, 0, and_(wanted, HAS_VALID_VALUES)
    while page := connection.execute(select(w).where(is_wanted, w.c.n > last).order_by(w.c.n).limit(PAGE)).all():
        last = page[-1].n
        yield from page


def update_waiting(connection: Connection, n: int, rule: str, code: str, for_time: int | None) -> None:
    """Record that an object now waits for something else; the time since when it waits is kept."""
    connection.execute(update(t.waiting).where(t.waiting.c.n == n).values(rule=rule, code=code, for_time=for_time))


def delete_waiting(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete objects that were judged or abandoned."""
    if numbers:
        connection.execute(delete(t.waiting).where(t.waiting.c.n.in_(numbers)))


# -- quarantine and samples


_QUARANTINE: Final = Insert(
    t.quarantine, "sender", "code", "rule", "path", "frame_hash", "place", "size", "sealed", "sealed_key", "at"
)


def quarantine(
    connection: Connection, vault: Vault, row: dict[str, Any], refused: Sequence[tuple[dict[str, Any], bytes]]
) -> int:
    """Store what was refused of one object, sealed; returns how many of the sender's oldest rows were deleted for it.

    `row` has the common values, `refused` the values and bytes of each part.
    """
    rows = []
    for own, data in refused:
        body, key = vault.seal(data, f"quarantine {row['sender']}")
        filled = row | own | {"size": len(data), "sealed": body, "sealed_key": key}
        filled["path"] = storable(filled["path"])
        rows.append(tuple(filled[name] for name in _QUARANTINE.columns))
    _QUARANTINE.insert(connection, rows)
    q = t.quarantine
    mine = q.c.sender == row["sender"]
    count, size = connection.execute(select(func.count(), func.sum(q.c.size)).where(mine)).one()
    gone: list[int] = []
    while count > limits.QUARANTINE_ROWS or size > limits.QUARANTINE_BYTES:
        oldest = select(q.c.n, q.c.size).where(mine).order_by(q.c.n).offset(len(gone)).limit(len(rows) + 1)
        for n, each in connection.execute(oldest):
            if count > limits.QUARANTINE_ROWS or size > limits.QUARANTINE_BYTES:
                gone.append(n)
                count, size = count - 1, size - each
    for first in range(0, len(gone), _MANY):
        connection.execute(delete(q).where(q.c.n.in_(gone[first : first + _MANY])))
    return len(gone)


def quarantined(connection: Connection) -> int:
    """Return the number of rows in quarantine."""
    return connection.execute(select(func.count()).select_from(t.quarantine)).scalar_one()


def set_aside(connection: Connection, code: str, since: int, limit: int) -> tuple[int, list[str]]:
    """Return how many rows of this code were kept since `since` (ms), and the newest of their descriptions."""
    q = t.quarantine
    wanted = (q.c.code == code, q.c.at >= since)
    count = connection.execute(select(func.count()).select_from(q).where(*wanted)).scalar_one()
    rows = select(q.c.path).where(*wanted).order_by(q.c.n.desc()).limit(limit)
    return count, list(connection.execute(rows).scalars())


def keep_sample(connection: Connection, row: dict[str, Any], data: bytes) -> None:
    """Store one of the last 64 refusals of an origin before a signature check.

    They are counted, and are not evidence.
    """
    s = t.sample
    connection.execute(insert(s), row | {"subject": storable(row["subject"])[:120], "data": data[:_SAMPLE_BYTES]})
    mine = s.c.origin == row["origin"]
    newest = select(s.c.n).where(mine).order_by(s.c.n.desc()).limit(limits.SAMPLES)
    connection.execute(delete(s).where(mine, s.c.n.not_in(newest)))


# -- alarms


_a: Final = t.alarm
_NAMED: Final = and_(_a.c.name == bindparam("name_"), _a.c.member == bindparam("member_"))
_AGAIN: Final = {"seen_again": _a.c.seen_again + 1}
_SAME: Final = and_(
    _NAMED,
    _a.c.epoch_id == bindparam("epoch_id_"),
    _a.c.message_id == bindparam("message_id_"),
    _a.c.first.is_not_distinct_from(bindparam("first_", type_=BigInteger)),
    _a.c.last.is_not_distinct_from(bindparam("last_", type_=BigInteger)),
    or_(_a.c.at > bindparam("day_ago"), and_(_a.c.acknowledged_at.is_not(None), _a.c.ended_at.is_(None))),
)
_OPENED: Final[dict[str, Any]] = _AGAIN | {
    "at": bindparam("opened"),
    "ended_at": None,
    "acknowledged_at": None,
    "acknowledged_by": None,
    "note": None,
}
_FOUND: Final = Prepared(
    select(_a.c.n, _a.c.ended_at, _a.c.acknowledged_at).where(_SAME).order_by(_a.c.n.desc()).limit(1)
)
_SEEN_AGAIN: Final = Prepared(update(_a).where(_a.c.n == bindparam("number")).values(_AGAIN))
_HELD: Final = Prepared(select(func.count().label("rows"), func.min(_a.c.n), func.max(_a.c.n)).where(_NAMED))
_FORGET: Final = Prepared(delete(_a).where(_a.c.n == bindparam("number"), _a.c.at <= bindparam("day_ago")))
_REOPEN: Final = Prepared(update(_a).where(_a.c.n == bindparam("number")).values(_OPENED))
_EVIDENCE: Final = Prepared(select(func.sum(func.length(_a.c.evidence)).label("bytes")).where(_NAMED))
_OLD: Final = Prepared(
    select(_a.c.n, func.length(_a.c.evidence))
    .where(_NAMED, _a.c.at <= bindparam("day_ago"), _a.c.evidence.is_not(None))
    .order_by(_a.c.n)
)
_STRIP: Final = Prepared(update(_a).where(_a.c.n == bindparam("number")).values(evidence=None, evidence_digest=None))
_ALARM: Final = Insert(
    _a, "name", "member", "first", "last", "epoch_id", "message_id", "at", "seen_again", "evidence", "evidence_digest"
)


def raise_alarm(connection: Connection, alarm: Alarm, evidence: bytes, now: int, *, is_event: bool = False) -> bool:
    """Store an alarm with the object that raised it; returns False if the same alarm exists (it is counted).

    An alarm that had ended within the last day is opened again, unacknowledged, with the time of the new opening. So is
    an acknowledged one if each occurrence is a separate event (`is_event`); otherwise it stays acknowledged while its
    cause lasts.

    One object can raise hundreds of alarms, so rows and bytes for each name and member are limited. Those older than a
    day are replaced; younger ones stay with the first evidence, and further alarms are counted on the newest row.
    """
    named, day_ago = {"name_": alarm.name, "member_": alarm.member}, now - limits.DAY
    same = {"epoch_id_": alarm.epoch_id, "message_id_": alarm.message_id, "first_": alarm.first, "last_": alarm.last}
    for found in _FOUND.rows(connection, **named, **same, day_ago=day_ago):
        is_new = found.ended_at is not None or (is_event and found.acknowledged_at is not None)
        if is_new:
            _REOPEN.run(connection, number=found.n, opened=now)
        else:
            _SEEN_AGAIN.run(connection, number=found.n)
        return is_new
    rows, oldest, newest = _HELD.rows(connection, **named)[0]
    if rows >= limits.ALARM_ROWS and not _FORGET.run(connection, number=oldest, day_ago=day_ago):
        _REOPEN.run(connection, number=newest, opened=now)  # one that was acknowledged does not cover this one
        return False
    excess = (_EVIDENCE.rows(connection, **named)[0].bytes or 0) + len(evidence) - limits.ALARM_BYTES
    kept = evidence if _make_space(connection, named, excess, day_ago) else None
    at = (alarm.first, alarm.last, alarm.epoch_id, alarm.message_id)
    name = None if kept is None else digest(kept)
    _ALARM.insert(connection, [(alarm.name, alarm.member, *at, now, 0, kept, name)])
    return True


def extend_alarm(connection: Connection, alarm: Alarm, now: int) -> bool:
    """Count an alarm on an active one of the same name, member and epoch, whose range grows; False if there is none.

    A member's claim about another's frames grows with each of its heartbeats, and is one alarm.
    """
    is_same = (_a.c.name == alarm.name, _a.c.member == alarm.member, _a.c.epoch_id == alarm.epoch_id)
    is_current = (_a.c.ended_at.is_(None), _a.c.at > now - limits.DAY, _a.c.first <= alarm.first)
    further = case((_a.c.last < alarm.last, alarm.last), else_=_a.c.last)
    changed = update(_a).where(*is_same, *is_current).values(last=further, seen_again=_a.c.seen_again + 1)
    return connection.execute(changed).rowcount > 0


def _make_space(connection: Connection, named: dict[str, str], excess: int, day_ago: int) -> bool:
    """Delete `excess` bytes of evidence older than a day, the oldest first; returns False if there is less."""
    if excess <= 0:
        return True
    for n, size in _OLD.rows(connection, **named, day_ago=day_ago):
        _STRIP.run(connection, number=n)
        excess -= size
        if excess <= 0:
            return True
    return False


# -- peers


def note_heartbeat(connection: Connection, member: str, at: int, trust_version: int, faults: Sequence[str]) -> None:
    """Store the last heartbeat of a member."""
    row = {"member": member, "at": at, "trust_version": trust_version, "faults": ",".join(faults)}
    upsert(connection, t.heartbeat, [row])


def heartbeats(connection: Connection) -> list[Row[Any]]:
    """Return the last heartbeat of every member that was ever received, without rows that are of none."""
    return list(connection.execute(select(t.heartbeat).where(has_types(t.heartbeat))))
