"""Cells that no message names but that a reader can infer: the remainders of the named cells.

Such a cell is unsafe if its interval is narrow and contains a small count. It is safe if a solution with a value of
2(k-1) or more exists: its interval is then wide, or its count is not small.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suar.protocol.privacy.proof.grid import Clique, Grid, TooLarge
from suar.protocol.privacy.proof.part import Floats, Whole
from suar.protocol.privacy.proof.reader import Key, Number

if TYPE_CHECKING:
    from suar.protocol.privacy.proof.system import System

NEARLY: Final = 1e-6
BATCH: Final = 16
OPTIONS_MAX: Final = 400_000  # maximum number of cells that can be named in one joint table
Cube = NDArray[np.float64]


class Place(NamedTuple):
    """An unlisted cell: the indexes of its world, of its joint table, and of its option on each axis."""

    world: int
    at: int
    options: tuple[int, ...]


Name = Number | Place
"""The name of a target: a number, or the indexes of an unlisted cell."""


class Target(NamedTuple):
    """A sum of columns whose interval must be at least `width` wide.

    `least`: the columns entirely within the cell; `most`: also those partly within it. They differ for merged columns.
    `key`, `row`: those of a named number, otherwise None. `is_fresh`: whether the new message names it.
    """

    name: Name
    most: Whole
    least: Whole
    width: int
    key: Key | None
    is_fresh: bool
    row: int | None


class Unlisted:
    """The least and greatest value found for every cell that can be named in one world."""

    def __init__(self, system: "System", world: int) -> None:
        self.system, self.world, self.grid = system, world, system.grids[world]
        self.options = [self._options(clique) for clique in self.grid.cliques]
        self.least: list[Cube] = []
        self.most: list[Cube] = []
        own = np.arange(self.grid.first, self.grid.end)
        columns = system.column[own]
        self._own = np.unique(columns)  # the columns of this world
        finest = np.zeros(system.program.columns, dtype=np.int64)  # the last finest cell of each column
        finest[columns] = own
        other = np.zeros(system.program.columns, dtype=np.int64)  # the first one
        other[columns[::-1]] = own[::-1]
        self._finest, self._other = finest[self._own], other[self._own]
        self._count = np.bincount(columns, minlength=system.program.columns)
        self._nobody = self._empty_columns()
        self._people: dict[tuple[bytes, bytes], object] = {}
        for key, row in system.row[world].items():
            if self._is_missing(key):
                continue
            people = system.program.rows[row].plus
            people = people[~self._nobody[people]]
            self._people[people.tobytes(), people.tobytes()] = row
        self._settled = [self._places(at) for at in range(len(self.grid.cliques))]
        self.forget()

    def forget(self) -> None:
        """Delete all values found."""
        self._waiting: list[Floats] = []
        shapes = [tuple(len(option) for option in options) for options in self.options]
        self.least = [np.full(shape, np.inf) for shape in shapes]
        self.most = [np.full(shape, -np.inf) for shape in shapes]

    def see(self, point: Floats) -> None:
        """Add a point; it is evaluated later."""
        self._waiting.append(point)

    def _catch_up(self) -> None:
        """Evaluate the added points, with each column's people in its last finest cell, then in its first one."""
        while self._waiting:
            points, self._waiting = np.array(self._waiting[:BATCH])[:, self._own], self._waiting[BATCH:]
            for finest in (self._finest, self._other):
                whole = np.zeros((len(points), self.system.end))
                whole[:, finest] = points
                for at, clique in enumerate(self.grid.cliques):
                    cubes = self._cubes(clique, self.options[at], whole)
                    np.minimum(self.least[at], cubes.min(axis=0), out=self.least[at])
                    np.maximum(self.most[at], cubes.max(axis=0), out=self.most[at])

    def targets(self, width: int) -> Iterator[Target]:
        """Yield the cells that are not known to be safe; of several cells with the same columns, only one."""
        self._catch_up()
        for at in range(len(self.grid.cliques)):
            positions = np.argwhere(self._open(at, width) & ~self._settled[at])
            for position in map(tuple, positions.tolist()):
                columns = self._columns(at, position)
                if columns is not None:
                    yield Target(Place(self.world, at, position), *columns, width, None, False, None)

    def _columns(self, at: int, position: tuple[int, ...]) -> tuple[Whole, Whole] | None:
        """Return the columns that a cell contains in part or in whole, and those that it contains in whole.

        None if the cell is empty or another cell has the same columns; the cell is then settled.
        """
        clique = self.grid.cliques[at]
        masks = [options[n] for options, n in zip(self.options[at], position, strict=True)]
        cells = np.ix_(*(np.flatnonzero(mask) for mask in masks))
        numbers = np.arange(clique.size, dtype=np.int64).reshape(clique.shape)[cells].ravel() + clique.first
        most, inside = np.unique(self.system.column[numbers], return_counts=True)
        least = most[inside == self._count[most]]
        most = most[~self._nobody[most]]
        least = least[~self._nobody[least]]
        owner = self._people.setdefault((most.tobytes(), least.tobytes()), (at, position))
        if not len(most) or owner != (at, position):
            self._settled[at][position] = True
            return None
        return most, least

    def note(self, name: Place, *values: float) -> None:
        """Record values found for a cell."""
        _, at, position = name
        self.least[at][position] = min(float(self.least[at][position]), *values)
        self.most[at][position] = max(float(self.most[at][position]), *values)

    def is_harmless(self, name: Place, width: int) -> bool:
        """Whether the values found for a cell are `width` apart, or one is so large that its count is not small."""
        self._catch_up()
        _, at, position = name
        return not self._open(at, width)[position]

    def _empty_columns(self) -> NDArray[np.bool_]:
        """Return a mask of the columns that are 0 for every choice of hidden numbers."""
        empty = np.zeros(self.system.program.columns, dtype=np.bool_)
        for row, bounds in self.system.fixed.items():
            if bounds == (0, 0) and not len(self.system.program.rows[row].minus):
                empty[self.system.program.rows[row].plus] = True
        return empty

    def _is_missing(self, key: Key) -> bool:
        """Whether a number is named as missing (M); it is treated as not named."""
        return (*key, self.system.reader.worlds[self.world].values[key]) in self.system.reader.missing

    def _open(self, at: int, width: int) -> NDArray[np.bool_]:
        least, most = self.least[at], self.most[at]
        found: NDArray[np.bool_] = (most < 2 * width - NEARLY) & (most - least < width - NEARLY)
        return found

    def _options(self, clique: Clique) -> list[Cube]:
        found = [np.array(self.grid.axes[axis].options(), dtype=np.float64) for axis in clique.axes]
        size = 1
        for options in found:
            size *= len(options)
        if size > OPTIONS_MAX:
            raise TooLarge
        return found

    def _cubes(self, clique: Clique, options: list[Cube], whole: Floats) -> Cube:
        cubes: Cube = whole[:, clique.first : clique.first + clique.size].reshape(len(whole), *clique.shape)
        for option in options:  # each step replaces the first axis and appends its options as the last axis
            cubes = np.tensordot(cubes, option, axes=([1], [1]))
        return cubes

    def _places(self, at: int) -> NDArray[np.bool_]:
        """Return a mask of the cells of a joint table that are numbers of a message."""
        clique: Clique = self.grid.cliques[at]
        grid: Grid = self.grid
        named = np.zeros([len(options) for options in self.options[at]], dtype=np.bool_)
        paths = [{path: n for n, path in enumerate(grid.axes[axis].paths)} for axis in clique.axes]
        for key, point in self.system.points[self.world].items():
            where = dict(point)
            if not self._is_missing(key) and where.keys() <= set(clique.axes):
                named[tuple(at_[where.get(axis, ())] for axis, at_ in zip(clique.axes, paths, strict=True))] = True
        return named
