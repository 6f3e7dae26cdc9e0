"""Classifies the counts found in a text by what they disclose about its table."""

from collections.abc import Iterable

from msgspec import Struct

from suar.protocol.privacy.counts.hidden_numbers import HiddenNumbers
from suar.protocol.privacy.counts.prose import Counted


class Disclosures(Struct, frozen=True):
    """The words of a text by class.

    They disclose a hidden number, may disclose one, state a count below k, or may disclose a change by less than k of a
    total that was shown.
    """

    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    small: tuple[str, ...]
    moved: tuple[str, ...]


def find_disclosures(found: Iterable[Counted], known: HiddenNumbers, k: int) -> Disclosures:
    """Return the words of the counts `found` in a text that disclose something about the table."""
    ways: dict[str, list[str]] = {"surely": [], "maybe": [], "small": [], "moved": []}
    for each in found:
        way = _severity(each, known, k) or ("moved" if _is_moved(each, known, k) else "")
        if way and each.words not in ways[way]:
            ways[way].append(each.words)
    return Disclosures(*map(tuple, ways.values()))


def _severity(each: Counted, known: HiddenNumbers, k: int) -> str:
    if each.is_ratio or each.is_factor:
        others = known.factors if each.is_factor else known.shares - known.open_shares
        return "maybe" if each.value in known.ratios | others else ""
    if each.is_share:
        return _of_share(each, known)
    is_hidden = each.value in known.hidden
    if not each.is_near_word:
        return (
            "maybe" if is_hidden or each.value in known.left | known.parts | (known.shares - known.open_shares) else ""
        )
    if (is_hidden and each.value not in known.shown) or each.value in known.left:
        return "surely"
    if is_hidden or each.value in known.parts | known.elsewhere:
        return "maybe"
    return "small" if each.value < k else ""


def _of_share(each: Counted, known: HiddenNumbers) -> str:
    if each.value in known.shares:
        return "surely" if each.is_near_word and each.value not in known.open_shares else "maybe"
    return "maybe" if each.is_near_word and each.value in known.rates | known.ratios else ""


def _is_moved(each: Counted, known: HiddenNumbers, k: int) -> bool:
    """Whether a number that the table does not show differs by 1 to k-1 from a total that was shown."""
    if (
        each.is_share
        or each.is_factor
        or each.is_ratio
        or not (each.is_near_word or each.is_total)
        or each.value in known.shown
    ):
        return False
    return each.value not in known.totals and any(abs(each.value - total) < k for total in known.totals)
