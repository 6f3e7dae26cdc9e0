"""The cells of one sheet of a workbook, each as the text that it would have in a CSV."""

import re
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Final

from suar.exchange.files.bounds import COLUMNS_MAX, ROWS_MAX, SHEET_CELLS_MAX, SPREADSHEET_ROWS
from suar.exchange.files.problems import TableFault, column_name, letter, shown
from suar.exchange.files.xlsx_book import DURATION, Styles, Words, whole

_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})(?!\n)\Z")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?!\n)\Z")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+)?(?!\n)\Z")
_SHARED, _INLINE, _PLAIN = "s", "inlineStr", "n"
_TYPES: Final = (_SHARED, _INLINE, _PLAIN, "str", "b", "d", "e")
_TRUTHS: Final = {"0": "false", "1": "true"}
_DAYS: Final = 2_958_466  # the number of the day after 9999-12-31
_LEAP: Final = 60  # the number of 1900-02-29, which did not exist
_BETWEEN_CALENDARS: Final = 1_462  # days between the date systems of 1900 and 1904
_EPOCH: Final = datetime(1899, 12, 30)
_SAVE_AGAIN: Final = "save it anew as .xlsx, or as CSV UTF-8"

Merged = tuple[int, int, int, int]


class Sheet:
    """Handles the XML of a sheet. `rows`: the cells by row, shared texts as numbers. `references`: counts of these.

    Raises TableFault from its handlers for a cell outside the limits of a table or of a spreadsheet.
    """

    def __init__(self, styles: Styles, *, is_1904: bool) -> None:
        self.rows: dict[int, list[str | int]] = {}
        self.references: Counter[int] = Counter()
        self.merged: list[Merged] = []
        self._styles, self._is_1904 = styles, is_1904
        self._row = self._column = self._last_row = self._last_column = 0
        self._is_inside = False
        self._kept: tuple[str, ...] = ()
        self._type = self._style = ""
        self._words = Words()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name == "sheetData":
            self._is_inside = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif not self._is_inside:
            return
        elif name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "c":
            self._begin_cell(attributes)
        else:
            self._words.start(name, self._kept)

    def text(self, text: str) -> None:
        """Handle characters."""
        self._words.text(text)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._words.end(name)
        if name == "c" and self._kept:
            self._end_cell(self._words.as_text())
            self._kept = ()
        elif name == "sheetData":
            self._is_inside = False

    def _begin_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else whole(number, SPREADSHEET_ROWS + 1)
        if not row:
            text = f"the row after it has the number {shown(number or '')}, which no spreadsheet has"
            raise TableFault(self._row, None, text, _SAVE_AGAIN)
        self._row, self._column = row, 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._locate(attributes.get("r"))
        self._type, self._style = attributes.get("t", _PLAIN), attributes.get("s", "")
        if self._type not in _TYPES:
            raise self._fault(f"the cell has the type {shown(self._type)}, which no workbook has", _SAVE_AGAIN)
        self._kept = ("t",) if self._type == _INLINE else ("v",)
        self._words = Words()

    def _locate(self, reference: str | None) -> None:
        where = _REFERENCE.match(reference) if reference is not None else None
        if reference is not None and not (where and 0 < int(where[2]) <= SPREADSHEET_ROWS):
            text = f"a cell after it has the reference {shown(reference)}, which no spreadsheet has"
            raise self._fault(text, _SAVE_AGAIN)
        self._column = _number(where[1]) if where else self._column + 1
        self._row = int(where[2]) if where else max(self._row, 1)
        self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)
        if self._row > ROWS_MAX + 1:
            raise self._fault(f"the table has more than {ROWS_MAX:,} rows", "import it in parts")
        if self._column > COLUMNS_MAX:
            raise self._fault(f"the table has more than {COLUMNS_MAX} columns", "leave out what is not used")
        if self._last_row * self._last_column > SHEET_CELLS_MAX:
            raise self._fault(f"the table has more than {SHEET_CELLS_MAX:,} cells", "import it in parts")

    def _end_cell(self, text: str) -> None:
        value: str | int = text
        if self._type == _SHARED and text:
            number = whole(text, SHEET_CELLS_MAX * 10)
            if number is None:
                raise self._fault(f"the cell names the shared text {shown(text)}, which no workbook has", _SAVE_AGAIN)
            self.references[number] += 1
            value = number
        elif self._type == _PLAIN:
            value = _plain(text, self._styles.of(self._style), is_1904=self._is_1904)
        elif self._type == "d":
            value = _day(text)
        elif self._type == "b":
            value = _TRUTHS.get(text, text)
        elif self._type == "e":
            value = ""  # an error of the spreadsheet, such as #REF!, is not a value
        if value != "":
            cells = self.rows.setdefault(self._row, [])
            cells += [""] * (self._column - len(cells))
            cells[self._column - 1] = value

    def _merge(self, reference: str) -> None:
        corners = [_REFERENCE.match(corner) for corner in reference.split(":", 2)]
        ends = [(int(each[2]), _number(each[1])) for each in corners if each]
        if len(ends) != len(corners) or len(ends) > 2:
            raise TableFault(1, "A", f"the merged range {shown(reference)} is none of a spreadsheet", _SAVE_AGAIN)
        if len(self.merged) >= ROWS_MAX:
            raise TableFault(1, "A", f"the sheet has more than {ROWS_MAX:,} merged ranges", "unmerge them")
        self.merged.append((*ends[0], *ends[-1]))

    def _fault(self, text: str, cure: str) -> TableFault:
        return TableFault(self._row, column_name(self._column), text, cure)


