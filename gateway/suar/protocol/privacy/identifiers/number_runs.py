"""Runs of numbers: groups of digits with one to three other signs, or one blank, between them, and their parts.

A comma, semicolon or stop before a blank parts a list. A number begins clearly with a plus, with 0 and two more digits
in a group or behind `0 `, or as a Chinese mobile number without a sign; amounts do not begin so. It begins nearly so with
0, one more digit and a group of three or more, as a month before a count does too.

Who takes a run of digits. `telephones` looks at each number that no digit, or digit and sign, is in front of: one group,
or groups with blanks, slashes, dots, hyphens and brackets, whatever sign or word is before them. `parted` looks at every
run of two groups or more, at each of its groups that begins clearly, and behind a word for a call or a label at each that is
long enough, whether or not `telephones` saw it. `forms` looks for documents at every place, whatever sign is beside them. No
search relies on another one to find what it leaves out; what both find is told once.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

_LETTER_LIKE: Final = (  # marks that are letters in Unicode, and letters of one stroke
    "_\u02b0-\u02ff\u0640\u07fa\u0971\u0e2f\u0e46\u0eaf\u0ec6\u10fc\u17d7\u1843\u1aa7\u1d2c-\u1d6a\u2c7c\u2d6f\u2e2f\u3005\u3031-\u3035\u303b\u309d\u309e"
    "\u30fc-\u30fe\u4e00\u4e28\u4e36\u4e3f\ua015\ua4f8-\ua4fd\ua60c\ua67f\ua717-\ua71f\ua788\ua9cf\ua9e6\uaa70\uaadd\uaaf3\uaaf4"
)
SIGN: Final = rf"(?:[^\w\s]|[{_LETTER_LIKE}])"
MOST_BETWEEN: Final = 7
"""Characters between two groups of a run: three signs, each behind a blank, and one more blank."""
_RUN: Final = re.compile(rf"\d(?<!\d\d)\d*(?:(?:(?: ?{SIGN}){{1,3}} ?| )\d+)+")
_PLUS: Final = re.compile(r"\+ ?$")
_GROUP: Final = re.compile(r"\d+")
_OF_A_LIST: Final = re.compile("[,;.:!?\u3001\u104a\u104b\u3002] $|^ [,;:!?\u3001] ?$")  # before a blank
_PLAIN: Final = re.compile(r"[-./ ]{0,3}")  # as between the digits of a number for `telephones`
_OF_DATES: Final = re.compile(r"[-./ ]*")
_CLEAR: Final = re.compile(r"0\d\d|0 \d\d")
_NEARLY_CLEAR: Final = re.compile(rf"0[1-9](?:(?: ?{SIGN}){{1,3}} ?| )\d{{3}}")
_PERCENT: Final = re.compile(r"\d{1,3}[.,]\d{1,2} ?%")
_MOST_ENDS: Final = 4
_MOBILE_CN: Final = re.compile(r"1[3-9]\d{9}")
_IN_AMOUNTS: Final = frozenset(",.'’")
_YEAR: Final = re.compile(r"(?:19|20|24|25)\d\d")
_BETWEEN_GROUPS: Final = frozenset("-. ")
_THOUSAND = 3
LEAST_DIGITS: Final = 7
MOST_DIGITS: Final = 15
"""Digits of a telephone number, with the code of its country."""


def has_enough_digits(text: str) -> bool:
    """Return whether a text has as many digits as a telephone number; faster than a search."""
    return sum(map(text.count, "0123456789")) >= LEAST_DIGITS


class Run(NamedTuple):
    """Groups of digits, what is before each (`signs[0]` is a plus or empty), and the position of each."""

    groups: list[str]
    signs: list[str]
    spans: list[tuple[int, int]]

    @property
    def begin(self) -> int:
        """The position of the first digit."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """The position behind the last digit."""
        return self.spans[-1][1]

    @property
    def digits(self) -> str:
        """The digits without what is between them."""
        return "".join(self.groups)

    def part(self, start: int, end: int) -> "Run":
        """Return the groups from `start` to before `end`."""
        return Run(self.groups[start:end], self.signs[start:end], self.spans[start:end])


@lru_cache(maxsize=16)
def lists(text: str) -> tuple[Run, ...]:
    """Return the runs of plain text that are long enough for a telephone number, with the signs of lists in them."""
    return tuple(map(_read, (found for found in _RUN.finditer(text) if len(found[0]) > LEAST_DIGITS)))


@lru_cache(maxsize=16)
def runs(text: str) -> tuple[Run, ...]:
    """Return the runs of plain text, each without a sign of a list in it, in their order."""
    return tuple(part for run in lists(text) for part in _cut(run, cuts(run)))


def cuts(run: Run) -> list[int]:
    """Return the groups before which there is a sign of a list."""
    return [at for at, sign in enumerate(run.signs) if at and _OF_A_LIST.search(sign)]


def _read(found: re.Match[str]) -> Run:
    text, begin = found.string, found.start()
    spans = [each.span() for each in _GROUP.finditer(text, begin, found.end())]
    plus = _PLUS.search(text, max(0, begin - 2), begin)
    signs = [plus[0] if plus else "", *(text[end:start] for (_, end), (start, _) in pairwise(spans))]
    return Run([text[start:end] for start, end in spans], signs, spans)


def pieces(run: Run) -> Iterator[Run]:
    """Yield the parts of a run that no blank alone parts."""
    yield from _cut(run, [at for at, sign in enumerate(run.signs) if sign == " "])


def _cut(run: Run, before: list[int]) -> Iterator[Run]:
    for start, end in pairwise([0, *before, len(run.groups)]):
        yield run.part(start, end)


@lru_cache(maxsize=16)
def _every_piece(text: str) -> tuple[Run, ...]:
    return tuple(piece for run in runs(text) for piece in pieces(run))


def around(text: str, start: int, end: int) -> Iterator[Run]:
    """Yield the run in plain text that contains this span, and its part without blanks alone that does."""
    for every in (runs(text), _every_piece(text)):
        at = bisect_right(every, start, key=lambda run: run.begin) - 1
        if at >= 0 and end <= every[at].end:
            yield every[at]


def short_parts(run: Run, most: int) -> Iterator[Run]:
    """Yield parts of at most so many digits, so that a long list is looked through too."""
    start, digits = 0, 0
    for at, group in enumerate(run.groups):
        if digits + len(group) > most and at > start:
            yield run.part(start, at)
            start, digits = at, 0
        digits += len(group)
    yield run.part(start, len(run.groups))


def has_plus(sign: str) -> bool:
    """Return whether what is before a group ends with a plus: `→ +66`, but not `1 + 2`."""
    return sign.endswith("+") or sign == "+ "


def is_plain(run: Run) -> bool:
    """Return whether only slashes, dots, hyphens and blanks part the groups."""
    return all(map(_PLAIN.fullmatch, run.signs[1:]))


def is_clear_beginning(text: str, run: Run, at: int) -> bool:
    """Return whether a number begins clearly at this group: it is no amount, and no part of one behind its comma."""
    group, sign = run.groups[at], run.signs[at]
    if has_plus(sign):
        return _PERCENT.match(text, run.spans[at][0]) is None
    if at and len(run.groups[at - 1]) <= _THOUSAND and (_is_in_amount(run, at) or _is_of_thousands(run, at)):
        return False
    return _CLEAR.match(text, run.spans[at][0], run.end) is not None or _MOBILE_CN.fullmatch(group) is not None


def is_nearly_clear_beginning(text: str, run: Run, at: int) -> bool:
    """Return whether a number begins nearly clearly at this group."""
    return _NEARLY_CLEAR.match(text, run.spans[at][0], run.end) is not None


def ends(run: Run, start: int, *, least_groups: int) -> list[int]:
    """Return the ends of a telephone number from this group, the longest first."""
    digits, found = 0, []
    for at in range(start, len(run.groups)):
        digits += len(run.groups[at])
        if digits > MOST_DIGITS or (at > start and run.signs[at].strip() not in ("", "+") and has_plus(run.signs[at])):
            break  # +12%→+15%
        if digits >= LEAST_DIGITS and at + 1 - start >= least_groups:
            found.append(at + 1)
    return found[: -_MOST_ENDS - 1 : -1]


def clear_ends(text: str, run: Run, start: int) -> list[int]:
    """Return the same for one that begins clearly, first those before another that does; it may have one group."""
    every = ends(run, start, least_groups=1)
    before = [at for at in every if at < len(run.groups) and is_clear_beginning(text, run, at)]
    return [*reversed(before), *(at for at in every if at not in before)]


def _is_in_amount(run: Run, at: int) -> bool:
    """Whether a group is a part of an amount with commas, or of a decimal: not digits enough for a telephone.

    Behind `0.` they are a decimal, however many they are.
    """
    if run.signs[at] not in _IN_AMOUNTS or _is_grouped(run, at):
        return False
    return len(run.groups[at]) < LEAST_DIGITS or (run.signs[at] == "." and run.groups[at - 1] == "0")


def _is_grouped(run: Run, at: int) -> bool:
    """Whether a group has two more of three digits or more behind it, with one other sign: 15,081-234-5678."""
    behind = run.signs[at + 1 : at + 4]
    is_even = len(behind) >= 2 and behind[0] == behind[1] != run.signs[at] and behind[0] in _BETWEEN_GROUPS
    return (
        is_even and behind[-1] not in _IN_AMOUNTS - {behind[0]} and min(map(len, run.groups[at : at + 3])) >= _THOUSAND
    )


def _is_of_thousands(run: Run, at: int) -> bool:
    """Whether a group is a part of an amount with blanks: 1 050 000."""
    is_last = at + 1 == len(run.groups) or run.signs[at + 1] != " "
    return (
        run.signs[at] == " " and len(run.groups[at]) == _THOUSAND and (is_last or len(run.groups[at + 1]) == _THOUSAND)
    )


def has_year(run: Run) -> bool:
    """Return whether a year is beside a slash, dot or hyphen, as in dates and numbers of cases."""
    return any(
        _YEAR.fullmatch(group)
        and any(sign.strip() and _OF_DATES.fullmatch(sign) for sign in run.signs[max(at, 1) : at + 2])
        for at, group in enumerate(run.groups)
    )
