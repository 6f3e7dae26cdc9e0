"""Numbers in a row that are no telephone: hours, numbers that count on, rates, bands of ages, cases with years, codes.

One place for the search for telephones and for that of numbers in parts. A series needs its form, and mostly a word for
it beside it; without the word, or where the digits may be a telephone as well, the numbers are held. Behind a word for a
call there are no series.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from itertools import pairwise
from typing import Final

from suar.protocol.privacy.identifiers.number_runs import LEAST_DIGITS, MOST_DIGITS, Run, around, has_plus
from suar.protocol.privacy.text.call_words import is_called, is_own_call
from suar.protocol.privacy.text.number_words import (
    NUMBERED,
    OF_AGES,
    OF_CASES,
    OF_CLASSES,
    OF_CODES,
    OF_COURTS,
    OF_LAWS,
    OF_QUANTITIES,
    OF_RATES,
    OF_TIMES,
    is_document_named,
)


class Standing(IntEnum):
    """What numbers in a row are: `TELEPHONE` if their digits are one, `EITHER`, or a `SERIES` of other numbers."""

    TELEPHONE = 0
    EITHER = 1
    SERIES = 2


_BEFORE, _AFTER = 60, 32  # characters that may have a word for the series
_LABELS: Final = re.compile(r"(?<![\w/])[^\W\d]{1,12}\d{0,4}(?: ?/ ?[^\W\d]{1,12}\d{0,4}){2,11}[:.]? ?$")
_ABBREVIATION: Final = re.compile(
    r" ?/ ?(?!(?:WA|HP|TEL|SMS|LINE|IG|FB|TG)\b)[A-ZĐ]{1,6}\d{0,2}(?:-[A-ZĐ][A-Za-zĐđ]{0,6})?(?!\w)"
)  # 12/2020/QD-TTg
_YEAR: Final = re.compile(r"(?:19|20|24|25)\d\d")
_LETTER: Final = re.compile(r"(?<![\w-])[A-Z]{1,3}-$")
_LEAST_SURE = 4  # groups of a telephone number are rarely more
_MOST_GROUPS: Final = 64  # numbers of a series that is looked at
_OLDEST, _HOURS, _MINUTES, _STEP = 120, 24, 60, 5
"""What few times are a multiple of, as telephones rarely are: an hour and a minute have as many digits."""


def standing_at(text: str, start: int, end: int, *, is_announced: bool) -> Standing:
    """Return what the numbers around a span of plain text are. `is_announced`: whether a word for a call is before."""
    return max(
        (standing(text, run, is_announced=is_announced) for run in around(text, start, end)), default=Standing.TELEPHONE
    )


def standing(text: str, run: Run, *, is_announced: bool) -> Standing:
    """Return what the numbers of a run are. `is_announced`: whether a word for a call is before it."""
    if not 2 <= len(run.groups) <= _MOST_GROUPS or has_plus(run.signs[0]):
        return Standing.TELEPHONE
    if is_announced:
        return _padded(text, run)
    if max(map(len, run.groups)) >= LEAST_DIGITS:
        return Standing.TELEPHONE
    return max(form(text, run) for form in _FORMS)


def is_list_of_values(text: str, run: Run) -> bool:
    """Return whether each number of a run stands behind a label or a key of its own, however long the numbers are."""
    if not 2 <= len(run.groups) <= _MOST_GROUPS:
        return False
    return _labelled(text, run) is not Standing.TELEPHONE or _keyed(text, run) is Standing.SERIES


def _has_word(text: str, run: Run, words: re.Pattern[str]) -> bool:
    return (
        words.search(text, max(0, run.begin - _BEFORE), run.begin) is not None
        or words.search(text, run.end, run.end + _AFTER) is not None
    )


def _by_word(text: str, run: Run, words: re.Pattern[str], without: Standing = Standing.EITHER) -> Standing:
    return Standing.SERIES if _has_word(text, run, words) else without


def _held_by_word(text: str, run: Run, words: re.Pattern[str]) -> Standing:
    return Standing.EITHER if _has_word(text, run, words) else Standing.TELEPHONE


def _is_in_pairs(run: Run, within: str) -> bool:
    """Whether the groups are pairs with one of these signs within each and another sign between two."""
    inner, outer = frozenset(run.signs[1::2]), frozenset(run.signs[2::2])
    return len(run.groups) % 2 == 0 and len(inner) == 1 and inner.isdisjoint(outer) and inner <= frozenset(within)


def _is_even(run: Run) -> bool:
    """Whether all groups have the same length, below that of a telephone, and the same sign, no blank, between them."""
    is_even = len(set(map(len, run.groups))) == 1 and len(set(run.signs[1:])) == 1
    return is_even and run.signs[1] != " " and len(run.groups[0]) < LEAST_DIGITS


def _is_of_one_length(groups: list[str]) -> bool:
    return len(set(map(len, groups))) == 1 and len(groups[0]) < LEAST_DIGITS


def _is_rising(values: list[int]) -> bool:
    return all(value < later for value, later in pairwise(values))


def _padded(_: str, run: Run) -> Standing:
    """Three numbers or more with the same digits, all with a leading 0: codes, or counts in a column."""
    is_code = len(run.groups) > 2 and _is_even(run) and all(each[0] == "0" for each in run.groups)
    return Standing.EITHER if is_code and run.signs[1] not in "-." else Standing.TELEPHONE


def _counting(_: str, run: Run) -> Standing:
    """1,2,3; two or three groups may be a telephone as well."""
    values = list(map(int, run.groups))
    is_counted = all(later - value == 1 for value, later in pairwise(values)) and len(run.groups[-1]) < LEAST_DIGITS
    if not is_counted or " " in run.signs:
        return Standing.TELEPHONE
    if len(values) >= _LEAST_SURE or (run.groups[0][0] != "0" and not set(run.signs[1:]) <= {"-", ".", "/"}):
        return Standing.SERIES
    return Standing.EITHER if len(values) > 2 or run.groups[0][0] == "0" else Standing.TELEPHONE


def _times(text: str, run: Run) -> Standing:
    """08:30-12:00/13:00-17:30, 08.15-12.45, 0815/0915/1015/1115."""
    if _is_in_pairs(run, ":."):
        if any(len(each) != 2 for each in run.groups[1::2]) or any(len(each) > 2 for each in run.groups[::2]):
            return Standing.TELEPHONE
        hours, minutes = list(map(int, run.groups[::2])), list(map(int, run.groups[1::2]))
        is_range = len(hours) == 2 and run.signs[1] == ":"
    elif _is_even(run) and len(run.groups[0]) == 4:  # hours and minutes
        hours, minutes = [int(each[:2]) for each in run.groups], [int(each[2:]) for each in run.groups]
        is_range = False
    else:
        return Standing.TELEPHONE
    if max(hours) > _HOURS or max(minutes) >= _MINUTES:
        return Standing.TELEPHONE
    is_even = not any(minute % _STEP for minute in minutes)
    if is_range and run.signs[2].strip() in ("-", "~"):
        return Standing.SERIES if is_even else Standing.EITHER
    if any(value > later for value, later in pairwise(zip(hours, minutes, strict=True))):
        return Standing.TELEPHONE
    return _of_rising_times(text, run, is_even=is_even)


def _of_rising_times(text: str, run: Run, *, is_even: bool) -> Standing:
    is_long = len(run.digits) > MOST_DIGITS
    if len(run.groups[0]) == 4 and not is_long:  # hours and minutes
        return _held_by_word(text, run, OF_TIMES)
    if is_long and run.signs[1] == ":":
        return Standing.SERIES
    return _by_word(text, run, OF_TIMES) if is_even or is_long else Standing.EITHER


def _rates(text: str, run: Run) -> Standing:
    """0.12/0.34/0.56; with other figures before the dot, as in a telephone by single digits, they are held."""
    if not _is_in_pairs(run, ".,") or len(run.groups) < _LEAST_SURE:
        return Standing.TELEPHONE
    if set(run.signs[2::2]) == {" "} and max(map(len, run.groups)) <= 2:  # 0.8 1.25 3.4
        is_padded = any(len(each) > 1 and each[0] == "0" for each in run.groups[::2])
        return Standing.TELEPHONE if is_padded else Standing.EITHER
    if len(set(map(len, run.groups[1::2]))) != 1:
        return Standing.TELEPHONE
    if set(run.groups[::2]) == {"0"}:
        return _by_word(text, run, OF_RATES)
    is_decimal = all(each == "0" or each[0] != "0" for each in run.groups[::2]) and len(run.groups[1]) <= 2
    return _held_by_word(text, run, OF_RATES) if is_decimal else Standing.TELEPHONE


def _bands(text: str, run: Run) -> Standing:
    """0-8/9-17/18-20: each band begins where the one before ends; the last may be open."""
    values = list(map(int, run.groups))
    bands = run.part(0, len(values) // 2 * 2)
    if len(bands.groups) < _LEAST_SURE or not _is_in_pairs(bands, "-") or run.signs[-1] == "-" == run.signs[-2]:
        return Standing.TELEPHONE
    follows = all(begin == end + 1 for end, begin in zip(values[1::2], values[2::2], strict=False))
    is_padded = any(len(each) > 1 and each[0] == "0" for each in run.groups)
    if not follows or not _is_rising(values) or values[-1] > _OLDEST or is_padded:
        return Standing.TELEPHONE
    return _by_word(text, run, OF_AGES)


def _is_of_a_document(text: str, run: Run) -> bool:
    """Whether a word says that it is the number of a document: for one as long as a telephone more than `no.` says it."""
    if len(run.groups) > 2 or len(run.digits) < LEAST_DIGITS:
        return _has_word(text, run, OF_CASES)
    return is_document_named(text, run.begin, run.end)


def _of_documents(text: str, run: Run) -> Standing:
    """Numbers with a year: near a word for a telephone they are one behind `no.`, and held behind a document's word."""
    is_document, is_long = _is_of_a_document(text, run), len(run.digits) >= LEAST_DIGITS
    if is_long and (is_own_call if is_document else is_called)(text, run.begin, run.end):
        return Standing.EITHER if is_document else Standing.TELEPHONE
    return Standing.SERIES if is_document else Standing.EITHER


