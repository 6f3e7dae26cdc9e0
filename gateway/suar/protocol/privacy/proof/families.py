"""Series that count the same people, so that one sheet can disclose numbers of another (schemas/linked-series.csv).

The gate examines one family at a time: a population group in one year, with all its series, roles and locations. A
reader can combine all numbers of a family, in whichever message they are.
"""

import csv
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Sheet, sheet_of
from suar.published import schemas_dir

ANY: Final = "any"
"""The value of the column date_basis for any date basis."""


class Linked(NamedTuple):
    """One row of the table. `part`: the series ("indicator/unit") that is never smaller than this one, or ""."""

    indicator: str
    unit: str
    date_basis: str
    group: str
    part: str
    reason: str

    @property
    def name(self) -> str:
        """The name by which `part` of another row refers to it."""
        return f"{self.indicator}/{self.unit}"


@cache
def rows() -> tuple[Linked, ...]:
    """Return the rows of the table in order."""
    with (schemas_dir() / "linked-series.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return tuple(Linked(*line) for line in lines)


@cache
def _by_series() -> dict[tuple[str, str, str], Linked]:
    return {(row.indicator, row.unit, row.date_basis): row for row in rows()}


def linked(indicator: str, unit: str, date_basis: str) -> Linked:
    """Return the row of a series. Raises KeyError for one that is not in the table."""
    found = _by_series()
    return found.get((indicator, unit, date_basis)) or found[indicator, unit, ANY]


def _row(series: str) -> Linked:
    _, indicator, unit, date_basis, _ = series.split("|")
    return linked(indicator, unit, date_basis)


def family_of(sheet: Sheet) -> str:
    """Return the name of a sheet's family: realm, population group, year."""
    realm = sheet.series.partition("|")[0]
    return f"{realm}|{_row(sheet.series).group}|{sheet.year}"


def chain(sheet: Sheet) -> tuple[str, ...]:
    """Return the series that are never smaller than that of the sheet, widest first, then its own."""
    row = _row(sheet.series)
    return (*reversed([row.name, *_wider(row)]),)


def families(trend: Trend) -> list[str]:
    """Return the families of a trend's observations without duplicates; the table is proved with these."""
    sheets = dict.fromkeys(sheet_of(trend, observation) for observation in trend.obs)
    return list(dict.fromkeys(map(family_of, sheets)))


def families_of_years(trend: Trend) -> list[str]:
    """Return all families of the years of a trend, its own first; a denominator may belong to any of them."""
    own = families(trend)
    groups = dict.fromkeys(row.group for row in rows())
    years = dict.fromkeys(item.period[:4] for item in trend.obs)
    return list(dict.fromkeys([*own, *(f"{trend.status}|{group}|{year}" for group in groups for year in years)]))


def _wider(row: Linked) -> Iterator[str]:
    """Yield the series that are never smaller than this one, nearest first."""
    while row.part:
        yield row.part
        indicator, _, unit = row.part.partition("/")
        row = linked(indicator, unit, row.date_basis)
