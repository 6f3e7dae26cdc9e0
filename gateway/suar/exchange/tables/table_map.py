"""The map of a table, a TOML file: the meaning of each column, and values that the table omits. Checked when read.

schemas/maps/ has maps of published tables; docs/formats.md explains each key. A map can omit rows, merge labels and add
up repeated cells. Each of these is reported on import, and none happens unless the map requests it.
"""

from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from suar import toml_file
from suar.exchange.files.bounds import MAP_BYTES_MAX
from suar.exchange.files.csv_file import ENCODINGS
from suar.exchange.tables.periods import Calendar
from suar.files import read_bounded
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import built
from suar.published import schemas_dir


class Shape(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A TOML table of the map file; unknown keys are refused, so that mistyped ones are found."""


class Layout(Shape, frozen=True, kw_only=True):
    """The layout of the file: header row (from 1), delimiter and encoding of a CSV, sheet of a workbook ("": first)."""

    header_row: int = 1
    delimiter: Literal[",", ";", "\t"] = ","
    encoding: str = "utf-8"
    sheet: str = ""


class Word(Shape, frozen=True, kw_only=True):
    """A column whose words become codes: by `codes`, then, with `countries`, by code or name in the country list.

    Countries are matched regardless of case. `fixed`: the code if there is no column. "@member" is the reporter.
    """

    column: str = ""
    fixed: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    countries: bool = False


class When(Word, frozen=True, kw_only=True):
    """The column of the period. `calendar`: that of its years: gregorian, buddhist or minguo.

    Without it, four-digit Buddhist and three-digit Minguo years are recognised.
    """

    calendar: Calendar = ""


class Measure(Shape, frozen=True, kw_only=True):
    """The measure: the codes of the standard for indicator, unit and date basis."""

    indicator: str
    unit: str
    date_basis: str


class Measured(Shape, frozen=True, kw_only=True):
    """The column of the measure, with the meaning of each word; or one `fixed` measure."""

    column: str = ""
    fixed: Measure | None = None
    codes: dict[str, Measure] = field(default_factory=dict)


class Value(Shape, frozen=True, kw_only=True):
    """The column of the counts.

    `thousands` is the separator of digit groups; `below` = n reads "<n" as an unknown count below n; `missing` are
    words for no count. `repeated`: rows of the same cell are refused, or added.
    """

    column: str
    thousands: Literal["", ",", ".", " "] = ""
    below: int = 0
    missing: tuple[str, ...] = ()
    repeated: Literal["refuse", "sum"] = "refuse"


class Where(Shape, frozen=True, kw_only=True):
    """The location of a cell: its role, and the column of its country; without a column, the member itself.

    `admin1`: a column with ISO 3166-2 codes.
    """

    role: str = "detection"
    country: Word | None = None
    admin1: str = ""


class Part(Shape, frozen=True, kw_only=True):
    """One of several tables in the file: its breakdowns, location, and indicators that replace those of the words."""

    dims: tuple[str, ...] = ()
    place: Where = Where()
    indicators: dict[str, str] = field(default_factory=dict)


class Split(Shape, frozen=True, kw_only=True):
    """The column that assigns a row to a table, and the tables by its words."""

    column: str
    parts: dict[str, Part]


class LeftOut(Shape, frozen=True, kw_only=True):
    """Rows that are not imported: the words in their columns, the reason, and what would make them importable."""

    when: dict[str, str]
    reason: str
    cure: str


class TableMap(Shape, frozen=True, kw_only=True):
    """The whole map file.

    `message`: fields of the trend message, copied unchanged. `valid_days`: its validity from today in days.
    `per_period`: whether each period becomes a separate message.
    """

    title: str
    layout: Layout = Layout()
    member: Word
    period: When
    measure: Measured
    value: Value
    split: Split | None = None
    part: Part = Part()
    dims: dict[str, Word] = field(default_factory=dict)
    constant: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    message: dict[str, Any] = field(default_factory=dict)
    valid_days: int = 365
    per_period: bool = False

    def parts(self) -> list[Part]:
        """Return every table that a row can belong to."""
        return list(self.split.parts.values()) if self.split else [self.part]

    def columns(self) -> dict[str, str]:
        """Return every required column with the key of the map that reads it."""
        words = {"member": self.member, "period": self.period}
        words |= {f"dims.{name}": word for name, word in self.dims.items()}
        found = {word.column: key for key, word in words.items() if word.column}
        found[self.value.column] = "value"
        if self.measure.column:
            found[self.measure.column] = "measure"
        if self.split:
            found[self.split.column] = "split"
        for part in self.parts():
            found |= {part.place.admin1: "place.admin1"} if part.place.admin1 else {}
            if part.place.country and part.place.country.column:
                found[part.place.country.column] = "place.country"
        for rule in self.left_out:
            found |= dict.fromkeys(rule.when, "left_out.when")
        return found | dict.fromkeys(self.constant, "constant")


built(TableMap)

WRITTEN_BY_IMPORT = frozenset({"kind", "schema", "id", "rev", "sent", "privacy", "obs", "dims", "margins", "indicator",
                               "unit", "date_basis", "expires", "action"})  # fmt: skip
"""Fields of a trend that come from the table or the gateway, and so must not be in a map."""


def read_map(path: Path) -> TableMap:
    """Return the map in a file, or the shipped one of that name. Raises Fault naming the file and the key."""
    what = f"the map {path}"
    tables = toml_file.parse(_bytes(path), what, "see schemas/maps/glotip.toml for one that is")
    found = toml_file.fill(TableMap, tables, what, _hint(tables))
    _check(found, path)
    return found


def _hint(tables: dict[str, Any]) -> str:
    """Return the next step after a wrong key; of a text in place of a table, how the table is written."""
    split = tables.get("split")
    parts = [tables.get("part"), *(_values(split.get("parts")) if isinstance(split, dict) else ())]
    places = [part.get("place") for part in parts if isinstance(part, dict)]
    words = [tables.get("member"), tables.get("period"), *_values(tables.get("dims"))]
    words += [place.get("country") for place in places if isinstance(place, dict)]
    text = next((each for each in words if isinstance(each, str)), None)
    if text is None:
        return "docs/formats.md explains the keys"
    return f'{{fixed = "{text[:20]}"}} for every row, or {{column = "..."}} with the name of a column: docs/formats.md'


def _values(table: Any) -> list[Any]:
    return list(table.values()) if isinstance(table, dict) else []


def shipped_maps() -> str:
    """Return the names of the maps that are shipped, for a hint."""
    return ", ".join(sorted(each.stem for each in (schemas_dir() / "maps").glob("*.toml")))


def _bytes(path: Path) -> bytes:
    shipped = schemas_dir() / "maps" / f"{path.name}.toml"
    if not path.exists() and path.name == str(path) and shipped.is_file():
        path = shipped
    try:
        data = read_bounded(path)
    except FileNotFoundError:
        hint = f"name a file, or one that is shipped: {shipped_maps()}"
        raise Fault(f"the map {path} does not exist", hint) from None
    if len(data) > MAP_BYTES_MAX:
        raise Fault(f"the map {path} is larger than {MAP_BYTES_MAX // 1024} KiB", "is it the right file?")
    return data


def _check(found: TableMap, path: Path) -> None:
    """Check what the types cannot express: references to unknown names, and fields that a map must not set."""
    problems = [f"message.{key} is written by the import" for key in found.message if key in WRITTEN_BY_IMPORT]
    if found.layout.encoding not in ENCODINGS:
        problems.append(f"layout.encoding is one of {', '.join(ENCODINGS)}")
    for part in found.parts():
        problems += [f"the dimension {name} has no table [dims.{name}]" for name in part.dims if name not in found.dims]
    if found.split and found.part != Part():
        problems.append("part is for the only table of a file, and split has several")
    used = {name for part in found.parts() for name in part.dims}
    problems += [
        f'dims.{name} is among the dims of no part, so its rows would be mixed: write dims = ["{name}"] under [part]'
        for name in found.dims
        if name not in used
    ]
    for key, word in (("member", found.member), ("period", found.period), *found.dims.items()):
        if bool(word.column) == bool(word.fixed):
            problems.append(f"{key} has either column or fixed")
    if bool(found.measure.column) == bool(found.measure.fixed):
        problems.append("measure has either column or fixed")
    if problems:
        raise Fault(f"the map {path}: {problems[0]}", "docs/formats.md explains the keys")