def _courts(text: str, run: Run) -> Standing:
    """09-123456-58, J-05-11-2011: three parts or more behind a court's word or letter; the last is short or a year."""
    is_year = _YEAR.fullmatch(run.groups[-1]) is not None
    if len(run.groups) < 3 or not set(run.signs[1:]) <= {"-", "/"} or not (is_year or len(run.groups[-1]) <= 2):
        return Standing.TELEPHONE
    is_case = OF_COURTS.search(text, max(0, run.begin - _BEFORE), run.begin) and not is_called(text, run.begin, run.end)
    is_lettered = is_year and _LETTER.search(text, max(0, run.begin - 4), run.begin)
    return Standing.EITHER if is_case or is_lettered else Standing.TELEPHONE


def _cases(text: str, run: Run) -> Standing:
    """Numbers with years, 234/2565, and decrees, 12/2020/QD-TTg; several numbers with the year of the last."""
    years = [_YEAR.fullmatch(each) is not None for each in run.groups]
    if len(years) == 2 and any(years) and run.signs[1] == "-":
        numbered = max(map(len, run.groups)) <= 4 and NUMBERED.search(text, max(0, run.begin - 12), run.begin)
        return Standing.EITHER if numbered and not is_called(text, run.begin, run.end) else Standing.TELEPHONE
    is_abbreviated = _ABBREVIATION.match(text, run.end) is not None
    if any(sign not in ("/", " / ") for sign in run.signs[1::2]):
        return Standing.TELEPHONE
    if len(years) == 2 and is_abbreviated:
        return Standing.SERIES if years[1] else Standing.EITHER
    is_listed = (
        len(years) % 2 == 0 and (all(years[1::2]) or all(years[::2])) and (len(years) == 2 or _is_in_pairs(run, "/"))
    )
    if is_listed and all(len(each) <= 4 for each in run.groups):
        return _of_documents(text, run)
    is_held = years[-1] and _is_even(run) and len(years) > 2
    return _held_by_word(text, run, OF_CASES) if is_held else Standing.TELEPHONE


