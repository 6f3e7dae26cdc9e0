"""Checks a denominator outside the proof: a reader may assume that it is a hidden count or the total of a part.

Within one series, country and year a denominator is a number of the proof (tables/denominators.py). A table of several
years, countries or roles is proved separately for each of them, and a denominator may be the total of a part of the
table. In these cases it is compared with the sums of the table.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts import other_tables
from suar.protocol.privacy.counts.everything import OVER_ALL, Counted, Whole, cells_of, wholes
from suar.protocol.privacy.counts.wider import wider_cells
from suar.protocol.privacy.proof.cells import UNKNOWN, Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, SUPPRESSED, Fact, Released
from suar.protocol.privacy.tables.advice import DENOMINATOR as AT_DENOMINATOR
from suar.protocol.privacy.tables.advice import doubtful_denominator, refuse_denominator
from suar.protocol.privacy.tables.protecting import released_by, sheets


def denominator_reasons(
    trend: Trend, k: int, leaving: Sequence[Observation], released: Released
) -> tuple[list[Reason], list[Reason]]:
    """Return (reasons to refuse, reasons to hold) because of a denominator.

    A denominator below k is refused if it may count the people of the table, otherwise held. A denominator is held if
    it equals a hidden number of this table or an earlier one, or if it differs from a sum of the table by less than k.
    A table is held if it hides a number that equals an earlier denominator. The same rules apply to releases of other
    people and indicators of these years (other_tables.py), not to those of other years.
    """
    released = _of_its_years(trend, released)
    hidden = {
        true.value: at for at, (true, item) in enumerate(zip(trend.obs, leaving, strict=True)) if item.value is None
    }
    earlier_denominators = {fact.value for _, fact in _facts(released) if fact.mark == DENOMINATOR}
    text = sentence("the table hides a count that equals an earlier denominator")
    hint = sentence("publish a longer period or a larger place, or publish it with the next period")
    held = [
        Reason.of("E-PRIVACY-COUNT", None, f"$.obs[{at}].value", text, hint)
        for value, at in hidden.items()
        if value in earlier_denominators
    ]
    new = released_by(trend, k, leaving)
    if not held and other_tables.is_disclosed_by_earlier(new, released):
        text = sentence("an earlier denominator may tell a count that the table hides or leaves out")
        held.append(Reason.of("E-PRIVACY-COUNT", None, "$.obs", text, hint))
    value = 0 if trend.denominator is UNSET else trend.denominator
    if not value:
        return [], held
    if value < k and may_count_the_same(trend):
        return [refuse_denominator(trend, sentence("the denominator is fewer than {k} persons", k=k))], held
    if value < k:
        held.append(doubtful_denominator(sentence("the denominator is fewer than {k}", k=k)))
    cells = cells_of(trend.obs, leaving)
    sums = wholes(cells, wider_cells)
    if (
        value in hidden
        or value in _hidden_before(released)
        or _is_disclosing(trend, value, k, sums)
        or _is_of_some(cells, sums, value, k)
        or other_tables.is_disclosed_by_own(new, released)
    ):
        held.append(doubtful_denominator(sentence("the denominator may tell a count that a table hides")))
    return [], held


def without_false_total(reasons: Iterable[Reason], trend: Trend, released: Released) -> Iterator[Reason]:
    """Yield the reasons with the hint to submit the denominator as the total replaced, if it belongs to other people.

    That is the case if it equals a number of another indicator; the hint is then to omit the denominator.
    """
    own = {sheet.series for sheet in sheets(trend)}
    facts = _facts(_of_its_years(trend, released))
    others = {fact.value for sheet, fact in facts if sheet.series not in own and fact.mark != DENOMINATOR}
    is_of_others = trend.denominator in others
    for each in reasons:
        is_against = each.path == AT_DENOMINATOR and is_of_others
        yield each.with_hint(Sentence("leave the denominator out")) if is_against else each


def may_count_the_same(trend: Trend) -> bool:
    """Whether the denominator may count the people of the table.

    False if a figure exceeds it, for example if it is a number of agencies.
    """
    most = max((item.value or 0 for item in trend.obs), default=0)
    return trend.denominator is UNSET or most <= trend.denominator


def _is_disclosing(trend: Trend, denominator: int, k: int, sums: Sequence[Whole]) -> bool:
    """Whether a hidden or omitted count below k may follow from the denominator, outside the proof."""
    whole = max((each.value for each in sums if each.over == OVER_ALL), default=0)
    is_proved = len(sheets(trend)) == 1 and denominator >= whole
    return not is_proved and any(_is_leaving_few(each, denominator, k) for each in sums)


def _is_of_some(cells: Sequence[Counted], sums: Sequence[Whole], denominator: int, k: int) -> bool:
    """Whether the denominator may be the sum of some figures, one of them hidden, or exceeds a shown one by 1 to k-1.

    False if it exceeds the total, equals a shown figure or a total, or equals a total less a shown `unknown`.
    """
    totals = _totals_by_role(cells, sums)
    shown = [each for each in cells if each.is_shown]
    unknown = [each.value for each in shown if any(code == UNKNOWN for _, code in each.key[2].dims)]
    readable = {*totals, *(whole - some for whole in totals for some in unknown), *(each.value for each in shown)}
    if denominator > sum(totals) or denominator in readable:
        return False
    return len(shown) < len(cells) or any(0 < denominator - each.value < k for each in shown)


def _totals_by_role(cells: Sequence[Counted], sums: Sequence[Whole]) -> list[int]:
    """Return the total for each role of the location: the cell that contains all others, else the largest sum."""
    roles: dict[str, list[Counted]] = {}
    for each in cells:
        roles.setdefault(each.key[0], []).append(each)
    return [
        _total(own, [each.value for each in sums if each.over == OVER_ALL and each.cells[0].key[0] == role])
        for role, own in roles.items()
    ]


def _total(cells: Sequence[Counted], sums: Sequence[int]) -> int:
    values = {each.key: each.value for each in cells}
    named = set.intersection(*({each.key, *wider_cells(each.key)} for each in cells)) & values.keys()
    return max([values[key] for key in named] or sums or values.values())


def _hidden_before(released: Released) -> set[int]:
    """Return the counts that earlier tables of the same people hide and none of them shows."""
    facts = [(sheet, fact) for sheet, fact in _facts(released) if fact.value is not None]
    shown = {(sheet, fact.cell, fact.value) for sheet, fact in facts if fact.mark == SHOWN}
    hidden = [(sheet, fact) for sheet, fact in facts if fact.mark == SUPPRESSED]
    return {fact.value or 0 for sheet, fact in hidden if (sheet, fact.cell, fact.value) not in shown}


def _of_its_years(trend: Trend, released: Released) -> Released:
    """Return the releases of the years of a trend, without those with which only its texts are compared."""
    years = {item.period[:4] for item in trend.obs}
    return {sheet: releases for sheet, releases in released.items() if sheet.year in years}


def _facts(released: Released) -> Iterable[tuple[Sheet, Fact]]:
    return ((sheet, fact) for sheet, releases in released.items() for each in releases for fact in each.facts)


def _is_leaving_few(whole: Whole, denominator: int, k: int) -> bool:
    left = denominator - whole.shown
    if whole.is_hidden:
        return denominator == whole.value or 0 <= left < k
    return 0 < left < k
