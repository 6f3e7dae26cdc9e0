"""Totals of a submitted table that differ from the sum of their parts.

A total is below its parts if it is wrong, or if the parts overlap or are rounded. A total above its parts is reported
only if the parts are complete (both sexes with other and unknown, the halves of a year).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.proof.axes import EVERYBODY, PERIOD, Path, leaves, of_code, of_period
from suar.protocol.privacy.proof.cells import Cell, Sheet, cell_of, path_of, regions_of, sheet_of
from suar.protocol.privacy.tables.divisions import PLACE, PORT, is_somewhere

CODE: Final = "E-PRIVACY-SUM"
TOLD: Final = 20  # maximum number of reasons for one message; the table of the verdict contains every difference
NAMED: Final = 5  # maximum number of parts that a reason names


class Difference(Struct, frozen=True):
    """A total that differs from `together`, the sum of its parts. Total and parts: indexes in the message."""

    at: int
    parts: tuple[int, ...]
    total: int
    together: int

    @property
    def by(self) -> int:
        """The difference."""
        return abs(self.total - self.together)


def differences(trend: Trend) -> tuple[Difference, ...]:
    """Return every sum of a message whose total and parts have values that differ, in the order of the totals."""
    sheets: dict[Sheet, dict[Cell, int]] = {}
    for at, observation in enumerate(trend.obs):
        sheets.setdefault(sheet_of(trend, observation), {}).setdefault(cell_of(observation), at)
    found = [each for indexes in sheets.values() for each in _of_sheet(trend, indexes)]
    return tuple(sorted(found, key=lambda each: (each.at, each.parts)))


def _of_sheet(trend: Trend, indexes: dict[Cell, int]) -> Iterator[Difference]:
    for parent, axis, members in _divisions(indexes):
        total = trend.obs[indexes[parent]].value
        parts = tuple(sorted(indexes[cell] for cell in members))
        values = [value for at in parts if (value := trend.obs[at].value) is not None]
        if total is None or len(values) < len(parts):
            continue
        together = sum(values)
        if together > total or (together < total and is_exhausted(parent, axis, members)):
            yield Difference(indexes[parent], parts, total, together)


def _divisions(cells: Iterable[Cell]) -> Iterator[tuple[Cell, str, tuple[Cell, ...]]]:
    """Yield every total with its axis and disjoint parts, of one level or of several levels (0-8, 9-17, 18+)."""
    known = set(cells)
    below: dict[tuple[Cell, str], dict[Path, Cell]] = {}
    for cell in sorted(known):
        for parent, axis in _wider(cell):
            if parent in known:
                below.setdefault((parent, axis), {})[_path(cell, axis)] = cell
    for (parent, axis), parts in below.items():
        levels = {len(path) for path in parts}
        top = [path for path in parts if not any(path[:n] in parts for n in range(len(path)))]
        finest = [path for path in parts if not any(other != path and other[: len(path)] == path for other in parts)]
        by_level = ([path for path in parts if len(path) == level] for level in levels)
        for chosen in dict.fromkeys(map(frozenset, (top, finest, *by_level))):
            yield parent, axis, tuple(parts[path] for path in parts if path in chosen)


def is_exhausted(parent: Cell, axis: str, parts: Iterable[Cell]) -> bool:
    """Whether the parts are complete by the code lists and the calendar."""
    counts = [leaves(axis, _path(part, axis)) for part in parts]
    whole = leaves(axis, _path(parent, axis))
    return whole is not None and None not in counts and sum(count or 0 for count in counts) == whole


def _wider(cell: Cell) -> Iterator[tuple[Cell, str]]:
    """Yield the cells that contain a cell on one axis, at any level."""
    for name, _ in cell.dims:
        rest = tuple(pair for pair in cell.dims if pair[0] != name)
        yield cell._replace(dims=rest), name
        for code in _path(cell, name)[:-1]:
            yield cell._replace(dims=tuple((key, code if key == name else own) for key, own in cell.dims)), name
    path = of_period(cell.period)
    for length in range(len(path)):
        year = cell.period[:4]
        yield cell._replace(period=f"{year}-{path[length - 1]}" if length else year), PERIOD
    if is_somewhere(cell):
        yield cell._replace(locode=""), PORT
        return
    if cell.locode:
        yield cell._replace(locode=""), PLACE
    for region in regions_of(cell.admin1):
        yield cell._replace(locode="", admin1=region), PLACE
    if cell.locode or cell.admin1:
        yield cell._replace(locode="", admin1=""), PLACE


def _path(cell: Cell, axis: str) -> Path:
    if axis == PERIOD:
        return of_period(cell.period)
    if axis == PLACE:
        return path_of(cell.admin1, cell.locode)
    if axis == PORT:
        return (cell.locode,) if cell.locode else EVERYBODY
    code = dict(cell.dims).get(axis)
    return EVERYBODY if code is None else of_code(axis, code)


def warnings(obs: Sequence[Observation], found: tuple[Difference, ...]) -> Iterator[Reason]:
    """Yield a warning for each difference, at most `TOLD`, then one with the number of further differences."""
    hint = sentence(
        "correct the number that is wrong; the table may leave as it is where both are right, as with rounded counts"
    )
    for each in found[:TOLD]:
        text = sentence(
            "the total differs from its parts by {by}: it is {total}, together they are {together}",
            by=each.by, total=each.total, together=each.together,
        )  # fmt: skip
        named = tuple(cell_of(obs[at]).words() for at in each.parts[:NAMED])
        yield Reason.of(CODE, None, f"$.obs[{each.at}].value", text, hint, named)
    more = len(found) - TOLD
    if more > 0:
        yield Reason.of(CODE, None, "$.obs", sentence("{more} further totals differ from their parts", more=more), hint)
