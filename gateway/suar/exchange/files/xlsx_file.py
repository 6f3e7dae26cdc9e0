"""Rows of a workbook (.xlsx), read by calamine from a copy that was measured first.

A workbook is a ZIP of XML: a few kilobytes may decompress to gigabytes, its directory may state wrong sizes, a single
cell in the last row makes a reader fill the whole rectangle before it, and any number of cells may refer to one long
text, which is copied for each. So every needed part is decompressed here within a limit, its XML is walked by the
hardened parser to measure its rectangle and texts, and only what passed is given to calamine, as a ZIP that is written
here.
"""

import datetime
import io
import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from typing import Any, Final

from suar.exchange.files.bounds import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    INFLATED_BYTES_MAX,
    MIB,
    PART_DEPTH_MAX,
    PARTS_MAX,
    ROWS_MAX,
    SHEET_CELLS_MAX,
    TABLE_BYTES_MAX,
)
from suar.exchange.files.csv_file import Row, Source
from suar.exchange.files.problems import TableFault, column_name, letter
from suar.exchange.files.xml_file import SEPARATOR, bound_depth, feed, hardened
from suar.protocol.base.errors import Fault

_NEEDED: Final = re.compile(
    r"(\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/sheet[0-9]+\.xml)(?!\n)\Z",
    re.IGNORECASE,
)
_SHEET: Final = "xl/worksheets/"
_TEXTS: Final = "xl/sharedstrings.xml"
_SHARED: Final = "s"  # the type of a cell that refers to a shared text
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
_ODD: Final = (OSError, ValueError, EOFError, RuntimeError, OverflowError, LookupError)
"""Exceptions of zipfile besides its own, for a damaged directory."""
_CHUNK: Final = 64 * 1024


def xlsx_rows(path: Source, sheet: str, header_row: int) -> Iterator[Row]:
    """Yield (row number, cells as text) of every row of a sheet ("": the first) that is not empty.

    Raises TableFault for a merged range that touches the header, because it is unclear which column it names.
    """
    measured = _measured(path)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(measured) as book:
            if sheet and sheet not in book.sheet_names:
                raise Fault(f"no sheet '{sheet}' in {path}", f"its sheets are: {', '.join(book.sheet_names)}")
            found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
            _unmerged(found.merged_cell_ranges or [], header_row)
            top, left = found.start or (0, 0)
            for number, cells in enumerate(found.iter_rows(), top + 1):
                texts = [""] * left + [_text(cell) for cell in cells]
                if any(texts):
                    _bounded(number, texts)
                    yield number, texts
    except CalamineError as error:
        raise Fault(
            f"{path} is no workbook that can be read: {error}", "save it anew as .xlsx, or as CSV UTF-8"
        ) from None


def _measured(path: Source) -> io.BytesIO:
    """Return the needed parts of a workbook, each decompressed within the limit, as a ZIP without compression."""
    with path.open("rb") as file:
        data = file.read(TABLE_BYTES_MAX + 1)  # an OSError after this is caused by the content, not the disk
    if len(data) > TABLE_BYTES_MAX:
        raise TableFault(1, "A", f"the file is larger than {TABLE_BYTES_MAX // MIB} MiB", "import it in parts")
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as copy:
            _copy(book, copy)
    except (zipfile.BadZipFile, zlib.error, struct.error, *_ODD) as error:
        raise Fault(f"{path} is no workbook: {error}", "save it anew as .xlsx, or as CSV UTF-8") from None
    made.seek(0)
    return made


def _copy(book: zipfile.ZipFile, copy: zipfile.ZipFile) -> None:
    parts, left = book.infolist(), INFLATED_BYTES_MAX
    if len(parts) > PARTS_MAX:
        raise TableFault(1, "A", f"the workbook has more than {PARTS_MAX:,} parts", "save it anew as .xlsx")
    needed = {part.filename.lower(): part for part in parts if _NEEDED.match(part.filename)}
    if len(needed) < sum(bool(_NEEDED.match(part.filename)) for part in parts):
        raise zipfile.BadZipFile("two of its parts have one name")
    texts = _Texts()
    for part in sorted(needed.values(), key=lambda each: each.filename.lower() != _TEXTS):
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others have no memory limit
            raise zipfile.BadZipFile(f"its part {part.filename} is compressed in another way than workbooks are")
        data = _unfolded(book, part, left)
        left -= len(data)
        _walk(part.filename.lower(), data, texts)
        copy.writestr(part.filename, data)


