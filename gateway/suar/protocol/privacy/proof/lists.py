"""Complete lists: parts that add up to their total, so that a reader knows that the remainder is zero.

They are those of one message; or the newest numbers of all messages, if one of the list replaced another number.

The parts may be finer than their total on one or several axes: forms by sex below the national total, months by
province below the year. The total may be in another message if the parts include `other` and `unknown` and are
therefore complete. All provinces of a region that add up to it are a complete list too, in whichever messages they are.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from suar.protocol.privacy.proof.axes import Path, Point, are_disjoint
from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, as_written, provinces_as_named
from suar.protocol.privacy.proof.grid import Grid, Index
from suar.protocol.privacy.proof.reader import Key


class Whole(NamedTuple):
    """A total, its complete parts, and `rest`: the finest cells of the total outside all parts, which are zero."""

    parent: Key
    parts: tuple[Key, ...]
    rest: Index


def wholes(
    grid: Grid, listed: Mapping[Key, int | None], values: Mapping[Key, int | None], points: Mapping[Key, Point]
) -> Iterator[Whole]:
    """Yield every total whose parts are complete by their true values.

    `listed`: the numbers of one message, or of all. `values`, `points`: the numbers and points of the whole world.
    """
    inside = _inside(points)
    for parent, value in values.items():
        below = [key for key in inside.get(points[parent], ()) if key != parent]
        groups: dict[frozenset[str], list[Key]] = {}
        for key in below:
            if key in listed:
                groups.setdefault(_further(points[parent], points[key]), []).append(key)
        for further, group in groups.items():
            if parent not in listed and not _are_everybody(further, group):
                continue
            for parts in {_outermost(group, points), _innermost(group, points)}:
                counts = [listed[part] for part in parts]
                if value is not None and None not in counts and value == sum(count or 0 for count in counts):
                    own = [points[part] for part in parts]
                    rest = None if _is_named(own, (points[key] for key in below)) else _rest(grid, points[parent], own)
                    if rest is not None:
                        yield Whole(parent, parts, rest)


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
                rest = _rest(grid, points[parent], own)
                if rest is not None:
                    yield Whole(parent, parts, rest)


def _with_path(point: Point, axis: str, path: Path) -> Point:
    return tuple((name, path if name == axis else own) for name, own in point)


def _are_everybody(further: frozenset[str], group: Iterable[Key]) -> bool:
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


def _further(parent: Point, point: Point) -> frozenset[str]:
    """Return the axes on which a number is finer than its total."""
    paths = dict(parent)
    return frozenset(axis for axis, path in point if path != paths.get(axis, ()))


def _outermost(group: Iterable[Key], points: Mapping[Key, Point]) -> tuple[Key, ...]:
    keys = list(group)
    own = {points[key] for key in keys}
    return tuple(key for key in keys if not any(above in own for above in _above(points[key])))


def _innermost(group: Iterable[Key], points: Mapping[Key, Point]) -> tuple[Key, ...]:
    keys = list(group)
    above = {each for key in keys for each in _above(points[key])}
    return tuple(key for key in keys if points[key] not in above)


def _above(point: Point) -> Iterator[Point]:
    """Yield every other point that contains this one and names the same axes."""
    prefixes: list[list[tuple[str, Path]]] = [
        [(axis, path[:length]) for length in range(1, len(path) + 1)] for axis, path in point
    ]
    for steps in itertools.product(*prefixes):
        if steps != point:
            yield steps


def _rest(grid: Grid, parent: Point, parts: list[Point]) -> Index | None:
    """Return the finest cells of the total that are in no part; None if parts overlap or there are none."""
    cells = np.concatenate([grid.cells(part, parts[0]) for part in parts])
    if len(np.unique(cells)) != len(cells):
        return None
    left = np.setdiff1d(grid.cells(parent, parts[0]), cells)
    return left if len(left) else None


def _is_named(parts: Sequence[Point], below: Iterable[Point]) -> bool:
    """Whether a number within the total is outside all its parts, so that the list is not complete."""
    own = set(parts)
    axes = {axis for part in parts for axis, _ in part}
    for common in {tuple(step for step in point if step[0] in axes) for point in below}:
        if common in own or any(above in own for above in _above(common)):
            continue  # within a part
        paths = dict(common)
        if all(_are_disjoint(paths, part) for part in parts):
            return True
    return False


def _are_disjoint(one: Mapping[str, Path], other: Point) -> bool:
    """Whether two points are disjoint on some axis."""
    return any(axis in one and are_disjoint(axis, one[axis], path) for axis, path in other)
