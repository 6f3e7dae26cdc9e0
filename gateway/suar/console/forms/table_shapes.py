"""What a table as people keep it needs before each of its rows is a figure: filled down, years converted, unfolded.

Nothing is changed by itself: the page offers it, and what it changes is seen in the text of the table. Pure.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms.table import TEXT_MAX, Sheet
from suar.console.forms.table_words import CHOICES, PERIOD, PLACE, UNDECIDED, VALUE, code_of, whole_number
from suar.protocol.base.codelists import TOTAL
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import DIMENSIONS
from suar.protocol.message.valuehints import common_year

CODES_MIN: Final = 2
"""Headings with codes of one list, the total not counted, that make a table a cross table."""
_YEAR: Final = 4  # digits


class Gap(Struct, frozen=True):
    """Empty cells of a column. `rows`: positions in Sheet.rows; `fills`: the text above by row, where there is one, but
    for rows with a total of more than what stands there; `has_totals`: whether there are such rows.
    """

    column: int
    rows: tuple[int, ...]
    fills: Mapping[int, str]
    has_totals: bool = False


class Cross(Struct, frozen=True):
    """A cross table: the columns whose headings are codes of one list, and the meaning of that list."""

    meaning: str
    columns: tuple[int, ...]


def gaps(sheet: Sheet, meanings: Sequence[str]) -> tuple[Gap, ...]:
    """Return the columns with empty cells, as merged cells become, but for those of counts and those left out.

    A cell is filled from above only within the cell of a column to the left that was merged, too.
    """
    wanted = [at for at, meaning in enumerate(meanings) if meaning in CHOICES and meaning != VALUE]
    empty = {at: tuple(row for row, cells in enumerate(sheet.rows) if not cells[at]) for at in wanted}
    merged = [at for at in wanted if empty[at] and len(empty[at]) < len(sheet.rows)]
    totals = _further_totals(sheet, meanings, empty)
    found = []
    for at in (each for each in wanted if empty[each]):
        fills = _fills(sheet, at, [each for each in merged if each < at])
        kept = {row: text for row, text in fills.items() if row not in totals}
        found.append(Gap(at, empty[at], kept, has_totals=not totals.isdisjoint(empty[at])))
    return tuple(found)


def _further_totals(
    sheet: Sheet, meanings: Sequence[str], empty: Mapping[int, Sequence[int]]
) -> frozenset[int]:  # fmt: skip
    """Return the rows with a total and an empty cell, whose count is not the sum of the rows above in the same merged
    cell: they are totals of more, such as of all provinces.
    """
    kinds = [at for at, meaning in enumerate(meanings) if meaning in DIMENSIONS]
    totals = [
        row for row, cells in enumerate(sheet.rows) if any(code_of(meanings[at], cells[at]) == TOTAL for at in kinds)
    ]
    found = set[int]()
    for row in totals:
        columns = [at for at, rows in empty.items() if row in rows]
        starts = [_start(sheet, at, row) for at in columns]
        parts = [each for each in range(max(starts, default=row), row) if each not in totals]
        if columns and not _is_sum(sheet, meanings, parts, row):
            found.add(row)
    return frozenset(found)


def _start(sheet: Sheet, column: int, row: int) -> int:
    """Return the last row above with a text in a column; 0 if there is none."""
    return next((above for above in range(row - 1, -1, -1) if sheet.rows[above][column]), 0)


def _is_sum(sheet: Sheet, meanings: Sequence[str], parts: Sequence[int], total: int) -> bool:
    if VALUE not in meanings:
        return False
    at = list(meanings).index(VALUE)
    counts = [whole_number(sheet.rows[row][at]) for row in (*parts, total)]
    return None not in counts and sum(each or 0 for each in counts[:-1]) == counts[-1]


def _fills(sheet: Sheet, column: int, outer: Sequence[int]) -> dict[int, str]:
    found, above, inside = dict[int, str](), "", dict[int, str]()
    for row, cells in enumerate(sheet.rows):
        changed = [at for at in outer if cells[at] and cells[at] != inside.get(at)]
        inside.update({at: cells[at] for at in changed})
        above = cells[column] or ("" if changed else above)
        if above and not cells[column]:
            found[row] = above
    return found


def filled(sheet: Sheet, gap: Gap) -> Sheet:
    """Return the table with the empty cells of a column filled from above."""
    rows = (_replaced(cells, gap.column, gap.fills.get(row, "")) for row, cells in enumerate(sheet.rows))
    return replace(sheet, rows=tuple(rows))


def first_year(sheet: Sheet, meanings: Sequence[str], period: str = "") -> tuple[str, str] | None:
    """Return the first year that only another calendar has, such as 2568, and the common one; None if there is none.

    `period`: that of every figure, as typed.
    """
    cells = (row[at] for at, meaning in enumerate(meanings) if meaning == PERIOD for row in sheet.rows)
    found = next((cell for cell in dict.fromkeys((period, *cells)) if _common(cell)), None)
    return (found, _common(found)) if found is not None else None


def in_common_years(sheet: Sheet, meanings: Sequence[str], period: str = "") -> tuple[Sheet, str]:
    """Return the table, and the period of every figure, with years of the common calendar alone."""
    columns = [at for at, meaning in enumerate(meanings) if meaning == PERIOD]
    rows = list(sheet.rows)
    for at in columns:
        rows = [_replaced(cells, at, _common(cells[at])) for cells in rows]
    return replace(sheet, rows=tuple(rows)), _common(period) or period


def _common(cell: str) -> str:
    """Return a period in the common calendar; "" if it already is, or is none."""
    period = code_of(PERIOD, cell) or ""
    era, year = common_year(period[:_YEAR])
    return f"{year:04d}{period[_YEAR:]}" if era else ""


def crossed(sheet: Sheet, meanings: Sequence[str]) -> Cross | None:
    """Return what a cross table has as headings: years, places or codes of a breakdown; None if it is no cross table.

    Of two lists with the headings, the one with more of them is taken.
    """
    if VALUE in meanings:
        return None
    found = []
    for meaning in (each for each in (PERIOD, *DIMENSIONS, PLACE) if each not in meanings):
        codes = {
            at: code
            for at, name in enumerate(sheet.head)
            if meanings[at] == UNDECIDED and (code := _code(meaning, name))
        }
        if len(set(codes.values()) - {TOTAL}) >= CODES_MIN:
            found.append((len(codes), Cross(meaning, tuple(codes))))
    return max(found, key=lambda each: each[0])[1] if found else None


def _code(meaning: str, heading: str) -> str | None:
    return code_of(meaning, heading) if heading else None


def unfolded(sheet: Sheet, cross: Cross, names: tuple[str, str]) -> Sheet:
    """Return the table with a row for each figure; the total stays one.

    `names`: the headings of the new columns, of the codes and of the counts.
    """
    kept = [at for at in range(len(sheet.head)) if at not in cross.columns]
    head = (*(sheet.head[at] for at in kept), *names)
    rows = tuple(
        (*(cells[at] for at in kept), sheet.head[column], cells[column])
        for cells in sheet.rows
        for column in cross.columns
    )
    return Sheet(head, rows)


def as_text(sheet: Sheet) -> str:
    """Return a table as if pasted: cells separated by tabs. Raises Fault if it is too long."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows((sheet.head, *sheet.rows))
    if len(out.getvalue()) > TEXT_MAX:
        raise Fault("the table is too long", "hand it in in parts")
    return out.getvalue()


def _replaced(cells: tuple[str, ...], column: int, text: str) -> tuple[str, ...]:
    return (*cells[:column], text, *cells[column + 1 :]) if text else cells
