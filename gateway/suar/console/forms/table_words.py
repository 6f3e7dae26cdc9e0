"""Reads a cell of a pasted table: a whole count, a period, or a word of a code list in any language. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from suar.languages.cldr.subdivisions import NAMES as SUBDIVISIONS
from suar.languages.cldr.subdivisions import alias_code, native_code, with_name
from suar.languages.console_words import CONSOLE
from suar.languages.names import Names, names
from suar.languages.rendering.values import Values
from suar.languages.tags import LANGUAGES
from suar.protocol.base.codelists import TOTAL, codes
from suar.protocol.message.fields import MAX_COUNT
from suar.protocol.message.kinds import DIMENSIONS, Dims
from suar.protocol.message.spec import fields_of
from suar.protocol.message.valuehints import BUDDHIST

PERIOD: Final = "period"
PLACE: Final = "place"
VALUE: Final = "value"
MEANINGS: Final = (PERIOD, PLACE, VALUE, *DIMENSIONS)
QUARTER: Final = "quarter"
MONTH: Final = "month"
PARTS: Final = (QUARTER, MONTH)
"""The meaning of a column with a part of the year that the column of the period has."""
CHOICES: Final = (*MEANINGS, *PARTS)
IGNORED: Final = "-"
"""The meaning of a column that is left out on purpose."""
UNDECIDED: Final = ""
"""The meaning of a column for which none was chosen."""
_BUDDHIST: Final = "buddhist"
_COMMON: Final = "common"
_ALSO: Final = "table-also-"
_WORDS: Final = {
    ("sex", "female"): "female",
    ("sex", "male"): "male",
    ("age", "0-17"): "child",
    ("age", "18+"): "adult",
    **{(name, TOTAL): "total" for name in DIMENSIONS},
}
"""Codes with further words in the catalogues, and the end of their key."""
HIDDEN: Final = frozenset({"", "-", "\u2013", "..", "n/a", "na"})
"""What stands in a cell in place of a count that is not shown."""
_MARKS: Final = ",.'\u2019 \u00a0\u2009\u202f"
_PLAIN: Final = re.compile(r"[0-9]{1,10}\Z")
_GROUPED: Final = re.compile(rf"[1-9][0-9]{{0,2}}([{_MARKS}])[0-9]{{3}}(?:\1[0-9]{{3}})*\Z")
_INDIAN: Final = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}\Z")
_NUMBER: Final = re.compile(r"[0-9]{1,2}\Z")
_PERIOD: Final = re.compile(r"([0-9]{4})((?:-(?:H[12]|Q[1-4]|0[1-9]|1[0-2]))?)\Z")


def whole_number(text: str) -> int | None:
    """Return the count in a text with the digits of one script; None for any other text.

    A mark between digits is accepted only where it can only separate groups: three digits after each mark and the same
    mark throughout, or the groups of two and three of India (1,23,456). 41.0 and 12,5 are therefore not whole numbers.
    """
    digits = _western(text)
    if digits is None or not (_PLAIN.match(digits) or _GROUPED.match(digits) or _INDIAN.match(digits)):
        return None
    count = int(re.sub(rf"[{_MARKS}]", "", digits))
    return count if count <= MAX_COUNT else None


def code_of(meaning: str, word: str) -> str | None:
    """Return the code of a word in a column of that meaning; None if no list of any language has it."""
    if meaning == VALUE:
        count = whole_number(word)
        return "" if word.casefold() in HIDDEN else None if count is None else str(count)
    if meaning == PERIOD:
        return _period(word)
    if meaning in PARTS:
        return _part(meaning, word)
    found = _words(meaning).get(word.casefold())
    return (alias_code(word) or native_code(word)) if found is None and meaning == PLACE else found


def choices(meaning: str, tag: str, country: str = "") -> list[tuple[str, str]]:
    """Return the codes that a word of such a column may mean, with their labels; locations of `country` first."""
    if meaning not in CHOICES or meaning in (PERIOD, VALUE):
        return []
    known = names(tag)
    if meaning == QUARTER:
        return [*((f"Q{each}", f"Q{each}") for each in range(1, 5)), _whole_year(known)]
    if meaning == MONTH:
        return [*((f"{each:02d}", known.month_names(each)[0]) for each in range(1, 13)), _whole_year(known)]
    if meaning == PLACE:
        inside = [(code, with_name(code, tag)) for code in SUBDIVISIONS if code[:2] == country]
        return inside + [(code, known.country(code)) for code in codes("country")]
    spec, values = fields_of(Dims)[meaning][1], Values(known)
    listed = spec.codes or (*codes("isic-section"), TOTAL)
    if spec.iso:
        listed = (*codes("citizenship-special"), *codes("country"))
    return [(code, values.one(spec, meaning, code)) for code in listed]


def part_of(name: str) -> str:
    """Return whether a column with that heading has a quarter or a month; "" if it has neither."""
    return next((each for each in PARTS if name.casefold() in _also(each)), "")


@cache
def headings() -> dict[str, str]:
    """Return every label of a column, in every language and in lower case, with its meaning."""
    found = {name: name for name in MEANINGS}
    for tag in LANGUAGES:
        catalogue = names(tag).words
        for name in (PERIOD, PLACE, VALUE):
            found.setdefault(catalogue.field("Observation", name).casefold(), name)
        for name in DIMENSIONS:
            found.setdefault((catalogue.label("dimension", name) or name).casefold(), name)
    further = ((word, name) for name in MEANINGS if _ALSO + name in CONSOLE for word in _also(name))
    return _clear(further) | found


@cache
def _words(meaning: str) -> dict[str, str]:
    """Return every label of a code of that meaning, in every language, and the code itself."""
    found: dict[str, str] = {}
    for tag in LANGUAGES:
        for code, label in choices(meaning, tag):
            found.setdefault(code.casefold(), code)
            found.setdefault(label.casefold(), code)
    if meaning == MONTH:
        months = (
            (each, number) for tag in LANGUAGES for number in range(1, 13) for each in names(tag).month_names(number)
        )
        return _clear((name.casefold().rstrip("."), f"{number:02d}") for name, number in months) | found
    if meaning == PLACE:
        subdivisions = [(name.casefold(), code) for code, name in SUBDIVISIONS.items()]
        return _clear(subdivisions) | {code.casefold(): code for code in SUBDIVISIONS} | found
    return (
        _clear((word, code) for (name, code), key in _WORDS.items() if name == meaning for word in _also(key)) | found
    )


def _clear(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the unambiguous words: the person is asked for those that two languages use differently."""
    found: dict[str, set[str]] = {}
    for word, code in words:
        found.setdefault(word, set()).add(code)
    return {word: each for word, (each, *others) in found.items() if not others}


