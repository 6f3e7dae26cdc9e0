"""Reasons for a date, text or number that its type does not allow: the usual cause, and the correct form.

Only the form is examined, without a clock; `authoring/plausibility.py` checks dates of a right form for plausibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, NamedTuple
from unicodedata import decimal

import msgspec

from suar.protocol.base import codelists
from suar.protocol.base.instants import instant_of
from suar.protocol.base.sentences import Sentence, Value, name_dimension, sentence
from suar.protocol.message import fields as f
from suar.protocol.message.kinds import DIMENSIONS
from suar.protocol.message.spec import Spec

BUDDHIST: Final = 543  # offset of the Buddhist calendar, as used in Thailand, Laos and Cambodia since 1941
MINGUO: Final = 1911  # offset of the Minguo calendar, which counts from 1912
COMMON_YEARS: Final = range(1900, 2200)
"""The common years that a wrongly written date may mean; within these limits no year is valid in two calendars."""
LONGEST_DATE: Final = 40  # characters; `2027-01-15T08:00:00.000000+07:00` has 32
_DATES: Final = (f.Instant, f.Date, f.Month, f.MonthOrInstant)
_YEAR_AND_REST: Final = re.compile(r"([0-9]{3,4})(-[0-9:.TZ +-]+)\Z")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{3,4})")
MONTHS: Final = 12
MAX_OFFERED: Final = 12  # codes that the hint for a missing field names
EXPORT: Final = "`suar schemas export -o standard`"  # the command that writes every code list
_COUNTRIES: Final = ("country", "citizenship")
LONGEST_NAME: Final = 60  # characters of a country's name
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")


class Hint(NamedTuple):
    """The reason against a value: what is wrong, and the next step."""

    message: Sentence
    hint: Sentence


def of_a_date(found: Spec, value: Any, form: Sentence) -> Hint | None:
    """Return the reason against a value that is not a date of the field's form; None if it is a date in no known form.

    `form`: the field's own description.
    """
    if found.type not in _DATES or not isinstance(value, str) or len(value) > LONGEST_DATE:
        return None
    plain = _with_plain_digits(value.strip())
    parts = _YEAR_AND_REST.match(_year_first(plain) or plain)
    if parts is None:
        return None
    year, rest = int(parts[1]), parts[2]
    era, common = common_year(parts[1])
    if _is_no_day(f"{common:04d}{rest}"):
        return Hint(sentence("there is no such day"), form)
    written = next((each for each in _ways(f"{common:04d}{rest}") if _is_convertible(found, each)), None)
    if written is None:
        return None
    if era:
        return Hint(
            sentence("the year {year} is not one of the common calendar", year=year),
            sentence(
                "the {era} year {year} is {common}: write {common2}{text}",
                era=era, year=year, common=common, common2=written[:4], text=written[4:],
            ),
        )  # fmt: skip
    return Hint(sentence("does not match its pattern"), sentence("{form}: write {value}", form=form, value=written))


def _year_first(text: str) -> str | None:
    """Return a date such as 15/02/2027 as 2027-02-15; None for one whose day might be its month, and any other text."""
    parts = _YEAR_LAST.fullmatch(text)
    if parts is None:
        return None
    first, second, year = int(parts[1]), int(parts[2]), parts[3]
    if first != second and max(first, second) <= MONTHS:
        return None
    day, month = (first, second) if second <= MONTHS else (second, first)
    return f"{year}-{month:02d}-{day:02d}"


def of_a_country(found: Spec, value: Any, form: Sentence | None) -> Hint | None:
    """Return the reason against a country's name, or its code in small letters, where its code is to be written."""
    if found.iso not in _COUNTRIES or not isinstance(value, str) or len(value) > LONGEST_NAME:
        return None
    code = code_of_name(value)
    if code is None or form is None or not _is_convertible(found, code):
        return None
    return Hint(sentence("does not match its pattern"), sentence("{form}: write {value}", form=form, value=code))


def of_no_country(found: Spec, value: Any, form: Sentence, *, is_searched: bool) -> Hint | None:
    """Return the reason against a text that is no country: the countries with a similar name, or where all are listed.

    `is_searched`: whether to compare it with every name, which is expensive.
    """
    if found.iso not in _COUNTRIES or not isinstance(value, str):
        return None
    labels, codes, name = codelists.labels("country"), _codes_of_names(), value[:LONGEST_NAME].strip().casefold()
    near = get_close_matches(name, codes, cutoff=0.7) if is_searched else []
    hint = sentence("{form}; {command} writes the list", form=form, command=EXPORT)
    if near:
        names = ", ".join(f"{labels[code]} ({code})" for code in dict.fromkeys(codes[each] for each in near))
        hint = sentence("{form}; is one of these meant: {names}", form=form, names=names)
    return Hint(sentence("does not match its pattern"), hint)


