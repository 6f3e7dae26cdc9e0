"""Sums of whole numbers, none below zero, and how far apart two of their solutions can be. Solved by OR-Tools.

GLOP gives the ends of an interval in fractions, CP-SAT in whole numbers. Nothing is taken for wide but by two points in
whole numbers that are checked against every sum in integers, and nothing for narrow but by CP-SAT.
What CP-SAT does not decide in time counts as narrow. HiGHS, the solver of the gate, is not used.
"""

import contextlib
import random
import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # types that SWIG makes have no module: Python 3.12 warns
    from ortools.linear_solver import pywraplp
    from ortools.sat.python import cp_model

Integers = NDArray[np.int64]
CP_SECONDS = 20.0
CLOSE = 1e-6


class Sum(NamedTuple):
    """low <= sum of some unknowns minus sum of others <= high; None: no bound."""

    plus: Sequence[int]
    low: int | None
    high: int | None
    minus: Sequence[int] = ()


class Target(NamedTuple):
    """A number whose interval is asked: at least the sum of `inside`, at most that of `touched`."""

    inside: Sequence[int]
    touched: Sequence[int]


class Ends(NamedTuple):
    """The least and the most that a number can be, in whole numbers; `exact`: decided, not given up by time."""

    low: int
    high: int
    exact: bool = True


