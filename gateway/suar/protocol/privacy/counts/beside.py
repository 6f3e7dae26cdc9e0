"""What a denominator tells beside tables that it is not proved with: of another indicator, or of other years.

Nothing says of whom a denominator is: `60`, of whom 50 were assisted, may be the men detected. So it is compared, by
plain arithmetic, with all that was released of the same years, in whatever order: it may be any number of a table, and
any sum of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from suar.protocol.privacy.counts.everything import Counted, wholes
from suar.protocol.privacy.counts.wider import wider_cells
from suar.protocol.privacy.proof.cells import UNKNOWN, Cell, Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, Release, Released
from suar.protocol.privacy.tables.denominators import of_shared_codes
from suar.protocol.privacy.tables.implied import divisions

EARLIER_MAX: Final = 64
"""Most different denominators of before with which a table is compared, the newest."""

SUMS_MAX: Final = 100_000
"""Most sums of one number of each of several years that are compared with one denominator."""
Dims = tuple[tuple[str, str], ...]


class Denominator(NamedTuple):
    """The denominator of a message, with the cells that it may be the number of: those of each sheet of its message."""

    value: int
    cells: tuple[tuple[Sheet, tuple[Cell, ...]], ...]


class Number(NamedTuple):
    """The newest value of a cell, and whether a reader has it."""

    value: int
    shown: bool


Numbers = Mapping[Dims, Number]
"""The numbers of one period and place, by their codes."""


class Table:
    """All numbers of one sheet. `k`: the largest under which one of them was hidden. `ever_shown`: in any edition."""

    def __init__(self, sheet: Sheet, numbers: dict[Cell, Number], k: int, ever_shown: frozenset[int]) -> None:
        self.sheet, self.numbers, self.k, self._ever_shown = sheet, numbers, k, ever_shown
        self._divisions: dict[Cell, list[tuple[Cell, tuple[Cell, ...]]]] = {}

    def divisions_with(self, cell: Cell) -> list[tuple[Cell, tuple[Cell, ...]]]:
        """Return the sums, each a cell and its parts, in which a cell occurs that the table need not name."""
        if cell not in self._divisions:
            every = divisions(self.numbers.keys() | {cell})
            self._divisions[cell] = [(parent, parts) for parent, parts in every if cell == parent or cell in parts]
        return self._divisions[cell]

    @cached_property
    def apparent(self) -> frozenset[int]:
        """The numbers that a reader takes a denominator for: those that the table shows or has shown, and what it
        shows of those known.
        """
        shown = {cell: each.value for cell, each in self.numbers.items() if each.shown}
        unknown = [value for cell, value in shown.items() if _is_unknown(cell)]
        totals = [value for cell, value in shown.items() if not cell.dims]
        return self._ever_shown | {total - some for total in totals for some in unknown}

    @cached_property
    def telling_sums(self) -> frozenset[int]:
        """The sums that are everything of a period, place or code, or all those known of it, and give a part away."""
        key = self.sheet.series.rpartition("|")[2], self.sheet.country
        every = [Counted((*key, cell), each.value, each.shown) for cell, each in self.numbers.items()]
        known = [each for each in every if not _is_unknown(each.key[2])]
        return frozenset(
            whole.value
            for some in (every, known)
            for whole in wholes(some, wider_cells)
            if _is_narrow(Number(whole.value, shown=True), whole.cells, self.k)
        )


Tables = Mapping[Sheet, Table]


def _tables(released: Released, new: Mapping[Sheet, Release], *, only_open: bool) -> Tables:
    """Return the numbers of each sheet as one reader has them; `only_open`: the reader of open messages."""
    found: dict[Sheet, Table] = {}
    for sheet in dict.fromkeys([*released, *new]):
        numbers: dict[Cell, Number] = {}
        ever_shown: set[int] = set()
        releases = [*released.get(sheet, ()), *([new[sheet]] if sheet in new else [])]
        for release in releases:
            for fact in release.figures():
                if fact.value is not None:
                    was_shown = numbers.get(fact.cell) == (fact.value, True)
                    is_shown = fact.mark == SHOWN and (release.open or not only_open)
                    numbers[fact.cell] = Number(fact.value, was_shown or is_shown)
                    ever_shown |= {fact.value} if is_shown else set()
        found[sheet] = Table(sheet, numbers, max(release.k for release in releases), frozenset(ever_shown))
    return found


def denominator_of(message: Mapping[Sheet, Release]) -> Denominator | None:
    """Return the denominator of a message, or of one sheet of it."""
    facts = [fact for release in message.values() for fact in release.facts if fact.mark == DENOMINATOR]
    if not facts or (len(message) == 1 and not facts[0].cell.period):  # of several sheets, of which this is one
        return Denominator(facts[0].value or 0, ()) if facts else None
    cells = [
        (sheet, tuple(of_shared_codes([fact.cell for fact in release.figures()]))) for sheet, release in message.items()
    ]
    return Denominator(facts[0].value or 0, tuple(cells))


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
    yield _tables(released, new, only_open=False)
    is_open = all(release.open for releases in released.values() for release in releases)
    if not is_open and all(release.open for release in new.values()):
        yield _tables(released, new, only_open=True)


def _tells(denominator: Denominator, every: Tables) -> bool:
    return _tells_over_sheets(denominator, every) or any(
        _tells_of(denominator, table) for table in every.values() if denominator.value not in table.apparent
    )


def _tells_of(denominator: Denominator, table: Table) -> bool:
    """Whether the denominator, taken for a number of the table or a sum of it, gives a count of fewer than k away."""
    is_of_year = len(denominator.cells) == 1 and denominator.cells[0][0].year == table.sheet.year
    cells = denominator.cells[0][1] if is_of_year else ()
    ways = (_is_near, _opens, _opens_known)
    return denominator.value in table.telling_sums or any(
        way(denominator, cell, table) for cell in cells for way in ways
    )


def _is_near(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether it is off by little from the total of its period and place: somebody was counted later."""
    total = table.numbers.get(cell)
    return not cell.dims and total is not None and 0 < abs(denominator.value - total.value) < table.k


