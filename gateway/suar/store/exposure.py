"""Which messages a key could open or speak for: from epochs to their frames to the messages in them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select

from suar.store import tables as t

_MANY = 500  # values in one question


def epochs_of_others(connection: Connection) -> list[Row[Any]]:
    """(id, data, kind, next) of every epoch that others opened and streams may still hold."""
    e = t.epoch
    return list(connection.execute(select(e.c.id, e.c.data, e.c.kind, e.c.next)))


def own_epochs(connection: Connection) -> list[Row[Any]]:
    """(n, epoch_id, data, realm, channel) of the epochs of ours that left or wait to."""
    o = t.outbox
    columns = (o.c.n, o.c.epoch_id, o.c.data, o.c.realm, o.c.channel)
    wanted = select(*columns).where(o.c.epoch_id.is_not(None), o.c.seq.is_(None))
    return sorted(connection.execute(wanted), key=lambda row: int(row.n))  # in SQL: a look at all frames


def received(connection: Connection, epoch_ids: Sequence[bytes]) -> list[Row[Any]]:
    """Messages that came in frames of these epochs, with `epoch_id`, in the order they came."""
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
    """Messages of ours that were sealed in these epochs, with `epoch_id`; one that was sealed in two stands twice."""
    m, p, o = t.message, t.place, t.outbox
    joined = m.join(p, (p.c.id == m.c.id) & (p.c.rev == m.c.rev)).join(o, o.c.frame_hash == p.c.frame_hash)
    rows = [
        row
        for part in _parts(epoch_ids)
        for row in _rows(
            connection,
            select(*_columns(), o.c.epoch_id).select_from(joined).where(o.c.epoch_id.in_(part)),
        )
    ]
    return sorted(rows, key=lambda row: row.n)


def published_before_outbox(connection: Connection, origin: str, since: int) -> list[Row[Any]]:
    """Messages of ours since then whose frames are no longer in the outbox: their epochs are not known any more."""
    m, p, o = t.message, t.place, t.outbox
    sealed = select(p.c.id).join(o, o.c.frame_hash == p.c.frame_hash).where(p.c.id == m.c.id, p.c.rev == m.c.rev)
    queued = select(t.queue.c.id).where(t.queue.c.id == m.c.id, t.queue.c.rev == m.c.rev)
    mine = select(*_columns()).where(m.c.origin == origin, m.c.at >= since, ~sealed.exists(), ~queued.exists())
    return list(connection.execute(mine.order_by(m.c.n)))


def quarantined(connection: Connection, epoch_ids: Sequence[bytes]) -> int:
    """How many refused messages came in frames of these epochs."""
    q, f = t.quarantine, t.frame
    return sum(
        connection.execute(
            select(func.count()).select_from(q.join(f, f.c.hash == q.c.frame_hash)).where(f.c.epoch_id.in_(part))
        ).scalar_one()
        for part in _parts(epoch_ids)
    )


def seed_of(connection: Connection, kid: bytes) -> Row[Any] | None:
    """(kid, not_before, not_after) of a bundle of ours whose seed is kept."""
    k = t.kem_seed
    found = _rows(connection, select(k.c.kid, k.c.not_before, k.c.not_after).where(k.c.kid == kid))
    return found[0] if found else None


def erase_seed(connection: Connection, kid: bytes) -> None:
    """Nothing here opens with it any more."""
    connection.execute(delete(t.kem_seed).where(t.kem_seed.c.kid == kid))


def _rows(connection: Connection, question: Select[Any]) -> list[Row[Any]]:
    return list(connection.execute(question))


def _columns() -> tuple[Any, ...]:
    m = t.message
    return m.c.n, m.c.id, m.c.rev, m.c.origin, m.c.kind, m.c.realm, m.c.tlp, m.c.at


def _parts(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (values[first : first + _MANY] for first in range(0, len(values), _MANY))