class System:
    """Unknowns from 0 to `most`, and sums over them."""

    def __init__(self, count: int, sums: Iterable[Sum], most: int) -> None:
        self.count, self.most = count, most
        self.sums = list(sums)
        self.matrix = np.zeros((len(self.sums), count), dtype=np.int64)
        for at, each in enumerate(self.sums):
            self.matrix[at, list(each.plus)] += 1
            self.matrix[at, list(each.minus)] -= 1
        endless = 2**62
        self.low = np.array([-endless if each.low is None else each.low for each in self.sums], dtype=np.int64)
        self.high = np.array([endless if each.high is None else each.high for each in self.sums], dtype=np.int64)
        self._solver: pywraplp.Solver | None = None

    def holds(self, point: Integers) -> bool:
        """Whether whole numbers fulfil every sum, in integers."""
        if (point < 0).any() or (point > self.most).any():
            return False
        value = self.matrix @ point
        return bool((value >= self.low).all() and (value <= self.high).all())

    # -- fractions

    def vertex(self, weights: dict[int, float], *, up: bool) -> tuple[float, Integers | None] | None:
        """GLOP's best value of a weighted sum, and the point where it is whole; None where no point fits."""
        solver = self._glop()
        goal = solver.Objective()
        goal.Clear()
        for at, weight in weights.items():
            goal.SetCoefficient(self._unknowns[at], weight)
        goal.SetOptimizationDirection(up)
        status = solver.Solve()
        if status == pywraplp.Solver.INFEASIBLE:
            return None
        if status != pywraplp.Solver.OPTIMAL:
            raise ArithmeticError(f"GLOP ends with status {status}")
        found = np.array([each.solution_value() for each in self._unknowns])
        whole = np.rint(found).astype(np.int64)
        return goal.Value(), whole if self.holds(whole) else None

    def _glop(self) -> pywraplp.Solver:
        if self._solver is None:
            self._solver = solver = pywraplp.Solver.CreateSolver("GLOP")
            self._unknowns = [solver.NumVar(0, self.most, "") for _ in range(self.count)]
            for each in self.sums:
                low = -solver.infinity() if each.low is None else each.low
                high = solver.infinity() if each.high is None else each.high
                row = solver.Constraint(low, high)
                for at, sign in _signs(each).items():
                    row.SetCoefficient(self._unknowns[at], sign)
        return self._solver

    # -- whole numbers

    def whole(self, over: Sequence[int], *, up: bool) -> tuple[int, Integers | None, bool] | None:
        """CP-SAT's bound of a sum, a point (that reaches it, if the last is True); None where nothing fits."""
        model = cp_model.CpModel()
        unknowns = [model.new_int_var(0, self.most, "") for _ in range(self.count)]
        for each in self.sums:
            signs = _signs(each)
            total = cp_model.LinearExpr.weighted_sum([unknowns[at] for at in signs], list(signs.values()))
            bound = self.most * max(1, self.count)
            low, high = -bound if each.low is None else each.low, bound if each.high is None else each.high
            model.add_linear_constraint(total, low, high)
        goal = cp_model.LinearExpr.sum([unknowns[at] for at in over])
        (model.maximize if up else model.minimize)(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = CP_SECONDS
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return None
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return (0 if not up else self.most * len(over)), None, False
        point = np.array([solver.value(each) for each in unknowns], dtype=np.int64)
        assert self.holds(point)
        return int(point[list(over)].sum()), point, status == cp_model.OPTIMAL

    def interval(self, target: Target) -> Ends:
        """The ends of one number in whole numbers, by CP-SAT."""
        low, high = self.whole(target.inside, up=False), self.whole(target.touched, up=True)
        assert low is not None
        assert high is not None, "no whole numbers fit"
        return Ends(low[0], high[0], low[2] and high[2])

    def fractions(self, target: Target) -> tuple[float, float]:
        """The ends of one number in fractions, by GLOP."""
        low = self.vertex(dict.fromkeys(target.inside, 1.0), up=False)
        high = self.vertex(dict.fromkeys(target.touched, 1.0), up=True)
        assert low is not None
        assert high is not None, "nothing fits"
        return low[0], high[0]


def _signs(each: Sum) -> dict[int, int]:
    signs = dict.fromkeys(each.plus, 1)
    for at in each.minus:
        signs[at] = signs.get(at, 0) - 1
    return signs


def narrow(system: System, targets: Sequence[Target], widths: Sequence[int], rng: random.Random) -> dict[int, Ends]:
    """The targets whose interval in whole numbers is narrower than its width, with the interval."""
    search = _Search(system, targets, widths)
    search.at_random(rng)
    return {at: ends for at in search.open() if (ends := search.decide(at)) is not None}


def is_wide(system: System, targets: Sequence[Target], widths: Sequence[int], rng: random.Random) -> bool:
    """Whether no target is narrower than its width; the first that is ends the search."""
    search = _Search(system, targets, widths)
    search.at_random(rng)
    return all(search.decide(at) is None for at in search.open())


class _Search:
    """Points in whole numbers, and how far apart they show each target to reach."""

    def __init__(self, system: System, targets: Sequence[Target], widths: Sequence[int]) -> None:
        self.system, self.targets, self.widths = system, targets, np.array(widths, dtype=np.int64)
        self.inside = np.zeros((len(targets), system.count), dtype=np.int64)
        self.touched = np.zeros((len(targets), system.count), dtype=np.int64)
        for at, target in enumerate(targets):
            self.inside[at, list(target.inside)] = 1
            self.touched[at, list(target.touched)] = 1
        self.low = np.full(len(targets), 2**60, dtype=np.int64)
        self.high = np.full(len(targets), -(2**60), dtype=np.int64)

    def open(self) -> list[int]:
        """The targets that are not yet proven to be wide."""
        return [int(at) for at in np.flatnonzero(self.high - self.low < self.widths)]

    def at_random(self, rng: random.Random) -> None:
        """Corners that move many open targets at once."""
        idle = 0
        while (waiting := self.open()) and idle < 3:
            weights = self.touched[waiting].T @ np.array([rng.choice((-1, 1, 2)) for _ in waiting])
            up = rng.random() < 0.5
            try:
                self.note(self.system.vertex({at: float(w) for at, w in enumerate(weights) if w}, up=up))
            except ArithmeticError:  # CP-SAT decides each of them
                return
            idle = idle + 1 if len(self.open()) == len(waiting) else 0

    def note(self, found: tuple[float | int, Integers | None] | None) -> None:
        """Keep what a point shows."""
        assert found is not None, "nothing fits"
        if found[1] is not None:
            self.low = np.minimum(self.low, self.inside @ found[1])
            self.high = np.maximum(self.high, self.touched @ found[1])

    def decide(self, at: int) -> Ends | None:
        """None if the target is wide, else its interval."""
        if self.high[at] - self.low[at] >= self.widths[at]:
            return None
        target = self.targets[at]
        with contextlib.suppress(ArithmeticError):
            self.note(self.system.vertex(dict.fromkeys(target.inside, 1.0), up=False))
            self.note(self.system.vertex(dict.fromkeys(target.touched, 1.0), up=True))
        if self.high[at] - self.low[at] >= self.widths[at]:
            return None
        found = [self.system.whole(over, up=up) for up, over in ((False, target.inside), (True, target.touched))]
        for end in found:
            assert end is not None, "no whole numbers fit"
            self.note(end[:2])
        low, high = filter(None, found)
        return None if self.high[at] - self.low[at] >= self.widths[at] else Ends(low[0], high[0], low[2] and high[2])


def implied(system: System, targets: Sequence[Target], most: int, rng: random.Random) -> dict[int, int]:
    """The targets that the sums leave only one value, where that is from 1 to `most`."""
    if not targets:
        return {}
    search = _Search(system, targets, [1] * len(targets))
    for _ in range(4):
        if not (waiting := search.open()):
            return {}
        weights = search.touched[waiting].T @ np.array([rng.choice((-1, 1, 3)) for _ in waiting])
        search.note(system.vertex({at: float(w) for at, w in enumerate(weights) if w}, up=rng.random() < 0.5))
    found = {}
    for at in search.open():
        if not 1 <= search.low[at] <= most and search.low[at] == search.high[at]:
            continue
        low, high = system.fractions(targets[at])
        if high - low < CLOSE and 1 - CLOSE <= low <= most + CLOSE:
            found[at] = round(low)
    return found
