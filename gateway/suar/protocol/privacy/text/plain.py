"""Text in the form in which it is examined: one form of each letter and digit, without invisible characters.

`plain` returns the text. `View` also maps each character to its position in the original, so that marked words are
returned as the author wrote them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from suar.protocol.normal_forms import normal
from suar.protocol.privacy.text import folding, markup
from suar.protocol.privacy.text.confusables import (
    CONFUSABLE,
    LIKE_DIGITS,
    LOOKS_LIKE,
    LUNATE,
    MIXED,
    by_sound,
    digits_for,
)

Replace = Callable[[re.Match[str]], str]
Span = tuple[int, int]

_TAGS: Final = re.compile("[\U000e0020-\U000e007e]+")  # invisible ASCII
_INVISIBLE: Final = re.compile(
    # Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), annotations, rings and keys around a digit, and
    # the marks of Cyrillic numbers around a letter
    "[\u00ad\u034f\u0483-\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20dd-\u20e4\u3164\ufe00-\ufe0f\ufeff"
    "\ua670-\ua672\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_DASH: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63]")
_LIKE_A_BLANK: Final = "\u2800\U0001d159"
"""Printable characters shown as a blank: no glyph, and in Unicode neither blank nor ignorable."""
_BLANKS: Final = re.compile(rf"[^\S ][\s{_LIKE_A_BLANK}]*|[{_LIKE_A_BLANK}][\s{_LIKE_A_BLANK}]*| [\s{_LIKE_A_BLANK}]+")
"""Line ends, tabs, characters shown as a blank, and repeated blanks, all of which a reader sees as one blank."""
_MARKS: Final = re.compile("(?<=[!-~])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+")
_DIGITS: Final = tuple("0123456789")
_SPACED_OUT: Final = re.compile(r"(?<![\w.,])\d(?:[ .\-_]{1,2}\d){6,}(?!\d)")  # 0 8 1 2 3 4 5 6 7
_DECIMALS: Final = re.compile(r"\d\.\d(?: \d\.\d)+(?: \d)?")
_COUNTED: Final = "0123456789"
_BETWEEN: Final = "_*|~\u00b7\u2022\u2027\u2219\u22c5\u30fb"
_PARTED: Final = re.compile(
    rf"(?<![A-Za-z0-9_.@/-])\+?\d+(?:[{re.escape(_BETWEEN)}]{{1,3}}\d+)+(?![A-Za-z_])"
)  # 081_234_5678
_FROM_ZERO: Final = re.compile(r"(?<![\w.,/])0\d{1,3}(?:[,;=+\\]\d{2,4}){2,3}(?![\d,])")  # 081,234,5678
_BAR: Final = re.compile(f"[{re.escape(_BETWEEN)}]")
_JOINING: Final = frozenset(
    # of combining class 0, and still part of the letter before; and the vowels and finals of Hangul syllables
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35\U00011127\U0001133e\U00011357"
    "\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
) | frozenset(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
_A_WORD: Final = re.compile(r"[^\W\d_]+")
_NATIVE: Final = re.compile("[\u0b80-\u1dff\u2e80-\u9fff]")
_BETWEEN_WORDS: Final = str.maketrans({chr(each): " " for each in range(128) if not chr(each).isalpha()})
TEXT_BREAK: Final = "\0" * 4
"""A separator that no form matches across."""


def nfkc(text: str) -> str:
    """Return a pattern in the form of the text: NFKC decomposes the Thai and Lao vowel `am`."""
    return normal("NFKC", text)


def is_part(words: str, of: Iterable[str]) -> bool:
    """Whether the words are part of longer ones in `of`."""
    return any(words != longer and words in longer for longer in of)


@lru_cache(maxsize=16)  # called several times for each text
def has_digit(text: str) -> bool:
    """Whether the text contains an ASCII digit; ten substring tests are faster than one search."""
    return any(map(text.__contains__, _DIGITS))


@lru_cache(maxsize=16)
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, to test for words that a form requires."""
    small = text.lower()
    if small.isascii():  # takes a third of the time
        return frozenset(small.translate(_BETWEEN_WORDS).split())
    return frozenset(_A_WORD.findall(small))


