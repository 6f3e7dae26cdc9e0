"""Reads an uploaded table, CSV or a workbook, within the limits of the import and in memory only."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal

from suar.console.forms.table import ROWS_ABOVE, divided
from suar.exchange.files.csv_file import BOM, Row, csv_rows
from suar.exchange.files.xlsx_file import xlsx_rows
from suar.languages.names import names
from suar.protocol.base.errors import Fault

ROWS_MAX: Final = 2_001  # including the first row, as for a pasted table
_NO_HEADER: Final = 0
"""Merged cells are read as empty ones in each row: what that leaves unclear of the names of columns, the page says."""
_WORKBOOK: Final = b"PK\x03\x04"


class Uploaded:
    """The bytes of a file, which are not written to disk because they contain true counts."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Return its bytes from the beginning."""
        return io.BytesIO(self._data)

    def __str__(self) -> str:
        return "the file"


def as_text(data: bytes) -> str:
    """Return the table as if pasted: cells separated by tabs, and a row for each that is empty in the file.

    Raises Fault if it is unreadable or has too many rows.
    """
    found = list[list[str]]()
    for rows, (number, cells) in enumerate(_rows(data), 1):
        if rows > ROWS_MAX:
            raise Fault("the table is too long", "hand it in in parts")
        empty = number - len(found) - 1 if number <= ROWS_MAX else 0  # so that rows keep their numbers
        found += [*([[]] * empty), cells]
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(found)
    return out.getvalue()


def _rows(data: bytes) -> Iterator[Row]:
    if data.startswith(_WORKBOOK):
        return xlsx_rows(Uploaded(data), "", _NO_HEADER)
    data = data.removeprefix(BOM)
    first, line_end, rest = data.partition(b"\n")
    lines = b"\n".join(data.split(b"\n", ROWS_ABOVE + 1)[: ROWS_ABOVE + 1])
    mark, _ = divided(lines.decode("utf-8", "replace") + "\n")
    _, without = divided(first.decode("utf-8", "replace") + "\n")
    return csv_rows(Uploaded(first + line_end + rest if without else rest), "utf-8", mark)


def template(tag: str, keys: Iterable[str]) -> bytes:
    """Return an empty table as CSV: a row with the names of the columns in a language, which are recognized
    on upload.
    """
    known = names(tag).words
    heads = [known.label("dimension", key) or known.field("Observation", key) for key in keys]
    out = io.StringIO()
    csv.writer(out).writerow(heads)
    return BOM + out.getvalue().encode()
