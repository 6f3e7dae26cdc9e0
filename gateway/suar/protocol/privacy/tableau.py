"""Equations in whole numbers and fractions, solved for as many variables as there are independent ones (sparse rows).

Every other variable is free: it can be moved as far as the bounds of all that it moves allow.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

Number = int | Fraction
Row = dict[int, Number]

FAR: Final = 1 << 40  # for what has no end


class Impossible(Exception):  # noqa: N818 - no fault of anybody's yet: the caller says what it means
    """No values at all fit the sums."""


class Tired(Exception):  # noqa: N818 - the bound of work is reached
    """The audit would take too long."""


class Tableau:
    """Variables 0..n-1 at `x`, within `low` and `high` (None: no upper bound); `work` bounds the entries touched."""

    def __init__(
        self, low: Sequence[int | None], high: Sequence[int | None], start: Sequence[Number | None], work: int
    ) -> None:
        self.low: list[int | None] = list(low)
        self.high = list(high)
        self.left = self.budget = work
        self.stop = 0  # of `left`: who has less is tired
        self.x: list[Number] = [(low[i] or 0) if value is None else value for i, value in enumerate(start)]
        self.rows: dict[int, Row] = {}  # solved variable -> its free variables: x = const + sum(coefficient * x)
        self.columns: dict[int, set[int]] = {i: set() for i in range(len(low))}
        self._before: Row = {}

    @property
    def work(self) -> int:
        """Entries touched so far."""
        return self.budget - self.left

    def spend(self, work: int) -> None:
        """Count `work` more entries touched."""
        self.left -= work

    def rest(self) -> None:
        """Between two steps, never within one: the tableau must stay whole."""
        if self.left < self.stop:
            raise Tired

    def solve(self, coefficients: dict[int, int], right: Number) -> None:
        """Take one more equation into the tableau."""
        self.rest()
        row: Row = {}
        for i, factor in coefficients.items():
            known = self.rows.get(i)
            if known is None:
                add(row, i, factor)
            else:
                self.spend(len(known))
                for j, coefficient in known.items():
                    add(row, j, factor * coefficient)
        if not row:
            if sum(factor * self.x[i] for i, factor in coefficients.items()) != right:
                raise Impossible
            return
        # the variable with the most room is solved for: it then limits the others least
        chosen = max(row, key=lambda i: (abs(row[i]) == 1, self.room(i) >= 10, -len(self.columns[i]), self.room(i), -i))
        lead = row.pop(chosen)
        solved = {j: divide(-coefficient, lead) for j, coefficient in row.items()}
        off = right - sum(factor * self.x[i] for i, factor in coefficients.items())
        self._insert(chosen, solved)
        if off:
            self._shift(chosen, divide(off, lead))

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
            self.spend(2 * len(solved))
            for j, coefficient in solved.items():
                if add(row, j, factor * coefficient):
                    self.columns[j].add(i)
                else:
                    self.columns[j].discard(i)
        self.rows[chosen] = solved
        for j in solved:
            self.columns[j].add(chosen)

    def pivot(self, leaves: int, enters: int) -> None:
        """Solve for `enters` instead of `leaves`."""
        row = self.rows.pop(leaves)
        for j in row:
            self.columns[j].discard(leaves)
        factor = row.pop(enters)
        solved = {j: divide(-coefficient, factor) for j, coefficient in row.items()}
        self.columns[leaves] = set()
        solved[leaves] = divide(1, factor)
        self._insert(enters, solved)

    def room(self, i: int) -> Number:
        """How far `i` can go at least, up and down."""
        up, down = self.own_room(i, 1), self.own_room(i, -1)
        return min(FAR if up is None else up, FAR if down is None else down)

    def move(self, j: int, direction: int) -> tuple[Number | None, int]:
        """How far the free variable `j` can go, None without end; and the variable that stops it."""
        step, stops = self.own_room(j, direction), j
        self.spend(len(self.columns[j]) + 1)
        for i in self.columns[j]:
            slope: Number = self.rows[i][j] * direction
            room = self.own_room(i, 1 if slope > 0 else -1)
            if room is None:
                continue
            room = divide(room, size(slope))
            if step is None or room < step or (room == step and i < stops):
                step, stops = room, i
        return step, stops

    def own_room(self, j: int, direction: int) -> Number | None:
        """How far `j` can go within its own bounds, None without end."""
        if direction < 0:
            low = self.low[j]
            return None if low is None else self.x[j] - low
        high = self.high[j]
        return None if high is None else high - self.x[j]


def add(row: Row, j: int, value: Number) -> bool:
    """Add to an entry; False when nothing is left of it."""
    total = row.get(j, 0) + value
    if total:
        if type(total) is Fraction and total.denominator == 1:
            total = total.numerator
        row[j] = total
        return True
    row.pop(j, None)
    return False


def divide(a: Number, b: Number) -> Number:
    """Exactly; whole where it can be."""
    if b == 1:
        return a
    if b == -1:
        return -a
    quotient = Fraction(a) / b
    return quotient.numerator if quotient.denominator == 1 else quotient


def size(a: Number) -> Number:
    """The number without its sign."""
    return -a if a < 0 else a
