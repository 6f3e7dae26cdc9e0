"""Counts right behind a word and a sign, or as two numbers with a dash: `women-37`, `men/6`, `men...6`, `9-38 men`.

A number behind letters and a hyphen is often a code (`COVID-19`, `G-7`), so one behind a single letter or capitals that
are no word for persons is not read, nor is a part of an address.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.prose.words import (
    LATIN_PERSONS,
    OTHER_PERSONS,
    PERSONS_BEFORE,
    SHORT_PERSONS,
    TOTAL_BEFORE,
    TOTALS,
)

FOLLOWED: Final = rf"(?:(?i:{LATIN_PERSONS})(?![^\W\d_])|{OTHER_PERSONS})"
"""A word for persons right behind a number or a sign."""
_NUMBER: Final = r"[1-9]\d{0,2}(?:[,.]\d{3})+(?!\d)|\d{1,7}"
_ENDS: Final = rf"(?![0-9]|[.,]\d|[-/_]\d|(?!{FOLLOWED})[A-Za-z])"
_NUMBER_AFTER_SIGN: Final = re.compile(
    rf"(?:(?:(?<=[A-Za-z])|(?<=[\x80-\U0010ffff])[^\w\s])[^\w\s]{{0,2}}[_./-]| \.{{2,3}}| /)({_NUMBER}){_ENDS}"
)
_PAIR: Final = re.compile(rf"(?<![A-Za-z0-9_.,/-])(?<![^\W\d_]-)((?!0\d)\d{{1,7}})-((?!0\d)\d{{1,7}}){_ENDS}")
_BEFORE_WORD: Final = re.compile(  # 7men, 7org
    rf"(?<![A-Za-z0-9_./,-])(\d{{1,7}})(?:{LATIN_PERSONS}|{SHORT_PERSONS})(?![^\W\d_])", re.IGNORECASE
)
_BEHIND_WORD: Final = re.compile(  # men43, total43, no7 men
    rf"(?<=[^\W\d_])(\d{{1,7}})(?![0-9_]|(?!{FOLLOWED})[^\W\d_]|[/-](?!{FOLLOWED})|[.,]\d)"
)
_WORD_BEFORE: Final = re.compile(rf"(?<![^\W\d_])(?:({LATIN_PERSONS})|({TOTALS})|(no))$", re.IGNORECASE)
_PERSONS_NEXT: Final = re.compile(rf" {FOLLOWED}")
_WORD: Final = re.compile(r"([^\W\d_]+)[^\w]{1,4}$|([^\W\d_]+)_{1,2}$")
_CODES: Final = frozenset(
    {"covid", "pre", "post", "non", "mid", "sub", "rule", "wave", "type", "route", "ika", "ke", "pang"}
)
"""Words whose number is no count: a code, an ordinal, an age."""
_IN_ADDRESS: Final = re.compile(r"://|@|\bwww\.|[A-Za-z0-9-]\.[A-Za-z]{2,}/", re.IGNORECASE)
_RUN: Final = re.compile(r"\S{1,120}$")
_SEEN: Final = 48
_DAYS, _MONTHS, _CENTURY = 31, 12, 100
_YEARS: Final = range(1900, 2101)


class Glued(NamedTuple):
    """A number in plain text with no blank between it and a word for persons or, if `is_total`, for a total.

    The span of a number behind its word includes the word.
    """

    start: int
    end: int
    value: int
    is_total: bool = False


class Pair(NamedTuple):
    """Two numbers with a dash between them, with their position. `is_date`: whether they may be a day and a month."""

    start: int
    end: int
    values: tuple[int, int]
    is_date: bool


def glued_to_words(text: str) -> Iterator[Glued]:
    """Yield the numbers that are written on to a word for persons or a total: `7men`, `9org`, `Men43`, `total43`."""
    for found in _BEFORE_WORD.finditer(text):
        yield Glued(*found.span(1), int(found[1]))
    for found in _BEHIND_WORD.finditer(text):
        word = _WORD_BEFORE.search(text, max(0, found.start() - _SEEN), found.start())
        if word and word[3] and _PERSONS_NEXT.match(text, found.end()):
            yield Glued(*found.span(), int(found[1]))
        elif word and not word[3]:
            yield Glued(word.start(), found.end(), int(found[1]), is_total=word[2] is not None)


def behind_signs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each number right behind a word and a sign, unless it is a part of a code or an address."""
    for found in _NUMBER_AFTER_SIGN.finditer(text):
        start, end = found.span(1)
        before = text[max(0, start - _SEEN) : start]
        if not _is_in_address(text, start) and (_is_word(before) or PERSONS_BEFORE.search(before)):
            yield start, end


def pairs(text: str) -> Iterator[Pair]:
    """Yield the pairs of numbers with a dash between them, without years with months or other years."""
    for found in _PAIR.finditer(text):
        one, other = int(found[1]), int(found[2])
        is_year = one in _YEARS and (other in _YEARS or other <= _MONTHS or one % _CENTURY < other < _CENTURY)
        if not is_year and not _is_in_address(text, found.start()):
            yield Pair(*found.span(), (one, other), one <= _DAYS and other <= _MONTHS)


def _is_word(before: str) -> bool:
    """Whether the letters before a sign are a word in small letters, or one for a total."""
    found = _WORD.search(before)
    if found is None:
        return False
    word = found[1] or found[2]
    if TOTAL_BEFORE.search(before):
        return True
    return len(word) > 1 and (not word.isupper() or not word.isascii()) and word.lower() not in _CODES


def _is_in_address(text: str, at: int) -> bool:
    run = _RUN.search(text, max(0, at - 2 * _SEEN), at)
    return run is not None and _IN_ADDRESS.search(run[0]) is not None
