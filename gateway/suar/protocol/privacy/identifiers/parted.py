"""Finds numbers whose digits are parted by other signs than blanks, dots and hyphens: `081→234→5678`, `081#234#5678`.

What begins clearly (`number_runs`) is joined whatever blanks and signs are between its groups. Other digits are joined
across one to three signs that are no letters, which may have a blank on either side. Not joined are commas, semicolons
and stops before a blank, series of numbers (`number_series`), years beside a slash, and without a zero or a plus before
them groups that a list or a relation of amounts has: with commas, arrows, slashes and per cent. What may still be a list
of numbers is not sure.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.identifiers.number_runs import (
    LEAST_DIGITS,
    MOST_DIGITS,
    Run,
    clear_ends,
    cuts,
    ends,
    has_plus,
    has_year,
    is_clear_beginning,
    is_nearly_clear_beginning,
    is_plain,
    lists,
    pieces,
    runs,
    short_parts,
)
from suar.protocol.privacy.identifiers.number_series import Standing, is_list_of_values, standing
from suar.protocol.privacy.text.found import Found, Kind

_LATIN: Final = re.compile("[A-Za-z]")
_CODE: Final = re.compile("[A-Za-z]$")  # AA0812-345-678
_SHORT_CODE: Final = re.compile(r"[A-Za-z]-?$|[^\W\d_]/$")  # in other scripts too
_BETWEEN_AMOUNTS: Final = re.compile(
    "[-,;.:'’%/+=<>&~|\u00b1\u00d7\u00f7\u2190-\u21ff\u2248\u2264\u2265\u2794-\u27bf\u3001\u104a(]"
)
_YEAR: Final = re.compile(r"(?:19|20|24|25)\d\d")
_MONTHS: Final = re.compile(r"(?:0[1-9]|1[0-2])/(?:19|20|24|25)\d\d ?[-–] ?(?:0[1-9]|1[0-2])/(?:19|20|24|25)\d\d")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:([,.'’])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?")
_IN_AMOUNTS: Final = frozenset(",.'’")
_MIXED: Final = _IN_AMOUNTS | {" "}
_MOBILE_CN: Final = ([3, 4, 4], [2, 3, 4, 4])
"""Digits of the groups of a Chinese mobile number, without and with the code of the country."""
_MOST_OF_DOCUMENT: Final = 4 * MOST_DIGITS
_WITH_WORD: Final = 40  # characters before a number that may have a word for it
_LEAST_OF_PLAIN = 4
"""Groups that only slashes, dots and hyphens part: fewer are examined as they are."""
_MOST_GROUPS: Final = 5
LOOKED_UP_MAX: Final = 16
"""Maximum joined numbers of a text that are looked up; each further one is treated as a possible telephone number."""


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

    `in_address`: whether the text is of a web address, where slashes, dots and hyphens part documents.
    """
    for run in runs(text):
        if len(run.groups) > 1 and sum(map(len, run.groups)) >= LEAST_DIGITS:
            yield from _clear_numbers(text, run, forms, in_address=in_address)
            for piece in pieces(run):
                yield from _in_piece(text, run, piece, forms, in_address=in_address)
    for run in lists(text):
        yield from _listed(text, run, forms)


def _in_piece(text: str, run: Run, piece: Run, forms: Forms, *, in_address: bool) -> Iterator[Found]:
    if len(piece.groups) < 2 or sum(map(len, piece.groups)) < LEAST_DIGITS:
        return
    if is_plain(piece) and (in_address or _is_examined(text, piece)):
        return
    if not _is_of_amounts(piece):
        yield from _telephones(text, run, piece, forms)
    for part in short_parts(piece, _MOST_OF_DOCUMENT):
        yield from _documents(text, part, forms)


def _is_of_amounts(run: Run) -> bool:
    """Whether there is a comma or a dot between other signs: 67.02 | 238,800."""
    between = frozenset(run.signs[1:])
    is_mobile = [*map(len, run.groups)] in _MOBILE_CN
    return len(between) > 1 and not between.isdisjoint(_IN_AMOUNTS) and not is_mobile


def _is_examined(text: str, run: Run) -> bool:
    """Whether the search for telephones sees the groups: few of them, and behind no letter of another script."""
    before = text[max(0, run.begin - 1) : run.begin]
    return len(run.groups) < _LEAST_OF_PLAIN and not (before.isalpha() and not before.isascii())


