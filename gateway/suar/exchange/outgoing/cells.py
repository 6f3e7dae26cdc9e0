"""Cells for spreadsheets: a text that would be executed as a formula is preceded by an apostrophe.

Spreadsheets do not show the apostrophe. Some skip blanks before a formula, so blanks are skipped here too: white space,
invisible characters, and letters that look like a blank.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from msgspec import UnsetType

from suar.exchange.outgoing.words import KEPT, printable

FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that begin a formula; East Asian spreadsheets also accept the wide forms."""
_KEPT: Final = KEPT | {"\r"}  # part of line ends in a quoted cell (RFC 4180)
_MOVES: Final = ("\t", "\r", "\n")  # some readers start a new cell at these
_LIKE_A_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def safe(cell: Any) -> Any:
    """Return the cell as written, with blanks for characters that are not printable."""
    cell = printable(cell, _KEPT) if isinstance(cell, str) else cell
    if not isinstance(cell, str) or not (cell.startswith(_MOVES) or _bare(cell).startswith(FORMULA)):
        return cell
    return f"'{cell}"


def _bare(cell: str) -> str:
    at = next((at for at, char in enumerate(cell) if not _is_blank(char)), len(cell))
    return cell[at : at + 1]


def _is_blank(char: str) -> bool:
    return char.isspace() or not char.isprintable() or char in _LIKE_A_BLANK


def or_empty(value: str | UnsetType) -> str:
    """Return the text of a cell; of a field that is not set, none."""
    return "" if isinstance(value, UnsetType) else value


def csv_of(rows: Iterable[list[Any]]) -> bytes:
    """Return rows as CSV (RFC 4180), with cells that a spreadsheet does not execute."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
