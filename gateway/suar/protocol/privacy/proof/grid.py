"""The finest cells of a population: axes for period, location and each breakdown, in joint tables of minimal size.

One table over all axes would be too large. Numbers that name the same axes share a joint table (a clique), and cliques
with common axes have equal marginals on these. If the graph of the axes is chordal, non-negative tables with equal
marginals always come from one population, also in whole numbers (Vorob'ev 1962; Lauritzen 1996, ch. 4), so the method
is exact. If it is not chordal, edges are added until it is.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suar.protocol.privacy.proof.axes import BODY, EVERYBODY, Axis, Path, Point

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]

CELLS_MAX: Final = 250_000  # maximum number of finest cells of one population


class TooLarge(Exception):  # noqa: N818 - the caller turns it into a refusal with advice
    """The table has too many cells for the proof."""


class Clique(NamedTuple):
    """A joint table: its axes, its shape, and `first`, the number of its first cell."""

    axes: tuple[str, ...]
    shape: tuple[int, ...]
    first: int

    @property
    def size(self) -> int:
        """The number of cells of the table."""
        return int(np.prod(self.shape, dtype=np.int64))


class Grid:
    """The finest cells that the points distinguish, numbered from `first`.

    `bodies`: the paths of all bodies if they are known to be complete, else empty. Raises TooLarge.
    """

    def __init__(self, points: Iterable[Point], first: int = 0, bodies: Iterable[Path] = ()) -> None:
        points = list(points)
        named: dict[str, set[Path]] = {}
        for point in points:
            for axis, path in point:
                named.setdefault(axis, set()).add(path)
        self.axes = {name: Axis(name, paths) for name, paths in sorted(named.items())}
        if BODY in named and (all_bodies := set(bodies)):
            self.axes[BODY] = Axis(BODY, all_bodies, are_all=True)
        self.first, self.end = first, first
        self._holds: dict[tuple[str, Path], Mask] = {}
        self._inside: dict[tuple[str, Path], Index] = {}
        scopes = {frozenset(axis for axis, _ in point) for point in points}
        self.cliques: list[Clique] = []
        self.joints: list[tuple[int, int]] = []  # pairs of cliques with common axes, a tree
        for axes in _cliques(self.axes, scopes):
            self._add(tuple(sorted(axes)))
        self._home = {scope: self._clique_of(scope) for scope in scopes}

    def cells(self, point: Point, axes_of: Point = ()) -> Index:
        """Return the numbers of the finest cells in a point, in a joint table that also has the axes of `axes_of`."""
        scope = frozenset(axis for axis, _ in (*point, *axes_of))
        clique = self._home.get(scope) or self._clique_of(scope)
        paths = dict(point)
        return _select(clique, [self._atoms(axis, paths.get(axis, EVERYBODY)) for axis in clique.axes])

    def holds(self, axis: str, path: Path) -> Mask:
        """Return a mask of the atoms of an axis that are in the path."""
        if (axis, path) not in self._holds:
            self._holds[axis, path] = np.array(self.axes[axis].holds(path), dtype=np.bool_)
        return self._holds[axis, path]

    def _atoms(self, axis: str, path: Path) -> Index:
        """Return the indexes of the atoms of an axis that are in the path."""
        if (axis, path) not in self._inside:
            self._inside[axis, path] = np.flatnonzero(self.holds(axis, path))
        return self._inside[axis, path]

    def agreements(self) -> Iterator[tuple[Index, Index]]:
        """Yield pairs of sets of cells with equal sums: one for each cell of the common axes of two cliques."""
        for one, other in self.joints:
            left, right = self.cliques[one], self.cliques[other]
            common = [axis for axis in left.axes if axis in right.axes]
            for chosen in np.ndindex(*(len(self.axes[axis].atoms) for axis in common)):
                at = dict(zip(common, chosen, strict=True))
                yield _select(left, self._chosen(left, at)), _select(right, self._chosen(right, at))

    def _chosen(self, clique: Clique, at: dict[str, int]) -> list[Index]:
        """Return the atoms of each axis: the one that `at` names, otherwise all."""
        return [
            np.array([at[axis]]) if axis in at else np.arange(len(self.axes[axis].atoms), dtype=np.int64)
            for axis in clique.axes
        ]

    def _add(self, axes: tuple[str, ...]) -> None:
        shape = tuple(len(self.axes[axis].atoms) for axis in axes)
        size = 1
        for count in shape:
            size *= count
        if self.end + size - self.first > CELLS_MAX:
            raise TooLarge
        new = Clique(axes, shape, self.end)
        self.end += size
        nearest = max(range(len(self.cliques)), key=lambda at: self._common(at, axes), default=None)
        if nearest is not None:
            self.joints.append((nearest, len(self.cliques)))
        self.cliques.append(new)

    def _common(self, at: int, axes: tuple[str, ...]) -> int:
        return len(set(self.cliques[at].axes) & set(axes))

    def _clique_of(self, scope: frozenset[str]) -> Clique:
        return min((each for each in self.cliques if scope <= set(each.axes)), key=lambda each: each.size)


def _select(clique: Clique, atoms: list[Index]) -> Index:
    """Return the numbers of the cells of these atoms, in ascending order."""
    numbers = np.zeros(1, dtype=np.int64)
    for count, own in zip(clique.shape, atoms, strict=True):
        numbers = (numbers[:, None] * count + own).ravel()
    return numbers + clique.first


def _cliques(axes: Iterable[str], scopes: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the cliques of a chordal graph in which each scope is complete, with the running intersection property.

    Axes are eliminated in order of fill-in: each time the axis whose neighbours need the fewest new edges.
    """
    near: dict[str, set[str]] = {axis: set() for axis in axes}
    for scope in scopes:
        for one, other in combinations(scope, 2):
            near[one].add(other)
            near[other].add(one)
    found: list[frozenset[str]] = []
    while near:
        axis = min(near, key=lambda name: (_missing_edges(near, name), len(near[name]), name))
        around = near.pop(axis)
        for one in around:
            near[one] |= around - {one}
            near[one].discard(axis)
        if not any(around | {axis} <= other for other in found):
            found.append(frozenset(around | {axis}))
    return found[::-1] or [frozenset()]


def _missing_edges(near: dict[str, set[str]], axis: str) -> int:
    return sum(other not in near[one] for one, other in combinations(near[axis], 2))
