"""Ratios of two counts, and fractions with a slash or in words: `12 women for every man`, `12:1`, `12/13`, `three eighths`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from suar.protocol.privacy.prose.ratios import Number, Ratio
from suar.protocol.privacy.prose.shares import in_per_cent, rounded
from suar.protocol.privacy.prose.words import LATIN_PERSONS, NAMED_PERSONS, OTHER_PERSONS, RATIO_BEFORE, SEXES
from suar.protocol.privacy.text.plain import nfkc

_ANY: Final = r"[^.;:\d\n]"
_PER: Final = nfkc(
    r"(?:\b(?:per(?! ?cent)|for (?:every|each|one|a)|to (?:every|each|one|a)|against (?:every|each|one)|untuk (?:setiap|tiap|satu)|bagi (?:setiap|tiap|satu)|berbanding(?: dengan)?|banding"
    r"|trên (?:mỗi|một)|cho mỗi|với mỗi|mỗi|sa (?:bawat|isang)|bawat|kada|para cada|por cada|por|para um|para uma|ba kada|kada)\b"
    "|ต่อ|ຕໍ່|ទល់នឹង|ក្នុង|សម្រាប់|လျှင်|对|對|比)"
)
_PERSON: Final = rf"(?:(?:{LATIN_PERSONS})(?![^\W\d_])|{OTHER_PERSONS}|{SEXES})"
_PER_AFTER: Final = re.compile(rf"{_ANY}{{0,24}}?{_PER}\s?(?:[^\W\d_]+ )?{_PERSON}", re.IGNORECASE)
_FOR_EACH_BEFORE: Final = re.compile(
    nfkc(
        rf"(?:(?:\b(?:(?:for|to|per) (?:every|each|one|a)|per|(?:untuk|bagi|tiap) (?:setiap|satu)?|setiap|mỗi|sa bawat|bawat|para cada|por cada|cada|kada)\b|每|ต่อ|ทุก|ຕໍ່|ທຸກ)\s?(?:名|位|个)?\s?{_PERSON}"
        rf"|ஒரு (?:ஆணுக்கு|பெண்ணுக்கு)|(?:အမျိုးသား|အမျိုးသမီး)\s?(?:တစ်ဦး|တစ်ယောက်)?လျှင်){_ANY}{{0,24}}$"
    ),
    re.IGNORECASE,
)
_TO: Final = re.compile(
    nfkc(
        r" ?: ?| (?:to|banding|berbanding|nisbah|trên|para|ba|kontra|sa) |\s?(?:ต่อ|ຕໍ່|ទល់នឹង|ធៀបនឹង|အချိုး|对|對|比|க்கு)\s?"
        rf"|{_ANY}{{1,20}}?(?:{_PER}|\b(?:to|trên|para|ba|sa)\b){_ANY}{{0,10}}?"
    ),
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\b(?:from|dari|từ|de|mula|husi)\s$", re.IGNORECASE)
_HOURS: Final = re.compile(r" ?(?:a\.?m\b|p\.?m\b|hrs?\b|h\b|น\.|WIB)|[:.]\d", re.IGNORECASE)
_FRACTION_SLASH: Final = re.compile(r"(?<![A-Za-z0-9_.,/-])(\d{1,3}) ?[/\u2044] ?(\d{1,3})(?![\d/-]|[.,]\d|[A-Za-z])")
_OF_A_DATE: Final = re.compile(
    nfkc(
        r"(?:\b(?:on|of|from|until|since|date[ds]?|by|tanggal|tgl|tarikh|ngày|dia|noong|loron|petsa)|วันที่|ວັນທີ|ថ្ងៃទី|ရက်|日)[ :.]{0,2}$"
    ),
    re.IGNORECASE,
)
_OF_AFTER: Final = re.compile(r" (?:of|dari|daripada|của|d[eao]s?|sa|husi) ")
_OF_SEX: Final = nfkc(
    rf"(?:(?<![^\W_])(?:wom[ae]n|m[ae]n|girls?|boys?|females?|males?|perempuan|wanita|laki-laki|lelaki|phụ nữ|nữ|nam giới|nam|babae|lalaki|mulher(?:es)?|homens?|homem|feto|mane)(?![^\W_])|{SEXES})"
)
_SEX_BEFORE: Final = re.compile(rf"{_OF_SEX}[ :,(]{{0,3}}$", re.IGNORECASE)
_SEX_AFTER: Final = re.compile(rf"[ ),]{{0,2}}{_OF_SEX}", re.IGNORECASE)
_MORE: Final = re.compile(
    # 60.6 % more women than men; men are 37.7 % below women
    nfkc(
        r"\b(?:more|fewer|less|lower|higher|greater|larger|smaller|above|below|exceed\w*|outnumber\w*|than|lebih|kurang|daripada|nhiều hơn|ít hơn|hơn|mais|menos|acima|abaixo|liu|menus|mas (?:marami|kaunti)|higit)\b"
        "|มากกว่า|น้อยกว่า|สูงกว่า|ต่ำกว่า|ຫຼາຍກວ່າ|ຫລາຍກວ່າ|ໜ້ອຍກວ່າ|ច្រើនជាង|តិចជាង|ပိုများ|ပိုနည်း|[多少高低]|அதிக|குறை"
    ),
    re.IGNORECASE,
)
_WITHIN: Final = 24
_LARGEST: Final = 100
_ORDINALS: Final = dict(
    zip(
        [
            "thirds",
            "fourths",
            "fifths",
            "sixths",
            "sevenths",
            "eighths",
            "ninths",
            "tenths",
            "elevenths",
            "twelfths",
            "thirteenths",
        ],
        range(3, 14),
        strict=True,
    )
) | {"terços": 3, "quartos": 4, "quintos": 5, "sextos": 6, "sétimos": 7, "oitavos": 8, "nonos": 9, "décimos": 10}
_PARTS: Final = re.compile(
    rf"[ -]({'|'.join(each + ('?' if each.endswith('s') else '') for each in _ORDINALS)})\b", re.IGNORECASE
)


def proportions(text: str, numbers: Iterable[Number]) -> Iterator[tuple[str, float]]:
    """Yield the words and the value of each ratio of two counts in plain text; `numbers`: its whole numbers."""
    in_order = sorted(set(numbers))
    for at, one in enumerate(in_order):
        before, after = text[max(0, one.start - 2 * _WITHIN) : one.start], text[one.end : one.end + 2 * _WITHIN]
        if one.value > 1 and (_PER_AFTER.match(after) or _FOR_EACH_BEFORE.search(before)):
            yield text[one.start : one.end], float(one.value)
        for other in in_order[at + 1 : at + 3]:
            if 1 <= other.start - one.end <= 2 * _WITHIN and _TO.fullmatch(text, one.end, other.start):
                yield from _of_two(text, one, other)


def is_per_person(after: str) -> bool:
    """Whether the text behind a number tells how many of one count there are to one of another: women per man."""
    return _PER_AFTER.match(after) is not None


def is_next_to_person(text: str, start: int, end: int) -> bool:
    """Whether a word for persons of a sex is right beside a span of plain text."""
    return (
        _SEX_BEFORE.search(text, max(0, start - _WITHIN), start) is not None or _SEX_AFTER.match(text, end) is not None
    )


def is_comparison(before: str, after: str) -> bool:
    """Whether a percentage between these texts tells by how much one count is above or below another one."""
    return any(
        _MORE.search(part) for part in (re.split(r"[.;\n](?!\d)", before)[-1], re.split(r"[.;\n](?!\d)", after)[0])
    )


def _of_two(text: str, one: Number, other: Number) -> Iterator[tuple[str, float]]:
    words = text[one.start : other.end]
    least, most = sorted((one.value, other.value))
    if least < 1 or most < 2 or _FROM.search(text, max(0, one.start - 8), one.start) or _HOURS.match(text, other.end):
        return
    if least == 1:
        yield words, float(most)
    elif RATIO_BEFORE.search(text[max(0, one.start - 2 * _WITHIN) : one.start]) or (
        ":" in text[one.end : other.start] and _has_persons(text, one.start, other.end)
    ):
        yield from ((words, value) for value in rounded(most, least) if value % 1 or not most % least)


def fractions(text: str, numbers: Iterable[Number]) -> Iterator[Ratio]:
    """Yield the fractions in plain text with a slash, and those of an English or Portuguese number and its parts.

    What may be a day and a month is one only near a word for persons and behind no word for a date.
    """
    for found in _FRACTION_SLASH.finditer(text):
        part, whole = int(found[1]), int(found[2])
        is_date = part <= 31 and whole <= 12
        is_part = _OF_AFTER.match(text, found.end()) is not None or _has_persons(text, *found.span())
        if is_date and (not is_part or _OF_A_DATE.search(text, max(0, found.start() - _WITHIN), found.start())):
            continue
        yield from _shares(found[0], part, whole)
    for number in numbers:
        parts = _PARTS.match(text, number.end)
        if parts:
            name = parts[1].lower()
            yield from _shares(
                text[number.start : parts.end()], number.value, _ORDINALS.get(name) or _ORDINALS[name + "s"]
            )


def _has_persons(text: str, start: int, end: int) -> bool:
    """Whether a word for persons is near a span of plain text."""
    return any(NAMED_PERSONS.search(text, *span) for span in ((max(0, start - _WITHIN), start), (end, end + _WITHIN)))


def _shares(words: str, part: int, whole: int) -> Iterator[Ratio]:
    if 0 < part < whole <= _LARGEST:
        yield from (Ratio(words, share) for share in in_per_cent(part, whole))
