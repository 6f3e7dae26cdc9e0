"""Linear programs over the finest cells: HiGHS finds candidates, whole numbers that are checked exactly count.

Columns are non-negative; each row is a sum of columns (coefficients 1 and -1) between two bounds. Rows and columns that
do not hang together are solved apart.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import highspy
import numpy as np
from highspy._core import _Highs  # what `Highs` adds to it prints a banner on stdout
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ENDLESS: Final = 1 << 40  # of a row that has no upper bound
INF: Final = float("inf")
NEARLY: Final = 1e-4  # a whole number but for the arithmetic: the exact check follows
WORK_MAX: Final = 1_200_000  # steps, weighed by the columns, for one message: some twenty seconds
_OPTIONS: Final[dict[str, bool | int | float | str]] = {
    "output_flag": False,
    "log_to_console": False,
    "threads": 1,
    "presolve": "off",  # a solve goes on from the one before
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: the point before fits, another objective is asked for
    "mip_max_nodes": 500,
    "mip_heuristic_effort": 0.3,
}
_NOTHING: Final = frozenset({highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible})


class Spent(Exception):  # noqa: N818 - the bound of work is reached
    """The proof would take too long."""


class Budget:
    """What the proof of one message may take; `work` is what was spent."""

    def __init__(self) -> None:
        self.work = 0

    @property
    def left(self) -> int:
        """What may be spent yet."""
        return max(0, WORK_MAX - self.work)

    def spend(self, work: int) -> None:
        """Raises Spent."""
        self.work += work
        if self.work > WORK_MAX:
            raise Spent


class Row(NamedTuple):
    """sum of `plus` less sum of `minus`, columns by number."""

    plus: Whole
    minus: Whole


class Bound(NamedTuple):
    """The end of an objective: its value, where it is taken, and what each row contributes to that bound."""

    value: float
    point: Floats
    duals: Floats


class Program:
    """The rows with their bounds, over columns of at most `most`."""

    def __init__(self, columns: int, rows: Sequence[Row], most: int, budget: Budget) -> None:
        self.columns, self.rows, self._budget = columns, rows, budget
        self.low = np.zeros(len(rows), dtype=np.int64)
        self.high = np.full(len(rows), ENDLESS, dtype=np.int64)
        self._entry = np.concatenate([np.zeros(0, np.int64), *(part for row in rows for part in row)])
        ones = [part for row in rows for part in (np.ones(len(row.plus)), -np.ones(len(row.minus)))]
        self._value = np.concatenate([np.zeros(0), *ones])
        sizes = [len(row.plus) + len(row.minus) for row in rows]
        self._of_entry = np.repeat(np.arange(len(rows)), sizes)
        self.point: Floats = np.zeros(columns)  # fits everything, once `start` was found
        self._parts, self._part_of = self._divide(most)
        self._part_of_row = [
            int(self._part_of[(*row.plus, *row.minus)[0]]) if sum(map(len, row)) else 0 for row in rows
        ]

    def _divide(self, most: int) -> tuple[list["Part"], Whole]:
        """What hangs together, and which part each column is in."""
        leader = list(range(self.columns))

        def find(column: int) -> int:
            while leader[column] != column:
                leader[column] = leader[leader[column]]
                column = leader[column]
            return column

        for row in self.rows:
            columns = np.concatenate(row).tolist()
            for column in columns[1:]:
                leader[find(column)] = find(columns[0])
        _, of = np.unique([find(column) for column in range(self.columns)], return_inverse=True)
        part_of: Whole = of.astype(np.int64).ravel()
        own: list[list[int]] = [[] for _ in range(int(part_of.max(initial=-1)) + 1)]
        for at, row in enumerate(self.rows):
            columns = np.concatenate(row)
            if len(columns):
                own[int(part_of[columns[0]])].append(at)
        order = np.argsort(part_of, kind="stable")
        ends = np.searchsorted(part_of[order], np.arange(len(own) + 1))
        return [Part(order[ends[at] : ends[at + 1]], own[at], self.rows, most) for at in range(len(own))], part_of

    def part(self, row: int) -> int:
        """Which part a row is in: rows of different parts have nothing to do with each other."""
        return self._part_of_row[row]

    # -- rows

    def bound(self, row: int, low: int, high: int) -> None:
        """The row lies between these from now on."""
        if self.low[row] != low or self.high[row] != high:
            self.low[row], self.high[row] = low, high
            if self._parts:
                self._parts[self._part_of_row[row]].moved[row] = (low, high)

    def sums(self, point: Floats) -> Floats:
        """The value of every row at a point: exact for whole numbers, which are below 2^53."""
        if not len(self._entry):
            return np.zeros(len(self.rows))
        found: Floats = np.bincount(self._of_entry, self._value * point[self._entry], len(self.rows)).astype(np.float64)
        return found

    def whole(self, point: Floats) -> Whole | None:
        """The point in whole numbers, if it is one and fits every row exactly."""
        rounded = np.rint(point)
        if np.abs(point - rounded).max(initial=0.0) > NEARLY or (rounded < 0).any():
            return None
        sums = self.sums(rounded)
        return rounded.astype(np.int64) if ((self.low <= sums) & (sums <= self.high)).all() else None

    # -- solving

    def start(self) -> Whole | None:
        """A point in whole numbers that fits everything, None where there is none; `best` moves away from it."""
        for part in self._parts:
            point = self._solved(part, np.zeros(0, np.int64), None, least=False)
            if point is None:
                return None
            self.point[part.columns] = point[1]
            if np.abs(point[1] - np.rint(point[1])).max(initial=0.0) > NEARLY:
                whole = self._whole_part(part, np.zeros(0, np.int64), None, least=False)
                if whole is None:
                    return None
                self.point[part.columns] = whole
        self.point = np.rint(self.point)
        return self.whole(self.point)

    def best(self, objective: Whole, weights: Floats | None = None, *, least: bool = False) -> Bound | None:
        """The greatest (or least) sum of the columns in `objective`; None: nothing fits.

        Raises Spent.
        """
        value, point, duals = 0.0, self.point.copy(), np.zeros(len(self.rows))
        for part, own in self._touched(objective):
            found = self._solved(part, objective[own], None if weights is None else weights[own], least=least)
            if found is None:
                return None
            value += found[0]
            point[part.columns] = found[1]
            duals[part.rows] = found[2]
        return Bound(value, point, duals)

    def best_whole(self, objective: Whole, weights: Floats | None = None, *, least: bool = False) -> Whole | None:
        """A point in whole numbers where the sum is as great (or small) as was found within a bound of work."""
        point = self.point.copy()
        for part, own in self._touched(objective):
            found = self._whole_part(part, objective[own], None if weights is None else weights[own], least=least)
            if found is None:
                return None
            point[part.columns] = found
        return self.whole(point)

    def _touched(self, objective: Whole) -> Iterable[tuple["Part", NDArray[np.bool_]]]:
        of = self._part_of[objective]
        return [(self._parts[at], of == at) for at in np.unique(of)]

    def _solved(
        self, part: "Part", objective: Whole, weights: Floats | None, *, least: bool
    ) -> tuple[float, Floats, Floats] | None:
        self._budget.spend(part.run(objective, weights, self._budget.left, least=least))
        status = part.solver.getModelStatus()
        if status in _NOTHING:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Spent
        solution = part.solver.getSolution()
        value = part.solver.getInfo().objective_function_value
        return value, np.array(solution.col_value), np.array(solution.row_dual)

    def _whole_part(self, part: "Part", objective: Whole, weights: Floats | None, *, least: bool) -> Floats | None:
        with part.in_whole_numbers():
            self._budget.spend(part.run(objective, weights, self._budget.left, least=least))
            if not part.solver.getInfo().primal_solution_status:
                return None
            found: Floats = np.rint(np.array(part.solver.getSolution().col_value, dtype=np.float64))
            return found


class _WholeNumbers:
    def __init__(self, part: "Part") -> None:
        self.part = part

    def __enter__(self) -> None:
        self._set(1)

    def __exit__(self, *_: object) -> None:
        self._set(0)

    def _set(self, kind: int) -> None:
        count = len(self.part.columns)
        self.part.solver.setOptionValue("presolve", "on" if kind else "off")
        self.part.solver.changeColsIntegrality(
            count, np.arange(count, dtype=np.int32), np.full(count, kind, dtype=np.uint8)
        )


class Part:
    """Columns and rows that hang together, in a solver of their own. `moved`: bounds to be handed on."""

    def __init__(self, columns: Whole, rows: list[int], every: Sequence[Row], most: int) -> None:
        self.columns, self.rows = columns, np.array(rows, dtype=np.int64)
        self.moved: dict[int, tuple[int, int]] = dict.fromkeys(rows, (0, ENDLESS))
        self._at = {int(column): at for at, column in enumerate(columns)}
        self._row_at = {row: at for at, row in enumerate(rows)}
        self._objective = np.zeros(0, np.int32)
        own = [[self._at[column] for column in np.concatenate(every[row]).tolist()] for row in rows]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), len(rows)
        lp.col_cost_ = np.zeros(len(columns))
        lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.full(len(columns), float(most))
        lp.row_lower_, lp.row_upper_ = np.full(len(rows), -INF), np.full(len(rows), INF)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *map(len, own)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([column for each in own for column in each], dtype=np.int32)
        signs = [np.repeat([1.0, -1.0], [len(every[row].plus), len(every[row].minus)]) for row in rows]
        lp.a_matrix_.value_ = np.concatenate([np.zeros(0), *signs])
        self.solver = _Highs()
        for name, setting in _OPTIONS.items():
            self.solver.setOptionValue(name, setting)
        self.solver.passModel(lp)

    def run(self, objective: Whole, weights: Floats | None, left: int, *, least: bool) -> int:
        """Solve for the sum of these columns, within `left`; the work it took."""
        weight = 1 + len(self.columns) // 100
        self.solver.setOptionValue("simplex_iteration_limit", left // weight + 1)
        for row, (low, high) in self.moved.items():
            top = INF if high >= ENDLESS else float(high)
            self.solver.changeRowBounds(self._row_at[row], float(low), top)
        self.moved = {}
        self._cost(self._objective, np.zeros(len(self._objective)))
        self._objective = np.array([self._at[column] for column in objective.tolist()], dtype=np.int32)
        self._cost(self._objective, np.ones(len(objective)) if weights is None else weights)
        self.solver.changeObjectiveSense(highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize)
        self.solver.run()
        steps = max(0, int(self.solver.getInfo().simplex_iteration_count))
        return (steps + 5) * weight

    def in_whole_numbers(self) -> _WholeNumbers:
        """Within, only whole numbers are solutions."""
        return _WholeNumbers(self)

    def _cost(self, index: NDArray[np.int32], values: Floats) -> None:
        if len(index):
            self.solver.changeColsCost(len(index), index, values)
