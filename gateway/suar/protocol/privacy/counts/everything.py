"""The sums that are everything in a table and that the table does not show: what its total would be, had it one.

A reader takes a total in a text, or the denominator, for such a sum: over the whole table, or all of it in one year,
period or place, or with one code. Cells of different breakdowns, and of places of another size, are other divisions of
the same people, so each division has its own sums; where cells contain one another, the widest and the finest are added
up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from suar.protocol.message.kinds import Observation
from suar.protocol.privacy.proof.cells import Cell, cell_of

Key = tuple[str, str, Cell]
"""Role and country of the place, and the cell."""

OVER_ALL: Final = ("all",)
FEW: Final = 4
"""Most cells that a text may tell the differences or moves of: of more of them, any number is one."""


class Counted(NamedTuple):
    """A cell with its true value, and whether the table shows it."""

    key: Key
    value: int
    shown: bool


class Whole(NamedTuple):
    """A sum over everything in a table, or over all of one year, period, place or code, with its cells."""

    over: tuple[str, ...]
    cells: tuple[Counted, ...]

    @property
    def value(self) -> int:
        """The sum as handed in."""
        return sum(each.value for each in self.cells)

    @property
    def shown(self) -> int:
        """What a reader can add up."""
        return sum(each.value for each in self.cells if each.shown)

    @property
    def is_hidden(self) -> bool:
        """Whether a cell of it is hidden."""
        return not all(each.shown for each in self.cells)


def cells_of(original: Sequence[Observation], leaving: Sequence[Observation]) -> list[Counted]:
    """Return the cells that have a true value; both tables have their observations in the same order."""
    return [
        Counted((item.place.role, item.place.country, cell_of(item)), item.value, out.value is not None)
        for item, out in zip(original, leaving, strict=True)
        if item.value is not None
    ]


def wholes(cells: Iterable[Counted], wider: Callable[[Key], Iterable[Key]]) -> list[Whole]:
    """Return every such sum, those of a single cell aside. `wider`: the cells that contain a cell."""
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
