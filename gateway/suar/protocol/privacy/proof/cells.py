"""The cells of a table, identified independently of their message, and the sums among them.

The code `total` is omitted, so the margin of one table and the cell of a coarser table are the same cell. Cells that
can occur in one sum share a sheet: series (indicator, unit, date basis, role of the location, realm), country and year.
Sums run over the categories of each dimension (age bands in 0-17 and 18+, ISIC divisions in sections), over months,
quarters and half-years of the year, and over the subdivisions of the country.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from msgspec import UNSET

from suar.protocol.base.codelists import TOTAL, regions
from suar.protocol.base.sentences import Sentence, name_cell
from suar.protocol.message.kind.trend import ADULT_AGES, CHILD_AGES, NATIONAL_AGES
from suar.protocol.message.kinds import DIMENSIONS, Observation, Trend

_SECTIONS: Final = (
    ("03", "A"), ("09", "B"), ("33", "C"), ("35", "D"), ("39", "E"), ("43", "F"), ("47", "G"), ("53", "H"), ("56", "I"),
    ("63", "J"), ("66", "K"), ("68", "L"), ("75", "M"), ("82", "N"), ("84", "O"), ("85", "P"), ("88", "Q"), ("93", "R"),
    ("96", "S"), ("98", "T"), ("99", "U"),
)  # fmt: skip
"""The last division of each section of ISIC Rev.4."""
_PROVINCES_WITH_A_CITY: Final = frozenset({"TH-20"})
"""Subdivisions of the lower level of which one part has a code, and the others have none."""


@cache
def _regions_around() -> Mapping[str, tuple[str, ...]]:
    """Return the regions that contain each subdivision, the widest first."""
    region = {province: region for region, inside in regions().items() for province in inside}
    found: dict[str, tuple[str, ...]] = {}
    for province in region:
        around, wider = list[str](), region.get(province)
        while wider is not None:
            around.insert(0, wider)
            wider = region.get(wider)
        found[province] = tuple(around)
    return found


@cache
def _upper_level() -> frozenset[str]:
    """Return the subdivisions of an upper level."""
    return frozenset(regions().keys() - _PROVINCES_WITH_A_CITY)


@cache
def _countries_with_regions() -> frozenset[str]:
    return frozenset(region[:2] for region in _upper_level())


AGENCY: Final = "agency"
"""The coverage of a table that counts one body's records."""
MOVED_PROVINCES: Final = (
    {"PH-BAS": "PH-09", "PH-LAN": "PH-12", "PH-SAR": "PH-11", "PH-SCO": "PH-11"},
    {"PH-SLU": "PH-09"},
)
"""The subdivisions that other lists assign to another region, one mapping per list: iso-codes of 2026-02, and the
regions since the judgment of 2024, by which Sulu is not part of the Bangsamoro.
"""
_IN: Final = ">"
OTHER: Final = "other"
UNKNOWN: Final = "unknown"
_OTHER_PREFIX: Final = f"{OTHER}:"
BANDS: Final = "age bands"
_BANDS: Final = tuple(("age", band) for band in sorted(NATIONAL_AGES))


class Cell(NamedTuple):
    """The identity of a number: period, location (`admin1` and `locode` may be ""), and codes.

    The codes are in the order of DIMENSIONS, without totals.
    """

    period: str
    admin1: str
    locode: str
    dims: tuple[tuple[str, str], ...]

    def as_value(self) -> Sentence:
        """Return the cell as a value of a sentence for a person."""
        areas = {"admin1": self.admin1, "locode": self.locode}
        return name_cell(self.period, {name: code for name, code in areas.items() if code}, dict(self.dims))


def other_than(codes: Iterable[str]) -> str:
    """Return the code that identifies `other` in a table that lists `codes`; it never contains `unknown`."""
    return _OTHER_PREFIX + ",".join(sorted({UNKNOWN, *codes} - {OTHER}))


def outside(code: str) -> tuple[str, ...] | None:
    """Return the codes that a code of `other_than` excludes; None for any other code."""
    return tuple(code.removeprefix(_OTHER_PREFIX).split(",")) if code.startswith(_OTHER_PREFIX) else None


def as_written(cell: Cell) -> Cell:
    """Return the cell as its message names it: the inverse of `other_than` and `in_region`."""
    if _IN in cell.admin1:
        cell = cell._replace(admin1=cell.admin1.partition(_IN)[2])
    if not any(code.startswith(_OTHER_PREFIX) for _, code in cell.dims):
        return cell
    dims = tuple((name, OTHER if code.startswith(_OTHER_PREFIX) else code) for name, code in cell.dims)
    return cell._replace(dims=dims)


class Sheet(NamedTuple):
    """The identity of the cells that can occur in one sum. `body`: the only body whose records are counted, or ""."""

    series: str
    country: str
    year: str
    body: str = ""


class Sum(NamedTuple):
    """A parent and parts whose sum it is if the parts are complete."""

    parent: Cell
    parts: tuple[Cell, ...]


def sheet_of(trend: Trend, observation: Observation) -> Sheet:
    """Return the sheet of one observation."""
    role, country = observation.place.role, observation.place.country
    codes = (trend.status, trend.indicator, trend.unit, trend.date_basis, role)
    series = "|".join(code.replace("|", "/") for code in codes)  # codes of this version contain no `|`
    return Sheet(series, country, observation.period[:4], body_of(trend))


