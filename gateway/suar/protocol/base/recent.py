"""The newest of many names, in memory: what is forgotten here is only dealt with the longer way."""

from typing import Final

from suar.protocol.base import limits

MOST: Final = limits.EPOCHS_REFUSED


class Recent:
    """A set of hashes that forgets the oldest."""

    def __init__(self) -> None:
        self._names: dict[bytes, None] = {}

    def __contains__(self, name: bytes | None) -> bool:
        return name in self._names

    def add(self, name: bytes) -> None:
        """The newest one."""
        self._names.pop(name, None)
        self._names[name] = None
        if len(self._names) > MOST:
            del self._names[next(iter(self._names))]

    def discard(self, name: bytes) -> None:
        """Not one of them any more."""
        self._names.pop(name, None)

    def clear(self) -> None:
        """None of them any more."""
        self._names.clear()
