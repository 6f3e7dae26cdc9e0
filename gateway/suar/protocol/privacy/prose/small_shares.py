"""Shares in spellings of their own: decimals in words (`zero point seven per cent`), parts of a thousand or ten thousand
that are named first (`千分之七`), basis points, decimals without a digit in front (`.7 %`), and one in more than a hundred.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from suar.protocol.privacy.prose.ratios import OF, Number
from suar.protocol.privacy.prose.shares import in_per_cent, value_of
from suar.protocol.privacy.prose.words import PER_CENT, SHARE_AFTER, SHARE_BEFORE
from suar.protocol.privacy.text.plain import nfkc

_POINT: Final = nfkc(
    r"point|dot|decimal|koma|titik|perpuluhan|phẩy|chấm|vírgula|virgula|ponto|punto|tuldok|จุด|ຈຸດ|ក្បៀស|ចុច|ဒသမ|点|點|புள்ளி|தசம"
)
_POINT_BETWEEN: Final = re.compile(rf"[ -]?(?:{_POINT})[ -]?", re.IGNORECASE)
_POINT_BEFORE: Final = re.compile(rf"(?<![^\W_])(?:{_POINT})[ -]?$", re.IGNORECASE)
_NEXT: Final = re.compile("[ -]?")
_SEEN: Final = 48
_DIGITS_MAX: Final = 6
_THOUSANDTHS: Final = {"千": 10, "万": 100, "萬": 100}
_OF_THOUSAND: Final = re.compile(r"([千万萬])分之 ?$")
_BASIS_POINTS: Final = re.compile(
    r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,2})?) ?(?:basis[ -]points?|bps?\b|poin basis|mata asas)", re.IGNORECASE
)
_NO_DIGIT_FIRST: Final = re.compile(rf"(?<![\w.,])[.,](\d{{1,6}}) ?(?:{PER_CENT})", re.IGNORECASE)
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+|\d{1,6}(?:[.,]\d{1,4})?"
_IN_MANY: Final = re.compile(
    rf"(?<![\w.,/-])(?:({_NUMBER})|(?:one|a)\b)({OF})({_NUMBER})(?![\w/-]|[.,]\d)", re.IGNORECASE
)
_HUNDRED: Final = 100
_YEARS: Final = (range(2001, 2101), range(2501, 2601))


class SmallShare(NamedTuple):
    """A share in plain text with its span. `value`: in per cent; of `is_one_in`, in how many there is one."""

    start: int
    end: int
    value: float
    is_one_in: bool = False


def decimals_in_words(text: str, spelled: Iterable[Number]) -> Iterator[SmallShare]:
    """Yield the shares whose decimals are in words; `spelled`: the numbers in words of one language."""
    numbers = sorted(spelled)
    for at, one in enumerate(numbers):
        is_whole = at + 1 < len(numbers) and _POINT_BETWEEN.fullmatch(text, one.end, numbers[at + 1].start) is not None
        point = None if is_whole else _POINT_BEFORE.search(text, max(0, one.start - _SEEN), one.start)
        if not is_whole and (point is None or (at and numbers[at - 1].end + 1 >= point.start())):
            continue
        start = one.start if point is None else point.start()
        digits, end = _decimals(text, numbers[at + 1 :] if is_whole else numbers[at:])
        if SHARE_AFTER.match(text[end : end + _SEEN]) or SHARE_BEFORE.search(text[max(0, start - _SEEN) : start]):
            yield SmallShare(start, end, round(float(f"{one.value if is_whole else 0}.{digits}"), 2))


def _decimals(text: str, numbers: Sequence[Number]) -> tuple[str, int]:
    """Return the digits of consecutive number words, and where they end."""
    digits, end = str(numbers[0].value), numbers[0].end
    for one in numbers[1:]:
        if len(digits) >= _DIGITS_MAX or one.value > 9 or not _NEXT.fullmatch(text, end, one.start):
            break
        digits, end = digits + str(one.value), one.end
    return digits, end


def small_shares(text: str, numbers: Iterable[Number]) -> Iterator[SmallShare]:
    """Yield the other shares of this module in plain text; `numbers`: its whole numbers."""
    for number in numbers if "分之" in text else ():
        of = _OF_THOUSAND.search(text, max(0, number.start - 5), number.start)
        if of:
            yield SmallShare(of.start(), number.end, round(number.value / _THOUSANDTHS[of[1]], 2))
    for found in _BASIS_POINTS.finditer(text):
        yield SmallShare(*found.span(), round(value_of(found[1]) / 100, 2))
    for found in _NO_DIGIT_FIRST.finditer(text):
        yield SmallShare(*found.span(), round(float(f"0.{found[1]}"), 2))
    for found in _IN_MANY.finditer(text):
        yield from _of_many(found, value_of(found[1] or "1"), value_of(found[3]))


def _of_many(found: re.Match[str], part: float, whole: float) -> Iterator[SmallShare]:
    if whole <= _HUNDRED or not 0 < part < whole or any(whole in years for years in _YEARS):
        return
    if part == 1:
        yield SmallShare(*found.span(), whole, is_one_in=True)
    else:  # to two decimals only, as whole per cent equal too much
        *_, share = in_per_cent(round(part * 100), round(whole * 100))
        yield SmallShare(*found.span(), share)
