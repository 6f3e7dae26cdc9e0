"""The gate's draws: a pseudo-random function of (gate key, series, cell, k) and nothing else.

The width of an interval and the choice between equal cells depend on the member's key, which is not published. A draw
does not depend on the draft, so repeated drafts get the same draws.
"""

import hashlib
from typing import Final

import msgspec

from suar.protocol.privacy.proof.cells import Cell

KEY_BYTES: Final = 32
HALVINGS_MAX: Final = 32  # a minimum probability of 2^-32
PUBLIC_KEY: Final = b"suar: draws of no gateway".ljust(KEY_BYTES, b".")
"""The key without a gateway; the result differs from what a gateway hides."""
_DRAW: Final = b"suar/gate/draw"
_NAME: Final = b"suar/gate/name"
_encode: Final = msgspec.msgpack.Encoder().encode  # unambiguous: each value has its type and length


class Draw:
    """The draws of one member; without a key, the public draws, for checks outside a gateway."""

    __slots__ = ("_keyed", "is_public", "name")

    def __init__(self, key: bytes | None = None) -> None:
        if key is not None and len(key) != KEY_BYTES:
            raise ValueError(f"a gate key has {KEY_BYTES} bytes")
        self.is_public = key is None
        own = PUBLIC_KEY if key is None else key
        self._keyed = hashlib.blake2b(digest_size=8, key=own, person=_DRAW)  # the key itself is not kept
        self.name = hashlib.blake2b(digest_size=16, key=own, person=_NAME).digest()
        """Identifies the key in cache keys."""

    def __repr__(self) -> str:
        return f"Draw({'public' if self.is_public else '...'})"

    def of(self, series: str, cell: Cell, k: int) -> int:
        """Return 64 bits for this cell, as an unsigned number."""
        drawn = self._keyed.copy()
        drawn.update(_encode((series, cell, k)))
        return int.from_bytes(drawn.digest(), "big")

    def width(self, series: str, cell: Cell, k: int) -> int:
        """Return the required width of the interval of a cell: k-1 or more, each further k/3 with half the probability.

        The distribution has no practical maximum and no gap, so a cell that is hidden only for its width does not
        disclose its size.
        """
        drawn, step = self.of(series, cell, k), max(1, k // 3)
        ends = drawn | 1 << HALVINGS_MAX
        halvings = (ends & -ends).bit_length() - 1  # zeros at the end: none in half of all draws, one in a quarter
        return k - 1 + step * halvings + (drawn >> HALVINGS_MAX) % step


PUBLIC: Final = Draw()
"""The draws without a gateway's key."""
