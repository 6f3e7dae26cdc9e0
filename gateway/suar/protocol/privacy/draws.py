"""What decides between cells that serve alike: a pseudo-random function of the gate's key and the cell.

The gate is public, so whoever ran it over every table that fits a published one would learn what she cannot compute
from that. The key is drawn once for each member, is kept with its keys and never changes; nothing of a draft enters.
"""

import hashlib
from typing import Final

import msgspec

from suar.protocol.privacy.cells import Cell

_PUBLIC: Final = bytes(32)
_packed: Final = msgspec.msgpack.Encoder().encode


class Draw:
    """The function of one member; without its key a public one, for who tries a draft without a state."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = _PUBLIC if key is None else key
        self.is_public = key is None

    def __repr__(self) -> str:
        return "Draw(public)" if self.is_public else "Draw(key hidden)"

    def of(self, series: str, cell: Cell, k: int) -> int:
        """A number of 64 bits."""
        data = _packed((series, cell, k))
        return int.from_bytes(hashlib.blake2b(data, key=self._key, digest_size=8, person=b"suar gate").digest())

    def width(self, series: str, cell: Cell, k: int) -> int:
        """How wide the interval of a hidden cell has to stay: k-1 to 2k-2."""
        return k - 1 + self.of(series, cell, -k) % k
