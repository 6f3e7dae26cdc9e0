"""Sums over all cells of a table: its total, and the totals of each year, period, location and code.

A reader may assume that a total in a text, or a denominator, is such a sum. Cells with different breakdowns, or with
locations of different levels, are different divisions of the same people, so each division has its own sums. If cells
contain one another, the widest and the finest ones are added up separately. Which cells a sum has does not depend on
their values, so it is found once for all editions of a table (`Layouts`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Final, NamedTuple

from suar.protocol.message.kinds import Observation
from suar.protocol.privacy.proof.cells import Cell, cell_of

Key = tuple[str, str, Cell]
"""Role and country of the location, and the cell."""

Wider = Callable[[Key], Iterable[Key]]
"""Returns the cells that contain a cell."""

OVER_ALL: Final = ("all",)
FEW: Final = 4
"""Maximum number of cells whose differences are compared with a text; among more of them, any number occurs."""


class Counted(NamedTuple):
    """A cell with its true value. `is_shown`: whether the table shows it."""

    key: Key
    value: int
    is_shown: bool


class Whole(NamedTuple):
    """A sum over all cells of a division, or over those of one year, period, location or code (`over`)."""

    over: tuple[str, ...]
    cells: tuple[Counted, ...]

    @property
    def value(self) -> int:
        """The sum of the true values."""
        return sum(each.value for each in self.cells)

    @property
    def shown(self) -> int:
        """The sum of the shown cells."""
        return sum(each.value for each in self.cells if each.is_shown)

    @property
    def is_hidden(self) -> bool:
        """Whether at least one cell is hidden."""
        return not all(each.is_shown for each in self.cells)


def cells_of(original: Sequence[Observation], leaving: Sequence[Observation]) -> list[Counted]:
    """Return the cells with a true value. `leaving`: the observations as sent, in the order of `original`."""
    return [
        Counted((item.place.role, item.place.country, cell_of(item)), item.value, out.value is not None)
        for item, out in zip(original, leaving, strict=True)
        if item.value is not None
    ]


class _Members(NamedTuple):
    """The cells of a sum, by their indexes, and what it is over, as in Whole."""

    over: tuple[str, ...]
    indexes: tuple[int, ...]


class Layouts:
    """What follows from the cells of tables without their values; found once for all tables with the same cells.

    For one call: it keeps every cell that it was asked about.
    """

    def __init__(self, wider: Wider) -> None:
        self._wider_of = wider
        self._wider: dict[Key, tuple[Key, ...]] = {}
        self._members: dict[tuple[Key, ...], list[_Members]] = {}

    def wider(self, key: Key) -> tuple[Key, ...]:
        """Return the cells that contain a cell."""
        found = self._wider.get(key)
        if found is None:
            found = self._wider[key] = tuple(self._wider_of(key))
        return found

    def wholes(self, cells: Sequence[Counted]) -> list[Whole]:
        """Return every sum of two or more cells."""
        keys = tuple(each.key for each in cells)
        members = self._members.get(keys)
        if members is None:
            members = self._members[keys] = _members_of(keys, self.wider)
        return [Whole(each.over, tuple(cells[at] for at in each.indexes)) for each in members]


def wholes(cells: Iterable[Counted], wider: Wider) -> list[Whole]:
    """Return every sum of two or more cells."""
    return Layouts(wider).wholes(tuple(cells))


def _members_of(keys: Sequence[Key], wider: Wider) -> list[_Members]:
    """Return every sum of two or more cells."""
    divisions: dict[object, dict[Key, int]] = {}
    for at, key in enumerate(keys):
        role, _, cell = key
        division = role, bool(cell.admin1), bool(cell.locode), tuple(name for name, _ in cell.dims)
        divisions.setdefault(division, {})[key] = at
    found: dict[_Members, None] = {}
    for own in divisions.values():
        for level in _levels(own.keys(), wider):
            groups: dict[tuple[str, ...], list[int]] = {}
            for key in level:
                for over in _groups(key):
                    groups.setdefault(over, []).append(own[key])
            found |= {_Members(over, tuple(some)): None for over, some in groups.items() if len(some) > 1}
    return list(found)


def _levels(own: Set[Key], wider: Wider) -> Iterator[list[Key]]:
    above = {key: [other for other in wider(key) if other in own] for key in own}
    parents = {other for others in above.values() for other in others}
    yield [key for key, others in above.items() if not others]
    yield [key for key in above if key not in parents]


def _groups(key: Key) -> Iterator[tuple[str, ...]]:
    _, country, cell = key
    yield OVER_ALL
    yield "year", cell.period[:4]
    yield "period", cell.period
    yield "place", country, cell.admin1, cell.locode
    for name, code in cell.dims:
        yield "code", name, code