# -- numbers that begin clearly


def _clear_numbers(text: str, run: Run, forms: Forms, *, in_address: bool) -> Iterator[Found]:
    """Yield the telephones in a run that begin clearly, whatever blanks and signs are between their groups."""
    clear = [at for at in range(len(run.groups)) if _is_beginning(text, run, at)]
    if max(map(len, run.groups)) >= LEAST_DIGITS:
        clear = sorted({*clear, *_whole_groups(text, run, forms)})
    of_run = _standing(text, run, forms) if clear else Standing.SERIES
    if of_run is Standing.SERIES:
        return
    done = 0
    for start in clear:
        for end in clear_ends(text, run, start) if start >= done else ():
            part = run.part(start, end)
            if _is_left_to_others(text, run, part, forms, in_address=in_address):
                continue
            found = _joined(text, part, of_run, forms)
            if found:
                yield found
                done = end
                break


def _whole_groups(text: str, run: Run, forms: Forms) -> Iterator[int]:
    """Yield the groups that are long enough, behind a word for a call or where each is behind a label or key."""
    if forms.is_announced(_begin(run)) or is_list_of_values(text, run):
        yield from (at for at, group in enumerate(run.groups) if len(group) >= LEAST_DIGITS)


def _standing(text: str, run: Run, forms: Forms) -> Standing:
    return standing(text, run, is_announced=forms.is_announced(_begin(run)))


def _is_beginning(text: str, run: Run, at: int) -> bool:
    return is_clear_beginning(text, run, at) or is_nearly_clear_beginning(text, run, at)


def _is_left_to_others(text: str, run: Run, part: Run, forms: Forms, *, in_address: bool) -> bool:
    """Whether the search for telephones sees the number, a letter before slashes makes it a code, or it is no number."""
    if not is_clear_beginning(text, part, 0):
        if len(part.groups) == 1:
            return False
        return has_year(part) or _YEAR.fullmatch(part.groups[1]) is not None or _is_thousands(text, part)
    if not is_plain(part):
        return False
    begin = _begin(part)
    code = _CODE if len(part.digits) > LEAST_DIGITS else _SHORT_CODE
    return in_address or (code.search(text, max(0, begin - 2), begin) is not None and not forms.is_announced(begin))


def _is_thousands(text: str, run: Run) -> bool:
    """Whether an amount is behind the first group, as behind a month: 04 - 967,910."""
    return _THOUSANDS.fullmatch(text, run.spans[1][0], run.end) is not None


def _joined(text: str, run: Run, of_run: Standing, forms: Forms) -> Found | None:
    """Return a run whose digits are a telephone number. It is sure unless it may be a series, a list or have a year."""
    of_part = max(of_run, _standing(text, run, forms))
    if of_part is Standing.SERIES or not _is_dialled(run, forms):
        return None
    between = frozenset(run.signs[1:])
    is_mixed = len(between) > 1 and not between.isdisjoint(_MIXED) and not is_clear_beginning(text, run, 0)
    is_amount = len(run.groups) > 1 and not has_plus(run.signs[0]) and _is_thousands(text, run)
    is_called = forms.is_announced(_begin(run))
    is_listed = len(run.groups) == 1 and not is_called and not is_clear_beginning(text, run, 0)
    is_sure = of_part is Standing.TELEPHONE and not is_mixed and not is_amount and not is_listed
    is_sure = is_sure and (is_called or not has_year(run))
    return _found(text, run, "telephone", is_sure=is_sure and _is_of_few_groups(run, forms))


def _is_dialled(run: Run, forms: Forms) -> bool:
    digits = run.digits
    is_international = has_plus(run.signs[0]) and digits[0] != "0"
    return forms.is_telephone("+" + digits if is_international else digits)


def _is_of_few_groups(run: Run, forms: Forms) -> bool:
    """Whether the groups are as of a telephone: few, and one of three or more. What is looked up no more is not sure."""
    return not forms.is_telephone.is_over and len(run.groups) <= _MOST_GROUPS and max(map(len, run.groups)) > 2


def _listed(text: str, run: Run, forms: Forms) -> Iterator[Found]:
    """Yield the telephones that begin clearly and have a comma or a stop before a blank in them; none is sure."""
    cut = cuts(run)
    for start in range(len(run.groups)) if cut else ():
        first = bisect_right(cut, start)
        if first == len(cut) or not is_clear_beginning(text, run, start):
            continue
        for end in ends(run, start, least_groups=cut[first] - start + 1):
            part = run.part(start, end)
            if _may_be_one(part, forms) and _is_dialled(part, forms):
                yield _found(text, part, "telephone", is_sure=False)
                break


