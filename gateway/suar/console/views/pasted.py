"""A pasted table as its page shows it: columns, words to choose a meaning for, cells to correct, what is offered."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from suar.console.forms import table, table_shapes, table_words
from suar.languages.names import Names
from suar.protocol.base.codelists import codes
from suar.protocol.message.kinds import DIMENSIONS

ROWS_NAMED: Final = 12
"""Rows of a spreadsheet that are named for a word or a gap; further ones are not."""


class Column(Struct, frozen=True):
    """A column. `words`: (field name, word, chosen meaning) of the unknown ones.

    `faulty`: (text, rows) of the invalid texts of a column of periods or counts; they are corrected in the table
    itself. `empty`: the rows of its empty cells, "" for none; `is_filled`: whether one of them has a text above;
    `has_totals`: whether a row with a total is not filled.
    """

    number: int
    name: str
    meaning: str
    first: str
    words: tuple[tuple[str, str, str], ...]
    choices: tuple[tuple[str, str], ...]
    faulty: tuple[tuple[str, str], ...]
    is_marked: bool
    empty: str
    is_filled: bool
    has_totals: bool


class TablePage(Struct, frozen=True):
    """The pasted text, and what was read from it. `maps`: the names of this person's maps.

    `period`: that of every figure, as typed. `years`: a year of another calendar and the common one. `cross`: the
    headings of a cross table, and the name of their list. `at`: the rows that the problem is about.
    """

    id: str
    text: str
    columns: tuple[Column, ...]
    meanings: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    role: str
    rows: int
    maps: tuple[str, ...]
    problem: str = ""
    period: str = ""
    years: tuple[str, str] | None = None
    cross: tuple[tuple[str, ...], str] | None = None
    at: str = ""

    @property
    def is_period_required(self) -> bool:
        """Whether the period of every figure is asked for, because no column has it."""
        return bool(self.columns) and all(column.meaning != table_words.PERIOD for column in self.columns)


class Pasted(Struct, frozen=True):
    """What a person sent, and what was read of it; `chosen`: (column, word) -> code. `at`: the numbers of the rows for
    which it was not read.
    """

    text: str = ""
    sheet: table.Sheet | None = None
    meanings: Sequence[str] = ()
    made: table.Figures | None = None
    role: str = ""
    period: str = ""
    chosen: Mapping[tuple[int, str], str] = {}
    at: Sequence[int] = ()


def view(
    known: Names, draft: str, country: str, maps: tuple[str, ...], pasted: Pasted, *, problem: str = "",
    marked: Sequence[int] = (),
) -> TablePage:  # fmt: skip
    """Return the page of a draft. `marked`: the columns that the problem is about."""
    page = TablePage(
        draft, pasted.text, (), tuple(_labels(known)), codes("place-role"), pasted.role, 0, maps, problem,
        pasted.period, at=", ".join(map(str, pasted.at[:ROWS_NAMED])),
    )  # fmt: skip
    sheet, meanings = pasted.sheet, pasted.meanings
    if sheet is None:
        return page
    gaps = {gap.column: gap for gap in table_shapes.gaps(sheet, meanings)}
    columns = [
        _column(known, country, pasted, sheet, at, gap=gaps.get(at), is_marked=at in marked)
        for at in range(len(sheet.head))
    ]
    cross = table_shapes.crossed(sheet, meanings)
    names = (tuple(sheet.head[at] for at in cross.columns), dict(page.meanings)[cross.meaning]) if cross else None
    return TablePage(
        draft, pasted.text, tuple(columns), page.meanings, page.roles, pasted.role, len(sheet.rows), maps, problem,
        pasted.period, table_shapes.first_year(sheet, meanings, pasted.period), names,
    )  # fmt: skip


def headings(known: Names, meaning: str) -> tuple[str, str]:
    """Return the headings of the codes and of the counts of a table that was unfolded, in the reader's language."""
    labels = dict(_labels(known))
    return labels[meaning], labels[table_words.VALUE]


def _column(
    known: Names, country: str, pasted: Pasted, sheet: table.Sheet, at: int, *, gap: table_shapes.Gap | None,
    is_marked: bool,
) -> Column:  # fmt: skip
    meaning = pasted.meanings[at] if pasted.meanings else ""
    words = [word for word in pasted.made.unknown.get(at, ()) if word] if pasted.made is not None else []
    is_read = meaning in (table_words.PERIOD, table_words.VALUE)  # which have no list to choose from
    chosen = {word: code for (column, word), code in pasted.chosen.items() if column == at and word and not is_read}
    both = chosen | dict.fromkeys(() if is_read else words, "")
    unknown = tuple((f"{at}-{number}", word, code) for number, (word, code) in enumerate(both.items()))
    choices = tuple(table_words.choices(meaning, known.tag, country)) if unknown else ()
    faulty = tuple((word, _rows(sheet, _with_word(sheet, at, word))) for word in words if is_read)
    return Column(
        at, sheet.head[at], meaning, sheet.rows[0][at], unknown, choices, faulty, is_marked,
        _rows(sheet, gap.rows) if gap else "", bool(gap and gap.fills),
        bool(gap and gap.has_totals),
    )  # fmt: skip


def _with_word(sheet: table.Sheet, column: int, word: str) -> list[int]:
    return [row for row, cells in enumerate(sheet.rows) if cells[column] == word]


def _rows(sheet: table.Sheet, rows: Sequence[int]) -> str:
    """Return the numbers of rows as a spreadsheet shows them, at most ROWS_NAMED."""
    named = ", ".join(str(sheet.numbers[row]) for row in rows[:ROWS_NAMED])
    return f"{named}, \u2026" if len(rows) > ROWS_NAMED else named


def _labels(known: Names) -> list[tuple[str, str]]:
    parts = (table_words.PERIOD, table_words.PLACE, table_words.VALUE)
    labels = [(each, known.words.field("Observation", each)) for each in parts]
    labels += [(each, known.words.label("dimension", each) or each) for each in DIMENSIONS]
    labels[1:1] = [(each, known.words.console(f"table-{each}")) for each in table_words.PARTS]
    return labels
