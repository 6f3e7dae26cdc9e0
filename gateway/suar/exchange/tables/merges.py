"""Notes about the changes that the map of a table made, counted by row and reported at the end."""

from collections import Counter
from typing import Final

from suar.exchange.tables.readings import Cell, Group, Key, Merge, Reading
from suar.exchange.tables.table_map import Value

THOUSANDS, BELOW, RETURN = "thousands", "below", "return"
ERAS, MARKED_PROVISIONAL, FUTURE = "calendar", "provisional", "to-come"
_NOT_WORDS: Final = (THOUSANDS, BELOW, RETURN, ERAS, MARKED_PROVISIONAL, FUTURE)
"""Kinds of notes other than columns whose words became codes."""
PERIODS_NAMED: Final = 6  # maximum number of converted periods named in one line
ROWS_NAMED: Final = 100  # maximum number of rows named for one cell
LESS_SPECIFIC: Final = frozenset({"other", "unknown", "XX"})  # codes that are less specific than a table's own word


class Notes:
    """Notes of the current row, kept when the row is imported: (kind or column, new value, original)."""

    def __init__(self) -> None:
        self._row: list[tuple[str, str, str]] = []
        self._kept: Counter[tuple[str, str, str]] = Counter()

    def begin(self) -> None:
        """Begin a new row; notes of the previous row that were not kept are deleted."""
        self._row = []

    def add(self, sort: str, became: str, was: str) -> None:
        """Add a note for this row."""
        self._row.append((sort, became, was))

    def keep(self) -> None:
        """Keep the row's notes, because it was imported."""
        self._kept.update(self._row)

    def as_lines(self, reading: Reading, rules: Value) -> list[Merge]:
        """Return the kept notes and the cells made of several rows, in words."""
        return [
            *self._of_values(rules), *self._of_periods(), *self._of_words(), *self._of_places(), *_of_rows(reading),
        ]  # fmt: skip

    def _counted(self, sort: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for (key, _, was), rows in self._kept.items():
            if key == sort:
                found[was] += rows
        return found

    def _of_values(self, rules: Value) -> list[Merge]:
        found = []
        if thousands := self._counted(THOUSANDS):
            first = min(thousands)
            text = f'"{first}" is read as {first.replace(rules.thousands, "")}'
            found.append(Merge("thousands", text, thousands.total()))
        if below := self._counted(BELOW):
            text = f'"<{rules.below}" is a count that is not known: status S, value null'
            found.append(Merge("below", text, below.total()))
        return found

    def _of_periods(self) -> list[Merge]:
        """Return the converted years, and the marks that became a status."""
        found = []
        if converted := self._periods(ERAS):
            found.append(Merge(ERAS, f"years of another calendar: {_first(converted)}", sum(converted.values())))
        if marked := self._periods(MARKED_PROVISIONAL):
            text = f"a mark for provisional figures: {_first(marked)}; their cells have the status P"
            found.append(Merge(MARKED_PROVISIONAL, text, sum(marked.values())))
        if to_come := self._counted(FUTURE):
            text = (
                f"figures of a year that is still to come: {_first(dict(sorted(to_come.items())))}; is the year right?"
            )
            found.append(Merge(FUTURE, text, to_come.total()))
        return found

    def _periods(self, sort: str) -> dict[str, int]:
        """Return the originals and new values of one kind of note, each with its number of rows, in order."""
        found = {f"{was} is read as {became}": rows for (key, became, was), rows in self._kept.items() if key == sort}
        return dict(sorted(found.items()))

    def _of_words(self) -> list[Merge]:
        """Return the codes that stand for several words, or for a more specific word."""
        became: dict[tuple[str, str], Counter[str]] = {}
        for (key, code, was), rows in self._kept.items():
            if key not in _NOT_WORDS:
                became.setdefault((key, code), Counter())[was] += rows
        return [
            Merge("labels", f"{key} {code}: {', '.join(sorted(words))}", words.total())
            for (key, code), words in sorted(became.items())
            if {word for word in words if word != code} and (len(words) > 1 or code in LESS_SPECIFIC)
        ]

    def _of_places(self) -> list[Merge]:
        returned = {code: rows for (key, code, _), rows in self._kept.items() if key == RETURN}
        if not returned:
            return []
        text = f"a country of return is a place with the role return: {', '.join(sorted(returned))}"
        return [Merge("place", text, sum(returned.values()))]


def _first(periods: dict[str, int]) -> str:
    """Return the first periods in words, and the number of further ones."""
    named = ", ".join(list(periods)[:PERIODS_NAMED])
    more = len(periods) - PERIODS_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _of_rows(reading: Reading) -> list[Merge]:
    return [
        Merge("repeated", _added(group, key, cell), len(cell.rows))
        for group, cells in sorted(reading.cells.items())
        for key, cell in cells.items()
        if len(cell.rows) > 1
    ]


def _added(group: Group, key: Key, cell: Cell) -> str:
    rows = ", ".join(map(str, cell.rows[:ROWS_NAMED])) + (
        f" and {len(cell.rows) - ROWS_NAMED:,} more" if len(cell.rows) > ROWS_NAMED else ""
    )
    total = "not known" if cell.value is None else f"{cell.value:,}"
    return f"{group.member} {group.indicator} {key.named()}: rows {rows} added, {total}"