def code_of_name(name: str) -> str | None:
    """Return the code of a country by its English name, or by the code in any letters; None if there is none."""
    return _codes_of_names().get(name.strip().casefold())


@cache
def _codes_of_names() -> dict[str, str]:
    """Return the code of each country by its English name and by itself, in small letters."""
    labels = codelists.labels("country")
    return {name.casefold(): code for code, label in labels.items() for name in (label, code)}


def of_a_missing_field(found: Spec, codes: Sequence[str], form: Sentence | None) -> Sentence:
    """Return how a field is written: its `codes`, its `form` or its length; "give it" where none of them is known."""
    if codes:
        offered = _first_of(codes)
        if found.item:
            return sentence("a list of one or more of: {offered}", offered=offered)
        return sentence("one of: {offered}", offered=offered)
    is_text = not (found.struct or found.item) and getattr(found.type, "__origin__", None) is str
    return form or (of_its_size(found, None) if is_text else None) or sentence("give it")


def _first_of(codes: Sequence[str]) -> Value:
    """Return at most MAX_OFFERED codes, and how many more there are."""
    offered, more = ", ".join(codes[:MAX_OFFERED]), len(codes) - MAX_OFFERED
    if more <= 0:
        return offered
    return sentence("{offered}, and {more} more: {command}", offered=offered, more=more, command=EXPORT)


def of_its_size(found: Spec, value: Any) -> Sentence | None:
    """Return the permitted length of a text or size of a number, as a sentence; None for a type without bounds."""
    least, most = _bounds(found)
    if most is None:
        return None
    if isinstance(value, str) and found.type.__origin__ is str:
        return sentence("{least} to {most} characters, it has {length}", least=least, most=most, length=len(value))
    unit = sentence("{least} to {most} characters", least=max(least, 1), most=most)  # an empty text is none
    return unit if found.type.__origin__ is str else sentence("{least} to {most}", least=least, most=most)


def _bounds(found: Spec) -> tuple[int, int | None]:
    lows = [meta.min_length if meta.min_length is not None else meta.ge for meta in found.metas]
    highs = [meta.max_length if meta.max_length is not None else meta.le for meta in found.metas]
    low, high = (next((int(each) for each in some if each is not None), None) for some in (lows, highs))
    return low or 0, high


def of_a_long_table(observations: Sequence[Any]) -> Sentence:
    """Return what to change in a table with too many cells: the dimension with the most codes, or its division."""
    codes: dict[str, set[str]] = {name: set() for name in DIMENSIONS}
    for each in observations:
        dims = each.get("dims") if isinstance(each, dict) else None
        for name, code in dims.items() if isinstance(dims, dict) else ():
            if name in codes and isinstance(code, str):
                codes[name].add(code)
    name = max(DIMENSIONS, key=lambda name: len(codes[name]))
    if len(codes[name]) < 2:
        return sentence("publish the table in several messages, each with some of its periods or places")
    return sentence(
        "give fewer categories of the dimension {name}, or leave it out; or publish the table in several messages, "
        "each with some of its periods or places",
        name=name_dimension(name),
    )


def _with_plain_digits(text: str) -> str:
    """Return a text with its digits of any script, such as Thai, Khmer or Burmese, replaced by 0 to 9."""
    return "".join(str(decimal(char)) if char.isdecimal() else char for char in text)


def _is_no_day(text: str) -> bool:
    day = _DAY.match(text)
    if day is None:
        return False
    try:
        date(*map(int, day.groups()))
    except ValueError:
        return True
    return False


def common_year(digits: str) -> tuple[str, int]:
    """Return the calendar of a year ("" for the common one, and for a text that is no year), and the common year."""
    year = int(digits) if digits.isascii() and digits.isdigit() and len(digits) in (3, 4) else 0
    eras = (("", year), ("Buddhist", year - BUDDHIST), ("Minguo", year + MINGUO if len(digits) == 3 else 0))
    return next((each for each in eras if each[1] in COMMON_YEARS), ("", year))


def _ways(text: str) -> Iterator[str]:
    """Yield a date in the forms of the standard, the one of the same precision first."""
    yield text
    try:
        at = datetime.fromisoformat(text)
        in_utc = instant_of(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return
    has_time = len(text) > len("2027-01-15")
    yield from (in_utc, text[:10], text[:7]) if has_time else (text[:7], in_utc)


def _is_convertible(found: Spec, text: str) -> bool:
    try:
        msgspec.convert(text, found.type)
    except msgspec.ValidationError:
        return False
    return True
