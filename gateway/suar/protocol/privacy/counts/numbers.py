"""The numbers of a sheet for one kind of reader, and the values of a further number that would disclose a count.

If the number of a cell that the table does not name is known, a count can follow from it and the shown numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from suar.protocol.privacy.counts.everything import Counted, wholes
from suar.protocol.privacy.counts.wider import wider_cells
from suar.protocol.privacy.proof.cells import UNKNOWN, Cell, Sheet
from suar.protocol.privacy.proof.ledger import SHOWN, Release, Released
from suar.protocol.privacy.tables.divisions import Division, Divisions, divisions

Dims = tuple[tuple[str, str], ...]
Where = tuple[str, str, str]
"""Period, subdivision (`admin1`) and UN/LOCODE."""


class Number(NamedTuple):
    """The newest value of a cell. `is_shown`: whether the reader has it."""

    value: int
    is_shown: bool


Numbers = Mapping[Dims, Number]
"""The numbers of one period and location, by their codes."""


class Table:
    """The numbers of one sheet.

    `k`: the largest k of the releases. `ever_shown`: the values that were shown in any edition.
    """

    def __init__(self, sheet: Sheet, numbers: dict[Cell, Number], k: int, ever_shown: frozenset[int]) -> None:
        self.sheet, self.numbers, self.k, self._ever_shown = sheet, numbers, k, ever_shown
        self._divisions: dict[Cell, list[Division]] = {}
        self._disclosing: dict[Where, frozenset[int]] = {}

    def divisions_with(self, cell: Cell) -> list[Division]:
        """Return the sums (a cell and its parts) in which a cell occurs; the table need not name that cell."""
        if cell not in self._divisions:
            every = divisions(self.numbers.keys() | {cell})
            self._divisions[cell] = [(parent, parts) for parent, parts in every if cell == parent or cell in parts]
        return self._divisions[cell]

    @cached_property
    def apparent(self) -> frozenset[int]:
        """The values that readily explain a denominator: every shown value, and each shown total less `unknown`."""
        shown = {cell: each.value for cell, each in self.numbers.items() if each.is_shown}
        unknown = [value for cell, value in shown.items() if is_unknown(cell)]
        totals = [value for cell, value in shown.items() if not cell.dims]
        return self._ever_shown | {total - some for total in totals for some in unknown}

    @cached_property
    def disclosing_sums(self) -> frozenset[int]:
        """The sums that disclose a part: all of a period, location or code, or all of it with known codes."""
        key = self.sheet.series.rpartition("|")[2], self.sheet.country
        every = [Counted((*key, cell), each.value, each.is_shown) for cell, each in self.numbers.items()]
        known = [each for each in every if not is_unknown(each.key[2])]
        return frozenset(
            whole.value
            for some in (every, known)
            for whole in wholes(some, wider_cells)
            if is_narrow(Number(whole.value, is_shown=True), whole.cells, self.k)
        )

    def disclosing_numbers(self, cell: Cell) -> frozenset[int]:
        """Return the values of a cell without a number in the table from which a count follows by one sum."""
        return frozenset(self._disclosing_in(cell, self.divisions_with(cell)))

    def disclosing_codes(self, where: Where) -> frozenset[int]:
        """Return the values of `disclosing_numbers` for the unnamed cells of a period and location.

        These cells have the codes of cells of other periods and locations in the table.
        """
        if where not in self._disclosing:
            unnamed = {Cell(*where, cell.dims) for cell in self.numbers} - self.numbers.keys()
            self._disclosing[where] = frozenset(
                value for cell in unnamed for value in self._disclosing_in(cell, self._by_one_axis.of(cell))
            )
        return self._disclosing[where]

    @cached_property
    def _by_one_axis(self) -> Divisions:
        return Divisions(self.numbers)

    def _disclosing_in(self, cell: Cell, sums: Iterable[Division]) -> Iterator[int]:
        """Yield the values of an unnamed cell that are consistent with all `sums` and disclose a count by one of them.

        Yields nothing if the table has a number for the cell.
        """
        if cell in self.numbers:
            return
        every = [
            _SumWith(
                None if whole == cell else self.numbers[whole], [self.numbers[part] for part in parts if part != cell]
            )
            for whole, parts in sums
        ]
        least = max((each.least for each in every), default=1)
        most = min((each.most for each in every if each.most is not None), default=None)
        for each in every:
            for value in each.near(self.k):
                if least <= value and (most is None or value <= most) and each.is_disclosed(value, self.k):
                    yield value


class _SumWith(NamedTuple):
    """A sum with one unknown number: the whole if `whole` is None, otherwise a part in addition to `others`."""

    whole: Number | None
    others: Sequence[Number]

    @property
    def least(self) -> int:
        """The lower bound of the unknown number."""
        return 0 if self.whole is not None else sum(each.value for each in self.others)

    @property
    def most(self) -> int | None:
        """The upper bound of the unknown number; None if there is none."""
        return None if self.whole is None else self.whole.value - sum(each.value for each in self.others)

    def near(self, k: int) -> range:
        """Return the values for which the difference of whole and parts is below k."""
        return range(self.least, self.least + k) if self.most is None else range(self.most - k + 1, self.most + 1)

    def is_disclosed(self, value: int, k: int) -> bool:
        """Whether a count follows if the unknown number is `value`."""
        own = Number(value, is_shown=True)
        return is_narrow(own, self.others, k) if self.whole is None else is_narrow(self.whole, [own, *self.others], k)


Tables = Mapping[Sheet, Table]


def tables_of(released: Released, new: Mapping[Sheet, Release], *, only_open: bool) -> Tables:
    """Return the numbers of each sheet for a reader of all messages or, if `only_open`, of open messages only."""
    found: dict[Sheet, Table] = {}
    for sheet in dict.fromkeys([*released, *new]):
        numbers: dict[Cell, Number] = {}
        ever_shown: set[int] = set()
        releases = [*released.get(sheet, ()), *([new[sheet]] if sheet in new else [])]
        for release in releases:
            for fact in release.figures():
                if fact.value is not None:
                    was_shown = numbers.get(fact.cell) == (fact.value, True)
                    is_shown = fact.mark == SHOWN and (release.is_open or not only_open)
                    numbers[fact.cell] = Number(fact.value, was_shown or is_shown)
                    ever_shown |= {fact.value} if is_shown else set()
        found[sheet] = Table(sheet, numbers, max(release.k for release in releases), frozenset(ever_shown))
    return found


def is_unknown(cell: Cell) -> bool:
    """Whether a cell has the code `unknown` in a breakdown."""
    return any(code == UNKNOWN for _, code in cell.dims)


def is_narrow(whole: Number, parts: Sequence[Number | Counted], k: int) -> bool:
    """Whether the interval of a hidden count, or of the whole less its parts, is narrower than k-1."""
    rest = whole.value - sum(each.value for each in parts)
    hidden = [each.value for each in parts if not each.is_shown]
    if rest < 0 or (not whole.is_shown and (hidden or rest)):
        return False
    if not whole.is_shown:
        return True
    if not hidden:
        return 0 < rest < k
    return (len(hidden) == 1 and not rest) or sum(hidden) + rest < k - 1
