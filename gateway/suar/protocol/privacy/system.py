"""What a reader can compute with: every number as a row over the finest cells, worlds side by side.

The rows are the numbers, the sums that leave no rest, what cliques and worlds have in common, and series that count
the same people. Finest cells that stand in the same rows are one column. Where the true values contradict one another
(parts above their total, rounded figures), rows get the least slack with which they fit, which the reader knows too.
"""

from typing import Final

import numpy as np

from suar.protocol.privacy.axes import Point
from suar.protocol.privacy.grid import Grid, Index, TooLarge
from suar.protocol.privacy.population import Population, twin
from suar.protocol.privacy.program import ENDLESS, Program, Row, Whole
from suar.protocol.privacy.reader import Key, Number, Reader, Rest

NONE: Final = np.zeros(0, dtype=np.int64)
ROOM: Final = 100_000  # how far beyond its true value a finest cell is looked for: less than there is, never more


class Contradiction(Exception):  # noqa: N818 - the caller turns it into a refusal
    """No whole numbers at all fit the sums."""


class System:
    """One reader's rows. `program` has them; `start` is the truth, or what fits it; `row` finds a number's row."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        population = Population({sheet for world in reader.worlds for sheet, _ in world.values})
        self.points: list[dict[Key, Point]] = []
        self.grids: list[Grid] = []
        self.row: list[dict[Key, int]] = []
        self._cells: list[tuple[Index, Index]] = []
        self.fixed: dict[int, tuple[int, int]] = {}  # row -> bounds that do not depend on what is hidden
        self._unsure: list[int] = []
        self.end = 0
        for at, world in enumerate(reader.worlds):
            self._add_world(at, population)
            self._add_rests(at, world.rests)
        self._join_worlds()
        self.column = self._merge()
        rows = [Row(self._columns(plus), self._columns(minus)) for plus, minus in self._cells]
        values = [value for world in reader.worlds for value in world.values.values() if value is not None]
        self.program = Program(int(self.column.max(initial=-1)) + 1, rows, max(values, default=0) + ROOM)
        self.slack = np.zeros(len(rows), dtype=np.int64)
        self.start = self._find_start()

    def apart(self) -> list[set[Key]]:
        """The numbers that hang together by any row, or by being of one cell."""
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
        twins = {key: other for key, point in points.items() if (other := twin(point))}
        of_denominator = [(population.point(*key), most) for key, most in world.denominators]
        every = [*points.values(), *twins.values(), *(point for point, _ in of_denominator)]
        grid = Grid(every, self.end)
        self.end = grid.end
        self.grids.append(grid)
        self.points.append(points)
        self.row.append({key: self._add(grid.cells(point)) for key, point in points.items()})
        for key, other in twins.items():
            self.fixed[self._add(grid.cells(points[key]), grid.cells(other))] = (0, 0)
        for left, right in grid.agreements():
            self.fixed[self._add(left, right)] = (0, 0)
        for point, most in of_denominator:
            self.fixed[self._add(grid.cells(point))] = (0, most)

    def _add_rests(self, at: int, rests: list[Rest]) -> None:
        grid, points = self.grids[at], self.points[at]
        for rest in dict.fromkeys(rests):
            whole = grid.cells(points[rest.parent])
            parts = [grid.cells(points[part]) for part in rest.parts]
            left = np.setdiff1d(whole, np.concatenate(parts)) if parts else whole
            if len(left):
                row = self._add(left)
                self.fixed[row] = (0, 0)
                if not rest.sure:
                    self._unsure.append(row)

    def _join_worlds(self) -> None:
        """A hidden number is the same in every world that has it; what was shown is known in all of them anyway."""
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
        """The column of each finest cell: cells in the same rows have the same, told apart by a sum of random words."""
        words = np.random.default_rng(len(self._cells)).integers(0, 1 << 63, (2, len(self._cells)), dtype=np.int64)
        marks = np.zeros((self.end, 2), dtype=np.int64)
        for row, (plus, minus) in enumerate(self._cells):
            marks[plus] += words[:, row]
            marks[minus] -= words[:, row]
        return np.unique(marks, axis=0, return_inverse=True)[1].ravel()

    def _columns(self, cells: Index) -> Whole:
        return np.unique(self.column[cells])

    # -- a start

    def _find_start(self) -> Whole:
        """The truth as a point; what is not known is anything that fits. Raises Contradiction."""
        program = self.program
        for row, (low, high) in self.fixed.items():
            program.bound(row, low, high)
        for at, world in enumerate(self.reader.worlds):
            for key, value in world.values.items():
                if value is not None:
                    program.bound(self.row[at][key], value, value)
        found = program.start()
        if found is None and self._unsure:
            for row in self._unsure:
                self.fixed[row] = (0, ENDLESS)
                program.bound(row, 0, ENDLESS)
            found = program.start()
        if found is None:
            self._loosen()
            found = program.start()
        if found is None:
            raise Contradiction
        return found

    def _loosen(self) -> None:
        """Give rows the least slack with which all fit."""
        program = self.program
        loose: list[int] = np.flatnonzero(program.high < ENDLESS).tolist()
        rows = [Row(row.plus, row.minus) for row in program.rows]
        count = program.columns
        for n, row in enumerate(loose):
            old = rows[row]
            rows[row] = Row(np.append(old.plus, count + 2 * n), np.append(old.minus, count + 2 * n + 1))
        wider = Program(count + 2 * len(loose), rows, ENDLESS)
        for row in range(len(rows)):
            wider.bound(row, int(program.low[row]), int(program.high[row]))
        extra = np.arange(count, count + 2 * len(loose))
        found = wider.best(extra, least=True)
        point = None if found is None else wider.whole(found.point)
        point = wider.best_whole(extra, least=True) if point is None else point
        if point is None:
            raise Contradiction
        self.slack[loose] = point[count + 1 :: 2] - point[count::2]
        for row in loose:
            program.bound(row, *self.with_slack(row, int(program.low[row]), int(program.high[row])))
        self.fixed = {row: self.with_slack(row, *bounds) for row, bounds in self.fixed.items()}

    def with_slack(self, row: int, low: int, high: int) -> tuple[int, int]:
        """Bounds moved by what the row's slack is."""
        slack = int(self.slack[row])
        return low + slack, high if high >= ENDLESS else high + slack


__all__ = ["Contradiction", "System", "TooLarge"]
