"""From a table pasted from a spreadsheet to the figures of a trend: the meaning of each column and of each word in it.

A row is a figure. Meanings are guessed from the labels of all languages; the person is asked for unknown ones. Pure.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from suar.console.forms.table_words import (
    CHOICES,
    PARTS,
    PERIOD,
    PLACE,
    UNDECIDED,
    VALUE,
    code_of,
    headings,
    part_of,
)
from suar.protocol.base.codelists import TOTAL
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import DIMENSIONS

ROWS_MAX: Final = 2_000
COLUMNS_MAX: Final = 20
TEXT_MAX: Final = 400_000
WORDS_MAX: Final = 100
"""Unknown words of a column that the person is asked for."""
ROWS_ABOVE: Final = 5
"""Rows after the first that are looked at for the separator of cells, since a title has none."""
_TAB: Final = "\t"
_MARKS: Final = (";", ",")
_SEP: Final = re.compile(r'"?sep=([\t;,|])"?[\t;,|]*\Z', re.IGNORECASE)
"""The row in which a spreadsheet program states the separator of cells."""


class Sheet(Struct, frozen=True):
    """The names of the columns, and the rows. `numbers`: of each row as a spreadsheet counts them, if it was read;
    `first`: of the names.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    first: int = 1


class Figures(Struct, frozen=True):
    """`obs`: the figures; `unknown`: the unknown words by column."""

    obs: list[dict[str, Any]]
    dims: list[str]
    has_totals: bool
    unknown: dict[int, tuple[str, ...]]


def read(text: str) -> Sheet:
    """Return a pasted table: cells separated by tabs, else semicolons or commas. Raises Fault if it is too long or
    empty.
    """
    if len(text) > TEXT_MAX:
        raise Fault("the table is too long", "hand it in in parts")
    mark, rest = divided(text)
    above = text[: len(text) - len(text.lstrip("\r\n"))].count("\n")
    every = enumerate(csv.reader(io.StringIO(rest), delimiter=mark), 1 + above)
    lines = {number: line for number, line in every if any(cell.strip() for cell in line)}
    if len(lines) < 2:
        raise Fault("the table has no rows", "paste it with its first row")
    width = max(at + 1 for line in lines.values() for at, cell in enumerate(line) if cell.strip())
    if len(lines) > ROWS_MAX + 1 or width > COLUMNS_MAX:
        raise Fault("the table is too long", "hand it in in parts")
    head, *rows = (tuple(cell.strip() for cell in (*line, *[""] * width))[:width] for line in lines.values())
    first, *numbers = lines
    return Sheet(head, tuple(rows), tuple(numbers), first)


def divided(text: str) -> tuple[str, str]:
    """Return the separator of the cells of a text, and the text without a first row `sep=;`, which is not part of the
    table. A tab in one of the first rows separates, whatever a title above them has.
    """
    text = text.lstrip("\r\n")
    first, _, rest = text.partition("\n")
    if named := _SEP.match(first.rstrip("\r")):
        return named[1], rest
    above = rest.split("\n", ROWS_ABOVE)[:ROWS_ABOVE]
    if any(_TAB in each for each in (first, *above)):
        return _TAB, text
    return next((mark for line in (first, *above) for mark in _MARKS if mark in line), _TAB), text


def guessed(sheet: Sheet) -> tuple[str, ...]:
    """Return the probable meaning of each column; UNDECIDED if it is unknown. Each meaning occurs once.

    Beside a column of years, one with the heading of quarters or months is a part of the period.
    """
    known = [headings().get(name.casefold()) or (PERIOD if part_of(name) else UNDECIDED) for name in sheet.head]
    periods = [at for at, meaning in enumerate(known) if meaning == PERIOD]
    if any(not part_of(sheet.head[at]) for at in periods):
        for at in periods:
            known[at] = part_of(sheet.head[at]) or PERIOD
    found: list[str] = []
    for meaning in known:
        found.append(UNDECIDED if is_repeated(meaning, found) else meaning)
    return tuple(found)


