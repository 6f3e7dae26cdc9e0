"""Counts that a text states as an expression: `3+1`, `3 x 9 men`, `thirty less twenty-six`, half a dozen.

An expression is a sum, product or difference: numbers joined by signs, or by words for signs in thirteen languages.
"""

import re
from collections.abc import Iterable, Iterator
from math import prod
from typing import Final

from suar.protocol.privacy.prose.ratios import Number
from suar.protocol.privacy.text.plain import has_digit, nfkc

TERMS_MAX: Final = 12
"""Maximum number of terms of one expression; a longer one is read as several expressions."""
_DIGITS: Final = re.compile(r"(?<![\d/_])(?<!\d[.,])(?<![^\W\d_])\d{1,4}(?![\d/_]|[.,]\d)")
_PLUS: Final = (
    r"\+|\b(?:plus|ditambah|tambah|campur|cộng(?: với)?|thêm|mais|dagdag(?:an)?(?: ng)?|idagdag)\b"
    "|บวก|ບວກ|បូក|အပေါင်း|加上?|கூட்டல்|பிளஸ்"
)
_TIMES: Final = r"[x×✕*·∙]|\b(?:times|kali|darab|nhân(?: với)?|vezes|dala|beses(?: ng)?)\b|คูณ|ຄູນ|គុណ|မြှောက်|乘以?|பெருக்கல்"
_LESS: Final = (
    r"(?<= )[-\u2212\u2013](?= )|\u2212|\b(?:minus|less|dikurangi?|kurang|tolak|trừ(?: đi)?|menos|bawas(?:an)?(?: ng)?)\b"
    "|ลบ|ລົບ|ដក|အနုတ်|减去?|減去?|கழித்தல்"
)
_HALF_A_DOZEN: Final = re.compile(
    nfkc(
        r"\bhalf[ -](?:a )?dozen\b|\b(?:setengah|separuh) (?:lusin|dozen)\b|\bnửa tá\b|\bmeia d[úu]zia\b|\bkalahating dosena\b"
        "|ครึ่งโหล|ເຄິ່ງໂຫຼ|កន្លះឡូ|ဒါဇင်ဝက်|அரை டஜன்"
    ),
    re.IGNORECASE,
)
_HALVES: Final = tuple(
    map(nfkc, ("half", "setengah", "separuh", "nửa", "meia", "kalahating", "ครึ่ง", "ເຄິ່ງ", "កន្លះ", "ဝက်", "அரை"))
)
"""A word of each of these forms."""
_SIGN: Final = re.compile(
    rf"\s{{0,2}}(?:(?P<plus>{nfkc(_PLUS)})|(?P<times>{nfkc(_TIMES)})|(?P<less>{nfkc(_LESS)}))\s{{0,2}}", re.IGNORECASE
)


def computed(text: str, spelled: Iterable[Number]) -> Iterator[Number]:
    """Yield the expressions of plain text whose value is a count. `spelled`: the numbers in words."""
    row: list[Number] = []
    signs: list[str] = []
    for number in _numbers(text, spelled):
        sign = _SIGN.fullmatch(text, row[-1].end, number.start) if row and len(row) < TERMS_MAX else None
        if sign is None:
            yield from _value(row, signs)
            row, signs = [], []
        else:
            signs.append(str(sign.lastgroup))
        row.append(number)
    yield from _value(row, signs)
    small = text.lower()
    if any(map(small.__contains__, _HALVES)):
        yield from (Number(*half.span(), 6) for half in _HALF_A_DOZEN.finditer(text))


def _numbers(text: str, spelled: Iterable[Number]) -> list[Number]:
    """Return the numbers in order of position, one per starting position."""
    digits = (Number(*each.span(), int(each[0])) for each in (_DIGITS.finditer(text) if has_digit(text) else ()))
    found: list[Number] = []
    for each in sorted([*digits, *spelled], key=lambda number: (number.start, -number.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def _value(row: list[Number], signs: list[str]) -> Iterator[Number]:
    if len(row) < 2:
        return
    terms: list[tuple[int, list[int]]] = [(1, [row[0].value])]
    for sign, number in zip(signs, row[1:], strict=True):
        if sign == "times":
            terms[-1][1].append(number.value)
        else:
            terms.append((-1 if sign == "less" else 1, [number.value]))
    value = sum(factor * prod(values) for factor, values in terms)
    if value > 0:
        yield Number(row[0].start, row[-1].end, value)
