"""Rows of a CSV file (RFC 4180), read line by line within limits; a fault names its row and column.

The encoding is that of the map, by default UTF-8. It is never guessed, because a wrong guess yields wrong letters.
Bytes that are not UTF-8 but valid Thai are reported as such.
"""

import csv
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal, Protocol

from suar.exchange.files.bounds import CELL_CHARS_MAX, COLUMNS_MAX, LINE_BYTES_MAX, MIB, ROWS_MAX, TABLE_BYTES_MAX
from suar.exchange.files.problems import TableFault, column_name

ENCODINGS: Final = {
    "utf-8": "utf-8",
    "cp874": "cp874",
    "tis-620": "cp874",  # cp874 is TIS-620 with a few more characters
    "cp1252": "cp1252",
    "cp1258": "cp1258",
    "gb18030": "gb18030",
    "big5": "big5",
}
"""The encodings that a map may name: those in which a line end is one byte and not part of a letter."""
BOM: Final = b"\xef\xbb\xbf"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
THAI: Final = range(0xA1, 0xFC)  # the bytes of TIS-620 that are Thai letters, vowels, tones and digits

Row = tuple[int, list[str]]


class Source(Protocol):
    """A file to be read: a path, or an uploaded file in memory."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Open the file for reading from its beginning."""


def csv_rows(path: Source, encoding: str, delimiter: str) -> Iterator[Row]:
    """Yield (row number, cells as text) of every row that is not empty. Raises TableFault and OSError."""
    with path.open("rb") as file:
        lines = _Lines(file, ENCODINGS[encoding], delimiter)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            first = lines.number + 1  # a quoted cell may have several lines
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _broken(first, lines.column_of_quote(), str(error)) from None
            if any(cells):
                _bounded(first, cells)
                yield first, cells


class _Lines:
    """The decoded lines of a file, counted, with limits for each line and for all."""

    def __init__(self, file: BinaryIO, codec: str, delimiter: str) -> None:
        self.file, self.codec, self.delimiter = file, codec, delimiter
        self.number = self.read = 0
        self.line = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        data = self.file.readline(LINE_BYTES_MAX + 1)
        if not data:
            raise StopIteration
        self.number += 1
        self.read += len(data)
        self._fits(data)
        if self.number == 1:
            data = self._start(data)
        try:
            self.line = data.decode(self.codec)
        except UnicodeDecodeError as error:
            raise self._undecodable(data, error) from None
        return self.line

    def column_of_quote(self) -> int:
        """Return the column at the end of the last line, in which a quotation mark is not closed."""
        return _columns(self.line, self.delimiter)

    def _fits(self, data: bytes) -> None:
        if len(data) > LINE_BYTES_MAX:
            column = _columns(data[:LINE_BYTES_MAX].decode(self.codec, "replace"), self.delimiter)
            text = f"the row is longer than {LINE_BYTES_MAX:,} bytes"
            raise TableFault(self.number, column_name(column), text, "is the file a table with a line a row?")
        if self.read > TABLE_BYTES_MAX:
            text = f"the file is larger than {TABLE_BYTES_MAX // MIB} MiB, which this row exceeds"
            raise TableFault(self.number, column_name(1), text, "import it in parts, a country or some years each")
        if self.number > ROWS_MAX + 1:
            text = f"the table has more than {ROWS_MAX:,} rows"
            raise TableFault(self.number, column_name(1), text, "import it in parts, a country or some years each")

    def _start(self, data: bytes) -> bytes:
        if data.startswith(UTF_16):
            text, cure = "the file is in UTF-16", "save it as CSV UTF-8, or as .xlsx"
            raise TableFault(1, column_name(1), text, cure)
        return data.removeprefix(BOM) if self.codec == "utf-8" else data

    def _undecodable(self, data: bytes, error: UnicodeDecodeError) -> TableFault:
        column = _columns(data[: error.start].decode(self.codec), self.delimiter)
        text = f"the bytes from 0x{data[error.start]:02x} on are no {self.codec}"
        cure = "save the file as CSV UTF-8, or name its encoding with --encoding"
        if self.codec == "utf-8" and _is_thai(data):
            text += "; they may be Thai in TIS-620"
            cure = "save the file as CSV UTF-8, or read it with --encoding cp874"
        return TableFault(self.number, column_name(column), text, cure)


def _is_thai(data: bytes) -> bool:
    high = [byte for byte in data if byte > 0x7F]
    return all(byte in THAI for byte in high)


def _columns(line: str, delimiter: str) -> int:
    """Return the number of cells in a line or its beginning, counted leniently."""
    try:
        return max(1, len(next(csv.reader([line], delimiter=delimiter))))
    except (csv.Error, StopIteration):
        return line.count(delimiter) + 1


def _broken(row: int, column: int, error: str) -> TableFault:
    if "field limit" in error or "unexpected end" in error:
        return TableFault(
            row, column_name(column), "a quotation mark is opened and not closed", "close it, or double it"
        )
    return TableFault(
        row, column_name(column), f"no CSV: {error}", "write quotation marks inside a cell twice (RFC 4180)"
    )


def _bounded(row: int, cells: list[str]) -> None:
    if len(cells) > COLUMNS_MAX:
        text = f"the row has {len(cells):,} cells, at most {COLUMNS_MAX}"
        raise TableFault(row, column_name(COLUMNS_MAX + 1), text, "leave out what the map does not use")
    for number, cell in enumerate(cells, 1):
        if len(cell) > CELL_CHARS_MAX:
            text = f"the cell has {len(cell):,} characters, at most {CELL_CHARS_MAX:,}"
            raise TableFault(row, column_name(number), text, "is a quotation mark missing before it?")
