"""Shares and ratios in digits, with any number of decimals: `13.953 %`, `.14`, `139.5 per 1,000`.

The shares that a table hides are compared with at most two decimals, so one with more is read as it is when rounded to
two. Where the third decimal decides, both neighbours are read, since an author may have cut instead of rounded.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from suar.protocol.privacy.prose.words import PER_CENT, RATIO_BEFORE
from suar.protocol.privacy.text.plain import nfkc

_SCALES: Final = (1, 10, 100)  # to zero, one and two decimals
_CENT: Final = Decimal("0.01")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,. ]\d{3})+")
_ONE_GROUP: Final = re.compile(r"\d{1,3}[,.]\d{3}")
_MONTH_OF_YEAR: Final = re.compile(r"(?:0?[1-9]|1[0-2])[.,](?:19|20|24|25)\d\d")
_BELOW_ONE: Final = re.compile(
    rf"(?:(?<![A-Za-z0-9_.,/-])0[.,]|(?<![^\s(:=])\.)\d{{1,12}}(?![\w/-]|[.,]\d|\s?(?:{PER_CENT}))", re.IGNORECASE
)
_SHARE_WORD: Final = re.compile(
    nfkc(
        r"(?:\b(?:shares?|proportions?|percentages?|persentase|peratusan|pangsa|tỷ lệ|tỉ lệ|tỷ trọng|proporção|percentage[mn]s?|quota|bahagi|porsentajen)\b"
        "|สัดส่วน|ສັດສ່ວນ|សមាមាត្រ|အချိုး|占比|比例|விகித)"
    )
    + r"[^.;\d\n]{0,32}$",
    re.IGNORECASE,
)
_THOUSAND: Final = r"(?:1[,. ]?000(?![,. ]?\d)|(?:a |one )?thousand\b|mille\b|seribu\b|(?:một )?(?:nghìn|ngàn)\b|mil\b|(?:isang )?libo\b|rihun(?: ida)?\b)"
PER_THOUSAND: Final = re.compile(
    rf"\s?‰|\s?(?:[^\W\d_]+ ){{0,2}}(?:per|in|out of|for|dari|daripada|trên|por|em|sa|iha|kada|tuir)(?: (?:every|each|setiap|mỗi|cada|bawat))? {_THOUSAND}"
    + nfkc("|\\s?(?:คน)?(?:ต่อ|ໃນ|ຕໍ່|ក្នុង|每|ஆயிரத்துக்கு|ထောင်လျှင်)\\s?(?:1[,.]?000|พัน|ພັນ|មួយពាន់|千)"),
    re.IGNORECASE,
)
POPULATION: Final = re.compile(
    r"[^.;\d\n]{0,16}\b(?:population|inhabitants|residents|births|penduduk|penghuni|dân|habitantes|populasaun|populasyon)\b"
    + nfkc("|[^.;\\d\\n]{0,8}(?:ประชากร|ປະຊາກອນ|ប្រជាជន|လူဦးရေ|人口|居民|மக்கள்தொகை)"),
    re.IGNORECASE,
)


class BelowOne(NamedTuple):
    """A share below one in plain text, as 0.14, with its words and its values in per cent."""

    words: str
    values: tuple[float, ...]


def rounded(part: int, whole: int) -> Iterator[float]:
    """Yield a ratio rounded half up to zero, one and two decimals."""
    if whole > 0:
        for scale in _SCALES:
            yield (2 * part * scale + whole) // (2 * whole) / scale


def in_per_cent(part: int, whole: int) -> Iterator[float]:
    """Yield a share in per cent, rounded half up to zero, one and two decimals."""
    return rounded(100 * part, whole)


def value_of(digits: str) -> float:
    """Return the value of digits: groups of three are thousands."""
    if _THOUSANDS.fullmatch(digits):
        return float(re.sub(r"\D", "", digits))
    return float(digits.replace(",", "."))


def is_month(digits: str) -> bool:
    """Whether digits with a decimal sign are a month with its year: 03.2026."""
    return _MONTH_OF_YEAR.fullmatch(digits) is not None


def readings(digits: str, value: float) -> tuple[float, ...]:
    """Return the values of the digits of a share or ratio, with at most two decimals.

    `value`: as a count. One group of three digits behind a sign is a number of thousands and three decimals.
    """
    if _ONE_GROUP.fullmatch(digits):
        return (value, *_rounded(Decimal(digits.replace(",", "."))))
    return _rounded(Decimal(digits.replace(",", "."))) if value % 1 else (value,)


def has_three_decimals(digits: str, before: str) -> bool:
    """Whether one group of three digits behind a sign may be decimals: behind a word for a share or ratio."""
    if _ONE_GROUP.fullmatch(digits) is None:
        return False
    return _SHARE_WORD.search(before) is not None or RATIO_BEFORE.search(before) is not None


def in_thousand(value: float) -> tuple[float, ...]:
    """Return a number per thousand in per cent."""
    return _rounded(Decimal(str(value)) / 10)


def below_one(text: str) -> Iterator[BelowOne]:
    """Yield the decimals below one in plain text: 0.13953, .14."""
    for found in _BELOW_ONE.finditer(text):
        yield BelowOne(found[0], _rounded(100 * Decimal(found[0].replace(",", "."))))


def _rounded(value: Decimal) -> tuple[float, ...]:
    """Return a value rounded half up to two decimals, and cut there if what is cut is half a unit."""
    up, down = value.quantize(_CENT, ROUND_HALF_UP), value.quantize(_CENT, ROUND_DOWN)
    is_tie = (value - down) * 2 == _CENT
    return (float(up), float(down)) if is_tie else (float(up),)
