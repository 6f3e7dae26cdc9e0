"""Number words whose letters are separated: `f o u r`, `s.e.v.e.n`, `ส า ม`.

A sequence of single letters is joined only if it consists of number words, with or without an article before or a word
for persons after them. Other sequences are abbreviations (`a i d`, `ก.พ.`) and stay as they are.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from suar.protocol.privacy.text.numerals import as_listed, is_spaced, morphemes
from suar.protocol.privacy.text.plain import View

_MARKS: Final = "\u0300-\u036f\u0b82\u0bbe-\u0bcd\u0bd7\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d1\u17d3"
_LETTER: Final = rf"[^\W\d_](?:\u17d2\w|[{_MARKS}])*"  # with its vowels and subscripts
_GAP: Final = r"[ ./,_*|~\u00b7\u2022\u2027\u2219\u22c5\u30fb\u2026-]{1,3}"
_LEAST_LATIN: Final = 3  # two Latin letters are an abbreviation
_FIRST_OTHER: Final = "\u0b80"  # the first letter of the other scripts, of which Tamil is the first
_LEAST, _MOST = 2, 64
_RUN: Final = re.compile(
    rf"(?<![^\W_])(?<![{_MARKS}]){_LETTER}(?:{_GAP}{_LETTER}){{{_LEAST - 1},{_MOST - 1}}}(?![{_MARKS}]|[^\W_])[._*|-]?"
)
_LETTER_GAP: Final = re.compile(_GAP)
_ARTICLE: Final = "aeio"
"""One letter that is a word by itself in one of the languages: a, e (and), i, o (the)."""


class TemplateWords(NamedTuple):
    """The number words of a language, their lengths, and what is written between two of them."""

    lang: str
    known: frozenset[str]
    lengths: tuple[int, ...]
    between: str


def with_joined_words(text: str, languages: Iterable[str], persons: re.Pattern[str]) -> View:
    """Return plain text with the letters of number words of these languages joined.

    `persons`: a word that may follow a number.
    """
    seen = View(text, tracked=_RUN.search(text) is not None)
    if seen.spans:
        every = [_words(each) for each in languages]
        seen.sub(_RUN, lambda found: _joined(found[0], every, persons) or found[0])
    return seen


def _joined(run: str, every: Iterable[TemplateWords], persons: re.Pattern[str]) -> str | None:
    letters = _LETTER_GAP.sub("", run).lower()
    if len(letters) < _LEAST_LATIN and letters[0] < _FIRST_OTHER:
        return None
    for words in every:
        for article in ("", letters[0] if letters[0] in _ARTICLE else ""):
            found = _split(as_listed(letters.removeprefix(article), words.lang), words, persons)
            if found:
                return words.between.join([article, *found] if article else found) + _final_mark(run)
    return None


def _final_mark(run: str) -> str:
    """Return the stop at the end of a sequence, unless it is one of those behind each letter: `f.o.u.r.`"""
    return run[-1] if _LETTER_GAP.match(run[-1]) and run.count(run[-1]) == 1 else ""


def _split(letters: str, words: TemplateWords, persons: re.Pattern[str]) -> list[str] | None:
    """Return the number words in a text without blanks, and the word for persons at its end; None if it has others."""
    ways: dict[int, list[str]] = {0: []}
    for at in range(len(letters)):
        if at in ways:
            for word in (letters[at : at + length] for length in words.lengths):
                if word in words.known:
                    ways.setdefault(at + len(word), [*ways[at], word])
    for at in sorted(ways, reverse=True):
        rest = letters[at:]
        if at and (not rest or persons.fullmatch(rest)):
            return [*ways[at], *([rest] if rest else [])]
    return None


@cache
def _words(lang: str) -> TemplateWords:
    known = frozenset(morphemes(lang))
    return TemplateWords(lang, known, tuple(sorted({len(word) for word in known})), " " if is_spaced(lang) else "")
