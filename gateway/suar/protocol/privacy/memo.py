"""What the gate found in the latest texts and tables, so that the same text is looked through once.

A message is checked beside the thread that publishes it; that thread then asks for what is known already, and does
itself only what is short. Keys are hashes; values are what was found in our own drafts, the words and the table as it
may leave, and are kept in memory alone.
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
"""Texts whose marks are kept: those of forty of the longest messages."""
CELLS: Final = 16_000
"""Cells of the tables that are kept: eight of the largest ones."""
AT_ONCE: Final = 2_000
"""Characters of new text that are looked through where only what is known is asked for: a tenth of a second."""

_packed: Final = msgspec.msgpack.Encoder().encode


def digest(value: object) -> bytes:
    """The key of a value: 16 bytes."""
    return hashlib.blake2b(_packed(value), digest_size=16).digest()


class Unprepared(Fault):
    """What was asked for is not known: it is to be found beside first, and then asked for once more."""

    def __init__(self) -> None:
        super().__init__("the message was not checked beside", "hand it in once more")


class Memo(Generic[T]):
    """The latest results of a function, by the hash of its arguments; for several threads. `most`: their weights."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[bytes, tuple[T, int]] = OrderedDict()
        self._lock = Lock()
        self.made = 0

    def known(self, key: bytes) -> bool:
        """Whether the result is kept."""
        with self._lock:
            return key in self._kept

    def find(self, key: bytes) -> T | None:
        """The result, if it is kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def get(self, key: bytes, make: Callable[[], T], weight: int = 1) -> T:
        """The result that is kept, else the one that `make` gives."""
        found = self.find(key)
        return self.keep(key, make(), weight) if found is None else found

    def keep(self, key: bytes, made: T, weight: int = 1) -> T:
        """Keep a result, which is given back; the oldest ones go where they are too much together."""
        with self._lock:
            self.made += 1
            self._weight += weight - self._kept.pop(key, (made, 0))[1]
            self._kept[key] = made, weight
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]
        return made


class WorkAllowance:
    """What may still be found at once where only what is known is asked for; None: everything."""

    def __init__(self, characters: int | None = None) -> None:
        self._left = characters

    @property
    def is_unlimited(self) -> bool:
        """Whether everything may be found."""
        return self._left is None

    def spend(self, characters: int) -> None:
        """Raises Unprepared when it is more than is left."""
        if self._left is None:
            return
        self._left -= characters
        if self._left < 0:
            raise Unprepared

    def spend_table(self) -> None:
        """Raises Unprepared unless everything may be found."""
        if self._left is not None:
            raise Unprepared
