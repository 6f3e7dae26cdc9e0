"""What a reader can compute: the feasible interval of every hidden cell, exactly, in whole numbers and fractions.

Hidden cells are variables with bounds, the sums that a reader knows are equations. A cell is safe when two points that
fit everything lie at least its width apart. The equations are solved for as many variables as there are independent
ones (a sparse tableau); every other variable can then be moved, which moves some of the solved ones with it. Such a
move is a witness for all of them at once, and proves most cells. For the rest the bounded simplex method (Bland's rule)
finds the true ends of the interval. No floating point: an interval that is narrower by one is a person found.
"""

from collections.abc import Sequence
from typing import Final

from suar.protocol.privacy.tableau import FAR, Impossible, Number, Tableau, Tired, divide, size

WORK_MAX: Final = 800_000  # entries touched in one audit, about a second: what is not proven by then counts as bare


class Polytope(Tableau):
    """Variables 0..n-1 within `low` and `high` (None: no upper bound), under equations sum(coefficient * x) = right.

    `start` is a point that fits all equations and bounds, with None where no true value is known.
    """

    def __init__(
        self,
        low: Sequence[int | None],
        high: Sequence[int | None],
        equations: Sequence[tuple[dict[int, int], Number]],
        start: Sequence[Number | None],
        work: int = WORK_MAX,
    ) -> None:
        super().__init__(low, high, start, work)
        self.is_tired = False
        self.least = list(self.x)
        self.most = list(self.x)
        for coefficients, right in equations:
            self.solve(coefficients, right)
        if None in start:
            self._find_start(low, high)
            self.least, self.most = list(self.x), list(self.x)

    # -- what was seen

    def _witness(self, j: int, step: Number) -> None:
        """`j` could be `step` further: so every variable that it moves could be where that puts it."""
        self._see(j, self.x[j] + step)
        for i in self.columns[j]:
            self._see(i, self.x[i] + self.rows[i][j] * step)

    def _see(self, i: int, value: Number) -> None:
        self.least[i] = min(self.least[i], value)
        self.most[i] = max(self.most[i], value)

    def _go(self, j: int, step: Number) -> None:
        self.x[j] += step
        self._see(j, self.x[j])
        for i in self.columns[j]:
            self.x[i] += self.rows[i][j] * step
            self._see(i, self.x[i])

    # -- questions

    def narrow(self, widths: dict[int, int], *, first: bool = False, work: int | None = None) -> list[int]:
        """The variables whose feasible interval is narrower than their width.

        `first`: at most one of them, any. After `work` entries it `is_tired`, and those not proven are named too.
        """
        found = []
        self.stop = 0 if work is None else self.left - work
        self.is_tired = False
        try:
            for i, width in widths.items():
                if not self._is_wide(i, width):
                    found.append(i)
                    if first:
                        break
        except Tired:
            self.is_tired = True
            return self.unproven(widths)
        return found

    def look(self) -> None:
        """Move every free variable once each way; what that shows is seen."""
        for j, moved in self.columns.items():
            if moved:
                for direction in (1, -1):
                    step, _ = self.move(j, direction)
                    self._witness(j, direction * (FAR if step is None else step))
            else:
                self._see(j, self.low[j] or 0)
                high = self.high[j]
                self._see(j, FAR if high is None else high)

    def unproven(self, widths: dict[int, int]) -> list[int]:
        """Those that were not seen as far apart as their width yet."""
        return [i for i, width in widths.items() if self.most[i] - self.least[i] < width]

    def see(self, i: int, least: Number, most: Number) -> None:
        """Take in what another found: these are feasible values of `i`."""
        self._see(i, least)
        self._see(i, most)

    def _is_wide(self, i: int, width: int) -> bool:
        return self._reach(i, 1, width) or self._reach(i, -1, width)

    def _reach(self, i: int, direction: int, width: int) -> bool:
        """Push `i` until it was seen on two ends `width` apart, or its true end is found."""
        while self.most[i] - self.least[i] < width:
            self.rest()
            found = self._better(i, direction)
            if found is None:
                return False
            j, way = found
            step, stops = self.move(j, way)
            if step is None:
                step = FAR
            if step:
                self._go(j, way * step)
            if stops != j:
                self.pivot(stops, j)
        return True

    def _better(self, i: int, direction: int) -> tuple[int, int] | None:
        """Bland's rule: the first free variable that moves `i` in `direction`, and which way it is to go."""
        if i in self.columns:
            room = self.own_room(i, direction)
            return (i, direction) if room is None or room > 0 else None
        row = self.rows[i]
        self.spend(len(row))
        for j in sorted(row):
            way = direction if row[j] > 0 else -direction
            room = self.own_room(j, way)
            if room is None or room > 0:
                return j, way
        return None

    # -- a start where not every true value is known

    def _find_start(self, low: Sequence[int | None], high: Sequence[int | None]) -> None:
        """Bound one variable after another, each time moving the point inside; Impossible when nothing fits."""
        self.low, self.high = [None] * len(low), [None] * len(high)
        for i in range(len(low)):
            bottom, top = low[i], high[i]
            if bottom is not None and self.x[i] < bottom:
                self._bring(i, 1, bottom)
            if top is not None and self.x[i] > top:
                self._bring(i, -1, top)
            self.low[i], self.high[i] = bottom, top

    def _bring(self, i: int, direction: int, end: int) -> None:
        while (end - self.x[i]) * direction > 0:
            self.rest()
            found = self._better(i, direction)
            if found is None:
                raise Impossible
            j, way = found
            step, stops = self.move(j, way)
            slope: Number = 1 if i == j else size(self.rows[i][j])
            gap: Number = size(end - self.x[i])
            enough = divide(gap, slope)
            if step is None or step >= enough:
                self._go(j, way * enough)
                return
            self._go(j, way * step)
            if stops != j:
                self.pivot(stops, j)
