"""Counts without surrounding blanks: joined to a letter or word (`43M/7F`, `W7 M43`, `Men43`), or separated by slashes
(`43/7/20 by sex`).

The letters are those for men, women, girls, boys and unknown in the languages with Latin letters, and `lk`, `pr`, `ช.`,
`ญ.`. One letter alone may be a unit or the name of a form; two different ones in sequence are counts by sex.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_LETTERS: Final = "mfwubglphx"
_SHORT: Final = rf"[{_LETTERS}]|lk|pr|[ชญ]\.?"
_ONE: Final = re.compile(
    rf"(?<![A-Za-z0-9_.\u00c0-\u024f\u1e00-\u1eff])(?:(\d{{1,6}})({_SHORT})|({_SHORT})-?(\d{{1,6}}))(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_CHAIN: Final = re.compile(  # 43M7F
    rf"(?<![A-Za-z0-9_.])(?:(?:\d{{1,6}}[{_LETTERS}]){{2,6}}|(?:[{_LETTERS}]\d{{1,6}}){{2,6}})(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"[ ,;/&+|()-]{1,3}(?:(?:and|dan|và|e|ho|at) )?", re.IGNORECASE)
_ROW: Final = re.compile(r"(?<![\w.,/-])\d{1,6}(?: ?[/-] ?\d{1,6}){2,9}(?![\w/-]|[.,]\d)")
_PAIR: Final = re.compile(r"(?<![\w./-])(\d{1,6}) ?/ ?(\d{1,6})(?![\w/-]|[.,]\d)")  # 7/120
_SPLIT: Final = re.compile(r"(?<![\w.,/:-])(\d{1,2}) ?[-–/:] ?(\d{1,2})(?![\w/:-]|[.,]\d)")  # 86-14
_DIGITS: Final = re.compile(r"\d+")
_LETTER: Final = re.compile("[a-z]")
_ALWAYS: Final = "24/7"


class Joined(NamedTuple):
    """A number in plain text with its position. `is_clear`: whether it can only be a count by sex."""

    start: int
    end: int
    value: int
    is_clear: bool


def lettered(text: str) -> Iterator[Joined]:
    """Yield the numbers that are joined to a letter for a sex."""
    row: list[re.Match[str]] = []
    for found in _ONE.finditer(text):
        if row and not _BETWEEN.fullmatch(text, row[-1].end(), found.start()):
            yield from _in_a_row(row)
            row = []
        row.append(found)
    yield from _in_a_row(row)
    for found in _CHAIN.finditer(text):
        is_clear = len(set(_LETTER.findall(found[0].lower()))) > 1
        yield from (Joined(*found.span(), int(value), is_clear) for value in _DIGITS.findall(found[0]))


def _in_a_row(row: list[re.Match[str]]) -> Iterator[Joined]:
    is_clear = len({(found[2] or found[3]).lower() for found in row}) > 1
    for found in row:
        yield Joined(*found.span(), int(found[1] or found[4]), is_clear)


def rows(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Yield (start, end, numbers) of each sequence of two or more numbers separated by slashes."""
    for form in (_ROW, _PAIR):
        for found in form.finditer(text):
            if found[0] != _ALWAYS:
                yield (*found.span(), [int(each) for each in _DIGITS.findall(found[0])])


def splits(text: str) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Yield (start, end, parts) of each two consecutive numbers that add up to a hundred."""
    for found in _SPLIT.finditer(text):
        parts = int(found[1]), int(found[2])
        if sum(parts) == 100:
            yield (*found.span(), parts)
