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
        if each.is_of_others and not known.has_others:
            continue
        way = _severity(each, known, k) or ("moved" if _is_moved(each, known, k) else "")
        if way and each.words not in ways[way]:
            ways[way].append(each.words)
    return Disclosures(*map(tuple, ways.values()))


def _severity(each: Counted, known: HiddenNumbers, k: int) -> str:
    if each.upper is not None:
        return "maybe" if {each.value, each.upper} <= known.hidden - known.shown else ""
    if each.is_equality:
        return "maybe" if known.has_equal else ""
    if each.is_one_in:
        return "maybe" if each.value in known.one_in else ""
    if each.is_ratio or each.is_factor:
        shares = (known.shares - known.open_shares) | known.one_in
        others = known.factors | known.corrected.factors if each.is_factor else shares
        return "maybe" if each.value in known.ratios | others else ""
    if each.is_share:
        return _of_share(each, known)
    return _of_count(each, known) or ("small" if each.is_near_word and each.value < k else "")


def _of_count(each: Counted, known: HiddenNumbers) -> str:
    is_hidden = each.value in known.hidden
    if not each.is_near_word:
        is_known = is_hidden or each.value in known.left | known.parts | (known.shares - known.open_shares)
        return "maybe" if is_known else _of_change(each, known)
    if (is_hidden and each.value not in known.shown) or each.value in known.left:
        return "surely"
    is_known = is_hidden or each.value in known.parts | known.elsewhere
    return _of_change(each, known) or ("maybe" if is_known else "")


def _of_share(each: Counted, known: HiddenNumbers) -> str:
    if each.value in known.shares and each.is_near_word and each.value not in known.open_shares:
        return "surely"
    changed = _of_change(each, known)
    if changed == "surely" or each.value not in known.shares:
        return changed or ("maybe" if each.is_near_word and each.value in known.rates | known.ratios else "")
    return "maybe"


def _of_change(each: Counted, known: HiddenNumbers) -> str:
    """Return how surely a number states by how much a count changed since an earlier edition, one of them hidden.

    What is also a number that the table shows, or the change of a shown count, is only held, beside a word for persons,
    cases or per cent.
    """
    changes = known.corrected
    is_change = each.value in changes.rates if each.is_share else each.value in changes.differences
    is_open = each.value in (
        changes.open_rates | known.open_shares if each.is_share else changes.open_differences | known.shown
    )
    if not each.is_near_word and not each.is_share:
        is_change = is_change or each.value in changes.rates - changes.open_rates - known.open_shares
    if not is_change or (is_open and not each.is_near_word):
        return ""
    return "surely" if each.is_near_word and not is_open else "maybe"


def _is_moved(each: Counted, known: HiddenNumbers, k: int) -> bool:
    """Whether a number that the table does not show differs by 1 to k-1 from a total that was shown."""
    if (
        each.is_share
        or each.is_factor
        or each.is_ratio
        or each.is_one_in
        or each.upper is not None
        or each.is_equality
        or not (each.is_near_word or each.is_total)
        or each.value in known.shown
    ):
        return False
    return each.value not in known.totals and any(abs(each.value - total) < k for total in known.totals)
