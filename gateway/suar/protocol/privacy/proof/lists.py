"""Complete lists: parts that add up to their total, so that a reader knows that the remainder is zero.

They are those of one message; or the newest numbers of all messages, if one of the list replaced another number.

The parts may be finer than their total on one or several axes: forms by sex below the national total, months by
province below the year. The total may be in another message if the parts include `other` and `unknown` and are
therefore complete. All provinces of a region that add up to it are a complete list too, in whichever messages they are.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from suar.protocol.privacy.proof.axes import EVERYBODY, Path, Point
from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, as_written, provinces_as_named
from suar.protocol.privacy.proof.grid import Grid, Index
from suar.protocol.privacy.proof.reader import Key


class Whole(NamedTuple):
    """A total, its complete parts, and `rest`: the finest cells of the total outside all parts, which are zero."""

    parent: Key
    parts: tuple[Key, ...]
    rest: Index


class Lists:
    """The lists of one world. `values`, `points`: its numbers and their points, from everybody to the finest."""

    def __init__(self, grid: Grid, values: Mapping[Key, int | None], points: Mapping[Key, Point]) -> None:
        self._grid, self._values, self._points = grid, values, points
        self._inside = _inside(points)

    def wholes(self, listed: Mapping[Key, int | None]) -> Iterator[Whole]:
        """Yield every total whose parts are complete by their true values; `listed`: the numbers of one message, or of
        all.
        """
        for parent, value in self._values.items():
            if value is None:
                continue
            below = [key for key in self._inside[self._points[parent]] if key != parent]
            for further, group in self._groups(parent, below, listed).items():
                if parent not in listed and not _is_everybody(further, group):
                    continue
                for parts in {_outermost(group, self._points), _innermost(group, self._points)}:
                    counts = [listed[part] for part in parts]
                    if None not in counts and value == sum(count or 0 for count in counts):
                        rest = self._rest(parent, [self._points[part] for part in parts], below)
                        if rest is not None:
                            yield Whole(parent, parts, rest)

    def _groups(
        self, parent: Key, below: list[Key], listed: Mapping[Key, int | None]
    ) -> dict[frozenset[str], list[Key]]:
        """Return the listed numbers within a total by the axes on which they are finer than it."""
        paths, found = dict(self._points[parent]), dict[frozenset[str], list[Key]]()
        for key in below:
            if key in listed:
                further = frozenset(axis for axis, path in self._points[key] if path != paths.get(axis, EVERYBODY))
                found.setdefault(further, []).append(key)
        return found

    def _rest(self, parent: Key, parts: list[Point], below: Iterable[Key]) -> Index | None:
        """Return the finest cells of the total that are in no part; None if parts overlap, if there are none, and if a
        number within the total is outside all its parts, so that the list is not complete.
        """
        cover = _Cover(self._grid, parts)
        left = None if cover.has_overlaps else cover.rest(self._points[parent])
        if left is None:
            return None
        own, axes = set(parts), {axis for part in parts for axis, _ in part}
        others = {tuple(step for step in self._points[key] if step[0] in axes) for key in below} - own
        return None if any(cover.is_outside(point) for point in others) else left


class _Cover:
    """The finest cells in some points, in the joint table of the first of them. `has_overlaps`: two share cells."""

    def __init__(self, grid: Grid, points: list[Point]) -> None:
        self._grid, self._axes = grid, points[0]
        cells = np.concatenate([grid.cells(point, self._axes) for point in points]) - grid.first
        self._has = np.zeros(grid.end - grid.first, dtype=np.bool_)
        self._has[cells] = True
        self.has_overlaps = np.count_nonzero(self._has) != len(cells)

    def rest(self, point: Point) -> Index | None:
        """Return the finest cells of a point that are not covered; None if there are none."""
        cells = self._grid.cells(point, self._axes)
        left = cells[~self._has[cells - self._grid.first]]
        return left if len(left) else None

    def is_outside(self, point: Point) -> bool:
        """Whether no cell of a point is covered."""
        return not self._has[self._grid.cells(point, self._axes) - self._grid.first].any()


def wholes_of_provinces(grid: Grid, values: Mapping[Key, int | None], points: Mapping[Key, Point]) -> Iterator[Whole]:
    """Yield every region whose provinces add up to it by their true values."""
    by_point = {point: key for key, point in points.items()}
    named = {code for point in points.values() for axis, path in point if axis.startswith("place ") for code in path}
    for parent, value in values.items():
        for axis, path in points[parent]:
            inside = provinces_as_named(path[-1], named)
            own = [_with_path(points[parent], axis, (*path, province)) for province in inside]
            parts = tuple(by_point[point] for point in own if point in by_point)
            counts = [values[part] for part in parts]
            if own and len(parts) == len(own) and None not in counts and value == sum(count or 0 for count in counts):
                cover = _Cover(grid, own)
                rest = None if cover.has_overlaps else cover.rest(points[parent])
                if rest is not None:
                    yield Whole(parent, parts, rest)


def _with_path(point: Point, axis: str, path: Path) -> Point:
    return tuple((name, path if name == axis else own) for name, own in point)


def _is_everybody(further: frozenset[str], group: Iterable[Key]) -> bool:
    """Whether the parts include `other` and `unknown` on each axis of `further`."""
    pairs = {pair for _, cell in group for pair in as_written(cell).dims}
    return all({(name, OTHER), (name, UNKNOWN)} <= pairs for name in further)


def _inside(points: Mapping[Key, Point]) -> dict[Point, list[Key]]:
    """Return the numbers within each point, itself included."""
    known = set(points.values())
    found: dict[Point, list[Key]] = {}
    for key, point in points.items():
        prefixes = [[(axis, path[:length]) for length in range(len(path) + 1)] for axis, path in point]
        for steps in itertools.product(*prefixes):
            above: Point = tuple((axis, path) for axis, path in steps if path)
            if above in known:
                found.setdefault(above, []).append(key)
    return found


def _outermost(group: Iterable[Key], points: Mapping[Key, Point]) -> tuple[Key, ...]:
    keys = list(group)
    own = {points[key] for key in keys}
    return tuple(key for key in keys if not any(above in own for above in _above(points[key])))


def _innermost(group: Iterable[Key], points: Mapping[Key, Point]) -> tuple[Key, ...]:
    keys = list(group)
    above = {each for key in keys for each in _above(points[key])}
    return tuple(key for key in keys if points[key] not in above)


@lru_cache(maxsize=1 << 16)
def _above(point: Point) -> tuple[Point, ...]:
    """Return every other point that contains this one and names the same axes."""
    prefixes: list[list[tuple[str, Path]]] = [
        [(axis, path[:length]) for length in range(1, len(path) + 1)] for axis, path in point
    ]
    return tuple(steps for steps in itertools.product(*prefixes) if steps != point)