@cache
def _also(key: str) -> frozenset[str]:
    """Return the further words of all catalogues for a meaning, in lower case."""
    texts = (names(tag).words.console(_ALSO + key) for tag in LANGUAGES)
    return frozenset(word.strip().casefold() for text in texts for word in text.split("|"))


def _period(word: str) -> str | None:
    """Return a period of the standard. An era beside the year is removed, and a Buddhist year converted."""
    digits = _western(word)
    text = (word if digits is None else digits).casefold()
    before = max((era for era in _also(_BUDDHIST) | _also(_COMMON) if text.startswith(era)), key=len, default="")
    found = _PERIOD.match(text.removeprefix(before).strip().upper())
    if found is None:
        return None
    year = int(found[1]) - (BUDDHIST if before in _also(_BUDDHIST) else 0)
    return f"{year:04d}{found[2]}" if year > 0 else None


def _part(meaning: str, word: str) -> str | None:
    """Return the end of a period, `Q1` or `01`, or the code of the whole year; None for any other text."""
    text = (_western(word) or word).casefold().strip()
    if text.rstrip(".") in _words(meaning):
        return _words(meaning)[text.rstrip(".")]
    before = max((each for each in _also(meaning) if text.startswith(each)), key=len, default="")
    found = _NUMBER.match(text.removeprefix(before).removeprefix("q" if meaning == QUARTER else "").strip())
    number = int(found[0]) if found else 0
    if meaning == QUARTER:
        return f"Q{number}" if 1 <= number <= 4 else None
    return f"{number:02d}" if 1 <= number <= 12 else None


def _whole_year(known: Names) -> tuple[str, str]:
    return TOTAL, known.words.label("sex", TOTAL) or TOTAL


def _western(text: str) -> str | None:
    """Return the text with its digits as 0 to 9; None if they are of several scripts."""
    zeros = {ord(each) - unicodedata.decimal(each) for each in text if each.isdecimal()}
    if len(zeros) > 1:
        return None
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)
