"""Sealed objects at hand: what was committed last, so that the publish loop need not ask the store for it.

The store has them all; this is only the short way. It is taken while nothing else can stand before it: its rows have
the very next numbers behind the last row that the publish loop knows. Whatever else was put into the outbox took a
number, and then the store is asked.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

MOST: Final = 256  # objects at hand; behind more the store is read by the thousand


class SealedRows:
    """Filled on the core's thread behind a commit, taken on the event loop."""

    def __init__(self) -> None:
        self._rows: deque[Row[Any]] = deque(maxlen=MOST)
        self._last: int | None = None  # number of the newest row that left or is leaving; None: not known

    def add(self, rows: Sequence[Row[Any]]) -> None:
        """These were committed."""
        self._rows.extend(rows)

    def take(self) -> list[Row[Any]]:
        """What leaves next, when that is known without the store; else nothing."""
        if self._last is None:
            return []
        taken = []
        while self._rows:
            row = self._rows.popleft()
            if row.n == self._last + 1:
                self._last = row.n
                taken.append(row)
            elif row.n > self._last:
                self._rows.clear()
        return taken

    def read(self, rows: Sequence[Row[Any]], *, is_all: bool) -> None:
        """The store answered these as unpublished; `is_all`: it has no more."""
        new = [row.n for row in rows if row.again_at is None]
        self._last = max([*new, self._last or 0]) if is_all and (new or self._last is not None) else None

    def forget(self) -> None:
        """Something did not leave, or was taken back: the store says what is next."""
        self._last = None
        self._rows.clear()
