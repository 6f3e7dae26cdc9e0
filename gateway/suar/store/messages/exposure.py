"""The messages that a key could open or sign: from epochs to their frames to the messages in them.

Each query reads a page of epochs or messages, so that none takes long.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, or_, select

from suar.store import tables as t

T = TypeVar("T")
_MANY = 500  # values in one query


def epochs_of_others(connection: Connection, after: int = 0, limit: int = -1) -> list[Row[Any]]:
    """Return (n, id, data) of epochs that others opened and streams may still hold, after number `after`."""
    e = t.epoch
    wanted = select(e.c.n, e.c.id, e.c.data).where(e.c.n > after).order_by(e.c.n)
    return list(connection.execute(wanted.limit(limit) if limit >= 0 else wanted))


def open_epochs_of_others(connection: Connection, since: int) -> list[Row[Any]]:
    """(id, data, next) of those that we can open and that began since then."""
    e = t.epoch
    wanted = select(e.c.id, e.c.data, e.c.next).where(e.c.not_before >= since, e.c.kind == "open").order_by(e.c.n)
    return list(connection.execute(wanted))


def own_epochs(connection: Connection) -> list[Row[Any]]:
    """(n, epoch_id, data, realm, channel) of the epochs of ours that left or wait to."""
    o = t.outbox
    columns = (o.c.n, o.c.epoch_id, o.c.data, o.c.realm, o.c.channel)
    wanted = select(*columns).where(o.c.epoch_id.is_not(None), o.c.seq.is_(None))
    return sorted(connection.execute(wanted), key=lambda row: int(row.n))  # in SQL: a scan of all frames


def received(connection: Connection, epoch_ids: Sequence[bytes]) -> list[Row[Any]]:
    """Return messages that arrived in frames of these epochs, with `epoch_id`, in the order of arrival."""
    m, f = t.message, t.frame
    rows = [
        row
        for part in _parts(epoch_ids)
        for row in _rows(
            connection,
            select(*_columns(), f.c.epoch_id).join(f, f.c.hash == m.c.frame_hash).where(f.c.epoch_id.in_(part)),
        )
    ]
    return sorted(rows, key=lambda row: row.n)


def published(connection: Connection, epoch_ids: Sequence[bytes]) -> list[Row[Any]]:
    """Return messages of ours that were sealed in these epochs, with `epoch_id`; one sealed in two appears twice.

    `is_open`: whether some member has not confirmed it.
    """
    m, p, o, f = t.message, t.place, t.outbox, t.own_frame
    joined = m.join(p, (p.c.id == m.c.id) & (p.c.rev == m.c.rev)).join(o, o.c.frame_hash == p.c.frame_hash)
    joined = joined.outerjoin(f, f.c.hash == p.c.frame_hash)
    is_open = or_(func.coalesce(f.c.waits, "") != "", _has_open_delivery()).label("is_open")
    rows = [
        row
        for part in _parts(epoch_ids)
        for row in _rows(
            connection,
            select(*_columns(), o.c.epoch_id, is_open).select_from(joined).where(o.c.epoch_id.in_(part)),
        )
    ]
    return sorted(rows, key=lambda row: row.n)


def frames_of(connection: Connection, epoch_ids: Sequence[bytes]) -> set[bytes]:
    """Return the hashes of the frames of these own epochs that are in the outbox."""
    o = t.outbox
    found = set[bytes]()
    for part in _parts(epoch_ids):
        wanted = select(o.c.frame_hash).where(o.c.epoch_id.in_(part), o.c.seq.is_not(None))
        found.update(connection.execute(wanted).scalars())
    return found


def own_messages(connection: Connection, origin: str, kind: str, since: int, after: int, limit: int) -> list[Row[Any]]:
    """Return messages of ours of a kind since a time, after row number `after`, with `is_open`; without queued ones."""
    m, q = t.message, t.queue
    queued = select(q.c.id).where(q.c.id == m.c.id, q.c.rev == m.c.rev)
    is_open = _has_open_delivery().label("is_open")
    mine = and_(m.c.origin == origin, m.c.kind == kind, m.c.n > after, m.c.at >= since)
    return list(
        connection.execute(select(*_columns(), is_open).where(mine, ~queued.exists()).order_by(m.c.n).limit(limit))
    )


def frames_with(connection: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, int], set[bytes]]:
    """Return (id, revision) -> the hashes of the frames that contain each of these messages."""
    p = t.place
    found: dict[tuple[str, int], set[bytes]] = {}
    for part in _parts([row.id for row in rows]):
        for row in connection.execute(select(p.c.id, p.c.rev, p.c.frame_hash).where(p.c.id.in_(part))):
            found.setdefault((row.id, row.rev), set()).add(row.frame_hash)
    return found


def quarantined(connection: Connection, epoch_ids: Sequence[bytes]) -> int:
    """Return how many refused messages arrived in frames of these epochs."""
    q, f = t.quarantine, t.frame
    return sum(
        connection.execute(
            select(func.count()).select_from(q.join(f, f.c.hash == q.c.frame_hash)).where(f.c.epoch_id.in_(part))
        ).scalar_one()
        for part in _parts(epoch_ids)
    )


def seed_of(connection: Connection, kid: bytes) -> Row[Any] | None:
    """Return (kid, not_before, not_after) of an own bundle whose seed is kept."""
    k = t.kem_seed
    found = _rows(connection, select(k.c.kid, k.c.not_before, k.c.not_after).where(k.c.kid == kid))
    return found[0] if found else None


def erase_seed(connection: Connection, kid: bytes) -> None:
    """Delete the seed of a bundle: this gateway can no longer decrypt with it."""
    connection.execute(delete(t.kem_seed).where(t.kem_seed.c.kid == kid))


def _has_open_delivery() -> ColumnElement[bool]:
    d, m = t.delivery, t.message
    return exists().where(d.c.id == m.c.id, d.c.rev == m.c.rev, d.c.state.in_(("sent", "queued")))


def _rows(connection: Connection, question: Select[Any]) -> list[Row[Any]]:
    return list(connection.execute(question))


def _columns() -> tuple[Any, ...]:
    m = t.message
    return m.c.n, m.c.id, m.c.rev, m.c.origin, m.c.kind, m.c.realm, m.c.tlp, m.c.at


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[first : first + _MANY] for first in range(0, len(values), _MANY))