def _ranges(text: str, run: Run) -> Standing:
    """ISIC 9601-9609: of two divisions they are held, and so is 8123-8500 per month, before a word for a quantity."""
    first, last = run.groups[0], run.groups[-1]
    is_range = len(run.groups) == 2 and run.signs[1].strip() == "-" and 4 <= len(first) == len(last) <= 5
    if not is_range or first >= last or is_called(text, run.begin, run.end):
        return Standing.TELEPHONE
    if OF_CLASSES.search(text, max(0, run.begin - _BEFORE), run.begin):
        return Standing.SERIES if first[:2] == last[:2] else Standing.EITHER
    return Standing.EITHER if OF_QUANTITIES.match(text, run.end) else Standing.TELEPHONE


def _codes(text: str, run: Run) -> Standing:
    """ISIC 0311/0312/0321, CPC 03.11-03.12, U.S.C. 22/7101-7114: held, unless a range within one chapter.

    HS 0301.11 0302.13 0303.14: with more digits than a telephone they pass beside a word for codes, fewer are held.
    """
    is_slashed = run.signs[1].strip() in ("/", ",", ";", "|")
    if len(run.groups) == 3 and is_slashed and run.signs[2] == "-" and _is_rising([*map(int, run.groups[1:])]):
        return _held_by_word(text, run, OF_LAWS)
    if len(run.groups) > 2 and _is_even(run) and is_slashed:
        return _held_by_word(text, run, OF_CODES)
    is_zeroed = all(each[0] == "0" for each in run.groups)
    if len(run.groups) > 2 and is_zeroed and _is_of_one_length(run.groups) and set(run.signs[1:]) == {" "}:
        return _held_by_word(text, run, OF_CODES)
    heads, tails = run.groups[::2], run.groups[1::2]
    is_tariff = len(run.groups) > 2 and _is_in_pairs(run, ".") and _is_of_one_length(heads) and _is_of_one_length(tails)
    if is_tariff and 3 <= len(heads[0]) <= 4 and len(tails[0]) <= 3 and all(each[0] == "0" for each in heads):
        return _by_word(text, run, OF_CODES) if len(run.digits) > MOST_DIGITS else Standing.EITHER
    is_chapter = len(run.groups) == 4 and _is_in_pairs(run, ".") and run.groups[0] == run.groups[2]
    if is_chapter and len(run.groups[1]) == len(run.groups[3]) and run.groups[1] < run.groups[3]:
        return _by_word(text, run, OF_CODES, Standing.TELEPHONE)
    return Standing.TELEPHONE


