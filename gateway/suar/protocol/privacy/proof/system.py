"""The equations of a reader: every number as a row over the finest cells, for all worlds.

The rows are the numbers, the remainders that are zero, the marginals that cliques and worlds share, and the equalities
of series that count the same people. Finest cells that occur in the same rows are merged into one column. If the true
values contradict one another (parts above their total, rounded figures), rows get the least slack that makes them
consistent. The reader is assumed to know this slack.
"""

from typing import Final

import numpy as np

from suar.protocol.privacy.proof.axes import Point
from suar.protocol.privacy.proof.grid import Grid, Index, TooLarge
from suar.protocol.privacy.proof.lists import Lists, wholes_of_provinces
from suar.protocol.privacy.proof.lists import Whole as CompleteList
from suar.protocol.privacy.proof.part import ENDLESS, Row, Whole
from suar.protocol.privacy.proof.population import Population, twins
from suar.protocol.privacy.proof.program import Budget, Program, Spent
from suar.protocol.privacy.proof.reader import Key, List, Number, Reader

NONE: Final = np.zeros(0, dtype=np.int64)
HIDDEN_WEIGHT: Final = 1_000  # weight of slack in a number that is hidden from the reader
ROOM: Final = 100_000  # upper bound of a finest cell above the largest value; it only narrows intervals


class Contradiction(Exception):  # noqa: N818 - the caller turns it into a refusal
    """No whole-number solution satisfies the rows."""


