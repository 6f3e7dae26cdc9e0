"""Correction of a clock that was ahead: later times in the store become `now`, so that later events are in time."""

from typing import Final

from sqlalchemy import Column, Connection, update

from suar.store import tables as t
from suar.store.engine import meta
from suar.store.outbound import outbox
from suar.store.recovery import positions

REPEATED: Final = "repeated_at"  # ms, when the trust list was last repeated and old rows were deleted
_TIMES: Final[tuple["Column[int]", ...]] = (
    t.alarm.c.at,  # a day later the same alarm is a new one
    t.asked_for.c.at,  # missing frames are requested again
    t.heartbeat.c.at,  # silence
    t.peer_said.c.at,
    t.request.c.at,  # a day later the same request is another one
    t.waiting.c.since,  # a missing dependency is requested, and abandoned in the end
)


def clamp_times(connection: Connection, now: int) -> None:
    """Set the times of everything that waits to `now` (ms) at the latest."""
    outbox.clamp_times(connection, now)
    for column in _TIMES:
        connection.execute(update(column.table).where(column > now), {column.name: now})
    for name in (REPEATED, positions.RESTORED, positions.SETTLED):
        if int(meta.get(connection, name) or 0) > now:
            meta.put(connection, name, str(now))
