"""Finds the rows above a table that are not the names of its columns: a title, and a second row of headings.

A workbook has them as merged cells, a pasted table as cells that are empty. Neither is read by guessing: the page names
the rows, and the person writes one row of names. Pure.
"""

from itertools import takewhile

from suar.console.forms.table import Sheet
from suar.console.forms.table_words import HIDDEN, headings, part_of, whole_number

COLUMNS_MIN = 2
"""Columns of counts that have a word in the first row, from which on the word is a heading."""


def titles(sheet: Sheet) -> tuple[int, ...]:
    """Return the numbers of the rows above the names of the columns that have one cell each, which names no column.

    Empty if there is none, or if no row has several cells.
    """
    rows = (sheet.head, *sheet.rows)
    above = list(takewhile(_is_title, rows))
    return (sheet.first, *sheet.numbers)[: len(above)] if len(above) < len(rows) else ()


def double(sheet: Sheet) -> tuple[int, ...]:
    """Return the numbers of the two rows of headings; empty if the table has one.

    The second row has its cells below the gaps of the first and none in the first column, as below merged cells; or
    words where every further row has counts.
    """
    first, *further = sheet.rows
    is_below = bool(sheet.head[0] and not first[0]) and any(
        cell and not name for name, cell in zip(sheet.head, first, strict=True)
    )
    worded = [at for at, cell in enumerate(first) if _is_word(cell) and _has_counts(further, at)]
    return (sheet.first, sheet.numbers[0]) if is_below or len(worded) >= COLUMNS_MIN else ()


def _is_title(cells: tuple[str, ...]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) == 1 and not (filled[0].casefold() in headings() or part_of(filled[0]))


def _is_word(cell: str) -> bool:
    return cell.casefold() not in HIDDEN and not any(each.isdecimal() for each in cell)


def _has_counts(rows: list[tuple[str, ...]], column: int) -> bool:
    cells = [row[column] for row in rows if row[column]]
    return bool(cells) and all(whole_number(cell) is not None for cell in cells)
