"""What a denominator tells beside tables that it is not proved with: of another indicator, or of other years.

Nothing says of whom a denominator is: `60`, of whom 50 were assisted, may be the men detected. So it is compared, by
plain arithmetic, with all that was released of the same years, in whatever order: it may be any number of a table, and
any sum of it.
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
"""Most different denominators of before with which a table is compared, the newest."""

SUMS_MAX: Final = 100_000
"""Most sums of one number of each of several years that are compared with one denominator."""


class Denominator(NamedTuple):
    """The denominator of a message, with the cells that it may be the number of: those of each sheet of its message.

    `otherwise`: the cells to which its own message gives another number. `names`: the breakdowns of its message.
    """

    value: int
    cells: tuple[tuple[Sheet, tuple[Cell, ...]], ...]
    otherwise: frozenset[tuple[Sheet, Cell]] = frozenset()
    names: frozenset[str] = frozenset()


def denominator_of(message: Mapping[Sheet, Release]) -> Denominator | None:
    """Return the denominator of a message, or of one sheet of it."""
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
    """Return the denominators of before, each number once, the newest first."""
    rows = [(release.n, sheet, release) for sheet, releases in released.items() for release in releases]
    found = (denominator_of({sheet: release}) for _, sheet, release in sorted(rows, key=lambda row: -row[0]))
    return list(dict.fromkeys(each for each in found if each))[:EARLIER_MAX]


def by_own(new: Mapping[Sheet, Release], released: Released) -> bool:
    """Whether the denominator of a message, as it leaves, may tell a count that a table hides or leaves out."""
    own = denominator_of(new)
    return own is not None and any(_tells(own, every) for every in _for_readers(new, released))


def by_earlier(new: Mapping[Sheet, Release], released: Released) -> bool:
    """Whether an earlier denominator may tell a count that the table of a message hides or leaves out."""
    before = _earlier(released)
    return any(
        _tells(denominator, {sheet: every[sheet] for sheet in new})
        for every in (_for_readers(new, released) if before else ())
        for denominator in before
    )


def _for_readers(new: Mapping[Sheet, Release], released: Released) -> Iterator[Tables]:
    """Yield all numbers as the reader of everything has them; and as the reader of open messages, of an open one."""
    yield tables_of(released, new, only_open=False)
    is_open = all(release.open for releases in released.values() for release in releases)
    if not is_open and all(release.open for release in new.values()):
        yield tables_of(released, new, only_open=True)


def _tells(denominator: Denominator, every: Tables) -> bool:
    return _tells_over_sheets(denominator, every) or any(
        _tells_of(denominator, table) for table in every.values() if denominator.value not in table.apparent
    )


def _tells_of(denominator: Denominator, table: Table) -> bool:
    """Whether the denominator, taken for a number of the table or a sum of it, gives a count of fewer than k away."""
    is_of_year = len(denominator.cells) == 1 and denominator.cells[0][0].year == table.sheet.year
    cells = denominator.cells[0][1] if is_of_year else ()
    value = denominator.value
    return (
        value in table.telling_sums
        or any(value in table.telling_codes(cell[:3]) for cell in cells[:1])
        or any(way(denominator, cell, table) for cell in cells for way in (_is_near, _opens, _opens_known))
    )


def _is_near(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether it is off by little from the total of its period and place: somebody was counted later.

    One that its own table says not to be its total is near to none of a later edition. A table of another indicator
    that shows everybody by each of its breakdowns leaves no count that such a difference could tell.
    """
    total = table.numbers.get(cell)
    if cell.dims or total is None or (table.sheet, cell) in denominator.otherwise:
        return False
    is_own = any(sheet.series == table.sheet.series for sheet, _ in denominator.cells)
    if not is_own and denominator.names and all(_shows_everybody(table, cell, name) for name in denominator.names):
        return False
    return 0 < abs(denominator.value - total.value) < table.k


def _shows_everybody(table: Table, cell: Cell, name: str) -> bool:
    """Whether the table shows all of a cell by one breakdown."""
    for parent, parts in table.divisions_with(cell):
        numbers = [table.numbers[part] for part in (parent, *parts)]
        is_by_name = parent == cell and all([each for each, _ in part.dims] == [name] for part in parts)
        if is_by_name and all(number.shown for number in numbers):
            whole, *rest = (number.value for number in numbers)
            if whole == sum(rest):
                return True
    return False


def _opens(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows from a sum, once the number of a cell that the table does not name is known."""
    return denominator.value in table.telling_numbers(cell)


def _opens_known(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows once the number of those of a cell who are known in a breakdown is: what it leaves of the
    cell is unknown, and what its parts leave of it is known.
    """
    base, total = Number(denominator.value, shown=True), table.numbers.get(cell)
    for parent, parts in table.divisions_with(cell):
        if parent == cell:
            unknown = [table.numbers[part] for part in parts if is_unknown(part)]
            known = [table.numbers[part] for part in parts if not is_unknown(part)]
            sums = [(base, known)] if known else []
            sums += [(total, [base, *unknown])] if total is not None and unknown else []
            if _gives_away(sums, table.k):
                return True
    return False


def _gives_away(sums: Sequence[tuple[Number, Sequence[Number]]], k: int) -> bool:
    """Whether wholes and their parts can all be right, and one of them tells a count."""
    is_possible = all(whole.value >= sum(each.value for each in parts) for whole, parts in sums)
    return is_possible and any(is_narrow(whole, parts, k) for whole, parts in sums)


def _tells_over_sheets(denominator: Denominator, every: Tables) -> bool:
    """Whether it may be the sum of one number of each of several years, countries or roles, and gives one of them away:
    of its own series or of any other, of the same periods and places.
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
        if all(found) and _tells_sum(denominator.value, found, own, k):
            return True
    return False


def _of_place(table: Table, cells: Sequence[Cell]) -> Numbers:
    """Return the numbers of the period and place of these cells, by their codes."""
    where = {cell[:3] for cell in cells}
    return {cell.dims: number for cell, number in table.numbers.items() if cell[:3] in where}


def _tells_sum(value: int, numbers: Sequence[Numbers], own: set[Dims], k: int) -> bool:
    """Whether a value tells a count as the sum of one number of each. `own`: the codes that its own figures share.

    A sum of numbers that are all shown, of the same codes, is what it is.
    """
    whole = Number(value, shown=True)
    of_same = {dims: [each[dims] for each in numbers] for dims in set.intersection(*map(set, numbers))}
    if any(sum(each.value for each in some) == value and all(each.shown for each in some) for some in of_same.values()):
        return False
    if any(is_narrow(whole, some, k) for dims, some in of_same.items() if dims in own):
        return True
    hidden = [(at, dims) for at, each in enumerate(numbers) for dims, number in each.items() if not number.shown]
    return any(_is_sum_with(value, numbers, at, dims) for at, dims in hidden)


def _is_sum_with(value: int, numbers: Sequence[Numbers], at: int, dims: Dims) -> bool:
    """Whether a value is the sum of this hidden number and one of each of the others, of the same codes, or of more or
    fewer. Of too many sums one is taken to be the value.
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
