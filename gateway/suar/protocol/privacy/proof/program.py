"""Linear programs over the finest cells: HiGHS computes candidates, and integer arithmetic verifies them.

A whole-number point is accepted only after an exact check. A bound is accepted only if it follows from a sum of the
rows with the solver's rounded multipliers; such a bound is valid for any multipliers (docs/adr/0046).

Columns are non-negative. Each row is a sum of columns with coefficients 1 and -1 between two bounds. Connected
components are solved separately.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from suar.protocol.privacy.proof.part import ENDLESS, Floats, Part, Row, Whole

NEARLY: Final = 1e-4  # tolerance for whole numbers in floating point; an exact check follows
PARTS: Final = 720_720  # denominator to which multipliers are rounded; every number up to 16 divides it
MULTIPLIER_MAX: Final = 1e5  # larger multipliers are rejected, so that the integer sums are exact
WORK_MAX: Final = 4_000_000  # steps weighted by columns for one message: about twenty seconds
NONE: Final = np.zeros(0, dtype=np.int64)
_NOTHING: Final = frozenset({highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible})


class Spent(Exception):  # noqa: N818 - the caller turns it into a refusal
    """The limit of work is reached."""


class Budget:
    """The limit of work for the proof of one message. `work`: the amount used."""

    def __init__(self) -> None:
        self.work = 0

    @property
    def left(self) -> int:
        """The remaining work."""
        return max(0, WORK_MAX - self.work)

    def spend(self, work: int) -> None:
        """Add to the work used. Raises Spent above the limit."""
        self.work += work
        if self.work > WORK_MAX:
            raise Spent


class Bound(NamedTuple):
    """An optimum in floating point: the value of the objective, the point, and the dual value of each row."""

    value: float
    point: Floats
    duals: Floats


class Program:
    """A linear program: rows with bounds over columns between 0 and `most`."""

    def __init__(self, columns: int, rows: Sequence[Row], most: int, budget: Budget) -> None:
        self.columns, self.rows, self._budget = columns, rows, budget
        self.low = np.zeros(len(rows), dtype=np.int64)
        self.high = np.full(len(rows), ENDLESS, dtype=np.int64)
        self._entry = np.concatenate([np.zeros(0, np.int64), *(part for row in rows for part in row)])
        ones = [part for row in rows for part in (np.ones(len(row.plus)), -np.ones(len(row.minus)))]
        self._value = np.concatenate([np.zeros(0), *ones])
        sizes = [len(row.plus) + len(row.minus) for row in rows]
        self._of_entry = np.repeat(np.arange(len(rows)), sizes)
        self._is_plain = np.repeat([not len(row.minus) for row in rows], sizes).astype(np.bool_)
        self._is_single = np.array(sizes, dtype=np.int64) == 1
        self.is_whole_only = False  # whether only whole-number points are accepted
        self.point: Floats = np.zeros(columns)  # satisfies all rows after `start`
        self._parts, self._part_of = self._divide(most)
        self._part_of_row = [
            int(self._part_of[(*row.plus, *row.minus)[0]]) if sum(map(len, row)) else 0 for row in rows
        ]

    def _divide(self, most: int) -> tuple[list[Part], Whole]:
        """Return the connected components and the index of the component of each column."""
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
        """Return the index of the connected component of a row."""
        return self._part_of_row[row]

    def is_alone(self, row: int) -> bool:
        """Whether no other row has a column of this one, which has at least one."""
        return len(self.rows[row].plus) > 0 and len(self._parts[self._part_of_row[row]].rows) == 1

    # -- rows

    def bound(self, row: int, low: int, high: int) -> None:
        """Set the bounds of a row."""
        if self.low[row] != low or self.high[row] != high:
            self.low[row], self.high[row] = low, high
            if self._parts:
                self._parts[self._part_of_row[row]].moved[row] = (low, high)

    def sums(self, point: Floats) -> Floats:
        """Return the value of every row at a point; exact for whole-number points (values below 2^53)."""
        if not len(self._entry):
            return np.zeros(len(self.rows))
        found: Floats = np.bincount(self._of_entry, self._value * point[self._entry], len(self.rows)).astype(np.float64)
        return found

    def whole(self, point: Floats) -> Whole | None:
        """Return the point as integers if it is whole within NEARLY and satisfies every row exactly, else None."""
        rounded = np.rint(point)
        if np.abs(point - rounded).max(initial=0.0) > NEARLY or (rounded < 0).any():
            return None
        sums = self.sums(rounded)
        return rounded.astype(np.int64) if ((self.low <= sums) & (sums <= self.high)).all() else None

    # -- proved bounds

    def implied(
        self,
        objective: Whole,
        multipliers: Floats,
        weights: Whole | None = None,
        *,
        least: bool = False,
        but: Whole = NONE,
    ) -> int | None:
        """Return an upper (or lower) bound of the sum of `objective`, proved in integers; None if none follows.

        The bound is the sum of the rows times `multipliers`, for any multipliers, plus the bounds of the columns that
        this sum does not cover. `weights`: one per column of the objective. `but`: rows that are not used.
        """
        if not np.isfinite(multipliers).all() or np.abs(multipliers).max(initial=0.0) > MULTIPLIER_MAX:
            return None
        sign = -1 if least else 1
        times = np.rint(multipliers * (sign * PARTS)).astype(np.int64)
        times[but] = 0
        times[self._is_single | ((times > 0) & (self.high >= ENDLESS))] = 0
        rest = -np.bincount(self._entry, self._value * times[self._of_entry], self.columns).astype(np.int64)
        rest[objective] += sign * PARTS * (1 if weights is None else weights)
        low, high = self._column_bounds(but)
        over = np.flatnonzero(rest)
        ends = np.where(rest[over] > 0, high[over], low[over])
        if (ends >= ENDLESS).any():
            return None
        used = np.flatnonzero(times)
        whole = _product(times[used], np.where(times[used] > 0, self.high[used], self.low[used]))
        return sign * ((whole + _product(rest[over], ends)) // PARTS)

    def _column_bounds(self, but: Whole) -> tuple[Whole, Whole]:
        """Return the bounds of each column that follow from one row without `minus`. `but`: rows that are not used."""
        low, high = np.zeros(self.columns, np.int64), np.full(self.columns, ENDLESS)
        is_used = np.ones(len(self.rows), dtype=np.bool_)
        is_used[but] = False
        plain = self._is_plain & is_used[self._of_entry]
        np.minimum.at(high, self._entry[plain], self.high[self._of_entry[plain]])
        single = plain & self._is_single[self._of_entry]
        np.maximum.at(low, self._entry[single], self.low[self._of_entry[single]])
        return low, high

    def is_contradictory(self) -> bool:
        """Whether it is proved that the rows have no solution.

        Proofs are a column with contradictory bounds, or a sum of rows that implies that 0 is negative. Raises Spent.
        """
        low, high = self._column_bounds(NONE)
        if (low > high).any():
            return True
        for part in self._parts:
            multipliers = np.zeros(len(self.rows))
            work, ray = part.ray(self._budget.left)
            self._budget.spend(work)
            multipliers[part.rows] = ray
            for sign in (1, -1):
                bound = self.implied(NONE, sign * multipliers)
                if bound is not None and bound < 0:
                    return True
        return False

    # -- solving

    def start(self) -> Whole | None:
        """Return a whole-number point that satisfies all rows, None if none is found. It is the start for `best`."""
        for part in self._parts:
            point = self._solved(part, NONE, None, least=False)
            if point is None:
                return None
            self.point[part.columns] = point[1]
            if np.abs(point[1] - np.rint(point[1])).max(initial=0.0) > NEARLY:
                whole = self._whole_part(part, NONE, None, least=False)
                if whole is None:
                    return None
                self.point[part.columns] = whole
        self.point = np.rint(self.point)
        return self.whole(self.point)

    def best(self, objective: Whole, weights: Floats | None = None, *, least: bool = False) -> Bound | None:
        """Return the greatest (or `least`) weighted sum of the columns in `objective`; None if it is infeasible.

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
        """Return the whole-number point with the greatest (or `least`) sum that was found within the limit of work."""
        point = self.point.copy()
        for part, own in self._touched(objective):
            found = self._whole_part(part, objective[own], None if weights is None else weights[own], least=least)
            if found is None:
                return None
            point[part.columns] = found
        return self.whole(point)

    def best_whole_near(
        self, end: Floats, objective: Whole, weights: Floats | None = None, *, least: bool = False
    ) -> Whole | None:
        """Return a result like `best_whole`, searched only in the columns that differ at the fractional point `end`.

        They are compared with a whole-number reference point; all other columns keep its values.
        """
        point = self.point.copy()
        for part, own in self._touched(objective):
            reference = self._reference(part)
            moving = np.abs(end[part.columns] - reference) > NEARLY
            cost = part.cost(objective[own], None if weights is None else weights[own])
            found, steps = part.restricted(reference, moving).best(cost, least=least)
            self._budget.spend((steps + 5) * (1 + int(moving.sum()) // 100))
            if found is None:
                return None
            point[part.columns] = found
        return self.whole(point)

    def _reference(self, part: Part) -> Floats:
        """Return the latest whole-number vertex of a component if it is feasible, otherwise its start."""
        if part.vertex is not None:
            point = self.point.copy()
            point[part.columns] = part.vertex
            if self.whole(point) is not None:
                return part.vertex
        return self.point[part.columns]

    def _touched(self, objective: Whole) -> Iterable[tuple[Part, NDArray[np.bool_]]]:
        of = self._part_of[objective]
        return [(self._parts[at], of == at) for at in np.unique(of)]

    def _solved(
        self, part: Part, objective: Whole, weights: Floats | None, *, least: bool
    ) -> tuple[float, Floats, Floats] | None:
        if self.is_whole_only:
            part.return_to_whole()
        self._budget.spend(part.run(objective, weights, self._budget.left, least=least))
        status = part.solver.getModelStatus()
        if status in _NOTHING:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Spent
        solution = part.solver.getSolution()
        value, point = part.solver.getInfo().objective_function_value, np.array(solution.col_value)
        if np.abs(point - np.rint(point)).max(initial=0.0) <= NEARLY:
            part.mark_whole(np.rint(point))
        return value, point, part.duals(solution)

    def _whole_part(self, part: Part, objective: Whole, weights: Floats | None, *, least: bool) -> Floats | None:
        with part.in_whole_numbers():
            self._budget.spend(part.run(objective, weights, self._budget.left, least=least))
            if not part.solver.getInfo().primal_solution_status:
                return None
            found: Floats = np.rint(np.array(part.solver.getSolution().col_value, dtype=np.float64))
            return found


def _product(one: Whole, other: Whole) -> int:
    """Return the dot product, in integers of arbitrary size."""
    return sum(a * b for a, b in zip(one.tolist(), other.tolist(), strict=True))
