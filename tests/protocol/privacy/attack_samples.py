"""Random tables that fit a published one: whole-number points of extreme values, by random sets of small cells.

What the gate hides depends on which cells are small and on whether a few sums are large, so tables that are near to one
another often leave alike, and others that would leave alike too are far away from all of these.
"""

import random
from collections.abc import Sequence

from ortools.sat.python import cp_model

OTHERWISE = 0.2  # how often a cell that is small in the table to begin with is wanted not to be so, or the reverse
WEIGHTED = 0.7  # how often the value of a hidden cell has a weight
WEIGHT_MAX = 4
SMALL_WEIGHT = 1_000  # which cells are small comes before every value
SECONDS = 2.0  # more than a hundred times what one takes


class Samples:
    """Tables of one pattern. `over`: the inner cells in each cell. `left`: the shown values. `most`: of any cell."""

    def __init__(self, over: Sequence[Sequence[int]], left: Sequence[int | None], k: int, most: int) -> None:
        self._over, self._left, self._k, self._most = over, left, k, most
        self._inner = 1 + max(at for each in over for at in each)

    def draw(
        self, rng: random.Random, like: Sequence[int], hidden: int, *, at_most: int, at_least: int
    ) -> tuple[int, ...] | None:
        """A table in which one cell is at most or at least so much, whichever is drawn; None: there is none.

        `like`: the values of a table, in which about the same cells are small.
        """
        model = cp_model.CpModel()
        inner = [model.new_int_var(0, self._most, "") for _ in range(self._inner)]
        sums = [sum(inner[at] for at in over) for over in self._over]
        wanted: list[cp_model.LinearExpr | int] = []
        for at, value in enumerate(self._left):
            if value is not None:
                model.add(sums[at] == value)
                continue
            is_small = model.new_bool_var("")
            model.add(sums[at] < self._k).only_enforce_if(is_small)
            model.add(sums[at] >= self._k).only_enforce_if(~is_small)
            sign = 1 if (like[at] < self._k) != (rng.random() < OTHERWISE) else -1
            wanted.append(sign * SMALL_WEIGHT * is_small)
            if rng.random() < WEIGHTED:
                wanted.append(rng.randint(-WEIGHT_MAX, WEIGHT_MAX) * sums[at])
        if at_most >= 0 and rng.random() < 1 / 2:
            model.add(sums[hidden] <= at_most)
        else:
            model.add(sums[hidden] >= at_least)
        model.maximize(sum(wanted))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = SECONDS
        solver.parameters.random_seed = rng.randint(0, 1 << 30)
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return tuple(solver.value(each) for each in inner)
