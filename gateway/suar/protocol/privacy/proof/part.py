"""A connected component of a linear program, with its own solver (HiGHS).

Rows with a single column, and sums that are zero, are passed to the solver as column bounds, which reduces the number
of rows.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import highspy
import numpy as np
from highspy._core import _Highs  # the module of `Highs`; the package adds a banner on stdout
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]

ENDLESS: Final = 1 << 40  # the upper bound of a row without one
INF: Final = float("inf")
SMALLEST: Final = 1e-7  # smaller multipliers are treated as zero
_OPTIONS: Final[dict[str, bool | int | float | str]] = {
    "output_flag": False,
    "log_to_console": False,
    "threads": 1,
    "mip_max_nodes": 500,
    "mip_heuristic_effort": 0.3,
}
_ONE_AFTER_ANOTHER: Final = _OPTIONS | {
    "presolve": "off",  # a solve continues from the previous solution
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: the previous point is feasible, only the objective changes
}


class Row(NamedTuple):
    """The sum of the columns `plus` minus the sum of the columns `minus`, both as column numbers."""

    plus: Whole
    minus: Whole


class Entries(NamedTuple):
    """The non-zero matrix entries: row (ascending), column and sign of each. `rows`: the number of rows."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    sign: Floats
    rows: int


class Restricted:
    """The program restricted to the columns `moving`; all others are fixed to their values in `reference`.

    `entries`: the matrix. `lp`: the bounds. `reference`: a feasible whole-number point. Arrays have one element per
    column.
    """

    def __init__(self, entries: Entries, lp: highspy.HighsLp, reference: Floats, moving: Mask) -> None:
        self._reference, self._moving = reference, moving
        is_moving = moving[entries.column]
        fixed = np.where(moving, 0.0, reference)[entries.column]
        rest = np.bincount(entries.row, entries.sign * fixed, entries.rows)
        rows, row_of_entry = np.unique(entries.row[is_moving], return_inverse=True)
        self._lp = few = highspy.HighsLp()
        few.num_col_, few.num_row_ = int(moving.sum()), len(rows)
        few.col_lower_, few.col_upper_ = np.array(lp.col_lower_)[moving], np.array(lp.col_upper_)[moving]
        few.row_lower_ = np.array(lp.row_lower_)[rows] - rest[rows]
        few.row_upper_ = np.array(lp.row_upper_)[rows] - rest[rows]
        few.integrality_ = [highspy.HighsVarType.kInteger] * few.num_col_
        few.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        few.a_matrix_.start_ = np.searchsorted(row_of_entry, np.arange(len(rows) + 1)).astype(np.int32)
        few.a_matrix_.index_ = (np.cumsum(moving) - 1)[entries.column[is_moving]].astype(np.int32)
        few.a_matrix_.value_ = entries.sign[is_moving]

    def best(self, cost: Floats, *, least: bool) -> tuple[Floats | None, int]:
        """Return the point with the greatest (or `least`) cost, None if none was found, and the simplex iterations."""
        self._lp.col_cost_ = cost[self._moving]
        self._lp.sense_ = highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize
        solver = _Highs()
        for name, setting in _OPTIONS.items():
            solver.setOptionValue(name, setting)
        solver.passModel(self._lp)
        solver.run()
        info = solver.getInfo()
        steps = max(0, int(info.simplex_iteration_count))
        if not info.primal_solution_status:
            return None, steps
        found = self._reference.copy()
        found[self._moving] = np.rint(np.array(solver.getSolution().col_value))
        return found, steps


class _WholeNumbers:
    def __init__(self, part: "Part") -> None:
        self.part = part

    def __enter__(self) -> None:
        self._basis = self.part.solver.getBasis()
        self._set(1)

    def __exit__(self, *_: object) -> None:
        self._set(0)
        self.part.solver.setBasis(self._basis)

    def _set(self, kind: int) -> None:
        count = len(self.part.columns)
        self.part.solver.setOptionValue("presolve", "on" if kind else "off")
        self.part.solver.changeColsIntegrality(
            count, np.arange(count, dtype=np.int32), np.full(count, kind, dtype=np.uint8)
        )


