"""Waiting objects that this gateway did not store: rows that no object has, which have no keyed hash to show it.

What waits is judged as if it came now, so a row grants nothing. But SQLite keeps any type in any column, and a value
of another type would end each reading of the table, a start among them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.tables.columns import has_types, octets

_w = t.waiting
_BATCH = 64
HAS_VALID_VALUES: ColumnElement[bool] = and_(
    has_types(_w), or_(_w.c.type != "frame", octets(_w.c.data) >= limits.FRAME_BYTES_MIN)
)
"""Whether a row may be one of an object that waits."""


def find(connection: Connection) -> Sequence[int]:
    """Return the numbers of some rows that are none of an object."""
    return connection.execute(select(_w.c.n).where(~HAS_VALID_VALUES).limit(_BATCH)).scalars().all()


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the rows of these numbers."""
    connection.execute(delete(_w).where(_w.c.n.in_(numbers)))
