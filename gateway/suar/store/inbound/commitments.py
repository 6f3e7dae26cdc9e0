"""What is kept of heartbeats of other members, one an hour of each: commitments to audit logs, heads that they had."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, tuple_

from suar.protocol.base import limits
from suar.protocol.transport.heartbeat import Head
from suar.store import tables as t
from suar.store.engine.upsert import insert_new, upsert
from suar.store.engine.verifying import is_as_written, sound
from suar.store.tables.columns import blob


def keep(connection: Connection, member: str, hour: int, sent: int, commitment: bytes) -> None:
    """Keep a commitment that a frame with the time `sent` carried, unless one of that hour is kept."""
    insert_new(connection, t.audit_commitment, [{"member": member, "hour": hour, "at": sent, "commitment": commitment}])


def kept(connection: Connection, member: str, after: int, limit: int) -> list[Row[Any]]:
    """Return what is stored of a member after hour `after`, oldest first. Raises AlteredError."""
    c = t.audit_commitment
    wanted = select(c).where(c.c.member == member, c.c.hour > after).order_by(c.c.hour).limit(limit)
    return list(sound(connection, c, connection.execute(wanted).all()))


def forget_old(connection: Connection, now: int) -> None:
    """Delete commitments of more than COMMITMENT_HOURS ago, and heartbeats of more than WITNESS_HOURS ago."""
    c = t.audit_commitment
    connection.execute(delete(c).where(c.c.hour < now // limits.HOUR - limits.COMMITMENT_HOURS))
    h = t.peer_heartbeat
    connection.execute(delete(h).where(h.c.hour < now // limits.HOUR - limits.WITNESS_HOURS))


def keep_heartbeat(connection: Connection, member: str, hour: int, sent: int, frame: bytes) -> None:
    """Keep the frame of a heartbeat with the time `sent`, in place of one of that hour if there is one."""
    upsert(connection, t.peer_heartbeat, [{"member": member, "hour": hour, "at": sent, "frame": frame}])


def heartbeat_of(connection: Connection, member: str, hour: int) -> bytes | None:
    """Return the frame of the heartbeat that is kept of a member and hour; b"" if its row was altered."""
    h = t.peer_heartbeat
    row = connection.execute(select(h).where(h.c.member == member, h.c.hour == hour)).first()
    if row is None:
        return None
    return blob(row.frame) if is_as_written(connection, h, row) else b""


def is_message_frame(connection: Connection, heads: Sequence[Head]) -> bool:
    """Whether one of these heads is a frame in which messages are: an own one, or one that was received."""
    f, own, names = t.frame, t.own_frame, {each.hash for each in heads}
    if connection.execute(select(own.c.hash).where(own.c.hash.in_(names)).limit(1)).first() is not None:
        return True
    at = [(each.epoch_id, each.frames - 1) for each in heads if each.frames]
    wanted = select(f.c.seq).where(tuple_(f.c.epoch_id, f.c.seq).in_(at), f.c.hash.in_(names), f.c.messages > 0)
    return connection.execute(wanted.limit(1)).first() is not None


def heartbeats(connection: Connection, sent: int, limit: int) -> Iterator[Row[Any]]:
    """Yield, of each member, at most `limit` kept heartbeats from the time `sent` on, oldest first.

    A row that is not as this gateway wrote it is left out.
    """
    h = t.peer_heartbeat
    for member in connection.execute(select(h.c.member).distinct().order_by(h.c.member)).scalars().all():
        wanted = select(h).where(h.c.member == member, h.c.at >= sent).order_by(h.c.hour).limit(limit)
        yield from (row for row in connection.execute(wanted).all() if is_as_written(connection, h, row))
