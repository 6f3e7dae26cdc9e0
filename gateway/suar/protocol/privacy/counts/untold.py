"""The numbers that a table hides, as a text beside it could tell them: the cell, what its total leaves, the share.

Computed from the table as it was handed in and as it leaves; the totals of a cell are the wider cells of the same table,
up to the denominator.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

from msgspec import UNSET, Struct

from suar.protocol.message.kind.trend import ADULT_AGES, CHILD_AGES
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.prose import Counted
from suar.protocol.privacy.proof.cells import Cell, cell_of

Key = tuple[str, str, Cell]


class HiddenNumbers(Struct, frozen=True):
    """`hidden`: counts of hidden cells; `left`: what totals leave, if the table does not show it; `shares` in per cent,
    with none to two decimals; `shown` and `open_shares`: what the table shows anyway."""

    hidden: frozenset[int]
    left: frozenset[int]
    shares: frozenset[float]
    shown: frozenset[int]
    open_shares: frozenset[float]


def hidden_numbers(trend: Trend, leaving: tuple[Observation, ...]) -> HiddenNumbers:
    """What `leaving` hides of `trend`, whose observations are in the same order."""
    values: dict[Key, tuple[int, bool]] = {}
    for given, out in zip(trend.obs, leaving, strict=True):
        if given.value is not None:
            values[_key(given)] = given.value, out.value is not None
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
    return HiddenNumbers(frozenset(hidden), frozenset(left - shown), frozenset(shares), shown, frozenset(open_shares))


def _key(item: Observation) -> Key:
    return item.place.role, item.place.country, cell_of(item)


def _shares(part: int, total: int) -> Iterator[float]:
    if total > 0:
        for scale in (1, 10, 100):  # rounded half up, to none, one and two decimals
            yield (200 * part * scale + total) // (2 * total) / scale


def _wider(key: Key) -> Iterator[Key]:
    """The cells that a cell is part of: of fewer breakdowns, a longer period, a wider place."""
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
            band = "0-17" if code in CHILD_AGES else "18+" if code in ADULT_AGES else ""
            if name == "age" and band:
                yield (*some[:at], (name, band), *some[at + 1 :])


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
    """The words of a text that tell what is hidden, that may, and that count fewer than k persons."""

    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    small: tuple[str, ...]


def find_disclosures(found: Iterable[Counted], known: HiddenNumbers, k: int) -> Disclosures:
    """What the counts of a text tell of what a table hides."""
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
            "maybe" if is_hidden or each.value in known.left or each.value in known.shares - known.open_shares else ""
        )
    if (is_hidden and each.value not in known.shown) or each.value in known.left:
        return "surely"
    if is_hidden:
        return "maybe"
    return "small" if each.value < k else ""