def _opens(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows from a sum, once the number of a cell that the table does not name is known."""
    if cell in table.numbers:
        return False
    numbers = table.numbers | {cell: Number(denominator.value, shown=True)}
    sums = [(numbers[parent], [numbers[part] for part in parts]) for parent, parts in table.divisions_with(cell)]
    return _gives_away(sums, table.k)


def _opens_known(denominator: Denominator, cell: Cell, table: Table) -> bool:
    """Whether a count follows once the number of those of a cell who are known in a breakdown is: what it leaves of the
    cell is unknown, and what its parts leave of it is known.
    """
    base, total = Number(denominator.value, shown=True), table.numbers.get(cell)
    for parent, parts in table.divisions_with(cell):
        if parent == cell:
            unknown = [table.numbers[part] for part in parts if _is_unknown(part)]
            known = [table.numbers[part] for part in parts if not _is_unknown(part)]
            sums = [(base, known)] if known else []
            sums += [(total, [base, *unknown])] if total is not None and unknown else []
            if _gives_away(sums, table.k):
                return True
    return False


def _gives_away(sums: Sequence[tuple[Number, Sequence[Number]]], k: int) -> bool:
    """Whether wholes and their parts can all be right, and one of them tells a count."""
    is_possible = all(whole.value >= sum(each.value for each in parts) for whole, parts in sums)
    return is_possible and any(_is_narrow(whole, parts, k) for whole, parts in sums)


def _is_unknown(cell: Cell) -> bool:
    return any(code == UNKNOWN for _, code in cell.dims)


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
    if any(_is_narrow(whole, some, k) for dims, some in of_same.items() if dims in own):
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


def _is_narrow(whole: Number, parts: Sequence[Number | Counted], k: int) -> bool:
    """Whether a hidden count, or what the parts leave of the whole, is bounded more narrowly than k-1."""
    rest = whole.value - sum(each.value for each in parts)
    hidden = [each.value for each in parts if not each.shown]
    if rest < 0 or (not whole.shown and (hidden or rest)):
        return False
    if not whole.shown:
        return True
    if not hidden:
        return 0 < rest < k
    return (len(hidden) == 1 and not rest) or sum(hidden) + rest < k - 1
