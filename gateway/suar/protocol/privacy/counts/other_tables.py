"""Compares a denominator with tables outside its proof: those of other indicators and of other years.

A message does not state whom its denominator counts. If 50 of `60` persons were assisted, the 60 may be the men
detected. The denominator is therefore compared, by arithmetic, with every number and every sum of the tables released
for the same years, in either order of release (docs/privacy.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from suar.protocol.privacy.counts.numbers import (
    Dims,
    Number,
    Numbers,
    Table,
    Tables,
    is_narrow,
    is_unknown,
    tables_of,
)
from suar.protocol.privacy.proof.cells import Cell, Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, Release, Released
from suar.protocol.privacy.tables.denominators import of_shared_codes

EARLIER_MAX: Final = 64
"""Maximum number of earlier denominators with which a table is compared; the newest are used."""

SUMS_MAX: Final = 100_000
"""Maximum number of sums over several sheets that are compared with one denominator."""


class Denominator(NamedTuple):
    """A denominator and, for each sheet of its message, the cells that it may count.

    `otherwise`: the cells for which the same message states a different number. `names`: the breakdowns of the message.
    """

    value: int
    cells: tuple[tuple[Sheet, tuple[Cell, ...]], ...]
    otherwise: frozenset[tuple[Sheet, Cell]] = frozenset()
    names: frozenset[str] = frozenset()


def denominator_of(message: Mapping[Sheet, Release]) -> Denominator | None:
    """Return the denominator of a message or of one of its sheets; None if it has none."""
    facts = [fact for release in message.values() for fact in release.facts if fact.mark == DENOMINATOR]
    if not facts or (len(message) == 1 and not facts[0].cell.period):  # of several sheets, of which this is one
        return Denominator(facts[0].value or 0, ()) if facts else None
    cells = [
        (sheet, tuple(of_shared_codes([fact.cell for fact in release.figures()]))) for sheet, release in message.items()
    ]
    figures = [(sheet, fact) for sheet, release in message.items() for fact in release.figures()]
    otherwise = frozenset((sheet, fact.cell) for sheet, fact in figures if fact.value not in (None, facts[0].value))
    names = frozenset(name for _, fact in figures for name, _ in fact.cell.dims)
    return Denominator(facts[0].value or 0, tuple(cells), otherwise, names)


def _earlier(released: Released) -> list[Denominator]:
    """Return the earlier denominators without duplicates, newest first."""
    rows = [(release.n, sheet, release) for sheet, releases in released.items() for release in releases]
    found = (denominator_of({sheet: release}) for _, sheet, release in sorted(rows, key=lambda row: -row[0]))
    return list(dict.fromkeys(each for each in found if each))[:EARLIER_MAX]


def is_disclosed_by_own(new: Mapping[Sheet, Release], released: Released) -> bool:
    """Whether the denominator of the message may disclose a count that a released table hides or omits."""
    own = denominator_of(new)
    return own is not None and any(_is_disclosing(own, every) for every in _for_readers(new, released))


def is_disclosed_by_earlier(new: Mapping[Sheet, Release], released: Released) -> bool:
    """Whether an earlier denominator may disclose a count that the table of the message hides or omits."""
    before = _earlier(released)
    return any(
        _is_disclosing(denominator, {sheet: every[sheet] for sheet in new})
        for every in (_for_readers(new, released) if before else ())
        for denominator in before
    )


def _for_readers(new: Mapping[Sheet, Release], released: Released) -> Iterator[Tables]:
    """Yield the tables for a reader of all messages and, if the new message is open, for a reader of open messages."""
    yield tables_of(released, new, only_open=False)
    is_open = all(release.is_open for releases in released.values() for release in releases)
    if not is_open and all(release.is_open for release in new.values()):
        yield tables_of(released, new, only_open=True)


def _is_disclosing(denominator: Denominator, every: Tables) -> bool:
    return _is_disclosing_over_sheets(denominator, every) or any(
        _is_disclosing_in_table(denominator, table)
        for table in every.values()
        if denominator.value not in table.apparent
    )


def _is_disclosing_in_table(denominator: Denominator, table: Table) -> bool:
    """Whether a count below k follows if the denominator is a number or a sum of the table."""
    is_of_year = len(denominator.cells) == 1 and denominator.cells[0][0].year == table.sheet.year
    cells = denominator.cells[0][1] if is_of_year else ()
    value = denominator.value
    return (
        value in table.disclosing_sums
        or any(value in table.disclosing_codes(cell[:3]) for cell in cells[:1])
        or any(
            way(denominator, cell, table)
            for cell in cells
            for way in (_is_near, _is_disclosing_by_sum, _is_disclosing_by_known)
        )
    )


def _is_near(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether the denominator differs by 1 to k-1 from the total of its period and location, as after late counts.

    False if the table of the denominator states a different total. False also for a table of another indicator that
    shows complete parts in each breakdown: such a difference then discloses no count.
    """
    total = table.numbers.get(cell)
    if cell.dims or total is None or (table.sheet, cell) in denominator.otherwise:
        return False
    is_own = any(sheet.series == table.sheet.series for sheet, _ in denominator.cells)
    if not is_own and denominator.names and all(_is_everybody_shown(table, cell, name) for name in denominator.names):
        return False
    return 0 < abs(denominator.value - total.value) < table.k


