"""The numbers of rows of `message`, by which lists and feeds are ordered: given by this gateway, never by the database.

The body of a row is bound to its number (store/messages/rows.py). The highest number is kept in memory; the protected
table `meta` has a number that is at least as high, written once for BLOCK rows. After a start the next number is above
it. So a number is given once, also if the newest rows were deleted, and one above the highest is of no row of ours.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from suar.store import tables as t
from suar.store.engine import meta
from suar.store.engine.prepared import Prepared

BLOCK: Final = 64
"""Numbers that are reserved at once; a start leaves out at most as many."""
_NAME: Final = "message_numbers"
_ADOPTED_MAX: Final = 1 << 40  # no store of before has a number above
_FOUND_MAX: Final = 64

_m: Final = t.message
_OCCUPIED: Final = Prepared(
    select(func.max(_m.c.n).label("number")).where(_m.c.n > bindparam("last"), _m.c.n <= bindparam("until"))
)
_ENDS: Final = tuple(Prepared(select(_m.c.n).order_by(by).limit(_FOUND_MAX)) for by in (_m.c.n, _m.c.n.desc()))


class Numbers:
    """The numbers that rows of messages have, for one store. Changed on the core's thread, read by any."""

    def __init__(self) -> None:
        self.last = 0
        """The highest number that was given."""
        self._reserved = 0  # the highest that the store has as reserved
        self._unbound = 0  # up to here, bodies of an earlier version are bound to no number
        self._is_loaded = False

    def load(self, connection: Connection, *, is_kept: bool = True) -> None:
        """Read what the store has reserved; a store of an earlier version gets its first entry here, if `is_kept`."""
        kept = meta.get(connection, _NAME)
        if kept is None:
            wanted = select(func.max(_m.c.n)).where(_m.c.n > 0, _m.c.n <= _ADOPTED_MAX)
            self._unbound = int(connection.execute(wanted).scalar() or 0)
            self.last = self._reserved = max(self.last, self._unbound)
            if self._unbound and is_kept:
                self._keep(connection)
        else:
            reserved, self._unbound = map(int, kept.split())
            if not self._is_loaded or reserved != self._reserved:
                self.last = max(self.last, reserved)
            self._reserved = reserved
        self._is_loaded = True

    def forget(self) -> None:
        """Reserve anew with the next row: what the last transaction reserved was not committed."""
        self._reserved = self.last

    def assign(self, connection: Connection, count: int) -> range:
        """Give the next numbers, in the caller's transaction."""
        if not self._is_loaded:
            self.load(connection)
        [found] = _OCCUPIED.rows(connection, last=self.last, until=self.last + count + BLOCK)
        first = (found.number or self.last) + 1  # behind rows that somebody else wrote, which `strange` finds
        self.last = first + count - 1
        if self.last > self._reserved:
            self._reserved = self.last + BLOCK
            self._keep(connection)
        return range(first, first + count)

    def _keep(self, connection: Connection) -> None:
        meta.put(connection, _NAME, f"{self._reserved} {self._unbound}")

    def may_be_unbound(self, n: int) -> bool:
        """Whether the body of the row of that number may be of a version that bound it to no number."""
        return 0 < n <= self._unbound

    def is_assigned(self, n: int) -> bool:
        """Whether a row may have that number."""
        return 0 < n <= self.last

    def strange(self, connection: Connection) -> list[int]:
        """Return numbers of rows that no row can have: below 1, or above the highest one of this view."""
        found = [row.n for each in _ENDS for row in each.rows(connection)]
        return [n for n in found if not self.is_assigned(n)]
