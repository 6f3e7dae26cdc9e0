"""Deadlines for acknowledging alerts: one row each until everybody has answered or every step was taken."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.upsert import insert_new

BATCH: Final = 200  # deadlines processed in one transaction
_d = t.deadline


def keep(connection: Connection, id_: str, rev: int, sent: int, within: int, due: int) -> None:
    """Store a deadline whose first step is at `due`; times in ms."""
    row = {"id": id_, "rev": rev, "sent": sent, "within": within, "step": 0, "due": due}
    insert_new(connection, _d, [row])


_DUE: Final = Prepared(select(_d).where(_d.c.due <= bindparam("now")).order_by(_d.c.due).limit(BATCH))


def due_deadlines(connection: Connection, now: int) -> Sequence[Row[Any]]:
    """Return the deadlines with a step that is due, the longest overdue first."""
    return _DUE.rows(connection, now=now)


def next_step(connection: Connection, row: Row[Any], due: int) -> None:
    """Schedule the next step at `due` (ms)."""
    here = (_d.c.id == row.id, _d.c.rev == row.rev)
    connection.execute(update(_d).where(*here).values(step=row.step + 1, due=due))


def end(connection: Connection, row: Row[Any]) -> None:
    """Delete a deadline."""
    connection.execute(delete(_d).where(_d.c.id == row.id, _d.c.rev == row.rev))
