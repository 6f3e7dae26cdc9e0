"""Change notifications for open pages: numbers and ids, never a text. Reading them is not reported to anyone.

It listens to records (observe/hooks.py) on any thread; an open page requests the changes repeatedly.
"""

from collections import deque
from collections.abc import Sequence
from threading import Lock
from typing import Final, NamedTuple

from suar.observe.hooks import (
    AlarmRaised,
    BusChanged,
    FrameSent,
    MessagePublished,
    MessageReceived,
    Overdue,
    ReceiptReceived,
    Record,
)

KEPT: Final = 1_000
_OF_MESSAGES: Final = frozenset({MessageReceived, MessagePublished, Overdue})
_RECEIPTS: Final = "receipts"
_STATE: Final = "state"
_OTHERS: Final[dict[type[Record], str]] = {
    ReceiptReceived: _RECEIPTS, FrameSent: _RECEIPTS, AlarmRaised: _STATE, BusChanged: _STATE,
}  # fmt: skip


class Changes(NamedTuple):
    """The changes up to change number `n`: ids of messages, `receipts` about any of ours or that one was sent, `state`.

    `is_whole`: whether nothing before them was forgotten.
    """

    n: int
    about: frozenset[str]
    is_whole: bool = True


class News:
    """The last changes of this process, numbered from 1."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n = 0
        self._last: deque[tuple[int, str]] = deque(maxlen=KEPT)

    def __call__(self, records: Sequence[Record]) -> None:
        """Listen to the records of a commit."""
        changed = [each for each in map(_changed_by, records) if each is not None]
        if changed:
            self._note(changed)

    def note(self, about: str) -> None:
        """Record that something about a message changed; for any thread."""
        self._note([about])

    def _note(self, changed: Sequence[str]) -> None:
        with self._lock:
            self._last.extend(enumerate(changed, self._n + 1))
            self._n += len(changed)

    def since(self, after: int) -> Changes:
        """Return the changes after number `after`."""
        with self._lock:
            first = self._last[0][0] if self._last else self._n + 1
            about = frozenset(each for number, each in self._last if number > after)
            return Changes(self._n, about, is_whole=after <= self._n and after >= first - 1)


def _changed_by(record: Record) -> str | None:
    """Return what a record changes; None for nothing. It runs for every message, so it looks up the type."""
    if type(record) in _OF_MESSAGES:
        changed: str = record.id  # type: ignore[attr-defined]  # each of these has one
        return changed
    return _OTHERS.get(type(record))
