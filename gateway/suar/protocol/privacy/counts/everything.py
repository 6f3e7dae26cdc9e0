"""Sums over all cells of a table: its total, and the totals of each year, period, location and code.

A reader may assume that a total in a text, or a denominator, is such a sum. Cells with different breakdowns, or with
locations of different levels, are different divisions of the same people, so each division has its own sums. If cells
contain one another, the widest and the finest ones are added up separately.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from suar.protocol.message.kinds import Observation
from suar.protocol.privacy.proof.cells import Cell, cell_of

Key = tuple[str, str, Cell]
"""Role and country of the location, and the cell."""

OVER_ALL: Final = ("all",)
FEW: Final = 4
"""Maximum number of cells whose differences are compared with a text; among more of them, any number occurs."""


class Counted(NamedTuple):
    """A cell with its true value. `shown`: whether the table shows it."""

    key: Key
    value: int
    shown: bool


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
        return sum(each.value for each in self.cells if each.shown)

    @property
    def is_hidden(self) -> bool:
        """Whether at least one cell is hidden."""
        return not all(each.shown for each in self.cells)


def cells_of(original: Sequence[Observation], leaving: Sequence[Observation]) -> list[Counted]:
    """Return the cells with a true value. `leaving`: the observations as sent, in the order of `original`."""
    return [
        Counted((item.place.role, item.place.country, cell_of(item)), item.value, out.value is not None)
        for item, out in zip(original, leaving, strict=True)
        if item.value is not None
    ]


def wholes(cells: Iterable[Counted], wider: Callable[[Key], Iterable[Key]]) -> list[Whole]:
    """Return every sum of two or more cells. `wider`: returns the cells that contain a cell."""
    divisions: dict[object, dict[Key, Counted]] = {}
    for each in cells:
        role, _, cell = each.key
        division = role, bool(cell.admin1), bool(cell.locode), tuple(name for name, _ in cell.dims)
        divisions.setdefault(division, {})[each.key] = each
    found: dict[tuple[tuple[str, ...], tuple[Counted, ...]], None] = {}
    for own in divisions.values():
        for level in _levels(own, wider):
            groups: dict[tuple[str, ...], list[Counted]] = {}
            for each in level:
                for over in _groups(each.key):
                    groups.setdefault(over, []).append(each)
            found |= {(over, tuple(some)): None for over, some in groups.items() if len(some) > 1}
    return [Whole(*each) for each in found]


def _levels(own: Mapping[Key, Counted], wider: Callable[[Key], Iterable[Key]]) -> Iterator[list[Counted]]:
    above = {key: [other for other in wider(key) if other in own] for key in own}
    parents = {other for others in above.values() for other in others}
    yield [own[key] for key in own if not above[key]]
    yield [own[key] for key in own if key not in parents]


def _groups(key: Key) -> Iterator[tuple[str, ...]]:
    _, country, cell = key
    yield OVER_ALL
    yield "year", cell.period[:4]
    yield "period", cell.period
    yield "place", country, cell.admin1, cell.locode
    for name, code in cell.dims:
        yield "code", name, code