def _is_everybody_shown(table: Table, cell: Cell, name: str) -> bool:
    """Whether the table shows a cell and parts by the breakdown `name` that add up to it."""
    for parent, parts in table.divisions_with(cell):
        numbers = [table.numbers[part] for part in (parent, *parts)]
        is_by_name = parent == cell and all([each for each, _ in part.dims] == [name] for part in parts)
        if is_by_name and all(number.is_shown for number in numbers):
            whole, *rest = (number.value for number in numbers)
            if whole == sum(rest):
                return True
    return False


def _is_disclosing_by_sum(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows from a sum if the denominator is the number of a cell that the table does not name."""
    return denominator.value in table.disclosing_numbers(cell)


def _is_disclosing_by_known(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows if the denominator is the number of persons of a cell with a known code in a breakdown.

    Two sums follow: the denominator is the sum of the parts with a known code, and the cell is the sum of the
    denominator and the parts `unknown`.
    """
    base, total = Number(denominator.value, is_shown=True), table.numbers.get(cell)
    for parent, parts in table.divisions_with(cell):
        if parent == cell:
            unknown = [table.numbers[part] for part in parts if is_unknown(part)]
            known = [table.numbers[part] for part in parts if not is_unknown(part)]
            sums = [(base, known)] if known else []
            sums += [(total, [base, *unknown])] if total is not None and unknown else []
            if _is_disclosing_part(sums, table.k):
                return True
    return False


def _is_disclosing_part(sums: Sequence[tuple[Number, Sequence[Number]]], k: int) -> bool:
    """Whether no sum is exceeded by its parts and at least one sum discloses a count."""
    is_possible = all(whole.value >= sum(each.value for each in parts) for whole, parts in sums)
    return is_possible and any(is_narrow(whole, parts, k) for whole, parts in sums)


def _is_disclosing_over_sheets(denominator: Denominator, every: Tables) -> bool:
    """Whether the denominator may be a sum over several sheets that discloses one of the addends.

    The sheets are years, countries or roles. The addends are one number of each sheet, for the same periods and
    locations, of the series of the denominator or of any other series.
    """
    if len(denominator.cells) < 2:
        return False
    own = set.intersection(*({cell.dims for cell in cells} for _, cells in denominator.cells))
    for series in dict.fromkeys(sheet.series.rpartition("|")[0] for sheet in every):
        found: list[Numbers] = []
        k = 0
        for sheet, cells in denominator.cells:
            table = every.get(sheet._replace(series=f"{series}|{sheet.series.rpartition('|')[2]}"))
            found.append(_of_place(table, cells) if table is not None else {})
            k = max(k, table.k if table is not None else 0)
        if all(found) and _is_disclosing_addend(denominator.value, found, own, k):
            return True
    return False


def _of_place(table: Table, cells: Sequence[Cell]) -> Numbers:
    """Return the numbers of the periods and locations of these cells, by their codes."""
    where = {cell[:3] for cell in cells}
    return {cell.dims: number for cell, number in table.numbers.items() if cell[:3] in where}


def _is_disclosing_addend(value: int, numbers: Sequence[Numbers], own: set[Dims], k: int) -> bool:
    """Whether a value discloses a count if it is the sum of one number of each sheet.

    `own`: the codes that all figures of the denominator's message share. A value that is a sum of shown numbers with
    the same codes discloses nothing.
    """
    whole = Number(value, is_shown=True)
    of_same = {dims: [each[dims] for each in numbers] for dims in set.intersection(*map(set, numbers))}
    if any(
        sum(each.value for each in some) == value and all(each.is_shown for each in some) for some in of_same.values()
    ):
        return False
    if any(is_narrow(whole, some, k) for dims, some in of_same.items() if dims in own):
        return True
    hidden = [(at, dims) for at, each in enumerate(numbers) for dims, number in each.items() if not number.is_shown]
    return any(_is_sum_with(value, numbers, at, dims) for at, dims in hidden)


def _is_sum_with(value: int, numbers: Sequence[Numbers], at: int, dims: Dims) -> bool:
    """Whether a value may be the sum of a hidden number, `numbers[at][dims]`, and one number of each other sheet.

    The codes of the other numbers contain `dims` or are contained in it. Returns True if there are more than SUMS_MAX
    sums.
    """
    codes, sums = set(dims), {numbers[at][dims].value}
    others = [*numbers[:at], *numbers[at + 1 :]]
    *parts, last = [
        {number.value for of, number in each.items() if codes <= set(of) or codes >= set(of)} for each in others
    ]
    for own in parts:
        if len(sums) * len(own) > SUMS_MAX:
            return True
        sums = {together for one in sums for part in own if (together := one + part) <= value}
    return any(value - one in last for one in sums)
