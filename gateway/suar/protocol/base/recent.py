"""A bounded set of hashes in memory. A hash that was dropped costs the caller extra work, and changes no result."""

from typing import Final

from suar.protocol.base import limits

MOST: Final = limits.EPOCHS_REFUSED


class Recent:
    """A set of hashes that drops the oldest when it is full."""

    def __init__(self) -> None:
        self._names: dict[bytes, None] = {}

    def __contains__(self, name: bytes | None) -> bool:
        return name in self._names

    def add(self, name: bytes) -> None:
        """Add a hash as the newest."""
        self._names.pop(name, None)
        self._names[name] = None
        if len(self._names) > MOST:
            del self._names[next(iter(self._names))]

    def discard(self, name: bytes) -> None:
        """Remove a hash if it is in the set."""
        self._names.pop(name, None)

    def clear(self) -> None:
        """Remove all hashes."""
        self._names.clear()
