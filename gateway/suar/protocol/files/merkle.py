"""Merkle trees over salted leaves (RFC 6962, section 2.1): one leaf can be proved without the others.

Pure. Input of a leaf's hash begins with 0x00, that of a node's with 0x01, so that neither can be taken for the other.
The salt prevents guessing a leaf's value from its hash.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from suar.protocol.base.primitives import tree_hash

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(algorithm: int, what: int, salt: bytes, value: bytes) -> bytes:
    """Return the hash of one leaf: 0x00 | u8(what) | salt | value."""
    return tree_hash(algorithm, _LEAF + bytes([what]) + salt + value)


class Peaks(NamedTuple):
    """A tree that grows leaf by leaf: the number of leaves, and the roots of its complete subtrees, from the left."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def plus(self, algorithm: int, leaves: Iterable[bytes]) -> "Peaks":
        """Return the tree with these leaves appended."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            hashes.append(leaf)
            at = size
            while at & 1:
                right, left = hashes.pop(), hashes.pop()
                hashes.append(tree_hash(algorithm, _NODE + left + right))
                at >>= 1
            size += 1
        return Peaks(size, tuple(hashes))

    def root(self, algorithm: int) -> bytes:
        """Return the root hash. Raises ValueError if the number of hashes does not fit the size."""
        if not self.size or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{len(self.hashes)} hashes of {self.size} leaves")
        *rest, found = self.hashes
        for left in reversed(rest):
            found = tree_hash(algorithm, _NODE + left + found)
        return found


class Tree:
    """All levels of a tree, the leaves first."""

    def __init__(self, algorithm: int, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_parents(algorithm, self._levels[-1]))

    @property
    def root(self) -> bytes:
        """The root hash."""
        return self._levels[-1][0]

    def path(self, index: int) -> tuple[bytes, ...]:
        """Return the siblings from leaf `index` up to the root."""
        found = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                found.append(level[sibling])
            index >>= 1
        return tuple(found)


def _parents(algorithm: int, level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [tree_hash(algorithm, _NODE + left + right) for left, right in pairs]
    return [*above, *level[len(above) * 2 :]]


def root_of(algorithm: int, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root of a leaf and its path (RFC 9162, 2.1.3.2), or None if the path fits no tree of that size."""
    at, last = index, size - 1
    if not 0 <= at <= last:
        return None
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            leaf = tree_hash(algorithm, _NODE + sibling + leaf)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            leaf = tree_hash(algorithm, _NODE + leaf + sibling)
        at, last = at >> 1, last >> 1
    return leaf if last == 0 else None
