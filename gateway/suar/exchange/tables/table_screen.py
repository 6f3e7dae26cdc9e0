"""Examines the content of a table that is not used for a message: columns that the map does not read, other cells.

Only counts and codes of a table are used, never words. The words are examined nevertheless, so that the importing
person knows whether the file contains personal data and must be protected. Numbers of up to six digits are counts and
years.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from suar.exchange.files.csv_file import Row
from suar.exchange.files.personal import UNSEEN, Budget, NotUsed, cut, is_count, kinds
from suar.exchange.files.problems import column_name
from suar.exchange.tables.table_map import TableMap

WORK_MAX: Final = 200_000  # work limit for the texts of one file, each counted once
TEXTS_MAX: Final = 4_000
LISTED_MAX: Final = 1_000  # cells that are listed; further ones are counted
_SHOWN: Final = 3  # words shown of a column that is not read


class Column:
    """The content of a column that the map does not read."""

    def __init__(self) -> None:
        self.cells = self.personal = 0
        self.words: dict[str, None] = {}
        self.kinds: dict[str, None] = {}

    def as_line(self, at: str) -> NotUsed:
        """Return the whole column as one line."""
        examples = ", ".join(map(cut, self.words))
        return NotUsed(at, f"{self.cells:,} cells: {examples}", tuple(self.kinds))


class TableScreen:
    """Examines rows before they are read. `seen`: the texts of the examined cells."""

    def __init__(self, table: TableMap) -> None:
        self.budget = Budget(WORK_MAX, TEXTS_MAX)
        self.seen: set[str] = set()
        self._header_row, self._read = table.layout.header_row, table.columns()
        self._header: list[str] | None = None
        self._reads: list[bool] = []  # by column, whether the map reads it
        self._harmless: set[str] = set()
        self._columns: dict[int, Column] = {}
        self._cells: list[NotUsed] = []
        self._more = 0

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Examine each row, then yield it unchanged."""
        for row, cells in rows:
            self._inspect_row(row, cells)
            yield row, cells

    def not_used(self) -> list[NotUsed]:
        """Return the unused content, personal data first."""
        columns = [column.as_line(f"column {self._named(at)}") for at, column in sorted(self._columns.items())]
        more = [NotUsed("further cells", f"{self._more:,} cells, as those before")] if self._more else []
        return sorted([*self._cells, *more, *columns], key=lambda each: not each.personal)

    def _inspect_row(self, row: int, cells: list[str]) -> None:
        is_header = self._header is None and row >= self._header_row
        if is_header:
            self._header = [cell.strip() for cell in cells]
            self._reads = [name in self._read for name in self._header]
        is_around = row < self._header_row
        for at, cell in enumerate(cells):
            is_read = is_header or (at < len(self._reads) and self._reads[at])
            if not cell or (is_read and cell in self._harmless):
                continue
            personal = () if is_count(cell) else self._kinds(cell)
            if not (is_read or is_around):
                self._of_column(at, cell, personal)
            if is_around or (personal and personal != (UNSEEN,)):
                self._list(row, at, cell, personal)

    def _kinds(self, cell: str) -> tuple[str, ...]:
        """Return the kinds of personal data in a cell; texts without any are cached."""
        if cell in self._harmless:
            return ()
        if len(self.seen) < TEXTS_MAX:
            self.seen.add(cell.strip())
        personal = kinds(self.budget.traces(cell))
        if not personal and len(self._harmless) < TEXTS_MAX:
            self._harmless.add(cell)
        return personal

    def _list(self, row: int, at: int, cell: str, personal: tuple[str, ...]) -> None:
        if len(self._cells) < LISTED_MAX:
            self._cells.append(NotUsed(f"row {row}, column {self._named(at)}", cut(cell), personal))
        else:
            self._more += 1

    def _of_column(self, at: int, cell: str, personal: tuple[str, ...]) -> None:
        column = self._columns.setdefault(at, Column())
        column.cells += 1
        column.kinds |= dict.fromkeys(personal)
        if len(column.words) < _SHOWN:
            column.words[cell] = None

    def _named(self, at: int) -> str:
        header = self._header[at] if self._header is not None and at < len(self._header) else ""
        return column_name(at + 1, cut(header))
