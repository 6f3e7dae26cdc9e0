"""Finds hidden counts of this member that tables of other members disclose.

Two members may count the same people: citizens of VN whom VN detects in TH are also counted by TH. A reader can use the
number of the other member for a hidden one and compute further numbers by simple arithmetic.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from msgspec import UNSET

from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Cell, Sheet, Sum, body_of, cell_of, sheet_of, sums
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, Released
from suar.protocol.privacy.tables.denominators import of_shared_codes, total_of


class Subject(NamedTuple):
    """The properties that are equal for sheets of two members that count the same, regardless of the date basis."""

    realm: str
    indicator: str
    unit: str
    role: str
    country: str
    year: str


class ShownNumber(NamedTuple):
    """A number that another member shows, with its message and cell."""

    member: str
    id: str
    subject: Subject
    cell: Cell
    value: int


class Opened(NamedTuple):
    """The index of a hidden observation of this member, and the numbers of other members that disclose it."""

    at: int
    by: tuple[ShownNumber, ...]


def subject_of(sheet: Sheet) -> Subject:
    """Return what a sheet counts."""
    realm, indicator, unit, _, role = sheet.series.split("|")
    return Subject(realm, indicator, unit, role, sheet.country, sheet.year)


def subjects(trend: Trend) -> frozenset[Subject]:
    """Return what the observations of a trend count."""
    return frozenset(subject_of(sheet_of(trend, observation)) for observation in trend.obs)


def shown_numbers(trend: Trend, of: Iterable[Subject]) -> list[ShownNumber]:
    """Return the numbers of another member's trend that count the same as one of `of`."""
    wanted, member = set(of), trend.id[:2]
    found = []
    for observation in trend.obs:
        subject = subject_of(sheet_of(trend, observation))
        if observation.value is not None and subject in wanted:
            found.append(ShownNumber(member, trend.id, subject, cell_of(observation), observation.value))
    return [*found, *_denominator(trend, wanted)]


def _denominator(trend: Trend, wanted: Set[Subject]) -> Iterator[ShownNumber]:
    """Yield the numbers that a denominator may be, if the table does not name its total.

    They are the total, which is first, and the numbers of the codes that all figures share.
    """
    sheets = {sheet_of(trend, observation) for observation in trend.obs}
    for sheet in sheets if len(sheets) == 1 and subject_of(min(sheets)) in wanted else ():
        cells = [cell_of(observation) for observation in trend.obs]
        if trend.denominator is not UNSET and trend.denominator and total_of(cells) not in cells:
            for cell in of_shared_codes(cells):
                if cell not in cells:
                    yield ShownNumber(trend.id[:2], trend.id, subject_of(sheet), cell, trend.denominator)


def opened(
    trend: Trend, leaving: Trend, released: Released, others: Sequence[ShownNumber], k: int, *, by_value: bool = True
) -> list[Opened]:
    """Return the hidden cells of a trend that a reader can compute if numbers of `others` equal those of this member.

    `leaving`: the trend as sent. The shown numbers of `released` are known too. If all numbers of a sum except one are
    known, that one is known; this is repeated until no further number follows. `by_value`: use only sums with complete
    parts. Otherwise every sum is used, so that an author who may not read the values learns nothing about them.
    """
    if not others:
        return []
    tables = _own(released)
    for at, (true, item) in enumerate(zip(trend.obs, leaving.obs, strict=True)):
        table = tables.setdefault(_counted_by(sheet_of(leaving, item)), _Table())
        cell = cell_of(item)
        if item.value is not None:
            table.own.add(cell)
        elif item.status == "S":
            table.hidden[cell] = at
        if true.value is not None:
            table.values[cell] = true.value
    for own in itertools.islice(_denominator(leaving, subjects(leaving)), 1):
        table = tables[own.subject, body_of(leaving)]
        table.own.add(own.cell)
        table.values.setdefault(own.cell, own.value)
    by_subject: dict[Subject, list[_Table]] = {}
    for (subject, _), table in tables.items():
        by_subject.setdefault(subject, []).append(table)
    for each in others:  # they may be the numbers of any body of this member
        for table in by_subject.get(each.subject, ()):
            table.others[each.cell] = (*table.others.get(each.cell, ()), each)
            table.values.setdefault(each.cell, each.value)
    return sorted(each for table in tables.values() if table.hidden for each in table.opened(k, by_value=by_value))


def _counted_by(sheet: Sheet) -> tuple[Subject, str]:
    """Return the subject of a sheet, and the only body whose records it counts."""
    return subject_of(sheet), sheet.body


def _own(released: Released) -> "dict[tuple[Subject, str], _Table]":
    """Return the numbers that this member showed before."""
    found: dict[tuple[Subject, str], _Table] = {}
    for sheet, releases in released.items():
        table = found.setdefault(_counted_by(sheet), _Table())
        for fact in (fact for release in releases for fact in release.facts):
            if fact.mark == SHOWN and fact.value is not None:
                table.own.add(fact.cell)
                table.values[fact.cell] = fact.value
            elif fact.mark == DENOMINATOR and fact.value is not None and fact.cell.period:
                table.own.add(fact.cell)
                table.values.setdefault(fact.cell, fact.value)
    return found


class _Table:
    """All numbers of one subject: shown and hidden cells of this member (hidden ones by index), and those of others."""

    def __init__(self) -> None:
        self.own: set[Cell] = set()
        self.hidden: dict[Cell, int] = {}
        self.others: dict[Cell, tuple[ShownNumber, ...]] = {}
        self.values: dict[Cell, int] = {}  # the value of this member, else that of another

    def opened(self, k: int, *, by_value: bool) -> list[Opened]:
        """Return the hidden cells that follow from numbers of other members."""
        known: dict[Cell, tuple[ShownNumber, ...]] = {
            cell: by for cell, by in self.others.items() if cell not in self.own
        }
        known |= dict.fromkeys(self.own, ())
        ways = [(s.parent, *s.parts) for s in sums({*self.hidden, *known}) if not by_value or self._is_determined(s, k)]
        is_more = True
        while is_more:
            is_more = False
            for cells in ways:
                missing = [cell for cell in cells if cell not in known]
                if len(missing) == 1:
                    by = dict.fromkeys(each for cell in cells if cell in known for each in known[cell])
                    known[missing[0]], is_more = tuple(by), True
        return [Opened(at, known[cell]) for cell, at in self.hidden.items() if known.get(cell)]

    def _is_determined(self, total: Sum, k: int) -> bool:
        """Whether the remainder of the parts is below k, so that it does not protect the missing number.

        If this member does not know a number either, the parts are treated as complete.
        """
        values = [self.values.get(cell) for cell in (total.parent, *total.parts)]
        whole, *parts = (value or 0 for value in values)
        return None in values or abs(whole - sum(parts)) < k
