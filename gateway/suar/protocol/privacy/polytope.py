"""What a reader can compute: the feasible interval of every hidden cell, exactly, in whole numbers and fractions.

Hidden cells are variables with bounds, the sums that a reader knows are equations. A cell is safe when two points that
fit everything lie at least its width apart. The equations are solved for as many variables as there are independent
ones (a sparse tableau); every other variable can then be moved, which moves some of the solved ones with it. Such a
move is a witness for all of them at once, and proves most cells. For the rest the bounded simplex method (Bland's rule)
finds the true ends of the interval. No floating point: an interval that is narrower by one is a person found.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

Number = int | Fraction
Row = dict[int, Number]

WORK_MAX: Final = 800_000  # entries touched in one audit, about a second: what is not proven by then counts as bare


class Impossible(Exception):  # noqa: N818 - no fault of anybody's yet: the caller says what it means
    """No values at all fit the sums."""


class Tired(Exception):  # noqa: N818 - the bound of work is reached
    """The audit would take too long."""


class Polytope:
    """Variables 0..n-1 within `low` and `high` (None: no upper bound), under equations sum(coefficient * x) = right.

    `start` is a point that fits all equations and bounds, with None where no true value is known.
    """

    def __init__(
        self,
        low: Sequence[int | None],
        high: Sequence[int | None],
        equations: Sequence[tuple[dict[int, int], Number]],
        start: Sequence["Number | None"],
        work: int = WORK_MAX,
    ) -> None:
        self.low: list[int | None] = list(low)
        self.high = list(high)
        self.left = self.budget = work
        self._stop = 0
        self.is_tired = False
        self.x: list[Number] = [(low[i] or 0) if value is None else value for i, value in enumerate(start)]
        self.rows: dict[int, Row] = {}  # solved variable -> its free variables: x = const + sum(coefficient * x)
        self.columns: dict[int, set[int]] = {i: set() for i in range(len(low))}
        self._before: Row = {}
        self.least = list(self.x)
        self.most = list(self.x)
        for coefficients, right in equations:
            self._solve(coefficients, right)
        if None in start:
            self._find_start(low, high)
            self.least, self.most = list(self.x), list(self.x)

    @property
    def work(self) -> int:
        """Entries touched so far."""
        return self.budget - self.left

    # -- the tableau

    def _spend(self, work: int) -> None:
        self.left -= work

    def _rest(self) -> None:
        """Between two steps, never within one: the tableau must stay whole."""
        if self.left < self._stop:
            raise Tired

    def _solve(self, coefficients: dict[int, int], right: Number) -> None:
        """Take one more equation into the tableau."""
        self._rest()
        row: Row = {}
        for i, factor in coefficients.items():
            known = self.rows.get(i)
            if known is None:
                _add(row, i, factor)
            else:
                self._spend(len(known))
                for j, coefficient in known.items():
                    _add(row, j, factor * coefficient)
        if not row:
            if sum(factor * self.x[i] for i, factor in coefficients.items()) != right:
                raise Impossible
            return
        # the variable with the most room is solved for: it then limits the others least
        chosen = max(row, key=lambda i: (abs(row[i]) == 1, self.room(i) >= 10, -len(self.columns[i]), self.room(i), -i))
        lead = row.pop(chosen)
        solved = {j: _divide(-coefficient, lead) for j, coefficient in row.items()}
        off = right - sum(factor * self.x[i] for i, factor in coefficients.items())
        self._insert(chosen, solved)
        if off:
            self._shift(chosen, _divide(off, lead))

    def _shift(self, chosen: int, step: Number) -> None:
        """Move a variable that was just solved for, and what depends on nothing else: only before there is a start."""
        self.x[chosen] += step
        for i, coefficient in self._before.items():
            self.x[i] += coefficient * step

    def _insert(self, chosen: int, solved: Row) -> None:
        """Put `chosen` = solved into every row that names it."""
        self._before = {}
        for i in self.columns.pop(chosen):
            row = self.rows[i]
            factor = row.pop(chosen)
            self._before[i] = factor
            self._spend(2 * len(solved))
            for j, coefficient in solved.items():
                if _add(row, j, factor * coefficient):
                    self.columns[j].add(i)
                else:
                    self.columns[j].discard(i)
        self.rows[chosen] = solved
        for j in solved:
            self.columns[j].add(chosen)

    def _pivot(self, leaves: int, enters: int) -> None:
        """Solve for `enters` instead of `leaves`."""
        row = self.rows.pop(leaves)
        for j in row:
            self.columns[j].discard(leaves)
        factor = row.pop(enters)
        solved = {j: _divide(-coefficient, factor) for j, coefficient in row.items()}
        self.columns[leaves] = set()
        solved[leaves] = _divide(1, factor)
        self._insert(enters, solved)

    def room(self, i: int) -> Number:
        up, down = self._own_room(i, 1), self._own_room(i, -1)
        return min(_FAR if up is None else up, _FAR if down is None else down)

    # -- moves

    def _move(self, j: int, direction: int) -> tuple[Number | None, int]:
        """How far the free variable `j` can go, None without end; and the variable that stops it."""
        step, stops = self._own_room(j, direction), j
        self._spend(len(self.columns[j]) + 1)
        for i in self.columns[j]:
            slope: Number = self.rows[i][j] * direction
            room = self._own_room(i, 1 if slope > 0 else -1)
            if room is None:
                continue
            room = _divide(room, _size(slope))
            if step is None or room < step or (room == step and i < stops):
                step, stops = room, i
        return step, stops

    def _own_room(self, j: int, direction: int) -> Number | None:
        if direction < 0:
            low = self.low[j]
            return None if low is None else self.x[j] - low
        high = self.high[j]
        return None if high is None else high - self.x[j]

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
        self._stop = 0 if work is None else self.left - work
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
                    step, _ = self._move(j, direction)
                    self._witness(j, direction * (_FAR if step is None else step))
            else:
                self._see(j, self.low[j] or 0)
                high = self.high[j]
                self._see(j, _FAR if high is None else high)

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
            self._rest()
            found = self._better(i, direction)
            if found is None:
                return False
            j, way = found
            step, stops = self._move(j, way)
            if step is None:
                step = _FAR
            if step:
                self._go(j, way * step)
            if stops != j:
                self._pivot(stops, j)
        return True

    def _better(self, i: int, direction: int) -> tuple[int, int] | None:
        """Bland's rule: the first free variable that moves `i` in `direction`, and which way it is to go."""
        if i in self.columns:
            room = self._own_room(i, direction)
            return (i, direction) if room is None or room > 0 else None
        row = self.rows[i]
        self._spend(len(row))
        for j in sorted(row):
            way = direction if row[j] > 0 else -direction
            room = self._own_room(j, way)
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
            self._rest()
            found = self._better(i, direction)
            if found is None:
                raise Impossible
            j, way = found
            step, stops = self._move(j, way)
            slope: Number = 1 if i == j else _size(self.rows[i][j])
            gap: Number = _size(end - self.x[i])
            enough = _divide(gap, slope)
            if step is None or step >= enough:
                self._go(j, way * enough)
                return
            self._go(j, way * step)
            if stops != j:
                self._pivot(stops, j)


_FAR: Final = 1 << 40


def _add(row: Row, j: int, value: Number) -> bool:
    """Add to an entry; False when nothing is left of it."""
    total = row.get(j, 0) + value
    if total:
        if type(total) is Fraction and total.denominator == 1:
            total = total.numerator
        row[j] = total
        return True
    row.pop(j, None)
    return False


def _divide(a: Number, b: Number) -> Number:
    if b == 1:
        return a
    if b == -1:
        return -a
    quotient = Fraction(a) / b
    return quotient.numerator if quotient.denominator == 1 else quotient


def _size(a: Number) -> Number:
    return -a if a < 0 else a
