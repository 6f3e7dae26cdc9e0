"""A table as it is pasted from a spreadsheet, to the figures of a trend: what each column means, and each word in it.

A row is a figure. Meanings are guessed from the labels of all languages; what no list has is asked for. Pure.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec import Struct

from suar.languages.names import names
from suar.languages.rendering.values import Values
from suar.languages.tags import LANGUAGES
from suar.protocol.base.codelists import TOTAL, codes
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import DIMENSIONS, Dims
from suar.protocol.message.spec import fields_of

ROWS_MAX: Final = 2_000
COLUMNS_MAX: Final = 20
TEXT_MAX: Final = 400_000
WORDS_MAX: Final = 100
"""Unknown words of a column that are asked for."""
PERIOD: Final = "period"
PLACE: Final = "place"
VALUE: Final = "value"
MEANINGS: Final = (PERIOD, PLACE, VALUE, *DIMENSIONS)
_HIDDEN: Final = frozenset({"", "-", "\u2013", "..", "n/a", "na"})


class Sheet(Struct, frozen=True):
    """The names of the columns, and the rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Figures(Struct, frozen=True):
    """`obs`: the figures; `unknown`: by column its words that mean nothing yet."""

    obs: list[dict[str, Any]]
    dims: list[str]
    has_totals: bool
    unknown: dict[int, tuple[str, ...]]


def read(text: str) -> Sheet:
    """A pasted table: cells between tabs, else semicolons or commas. Fault for one that is too long, or none."""
    if len(text) > TEXT_MAX:
        raise Fault("the table is too long", "hand it in in parts")
    first = text.lstrip("\n").partition("\n")[0]
    mark = next((each for each in ("\t", ";", ",") if each in first), "\t")
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=mark) if any(cell.strip() for cell in line)]
    if len(lines) < 2:
        raise Fault("the table has no rows", "paste it with its first row")
    if len(lines) > ROWS_MAX + 1 or len(lines[0]) > COLUMNS_MAX:
        raise Fault("the table is too long", "hand it in in parts")
    head = tuple(cell.strip() for cell in lines[0])
    rows = (tuple(cell.strip() for cell in (*line, *[""] * len(head)))[: len(head)] for line in lines[1:])
    return Sheet(head, tuple(rows))


def guessed(sheet: Sheet) -> tuple[str, ...]:
    """What each column seems to mean; "" where nothing says it. Each meaning once."""
    found: list[str] = []
    for name in sheet.head:
        meaning = _headings().get(name.casefold(), "")
        found.append("" if meaning in found else meaning)
    return tuple(found)


def figures(
    sheet: Sheet, meanings: Sequence[str], codes: Mapping[tuple[int, str], str], country: str, role: str
) -> Figures:
    """The figures by what each column means. `codes`: (column, word) -> code, for words that no list has.

    `country` is the place where no column is one. Fault where no column is the period or the value.
    """
    if PERIOD not in meanings or VALUE not in meanings:
        raise Fault("no column is the period or the value", "say which it is")
    dims = [name for name in DIMENSIONS if name in meanings]
    unknown: dict[int, dict[str, None]] = {}
    obs = []
    for row in sheet.rows:
        cell: dict[str, Any] = {
            "period": "", "place": {"role": role, "country": country}, "dims": {}, "value": None, "status": "M",
        }  # fmt: skip
        for at, meaning in enumerate(meanings):
            if not meaning:
                continue
            code = codes.get((at, row[at])) or code_of(meaning, row[at])
            if code is None:
                unknown.setdefault(at, {})[row[at]] = None
            else:
                _put(cell, meaning, code)
        obs.append(cell)
    totals = any(TOTAL in cell["dims"].values() for cell in obs)
    return Figures(obs, dims, totals, {at: tuple(words)[:WORDS_MAX] for at, words in unknown.items()})


def code_of(meaning: str, word: str) -> str | None:
    """The code of a word in a column of that meaning; None when no list of any language has it."""
    if meaning == VALUE:
        digits = "".join(each for each in word if not each.isspace() and each not in ",.'\u00a0")
        return (
            "" if word.casefold() in _HIDDEN else str(int(digits)) if digits.isdecimal() and len(digits) < 10 else None
        )
    if meaning == PERIOD:
        return word.upper() if 0 < len(word) < 8 else None
    return _words(meaning).get(word.casefold())


def choices(meaning: str, tag: str) -> list[tuple[str, str]]:
    """The codes that a word of such a column may mean, with their labels."""
    if meaning in (PERIOD, VALUE):
        return []
    known = names(tag)
    if meaning == PLACE:
        return [(code, known.country(code)) for code in codes("country")]
    spec, values = fields_of(Dims)[meaning][1], Values(known)
    listed = spec.codes or (*codes("isic-section"), TOTAL)
    if spec.iso:
        listed = (*codes("citizenship-special"), *codes("country"))
    return [(code, values.one(spec, meaning, code)) for code in listed]


def _put(cell: dict[str, Any], meaning: str, code: str) -> None:
    if meaning == VALUE:
        cell["value"], cell["status"] = (int(code), "A") if code else (None, "M")
    elif meaning == PLACE:
        cell["place"] = {**cell["place"], "country": code}
    elif meaning == PERIOD:
        cell["period"] = code
    else:
        cell["dims"][meaning] = code


@cache
def _headings() -> dict[str, str]:
    """Every label of a column, in every language, and its key."""
    found = {name: name for name in MEANINGS} | {"count": VALUE, "year": PERIOD, "country": PLACE}
    for tag in LANGUAGES:
        catalogue = names(tag).words
        for name in (PERIOD, PLACE, VALUE):
            found.setdefault(catalogue.field("Observation", name).casefold(), name)
        for name in DIMENSIONS:
            found.setdefault((catalogue.label("dimension", name) or name).casefold(), name)
    return found


@cache
def _words(meaning: str) -> dict[str, str]:
    """Every label of a code of that meaning, in every language, and the code itself."""
    found: dict[str, str] = {}
    for tag in LANGUAGES:
        for code, label in choices(meaning, tag):
            found.setdefault(code.casefold(), code)
            found.setdefault(label.casefold(), code)
    return found