class _ColumnBounds:
    """Column bounds that follow from rows without `minus`: rows with one column, and sums that are zero."""

    def __init__(self, rows: dict[int, list[int]], most: float) -> None:
        self._rows, self._most = rows, most
        self._of: dict[int, dict[int, tuple[float, float]]] = {}  # column -> row -> bounds
        self._changed: set[int] = set()

    def is_single(self, row: int) -> bool:
        """Whether a row has exactly one column."""
        return len(self._rows.get(row, ())) == 1

    def move(self, row: int, low: int, high: int) -> bool:
        """Set the bounds of a row; return whether the row is zero and is therefore replaced by column bounds."""
        columns = self._rows.get(row, ())
        is_nothing = bool(columns) and low <= 0 == high
        if is_nothing or len(columns) == 1:
            bounds = (0.0, 0.0) if is_nothing else (float(low), float(high))
            for column in columns:
                self._of.setdefault(column, {})[row] = bounds
            self._changed.update(columns)
        else:
            for column in columns:
                if self._of.get(column, {}).pop(row, None) is not None:
                    self._changed.add(column)
        return is_nothing

    def changed(self) -> Iterator[tuple[int, float, float]]:
        """Yield (column, lower, upper) for the bounds that have changed since the last call."""
        for column in sorted(self._changed):
            bounds = self._of.get(column, {}).values()
            lows, highs = [low for low, _ in bounds], [high for _, high in bounds]
            yield column, max(0.0, *lows) if lows else 0.0, min(self._most, *highs) if highs else self._most
        self._changed = set()


