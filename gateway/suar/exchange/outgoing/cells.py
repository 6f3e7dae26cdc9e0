"""Cells of a table that a spreadsheet opens: text that it would run as a formula gets an apostrophe before it.

Spreadsheets do not show the apostrophe. Some pass over blanks before they look for a formula, so blanks are passed over
here too: white space, what cannot be seen, and the letters that look like a blank.
"""

from typing import Any, Final

FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that is run; spreadsheets of East Asia take the wide forms for the narrow ones."""
_MOVES: Final = ("\t", "\r", "\n")  # which begin another cell for some
_LIKE_A_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def safe(cell: Any) -> Any:
    """The cell as it is written."""
    if not isinstance(cell, str) or not (cell.startswith(_MOVES) or _bare(cell).startswith(FORMULA)):
        return cell
    return f"'{cell}"


def _bare(cell: str) -> str:
    at = next((at for at, char in enumerate(cell) if not _is_blank(char)), len(cell))
    return cell[at : at + 1]


def _is_blank(char: str) -> bool:
    return char.isspace() or not char.isprintable() or char in _LIKE_A_BLANK
