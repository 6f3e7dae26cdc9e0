"""Rows of the outbox that this gateway did not write, which have no keyed hash: each object is signed.

Whoever writes the store makes no object that another member takes. One that the own NATS server refuses, or at which it
closes the connection, would stop all that follow it, and with them the member. So what is published has a subject of
this member, a size that an object may have, and the name that follows from its bytes.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import message_id
from suar.protocol.base.subjects import hub, parse
from suar.store import tables as t
from suar.store.engine.prepared import Rows
from suar.store.outbound import outbox


def unpublished(connection: Connection, member: str, limit: int, without: Collection[int], strange: set[int]) -> Rows:
    """Return the next objects to publish, without these row numbers and those in `strange`, to which the numbers of
    rows are added that the gateway of `member` did not write.
    """
    while True:
        rows = outbox.unpublished(connection, limit, {*without, *strange})
        found = {row.n for row in rows if not is_as_written(row, member)}
        if not found:
            return rows
        strange |= found


def large(connection: Connection) -> Sequence[int]:
    """Return the numbers of some unpublished rows that are not read, because they are far larger than any object."""
    wanted = select(t.outbox.c.n).where(t.outbox.c.published.is_(None), outbox.IS_LARGE).limit(64)
    return connection.execute(wanted).scalars().all()


def is_as_written(row: Any, member: str) -> bool:
    """Whether a row may be one that the gateway of `member` wrote; SQLite keeps any type in any column."""
    if not isinstance(row.data, bytes) or not isinstance(row.subject, str):
        return False
    if not 0 < len(row.data) <= limits.FRAME_BYTES_MAX or row.msg_id != message_id(row.data):
        return False
    if not all(value is None or isinstance(value, int) for value in (row.at, row.again_at, row.seq, row.messages)):
        return False
    return _is_own_subject(row.subject, member)


def _is_own_subject(subject: str, member: str) -> bool:
    try:
        return parse(hub(member, subject)).sender == member
    except Refused:
        return False


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the rows of these numbers."""
    connection.execute(delete(t.outbox).where(t.outbox.c.n.in_(numbers)))
