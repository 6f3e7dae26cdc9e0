"""The simplex method in exact fractions, for small systems: it checks the checker.

Two phases, Bland's rule, so it ends; no bound of a solver, no tolerance, no library. Slow, and meant to be.
"""

from collections.abc import Sequence
from fractions import Fraction

from protocol.privacy.finest_system import Sum

Row = list[Fraction]


def best(count: int, sums: Sequence[Sum], weights: dict[int, int], *, up: bool) -> Fraction | None:
    """The least or the most of a weighted sum of unknowns that are not negative; None: no point fits.

    Raises OverflowError where it has no bound.
    """
    rows: list[Row] = []
    right: Row = []
    slacks = sum((each.low is not None) + (each.high is not None) for each in sums if each.low != each.high)
    width, slack = count + slacks, count
    for each in sums:
        row = [Fraction(0)] * width
        for at in each.plus:
            row[at] += 1
        for at in each.minus:
            row[at] -= 1
        if each.low is not None and each.low == each.high:
            rows.append(row)
            right.append(Fraction(each.low))
            continue
        for bound, sign in ((each.low, -1), (each.high, 1)):
            if bound is not None:
                own = list(row)
                own[slack] = Fraction(sign)
                slack += 1
                rows.append(own)
                right.append(Fraction(bound))
    goal = [Fraction(0)] * width
    for at, weight in weights.items():
        goal[at] = Fraction(-weight if up else weight)
    found = _least(rows, right, goal)
    return None if found is None else -found if up else found


def _least(rows: list[Row], right: Row, goal: Row) -> Fraction | None:
    """The least goal·x with rows·x = right, x >= 0."""
    count, width = len(rows), len(goal)
    tableau = []
    for at, (row, value) in enumerate(zip(rows, right, strict=True)):
        sign = -1 if value < 0 else 1
        tableau.append(
            [sign * each for each in row] + [Fraction(at == other) for other in range(count)] + [sign * value]
        )
    basis = [width + at for at in range(count)]
    first = [Fraction(0)] * width + [Fraction(1)] * count
    if _descend(tableau, basis, first, width + count) != 0:
        return None
    _drive_out(tableau, basis, width)
    return _descend(tableau, basis, [*goal, *[Fraction(0)] * count], width)


def _descend(tableau: list[Row], basis: list[int], goal: Row, columns: int) -> Fraction:
    """Pivot until no column of the first `columns` makes the goal less; the goal's value."""
    while True:
        costs = [goal[column] for column in basis]
        entering = next(
            (
                at for at in range(columns)
                if at not in basis and goal[at] < sum(c * row[at] for c, row in zip(costs, tableau, strict=True) if c)
            ),
            None,
        )  # fmt: skip
        if entering is None:
            return sum((c * row[-1] for c, row in zip(costs, tableau, strict=True)), Fraction(0))
        ways = [(row[-1] / row[entering], basis[at], at) for at, row in enumerate(tableau) if row[entering] > 0]
        if not ways:
            raise OverflowError("no bound")
        _pivot(tableau, basis, min(ways)[2], entering)


def _drive_out(tableau: list[Row], basis: list[int], width: int) -> None:
    """No artificial column stays in the basis where another can stand; a row that says nothing goes."""
    for at in reversed(range(len(tableau))):
        if basis[at] >= width:
            column = next((one for one in range(width) if tableau[at][one]), None)
            if column is None:
                del tableau[at], basis[at]
            else:
                _pivot(tableau, basis, at, column)


def _pivot(tableau: list[Row], basis: list[int], at: int, column: int) -> None:
    by = tableau[at][column]
    tableau[at] = [each / by for each in tableau[at]]
    for other, row in enumerate(tableau):
        if other != at and row[column]:
            factor = row[column]
            tableau[other] = [a - factor * b for a, b in zip(row, tableau[at], strict=True)]
    basis[at] = column
