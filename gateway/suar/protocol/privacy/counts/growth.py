"""Changes of the cells of a table from one period to the next: in per cent, in percentage points, and as a factor.

If the table shows 31 women, `women rose by 343 per cent` discloses that there were 7 in the year before.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from suar.protocol.privacy.counts.everything import Counted, Key
from suar.protocol.privacy.counts.wider import wider_cells

_SCALES = (1, 10, 100)  # to zero, one and two decimals


class Growth(NamedTuple):
    """Changes as a text may state them. `rates`: in per cent and percentage points; `factors`: as a multiple."""

    rates: frozenset[float]
    factors: frozenset[float]


def rounded(part: int, whole: int) -> Iterator[float]:
    """Yield a ratio rounded half up to zero, one and two decimals."""
    if whole > 0:
        for scale in _SCALES:
            yield (2 * part * scale + whole) // (2 * whole) / scale


def in_per_cent(part: int, whole: int) -> Iterator[float]:
    """Yield a share in per cent, rounded half up to zero, one and two decimals."""
    return rounded(100 * part, whole)


def growth(own: Mapping[Key, Counted], others: Mapping[Key, Counted]) -> Growth:
    """Return the changes from which a hidden count follows, without those that follow from shown cells.

    `own`: the cells of the table. `others`: the cells of other messages with which they are compared.
    """
    cells = {**others, **own}
    rates: dict[bool, set[float]] = {True: set(), False: set()}
    factors: dict[bool, set[float]] = {True: set(), False: set()}
    for one, other in _following(cells):
        if one.key not in own and other.key not in own:
            continue
        is_open = one.shown and other.shown
        rates[is_open].update(_rates(one.value, other.value))
        factors[is_open].update(rounded(max(one.value, other.value), min(one.value, other.value)))
        for points, is_shown in _points(one, other, cells):
            rates[is_open and is_shown].update(points)
    return Growth(frozenset(rates[False] - rates[True]), frozenset(factors[False] - factors[True]))


def _rates(before: int, after: int) -> Iterator[float]:
    yield from in_per_cent(abs(after - before), before)
    yield from in_per_cent(after, before)


def _following(cells: Mapping[Key, Counted]) -> Iterator[tuple[Counted, Counted]]:
    """Yield the pairs of cells that differ only in their period: consecutive ones, and the first and last."""
    rows: dict[tuple[Key, str], list[Counted]] = {}
    for (role, country, cell), each in cells.items():
        rest = cell.period[5:]
        length = "month" if rest.isdigit() else rest[:1]
        rows.setdefault(((role, country, cell._replace(period="")), length), []).append(each)
    for row in rows.values():
        row.sort(key=lambda each: each.key[2].period)
        yield from pairwise(row)
        if len(row) > 2:
            yield row[0], row[-1]


def _points(one: Counted, other: Counted, cells: Mapping[Key, Counted]) -> Iterator[tuple[set[float], bool]]:
    """Yield the changes of the share of a cell in percentage points, and whether the table shows both totals."""
    for wider in wider_cells(one.key):
        before = cells.get(wider)
        if before is None or wider[2].period != one.key[2].period:
            continue
        role, country, cell = wider
        after = cells.get((role, country, cell._replace(period=other.key[2].period)))
        if after is not None and before.value and after.value:
            difference = abs(one.value * after.value - other.value * before.value)
            shares = (in_per_cent(one.value, before.value), in_per_cent(other.value, after.value))
            points = {round(abs(first - second), 2) for first, second in zip(*shares, strict=True)}
            yield points | set(in_per_cent(difference, before.value * after.value)), before.shown and after.shown