class Part:
    """A connected component. `columns`, `rows`: their numbers in the program.

    `moved`: the changed row bounds that have not yet been passed to the solver.
    """

    def __init__(self, columns: Whole, rows: list[int], every: Sequence[Row], most: int) -> None:
        self.columns, self.rows = columns, np.array(rows, dtype=np.int64)
        self.moved: dict[int, tuple[int, int]] = dict.fromkeys(rows, (0, ENDLESS))
        self._at = {int(column): at for at, column in enumerate(columns)}
        self._objective = np.zeros(0, np.int32)
        self.vertex: Floats | None = None  # the latest whole-number solution
        self._vertex_basis: highspy.HighsBasis | None = None
        own = {row: [self._at[column] for column in np.concatenate(every[row]).tolist()] for row in rows}
        self._bounds = _ColumnBounds({row: own[row] for row in rows if not len(every[row].minus)}, float(most))
        kept = [row for row in rows if not self._bounds.is_single(row)]
        self._row_at = {row: at for at, row in enumerate(kept)}
        self._is_nothing = np.zeros(len(kept), dtype=np.bool_)  # whether each row of the solver is zero
        self._kept = np.array([at for at, row in enumerate(rows) if row in self._row_at], dtype=np.int64)
        plain = [(at, column) for at, row in enumerate(rows) if not len(every[row].minus) for column in own[row]]
        self._plain_row, self._plain_column = np.array(plain, dtype=np.int64).reshape(-1, 2).T
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), len(kept)
        lp.col_cost_ = np.zeros(len(columns))
        lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.full(len(columns), float(most))
        lp.row_lower_, lp.row_upper_ = np.full(len(kept), -INF), np.full(len(kept), INF)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        sizes = [len(own[row]) for row in kept]
        signs = [np.repeat([1.0, -1.0], [len(every[row].plus), len(every[row].minus)]) for row in kept]
        self._entries = Entries(
            np.repeat(np.arange(len(kept)), sizes),
            np.array([column for row in kept for column in own[row]], dtype=np.int64),
            np.concatenate([np.zeros(0), *signs]),
            len(kept),
        )
        lp.a_matrix_.start_ = np.cumsum([0, *sizes], dtype=np.int32)
        lp.a_matrix_.index_ = self._entries.column.astype(np.int32)
        lp.a_matrix_.value_ = self._entries.sign
        self.solver = _Highs()
        for name, setting in _ONE_AFTER_ANOTHER.items():
            self.solver.setOptionValue(name, setting)
        self.solver.passModel(lp)

    def duals(self, solution: highspy.HighsSolution) -> Floats:
        """Return the dual value of each row; for rows passed as column bounds, its absolute value."""
        of_columns = np.abs(np.array(solution.col_dual))
        found: Floats = np.bincount(self._plain_row, of_columns[self._plain_column], len(self.rows)).astype(np.float64)
        found[self._kept] = np.where(self._is_nothing, found[self._kept], np.array(solution.row_dual))
        return found

    def run(self, objective: Whole, weights: Floats | None, left: int, *, least: bool) -> int:
        """Solve for the greatest (or `least`) weighted sum of the columns `objective`; return the work used.

        `weights`: one per column of the objective, all 1 if None. `left`: the limit of work.
        """
        weight = 1 + len(self.columns) // 100
        self.solver.setOptionValue("simplex_iteration_limit", left // weight + 1)
        self._move()
        self._cost(self._objective, np.zeros(len(self._objective)))
        self._objective = np.array([self._at[column] for column in objective.tolist()], dtype=np.int32)
        self._cost(self._objective, np.ones(len(objective)) if weights is None else weights)
        self.solver.changeObjectiveSense(highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize)
        steps = self._steps()
        if self.solver.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            self.solver.clearSolver()  # the previous basis is infeasible and yielded no solution
            steps += self._steps()
        return (steps + 5) * weight

    def _steps(self) -> int:
        """Run the solver; return the number of simplex iterations."""
        self.solver.run()
        return max(0, int(self.solver.getInfo().simplex_iteration_count))

    def ray(self, left: int) -> tuple[int, Floats]:
        """Return the work used and row multipliers that prove infeasibility (a dual ray), zeros if there are none."""
        self.solver.setOptionValue("simplex_strategy", 1)  # only the dual simplex method returns a dual ray
        self.solver.clearSolver()
        work = self.run(np.zeros(0, np.int64), None, left, least=False)
        self.solver.setOptionValue("simplex_strategy", _ONE_AFTER_ANOTHER["simplex_strategy"])
        _, is_found, ray = self.solver.getDualRay()  # type: ignore[attr-defined] # not in highspy's types
        found = np.zeros(len(self.rows))
        size = np.abs(ray)
        if is_found and (size > SMALLEST).any():
            found[self._kept] = ray / size[size > SMALLEST].min()
        return work, found

    def _move(self) -> None:
        """Pass the changed bounds to the solver."""
        for row, (low, high) in self.moved.items():
            is_nothing = self._bounds.move(row, low, high)
            at = self._row_at.get(row)
            if at is not None:
                self._is_nothing[at] = is_nothing
                top = INF if is_nothing or high >= ENDLESS else float(high)
                self.solver.changeRowBounds(at, -INF if is_nothing else float(low), top)
        self.moved = {}
        for column, least, greatest in self._bounds.changed():
            self.solver.changeColBounds(column, least, greatest)

    def in_whole_numbers(self) -> _WholeNumbers:
        """Return a context in which only whole-number solutions are accepted; it restores the basis at its end."""
        return _WholeNumbers(self)

    def restricted(self, reference: Floats, moving: Mask) -> Restricted:
        """Return the whole-number program in which only the columns `moving` differ from `reference`."""
        return Restricted(self._entries, self.solver.getLp(), reference, moving)

    def cost(self, objective: Whole, weights: Floats | None) -> Floats:
        """Return the cost of each column: its weight (1 if `weights` is None) in the objective, otherwise 0."""
        found = np.zeros(len(self.columns))
        found[[self._at[column] for column in objective.tolist()]] = 1.0 if weights is None else weights
        return found

    def mark_whole(self, point: Floats) -> None:
        """Record that the last solution is the whole-number point `point`, with its basis."""
        self.vertex, self._vertex_basis = point, self.solver.getBasis()

    def return_to_whole(self) -> None:
        """Continue from the latest whole-number vertex, whose neighbours are more often whole-number points."""
        if self._vertex_basis is not None:
            self.solver.setBasis(self._vertex_basis)

    def _cost(self, index: NDArray[np.int32], values: Floats) -> None:
        if len(index):
            self.solver.changeColsCost(len(index), index, values)
