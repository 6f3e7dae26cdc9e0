"""Limits of age bands, as in `ages 0-8, 9-17 and 18-20`, which are no counts.

A number is one only with the other limit of the same band beside it, a word for age in its sentence and no word for
persons right behind: `Men rose from 8 to 9` and `In 2 cities 9 men` have counts.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.prose.words import LATIN_PERSONS, OTHER_PERSONS
from suar.protocol.privacy.text.plain import nfkc

_LOWER: Final = frozenset({0, 9, 18, 21, 24, 27, 30, 39, 48})
_UPPER: Final = frozenset({8, 17, 20, 23, 24, 26, 29, 38, 47})
"""Limits of the bands of the code list, and 18 to 24."""
_TO: Final = nfkc("-|/|to|until|hingga|sampai|đến|a|to['’]o|hanggang|ถึง|ຫາ|ដល់|မှ|至|到|முதல்")
_BEFORE: Final = re.compile(rf"(?<![\w.,])(\d{{1,2}})\s?(?:{_TO})\s?$")
_AFTER: Final = re.compile(rf"\s?(?:{_TO})\s?(\d{{1,2}})(?![\d%]|[.,]\d)")
_BAND: Final = re.compile(rf"(?<![\w.,])(\d{{1,2}})\s?(?:{_TO}|:)\s?(?:age )?(\d{{1,2}})(?![\d%]|[.,]\d)")
_SEEN: Final = 200  # characters of a sentence that may have a word for age
_NEAR: Final = 16
_END: Final = re.compile(r"[.!?;](?=\s)|[。！？]")
_AGE: Final = re.compile(
    nfkc(
        r"\b(?:ages?|bands?|aged|young(?:er|est)?|older|oldest|muda|remaja|jovens?|kabataan|year[- ]olds?|years old|umur|usia|berumur|berusia|kelompok umur|tuổi|gulang|edad|idades?|etári[ao]s?|tinan hira|idadi)\b"
        "|อายุ|ອາຍຸ|អាយុ|အသက်|年龄|年齡|岁|歲|வயது"
    ),
    re.IGNORECASE,
)
_YEARS: Final = re.compile(nfkc(r"\s?(?:years?|yrs?|tahun|taong|anos?|tinan)\b|\s?(?:ปี|ປີ|ឆ្នាំ|နှစ်|岁|歲)"), re.IGNORECASE)
_PERSONS: Final = re.compile(
    rf"\s?[^\w\s,;.!?)]{{0,2}}\s?(?:(?:{LATIN_PERSONS})(?![^\W\d_])|{OTHER_PERSONS})", re.IGNORECASE
)


def is_limit(text: str, start: int, end: int) -> bool:
    """Whether the whole number of one or two digits at a span of plain text is a limit of an age band."""
    if end - start > 2 or not text[start:end].isdigit():
        return False
    value = int(text[start:end])
    if value not in _LOWER and value not in _UPPER:
        return False
    other, behind = _BEFORE.search(text, max(0, start - _NEAR), start), _AFTER.match(text, end)
    if other and int(other[1]) in _LOWER and value in _UPPER and int(other[1]) < value:
        return _is_of_age(text, other.start(1), end)
    if behind and value in _LOWER and int(behind[1]) in _UPPER and value < int(behind[1]):
        return _is_of_age(text, start, behind.end())
    return False


def has_band_limits(text: str, start: int, end: int, values: list[int]) -> bool:
    """Whether the numbers of a span, as 9-17 or 0-8/9-17, are the limits of age bands in ascending order."""
    is_ascending = values == sorted(set(values)) and values[0] in _LOWER and values[-1] in _UPPER | _LOWER
    return is_ascending and all(each in _LOWER | _UPPER for each in values) and _is_of_age(text, start, end)


def bands(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words and both numbers of each two that may be one age band, as 9-17, `9 to 17` and `age 9 : age 17`."""
    for found in _BAND.finditer(text):
        lower, upper = int(found[1]), int(found[2])
        if lower in _LOWER and upper in _UPPER and lower < upper:
            yield found[0], lower, upper


def _is_of_age(text: str, start: int, end: int) -> bool:
    if _PERSONS.match(text, end):
        return False
    if _YEARS.match(text, end):
        return True
    before, after = text[max(0, start - _SEEN) : start], text[end : end + _SEEN]
    return _AGE.search(_END.split(before)[-1]) is not None or _AGE.search(_END.split(after)[0]) is not None
