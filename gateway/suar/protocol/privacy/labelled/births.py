"""Finds days of birth beside a word for birth whose day is a word in any of the thirteen languages, and in other spellings.

`dates` has those in digits. What stands beside a word for birth is a day if it is a number word or a number of 1 to 31 and
a month or a word for a month stands next to it. Held, as a day and a month without a year are.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.month_words import BURMESE, KHMER, LAO, MONTHS, TAMIL, TETUM_MONTHS, THAI
from suar.protocol.privacy.text.numerals import morphemes
from suar.protocol.privacy.text.plain import has_digit, has_native_letter, nfkc

_LATIN_BIRTH: Final = nfkc(
    "born|birth|birthday|dob|lahir|lhr|kelahiran|ipinanganak|kapanganakan|kaarawan|nasceu|nascida|nascido|nascimento|nasc|moris|sinh"
)
_BIRTHS: Final = frozenset(_LATIN_BIRTH.split("|"))
_NATIVE_BIRTH: Final = tuple(map(nfkc, ("เกิด", "ເກີດ", "កើត", "មានកំណើត", "မွေး", "பிறந்த", "பிறப்பு")))
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_LANGS: Final = ("id", "ms", "vi", "fil", "pt", "tet")
_NATIVE_LANGS: Final = ("th", "lo", "km", "my", "ta")


@cache
def _number(lang: str) -> str:
    words = sorted((re.escape(word) for word in _known(lang)), key=len, reverse=True)
    return "|".join(words)


def _known(lang: str) -> list[str]:
    try:
        return list(morphemes(lang))
    except KeyError:
        return []


_IN_LATIN: Final = rf"(?:ika-?|ke-?)?(?:{'|'.join(filter(None, map(_number, _LANGS)))}|una|ikalawa|ikatlo|ikaapat|ikalima|ikaanim|ikapito|ikawalo|ikasiyam|ikasampu|primeiro)(?:[ -]?(?:e |y |'t )?(?:{'|'.join(filter(None, map(_number, _LANGS)))})){{0,4}}"
_MONTH: Final = rf"(?:{MONTHS}|{TETUM_MONTHS})"
_FILL: Final = r"(?:[^\n.;\d]{0,20}?(?<![^\W_]))"
_WORDED: Final = re.compile(
    nfkc(
        rf"(?<![^\W_])(?:{_LATIN_BIRTH})(?![^\W_]){_FILL}((?:{_IN_LATIN}) (?:de |ng |bulan |haribulan |fulan |tháng )?(?:bulan (?:\w+)|{_MONTH})(?![^\W_]))"
        rf"|\bsinh (?:vào )?(?:ngày )?((?:mùng|mồng) (?:\d{{1,2}}|\w+) tháng (?:\d{{1,2}}|\w+))"
        # date of birth is April 2009, the 3rd; d.o.b. third April; born 3Apr'09; born Christmas Day 2008
        rf"|\b(?:date of birth|birthday|born|d\.o\.b\.|dob)(?!\w)[^\n;\d]{{0,16}}((?:{MONTHS}) \d{{4}},? the {_DAY}(?:st|nd|rd|th)|(?:first|second|third|\w+th|\w+first|\w+second|\w+third) (?:of )?(?:{MONTHS})\b|{_DAY} ?(?:{MONTHS})['’ ]\d\d\b"
        rf"|(?:Christmas|New Year|Boxing|Valentine|Independence)['’]?s? (?:Day|Eve))"
    ),
    re.IGNORECASE,
)
_SHORT_LABEL: Final = re.compile(
    r"\b(?:t/l|t\.t\.l|tgl ?lhr|d/b|n\.s|ns)\b[:. ]{1,3}(\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d)", re.IGNORECASE
)
_SHE_WAS: Final = re.compile(
    rf"\b(?:she|he|who|girl|boy|victim|child)(?:'ll| will be| would be| was| is| turns| turned) (?:\d{{1,2}}|\w+teen|\w+ty)(?: years old)? (?:on|until|by) (?:(?:the day of )?[^\n.;]{{0,24}}?)?({_DAY} (?:{MONTHS})|(?:{MONTHS}) {_DAY})\b",
    re.IGNORECASE,
)
_NATIVE_MONTH: Final = rf"(?:{THAI}|{LAO}|{KHMER}|{BURMESE}|{TAMIL})"
_NATIVE_NUMBER: Final = rf"(?:{'|'.join(filter(None, map(_number, _NATIVE_LANGS)))})"
_A_NATIVE_DAY: Final = rf"(?:{_DAY}|{_NATIVE_NUMBER}{{1,4}})"
_NATIVE: Final = re.compile(
    nfkc(
        rf"(?:เกิด|ເກີດ|កើត|កំណើត)(?:เมื่อ|ເມື່ອ|នៅ)?(?: ?(?:วันที่|ວັນທີ|ថ្ងៃទី|ថ្ងៃ))?[ :]{{0,2}}({_A_NATIVE_DAY} ?(?:(?:เดือน|ເດືອນ|ខែ) ?(?:ที่|ທີ|ទី)? ?(?:{_NATIVE_MONTH}|{_A_NATIVE_DAY})|{_NATIVE_MONTH}))"
        rf"|(?:မွေး(?:နေ့|ဖွား)?)[^\d\n]{{0,8}}?({_DAY} ?ရက် ?{_DAY} ?လ|(?:{BURMESE}) ?လ? ?{_A_NATIVE_DAY} ?ရက်)"
        rf"|({_NATIVE_NUMBER}{{1,4}} ?(?:ஆம் )?(?:{TAMIL}) ?\d{{4}}) ?பிறந்"
    )
)
_HAN: Final = "[〇零一二三四五六七八九十廿卅]"
_CHINESE: Final = re.compile(
    rf"((?:\d{{4}} ?年 ?{_HAN}{{1,2}}月{_HAN}{{1,3}}[日号]))|((?:\d{{1,2}}|{_HAN}{{1,2}})月(?:初)?(?:\d{{1,2}}|{_HAN}{{1,3}})[日号]?)(?:出?生)(?![产效活意命日])"
)


_OF_HER: Final = frozenset(("she", "he", "girl", "boy", "child", "victim", "who"))
BIRTH_IN_SIGNS: Final = "o.b"
"""What an ASCII text without any of WORDS and without digits has if it has a day of birth: d.o.b."""
WORDS: Final = _BIRTHS | _OF_HER
"""Words of which some are looked for in a text before a form is."""


def births(text: str, there: frozenset[str]) -> Iterator[Found]:
    """Yield the days of birth in plain text, `there` being those of WORDS that it has; none is sure."""
    for words in _days(text, there):
        yield Found("full date", words, is_sure=False)


def _days(text: str, there: frozenset[str]) -> Iterator[str]:
    if not there.isdisjoint(_BIRTHS) or BIRTH_IN_SIGNS in text:
        yield from (next(filter(None, found.groups())) for found in _WORDED.finditer(text))
    if has_digit(text):
        if "t/l" in text or "lhr" in text or "d/b" in text or "n.s" in text:
            yield from (found[1] for found in _SHORT_LABEL.finditer(text))
        if there and " on " in text and not there.isdisjoint(_OF_HER):
            yield from (found[1] for found in _SHE_WAS.finditer(text))
    if not has_native_letter(text):
        return
    if any(map(text.__contains__, _NATIVE_BIRTH)):
        yield from (next(filter(None, found.groups())) for found in _NATIVE.finditer(text))
    if "月" in text:
        yield from (found[1] or found[2] for found in _CHINESE.finditer(text))
