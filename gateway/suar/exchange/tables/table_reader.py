"""Reads the rows of a table into cells: each row becomes part of a cell, or is listed with what to correct.

For each row the member, table, measure, period, location, breakdowns and count are read in that order; the first one
that cannot be read is the problem of the row. Rows of one cell are added if the map requests it. A sum with an unknown
part ("<5") is unknown, because any number would disclose something about the part.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from suar.exchange.files.csv_file import Row
from suar.exchange.files.problems import Problem, TableFault, column_name, shown
from suar.exchange.tables.counts import KNOWN, MISSING, PROVISIONAL, SUPPRESSED, NoCount, is_in_thousands, read_count
from suar.exchange.tables.merges import BELOW, ERAS, FUTURE, MARKED_PROVISIONAL, RETURN, THOUSANDS, Notes
from suar.exchange.tables.periods import NoPeriod, read_period
from suar.exchange.tables.readings import Cell, Group, Key, Reading
from suar.exchange.tables.table_map import Measure, Part, TableMap, Word
from suar.protocol.base.codelists import codes, labels, listed

MEMBER: Final = "@member"
_OF_A_SUM: Final = (SUPPRESSED, MISSING, PROVISIONAL, KNOWN)  # status of a sum: the first of these that a part has
_ADMIN1: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(?!\n)\Z")
_DIVISION: Final = re.compile(r"[0-9]{2}(?!\n)\Z")  # a division of ISIC Rev.4; the standard has only a pattern

LISTS: Final = {
    "sex": ("sex",), "age": ("age",), "exploitation": ("purpose",), "means": ("means-coarse",),
    "recruiter": ("recruiter-relation",), "transport": ("transport",), "industry": ("isic-section",),
    "citizenship": ("country", "member", "citizenship-special"),
}  # fmt: skip
"""The code lists of each dimension; `total` is a code of every dimension."""
COUNTRIES: Final = ("country", "member")


class _Unread(Exception):  # noqa: N818 - ends the reading of one row and is not an error
    def __init__(self, column: str, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.cure = column, reason, cure


def read_table(rows: Iterable[Row], table: TableMap, this_year: int) -> Reading:
    """Return all rows in cells or lists. `this_year`: the year of the import; years after the next are refused.

    Raises TableFault for a table without a required column or without a header.
    """
    reader: _Reader | None = None
    for number, cells in rows:
        if number < table.layout.header_row:
            continue
        if reader is None:
            reader = _Reader(table, _header(number, cells, table), this_year)
        else:
            reader.add_row(number, cells)
    if reader is None:
        raise TableFault(table.layout.header_row, "A", "the table has no header", "name its row in layout.header_row")
    return reader.done()


def _header(row: int, cells: list[str], table: TableMap) -> dict[str, int]:
    """Return the columns by name. Raises TableFault for a blank column between others, or a repeated one."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for number, name in enumerate(names, 1):
        if not name:
            cure = "give every column a header of its own; unmerge merged cells"
            raise TableFault(row, column_name(number), "the column has no header; was it merged?", cure)
        if name in names[: number - 1]:
            first = column_name(names.index(name) + 1)
            text = f"the header {shown(name)} is also that of column {first}"
            raise TableFault(row, column_name(number), text, "give every column a header of its own")
    for name, key in table.columns().items():
        if name not in names:
            there = ", ".join(shown(each) for each in names[:20])
            text = f"no column {shown(name)}, which the map reads as {key}; there are {there}"
            raise TableFault(row, None, text, _cure(names, key))
    return {name: at for at, name in enumerate(names)}


def _cure(names: list[str], key: str) -> str:
    """Return what to do about a missing column, based on the columns of the table."""
    if len(names) < 2:
        return "mend the header or the map; is layout.delimiter the right one?"
    if key.startswith("dims."):
        return "mend the header or the map; a row has one number: a column for each code becomes a row for each"
    return "mend the header or the map"


