"""Wraps text into lines of a terminal: no line wider than the terminal, no cluster of characters split.

Width counts terminal cells (UAX #11, by wcwidth). A cluster is a grapheme cluster of UAX #29, extended by what Thai,
Lao, Khmer and Burmese never split: a vowel written before or after its consonant, a consonant with its killer, a
subscript with its base. Lines break at blanks; in scripts without blanks at words (Thai, by BudouX's small model),
syllables (Lao, Burmese) or clusters; in Chinese between any two characters, except before closing and
after opening punctuation.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from wcwidth import iter_graphemes, wcswidth, wcwidth

from suar.languages.rendering.unseen import visible_text

if TYPE_CHECKING:
    from budoux import Parser

_THAI: Final = re.compile("[\u0e00-\u0e7f]+")
_LAO: Final = re.compile("[\u0e80-\u0eff]+")
_LAO_HIGH: Final = frozenset("ຫ")  # is written before another consonant, to which it assigns a high tone
_LAO_VOWEL_LETTERS: Final = frozenset("ອວຽ")
_BLANKS: Final = frozenset(" \u200b")
_UNSPACED: Final = re.compile("[\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uff00-\uffef]")
_LEADING_VOWEL: Final = frozenset("เแโใไເແໂໃໄ")
_FOLLOWING: Final = frozenset("ะาำๆฯະາຳຽໆ")
_KILLED: Final = re.compile("[\u1000-\u1021]\u1037?\u103a\u1037?")  # a Burmese final consonant with its killer
_STACKS: Final = ("\u1039", "\u17d2")  # Burmese virama, Khmer coeng: the next consonant is written below
_CLOSING: Final = frozenset("\"')]}»!?,.;:%\u201d\u2019\u2026၊။៖។៕ៗ、。》」』\uff09\uff0c\uff1b\uff1a\uff01\uff1f")
_OPENING: Final = frozenset("([{«《「『\u201c\u2018\uff08")
KEPT: Final = frozenset("\u00a0\u200b\u200c\u200d")
"""Joiners, the invisible and the no-break space: text of the region needs them, and they move no cursor."""
_AT_END: Final = " \u200b"
"""Blanks that are removed at the end of a line."""
CUT: Final = "..."
MARK: Final = "| "
"""The prefix of each line of text that another person wrote, and of no other line."""
CLUSTER_MAX: Final = 12
"""Most terminal cells of a cluster, so that each fits the narrowest line; words of all languages are shorter."""


def clean(text: str) -> str:
    """Return text without control characters: another member's text must not move the cursor or reverse the line."""
    return visible_text(text, KEPT)


def width(text: str) -> int:
    """Return the most terminal cells that a text may take: in a terminal that shows joined pictures one by one."""
    return max(wcswidth(text), sum(max(wcwidth(char), 0) for char in text)) if not text.isascii() else len(text)


def clusters(text: str) -> list[str]:
    """Return the clusters of a text, which are never split."""
    parts: list[str] = []
    for part in iter_graphemes(text):
        if parts and _is_inseparable(parts[-1], part) and width(parts[-1] + part) <= CLUSTER_MAX:
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _is_inseparable(before: str, part: str) -> bool:
    """Whether a grapheme cluster is never separated from the one before it."""
    if before[-1].isspace() or part[0].isspace():
        return False
    hangs = part[0] in _FOLLOWING or unicodedata.category(part[0])[0] == "M" or _KILLED.match(part)
    return bool(hangs) or before[-1] in _LEADING_VOWEL or before.endswith(_STACKS)


def pieces(text: str) -> list[str]:
    """Return the parts between which a line may break; blanks are at the end of a part."""
    words: list[str] = []
    for part in clusters(text):
        if words and not (words[-1][-1] in _BLANKS and part[0] not in _BLANKS):
            words[-1] += part
        else:
            words.append(part)
    return [piece for word in words for piece in _of_word(word)]


