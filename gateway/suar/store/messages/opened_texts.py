"""Results computed from decrypted texts, kept in memory for the next reader of the same message.

A value is found by everything that its row is bound to, including the salt of its key: for an altered or destroyed row
it is not found any more. In addition, every destruction of a text clears the whole cache after its commit.
"""

from collections.abc import Hashable
from threading import Lock
from typing import Any, Final

MOST: Final = 4096
MOST_BYTES: Final = 8 * 1024 * 1024
PAGES: Final = 64
"""Pages of the feed in the cache, which MOST_BYTES limits too."""


class OpenedTexts:
    """The newest values, limited in number and bytes. For any thread."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[Hashable, tuple[Any, int]] = {}
        self._size, self._lock = 0, Lock()
        self.turn = 0
        """The number of times that it was cleared: callers of `keep` pass the number from before their view of the
        store began.
        """

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> Any:
        """Return the value, or None."""
        found = self._kept.get(key)
        return None if found is None else found[0]

    def keep(self, key: Hashable, value: Any, size: int, turn: int | None) -> None:
        """Keep a value of `size` bytes, unless it was read in an earlier `turn`: it may be destroyed by now."""
        with self._lock:
            if turn != self.turn or size > self._most_bytes:
                return
            self._size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = value, size
            while self._size > self._most_bytes or len(self._kept) > self._most:
                self._size -= self._kept.pop(next(iter(self._kept)))[1]

    def clear(self) -> None:
        """Remove every value, including those that are being read at this moment."""
        with self._lock:
            self.turn += 1
            self._kept.clear()
            self._size = 0
