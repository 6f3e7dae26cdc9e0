"""Faults of a table or a file for the person who corrects it: position, reason, and what to do."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import Sentence

ROWS_NAMED: Final = 8
"""Rows that a line about several names; the number of the others is stated."""


class Problem(Struct, frozen=True):
    """A row (and column, by its header) that is not imported, the reason, and what to do.

    Rows count from 1 as a spreadsheet shows them, including the header. `sentence`: the reason of the gate with what it
    names as typed values.
    """

    row: int
    column: str | None
    reason: str
    cure: str
    sentence: Sentence | UnsetType = UNSET

    def as_line(self) -> str:
        """Return one line."""
        column = f", column {self.column}" if self.column else ""
        return f"row {self.row}{column}: {self.reason}"

    def shape(self) -> dict[str, Any]:
        """Return the object of `--json`."""
        return {"row": self.row, "column": self.column, "reason": self.reason, "cure": self.cure}


def lines_of(problems: Iterable[Problem], show: Callable[[Sentence], str] = str) -> list[tuple[str, str]]:
    """Return (line, cure) for each reason in the order of its first row, with all rows that it stands against.

    `show`: returns the text of a reason of the gate.
    """
    found: dict[tuple[str | None, str, str], list[Problem]] = {}
    for each in problems:
        found.setdefault((each.column, each.reason, each.cure), []).append(each)
    return [(_line(same, show), cure) for (_, _, cure), same in found.items()]


def _line(same: list[Problem], show: Callable[[Sentence], str]) -> str:
    first, *others = same
    if isinstance(first.sentence, Sentence):
        first = replace(first, reason=show(first.sentence))
    if not others:
        return first.as_line()
    more = f" and {len(same) - ROWS_NAMED:,} more" if len(same) > ROWS_NAMED else ""
    rows = ", ".join(f"{each.row}" for each in same[:ROWS_NAMED])
    return f"rows {rows}{more}{first.as_line().removeprefix(f'row {first.row}')}"


class TableFault(Fault):
    """A table that cannot be read further. `problem`: the position. The text begins with row and column."""

    def __init__(self, row: int, column: str | None, reason: str, cure: str) -> None:
        self.problem = Problem(row, column, reason, cure)
        super().__init__(self.problem.as_line(), cure)


def letter(number: int) -> str:
    """Return the letters of a spreadsheet's column, counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_name(number: int, header: str = "") -> str:
    """Return a column's name for people: its header, if it has one, and its letter."""
    return f"{header} ({letter(number)})" if header else letter(number)


def shown(text: str, length: int = 40) -> str:
    """Return a cell's text in quotation marks, shortened and without control characters, for a terminal."""
    plain = "".join(char if char.isprintable() else " " for char in text[: length + 1])
    return f"'{plain[:length]}…'" if len(plain) > length else f"'{plain}'"