def _of_word(word: str) -> Iterator[str]:
    held = ""
    for part in _atoms(word):
        if held and _may_break(held, part):
            yield held
            held = part
        else:
            held += part
    yield held


def _atoms(word: str) -> Iterator[str]:
    """Return Thai words, Lao syllables, and the clusters of everything else."""
    for way, parts in groupby(clusters(word), key=_splitter):
        yield from way(list(parts))


def _splitter(part: str) -> Callable[[list[str]], Iterable[str]]:
    return _thai if _THAI.fullmatch(part) else _lao if _LAO.fullmatch(part) else iter


def _lao(parts: list[str]) -> Iterator[str]:
    """Return the syllables of a Lao run. Lao writes every vowel, so a consonant without one ends a syllable, unless a
    vowel letter follows.
    """
    held = ""
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        is_final = len(part) == 1 and part not in _LAO_HIGH and following[:1] not in _LAO_VOWEL_LETTERS
        is_begun = held[-1:] in _LAO_HIGH or (len(held) == 1 and part[0] in _LAO_VOWEL_LETTERS)
        if held and not (is_final or is_begun):
            yield held
            held = ""
        held += part
    yield held


def _thai(parts: list[str]) -> Iterator[str]:
    """Return the words of a Thai run, none of which begins inside a cluster."""
    held = ""
    ends = set(_ends(parts))
    for word, end in zip(words := _thai_words().parse("".join(parts)), _ends(words), strict=True):
        held += word
        if end in ends:
            yield held
            held = ""


def _ends(parts: list[str]) -> list[int]:
    at, ends = 0, []
    for part in parts:
        at += len(part)
        ends.append(at)
    return ends


@cache
def _thai_words() -> "Parser":
    from budoux import load_default_thai_parser

    return load_default_thai_parser()


def _may_break(before: str, after: str) -> bool:
    if after[0] in _CLOSING or after[0].isspace() or before[-1] in _OPENING:
        return False
    if _THAI.match(before[-1]) or _THAI.match(after[0]):
        return bool(_THAI.match(before[-1]) and _THAI.match(after[0]))
    return bool(_UNSPACED.match(before[-1]) and _UNSPACED.match(after[0]))


def wrap(text: str, room: int, *, first: str = "", indent: int = 0) -> list[str]:
    """Return `text` in lines of at most `room` terminal cells, `first` before the first, `indent` blanks before others.

    A cluster that is wider than `room` is not split.
    """
    if width(first + text) <= room:
        return [(first + text).rstrip(_AT_END)]
    lines, is_empty = [first], True
    for piece in pieces(text):
        for part in [piece] if width(piece.rstrip(_AT_END)) <= room - indent else clusters(piece):
            if not is_empty and width(lines[-1] + part.rstrip(_AT_END)) > room:
                lines.append(" " * indent)
                is_empty = True
            if not is_empty or part.strip(_AT_END):
                lines[-1] += part
                is_empty = False
    return [line.rstrip(_AT_END) for line in lines]


def others(text: str, room: int) -> list[str]:
    """Return another person's text in lines of at most `room` cells, each with MARK; no line of the gateway has it."""
    inside = max(room - len(MARK), CLUSTER_MAX)
    return [f"{MARK}{line}".rstrip() for line in wrap(clean(text), inside)]


def cut(text: str, room: int) -> str:
    """Return the beginning of a text in at most `room` cells, with three full stops if a part is omitted."""
    if width(text) <= room:
        return text
    kept, left = "", room - len(CUT)
    for part in clusters(text):
        if width(part) > left:
            break
        kept, left = kept + part, left - width(part)
    return f"{kept.rstrip()}{CUT}"[:room] if room < len(CUT) else f"{kept.rstrip()}{CUT}"


def pad(text: str, room: int) -> str:
    """Return `text` padded with blanks to `room` cells."""
    return text + " " * (room - width(text))
