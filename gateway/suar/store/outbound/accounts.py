"""The number of bytes that requests and receipts of each member caused this gateway to send, by day (UTC)."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.prepared import Prepared

AGAIN: Final = "again"  # objects sent again, and messages sealed again
RECEIPTS: Final = "receipts"  # about what the member sent
REFUSED: Final = "refused"  # that it was informed once

_a = t.account
_BYTES: Final = Prepared(
    select(_a.c.bytes).where(
        _a.c.member == bindparam("member"), _a.c.day == bindparam("day"), _a.c.name == bindparam("name")
    )
)


def _add(dialect: object) -> object:
    made = dialect.insert(_a).values({name: bindparam(name) for name in ("member", "day", "name", "bytes")})  # type: ignore[attr-defined]
    total = {"bytes": _a.c.bytes + made.excluded.bytes}
    return made.on_conflict_do_update(index_elements=["member", "day", "name"], set_=total)


_ADD: Final = Prepared(_add)  # type: ignore[arg-type]


class Account(NamedTuple):
    """The bytes that one member caused this gateway to send in the stored days."""

    member: str
    name: str
    bytes: int


def spent(connection: Connection, member: str, name: str, now: int) -> int:
    """Return the bytes of this day."""
    rows = _BYTES.rows(connection, member=member, day=now // limits.DAY, name=name)
    return int(rows[0].bytes) if rows else 0


def spend(connection: Connection, member: str, name: str, size: int, now: int) -> None:
    """Add to the bytes of this day."""
    _ADD.run(connection, member=member, day=now // limits.DAY, name=name, bytes=size)


def largest(connection: Connection, limit: int) -> list[Account]:
    """Return the accounts with the most bytes over all stored days, the largest first."""
    total = func.sum(_a.c.bytes).label("total")
    wanted = select(_a.c.member, _a.c.name, total).where(_a.c.name != REFUSED).group_by(_a.c.member, _a.c.name)
    rows = connection.execute(wanted.order_by(total.desc(), _a.c.member, _a.c.name).limit(limit))
    return [Account(member, name, int(size)) for member, name, size in rows]


def forget_old(connection: Connection, now: int) -> None:
    """Delete the days that the own stream no longer holds."""
    connection.execute(delete(_a).where(_a.c.day < now // limits.DAY - limits.ACCOUNT_DAYS))
