"""Computes the numbers that a table hides and a text could disclose: hidden counts, complements and shares of totals.

They are computed from the table as submitted and as sent, and from earlier releases (remembered.py). The totals of a
cell are the wider cells, with and without `unknown`, the denominators, and the sums over the table (everything.py).
Changes from one period or edition to the next are in growth.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, combinations, permutations
from typing import NamedTuple

from msgspec import Struct

from suar.protocol.privacy.counts.equality import has_equal
from suar.protocol.privacy.counts.everything import FEW, OVER_ALL, Counted, Key, Layouts, Whole
from suar.protocol.privacy.counts.growth import Corrections, corrections, earlier_totals, growth
from suar.protocol.privacy.counts.remembered import Comparison, Numbers
from suar.protocol.privacy.counts.wider import wider_cells
from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN
from suar.protocol.privacy.prose.shares import in_per_cent, rounded


class HiddenNumbers(Struct, frozen=True):
    """The numbers by which a text is checked.

    `hidden`: counts of hidden cells.
    `left`: totals minus a hidden cell, and totals of the whole table with a hidden cell, unless the table shows them.
    `parts`: totals of one year, period, location or code with a hidden cell, and differences of a hidden cell from
    another cell, also from that of the year before.
    `ratios`: ratios of these two cells, as a factor and in per cent.
    `shares`: shares of hidden cells in totals, and of shown cells in hidden totals, in per cent with 0 to 2 decimals.
    `one_in`: in how many persons of these totals there is one, where that tells the count.
    `rates`, `factors`: changes from or to a hidden cell; `rates` also contains shares over all periods.
    `totals`: totals that earlier messages show.
    `shown`, `open_shares`: counts and shares that the table shows.
    `elsewhere`: counts hidden by messages about other cells, and differences between their editions.
    `has_equal`: whether a hidden cell equals one of another period or a part of the same sum.
    `has_others`: whether a hidden cell has the code `other`.
    `corrected`: changes from one edition of a cell of the table to another.
    """

    hidden: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    parts: frozenset[int] = frozenset()
    shares: frozenset[float] = frozenset()
    rates: frozenset[float] = frozenset()
    factors: frozenset[float] = frozenset()
    shown: frozenset[int] = frozenset()
    open_shares: frozenset[float] = frozenset()
    elsewhere: frozenset[int] = frozenset()
    totals: frozenset[int] = frozenset()
    ratios: frozenset[float] = frozenset()
    corrected: Corrections = Corrections()
    has_equal: bool = False
    one_in: frozenset[float] = frozenset()
    has_others: bool = False


Pairs = set[tuple[int, int]]
"""Parts and their wholes."""
UnknownParts = Callable[[Key, Key], tuple[Key, ...]]
"""`_unknown_parts` with what it returned before."""


class _Found(NamedTuple):
    """What one edition hides, as in HiddenNumbers; `shares`, `open_shares`: the pairs of which the shares are."""

    hidden: set[int]
    left: set[int]
    parts: set[int]
    shares: Pairs
    rates: frozenset[float]
    shown: frozenset[int]
    open_shares: Pairs
    ratios: frozenset[float]


def hidden_numbers(known: Comparison) -> HiddenNumbers:
    """Return the hidden numbers, without those that the table shows.

    The time grows with the cells of at most EDITIONS_MAX earlier editions; what does not depend on their values is
    found once.
    """
    layouts, unknown = Layouts(wider_cells), cache(_unknown_parts)
    own = {each.key: each for each in known.table.cells}
    found = [_of_one(each, layouts, unknown) for each in (known.table, *known.earlier)]
    first = found[0]
    pairs = earlier_totals([each for each in known.table.cells if not each.is_shown], known.editions, layouts)
    shares = {(part, total) for value, total in pairs for part in (value, total - value)}
    changes = growth(own, {each.key: each for each in known.elsewhere})
    others = corrections([[each for each in cells if each.key not in own] for cells in known.editions], layouts)
    open_shares = _in_per_cent(first.open_shares)
    return HiddenNumbers(
        frozenset().union(*(each.hidden for each in found)),
        frozenset(total - value for value, total in pairs).union(*(each.left for each in found)) - first.shown,
        changes.differences.union(*(each.parts for each in found)) - first.shown,
        _in_per_cent(shares.union(*(each.shares for each in found))),
        (first.rates | changes.rates | (others.rates - others.open_rates)) - open_shares,
        changes.factors,
        first.shown,
        open_shares,
        others.differences.union(each.value for each in known.elsewhere if not each.is_shown) - first.shown,
        known.totals,
        frozenset().union(*(each.ratios for each in found)),
        corrections(
            [known.table.cells, *([each for each in cells if each.key in own] for cells in known.editions)], layouts
        ),
        has_equal(known.table.cells, known.elsewhere),
        _one_in(shares.union(*(each.shares for each in found))) - _one_in(first.open_shares),
        any(not each.is_shown and code == OTHER for each in known.table.cells for _, code in each.key[2].dims),
    )


def _in_per_cent(pairs: Pairs) -> frozenset[float]:
    return frozenset(per_cent for part, whole in pairs for per_cent in in_per_cent(part, whole))


def _one_in(pairs: Pairs) -> frozenset[float]:
    """Return in how many of a whole there is one of a part, where that tells the part."""
    found = set[float]()
    for part, whole in pairs:
        others = {each for near in (part - 1, part + 1) if near > 0 for each in rounded(whole, near)}
        found.update(each for each in rounded(whole, part) if each > 1 and each not in others)
    return frozenset(found)


def _of_one(numbers: Numbers, layouts: Layouts, unknown: UnknownParts) -> _Found:
    cells = numbers.cells
    values = {each.key: each.value for each in cells}
    shown = frozenset(each.value for each in cells if each.is_shown)
    hidden, left, shares, open_shares = set[int](), set[int](), Pairs(), Pairs()
    for each in cells:
        totals = {*_totals(each.key, values, layouts, unknown), *numbers.denominators}
        own = {(each.value, total) for total in totals if total >= each.value}
        if each.is_shown:
            open_shares |= own
            continue
        hidden.add(each.value)
        left |= {total - value for value, total in own}
        shares |= own | {(total - value, total) for value, total in own}
    every = layouts.wholes(cells)
    left_out = _left_out_totals(every, shown)
    pairs = _pairs(every)
    differences = {abs(one.value - other.value) for one, other in pairs if not (one.is_shown and other.is_shown)}
    parts = {each.value for each in left_out if each.over != OVER_ALL} | differences
    for whole in left_out:
        bases = {whole.value, *_of_known(whole)}
        left |= bases if whole.over == OVER_ALL else set()
        shares |= {(value, base) for base in bases for value in _of_one_kind(whole) if value < base}
    rates = frozenset(chain(_shares_over_all(every), _shares_without_one(every)))
    return _Found(hidden, left - shown, parts - shown, shares, rates, shown, open_shares, _ratios(pairs))


def _totals(key: Key, values: Mapping[Key, int], layouts: Layouts, unknown: UnknownParts) -> Iterator[int]:
    """Yield the totals of a cell, each also without the persons whose code in a breakdown of the cell is unknown."""
    for whole in layouts.wider(key):
        total = values.get(whole)
        if total is not None:
            yield total
            yield from (total - values[part] for part in unknown(key, whole) if part in values)


def _unknown_parts(key: Key, whole: Key) -> tuple[Key, ...]:
    """Return the parts of a wider cell with code `unknown` in a breakdown of the cell."""
    return tuple(_unknown(key, whole, name) for name, code in key[2].dims if code != UNKNOWN)


def _unknown(key: Key, wider: Key, name: str) -> Key:
    """Return the part of a wider cell with code `unknown` in `name`; the wider cell itself if it has that breakdown."""
    role, country, cell = wider
    own = dict(cell.dims)
    dims = tuple((each, own.get(each, UNKNOWN)) for each, _ in key[2].dims if each in own or each == name)
    return role, country, cell._replace(dims=dims)


def _of_known(whole: Whole) -> Iterator[int]:
    """Yield a sum without the cells `unknown` of a breakdown, for each breakdown that has such cells."""
    unknown: dict[str, int] = {}
    for each in whole.cells:
        for name, code in each.key[2].dims:
            if code == UNKNOWN:
                unknown[name] = unknown.get(name, 0) + each.value
    yield from (whole.value - some for some in unknown.values())


def _pairs(every: Iterable[Whole]) -> list[tuple[Counted, Counted]]:
    """Return the pairs of cells of each sum with at most FEW cells, which a text may compare: men and women."""
    few = (each.cells for each in every if len(each.cells) <= FEW)
    return [pair for cells in few for pair in combinations(cells, 2)]


def _ratios(pairs: Iterable[tuple[Counted, Counted]]) -> frozenset[float]:
    """Return the ratios of each pair, as a factor and in per cent, without those that follow from shown cells."""
    found: dict[bool, set[float]] = {True: set(), False: set()}
    for one, other in pairs:
        for part, whole in ((one.value, other.value), (other.value, one.value)):
            found[one.is_shown and other.is_shown].update((*rounded(part, whole), *in_per_cent(part, whole)))
    return frozenset(found[False] - found[True] - {0.0})


def _left_out_totals(every: Sequence[Whole], shown: frozenset[int]) -> list[Whole]:
    """Return the sums with a hidden cell whose value equals no shown cell and no fully shown sum."""
    known = shown | {each.value for each in every if not each.is_hidden}
    return [each for each in every if each.is_hidden and each.value not in known]


def _of_one_kind(whole: Whole) -> Iterator[int]:
    """Yield the counts whose shares a text may state: the cells of a sum, and its subtotals by code."""
    by_code: dict[tuple[str, str], int] = {}
    for each in whole.cells:
        yield each.value
        for pair in each.key[2].dims:
            by_code[pair] = by_code.get(pair, 0) + each.value
    yield from by_code.values()


def _shares_without_one(every: Iterable[Whole]) -> Iterator[float]:
    """Yield the shares of a cell in a sum of few without another cell, one of them hidden: of those who are not women."""
    for whole in every:
        for one, other in permutations(whole.cells, 2) if 2 < len(whole.cells) <= FEW else ():
            if one.value < whole.value - other.value and not (one.is_shown and other.is_shown):
                yield from in_per_cent(one.value, whole.value - other.value)


def _shares_over_all(every: Iterable[Whole]) -> Iterator[float]:
    """Yield the shares of subtotals by code with hidden cells in the whole table: women in both years together."""
    for whole in every:
        if whole.over == OVER_ALL and whole.is_hidden:
            kinds: dict[tuple[str, str], list[Counted]] = {}
            for each in whole.cells:
                for pair in each.key[2].dims:
                    kinds.setdefault(pair, []).append(each)
            for some in kinds.values():
                if len(some) > 1 and not all(each.is_shown for each in some):
                    yield from in_per_cent(sum(each.value for each in some), whole.value)
