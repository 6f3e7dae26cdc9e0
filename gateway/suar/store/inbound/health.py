"""The numbers for health checks and for `why`, read in one view of the store; times in ms, None if there is none."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from suar.protocol.base.stages import BY_PERSON
from suar.store import tables as t

_a, _d, _h, _o, _s = t.audit, t.deadline, t.held, t.outbox, t.own_statement


class Health(NamedTuple):
    """How much waits, and since when."""

    outbox_oldest: int | None
    held_rows: int
    held_oldest: int | None
    owed_acknowledgements: int
    unproved_since: int | None
    unsigned_since: int | None


def read_health(connection: Connection, own: str, now: int) -> Health:
    """Return all numbers. `own` is our member code."""
    held = connection.execute(select(func.count(), func.min(_h.c.at)).where(_h.c.state == "held")).one()
    return Health(
        outbox_oldest=_oldest(connection, _o.c.at, _o.c.published.is_(None)),
        held_rows=held[0],
        held_oldest=held[1],
        owed_acknowledgements=_owed(connection, own, now),
        unproved_since=_oldest(connection, _s.c.at, _s.c.state == "unproved"),
        unsigned_since=_oldest(connection, _a.c.at, _a.c.n > _signed(connection)),
    )


def _oldest(connection: Connection, at: ColumnElement[int], wanted: ColumnElement[bool]) -> int | None:
    return connection.execute(select(func.min(at)).where(wanted)).scalar()


def _signed(connection: Connection) -> int:
    return connection.execute(select(func.max(t.audit_head.c.n))).scalar() or 0


def _owed(connection: Connection, own: str, now: int) -> int:
    """Return how many alerts of others are past their deadline and not answered here."""
    answer = exists().where(_s.c.id == _d.c.id, _s.c.rev == _d.c.rev, _s.c.stage.in_(BY_PERSON))
    wanted = (_d.c.sent + _d.c.within <= now, ~_d.c.id.like(f"{own}-%"), ~answer)
    return connection.execute(select(func.count()).select_from(_d).where(*wanted)).scalar_one()


class WaitCounts(NamedTuple):
    """The numbers of objects of one member that wait for their time, epochs among them, and for a trust list."""

    for_time: int
    epochs_for_time: int
    for_list: int


def wait_counts(connection: Connection, member: str) -> WaitCounts:
    """Return what waits of this member."""
    for_list = func.sum(case((t.waiting.c.code == "E-EPOCH-TRUST", 1), else_=0))
    epochs = func.count(case((t.waiting.c.type == "epoch", t.waiting.c.for_time)))
    row = connection.execute(
        select(func.count(t.waiting.c.for_time), epochs, for_list).where(t.waiting.c.sender == member)
    ).one()
    return WaitCounts(row[0], row[1], row[2] or 0)
