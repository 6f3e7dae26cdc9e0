"""A program in whole numbers, in which only some columns move: much smaller than the whole one, and soon solved."""

from typing import Final, NamedTuple

import highspy
import numpy as np
from highspy._core import _Highs  # what `Highs` adds to it prints a banner on stdout
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_OPTIONS: Final[dict[str, bool | int | float | str]] = {
    "output_flag": False,
    "log_to_console": False,
    "threads": 1,
    "mip_max_nodes": 500,
    "mip_heuristic_effort": 0.3,
}


class Entries(NamedTuple):
    """The matrix of a program of `rows` rows: of each entry its row (in ascending order), its column and its sign."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    sign: Floats
    rows: int


class Restricted:
    """The program `entries` with the bounds of `lp`, where only the columns `moving` leave their place in `reference`.

    `reference`: a point in whole numbers that fits. One float a column in each array.
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
        """Where the sum of `cost` times the columns is greatest (or least), and the steps that it took."""
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
