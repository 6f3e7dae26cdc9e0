"""Commitments of other members to the end of their audit logs: one an hour for each member, the newest ones."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.engine.verifying import sound


def keep(connection: Connection, member: str, hour: int, sent: int, commitment: bytes) -> None:
    """Keep a commitment that a frame with the time `sent` carried, unless one of that hour is kept."""
    insert_new(connection, t.audit_commitment, [{"member": member, "hour": hour, "at": sent, "commitment": commitment}])


def kept(connection: Connection, member: str, after: int, limit: int) -> list[Row[Any]]:
    """Return what is stored of a member after hour `after`, oldest first. Raises AlteredError."""
    c = t.audit_commitment
    wanted = select(c).where(c.c.member == member, c.c.hour > after).order_by(c.c.hour).limit(limit)
    return list(sound(connection, c, connection.execute(wanted).all()))


def forget_old(connection: Connection, now: int) -> None:
    """Delete those of more than COMMITMENT_HOURS ago."""
    c = t.audit_commitment
    connection.execute(delete(c).where(c.c.hour < now // limits.HOUR - limits.COMMITMENT_HOURS))
