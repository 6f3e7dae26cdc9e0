"""Why a table cannot leave, for the person who made it: the cell, and what to coarsen."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET

from suar.protocol.kinds import Trend
from suar.protocol.privacy.cells import Sheet
from suar.protocol.privacy.ledger import SHOWN, Fact, Number, Released
from suar.protocol.reasons import Reason


class Unprotectable(Exception):  # noqa: N818 - the table's refusal, with its reasons for the publisher
    """The table cannot leave as it is; each reason has a code, a path and a hint what to coarsen or mend."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(reasons[0].message)
        self.reasons = reasons

    @property
    def advice(self) -> str:
        """The first reason's hint."""
        return self.reasons[0].hint


def refuse(reasons: Iterable[Reason]) -> None:
    """Raise Unprotectable when there are reasons."""
    found = tuple(reasons)
    if found:
        raise Unprotectable(found)


def twice(facts: Sequence[Fact], sheets: Sequence[Sheet]) -> Iterator[Reason]:
    """A cell that stands twice in one message; totals are no breakdown, so it may be written in two ways."""
    seen: dict[object, int] = {}
    for at, (fact, sheet) in enumerate(zip(facts, sheets, strict=True)):
        first = seen.setdefault((sheet, fact.cell), at)
        if first != at:
            text = f"the cell is given twice, first in $.obs[{first}]: {fact.cell.words()}"
            yield Reason("E-PRIVACY-TABLE", None, f"$.obs[{at}]", text, "one observation a cell")


def moved(facts: Sequence[Fact], sheets: Sequence[Sheet], released: Released, k: int) -> Iterator[Reason]:
    """Differencing: a cell that was shown before and is now another by 1..k-1. Who compares them counts those."""
    before: dict[tuple[Sheet, object], set[int]] = {}
    for sheet in dict.fromkeys(sheets):
        for release in released.get(sheet, ()):
            for fact in release.facts:
                if fact.mark == SHOWN and fact.value is not None:
                    before.setdefault((sheet, fact.cell), set()).add(fact.value)
    for at, (fact, sheet) in enumerate(zip(facts, sheets, strict=True)):
        value = fact.value
        if value is None or value < k:
            continue  # does not leave
        near = [old for old in before.get((sheet, fact.cell), ()) if 0 < abs(old - value) < k]
        if near:
            text = f"the cell was released as {near[0]} before, and {value} is less than {k} away: {fact.cell.words()}"
            hint = f"leave it at {near[0]} until it has moved by {k} or more, or give it as missing (M)"
            yield Reason("E-PRIVACY-MOVED", None, f"$.obs[{at}].value", text, hint, (fact.cell.words(),))


def bare(
    trend: Trend, facts: Sequence[Fact], places: Sequence[int], number: Number, k: int, hidden: set[Number]
) -> Reason:
    """A small count that no further hidden cell protects."""
    at = next((place for fact, place in zip(facts, places, strict=True) if fact.number == number), None)
    path = "$.obs" if at is None else f"$.obs[{at}]"
    whence = "" if at is not None else ", which was released before as hidden"
    text = f"a count below {k} could be computed from the others whatever is hidden: {number[0].words()}{whence}"
    return Reason("E-PRIVACY-TABLE", None, path, text, coarsen(trend, facts, hidden), (number[0].words(),))


def too_large(trend: Trend, facts: Sequence[Fact], hidden: set[Number]) -> Reason:
    """The proof would take too long."""
    text = "the table is too large and too sparse to prove that it gives nobody away"
    return Reason("E-PRIVACY-TABLE", None, "$.obs", text, coarsen(trend, facts, hidden))


def contradiction() -> Reason:
    """The sums do not fit one another."""
    text = "the sums of the table cannot all be right, so what it gives away cannot be told"
    return Reason("E-PRIVACY-TABLE", None, "$.obs", text, "compare the totals with their parts")


def coarsen(trend: Trend, facts: Sequence[Fact], hidden: set[Number]) -> str:
    """Which dimension to make coarser: the one with the most hidden categories."""
    dims = () if trend.dims is UNSET else trend.dims
    codes: dict[str, dict[str, int]] = {name: {} for name in dims}
    for fact in facts:
        for name, code in fact.cell.dims:
            of_name = codes.setdefault(name, {})
            of_name[code] = of_name.get(code, 0) + (fact.number in hidden)
    if not dims:
        return "publish a longer period or a larger place, or give the cell as missing (M) together with its total"
    name = max(dims, key=lambda name: (sum(map(bool, codes[name].values())), len(codes[name]), name))
    if len(codes[name]) <= 2:
        return f"leave the dimension {name} out, or publish a longer period or a larger place"
    rarest = sorted(codes[name], key=lambda code: (-codes[name][code], code))[:4]
    return f"coarsen {name}: put {', '.join(rarest)} together as other, or leave the dimension out"
