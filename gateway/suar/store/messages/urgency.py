"""Messages by urgency: the list that is shown to people, and the lanes that a feed reads one after the other.

Within a lane, messages have the order in which they were stored, so that a lane and a row number are a permanent
position.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true

from suar.protocol.message.urgency import LANES, OVER
from suar.store import tables as t

BEGINNING: Final = (-1, 0)

m = t.message


class Selection(NamedTuple):
    """A selection of messages by kind, origin or realm, without those of `not_origin`; None selects all."""

    kind: str | None = None
    origin: str | None = None
    realm: str | None = None
    not_origin: str | None = None

    def where(self) -> ColumnElement[bool]:
        """Return the selection as a condition."""
        named = ((m.c.kind, self.kind), (m.c.origin, self.origin), (m.c.realm, self.realm))
        wanted = [column == value for column, value in named if value]
        if self.not_origin:
            wanted.append(m.c.origin != self.not_origin)
        return and_(true(), *wanted)


def place_of(connection: Connection, number: int) -> tuple[int, int] | None:
    """Return (lane, row number) of a message, its position by urgency; None if there is no row with that number."""
    found = connection.execute(select(m.c.lane, m.c.n).where(m.c.n == number)).first()
    return (found.lane, found.n) if found is not None else None


# -- lanes


def lane_after(
    connection: Connection, lane: int, number: int, selection: Selection, limit: int, most: int
) -> list[Row[Any]]:
    """Return rows of one lane after a row number, without frames; `last_rev` is the chain's highest revision.

    At most `limit` rows and about `most` bytes of bodies, but at least one row: rows that a slow reader has not read
    yet use memory.
    """
    numbers = _within(connection, lane, number, selection, limit, most)
    if not numbers:
        return []
    return list(connection.execute(_with_last_rev().where(m.c.n.in_(numbers)).order_by(m.c.n)))


def _with_last_rev() -> Select[Any]:
    """Rows without kept frames, each with the highest revision of its chain."""
    other = t.message.alias()
    last = select(func.max(other.c.rev)).where(other.c.id == m.c.id).scalar_subquery().label("last_rev")
    return select(*(column for column in m.c if column.name != "frame"), last)


def revision(connection: Connection, id_: str, rev: int) -> Row[Any] | None:
    """Return one revision of a message as `lane_after` does."""
    return connection.execute(_with_last_rev().where(m.c.id == id_, m.c.rev == rev)).first()


def expired_after(
    connection: Connection, place: tuple[int, int], now: int, selection: Selection, limit: int
) -> list[Row[Any]]:
    """Rows that have expired by `now` (ms), in that order, behind a place (expiry, row number); as `lane_after`.

    What had expired before it came was never in force here, and a cancel does not expire: both are left out.
    """
    expires, number = place
    is_behind = or_(m.c.expires > expires, and_(m.c.expires == expires, m.c.n > number))
    wanted = _with_last_rev().where(m.c.expires >= expires, m.c.expires <= now, is_behind, selection.where())
    wanted = wanted.where(m.c.lane != OVER, m.c.action != "cancel")
    return list(connection.execute(wanted.order_by(m.c.expires, m.c.n).limit(limit)))


def _within(connection: Connection, lane: int, number: int, selection: Selection, limit: int, most: int) -> list[int]:
    size = func.coalesce(func.length(m.c.body), 0).label("size")
    next_ones = select(m.c.n, size).where(m.c.lane == lane, m.c.n > number, selection.where())
    numbers: list[int] = []
    total = 0
    for n, length in connection.execute(next_ones.order_by(m.c.n).limit(limit)):
        total += length
        if numbers and total > most:
            break
        numbers.append(n)
    return numbers


def newest(connection: Connection) -> tuple[int, ...]:
    """Return the highest row number of each lane, 0 if the lane is empty."""
    last = {lane: select(func.max(m.c.n)).where(m.c.lane == lane) for lane in range(len(LANES))}
    return tuple(connection.execute(last[lane]).scalar() or 0 for lane in range(len(LANES)))


def digest_at(connection: Connection, number: int) -> bytes | None:
    """Return the digest of the message in that row."""
    found = connection.execute(select(m.c.digest).where(m.c.n == number)).scalar()
    return bytes(found) if found is not None else None