class System:
    """The rows of one reader.

    `program`: the linear program of the rows. `start`: a whole-number point with the true values. `row`: for each
    world, the row of each number. `home`: the member that published the counts. `is_exact`: no slack is allowed. Raises
    Contradiction, Spent and TooLarge.
    """

    def __init__(self, reader: Reader, budget: Budget, home: str, *, is_exact: bool = False) -> None:
        self.reader, self.budget = reader, budget
        population = Population((key for world in reader.worlds for key in world.values), home)
        self.points: list[dict[Key, Point]] = []
        self.grids: list[Grid] = []
        self.row: list[dict[Key, int]] = []
        self._cells: list[tuple[Index, Index]] = []
        self.fixed: dict[int, tuple[int, int]] = {}  # row -> bounds that do not depend on what is hidden
        self._structural: set[int] = set()  # rows that hold by construction
        self.new_rows: list[int] = []  # rows that follow from the lists of the new message
        self.wholes: list[tuple[Key, ...]] = []  # totals with complete parts
        self.end = 0
        for at, world in enumerate(reader.worlds):
            self._add_world(at, population)
            self._add_rests(at, world.lists)
        self._join_worlds()
        self.column = self._merge()
        rows = [Row(self._columns(plus), self._columns(minus)) for plus, minus in self._cells]
        values = [value for world in reader.worlds for value in world.values.values() if value is not None]
        self.program = Program(int(self.column.max(initial=-1)) + 1, rows, max(values, default=0) + ROOM, budget)
        self.slack = np.zeros(len(rows), dtype=np.int64)
        self.start = self._find_start(is_exact=is_exact)

    def components(self) -> list[set[Key]]:
        """Return the groups of numbers that are connected by rows or have the same cell."""
        group: dict[object, set[Key]] = {}
        for rows in self.row:
            for key, row in rows.items():
                one = group.setdefault(self.program.part(row), set())
                other = group.setdefault(key, one)
                one.add(key)
                if other is not one:
                    one |= other
                    group.update({name: one for name, keys in group.items() if keys is other})
        return list({id(keys): keys for keys in group.values()}.values())

    # -- the rows

    def _add_world(self, at: int, population: Population) -> None:
        world = self.reader.worlds[at]
        points = {key: population.point(*key) for key in world.values}
        pairs = {pair for point in points.values() if (pair := twins(point))}
        every = [*points.values(), *(point for pair in pairs for point in pair)]
        grid = Grid(every, self.end, ((body,) for body in self.reader.bodies))
        self.end = grid.end
        self.grids.append(grid)
        self.points.append(points)
        self.row.append({key: self._add(grid.cells(point)) for key, point in points.items()})
        for one, other in sorted(pairs):
            self.fixed[self._add(grid.cells(one), grid.cells(other))] = (0, 0)
        for left, right in grid.agreements():
            row = self._add(left, right)
            self.fixed[row] = (0, 0)
            self._structural.add(row)

    def _add_rests(self, at: int, lists: list[List]) -> None:
        """Add the remainders that are zero by the list of each message; and by all numbers of the world as one list, if
        a number was revised: a list whose total was wrong adds up as soon as it is corrected, alone in its message.
        """
        grid, points = self.grids[at], self.points[at]
        values, revised = self.reader.worlds[at].values, self.reader.worlds[at].revised
        known, every = set[tuple[Key, ...]](), Lists(grid, values, points)
        for each in lists:
            for whole in every.wholes(each.values):
                known.add((whole.parent, *whole.parts))
                self._add_rest(whole, is_new=each.is_new or whole.parent in self.reader.fresh)
        for whole in every.wholes(values) if revised else ():
            numbers = (whole.parent, *whole.parts)
            if numbers not in known and not revised.isdisjoint(numbers):
                self._add_rest(whole, is_new=not self.reader.fresh.keys().isdisjoint(numbers))
        for whole in wholes_of_provinces(grid, values, points):
            self._add_rest(whole, is_new=not self.reader.fresh.keys().isdisjoint((whole.parent, *whole.parts)))

    def _add_rest(self, whole: CompleteList, *, is_new: bool) -> None:
        row = self._add(whole.rest)
        self.fixed[row] = (0, 0)
        self.wholes.append((whole.parent, *whole.parts))
        if is_new:
            self.new_rows.append(row)

    def _join_worlds(self) -> None:
        """Add rows that make a hidden number equal in every world that contains it; shown numbers need no such row."""
        last: dict[Number, int] = {}
        for at, world in enumerate(self.reader.worlds):
            for key, value in world.values.items():
                number = (*key, value)
                if value is None or number in self.reader.known:
                    continue
                if number in last:
                    before, now = self.row[last[number]][key], self.row[at][key]
                    self.fixed[self._add(self._cells[before][0], self._cells[now][0])] = (0, 0)
                last[number] = at

    def _add(self, plus: Index, minus: Index = NONE) -> int:
        self._cells.append((plus, minus))
        return len(self._cells) - 1

    def _merge(self) -> Index:
        """Return the column of each finest cell; cells that occur in the same rows share one.

        Rows get random 64-bit words; cells with equal sums of words occur in the same rows.
        """
        words = np.random.default_rng(len(self._cells)).integers(0, 1 << 63, (2, len(self._cells)), dtype=np.int64)
        marks = np.zeros((self.end, 2), dtype=np.int64)
        for row, (plus, minus) in enumerate(self._cells):
            marks[plus] += words[:, row]
            marks[minus] -= words[:, row]
        return np.unique(marks, axis=0, return_inverse=True)[1].ravel()

    def _columns(self, cells: Index) -> Whole:
        return np.unique(self.column[cells])

    # -- a start

    def _find_start(self, *, is_exact: bool) -> Whole:
        """Return a whole-number point with the true values; unknown values are any that satisfy the rows.

        Raises Contradiction, and Spent if neither a solution nor a contradiction is proved.
        """
        program = self.program
        for row, (low, high) in self.fixed.items():
            program.bound(row, low, high)
        for at, world in enumerate(self.reader.worlds):
            for key, value in world.values.items():
                if (*key, value) in self.reader.unseen:
                    program.bound(self.row[at][key], 0, self.most_unseen(key, value))
                elif value is not None:
                    program.bound(self.row[at][key], value, value)
        found = program.start()
        if found is None and not program.is_contradictory():
            raise Spent  # neither a solution nor a contradiction is proved
        if found is None and (is_exact or len(self.reader.worlds) > 1):
            raise Contradiction  # a revision without its totals, which would disclose the difference
        if found is None:
            self._loosen()
            found = program.start()
        if found is None:
            raise Contradiction
        return found

    def most_unseen(self, key: Key, value: int | None) -> int:
        """Return the largest value that the reader knows a number to have that is hidden and unseen."""
        most = self.reader.most((*key, value), is_small=self._is_small(key, value))
        return ENDLESS if most is None else most

    def _is_small(self, key: Key, value: int | None) -> bool:
        """Whether it is a small count of the new message."""
        fresh = self.reader.fresh.get(key)
        return fresh is not None and fresh.value == value and value is not None and value < self.reader.k

    def _loosen(self) -> None:
        """Add the least slack that makes the rows consistent for the reader. Raises Contradiction and Spent."""
        program = self.program
        hidden = self._free_hidden()
        loose = [row for row in range(len(program.rows)) if program.high[row] < ENDLESS and row not in self._structural]
        rows = list(program.rows)
        count = program.columns
        for n, row in enumerate(loose):
            old = rows[row]
            rows[row] = Row(np.append(old.plus, count + 2 * n), np.append(old.minus, count + 2 * n + 1))
        wider = Program(count + 2 * len(loose), rows, ENDLESS, self.budget)
        for at in range(len(rows)):
            wider.bound(at, int(program.low[at]), int(program.high[at]))
        extra = np.arange(count, count + 2 * len(loose))
        weights = np.repeat([HIDDEN_WEIGHT if row in hidden else 1 for row in loose], 2).astype(np.int64)
        found = wider.best(extra, weights.astype(np.float64), least=True)
        point = None if found is None else wider.whole(found.point)
        point = wider.best_whole(extra, weights.astype(np.float64), least=True) if point is None else point
        if found is None or point is None:
            raise Contradiction
        least = wider.implied(extra, found.duals, weights, least=True)
        if least is None or least < weights @ point[extra]:
            raise Spent  # it is not proved that this slack is the least
        self.slack[loose] = point[count + 1 :: 2] - point[count::2]
        for row in loose:
            program.bound(row, *self.with_slack(row, int(program.low[row]), int(program.high[row])))
        self.fixed = {row: self.with_slack(row, *bounds) for row, bounds in self.fixed.items()}

    def _free_hidden(self) -> set[int]:
        """Set the reader's bounds for the numbers that are always hidden; return their rows."""
        reader, found = self.reader, set[int]()
        for at, world in enumerate(reader.worlds):
            for key, value in world.values.items():
                number = (*key, value)
                is_small = self._is_small(key, value)
                if value is not None and number not in reader.known and (is_small or number in reader.width):
                    most = reader.most(number, is_small=is_small)
                    self.program.bound(self.row[at][key], 0, ENDLESS if most is None else most)
                    found.add(self.row[at][key])
        return found

    def with_slack(self, row: int, low: int, high: int) -> tuple[int, int]:
        """Return the bounds shifted by the slack of the row."""
        slack = int(self.slack[row])
        return low + slack, high if high >= ENDLESS else high + slack


__all__ = ["Contradiction", "System", "TooLarge"]
