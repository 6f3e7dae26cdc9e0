"""Finds numbers whose digits are parted by other signs than blanks, dots and hyphens: `081→234→5678`, `081#234#5678`.

Digits with one to three signs between them, which are no letters and may have a blank on either side, are joined. Not
joined are commas, semicolons and stops before a blank, years beside a stroke, hours, numbers that count on, and
without a zero or a plus before them groups that a list or a relation of amounts has: with commas, arrows, strokes and
per cent. What may still be a list of numbers is not sure.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from suar.protocol.privacy.text.found import Found, Kind

_SIGN: Final = "(?:[^\\w\\s]|[_\u0e2f\u0e46\u0eaf\u0ec6])"  # and the marks of Thai and Lao that are letters in Unicode
_RUN: Final = re.compile(rf"(?<!\d)\+?\d+(?:(?: ?{_SIGN}){{1,3}} ?\d+)+")
_LATIN: Final = re.compile("[A-Za-z]")
_GROUP: Final = re.compile(r"\d+")
_OF_A_LIST: Final = re.compile("[,;.:!?\u3001\u104a\u104b\u3002] $|^ [,;:!?\u3001] ?$")  # before a blank
_PLAIN: Final = re.compile(r"[-./ ]*")
_BETWEEN_AMOUNTS: Final = re.compile(
    "[-,;.:'’%/+=<>&~|\u00b1\u00d7\u00f7\u2190-\u21ff\u2248\u2264\u2265\u2794-\u27bf\u3001\u104a(]"
)
_YEAR: Final = re.compile(r"(?:19|20|24|25)\d\d")
_HOURS: Final = re.compile(r"[012]?\d[.:][0-5]\d ?[-~] ?[012]?\d[.:][0-5]\d")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:([,.'’])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?")
_IN_AMOUNTS: Final = frozenset(",.'’")
LEAST_DIGITS: Final = 7
_MOST: Final = 15
"""Digits of a telephone number with its country code."""
_WITH_WORD: Final = 40  # characters before a number that may have a word for it
_LEAST_OF_PLAIN = 4
"""Groups that only strokes, dots and hyphens part: fewer are examined as they are."""
_ENDS: Final = 4
_MOST_GROUPS: Final = 5
LOOKED_UP_MAX: Final = 16
"""Maximum joined numbers of a text that are looked up; each further one is treated as a possible telephone number."""


class _Run(NamedTuple):
    """Groups of digits, what is before each (`signs[0]` is a plus or empty), and the position of each."""

    groups: list[str]
    signs: list[str]
    spans: list[tuple[int, int]]

    def part(self, start: int, end: int) -> "_Run":
        return _Run(self.groups[start:end], self.signs[start:end], self.spans[start:end])


class Bounded:
    """Looks numbers up, as often as is allowed for a text. `is_over`: whether it has been asked more often."""

    def __init__(self, is_telephone: Callable[[str], bool]) -> None:
        self._is_telephone, self._left, self.is_over = is_telephone, LOOKED_UP_MAX, False

    def __call__(self, digits: str) -> bool:
        """Return whether digits are a telephone number, or no more are looked up."""
        self._left -= 1
        self.is_over = self._left < 0
        return self.is_over or self._is_telephone(digits)


class Forms(NamedTuple):
    """What a joined number is compared with.

    `is_telephone`: whether digits are a telephone number. `is_announced`: whether a word for a call is before a
    position. `documents`: the identifiers of other kinds in a text.
    """

    is_telephone: Bounded
    is_announced: Callable[[int], bool]
    documents: Callable[[str], Iterable[Found]]


def parted(text: str, forms: Forms, *, in_address: bool = False) -> Iterator[Found]:
    """Yield the numbers in plain text that are found once their digits are joined.

    `in_address`: whether the text is of a web address, where strokes, dots and hyphens part documents.
    """
    for found in _RUN.finditer(text):
        for run in _lists(found):
            if not (_is_short(run) or (_is_plain(run) and (in_address or _is_examined(text, run)))):
                yield from _telephone(text, run, forms)
                yield from _documents(text, run, forms)


def _lists(found: re.Match[str]) -> Iterator[_Run]:
    """Yield the parts of a run of digits that no sign of a list parts."""
    text, begin = found.string, found.start()
    spans = [each.span() for each in _GROUP.finditer(text, begin, found.end())]
    signs = [
        text[before:start]
        for before, start in zip([begin, *(end for _, end in spans)], [s for s, _ in spans], strict=False)
    ]
    run = _Run([text[start:end] for start, end in spans], signs, spans)
    cuts = [0, *(at for at, sign in enumerate(signs) if at and _OF_A_LIST.search(sign)), len(signs)]
    for start, end in pairwise(cuts):
        yield run.part(start, end)


def _is_short(run: _Run) -> bool:
    """Whether the groups are too few or too many, or amounts with a comma or a dot between other signs."""
    digits = sum(map(len, run.groups))
    between = frozenset(run.signs[1:])
    if len(between) > 1 and not between.isdisjoint(_IN_AMOUNTS):  # 67.02 | 238,800
        return True
    return len(run.groups) < 2 or not LEAST_DIGITS <= digits <= 4 * _MOST


def _is_plain(run: _Run) -> bool:
    return all(map(_PLAIN.fullmatch, run.signs[1:]))


def _is_examined(text: str, run: _Run) -> bool:
    """Whether the search for telephones sees the groups: few of them, and behind no letter of another script."""
    begin = run.spans[0][0]
    before = text[max(0, begin - 1) : begin]
    return len(run.groups) < _LEAST_OF_PLAIN and not (before.isalpha() and not before.isascii())


def _telephone(text: str, run: _Run, forms: Forms) -> Iterator[Found]:
    begin, end = run.spans[0][0] - 1, run.spans[-1][1]
    if _LATIN.match(text, max(0, begin), begin + 1) or _LATIN.match(text, end):
        return
    for start in range(len(run.groups)):
        is_clear = run.groups[start].startswith("0") or run.signs[start].endswith("+")
        if start and not is_clear:
            continue
        for end in _ends(run, start):
            part = run.part(start, end)
            if not _may_be_dialled(text, part, forms, is_clear=is_clear):
                continue
            digits = "".join(part.groups)
            if forms.is_telephone("+" + digits if run.signs[start].endswith("+") else digits):
                is_sure = (
                    not forms.is_telephone.is_over
                    and is_clear
                    and len(part.groups) <= _MOST_GROUPS
                    and max(map(len, part.groups)) > 2
                )
                yield _found(text, part, "telephone", is_sure=is_sure)
                return


def _ends(run: _Run, start: int) -> list[int]:
    """Return the ends of a number from this group, the longest first."""
    digits, ends = 0, []
    for at in range(start, len(run.groups)):
        digits += len(run.groups[at])
        if digits > _MOST:
            break
        if digits >= LEAST_DIGITS and at > start:
            ends.append(at + 1)
    return ends[: -_ENDS - 1 : -1]


def _may_be_dialled(text: str, run: _Run, forms: Forms, *, is_clear: bool) -> bool:
    """Whether the groups are no hours, years or list of amounts."""
    values = [int(each) for each in run.groups]
    if all(later - value == 1 for value, later in pairwise(values)):
        return False
    is_single = max(map(len, run.groups)) == 1
    if any(" " in sign for sign in run.signs[1:]) if is_single else run.groups[0] == "0":  # 0 | 1 | 1 | 0, 0.25
        return False
    is_of_time = _HOURS.fullmatch(text, run.spans[0][0], run.spans[-1][1]) is not None or _has_year(run)
    if is_of_time or is_clear:
        return not is_of_time
    if is_single or any(map(_YEAR.fullmatch, run.groups)) or len(run.groups) > _MOST_GROUPS:
        return False
    return forms.is_announced(run.spans[0][0]) or not any(map(_BETWEEN_AMOUNTS.search, run.signs[1:]))


def _has_year(run: _Run) -> bool:
    """Whether a year is beside a stroke, dot or hyphen, as in dates and numbers of cases."""
    return any(
        _YEAR.fullmatch(group) and any(sign and _PLAIN.fullmatch(sign) for sign in run.signs[max(at, 1) : at + 2])
        for at, group in enumerate(run.groups)
    )


def _documents(text: str, run: _Run, forms: Forms) -> Iterator[Found]:
    """Yield the numbers of documents and accounts: sure behind a word for one, otherwise not."""
    start = run.spans[0][0]
    if _THOUSANDS.fullmatch(text, start, run.spans[-1][1]):
        return
    digits = "".join(run.groups)
    alone = _ending_in(digits, digits, forms)
    behind = _ending_in(digits, text[max(0, start - _WITH_WORD) : start] + digits, forms)
    is_labelled = len(behind) > len(alone)
    if behind and (is_labelled or len(run.groups) <= _MOST_GROUPS):
        yield _found(text, run, behind[0].kind, is_sure=is_labelled and any(each.sure for each in behind))


def _ending_in(digits: str, text: str, forms: Forms) -> list[Found]:
    return [each for each in forms.documents(text) if each.words.endswith(digits)]


def _found(text: str, run: _Run, kind: Kind, *, is_sure: bool) -> Found:
    begin = run.spans[0][0] - run.signs[0].endswith("+")
    return Found(kind, text[begin : run.spans[-1][1]], is_sure)