@lru_cache(maxsize=16)
def has_native_letter(text: str) -> bool:
    """Whether the text has a letter of a script of the region that is not Latin: Tamil to Khmer, and Han."""
    return not text.isascii() and _NATIVE.search(text) is not None


class View:
    """A text that is changed step by step. `tracked`: each character of `text` has its position in `written`."""

    def __init__(self, written: str, *, tracked: bool = True) -> None:
        self.written, self.text = written, written
        self._spans: list[Span] | None = [(at, at + 1) for at in range(len(written))] if tracked else None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The span of each character of `text` in `written`; empty if positions are not tracked."""
        return tuple(self._spans or ())

    def sub(self, pattern: re.Pattern[str], put: Replace | str) -> None:
        """Replace all matches. The characters of a replacement get the position of the match."""
        replace: Replace = (lambda _: put) if isinstance(put, str) else put
        if self._spans is None:
            self.text = pattern.sub(replace, self.text)
        else:
            matches = [(*found.span(), replace(found)) for found in pattern.finditer(self.text)]
            self._put(matches, self._spans)

    def copy(self) -> "View":
        """Return a copy of the current state."""
        other = View(self.written, tracked=False)
        other.text, other._spans = self.text, None if self._spans is None else list(self._spans)
        return other

    def normalise(self) -> None:
        """Apply NFKC, letter by letter if positions are tracked."""
        if self._spans is None:
            self.text = nfkc(self.text)
        else:
            self._put([(start, end, nfkc(self.text[start:end])) for start, end in _letters(self.text)], self._spans)

    def append(self, pattern: re.Pattern[str], read: Replace) -> None:
        """Append what each match may also be read as, in as many characters, to be examined beside the text."""
        readings = [(*found.span(), read(found)) for found in pattern.finditer(self.text)]
        self.text += "".join(TEXT_BREAK + words for _, _, words in readings)
        if self._spans is not None:
            for start, end, _ in readings:
                at = self._spans[start][0]
                self._spans += [(at, at)] * len(TEXT_BREAK) + self._spans[start:end]

    def own(self, words: str) -> str:
        """Return the author's characters for the first occurrence of these words."""
        at = self.text.find(words)
        if self._spans is None or at < 0 or not words:
            return words
        own = self.written[self._spans[at][0] : self._spans[at + len(words) - 1][1]]
        return own if _INVISIBLE.sub("", own).strip() else words  # invisible text is returned in its visible form

    def _put(self, matches: list[tuple[int, int, str]], before: list[Span]) -> None:
        text, spans, done = [], [], 0
        for start, end, words in matches:
            text += [self.text[done:start], words]
            spans += before[done:start]
            whole = (before[start][0], before[end - 1][1])
            if len(words) == end - start:
                spans += before[start:end]
            elif words:
                spans += [whole] * len(words)
            elif spans:
                spans[-1] = (spans[-1][0], max(spans[-1][1], whole[1]))  # a removed character belongs to the one before
            done = end
        self.text = "".join([*text, self.text[done:]])
        self._spans = spans + before[done:]


def _letters(text: str) -> list[Span]:
    """Return the spans of each character with its combining ones; NFKC of the text is NFKC of these in sequence."""
    starts = [at for at, each in enumerate(text) if at == 0 or not _is_joining(each)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True)) if text else []


def _is_joining(each: str) -> bool:
    if each.isascii():
        return False
    first = normal("NFKD", each)[0]
    return unicodedata.combining(first) != 0 or first in _JOINING


