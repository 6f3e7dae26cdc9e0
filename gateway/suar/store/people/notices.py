"""Unsent notifications: one row for each person, channel and event, until it is sent or abandoned.

A digest is first claimed (its rows get its key), then sent, and then its rows are deleted: after a crash, the same
digest is sent again with the same key. Frequent queries read only the end of an index, whatever the number of rows.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, update

from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.messages.rows import LEAN

NO_BATCH: Final = ""
NOW: Final = 0  # the lane of what is immediate
_n, _m = t.notice, t.message


class Recipient(NamedTuple):
    """A person and a channel."""

    person: str
    channel: str


class Newest(NamedTuple):
    """The last row numbers of a recipient: of any row, and of an immediate one in no digest; 0: none."""

    row: int
    urgent: int


# -- what people are notified of


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store notifications; one with an existing key is sent once."""
    insert_new(connection, _n, rows)


def drop_superseded(connection: Connection, id_: str, rev: int) -> None:
    """Delete unsent notifications of revisions below `rev`, because the new revision has its own."""
    earlier = (_n.c.id == id_, _n.c.rev < rev, _n.c.event == "alert", _n.c.batch == NO_BATCH)
    connection.execute(delete(_n).where(*earlier))


def is_newest(connection: Connection, id_: str, rev: int) -> bool:
    """Return whether no later revision of the message is stored."""
    last: int | None = connection.execute(select(func.max(_m.c.rev)).where(_m.c.id == id_)).scalar()
    return last == rev


def newest_message(connection: Connection, last: int) -> int:
    """Return the number of the last stored message, up to `last`; 0 before the first."""
    return int(connection.execute(select(func.max(_m.c.n)).where(_m.c.n.between(1, last))).scalar() or 0)


def alerts_after(connection: Connection, after: int, last: int, member: str, limit: int) -> Sequence[Row[Any]]:
    """Return alerts of other members with numbers after `after` up to `last`, in order of arrival, without frames."""
    wanted = (_m.c.n > after, _m.c.n <= last, _m.c.kind == "alert", _m.c.origin != member)
    return connection.execute(select(*LEAN).where(*wanted).order_by(_m.c.n).limit(limit)).all()


# -- one recipient


def _is_for(who: Recipient) -> ColumnElement[bool]:
    return and_(_n.c.person == who.person, _n.c.channel == who.channel)


def _undigested(who: Recipient) -> Any:
    """Return the condition for rows in no digest."""
    return and_(_is_for(who), _n.c.batch == NO_BATCH)


def newest(connection: Connection, who: Recipient) -> Newest:
    """Return the newest rows of the recipient."""
    row = connection.execute(select(func.max(_n.c.n)).where(_is_for(who))).scalar()
    urgent = connection.execute(select(func.max(_n.c.n)).where(_undigested(who), _n.c.lane == NOW)).scalar()
    return Newest(int(row or 0), int(urgent or 0))


def waiting(connection: Connection) -> dict[str, int]:
    """Return the number of unsent notifications by channel."""
    found = select(_n.c.channel, func.count()).group_by(_n.c.channel)
    return {row[0]: row[1] for row in connection.execute(found)}


def undigested(connection: Connection, who: Recipient, *, immediate: bool, limit: int) -> Sequence[Row[Any]]:
    """Return rows in no digest, the most urgent first, each lane in order of arrival."""
    lane = _n.c.lane == NOW if immediate else _n.c.lane > NOW
    wanted = select(_n).where(_undigested(who), lane).order_by(_n.c.lane, _n.c.n).limit(limit)
    return connection.execute(wanted).all()


def claimed(connection: Connection, who: Recipient) -> list[str]:
    """Return the digests that were claimed and not sent, the oldest first."""
    found = (
        select(_n.c.batch).where(_is_for(who), _n.c.batch > NO_BATCH).group_by(_n.c.batch).order_by(func.min(_n.c.n))
    )
    return list(connection.execute(found).scalars())


def claim(connection: Connection, who: Recipient, batch: str, *, status: str, only_urgent: bool) -> int:
    """Claim the rows of one realm that are in no digest for a digest; return their number."""
    wanted = [_undigested(who), _n.c.status == status]
    if only_urgent:
        wanted.append(_n.c.lane == NOW)
    return connection.execute(update(_n).where(*wanted).values(batch=batch)).rowcount


def head_of(connection: Connection, who: Recipient, batch: str, limit: int) -> Sequence[Row[Any]]:
    """Return the most urgent rows of a digest."""
    wanted = select(_n).where(_is_for(who), _n.c.batch == batch).order_by(_n.c.lane, _n.c.n).limit(limit)
    return connection.execute(wanted).all()


def counts_of(connection: Connection, who: Recipient, batch: str) -> Sequence[Row[Any]]:
    """Return the numbers by event, kind and urgency, the most urgent first."""
    what, numbers = (_n.c.event, _n.c.kind, _n.c.urgency), func.count().label("number")
    columns = (*what, numbers, func.max(_n.c.at).label("at"), func.min(_n.c.lane).label("lane"))
    found = connection.execute(select(*columns).where(_is_for(who), _n.c.batch == batch).group_by(*what))
    return sorted(found, key=lambda row: (row.lane, row.event, row.kind))


def oldest_of(connection: Connection, who: Recipient, batch: str) -> int:
    """Return when the oldest event of a digest happened (ms)."""
    found = select(func.min(_n.c.at)).where(_is_for(who), _n.c.batch == batch)
    return int(connection.execute(found).scalar() or 0)


def remove(connection: Connection, who: Recipient, *, number: int | None = None, batch: str = NO_BATCH) -> None:
    """Delete a row, or a digest by its key, that was sent or abandoned."""
    which = _n.c.n == number if number is not None else and_(_is_for(who), _n.c.batch == batch)
    connection.execute(delete(_n).where(which))


def forget_unknown(connection: Connection, known: Sequence[Recipient]) -> int:
    """Delete rows of people or channels that the settings no longer contain; return their number."""
    gone = delete(_n)
    for who in known:
        gone = gone.where(~_is_for(who))
    return connection.execute(gone).rowcount
