"""Hidden counts that equal another count, which a text tells by words for equality alone.

If the table shows 37 women in the year before, `the number of women is unchanged` discloses a hidden 37. If it shows or
tells a total of 18, `as many women as men` discloses two hidden 9.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, pairwise

from suar.protocol.privacy.counts.everything import FEW, Counted, Key, wholes
from suar.protocol.privacy.counts.wider import wider_cells, year_before

Pair = tuple[Counted, Counted]
"""Two cells that a text may compare."""


def has_equal(own: Iterable[Counted], elsewhere: Iterable[Counted]) -> bool:
    """Whether a cell of the table equals one of the next period, or another of few that add up, and one is hidden.

    `own`: the cells of the table. `elsewhere`: the cells of other messages with which they are compared. Of cells in
    other messages only those of another period count.
    """
    cells, others = list(own), list(elsewhere)
    values = Counter(each.value for each in chain(cells, others))
    if not any(values[each.value] > 1 and each.value and not each.is_shown for each in chain(cells, others)):
        return False  # as most tables, without looking for their sums
    pairs = chain(_following([*others, *cells]), _siblings(cells))
    return any(one.value == other.value and one.value and not (one.is_shown and other.is_shown) for one, other in pairs)


def _following(cells: Iterable[Counted]) -> Iterator[Pair]:
    """Yield the pairs of cells that differ in their period only: consecutive ones, those with the same one of the year
    before, and the first and last.
    """
    rows: dict[tuple[Key, int], dict[str, Counted]] = {}
    for each in cells:
        role, country, cell = each.key
        rest = role, country, cell._replace(period="")
        rows.setdefault((rest, len(cell.period)), {})[cell.period] = each
    for row in rows.values():
        in_order = [row[period] for period in sorted(row)]
        yield from pairwise(in_order)
        if len(in_order) > 2:
            yield in_order[0], in_order[-1]
            before = ((row.get(year_before(period)), row[period]) for period in row)
            yield from ((one, other) for one, other in before if one is not None)


def _siblings(cells: Iterable[Counted]) -> Iterator[Pair]:
    """Yield the pairs of cells of each sum with few cells: women and men."""
    for whole in wholes(cells, wider_cells):
        if len(whole.cells) <= FEW:
            yield from combinations(whole.cells, 2)