def _may_be_one(run: Run, forms: Forms) -> bool:
    """Whether groups with a sign of a list are one number: behind a plus or a word for a call, or of other lengths."""
    if has_plus(run.signs[0]) or forms.is_announced(_begin(run)):
        return True
    is_of_codes = len(set(map(len, run.groups))) == 1 or any(each[0] == "0" for each in run.groups[1:])
    return not is_of_codes and not any(map(_YEAR.fullmatch, run.groups))


# -- other numbers


def _telephones(text: str, run: Run, piece: Run, forms: Forms) -> Iterator[Found]:
    """Yield the telephones in a piece of a run that do not begin clearly."""
    is_of_a_code = _LATIN.match(text, max(0, piece.begin - 1), piece.begin) or _LATIN.match(text, piece.end)
    if is_of_a_code and is_plain(piece) and not forms.is_announced(piece.begin):
        return
    done, of_run = 0, None
    for start, group in enumerate(piece.groups):
        is_clear = group.startswith("0")
        if start < done or (start and not is_clear) or _is_beginning(text, piece, start):
            continue
        for end in ends(piece, start, least_groups=2):
            part = piece.part(start, end)
            if not _may_be_dialled(text, part, forms, is_clear=is_clear):
                continue
            if of_run is None:
                of_run = max(_standing(text, run, forms), _standing(text, piece, forms))
            of_part = max(of_run, _standing(text, part, forms))
            if of_part is not Standing.SERIES and _is_dialled(part, forms):
                is_sure = of_part is Standing.TELEPHONE and is_clear and _is_of_few_groups(part, forms)
                yield _found(text, part, "telephone", is_sure=is_sure)
                done = end
                break


def _may_be_dialled(text: str, run: Run, forms: Forms, *, is_clear: bool) -> bool:
    """Whether the groups have no year and are no list of amounts."""
    is_single = max(map(len, run.groups)) == 1
    if any(" " in sign for sign in run.signs[1:]) if is_single else run.groups[0] == "0":  # 0 | 1 | 1 | 0, 0.25
        return False
    if is_clear:
        return not has_year(run)
    if is_single or any(map(_YEAR.fullmatch, run.groups)) or len(run.groups) > _MOST_GROUPS:
        return False
    is_of_amounts = any(map(_BETWEEN_AMOUNTS.search, run.signs[1:])) and not _is_mobile(run)
    return not is_of_amounts or forms.is_announced(run.begin)


def _is_mobile(run: Run) -> bool:
    """Whether the groups are those of a Chinese mobile number, and a sign between them is none of amounts."""
    is_of_amounts = all(map(_BETWEEN_AMOUNTS.search, run.signs[1:]))
    return [*map(len, run.groups)] in _MOBILE_CN and not is_of_amounts


# -- documents


def _documents(text: str, run: Run, forms: Forms) -> Iterator[Found]:
    """Yield the numbers of documents and accounts: sure behind a word for one, otherwise not."""
    if (
        len(run.groups) < 2
        or _THOUSANDS.fullmatch(text, run.begin, run.end)
        or _MONTHS.fullmatch(text, run.begin, run.end)
    ):
        return
    digits = run.digits
    alone = _ending_in(digits, digits, forms)
    behind = _ending_in(digits, text[max(0, run.begin - _WITH_WORD) : run.begin] + digits, forms)
    is_labelled = len(behind) > len(alone)
    if behind and (is_labelled or len(run.groups) <= _MOST_GROUPS):
        yield _found(text, run, behind[0].kind, is_sure=is_labelled and any(each.is_sure for each in behind))


def _ending_in(digits: str, text: str, forms: Forms) -> list[Found]:
    return [each for each in forms.documents(text) if each.words.endswith(digits)]


def _begin(run: Run) -> int:
    """Return the position of the plus before a run, or of its first digit."""
    sign = run.signs[0]
    return run.begin - (len(sign) - sign.rindex("+")) if has_plus(sign) else run.begin


def _found(text: str, run: Run, kind: Kind, *, is_sure: bool) -> Found:
    return Found(kind, text[_begin(run) : run.end], is_sure)