def _unfolded(book: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> bytes:
    chunks, read = [], 0
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            read += len(chunk)
            if read > left:
                text = f"the workbook unfolds to more than {INFLATED_BYTES_MAX // MIB} MiB in its part {part.filename}"
                raise TableFault(1, "A", text, "import it in parts, or as CSV UTF-8")
            chunks.append(chunk)
    return b"".join(chunks)


def _walk(name: str, data: bytes, texts: "_Texts") -> None:
    """Check a part: no document type; in a sheet no rectangle and no text beyond the limit."""
    parser = hardened()
    if name == _TEXTS:
        texts.learn(parser)
    if not name.startswith(_SHEET):
        bound_depth(parser, PART_DEPTH_MAX)
        feed(parser, data)
        return
    rectangle = _Rectangle()
    parser.StartElementHandler = rectangle.start
    bound_depth(parser, PART_DEPTH_MAX)
    feed(parser, data)
    if rectangle.shared * texts.longest > INFLATED_BYTES_MAX:  # otherwise the exact sum is not needed
        counting = hardened()
        texts.count(counting)
        feed(counting, data)


class _Texts:
    """The lengths of the shared texts, and the total length that the cells of a sheet refer to."""

    def __init__(self) -> None:
        self.longest = self._characters = 0
        self._lengths = array("L")
        self._number: str | None = None

    def learn(self, parser: Any) -> None:
        """Record the lengths as `parser` reads the texts."""

        def start(tag: str, _: dict[str, str]) -> None:
            if tag.endswith(f"{SEPARATOR}si"):
                self._lengths.append(0)

        def text(value: str) -> None:
            if self._lengths:
                self._lengths[-1] += len(value)
                self.longest = max(self.longest, self._lengths[-1])

        parser.StartElementHandler, parser.CharacterDataHandler = start, text

    def count(self, parser: Any) -> None:
        """Sum the lengths as `parser` reads the cells. Raises TableFault from its handlers."""
        self._characters = 0
        names = [False]  # whether the open cell refers to a shared text

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.endswith(f"{SEPARATOR}c"):
                names[0] = attributes.get("t") == _SHARED
            elif tag.endswith(f"{SEPARATOR}v") and names[0]:
                self._number = ""

        def text(value: str) -> None:
            if self._number is not None and len(self._number) < 9:
                self._number += value

        def end(_: str) -> None:
            if self._number is not None:
                self._add(self._number.strip())
                self._number = None

        parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end

    def _add(self, number: str) -> None:
        at = int(number) if number.isascii() and number.isdigit() else len(self._lengths)
        self._characters += self._lengths[at] if at < len(self._lengths) else 0
        if self._characters > INFLATED_BYTES_MAX:
            text = f"the texts of its cells have more than {INFLATED_BYTES_MAX:,} characters together"
            raise TableFault(1, "A", text, "a table has words and counts, no prose; import it in parts")


class _Rectangle:
    """The last row and column with a cell, and the number of cells that refer to shared texts."""

    def __init__(self) -> None:
        self.row = self.column = self.rows = self.columns = self.shared = self.merged = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(SEPARATOR)[2]
        if name == "row":
            self._row(attributes.get("r", ""))
        elif name == "c":
            self._cell(attributes.get("r", ""))
            self.shared += attributes.get("t") == _SHARED
        elif name == "mergeCell":
            self.merged += 1
            if self.merged > ROWS_MAX:
                text = f"the sheet has more than {ROWS_MAX:,} merged ranges"
                raise TableFault(1, "A", text, "unmerge them")

    def _row(self, value: str) -> None:
        self.row = int(value) if value.isascii() and value.isdigit() and len(value) <= 7 else self.row + 1
        self.column = 0

    def _cell(self, value: str) -> None:
        where = _REFERENCE.match(value)
        self.column = _number(where[1]) if where else self.column + 1
        self.row = int(where[2]) if where else self.row
        self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
        at = column_name(self.column)
        if self.row > ROWS_MAX + 1:
            raise TableFault(self.row, at, f"the table has more than {ROWS_MAX:,} rows", "import it in parts")
        if self.column > COLUMNS_MAX:
            raise TableFault(
                self.row, at, f"the table has more than {COLUMNS_MAX} columns", "leave out what is not used"
            )
        if self.rows * self.columns > SHEET_CELLS_MAX:
            raise TableFault(self.row, at, f"the table has more than {SHEET_CELLS_MAX:,} cells", "import it in parts")


def _number(letters: str) -> int:
    number = 0
    for each in letters:
        number = number * 26 + ord(each) - ord("A") + 1
    return number


def _unmerged(ranges: list[tuple[tuple[int, int], tuple[int, int]]], header_row: int) -> None:
    for (top, left), (bottom, right) in ranges:
        if top < header_row <= bottom + 1:
            name = f"{letter(left + 1)}{top + 1}:{letter(right + 1)}{bottom + 1}"
            text = f"the cells {name} of the header are merged"
            cure = "unmerge them and give every column a header of its own, in one row"
            raise TableFault(header_row, column_name(left + 1), text, cure)


def _text(cell: Any) -> str:
    """Return a cell as the text that it would have in a CSV."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else _fraction(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat()
    return str(cell)


def _fraction(number: float) -> str:
    """Return the number as text that no reader mistakes for thousands: 1.234 as 1.2340."""
    text = repr(number)
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _bounded(row: int, cells: list[str]) -> None:
    for number, cell in enumerate(cells, 1):
        if len(cell) > CELL_CHARS_MAX:
            text = f"the cell has {len(cell):,} characters, at most {CELL_CHARS_MAX:,}"
            raise TableFault(row, column_name(number), text, "a table has words and counts, no prose")
