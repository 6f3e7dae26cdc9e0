"""The reasons why a table cannot be sent, for its author: the cell and the dimension to make coarser."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final

from msgspec import UNSET

from suar.protocol.base.codelists import TOTAL
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, Value, join_values, name_category, name_dimension, sentence
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import OTHER, Sheet, above, cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, Fact
from suar.protocol.privacy.proof.reader import Key, OrderedReleases
from suar.protocol.privacy.tables import revisions

FEW: Final = 4  # categories that a hint names, unless the table is too large


class Unprotectable(Exception):  # noqa: N818 - the table's refusal, with its reasons for the publisher
    """The table cannot be sent; each reason has a code, a path and a hint what to make coarser or correct.

    `is_unproved`: whether the only reason is that the proof would take too long.
    """

    def __init__(self, reasons: tuple[Reason, ...], *, is_unproved: bool = False) -> None:
        super().__init__(reasons[0].message)
        self.reasons, self.is_unproved = reasons, is_unproved

    @property
    def advice(self) -> str:
        """The hint of the first reason."""
        return self.reasons[0].hint


def refuse(reasons: Iterable[Reason]) -> None:
    """Raise Unprotectable if there are reasons."""
    found = tuple(reasons)
    if found:
        raise Unprotectable(found)


def duplicate_cells(facts: Sequence[Fact], sheets: Sequence[Sheet]) -> Iterator[Reason]:
    """Yield a reason for each cell that occurs twice in a message, also in another notation (codes `total`)."""
    seen: dict[object, int] = {}
    for at, (fact, sheet) in enumerate(zip(facts, sheets, strict=True)):
        first = seen.setdefault((sheet, fact.cell), at)
        if first != at:
            text = sentence(
                "the cell is given twice, first as figure {first} of the table: {fact}",
                first=first + 1, fact=fact.cell.as_value(),
            )  # fmt: skip
            yield Reason.of("E-PRIVACY-TABLE", None, f"$.obs[{at}]", text, sentence("one observation a cell"))


def unprotectable_cell(trend: Trend, key: Key | None, at: int | None, k: int, hidden: Set[Key]) -> Reason:
    """Return the reason for a count that no further hidden cell protects. `at`: its index if it belongs to the trend.

    The reason states that a count is below k only if the author submitted it; a count of an earlier table is described
    as hidden.
    """
    path = "$.obs" if at is None else f"$.obs[{at}]"
    if key is None:
        text = sentence(
            "what the tables leave out, perhaps fewer than {k}, could be computed from the others whatever is hidden",
            k=k,
        )
        return Reason.of("E-PRIVACY-TABLE", None, path, text, coarsen(trend, hidden))
    value = None if at is None else trend.obs[at].value
    cell = key[1].as_value()
    if value is not None and value < k:
        text = sentence("a count below {k} could be computed from the others whatever is hidden: {key}", k=k, key=cell)
    else:
        whence: Value = "" if at is not None else sentence(", which was released before as hidden")
        text = sentence(
            "a hidden count could be computed from the others whatever else is hidden: {key}{whence}",
            key=cell, whence=whence,
        )  # fmt: skip
    return Reason.of("E-PRIVACY-TABLE", None, path, text, coarsen(trend, hidden), (cell,))


def moved_cell(trend: Trend, at: int, k: int) -> Reason:
    """Return the reason for a count that would have to leave hidden, since it moved by less than k, and that the others
    tell.

    So would the correction of a number that left wrong by less than k: nothing lets it leave, also not on a fixed date.
    """
    text = sentence(
        "the count was shown before and has moved by less than {k} since: hidden, it would follow from other figures, "
        "so the table cannot leave with it",
        k=k,
    )
    first, last = revisions.next_open(milliseconds(trend.sent))
    hint = sentence(
        "leave this figure out: while it is so near to the released number, neither a revision nor cancelling the "
        "message and publishing it again can replace that number, even if it was wrong; once the count has moved "
        "further, a revision may show it, next from {first} to {last}",
        first=str(first), last=str(last),
    )  # fmt: skip
    cell = cell_of(trend.obs[at]).as_value()
    return Reason.of("E-PRIVACY-TABLE", None, f"$.obs[{at}]", text, hint, (cell,))


def kept_cell(trend: Trend, at: int) -> Reason:
    """Return the reason for a count of k or more that was hidden before with another value, and that the others tell.

    So is a number that left hidden and wrong, beside figures that are right.
    """
    cell = cell_of(trend.obs[at]).as_value()
    text = sentence(
        "a hidden count could be computed from the others whatever else is hidden: {key}{whence}",
        key=cell, whence=sentence(", which was hidden before with another value"),
    )  # fmt: skip
    hint = sentence(
        "leave this figure out: it stays hidden, and released figures tell it; neither a revision nor cancelling the "
        "message and publishing it again changes that, even if the earlier value was wrong"
    )
    return Reason.of("E-PRIVACY-TABLE", None, f"$.obs[{at}]", text, hint, (cell,))


def too_large(trend: Trend, hidden: Set[Key]) -> Reason:
    """Return the reason for a table whose proof would take too long."""
    text = sentence("the table is too large and too sparse to prove that it gives nobody away")
    return Reason.of("E-PRIVACY-TABLE", None, "$.obs", text, coarsen(trend, hidden, by_half=True))


def contradiction(trend: Trend, earlier: OrderedReleases = ()) -> Reason:
    """Return the reason for figures that contradict one another or the `earlier` releases.

    A total that follows from the figures, but is not among them, would disclose by how much earlier figures changed.
    """
    if all(cell_of(observation).dims for observation in trend.obs):
        text = sentence("figures that were shown before have changed, and the table does not have their new total")
        return Reason.of("E-PRIVACY-TABLE", None, "$.obs", text, sentence("hand in the total as a figure of the table"))
    text = sentence(
        "the figures of the table, and those released before, cannot all be right, so what it gives away cannot be told"
    )
    others = sorted(_missing_others(trend, earlier))
    if others:
        more = join_values(name_category(name, OTHER) for name in others)
        hint = sentence("hand in these figures of the same total with it, which change with it: {more}", more=more)
        return Reason.of("E-PRIVACY-TABLE", None, "$.obs", text, hint)
    hint = sentence(
        "compare the totals with their parts, and with the released tables of the same indicator, period and place; "
        "if a released number was wrong, correct it first by a revision of its table at the next of the fixed dates, "
        "or leave out the figure that differs from it"
    )
    return Reason.of("E-PRIVACY-TABLE", None, "$.obs", text, hint)


def _missing_others(trend: Trend, earlier: OrderedReleases) -> set[str]:
    """Return the dimensions in which an earlier table shows `other` of a total that the new one gives, without it."""
    named = {(sheet_of(trend, item), cell_of(item)) for item in trend.obs}
    found = set[str]()
    for sheet, release in earlier:
        for cell in (fact.cell for fact in release.facts if fact.mark == SHOWN and (sheet, fact.cell) not in named):
            for name, code in cell.dims:
                whole = cell._replace(dims=tuple(pair for pair in cell.dims if pair[0] != name))
                if code == OTHER and (sheet, whole) in named:
                    found.add(name)
    return found


DENOMINATOR: Final = "$.denominator"
"""The path of every reason against a denominator."""


def disclosing_denominator(trend: Trend) -> Reason:
    """Return the reason for a table that can only be sent without its denominator."""
    text = sentence("together with the denominator a count that the tables hide or leave out could be computed")
    return refuse_denominator(trend, text)


def moved_denominator(trend: Trend, k: int) -> Reason:
    """Return the reason for a denominator that discloses a change below k."""
    text = sentence(
        "the denominator differs by fewer than {k} from an earlier one, or from what the figures show or add up to",
        k=k,
    )
    return refuse_denominator(trend, text)


def denominator_below(trend: Trend) -> Reason:
    """Return the reason for a denominator below the sum of figures of several tables."""
    text = sentence("the denominator is less than what the figures, and those shown before, add up to")
    return refuse_denominator(trend, text)


def ambiguous_denominator(trend: Trend) -> Reason:
    """Return the reason for a denominator of a table with too many codes that all its figures share."""
    text = sentence("the denominator may be the number of too many groups to check each of them")
    return refuse_denominator(trend, text)


def refuse_denominator(trend: Trend, text: Sentence) -> Reason:
    """Return a reason to refuse a denominator, with an alternative for the author."""
    hint = sentence("leave the denominator out, or hand in the total as a figure of the table")
    if not all(cell_of(observation).dims for observation in trend.obs):  # it is a figure already
        hint = sentence("leave the denominator out")
    return Reason.of("E-PRIVACY-COUNT", None, DENOMINATOR, text, hint)


def doubtful_denominator(text: Sentence) -> Reason:
    """Return a reason to hold a denominator; it may count other people, so the hint does not ask for it as a total."""
    hint = sentence("leave the denominator out, or let a second person release it")
    return Reason.of("E-PRIVACY-COUNT", None, DENOMINATOR, text, hint)


def coarsen(trend: Trend, hidden: Set[Key], *, by_half: bool = False) -> Sentence:
    """Return the advice which dimension to make coarser: the one with the most hidden categories.

    `by_half`: for a table that is too large; it names more categories, so that the author submits it fewer times.
    """
    dims = () if trend.dims is UNSET else trend.dims
    codes: dict[str, dict[str, int]] = {name: {} for name in dims}
    counted: dict[str, int] = {}
    for observation in trend.obs:
        cell = cell_of(observation)
        is_hidden = (sheet_of(trend, observation), cell) in hidden
        for name, code in cell.dims:
            of_name = codes.setdefault(name, {})
            of_name[code] = of_name.get(code, 0) + is_hidden
            counted[code] = counted.get(code, 0) + (observation.value or 0)
    if not dims:
        return sentence("publish a longer period or a larger place, or publish it with the next period")
    name = max(dims, key=lambda name: (sum(map(bool, codes[name].values())), len(codes[name]), name))
    way = _coarser(name, codes[name], counted, by_half=by_half)
    return sentence(
        "{way}, or leave the dimension {name} out, or publish a longer period, or publish it with the next period",
        way=way, name=name_dimension(name),
    )  # fmt: skip


def _coarser(name: str, codes: Mapping[str, int], counted: Mapping[str, int], *, by_half: bool) -> Sentence:
    """Return the advice for a merge that keeps the meaning: to the level above, or of rare countries into `other`.

    `codes`: the number of hidden figures of each code. `counted`: the sum of all figures of each code.
    """
    levels = {code: parent for code in codes for parent, _ in above(name, code) if parent != TOTAL}
    if levels:
        wider = _named(name, sorted(set(levels.values())))
        parts = _named(name, sorted(levels)[:FEW])
        return sentence("give {wider} instead of {parts}", wider=wider, parts=parts)
    if name == "citizenship" and len(codes) > 2:
        rarest = sorted(
            (code for code in codes if code not in ("other", "unknown")),
            key=lambda code: (-codes[code], counted.get(code, 0), code),
        )
        count = max(FEW, len(rarest) // 2) if by_half else FEW
        rare, other = _named(name, rarest[:count]), _named(name, ["other"])
        return sentence("give {rare} together as {other}", rare=rare, other=other)
    return sentence("give fewer breakdowns beside the dimension {name}", name=name_dimension(name))


def _named(name: str, codes: Iterable[str]) -> Sentence:
    """Return the codes of a dimension for a reason; they are displayed as labels in the language of the reader."""
    return join_values(name_category(name, code) for code in codes)
