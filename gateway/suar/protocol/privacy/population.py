"""Which numbers are of the same people, and where each stands among them (schemas/linked-series.csv).

Series that count the same people, or some of them, share a population: presumed victims and detected victims, persons
and cases (of each case one person), every date basis, every role of a place. So a number's point has, beside period and
breakdown, its part of the population and its place in that role.
"""

import csv
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from suar.protocol.privacy.axes import CITIZENSHIP, OF_EACH, PART, PERIOD, Path, Point, of_code, of_period
from suar.protocol.privacy.cells import Cell, Sheet
from suar.published import schemas_dir

HOME_ROLE: Final = "detection"
"""The role in which a member's own country is everybody: whom it counts, it found there."""
ORIGIN: Final = "place origin"
_FIELDS: Final = ("indicator", "unit", "group", "part", "of_each", "reason")


class Series(NamedTuple):
    """The parts of a sheet's series."""

    realm: str
    indicator: str
    unit: str
    date_basis: str
    role: str


class _Linked(NamedTuple):
    """`group`: the population; `part`: which of it ("": all); `of_each`: what one person each is counted of."""

    group: str
    part: str
    of_each: str


def series_of(sheet: Sheet) -> Series:
    """The series of a sheet."""
    return Series(*sheet.series.split("|"))


def family_of(sheet: Sheet) -> str:
    """The name of the population of a year that a sheet is of: all its sheets are judged together."""
    series = series_of(sheet)
    return "|".join((series.realm, _linked(series).group, _basis(series), sheet.year))


def _basis(series: Series) -> str:
    """Whom a year detected it registered, but for its last days; judgments and exploitation are of other years."""
    return "" if series.date_basis in ("detection", "registration") else series.date_basis


@cache
def _table() -> dict[tuple[str, str], _Linked]:
    with (schemas_dir() / "linked-series.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["indicator"], row["unit"]): _Linked(row["group"], row["part"], row["of_each"])
            for row in csv.DictReader(file)
        }


def _linked(series: Series) -> _Linked:
    """A combination that the table does not have is a population of its own."""
    return _table().get((series.indicator, series.unit)) or _Linked(f"{series.indicator} {series.unit}", "", "")


class Population:
    """The points of one family's numbers; `sheets` are all that have numbers in it."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        found = {sheet.country for sheet in sheets if series_of(sheet).role == HOME_ROLE}
        self.home = found.pop() if len(found) == 1 else None

    def point(self, sheet: Sheet, cell: Cell) -> Point:
        """Where a number stands."""
        series = series_of(sheet)
        linked = _linked(series)
        place = [part for part in (cell.admin1, cell.locode) if part]
        is_home = series.role == HOME_ROLE and sheet.country == self.home
        paths: dict[str, Path] = {name: of_code(name, code) for name, code in cell.dims}
        paths |= {
            PERIOD: of_period(cell.period),
            PART: (linked.part,) if linked.part else (),
            OF_EACH: (linked.of_each,) if linked.of_each else (),
            f"place {series.role}": tuple(place) if is_home else (sheet.country, *place),
        }
        return tuple(sorted((axis, path) for axis, path in paths.items() if path))


def twin(point: Point) -> Point | None:
    """Whom a country of origin counts, its citizens: the same people by citizenship; None where that says nothing."""
    paths = dict(point)
    path = paths.pop(ORIGIN, ())
    if len(path) != 1 or CITIZENSHIP in paths:
        return None
    return tuple(sorted({**paths, CITIZENSHIP: path}.items()))
