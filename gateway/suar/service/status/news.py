"""Change notifications for open pages: numbers and ids, never a text. Reading them is not reported to anyone.

It listens to records (observe/hooks.py) on any thread; an open page requests the changes repeatedly.
"""

from collections import deque
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

    def __call__(self, record: Record) -> None:
        """Listen to a record. It runs for every message, so it looks up the type."""
        if type(record) in _OF_MESSAGES:
            self.note(record.id)  # type: ignore[attr-defined]  # each of these has one
        elif type(record) in _OTHERS:
            self.note(_OTHERS[type(record)])

    def note(self, about: str) -> None:
        """Record that something about a message changed; for any thread."""
        with self._lock:
            self._n += 1
            self._last.append((self._n, about))

    def since(self, after: int) -> Changes:
        """Return the changes after number `after`."""
        with self._lock:
            first = self._last[0][0] if self._last else self._n + 1
            about = frozenset(each for number, each in self._last if number > after)
            return Changes(self._n, about, is_whole=after <= self._n and after >= first - 1)
