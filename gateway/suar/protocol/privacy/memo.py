"""Caches of the findings of the gate, so that the same text or table is examined only once.

A message is checked on a worker thread first. The publishing thread then uses the cached findings and examines only
short texts itself. Keys are hashes. Values are findings in drafts of this member (the words, the table as sent), which
are kept in memory only.
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
"""Maximum number of cached texts: those of forty of the longest messages."""
CELLS: Final = 16_000
"""Maximum number of cells of all cached tables: eight of the largest tables."""
NEW_TEXT_MAX: Final = 2_000
"""Maximum characters of new text examined on the publishing thread, which takes about a tenth of a second."""

_packed: Final = msgspec.msgpack.Encoder().encode


def digest(value: object) -> bytes:
    """Return the cache key of a value: 16 bytes."""
    return hashlib.blake2b(_packed(value), digest_size=16).digest()


class Unprepared(Fault):
    """The finding is not cached: it must be computed on a worker thread before the call is repeated."""

    def __init__(self) -> None:
        super().__init__("the message was not checked beside", "hand it in once more")


class Memo(Generic[T]):
    """The latest results of a function by the hash of its arguments; thread-safe.

    `most`: the limit of their total weight.
    """

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[bytes, tuple[T, int]] = OrderedDict()
        self._lock = Lock()
        self.made = 0

    def is_known(self, key: bytes) -> bool:
        """Whether the result is cached."""
        with self._lock:
            return key in self._kept

    def find(self, key: bytes) -> T | None:
        """Return the cached result, or None."""
        try:
            self._kept.move_to_end(key)  # without the lock: one operation of the interpreter
            return self._kept[key][0]
        except KeyError:  # or deleted between the two
            return None

    def get(self, key: bytes, make: Callable[[], T], weight: int = 1) -> T:
        """Return the cached result, or compute it with `make` and cache it."""
        found = self.find(key)
        return self.keep(key, make(), weight) if found is None else found

    def keep(self, key: bytes, made: T, weight: int = 1) -> T:
        """Cache and return a result; the oldest results are deleted if the total weight is too large."""
        with self._lock:
            self.made += 1
            self._weight += weight - self._kept.pop(key, (made, 0))[1]
            self._kept[key] = made, weight
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return made


class WorkAllowance:
    """The number of characters that may still be examined on the publishing thread; None means no limit."""

    def __init__(self, characters: int | None = None) -> None:
        self._left = characters

    def spend(self, characters: int) -> None:
        """Subtract the characters. Raises Unprepared if not enough are left."""
        if self._left is None:
            return
        self._left -= characters
        if self._left < 0:
            raise Unprepared

    def spend_table(self) -> None:
        """Raise Unprepared if there is a limit, because tables are checked on worker threads only."""
        if self._left is not None:
            raise Unprepared
