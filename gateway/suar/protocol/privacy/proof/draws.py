"""Draws of the gate: a pseudo-random function of (gate key, series, cell, k), and of nothing else.

How wide an interval stays and which of two equal cells is hidden follows from the key of the member, which is not
published. Nothing of a draft is in it, so handing in many drafts shows the same draw again and again.
"""

import hashlib
from typing import Final

import msgspec

from suar.protocol.privacy.proof.cells import Cell

KEY_BYTES: Final = 32
PUBLIC_KEY: Final = b"suar: draws of no gateway".ljust(KEY_BYTES, b".")
"""Stands in where there is no gateway: what it says is not what a gateway will hide."""
_DRAW: Final = b"suar/gate/draw"
_NAME: Final = b"suar/gate/name"
_encode: Final = msgspec.msgpack.Encoder().encode  # each value with its type and length: no two read alike


class Draw:
    """The draws of one member. Without a key those of everybody, for checks that know no gateway."""

    __slots__ = ("_keyed", "is_public", "name")

    def __init__(self, key: bytes | None = None) -> None:
        if key is not None and len(key) != KEY_BYTES:
            raise ValueError(f"a gate key has {KEY_BYTES} bytes")
        self.is_public = key is None
        own = PUBLIC_KEY if key is None else key
        self._keyed = hashlib.blake2b(digest_size=8, key=own, person=_DRAW)  # the key itself is not kept
        self.name = hashlib.blake2b(digest_size=16, key=own, person=_NAME).digest()
        """Tells the draws of one key from those of another, for what is kept in memory."""

    def __repr__(self) -> str:
        return f"Draw({'public' if self.is_public else '...'})"

    def of(self, series: str, cell: Cell, k: int) -> int:
        """64 bits for this cell, as an unsigned number."""
        drawn = self._keyed.copy()
        drawn.update(_encode((series, cell, k)))
        return int.from_bytes(drawn.digest(), "big")

    def width(self, series: str, cell: Cell, k: int) -> int:
        """How wide the interval of this cell stays at least: k-1 to 2k-2."""
        return k - 1 + self.of(series, cell, k) % k


PUBLIC: Final = Draw()
"""The draws of no gateway."""
