"""Own statements about messages of others after `stored`: opened, acknowledged, acting, recalled; each once.

A row is committed with its cause and later becomes an entry of a receipt with several entries: it is `due` until its
receipt is queued. `recalled` is `unproved` until the log of the store no longer contains the destroyed text.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, delete, select, update

from suar.store import tables as t
from suar.store.engine.prepared import Lookup, Prepared
from suar.store.engine.upsert import insert_new

GATEWAY: Final = "gateway"  # role and name of statements that no person made
UNPROVED: Final = "unproved"
DUE: Final = "due"
QUEUED: Final = "queued"
ALTERED: Final = "altered"  # it was written by other means

_m, _s = t.message, t.own_statement
_HAS_VALID_VALUES: Final = _s.c.state != ALTERED
_ABOUT: Final = Prepared(select(_s).where(_s.c.id == bindparam("id"), _HAS_VALID_VALUES).order_by(_s.c.n))
_ONE: Final = Prepared(
    select(_s).where(
        _s.c.id == bindparam("id"), _s.c.rev == bindparam("rev"), _s.c.stage == bindparam("stage"),
        _s.c.role == bindparam("role"),
    )
)  # fmt: skip
_OF_IDS: Final = Lookup(_s.c.id, *(column for column in _s.c if column.name != "id"), where=(_HAS_VALID_VALUES,))


class OwnStatement(NamedTuple):
    """An own statement on one revision of another member's message; `note` is sealed."""

    id: str
    rev: int
    stage: str
    role: str
    at: int
    who: str
    sector: str | None = None
    note: bytes | None = None
    state: str = DUE


def add(connection: Connection, statement: OwnStatement) -> bool:
    """Store a statement; False if the same role has stated the same stage before."""
    if find_statement(connection, statement.id, statement.rev, statement.stage, statement.role) is not None:
        return False
    insert_new(connection, _s, [statement._asdict()])
    return True


def find_statement(connection: Connection, id_: str, rev: int, stage: str, role: str) -> Row[Any] | None:
    """Return the statement of that stage and role."""
    rows = _ONE.rows(connection, id=id_, rev=rev, stage=stage, role=role)
    return rows[0] if rows else None


def statements_about(connection: Connection, id_: str) -> Sequence[Row[Any]]:
    """Return every own statement on any revision of the message, the oldest first."""
    return _ABOUT.rows(connection, id=id_)


def statements_of(connection: Connection, ids: Sequence[str]) -> list[Row[Any]]:
    """Return our statements about these messages, oldest first."""
    return sorted(_OF_IDS.rows(connection, ids), key=attrgetter("n"))


def forget(connection: Connection, id_: str, stage: str) -> None:
    """Delete what was stated about every revision of the message at that stage, because it is no longer true."""
    connection.execute(delete(_s).where(_s.c.id == id_, _s.c.stage == stage))


def set_aside(connection: Connection, numbers: Sequence[int]) -> None:
    """Mark altered statements: they are never sent or shown."""
    connection.execute(update(_s).where(_s.c.n.in_(numbers)).values(state=ALTERED))


def due(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return the oldest statements that are in no receipt yet, each with the frame of its message."""
    joined = _s.join(_m, and_(_m.c.id == _s.c.id, _m.c.rev == _s.c.rev))
    columns = (_s, _m.c.origin, _m.c.realm, _m.c.frame_hash, _m.c.place, _m.c.at.label("arrived"))
    return connection.execute(
        select(*columns).select_from(joined).where(_s.c.state == DUE).order_by(_s.c.n).limit(limit)
    ).all()


def mark_queued(connection: Connection, numbers: Sequence[int]) -> None:
    """Record that the receipts of these statements are queued."""
    connection.execute(update(_s).where(_s.c.n.in_(numbers)).values(state=QUEUED))


def requeue_since(connection: Connection, since: int) -> int:
    """Make statements since that time due again, because their receipts may be lost; return their number."""
    lost = and_(_s.c.state == QUEUED, _s.c.at >= since)
    return connection.execute(update(_s).where(lost).values(state=DUE)).rowcount


def is_any_unproved(connection: Connection) -> bool:
    """Return whether a body was destroyed since the log was last known to be empty."""
    return connection.execute(select(_s.c.n).where(_s.c.state == UNPROVED).limit(1)).first() is not None


def mark_proved(connection: Connection) -> int:
    """Record that the log contains no destroyed text, so the statements are due; return their number."""
    return connection.execute(update(_s).where(_s.c.state == UNPROVED).values(state=DUE)).rowcount
