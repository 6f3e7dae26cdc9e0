"""Caches of the gate's findings, so that the same text or table is examined only once.

A message is checked on a worker thread first. The thread that publishes it then uses the cached findings, and examines
only short texts itself. Keys are hashes. Values are findings in this member's drafts (the words, the table as sent);
they are in memory only.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

import msgspec

from suar.protocol.base.errors import Fault

T = TypeVar("T")
TEXTS: Final = 4_096
"""Most cached texts: those of forty of the longest messages."""
CELLS: Final = 16_000
"""Most cells of all cached tables: eight of the largest tables."""
AT_ONCE: Final = 2_000
"""Most characters of new text that may be examined on the publishing thread, about a tenth of a second."""

_packed: Final = msgspec.msgpack.Encoder().encode


def digest(value: object) -> bytes:
    """Return the cache key of a value: 16 bytes."""
    return hashlib.blake2b(_packed(value), digest_size=16).digest()


class Unprepared(Fault):
    """The finding is not cached: it must be computed on a worker thread first, and the call then repeated."""

    def __init__(self) -> None:
        super().__init__("the message was not checked beside", "hand it in once more")


class Memo(Generic[T]):
    """The latest results of a function by the hash of its arguments, thread-safe.

    `most`: the limit of their total weight.
    """

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[bytes, tuple[T, int]] = OrderedDict()
        self._lock = Lock()
        self.made = 0

    def known(self, key: bytes) -> bool:
        """Whether the result is cached."""
        with self._lock:
            return key in self._kept

    def find(self, key: bytes) -> T | None:
        """Return the cached result, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def get(self, key: bytes, make: Callable[[], T], weight: int = 1) -> T:
        """Return the cached result, or that of `make`, which is then cached."""
        found = self.find(key)
        return self.keep(key, make(), weight) if found is None else found

    def keep(self, key: bytes, made: T, weight: int = 1) -> T:
        """Cache and return a result; the oldest results are dropped when the total weight is too large."""
        with self._lock:
            self.made += 1
            self._weight += weight - self._kept.pop(key, (made, 0))[1]
            self._kept[key] = made, weight
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return made


class WorkAllowance:
    """The amount of text that may still be examined on the publishing thread; None means no limit."""

    def __init__(self, characters: int | None = None) -> None:
        self._left = characters

    @property
    def is_unlimited(self) -> bool:
        """Whether there is no limit."""
        return self._left is None

    def spend(self, characters: int) -> None:
        """Use up some characters. Raises Unprepared if not enough is left."""
        if self._left is None:
            return
        self._left -= characters
        if self._left < 0:
            raise Unprepared

    def spend_table(self) -> None:
        """Raises Unprepared unless there is no limit."""
        if self._left is not None:
            raise Unprepared
