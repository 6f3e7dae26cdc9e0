"""What people are still to be told: one row a person, channel and event until it was told, or given up.

A digest is claimed first (its rows get its key), then sent, then its rows go: after a crash the same digest leaves
again under the same key.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, and_, delete, exists, func, select, update

from suar.store import tables as t
from suar.store.upsert import insert_new

NO_BATCH: Final = ""
NOW: Final = 0  # the lane of what is immediate
_n, _m = t.notice, t.message


class Recipient(NamedTuple):
    """Who is told by which channel."""

    person: str
    channel: str


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what is to be told; what has the key of a row that stands already is told once."""
    insert_new(connection, _n, rows)


def newest_message(connection: Connection) -> int:
    """The number of the last message that was stored; 0 before the first."""
    return int(connection.execute(select(func.max(_m.c.n))).scalar() or 0)


def alerts_after(connection: Connection, after: int, last: int, member: str, limit: int) -> Sequence[Row[Any]]:
    """Alerts of other members with numbers behind `after` up to `last`, in the order they came."""
    wanted = (_m.c.n > after, _m.c.n <= last, _m.c.kind == "alert", _m.c.origin != member)
    return connection.execute(select(_m).where(*wanted).order_by(_m.c.n).limit(limit)).all()


def recipients(connection: Connection, now: int) -> list[Recipient]:
    """Everybody for whom something is due."""
    found = select(_n.c.person, _n.c.channel).where(_n.c.due <= now).distinct()
    return [Recipient(*row) for row in connection.execute(found)]


def waiting(connection: Connection) -> dict[str, int]:
    """How many are not told yet, by channel."""
    found = select(_n.c.channel, func.count()).group_by(_n.c.channel)
    return {row[0]: row[1] for row in connection.execute(found)}


def _due(who: Recipient, now: int, batch: str) -> Any:
    return and_(_n.c.person == who.person, _n.c.channel == who.channel, _n.c.batch == batch, _n.c.due <= now)


def drop_overtaken(connection: Connection, who: Recipient, now: int) -> int:
    """Forget alerts of which a later revision is here: that one is told itself; how many."""
    later = exists().where(_m.c.id == _n.c.id, _m.c.rev > _n.c.rev)
    return connection.execute(delete(_n).where(_due(who, now, NO_BATCH), _n.c.event == "alert", later)).rowcount


def due(connection: Connection, who: Recipient, now: int, *, immediate: bool, limit: int) -> Sequence[Row[Any]]:
    """What is due and in no digest, the most urgent first, each lane in the order it came."""
    lane = _n.c.lane == NOW if immediate else _n.c.lane > NOW
    return connection.execute(
        select(_n).where(_due(who, now, NO_BATCH), lane).order_by(_n.c.lane, _n.c.n).limit(limit)
    ).all()


def claimed(connection: Connection, who: Recipient, now: int) -> list[str]:
    """The digests that were begun and not told."""
    here = (_n.c.person == who.person, _n.c.channel == who.channel, _n.c.batch != NO_BATCH, _n.c.due <= now)
    return list(
        connection.execute(select(_n.c.batch).where(*here).group_by(_n.c.batch).order_by(func.min(_n.c.n))).scalars()
    )


def claim(
    connection: Connection,
    who: Recipient,
    now: int,
    batch: str,
    *,
    status: str,
    spared: Sequence[int],
    only_urgent: bool,
) -> int:
    """Take what is due of one realm into a digest, but for the numbers `spared`; how many."""
    wanted = [_due(who, now, NO_BATCH), _n.c.status == status, _n.c.n.not_in(spared)]
    if only_urgent:
        wanted.append(_n.c.lane == NOW)
    return connection.execute(update(_n).where(*wanted).values(batch=batch)).rowcount


def head_of(connection: Connection, batch: str, limit: int) -> Sequence[Row[Any]]:
    """The most urgent of a digest."""
    return connection.execute(select(_n).where(_n.c.batch == batch).order_by(_n.c.lane, _n.c.n).limit(limit)).all()


def counts_of(connection: Connection, batch: str) -> Sequence[Row[Any]]:
    """How many of each event, kind and urgency, the most urgent first."""
    what = (_n.c.event, _n.c.kind, _n.c.urgency)
    counted = select(
        *what, func.count().label("number"), func.max(_n.c.at).label("at"), func.min(_n.c.lane).label("lane")
    )
    found = counted.where(_n.c.batch == batch).group_by(*what)
    return sorted(connection.execute(found), key=lambda row: (row.lane, row.event, row.kind))


def told(connection: Connection, key: str) -> int:
    """A notice or a digest was told, or is given up: its rows go; how many they were."""
    return connection.execute(
        delete(_n).where((_n.c.batch == key) | ((_n.c.key == key) & (_n.c.batch == NO_BATCH)))
    ).rowcount


def put_off(connection: Connection, who: Recipient, now: int, key: str, due: int) -> int:
    """It could not be told: try everything that is due for this recipient then; how often `key` was tried by now."""
    mine = (_n.c.batch == key) | (_n.c.key == key)
    connection.execute(update(_n).where(mine).values(tries=_n.c.tries + 1))
    here = (_n.c.person == who.person, _n.c.channel == who.channel, _n.c.due <= now)
    connection.execute(update(_n).where(*here).values(due=due))
    return int(connection.execute(select(func.max(_n.c.tries)).where(mine)).scalar() or 0)


def tries_of(connection: Connection, key: str) -> tuple[int, int]:
    """(how often it was tried, when the oldest of it happened)."""
    found = select(func.max(_n.c.tries), func.min(_n.c.at)).where((_n.c.batch == key) | (_n.c.key == key))
    tries, at = connection.execute(found).one()
    return int(tries or 0), int(at or 0)


def forget_strangers(connection: Connection, known: Sequence[Recipient]) -> int:
    """Drop what is for people or channels that the settings no longer have; how many rows."""
    here = [and_(_n.c.person == who.person, _n.c.channel == who.channel) for who in known]
    gone = delete(_n)
    for each in here:
        gone = gone.where(~each)
    return connection.execute(gone).rowcount