class _Reader:
    def __init__(self, table: TableMap, header: dict[str, int], this_year: int) -> None:
        self.table, self.header, self.this_year = table, header, this_year
        self.reading = Reading()
        self.notes = Notes()

    def add_row(self, row: int, cells: list[str]) -> None:
        """Add a row to its cell, or to a list."""
        self.reading.rows += 1
        self.notes.begin()
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in self.header.items()}
        try:
            if any(cells[len(self.header) :]):
                self._too_wide(row, cells)
            elif not self._omit(row, values):
                self._cell(row, values)
        except _Unread as unread:
            self._list(row, self._named(unread.column), unread.reason, unread.cure)

    def done(self) -> Reading:
        """Return the reading with its merges."""
        self.reading.merges = self.notes.as_lines(self.reading, self.table.value)
        return self.reading

    # -- rows that are not read

    def _named(self, column: str) -> str:
        return column_name(self.header[column] + 1, column) if column else ""

    def _list(self, row: int, column: str, reason: str, cure: str) -> None:
        self.reading.problems.append(Problem(row, column or None, reason, cure))

    def _too_wide(self, row: int, cells: list[str]) -> None:
        text = f"the row has {len(cells)} cells, the header {len(self.header)}"
        self._list(
            row, column_name(len(self.header) + 1), text, "put a cell with the delimiter in it in quotation marks"
        )

    def _omit(self, row: int, values: Mapping[str, str]) -> bool:
        """List the row as left out if a rule of the map says so; returns False if it is to be read."""
        for rule in self.table.left_out:
            if all(values[column] == value for column, value in rule.when.items()):
                column = self._named(list(rule.when)[-1])
                self.reading.left_out.append(Problem(row, column, rule.reason, rule.cure))
                return True
        return False

    # -- one row, column by column

    def _cell(self, row: int, values: Mapping[str, str]) -> None:
        for column, allowed in self.table.constant.items():
            if values[column] not in allowed:
                cure = f"this map reads {' or '.join(allowed)} only"
                raise _Unread(column, f"{shown(values[column])} is not what the map reads", cure)
        member = self._listed("member", self.table.member, values, "", ("member",))
        name, part = self._part(values)
        measure = self._measure(values)
        indicator = part.indicators.get(measure.indicator, measure.indicator)
        period, is_provisional = self._period(values)
        place = self._place(values, part, member)
        dims = tuple((dim, self._listed(dim, self.table.dims[dim], values, member, LISTS[dim])) for dim in part.dims)
        value, status = self._count(values)
        status = PROVISIONAL if is_provisional and status == KNOWN else status
        self._add(
            row,
            Group(member, indicator, measure.unit, measure.date_basis, name),
            Key(period, place, dims),
            value,
            status,
        )
        self.notes.keep()

    def _part(self, values: Mapping[str, str]) -> tuple[str, Part]:
        split = self.table.split
        if split is None:
            return "", self.table.part
        name = values[split.column]
        if name not in split.parts:
            cure = f"the map knows: {', '.join(split.parts)}; add [split.parts] for another"
            raise _Unread(split.column, f"{shown(name)} is no table of the map", cure)
        return name, split.parts[name]

    def _measure(self, values: Mapping[str, str]) -> Measure:
        measured = self.table.measure
        if measured.fixed:
            return measured.fixed
        text = values[measured.column]
        if text not in measured.codes:
            raise _Unread(measured.column, f"{shown(text)} is no indicator of the map", "add it to [measure.codes]")
        return measured.codes[text]

    def _period(self, values: Mapping[str, str]) -> tuple[str, bool]:
        """Return the period, and whether its figures are provisional."""
        text = self._word("period", self.table.period, values, "")
        try:
            period = read_period(text, self.table.period.calendar, self.this_year)
        except NoPeriod as error:
            raise _Unread(self.table.period.column, error.reason, error.cure) from None
        if period.era:
            self.notes.add(ERAS, period.text, text)
        if period.is_provisional:
            self.notes.add(MARKED_PROVISIONAL, period.text, text)
        if int(period.text[:4]) > self.this_year:
            self.notes.add(FUTURE, period.text, text)
        return period.text, period.is_provisional

    def _place(self, values: Mapping[str, str], part: Part, member: str) -> tuple[str, str, str]:
        where = part.place
        country = self._listed("place", where.country, values, member, COUNTRIES) if where.country else member
        if where.country and where.role == "return":
            self.notes.add(RETURN, country, "")
        admin1 = values[where.admin1] if where.admin1 else ""
        if admin1 and not _ADMIN1.match(admin1):
            raise _Unread(where.admin1, f"{shown(admin1)} is no subdivision of ISO 3166-2", "write it like TH-63")
        return where.role, country, admin1

    def _listed(self, key: str, word: Word, values: Mapping[str, str], member: str, lists: tuple[str, ...]) -> str:
        """Return the code of a word, which must be in one of the lists; `total` is a code of every dimension."""
        code = self._word(key, word, values, member)
        if any(code in listed(name) for name in lists) or (code == "total" and key in LISTS):
            return code
        if key == "industry" and _DIVISION.match(code):
            return code
        if not code:
            raise _Unread(word.column, "the cell is empty", "fill it in, or leave the row out")
        what = "country" if "country" in lists else key
        alike = next((each for each in word.codes if each.casefold() == code.casefold()), "")
        cure = f"mend the word, or say in the map's codes which {what} it is"
        cure = (
            f"the map has {shown(alike)}: write it in the same letters, or add this one to the map" if alike else cure
        )
        raise _Unread(word.column, f"{shown(code)} is no {what} of the code list", cure)

    def _word(self, key: str, word: Word, values: Mapping[str, str], member: str) -> str:
        """Return the code of a word: by the map, by the country list, or the word itself."""
        if word.fixed:
            return word.fixed
        text = values[word.column]
        code = word.codes.get(text)
        if code is None and word.countries:
            code = _countries().get(text.casefold())
        if code is None:
            return text
        code = member if code == MEMBER else code
        self.notes.add(key, code, text)
        return code

    def _count(self, values: Mapping[str, str]) -> tuple[int | None, str]:
        rules = self.table.value
        text = values[rules.column]
        try:
            value, status = read_count(text, rules)
        except NoCount as error:
            raise _Unread(rules.column, error.reason, error.cure) from None
        if is_in_thousands(text, rules):
            self.notes.add(THOUSANDS, str(value), text)
        if status == SUPPRESSED:
            self.notes.add(BELOW, "", text)
        return value, status

    def _add(self, row: int, group: Group, key: Key, value: int | None, status: str) -> None:
        cells = self.reading.cells.setdefault(group, {})
        cell = cells.get(key)
        if cell is None:
            cells[key] = Cell(value, status, [row])
        elif self.table.value.repeated == "sum":
            both = (cell.status, status)
            is_known = set(both) <= {KNOWN, PROVISIONAL}
            cell.value = (cell.value or 0) + (value or 0) if is_known else None
            cell.status = next(each for each in _OF_A_SUM if each in both)
            cell.rows.append(row)
        else:
            cure = 'leave one out, or set value.repeated = "sum" in the map'
            raise _Unread(self.table.value.column, f"the row repeats the cell of row {cell.rows[0]}", cure)
        self.reading.imported += 1


@cache
def _countries() -> dict[str, str]:
    """Return codes and English names of the country lists, in lower case, with their codes."""
    found: dict[str, str] = {}
    for name in COUNTRIES:
        found |= {label.casefold(): code for code, label in labels(name).items()}
        found |= {code.casefold(): code for code in codes(name)}
    return found
