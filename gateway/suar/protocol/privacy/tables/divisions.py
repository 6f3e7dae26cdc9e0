"""Divisions among the cells of one sheet: a whole, and parts that are finer on the same axes."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from suar.protocol.privacy.proof.axes import PERIOD, Path, Point, of_code, of_period
from suar.protocol.privacy.proof.cells import Cell, path_of, provinces_of

PLACE: Final = "place"
PORT: Final = "port"
"""The axis of ports whose subdivision or province is not named, a division independent of the subdivisions."""
Division = tuple[Cell, tuple[Cell, ...]]
"""A cell and the parts that divide it."""


def divisions(cells: Iterable[Cell]) -> Iterator[Division]:
    """Yield every division: a cell, and the widest or the finest of the cells that are finer on the same axes."""
    points = {cell: point_of(cell) for cell in cells}
    by_point = {point: cell for cell, point in points.items()}
    groups: dict[tuple[Cell, frozenset[str]], list[Cell]] = {}
    for cell, point in points.items():
        for above in _above(point):
            parent = by_point.get(above)
            if parent is not None and parent != cell:
                paths = dict(above)
                finer = frozenset(axis for axis, path in point if path != paths.get(axis, ()))
                groups.setdefault((parent, finer), []).append(cell)
    for (parent, _), group in groups.items():
        for parts in _layers([(cell, points[cell]) for cell in group]):
            yield parent, parts


class Divisions:
    """The divisions that arise with one further cell, as the whole or as a part; parts are finer on one axis."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._by_point: dict[Point, Cell] = {}
        self._parts: dict[Point, dict[str, list[tuple[Cell, Point]]]] = {}
        for cell in cells:
            point = point_of(cell)
            self._by_point[point] = cell
            for whole, axis in _wider_in_one(point):
                self._parts.setdefault(whole, {}).setdefault(axis, []).append((cell, point))

    def of(self, cell: Cell) -> Iterator[Division]:
        """Yield the divisions that contain `cell`, which is not among the cells."""
        own = point_of(cell)
        for group in self._parts.get(own, {}).values():
            yield from ((cell, parts) for parts in _layers(group))
        for whole, axis in _wider_in_one(own):
            if whole in self._by_point:
                group = self._parts.get(whole, {}).get(axis, [])
                every = _layers([*group, (cell, own)])
                yield from ((self._by_point[whole], parts) for parts in every if cell in parts)


def _layers(group: Sequence[tuple[Cell, Point]]) -> Iterator[tuple[Cell, ...]]:
    """Yield the widest cells of a group and, if they differ, the finest."""
    points = {point for _, point in group}
    over = {point: points.intersection(_above(point)) - {point} for point in points}
    containing = set().union(*over.values())
    widest = tuple(cell for cell, point in group if not over[point])
    finest = tuple(cell for cell, point in group if point not in containing)
    yield from dict.fromkeys((widest, finest))


def point_of(cell: Cell) -> Point:
    """Return the point of a cell: its non-empty paths, sorted by axis."""
    paths: dict[str, Path] = {name: of_code(name, code) for name, code in cell.dims}
    paths[PERIOD] = of_period(cell.period)
    paths[PLACE] = path_of(cell.admin1, "" if is_somewhere(cell) else cell.locode)
    paths[PORT] = (cell.locode,) if is_somewhere(cell) else ()
    return tuple(sorted((axis, path) for axis, path in paths.items() if path))


def is_somewhere(cell: Cell) -> bool:
    """Whether the cell has a port that may be in any subdivision of its country, or in any province of its region."""
    return bool(cell.locode) and (not cell.admin1 or bool(provinces_of(cell.admin1)))


def _above(point: Point) -> Iterator[Point]:
    """Yield every point that contains this one, including itself."""
    prefixes = [[(axis, path[:length]) for length in range(len(path) + 1)] for axis, path in point]
    for steps in itertools.product(*prefixes):
        yield tuple((axis, path) for axis, path in steps if path)


def _wider_in_one(point: Point) -> Iterator[tuple[Point, str]]:
    """Yield (point, axis) for every other point that contains this one and differs from it only on that axis."""
    for at, (axis, path) in enumerate(point):
        for length in range(len(path)):
            steps = ((axis, path[:length]),) if length else ()
            yield (*point[:at], *steps, *point[at + 1 :]), axis
