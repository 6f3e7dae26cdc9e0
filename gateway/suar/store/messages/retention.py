"""Messages by time: texts that the schedule may purge, and the rows that came after a time."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, and_, or_, select, tuple_

from suar.store import tables as t
from suar.store.tables.columns import octets

_m, _p, _q, _s = t.message, t.place, t.queue, t.own_statement
_WAITING: Final = ("unproved", "due")


class Position(NamedTuple):
    """A row in the order of expiry: the position after which the next step continues."""

    expires: int
    n: int


FIRST: Final = Position(0, 0)


def ended(connection: Connection, before: int, position: Position, limit: int) -> list[Row[Any]]:
    """Return (n, id, kind, expires, is_text) of messages that expired before a time (ms), after a position, in order.

    `is_text`: it is not a cancel, and its text is not destroyed.
    """
    is_text = and_(octets(_m.c.body) > 0, _m.c.action != "cancel").label("is_text")
    is_after = tuple_(_m.c.expires, _m.c.n) > tuple_(position.expires, position.n)
    wanted = select(_m.c.n, _m.c.id, _m.c.kind, _m.c.expires, is_text).where(_m.c.expires <= before, is_after)
    return list(connection.execute(wanted.order_by(_m.c.expires, _m.c.n).limit(limit)))


def revisions(connection: Connection, id_: str) -> list[Row[Any]]:
    """Return every revision of the id, oldest first, without bodies and frames."""
    columns = (_m.c.n, _m.c.rev, _m.c.action, _m.c.digest, _m.c.expires, _m.c.at, _m.c.frame_hash, _m.c.origin)
    held = (octets(_m.c.body) > 0).label("is_held")
    return list(connection.execute(select(*columns, held).where(_m.c.id == id_).order_by(_m.c.rev)))


def is_needed(connection: Connection, id_: str, until: Mapping[str, int], arrived_before: int) -> bool:
    """Return whether the queue, a statement to be sent, or a neighbour in a frame needs a text of the id.

    `until` has for each kind the time (ms) before which a message of it must have ended; kinds that are absent are
    kept.
    """
    queued = select(_q.c.n).where(_q.c.id == id_)
    stated = select(_s.c.n).where(_s.c.id == id_, _s.c.state.in_(_WAITING))
    if any(connection.execute(each.limit(1)).first() is not None for each in (queued, stated)):
        return True
    other, mine, own, shared = _m.alias(), _m.alias(), _p.alias(), _p.alias()
    is_over = or_(*(and_(other.c.kind == kind, other.c.expires <= at) for kind, at in until.items()))
    needs = and_(other.c.body.is_not(None), other.c.action != "cancel", or_(~is_over, other.c.at > arrived_before))
    received = select(other.c.n).join(mine, other.c.frame_hash == mine.c.frame_hash).where(mine.c.id == id_, needs)
    in_frame = own.join(shared, shared.c.frame_hash == own.c.frame_hash)
    in_frame = in_frame.join(other, and_(other.c.id == shared.c.id, other.c.rev == shared.c.rev))
    sent = select(other.c.n).select_from(in_frame).where(own.c.id == id_, needs)
    return any(connection.execute(each.limit(1)).first() is not None for each in (received, sent))


def last_until(connection: Connection, until: int, last: int) -> int:
    """Return the number of the last row up to `last` written until then (ms), 0 if there is none. Rows are in order of
    time.
    """
    low, high = 0, last
    while low < high:
        middle = (low + high + 1) // 2
        wanted = select(_m.c.at).where(_m.c.n <= middle).order_by(_m.c.n.desc()).limit(1)
        at = connection.execute(wanted).scalar()
        low, high = (middle, high) if at is None or at <= until else (low, middle - 1)
    return low


def heads_after(connection: Connection, after: int, last: int, limit: int) -> list[Row[Any]]:
    """Return n, id, rev, origin, realm and at of the next rows after a number, up to `last`, in their order."""
    columns = select(_m.c.n, _m.c.id, _m.c.rev, _m.c.origin, _m.c.realm, _m.c.at)
    return list(connection.execute(columns.where(_m.c.n > after, _m.c.n <= last).order_by(_m.c.n).limit(limit)))