def _rising(_: str, run: Run) -> Standing:
    """0 120 340 560, 0 - 12 - 340 - 560: from nothing on, in round numbers or with blanks around the signs."""
    first, *others = run.groups
    is_rising = first == "0" and len(others) > 2 and _is_rising([*map(int, run.groups)])
    if not is_rising or any(each[0] == "0" for each in others):
        return Standing.TELEPHONE
    is_round = not any(int(each) % _STEP for each in others)
    return Standing.EITHER if is_round or set(run.signs[1:]) == {" - "} else Standing.TELEPHONE


def _labelled(text: str, run: Run) -> Standing:
    """Q1/Q2/Q3/Q4: 300/320/340/340: as many labels as numbers."""
    if set(run.signs[1:]) != {"/"} or len(run.groups) <= 2:
        return Standing.TELEPHONE
    labels = _LABELS.search(text, max(0, run.begin - 2 * _BEFORE), run.begin)
    if labels is None or labels[0].count("/") != len(run.groups) - 1:
        return Standing.TELEPHONE
    is_sure = len(run.groups) >= _LEAST_SURE and all(each[0] != "0" for each in run.groups)
    return Standing.SERIES if is_sure else Standing.EITHER


def _keyed(_: str, run: Run) -> Standing:
    """01/120 02/130 03/125, 2019-120 2020-130 2021 140: each number behind its own, from the first, or its year."""
    keys, are_years = list(map(int, run.groups[::2])), all(map(_YEAR.fullmatch, run.groups[::2]))
    if len(keys) <= 2 or not (are_years or keys[0] == 1) or keys != list(range(keys[0], keys[0] + len(keys))):
        return Standing.TELEPHONE
    is_blank = are_years and len(run.groups) % 2 == 0 and set(run.signs[1:]) == {" "}
    return Standing.SERIES if is_blank or _is_in_pairs(run, "/:=-") else Standing.TELEPHONE


_FORMS: Final[tuple[Callable[[str, Run], Standing], ...]] = (
    _padded, _counting, _times, _rates, _bands, _cases, _courts, _ranges, _codes, _rising, _labelled, _keyed,
)  # fmt: skip
