"""The numbers that a table hides and a text could disclose: the cell, its complement, and its share of a total.

They are computed from the table as submitted and as sent. The totals of a cell are the wider cells of the same table,
the denominator, and the sums that are everything in the table (everything.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations
from typing import Final

from msgspec import UNSET, Struct

from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.everything import OVER_ALL, Key, Whole, cells_of, wholes
from suar.protocol.privacy.counts.prose import Counted
from suar.protocol.privacy.proof.axes import of_code
from suar.protocol.privacy.proof.cells import Cell

FEW: Final = 4  # most cells of a sum of which a text may tell differences: of more of them, any number is one


class HiddenNumbers(Struct, frozen=True):
    """The numbers by which a text is checked.

    `hidden`: counts of hidden cells. `left`: totals minus a hidden cell, and totals of the whole table with a hidden
    cell, if the table does not show that number. `parts`: such totals of one year, period, place or code, and what a
    hidden cell differs by from another one. `shares`:
    shares of hidden cells in per cent, with zero to two decimals, and of shown ones in such totals. `shown` and
    `open_shares`: what the table shows anyway.
    """

    hidden: frozenset[int]
    left: frozenset[int]
    parts: frozenset[int]
    shares: frozenset[float]
    shown: frozenset[int]
    open_shares: frozenset[float]


def hidden_numbers(trend: Trend, leaving: tuple[Observation, ...]) -> HiddenNumbers:
    """Return the numbers of `trend` that `leaving` hides; both have their observations in the same order."""
    values = {key: (value, is_shown) for key, value, is_shown in cells_of(trend.obs, leaving)}
    shown = frozenset(value for value, is_shown in values.values() if is_shown)
    hidden, left, shares, open_shares = set[int](), set[int](), set[float](), set[float]()
    for key, (value, is_shown) in values.items():
        totals = [values[wider][0] for wider in _wider(key) if wider in values]
        if trend.denominator is not UNSET:
            totals.append(trend.denominator)
        percents = {per_cent for total in totals if total >= value for per_cent in _shares(value, total)}
        if is_shown:
            open_shares |= percents
            continue
        hidden.add(value)
        left |= {total - value for total in totals if total >= value}
        shares |= percents | {
            per_cent for total in totals if total >= value for per_cent in _shares(total - value, total)
        }
    every = sums_of(trend, leaving)
    untold = _left_out_totals(every, shown)
    parts = frozenset(each.value for each in untold if each.over != OVER_ALL) | (_differences(every) - shown)
    left |= {each.value for each in untold if each.over == OVER_ALL}
    shares |= {
        per_cent for whole in untold for value in _of_one_kind(whole) for per_cent in _shares(value, whole.value)
    }
    return HiddenNumbers(
        frozenset(hidden), frozenset(left - shown), parts, frozenset(shares), shown, frozenset(open_shares)
    )


def sums_of(trend: Trend, leaving: Sequence[Observation]) -> list[Whole]:
    """Return the sums that are everything in a table."""
    return wholes(cells_of(trend.obs, leaving), _wider)


def _differences(every: Iterable[Whole]) -> frozenset[int]:
    """Return by how much a hidden cell is less or more than another one, in a table of few: more women than men."""
    few = (each.cells for each in every if each.is_hidden and len(each.cells) <= FEW)
    pairs = chain.from_iterable(combinations(cells, 2) for cells in few)
    return frozenset(abs(one.value - other.value) for one, other in pairs if not (one.shown and other.shown))


def _left_out_totals(every: Sequence[Whole], shown: frozenset[int]) -> list[Whole]:
    """Return the sums with a hidden cell that neither a cell nor another sum shows."""
    told = shown | {each.value for each in every if not each.is_hidden}
    return [each for each in every if each.is_hidden and each.value not in told]


def _of_one_kind(whole: Whole) -> Iterator[int]:
    """Yield the counts of a whole whose shares an author writes: its cells, and all of them with one code."""
    by_code: dict[tuple[str, str], int] = {}
    for each in whole.cells:
        yield each.value
        for pair in each.key[2].dims:
            by_code[pair] = by_code.get(pair, 0) + each.value
    yield from by_code.values()


def _shares(part: int, total: int) -> Iterator[float]:
    if total > 0:
        for scale in (1, 10, 100):  # rounded half up, to zero, one and two decimals
            yield (200 * part * scale + total) // (2 * total) / scale


def _wider(key: Key) -> Iterator[Key]:
    """Yield the cells that contain a cell: with fewer breakdowns, a longer period or a wider place."""
    role, country, cell = key
    for period in _periods(cell.period):
        for admin1, locode in dict.fromkeys([(cell.admin1, cell.locode), (cell.admin1, ""), ("", "")]):
            for dims in _breakdowns(cell.dims):
                wider = Cell(period, admin1, locode, dims)
                if wider != cell:
                    yield role, country, wider


def _breakdowns(dims: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    for some in chain.from_iterable(combinations(dims, size) for size in range(len(dims) + 1)):
        yield some
        for at, (name, code) in enumerate(some):
            level = of_code(name, code)[0]
            if level != code:
                yield (*some[:at], (name, level), *some[at + 1 :])


def _periods(period: str) -> Iterator[str]:
    yield period
    year, _, part = period.partition("-")
    if part.isdigit():
        month = int(part)
        yield f"{year}-Q{(month + 2) // 3}"
        yield f"{year}-H{(month + 5) // 6}"
    elif part.startswith("Q"):
        yield f"{year}-H{(int(part[1:]) + 1) // 2}"
    if part:
        yield year


class Disclosures(Struct, frozen=True):
    """Words of a text that disclose a hidden number, that may disclose one, and that count fewer than k persons."""

    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    small: tuple[str, ...]


def find_disclosures(found: Iterable[Counted], known: HiddenNumbers, k: int) -> Disclosures:
    """Return what the counts of a text disclose about a table."""
    ways: dict[str, list[str]] = {"surely": [], "maybe": [], "small": []}
    for each in found:
        way = _severity(each, known, k)
        if way and each.words not in ways[way]:
            ways[way].append(each.words)
    return Disclosures(*map(tuple, ways.values()))


def _severity(each: Counted, known: HiddenNumbers, k: int) -> str:
    if each.is_share:
        if each.value not in known.shares:
            return ""
        return "maybe" if each.value in known.open_shares else "surely"
    is_hidden = each.value in known.hidden
    if not each.beside:
        return (
            "maybe" if is_hidden or each.value in known.left | known.parts | (known.shares - known.open_shares) else ""
        )
    if (is_hidden and each.value not in known.shown) or each.value in known.left:
        return "surely"
    if is_hidden or each.value in known.parts:
        return "maybe"
    return "small" if each.value < k else ""