def body_of(trend: Trend) -> str:
    """Return the normalised name of the only body whose records a table counts, or ""."""
    return " ".join(trend.issuer.body.casefold().split()) if trend.coverage.scope == AGENCY else ""


def cell_of(observation: Observation) -> Cell:
    """Return the cell of an observation."""
    dims = observation.dims
    named = ((name, getattr(dims, name)) for name in DIMENSIONS)
    codes = tuple((name, code) for name, code in named if code is not UNSET and code != TOTAL)
    place = observation.place
    admin1 = "" if place.admin1 is UNSET else place.admin1
    locode = "" if place.locode is UNSET else place.locode
    return Cell(observation.period, admin1, locode, codes)


def regions_of(admin1: str) -> tuple[str, ...]:
    """Return the regions that contain a subdivision, the widest first."""
    region, is_named, _ = admin1.partition(_IN)
    return (region,) if is_named else _regions_around().get(admin1, ())


def region_of(admin1: str) -> str:
    """Return the narrowest region that contains a subdivision, or ""."""
    return next(reversed(regions_of(admin1)), "")


def in_region(cell: Cell, moved: Mapping[str, str]) -> Cell:
    """Return the cell with its subdivision assigned to another region by `moved` (subdivision to region)."""
    region = moved.get(cell.admin1)
    return cell._replace(admin1=f"{region}{_IN}{cell.admin1}") if region else cell


def provinces_of(region: str) -> tuple[str, ...]:
    """Return the subdivisions of a region; empty if the code is not a region."""
    return regions().get(region, ()) if region in _upper_level() else ()


def provinces_as_named(region: str, named: Iterable[str]) -> tuple[str, ...]:
    """Return the subdivisions of a region in a reading: some of `named` are assigned to another region (in_region)."""
    moved = {admin1.partition(_IN)[2]: admin1 for admin1 in sorted(named) if _IN in admin1}
    kept = [province for province in provinces_of(region) if province not in moved]
    return (*kept, *(admin1 for admin1 in moved.values() if region_of(admin1) == region))


def path_of(admin1: str, locode: str) -> tuple[str, ...]:
    """Return the path of a location in its country: regions, subdivision and port, as far as they are named."""
    return tuple(part for part in (*regions_of(admin1), admin1, locode) if part)


def sums(cells: Iterable[Cell]) -> list[Sum]:
    """Return every sum among these cells of one sheet; each part occurs once in a sum."""
    known = set(cells)
    parts: dict[tuple[Cell, str], list[Cell]] = {}
    for cell in sorted(known):
        for parent, way in _parents(cell):
            if parent in known:
                parts.setdefault((parent, way), []).append(cell)
    return [Sum(parent, tuple(found)) for (parent, way), found in parts.items() if way != BANDS or _has_band(found)]


def _has_band(cells: Iterable[Cell]) -> bool:
    """Whether the cells contain an age band; `unknown` is part of every division and does not count."""
    return any(pair in cell.dims for cell in cells for pair in _BANDS)


def _parents(cell: Cell) -> Iterator[tuple[Cell, str]]:
    """Yield (parent, division) for the cells that this cell may be a part of."""
    for at, (name, code) in enumerate(cell.dims):
        rest = cell.dims[:at], cell.dims[at + 1 :]
        for wider, way in above(name, code):
            dims = rest[0] + rest[1] if wider == TOTAL else (*rest[0], (name, wider), *rest[1])
            yield cell._replace(dims=dims), f"{name} {way}"
    for period, way in longer(cell.period):
        yield cell._replace(period=period), way
    if cell.locode:
        yield cell._replace(locode=""), "locode"
    elif cell.admin1:
        region = region_of(cell.admin1)
        if region:
            yield cell._replace(admin1=region), "admin1"
        is_region = cell.admin1 in _upper_level()
        if not region and (is_region or cell.admin1[:2] in _countries_with_regions()):
            yield cell._replace(admin1=""), "regions"
        if not is_region and (not region or region in _upper_level()):
            yield cell._replace(admin1=""), "admin1"


def above(name: str, code: str) -> Iterator[tuple[str, str]]:
    """Yield (code, division) for the codes that contain a code. `unknown` and `other` are part of every division."""
    band = "0-17" if code in CHILD_AGES else "18+" if code in ADULT_AGES else ""
    section = next((letter for last, letter in _SECTIONS if code <= last), "") if name == "industry" else ""
    if name == "age" and band:
        yield band, "bands"
        yield TOTAL, "bands"
    elif name == "industry" and code.isdigit():
        yield section, "divisions"
        yield TOTAL, "divisions"
    elif name == "age" and code not in ("0-17", "18+"):
        yield TOTAL, "bands"
        yield TOTAL, "plain"
    else:
        yield TOTAL, "plain"


def longer(period: str) -> Iterator[tuple[str, str]]:
    """Yield (period, division) for the longer periods that contain a period; a division is, for example, `by month`."""
    year, rest = period[:4], period[5:]
    if not rest:
        return
    yield year, f"by {_length(rest)}"
    if rest[0] == "Q":
        yield f"{year}-H{(int(rest[1]) + 1) // 2}", "by quarter"
    elif rest[0] != "H":
        quarter = (int(rest) + 2) // 3
        yield f"{year}-Q{quarter}", "by month"
        yield f"{year}-H{(quarter + 1) // 2}", "by month"


def _length(rest: str) -> str:
    return {"H": "half", "Q": "quarter"}.get(rest[0], "month")
