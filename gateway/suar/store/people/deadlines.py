"""By when alerts are to be acknowledged: one row each until nobody owes an answer or every step was taken."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from suar.store import tables as t
from suar.store.engine.upsert import insert_new

AT_ONCE: Final = 200  # looked at in one transaction
_d = t.deadline


def keep(connection: Connection, id_: str, rev: int, sent: int, within: int, due: int) -> None:
    """Look at this alert at `due` for the first time; times in ms."""
    row = {"id": id_, "rev": rev, "sent": sent, "within": within, "step": 0, "due": due}
    insert_new(connection, _d, [row])


def due_deadlines(connection: Connection, now: int) -> Sequence[Row[Any]]:
    """What is to be looked at, the longest overdue first."""
    return connection.execute(select(_d).where(_d.c.due <= now).order_by(_d.c.due).limit(AT_ONCE)).all()


def next_step(connection: Connection, row: Row[Any], due: int) -> None:
    """Look at it again then."""
    here = (_d.c.id == row.id, _d.c.rev == row.rev)
    connection.execute(update(_d).where(*here).values(step=row.step + 1, due=due))


def end(connection: Connection, row: Row[Any]) -> None:
    """Nothing more is to be looked at."""
    connection.execute(delete(_d).where(_d.c.id == row.id, _d.c.rev == row.rev))