def unmerged(ranges: list[Merged], header_row: int) -> None:
    """Raise TableFault for a merged range that touches the header, because it is unclear which column it names."""
    for top, left, bottom, right in ranges:
        if top <= header_row <= bottom:
            text = f"the cells {letter(left)}{top}:{letter(right)}{bottom} of the header are merged"
            cure = "unmerge them and give every column a header of its own, in one row"
            raise TableFault(header_row, column_name(left), text, cure)


def _number(letters: str) -> int:
    number = 0
    for each in letters.upper():
        number = number * 26 + ord(each) - ord("A") + 1
    return number


def _plain(text: str, kind: str, *, is_1904: bool) -> str:
    """Return a number as text, by the kind of its style; text that is not a finite number is unchanged."""
    number = float(text) if _NUMBER.match(text) else float("nan")
    if not abs(number) < float("inf"):
        return text
    shown_ = _moment(number, kind, is_1904=is_1904) if kind else ""
    if shown_:
        return shown_
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else _fraction(number)


def _fraction(number: float) -> str:
    """Return the number as text that cannot be read as thousands: 1.234 as 1.2340."""
    text = repr(number)
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _moment(number: float, kind: str, *, is_1904: bool) -> str:
    """Return a number of days as a date, a time or a duration; "" for one that is outside the calendar."""
    if not 0 <= number < _DAYS - _BETWEEN_CALENDARS * is_1904:
        return ""
    if kind == DURATION:
        return str(_days(number))
    if number < 1:
        return str((_EPOCH + _days(number)).time())
    number += _BETWEEN_CALENDARS if is_1904 else number < _LEAP
    return _as_text(_EPOCH + _days(number))


def _days(number: float) -> timedelta:
    return timedelta(milliseconds=round(number * 86_400_000))


def _day(text: str) -> str:
    """Return a date in ISO 8601 as text; any other text is unchanged."""
    try:
        return _as_text(datetime.fromisoformat(text)) if _ISO.match(text) else text
    except ValueError:
        return text


def _as_text(moment: datetime) -> str:
    day: date = moment.date()
    return day.isoformat() if moment.time() == time() else moment.isoformat()
