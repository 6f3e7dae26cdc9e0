"""The state of raised alarms: open, ended, acknowledged by an operator."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select, update

from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.store import tables as t

_MANY: Final = 500  # values in one statement
PUT_BACKS: Final = 16  # of our own machine, the newest
_a: Final = t.alarm
_COLUMNS: Final = (
    _a.c.n, _a.c.name, _a.c.member, _a.c.first, _a.c.last, _a.c.epoch_id, _a.c.message_id, _a.c.at, _a.c.seen_again,
    _a.c.ended_at, _a.c.acknowledged_at, _a.c.acknowledged_by, _a.c.note,
)  # fmt: skip


def list_alarms(connection: Connection, since: int, *, is_open: bool = False) -> list[Row[Any]]:
    """Return alarms raised since `since`, oldest first, without their evidence; all, or only open ones."""
    wanted = select(*_COLUMNS).where(_a.c.at >= since).order_by(_a.c.n)
    return list(connection.execute(wanted.where(*_open()) if is_open else wanted))


def open_alarms(connection: Connection) -> list[Row[Any]]:
    """Return alarms that have not ended and are not acknowledged, oldest first."""
    return list_alarms(connection, 0, is_open=True)


def active_alarms(connection: Connection, names: Collection[str]) -> list[Row[Any]]:
    """Return alarms of these names that have not ended, acknowledged or not."""
    wanted = select(*_COLUMNS).where(_a.c.ended_at.is_(None), _a.c.name.in_(names)).order_by(_a.c.n)
    return list(connection.execute(wanted))


def active_alarms_of(connection: Connection, names: Collection[str], epoch_ids: Collection[bytes]) -> list[Row[Any]]:
    """Return the same about these epochs alone."""
    found, wanted = list[Row[Any]](), list(epoch_ids)
    for first in range(0, len(wanted), _MANY):
        these = _a.c.epoch_id.in_(wanted[first : first + _MANY])
        found += connection.execute(select(*_COLUMNS).where(_a.c.ended_at.is_(None), _a.c.name.in_(names), these))
    return found


def newest_epoch(connection: Connection, name: str, member: str) -> set[bytes]:
    """Return the epoch of the newest alarm of a name and member, in which further ones are counted."""
    named = select(_a.c.epoch_id).where(_a.c.name == name, _a.c.member == member)
    return set(connection.execute(named.order_by(_a.c.n.desc()).limit(1)).scalars())


def is_open(connection: Connection, alarm: Alarm) -> bool:
    """Return whether this alarm has neither ended nor been acknowledged."""
    is_same = and_(_a.c.name == alarm.name, _a.c.member == alarm.member, _a.c.message_id == alarm.message_id)
    return connection.execute(select(_a.c.n).where(is_same, *_open()).limit(1)).first() is not None


def own_put_backs(connection: Connection, member: str) -> list[int]:
    """Return when (ms) `restored` was raised about ourselves, but after a refusal: that is another member's word."""
    is_own = and_(_a.c.name == outcome.RESTORED, _a.c.member == member, _a.c.message_id == "")
    wanted = select(_a.c.at).where(is_own).order_by(_a.c.n.desc()).limit(PUT_BACKS)
    return [row.at for row in connection.execute(wanted)]


def end(connection: Connection, numbers: Sequence[int], now: int) -> None:
    """Mark these alarms as ended."""
    for first in range(0, len(numbers), _MANY):
        these = _a.c.n.in_(numbers[first : first + _MANY])
        connection.execute(update(_a).where(these, _a.c.ended_at.is_(None)).values(ended_at=now))


def find(connection: Connection, number: int) -> Row[Any] | None:
    """Return one alarm, or None."""
    rows: list[Row[Any]] = list(connection.execute(select(*_COLUMNS).where(_a.c.n == number)))
    return rows[0] if rows else None


def acknowledge(connection: Connection, number: int, who: str, note: str, now: int) -> bool:
    """Record who acknowledged an alarm, when and with what note; returns False if it was acknowledged before."""
    mine = {"acknowledged_at": now, "acknowledged_by": who, "note": note}
    wanted = update(_a).where(_a.c.n == number, _a.c.acknowledged_at.is_(None))
    return connection.execute(wanted.values(mine)).rowcount == 1


def _open() -> tuple[Any, ...]:
    return (_a.c.ended_at.is_(None), _a.c.acknowledged_at.is_(None))