def view(written: str, *, tracked: bool = True) -> View:
    """Return `written` in the form in which it is examined.

    NFKC without invisible characters; letters, digits and signs of addresses that look like an ASCII one are replaced by
    it; spaced-out numbers are joined; what else may be an address is appended.
    """
    seen = View(written, tracked=tracked)
    normalise_text(seen)
    return seen


def normalise_text(seen: View) -> None:
    """Convert a text to the form in which it is examined."""
    if markup.has_markup(seen.text):
        seen.sub(markup.ENTITY, markup.character)
        seen.sub(markup.BLANK_TAG, " ")
        seen.sub(markup.TAG, "")
    if not seen.text.isascii():
        seen.append(_TAGS, lambda found: "".join(chr(ord(each) - 0xE0000) for each in found[0]))
        seen.sub(_INVISIBLE, "")
        seen.sub(folding.DOT, ".")  # before the next step, of which one is a digit, and NFKC, which parts one
        seen.sub(folding.DIGIT, folding.digit)  # before NFKC, which puts some of them in brackets
        seen.sub(LUNATE, lambda found: LOOKS_LIKE[found[0]])  # before NFKC, which makes other letters of them
        seen.normalise()
        _fold_letters(seen)
    if not _is_evenly_spaced(seen.text):
        seen.sub(_BLANKS, " ")
    if folding.has_brackets(seen.text):
        seen.sub(folding.IN_BRACKETS, folding.without_brackets)
    if has_digit(seen.text):
        seen.sub(_PARTED, lambda found: _BAR.sub("-", found[0]))
        seen.sub(_FROM_ZERO, lambda found: re.sub(r"\D", "-", found[0]))
        seen.sub(_SPACED_OUT, _without_gaps)


def _without_gaps(found: re.Match[str]) -> str:
    """Return the digits of a match of _SPACED_OUT, unless they count on, 0-1-2-3-4-5-6, or are decimals, 0.8 1.2 3.4."""
    if _DECIMALS.fullmatch(found[0]):
        return found[0]
    digits = re.sub(r"\D", "", found[0])
    return found[0] if digits in _COUNTED and " " not in found[0] else digits


def _fold_letters(seen: View) -> None:
    """Convert the letters and signs of normalised text that look like ASCII ones."""
    seen.sub(_MARKS, "")
    seen.sub(_DASH, "-")
    if CONFUSABLE.search(seen.text) is not None or LIKE_DIGITS.search(seen.text) is not None:
        seen.sub(LIKE_DIGITS, digits_for)
        seen.sub(MIXED, by_sound)
        seen.sub(CONFUSABLE, lambda found: LOOKS_LIKE[found[0]])
    seen.sub(folding.MARKED, folding.without_mark)
    if folding.FOLDED.search(seen.text) is None:
        return
    seen.sub(folding.HAN_ZERO, folding.han_zeros)
    seen.sub(folding.SMALL_CAPITALS, folding.in_capitals)
    seen.sub(folding.OTHER_LETTER, lambda found: folding.OTHER_LETTERS[found[0]])
    seen.sub(folding.INDICATORS, folding.indicated)
    seen.sub(folding.SIGN, lambda found: folding.SIGNS[found[0]])
    seen.sub(folding.FRACTIONS, lambda found: found[0].replace("\u2044", "/"))
    seen.append(folding.SOFT_ADDRESS, folding.with_dots)
    seen.append(folding.SOFT_NAME, folding.with_blanks)


def _is_evenly_spaced(text: str) -> bool:
    """Whether words are separated by single blanks only; faster than the search for ASCII text."""
    if text.isascii() and text.isprintable():
        return "  " not in text
    return _BLANKS.search(text) is None


def plain(text: str) -> str:
    """Return the text of `view`."""
    is_simple = text.isascii() and _is_evenly_spaced(text) and not has_digit(text)
    if is_simple and not folding.has_brackets(text) and not markup.has_markup(text):
        return text  # nothing to convert; faster than a View
    return view(text, tracked=False).text
