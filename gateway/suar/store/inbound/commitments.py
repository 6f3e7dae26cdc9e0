"""What is kept of heartbeats of other members, one an hour of each: commitments to audit logs, heads that they had."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.engine.verifying import is_as_written, sound


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
    """Keep the frame of a heartbeat with the time `sent`, unless one of that hour is kept."""
    insert_new(connection, t.peer_heartbeat, [{"member": member, "hour": hour, "at": sent, "frame": frame}])


def heartbeats(connection: Connection, sent: int, limit: int) -> Iterator[Row[Any]]:
    """Yield, of each member, at most `limit` kept heartbeats from the time `sent` on, oldest first.

    A row that is not as this gateway wrote it is left out.
    """
    h = t.peer_heartbeat
    for member in connection.execute(select(h.c.member).distinct().order_by(h.c.member)).scalars().all():
        wanted = select(h).where(h.c.member == member, h.c.at >= sent).order_by(h.c.hour).limit(limit)
        yield from (row for row in connection.execute(wanted).all() if is_as_written(connection, h, row))
