"""Linear programs over the finest cells: HiGHS finds candidates, whole numbers that are checked exactly count.

Columns are non-negative; each row is a sum of columns (coefficients 1 and -1) between two bounds.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ENDLESS: Final = 1 << 40  # of a row that has no upper bound
INF: Final = float("inf")
NEARLY: Final = 1e-4  # a whole number but for the arithmetic: the exact check follows
STEPS_MAX: Final = 3_000_000  # simplex steps, weighed by the columns, for one message
_OPTIONS: Final = {
    "output_flag": False,
    "log_to_console": False,
    "threads": 1,
    "presolve": "off",  # a solve goes on from the one before
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: the point before fits, another objective is asked for
    "mip_max_nodes": 2_000,
}


class Spent(Exception):  # noqa: N818 - the bound of work is reached
    """The proof would take too long."""


class Row(NamedTuple):
    """sum of `plus` less sum of `minus`, columns by number."""

    plus: Whole
    minus: Whole


class Found(NamedTuple):
    """The end of an objective: its value, where it is taken, and what each row contributes to that bound."""

    value: float
    point: Floats
    duals: Floats


class Program:
    """The rows with their bounds, over columns of at most `most`; `work` is what was spent."""

    def __init__(self, columns: int, rows: Sequence[Row], most: int) -> None:
        self.columns, self.rows = columns, rows
        self.low = np.zeros(len(rows), dtype=np.int64)
        self.high = np.full(len(rows), ENDLESS, dtype=np.int64)
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row.plus) + len(row.minus) for row in rows], out=starts[1:])
        self.index = np.concatenate([np.zeros(0, np.int64), *(part for row in rows for part in row)])
        ones = [part for row in rows for part in (np.ones(len(row.plus)), -np.ones(len(row.minus)))]
        self.value = np.concatenate([np.zeros(0), *ones])
        self.starts = starts
        self.of_entry = np.repeat(np.arange(len(rows)), np.diff(starts))
        self.work = 0
        self.work_max = STEPS_MAX
        self._solver = self._load(most)
        self._objective = np.zeros(0, np.int64)
        self._moved: set[int] = set(range(len(rows)))

    def _load(self, most: int) -> highspy.Highs:
        solver = highspy.Highs()
        for name, setting in _OPTIONS.items():
            solver.setOptionValue(name, setting)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, len(self.rows)
        lp.col_cost_ = np.zeros(self.columns)
        lp.col_lower_, lp.col_upper_ = np.zeros(self.columns), np.full(self.columns, float(most))
        lp.row_lower_, lp.row_upper_ = np.full(len(self.rows), -INF), np.full(len(self.rows), INF)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = self.starts.astype(np.int32)
        lp.a_matrix_.index_ = self.index.astype(np.int32)
        lp.a_matrix_.value_ = self.value
        solver.passModel(lp)
        return solver

    # -- rows

    def bound(self, row: int, low: int, high: int) -> None:
        """The row lies between these from now on."""
        if (self.low[row], self.high[row]) != (low, high):
            self.low[row], self.high[row] = low, high
            self._moved.add(row)

    def sums(self, point: Floats) -> Floats:
        """The value of every row at a point: exact for whole numbers, which are below 2^53."""
        if not len(self.index):
            return np.zeros(len(self.rows))
        return np.bincount(self.of_entry, self.value * point[self.index], len(self.rows))

    def whole(self, point: Floats) -> Whole | None:
        """The point in whole numbers, if it is one and fits every row exactly."""
        rounded = np.rint(point)
        if np.abs(point - rounded).max(initial=0.0) > NEARLY or (rounded < 0).any():
            return None
        sums = self.sums(rounded)
        return rounded.astype(np.int64) if ((self.low <= sums) & (sums <= self.high)).all() else None

    # -- solving

    def best(self, objective: Whole, weights: Floats | None = None, *, least: bool = False) -> Found | None:
        """The greatest (or least) sum of the columns in `objective`; None: nothing fits.

        Raises Spent.
        """
        self._prepare(objective, weights, least=least)
        self._run()
        status = self._solver.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        solution = self._solver.getSolution()
        point = np.array(solution.col_value)
        if status != highspy.HighsModelStatus.kOptimal:
            raise Spent
        value = self._solver.getInfo().objective_function_value
        return Found(value, point, np.array(solution.row_dual))

    def best_whole(self, objective: Whole, *, least: bool = False) -> Whole | None:
        """A point in whole numbers where the sum is as great (or small) as was found within a bound of work."""
        self._prepare(objective, None, least=least)
        every = np.arange(self.columns, dtype=np.int32)
        self._solver.changeColsIntegrality(self.columns, every, np.full(self.columns, 1, dtype=np.uint8))
        try:
            self._run()
            if not self._solver.getInfo().primal_solution_status:
                return None
            return self.whole(np.array(self._solver.getSolution().col_value))
        finally:
            self._solver.changeColsIntegrality(self.columns, every, np.zeros(self.columns, dtype=np.uint8))

    def _prepare(self, objective: Whole, weights: Floats | None, *, least: bool) -> None:
        for row in self._moved:
            high = int(self.high[row])
            self._solver.changeRowBounds(row, float(self.low[row]), INF if high >= ENDLESS else float(high))
        self._moved = set()
        self._cost(self._objective, np.zeros(len(self._objective)))
        self._objective = objective
        self._cost(objective, np.ones(len(objective)) if weights is None else weights)
        sense = highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize
        self._solver.changeObjectiveSense(sense)

    def _cost(self, index: Whole, values: Floats) -> None:
        if len(index):
            self._solver.changeColsCost(len(index), index.astype(np.int32), values)

    def _run(self) -> None:
        if self.work > self.work_max:
            raise Spent
        self._solver.run()
        steps = max(0, int(self._solver.getInfo().simplex_iteration_count))
        self.work += (steps + 5) * (1 + self.columns // 100)