def is_repeated(meaning: str, others: Sequence[str]) -> bool:
    """Whether another column has that meaning already, or another part of the year."""
    return meaning in CHOICES and (meaning in others or (meaning in PARTS and any(each in PARTS for each in others)))


def undecided(sheet: Sheet, meanings: Sequence[str]) -> tuple[int, ...]:
    """Return the columns that are not empty and for which no meaning was chosen, nor that they are left out."""
    return tuple(
        at for at, meaning in enumerate(meanings) if meaning == UNDECIDED and any(row[at] for row in sheet.rows)
    )


def repeated(meanings: Sequence[str]) -> tuple[int, ...]:
    """Return the columns whose meaning an earlier column has."""
    return tuple(at for at, meaning in enumerate(meanings) if is_repeated(meaning, meanings[:at]))


def distinguishing_columns(sheet: Sheet, meanings: Sequence[str], obs: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the columns that are left out and differ between rows which have the same period, place and breakdown."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row, cell in zip(sheet.rows, obs, strict=True):
        groups.setdefault(repr((cell["period"], cell["place"], sorted(cell["dims"].items()))), []).append(row)
    left_out = [at for at, meaning in enumerate(meanings) if meaning not in CHOICES]
    return tuple(at for at in left_out if any(len({row[at] for row in rows}) > 1 for rows in groups.values()))


def figures(
    sheet: Sheet, meanings: Sequence[str], codes: Mapping[tuple[int, str], str], country: str, role: str,
    period: str = "",
) -> Figures:  # fmt: skip
    """Return the figures by the meaning of each column. `codes`: (column, word) -> code, for words in no list.

    `country` is the location and `period` the period if no column has it. An empty cell has no chosen meaning. Raises
    Fault if there is no period or no column is the value.
    """
    if not (period or PERIOD in meanings) or VALUE not in meanings:
        raise Fault("no column is the period or the value", "say which it is")
    dims = [name for name in DIMENSIONS if name in meanings]
    unknown: dict[int, dict[str, None]] = {}
    obs = []
    for row in sheet.rows:
        cell: dict[str, Any] = {
            "period": period, "place": {"role": role, "country": country}, "dims": {}, "value": None, "status": "M",
        }  # fmt: skip
        for at, meaning in enumerate(meanings):
            if meaning not in CHOICES:
                continue
            chosen = "" if meaning in (PERIOD, VALUE) or not row[at] else codes.get((at, row[at]), "")
            code = chosen or code_of(meaning, row[at])
            if code is None:
                unknown.setdefault(at, {})[row[at]] = None
            else:
                _put(cell, meaning, code)
        for at, meaning in enumerate(meanings):
            if meaning in PARTS and not _join_part(cell):
                unknown.setdefault(at, {})[row[at]] = None
        obs.append(cell)
    totals = any(TOTAL in cell["dims"].values() for cell in obs)
    return Figures(obs, dims, totals, {at: tuple(words)[:WORDS_MAX] for at, words in unknown.items()})


def _join_part(cell: dict[str, Any]) -> bool:
    """Put the part of the year to the period; return whether the two fit."""
    part, period = cell.pop("part", TOTAL), cell["period"]
    year, _, end = period.partition("-")
    if period and not end and part != TOTAL:
        cell["period"] = f"{year}-{part}"
        return True
    return not end or end == part


def _put(cell: dict[str, Any], meaning: str, code: str) -> None:
    if meaning == VALUE:
        cell["value"], cell["status"] = (int(code), "A") if code else (None, "M")
    elif meaning == PLACE:
        inside = {"admin1": code} if "-" in code else {}
        cell["place"] = {**cell["place"], "country": code[:2], **inside}
    elif meaning == PERIOD:
        cell["period"] = code
    elif meaning in PARTS:
        cell["part"] = code
    else:
        cell["dims"][meaning] = code
