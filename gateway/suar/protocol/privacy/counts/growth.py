"""Changes of the cells of a table from one period to the next, and from one edition of the table to another.

If the table shows 31 women, `women rose by 343 per cent` discloses that there were 7 in the year before. If an earlier
edition shows a total of 57, `20 persons were counted twice` discloses a total that the new edition hides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from suar.protocol.privacy.counts.everything import OVER_ALL, Counted, Key, Layouts, Whole
from suar.protocol.privacy.counts.wider import wider_cells, year_before
from suar.protocol.privacy.prose.shares import in_per_cent, rounded


class Growth(NamedTuple):
    """Changes as a text may state them. `rates`: in per cent and percentage points; `factors`: as a multiple;
    `differences`: in persons.
    """

    rates: frozenset[float]
    factors: frozenset[float]
    differences: frozenset[int]


class Corrections(NamedTuple):
    """Changes from one edition to another as a text may state them, from which a hidden count follows.

    `differences`: in persons. `rates`: in per cent and percentage points. `factors`: as a multiple. `open_differences`,
    `open_rates`: those of counts that both editions show.
    """

    differences: frozenset[int] = frozenset()
    rates: frozenset[float] = frozenset()
    factors: frozenset[float] = frozenset()
    open_differences: frozenset[int] = frozenset()
    open_rates: frozenset[float] = frozenset()


class _State(NamedTuple):
    """The value of a cell or sum in one edition, and whether the edition shows it."""

    value: int
    is_shown: bool


def growth(own: Mapping[Key, Counted], others: Mapping[Key, Counted]) -> Growth:
    """Return the changes from which a hidden count follows, without those that follow from shown cells.

    `own`: the cells of the table. `others`: the cells of other messages with which they are compared.
    """
    cells = {**others, **own}
    rates: dict[bool, set[float]] = {True: set(), False: set()}
    factors: dict[bool, set[float]] = {True: set(), False: set()}
    differences: dict[bool, set[int]] = {True: set(), False: set()}
    for one, other in _following(cells):
        if one.key not in own and other.key not in own:
            continue
        is_open = one.is_shown and other.is_shown
        rates[is_open].update(_rates(one.value, other.value))
        differences[is_open].add(abs(one.value - other.value))
        factors[is_open].update(rounded(max(one.value, other.value), min(one.value, other.value)))
        for points, is_shown in _points(one, other, cells):
            rates[is_open and is_shown].update(points)
    return Growth(
        frozenset(rates[False] - rates[True]),
        frozenset(factors[False] - factors[True]),
        frozenset(differences[False] - differences[True] - {0}),
    )


def _rates(before: int, after: int) -> Iterator[float]:
    yield from in_per_cent(abs(after - before), before)
    yield from in_per_cent(after, before)


def _following(cells: Mapping[Key, Counted]) -> Iterator[tuple[Counted, Counted]]:
    """Yield the pairs of cells that differ only in their period: consecutive ones, those with the same one of the year
    before, and the first and last.
    """
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
            by_period = {each.key[2].period: each for each in row}
            before = ((by_period.get(year_before(each.key[2].period)), each) for each in row)
            yield from ((one, other) for one, other in before if one is not None)


def _points(one: Counted, other: Counted, cells: Mapping[Key, Counted]) -> Iterator[tuple[set[float], bool]]:
    """Yield the changes of the share of a cell in percentage points, and whether the table shows both totals."""
    for wider in wider_cells(one.key):
        before = cells.get(wider)
        if before is None or wider[2].period != one.key[2].period:
            continue
        role, country, cell = wider
        after = cells.get((role, country, cell._replace(period=other.key[2].period)))
        if after is not None and before.value and after.value:
            yield _points_of(one.value, before.value, other.value, after.value), before.is_shown and after.is_shown


def _points_of(one: int, before: int, other: int, after: int) -> set[float]:
    """Return by how many percentage points `one` of `before` differs from `other` of `after`."""
    if not before or not after:
        return set()
    shares = (in_per_cent(one, before), in_per_cent(other, after))
    points = {round(abs(first - second), 2) for first, second in zip(*shares, strict=True)}
    return points | set(in_per_cent(abs(one * after - other * before), before * after))


def corrections(editions: Sequence[Sequence[Counted]], layouts: Layouts) -> Corrections:
    """Return the changes of each cell, and of the sum over all cells, from one edition to another.

    `editions`: the cells of each edition, newest first. Compared are the newest value with each earlier one, and each
    value with the next, so that the time grows with the number of values.
    """
    rates: dict[bool, set[float]] = {True: set(), False: set()}
    differences: dict[bool, set[int]] = {True: set(), False: set()}
    factors = set[float]()
    for is_open, one, other in _changes(editions, layouts):
        differences[is_open].add(abs(one - other))
        rates[is_open].update(each for pair in ((one, other), (other, one)) for each in _corrected(*pair))
        if not is_open:
            factors.update(rounded(max(one, other), min(one, other)))
    for is_open, four in _corrected_points(editions, layouts):
        rates[is_open].update(_points_of(*four))
    return Corrections(
        frozenset(differences[False]),
        frozenset(rates[False] - {0.0}),
        frozenset(factors - {1.0}),
        frozenset(differences[True]),
        frozenset(rates[True]),
    )


def earlier_totals(
    hidden: Iterable[Counted], editions: Iterable[Sequence[Counted]], layouts: Layouts
) -> set[tuple[int, int]]:  # fmt: skip
    """Return (count, total) of each hidden cell and each total of it that an earlier edition shows."""
    shown: dict[Key, set[int]] = {}
    sums: dict[Key, set[int]] = {}
    for cells in editions:
        for each in cells:
            if each.is_shown:
                shown.setdefault(each.key, set()).add(each.value)
        for whole, is_known in _sums(cells, layouts):
            for each in whole.cells if is_known else ():
                sums.setdefault(each.key, set()).add(whole.value)
    if not shown and not sums:
        return set()
    return {
        (each.value, total)
        for each in hidden
        for totals in (sums.get(each.key, set()), *(shown.get(wider, set()) for wider in layouts.wider(each.key)))
        for total in totals
        if total > each.value
    }


def _changes(editions: Sequence[Sequence[Counted]], layouts: Layouts) -> set[tuple[bool, int, int]]:
    """Return (whether both values are shown, value, other value) of each two values of a cell that are compared."""
    rows: dict[object, dict[_State, None]] = {}
    for cells in editions:
        for key, state in _states(cells, layouts):
            rows.setdefault(key, {})[state] = None
    found = set[tuple[bool, int, int]]()
    for row in rows.values():
        states = list(row)
        pairs = chain(((states[0], each) for each in states[1:]), pairwise(states[1:]))
        found.update((one.is_shown and other.is_shown, one.value, other.value) for one, other in pairs)
    return {each for each in found if each[1] != each[2]}


def _states(cells: Sequence[Counted], layouts: Layouts) -> Iterator[tuple[object, _State]]:
    """Yield the cells of an edition and the sums over all of them."""
    for each in cells:
        yield each.key, _State(each.value, each.is_shown)
    for whole, is_known in _sums(cells, layouts):
        yield frozenset(each.key for each in whole.cells), _State(whole.value, is_known)


def _sums(cells: Sequence[Counted], layouts: Layouts) -> Iterator[tuple[Whole, bool]]:
    """Yield the sums over all cells, and whether a shown cell or a sum of shown cells has the same value."""
    every = [each for each in layouts.wholes(cells) if each.over == OVER_ALL]
    known = {each.value for each in cells if each.is_shown} | {each.value for each in every if not each.is_hidden}
    yield from ((each, each.value in known) for each in every)


def _corrected(before: int, after: int) -> Iterator[float]:
    """Yield a change in per cent of one of the two counts, and one count in per cent of the other unless it rounds to 100."""
    yield from in_per_cent(abs(after - before), before)
    yield from (each for each in in_per_cent(after, before) if each != 100)


def _corrected_points(
    editions: Sequence[Sequence[Counted]], layouts: Layouts
) -> set[tuple[bool, tuple[int, int, int, int]]]:  # fmt: skip
    """Return (whether all are shown, part and total now, part and total before) of each share that may have changed
    since an earlier edition.
    """
    newest, *earlier = [{each.key: each for each in cells} for cells in editions] or [{}]
    totals = {key: [each for each in layouts.wider(key) if each in newest] for key in newest} if earlier else {}
    found = set[tuple[bool, tuple[int, int, int, int]]]()
    for cells in earlier:
        for key, one in cells.items():
            for wider in totals.get(key, ()):
                if wider in cells:
                    four = newest[key], newest[wider], one, cells[wider]
                    part, total, part_before, total_before = (each.value for each in four)
                    found.add((all(each.is_shown for each in four), (part, total, part_before, total_before)))
    return found
