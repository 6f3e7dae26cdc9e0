"""Messages owed to members that return from suspension: the search for them, and its results."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, select, update

from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.upsert import insert_new, upsert
from suar.store.messages.rows import LEAN
from suar.store.outbound.delivery_view import join_codes, split_codes

STATE: Final = "owed"
WALK_ROWS: Final = 5_000  # messages, ours and others', that are examined in one step
MARK_ROWS: Final = 250  # of them the most whose text is read
DROP_ROWS: Final = 500

_d, _m, _q, _r = t.delivery, t.message, t.queue, t.returned
_later = _m.alias("later")
_RETURNED: Final = Prepared(select(_r).where(_r.c.before > 0).order_by(_r.c.member))


def _is_superseded() -> ColumnElement[bool]:
    return exists().where(_later.c.id == _m.c.id, _later.c.rev > _m.c.rev)


# -- members that returned


def note_returned(connection: Connection, member: str, version: int, since: int, last: int) -> bool:
    """Record that the member is active again by that list, suspended since then (ms); False if this is known.

    `last`: the number of the newest message. The rest of an earlier search is included in the new one.
    """
    row = connection.execute(select(_r).where(_r.c.member == member)).first()
    if row is not None and row.version >= version:
        return False
    if row is not None and row.before:
        since = min(since, row.since)
    upsert(connection, _r, [{"member": member, "version": version, "since": since, "before": last + 1}])
    return True


def returned(connection: Connection) -> list[Row[Any]]:
    """Return the members for which the search is not complete."""
    return _RETURNED.rows(connection)


def find_next_owed(connection: Connection, row: Row[Any], own: str, now: int) -> list[Row[Any]]:
    """Return the next own messages that a member may be owed, the newest first, and advance the search past them.

    These are actual own messages that have not expired, are not superseded, were accepted since the suspension, and
    were not for the member.
    """
    low = max(row.before - WALK_ROWS, 0)
    here = and_(_m.c.n < row.before, _m.c.n >= low)
    wanted = and_(here, candidate_condition(own, row.member, row.since, now))
    found = list(connection.execute(select(*LEAN).where(wanted).order_by(_m.c.n.desc()).limit(MARK_ROWS)))
    newest = connection.execute(select(func.max(_m.c.at)).where(here)).scalar()
    is_older = newest is not None and newest < row.since
    before = found[-1].n if len(found) == MARK_ROWS else 0 if is_older else low
    connection.execute(update(_r).where(_r.c.member == row.member), {"before": before})
    return found


def candidate_condition(own: str, member: str, since: int, now: int) -> ColumnElement[bool]:
    """Return the condition on the columns of a message: own, actual, in force, since then, not for the member."""
    is_ours = and_(_m.c.origin == own, _m.c.realm == "actual", _m.c.at >= since, _m.c.expires > now)
    return and_(is_ours, _m.c.readers.not_like(f"%{join_codes([member])}%"), ~_is_superseded())


def is_candidate(connection: Connection, n: int, own: str, row: Row[Any], now: int) -> bool:
    """Return whether the search for the member will find the message with that row number."""
    wanted = and_(_m.c.n == n, _m.c.n < row.before, candidate_condition(own, row.member, row.since, now))
    return connection.execute(select(_m.c.n).where(wanted)).first() is not None


# -- messages that they are owed


def mark_owed(connection: Connection, message: Row[Any], member: str, now: int) -> None:
    """Add the member to the recipients. If the message is still unsealed for all, that suffices; else it is `owed`."""
    known = join_codes({*split_codes(message.readers), member})
    connection.execute(update(_m).where(_m.c.n == message.n), {"readers": known})
    waits = and_(_q.c.id == message.id, _q.c.rev == message.rev, _q.c.channel.is_(None))
    if connection.execute(select(_q.c.n).where(waits).limit(1)).first() is None:
        row = {"id": message.id, "rev": message.rev, "member": member, "state": STATE, "queued": now}
        insert_new(connection, _d, [row])


def members(connection: Connection) -> list[str]:
    """Return the members to which messages are owed."""
    wanted = select(_d.c.member).where(_d.c.state == STATE).distinct().order_by(_d.c.member)
    return list(connection.execute(wanted).scalars())


def most_urgent(connection: Connection, member: str, kinds: Collection[str], now: int, limit: int) -> Sequence[Any]:
    """Return (id, rev, realm, lane, size) of owed messages still in force, the most urgent first; size in bytes."""
    columns = (_m.c.id, _m.c.rev, _m.c.realm, _m.c.lane, func.length(_m.c.body).label("size"))
    joins = _d.join(_m, and_(_m.c.id == _d.c.id, _m.c.rev == _d.c.rev))
    wanted = and_(_d.c.state == STATE, _d.c.member == member, _m.c.expires > now, _m.c.kind.in_(kinds))
    rows = connection.execute(
        select(*columns).select_from(joins).where(wanted).order_by(_m.c.lane, _m.c.n).limit(limit)
    )
    return list(rows)


def queue(connection: Connection, id_: str, rev: int, member: str) -> None:
    """Queue the message for sealing to the member."""
    this = and_(_d.c.id == id_, _d.c.rev == rev, _d.c.member == member, _d.c.state == STATE)
    connection.execute(update(_d).where(this), {"state": "queued"})


def drop_superseded(connection: Connection) -> int:
    """Delete owed messages that were cancelled or revised before sealing, since the later revision is owed; count."""
    joins = _d.join(_m, and_(_m.c.id == _d.c.id, _m.c.rev == _d.c.rev))
    ended = select(_d.c.id, _d.c.rev, _d.c.member, _m.c.readers).select_from(joins)
    rows = connection.execute(ended.where(_d.c.state == STATE, _is_superseded()).limit(DROP_ROWS)).all()
    for row in rows:
        left = join_codes(code for code in split_codes(row.readers) if code != row.member)
        connection.execute(update(_m).where(_m.c.id == row.id, _m.c.rev == row.rev), {"readers": left})
        this = and_(_d.c.id == row.id, _d.c.rev == row.rev, _d.c.member == row.member)
        connection.execute(delete(_d).where(this))
    return len(rows)
