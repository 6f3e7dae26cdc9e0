"""Shares stated as fractions (`one in ten`, `sepersepuluh`) or in tenths (`六成一`), and factors (`4.4-fold`)."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.prose.shares import in_per_cent, readings, value_of
from suar.protocol.privacy.prose.words import NAMED_PERSONS
from suar.protocol.privacy.text.numerals import morphemes
from suar.protocol.privacy.text.plain import has_digit, nfkc


class Number(NamedTuple):
    """A whole number in plain text, in digits or words, with its position."""

    start: int
    end: int
    value: int


class Ratio(NamedTuple):
    """A share in per cent, or a factor, with its words. `is_exact`: whether it is stated in per cent.
    `is_one_in`: in how many persons there is one.
    """

    words: str
    value: float
    is_factor: bool = False
    is_exact: bool = False
    is_one_in: bool = False


_OF_MOST: Final = 100  # largest denominator of a fraction
_BETWEEN_MAX: Final = 32
OF: Final = nfkc(
    r"(?: [^\W\d_]+)?(?: in(?: every| each)?| out of(?: every)?| of every| (?:dari|daripada|dalam)(?: setiap)?| trên| trong| phần| em(?: cada)?| de cada"
    r"| sa(?: bawat)?| husi| hosi| iha)(?: the)? |[-/ ]?(?:ใน|ส่วน|ໃນ|ສ່ວນ|ក្នុងចំណោម|ភាគ)(?:ทุก)? ?"
)
"""What stands between the numbers of a share: one in ten."""
_OF: Final = re.compile(OF, re.IGNORECASE)
_PARTS_FIRST: Final = re.compile(" ?分之 ?")
_ID: Final = {word: value for word, (_, value) in morphemes("id").items()}
_PER: Final = re.compile(
    r"\b(?:(se)|(satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|\d) )per(dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|sepuluh)\b",
    re.IGNORECASE,
)
_HAN: Final = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2}
_TENTHS: Final = re.compile(
    r"([一二两三四五六七八九]|(?<![\d.])\d)成(?:([一二三四五六七八九半])|(?![不为功立员本就果长年都熟绩品因]))"
)
_TIMES: Final = nfkc(
    r"[ -]?fold\b| times\b| ?×| ?x\b| kali\b| lần\b| vezes\b| beses\b| dala\b|\s?เท่า|\s?ເທົ່າ|\s?ដង|\s?ဆ(?![\u102b-\u103e])|\s?倍|\s?மடங்கு"
)
_TIMES_AFTER: Final = re.compile(_TIMES, re.IGNORECASE)
_IN_DIGITS: Final = re.compile(rf"(?<![A-Za-z0-9_.,/-])(\d{{1,4}}(?:[.,]\d{{1,12}})?)(?:{_TIMES})", re.IGNORECASE)
_FOLD: Final = re.compile(r"\b(two|three|four|five|six|seven|eight|nine|ten)fold\b", re.IGNORECASE)


_IN_WORDS: Final = {
    # half as many, doubled, tripled
    r"\b(?:halved|halving|half as many|by (?:a )?half|(?:separuh|setengah)(?:nya)?|(?:một |giảm )nửa|metade|kalahati(?:ng)?)\b|ครึ่งหนึ่ง|ครึ่ง|ເຄິ່ງໜຶ່ງ|ເຄິ່ງ|ពាក់កណ្តាល|တစ်ဝက်|ထက်ဝက်|一半|减半|減半|பாதி(?!க்|ப்)": 2,
    r"\b(?:doubl(?:ed|ing)|twice as many|dua kali (?:lipat|ganda)|berganda|gấp đôi|duplic(?:ou|aram)|dobr(?:ou|aram)|o dobro|dumoble|doble|dobra)\b|สองเท่า|เท่าตัว|ສອງເທົ່າ|ទ្វេដង|နှစ်ဆ|翻番|翻了一番|翻倍|加倍|இரட்டிப்ப|இருமடங்கு": 2,
    r"\b(?:tripl(?:ed|ing)|trebled|three times as many|tiga kali (?:lipat|ganda)|gấp ba|triplic(?:ou|aram)|triple)\b|สามเท่า|ສາມເທົ່າ|បីដង|သုံးဆ|மும்மடங்கு": 3,
}
_FACTORS_IN_WORDS: Final = tuple((re.compile(nfkc(form), re.IGNORECASE), value) for form, value in _IN_WORDS.items())
_A_HALF: Final = _FACTORS_IN_WORDS[0][0]
_ANY_FACTOR: Final = tuple(
    map(
        nfkc,
        (
            "hal", "doubl", "twice", "tripl", "trebl", "times", "paruh", "tengah", "ganda", "lipat", "nửa", "gấp", "metade", "dobr", "dupli", "doble", "dumob", "kalaha",
            "ครึ่ง", "เท่า", "ເຄິ່ງ", "ເທົ່າ", "កណ្តាល", "ដង", "ဝက်", "ဆ", "半", "翻", "倍", "பாதி", "இரட்டிப்ப", "மடங்கு",
        ),
    )
)  # fmt: skip
"""A part of every match of the factors in words."""
_SENTENCE: Final = re.compile(r"[^.!?;。！？\n]+")


def ratios_in_words(text: str) -> Iterator[Ratio]:
    """Yield the factors in words of their own in plain text, in a sentence with a word for persons: halved, doubled."""
    small = text.lower()
    for sentence in _SENTENCE.finditer(text) if any(map(small.__contains__, _ANY_FACTOR)) else ():
        found = [(each[0], value) for form, value in _FACTORS_IN_WORDS for each in form.finditer(sentence[0])]
        if found and NAMED_PERSONS.search(sentence[0]):
            yield from (Ratio(words, float(value), is_factor=True) for words, value in found)
            yield from (Ratio(each[0], 2.0, is_one_in=True) for each in _A_HALF.finditer(sentence[0]))


def ratios(text: str, numbers: Iterable[Number]) -> Iterator[Ratio]:
    """Yield the fractions, tenths and factors in plain text; `numbers`: its whole numbers."""
    in_order = sorted(set(numbers))
    for at, one in enumerate(in_order):
        if _TIMES_AFTER.match(text, one.end):
            yield Ratio(text[one.start : one.end], float(one.value), is_factor=True)
        for other in in_order[at + 1 : at + 3]:  # the next number, and the same in another language
            yield from _fraction(text, one, other)
    small = text.lower()
    for found in _IN_DIGITS.finditer(text) if has_digit(text) else ():
        for value in readings(found[1], value_of(found[1])):
            yield Ratio(found[1], value, is_factor=True)
    for found in _FOLD.finditer(text) if "fold" in small else ():
        yield Ratio(found[0], float(morphemes("en")[found[1].lower()][1]), is_factor=True)
    for found in _PER.finditer(text) if "per" in small else ():
        yield from _as_shares(found[0], 1 if found[1] else _value(found[2]), _value(found[3]))
    for found in _TENTHS.finditer(text) if "成" in text else ():
        value = 10.0 * (_HAN.get(found[1]) or int(found[1])) + (5 if found[2] == "半" else _HAN.get(found[2], 0))
        yield Ratio(found[0], value, is_exact=True)


def _value(word: str) -> int:
    return int(word) if word.isdigit() else _ID[word.lower()]


def _fraction(text: str, one: Number, other: Number) -> Iterator[Ratio]:
    if not 0 <= other.start - one.end <= _BETWEEN_MAX:
        return
    words = text[one.start : other.end]
    if _OF.fullmatch(text, one.end, other.start):
        yield from _as_shares(words, one.value, other.value)
        if one.value == 1 and 1 < other.value <= _OF_MOST:
            yield Ratio(words, float(other.value), is_one_in=True)
    elif _PARTS_FIRST.fullmatch(text, one.end, other.start):
        yield from _as_shares(words, other.value, one.value)


def _as_shares(words: str, part: int, whole: int) -> Iterator[Ratio]:
    if 0 < part <= whole <= _OF_MOST and whole > 1:
        yield from (Ratio(words, share) for share in in_per_cent(part, whole))
