"""Full dates (day, month and year) as written in the region. A month with a year is not a full date."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.month_words import (
    BURMESE,
    DAY_IN_WORDS,
    HAN,
    KHMER,
    KHMER_NUMBER,
    LAO,
    MONTHS,
    ROMAN,
    TAMIL,
    TETUM_MONTHS,
    TETUM_NUMBER,
    THAI,
    VIETNAMESE_MONTHS,
    VIETNAMESE_NUMBER,
)
from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

_DAY: Final = r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])(?!\d)"
_YEAR: Final = r"(?:1[89]|2[0-6])\d\d(?!\d)"  # Buddhist years too: 2567 is 2024
_NOT_BEHIND: Final = r"(?:(?<![0-9A-Za-z_/.第-])|(?<=[Nn]gày)|(?<=[Ss]inh)|(?<=[Ll]ahir)|(?<=[Bb]orn)|(?<=DOB))"
_NOT_BEFORE: Final = "(?![0-9A-Za-z_/号])"
_NUMBERS: Final = re.compile(
    rf"(?=\d)(?:{_NOT_BEHIND}(?:{_YEAR}([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
    rf"|{_DAY}([-/.])(?:0?[1-9]|1[0-2])\2{_YEAR}|(?:0?[1-9]|1[0-2])([-/.])(?:0?[1-9]|[12]\d|3[01])\3{_YEAR}){_NOT_BEFORE}"
    rf"|(?<![\w/.-]){_DAY}([-/])(?:0?[1-9]|1[0-2])\4\d\d(?![\w/-])"
    r"|(?<!\d)\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?(?:[日号號]|(?!\d)(?=$|[\s,.;:、。)]|出?生)(?! ?[\d名人件起宗例个個%])))"
)
_PART_OF_NUMBERS: Final = re.compile(r"\d[-/.]\d|\d ?年")
_DAY_NUMBER, _MONTH_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_WITH_BLANKS: Final = re.compile(
    "|".join(  # 3 / 4 / 2009, in no longer row of numbers
        rf"(?<![0-9A-Za-z_/.第-])(?<!\d {sign} )"
        rf"(?:{_DAY_NUMBER} ?{sign} ?{_MONTH_NUMBER} ?{sign} ?{_YEAR}|{_MONTH_NUMBER} ?{sign} ?{_DAY_NUMBER} ?{sign} ?{_YEAR}"
        rf"|{_YEAR} ?{sign} ?{_MONTH_NUMBER} ?{sign} ?{_DAY_NUMBER})(?![0-9A-Za-z_/号]| {sign} \d)"
        for sign in "/-"
    )
)
_PART_WITH_BLANKS: Final = re.compile(r"\d ?[-/] ?\d")
_A_YEAR: Final = re.compile(_YEAR)
_LATIN: Final = re.compile(
    rf"{_DAY}(?:st|nd|rd|th|hb)?[ ,.-]{{0,2}}(?:(?:day )?of |ng |de |bulan )?(?:{MONTHS})(?![^\W\d_])[ ,.-]{{0,2}}(?:de |tahun |do ano (?:de )?)?{_YEAR}"
    rf"|\b(?:{MONTHS})\b(?:[ .]{{0,2}}(?:the )?{_DAY}(?:st|nd|rd|th)?,? {_YEAR}|([-/.]){_DAY}\1{_YEAR})"
    rf"|\b{_YEAR}[ ,-](?:{MONTHS})\b[ ,-]{_DAY}(?!\d)"
    rf"|ngày ?{_DAY} ?(?:tháng|/|-) ?(?:0?[1-9]|1[0-2]) ?(?:năm|/|-) ?{_YEAR}",
    re.IGNORECASE,
)
_WRITTEN: Final = re.compile(
    # 12/Mar/2009, 12 bulan 3 tahun 2009, 12 tháng Ba năm 2009
    rf"(?=\d)(?:(?<![\w/.-])(?<!\b[Nn]o )(?<!\b[Nn]o\. )(?<!omor ){_DAY}/(?:{MONTHS})/{_YEAR}(?![\w/-])"
    rf"|{_DAY} (?:bulan {_MONTH},? tahun {_YEAR}"
    rf"|tháng (?:(?:0?[1-9]|1[0-2]),? (?:năm )?|(?:{VIETNAMESE_MONTHS})(?:,? năm |/)|(?!năm)(?:{VIETNAMESE_MONTHS}),? ){_YEAR}))",
    re.IGNORECASE,
)
_PART_OF_WRITTEN: Final = re.compile(r"\d(?:/[A-Za-z]| (?:bulan|tháng) )", re.IGNORECASE)
_NATIVE: Final = re.compile(
    rf"{_DAY} ?เดือน(?:ที่)? ?{_MONTH} ?(?:ปี|พ\.ศ\.|ค\.ศ\.) ?{_YEAR}|{_DAY} ?ເດືອນ(?:ທີ)? ?{_MONTH},? ?ປີ ?{_YEAR}"
    rf"|{_DAY} ?(?:เดือน ?)?(?:{THAI}) ?(?:พ\.ศ\. ?|ค\.ศ\. ?|ปี ?)?{_YEAR}"
    rf"|{_DAY} ?(?:ເດືອນ ?)?(?:{LAO}),? ?(?:ປີ ?)?{_YEAR}"
    rf"|{_DAY} ?(?:ខែ ?)?(?:{KHMER}),? ?(?:ឆ្នាំ ?)?{_YEAR}"
    rf"|{_YEAR} ?(?:ခုနှစ်)?[၊,]? ?(?:{BURMESE}) ?(?:လ)? ?{_DAY} ?(?:ရက်)"
    rf"|{_DAY} ?(?:ရက်)?[၊,]? ?(?:{BURMESE}) ?(?:လ)?[၊,]? ?{_YEAR}"
    rf"|{_DAY}(?: ?-?(?:ஆம்|ம்|வது))?(?: தேதி)?,? ?(?:{TAMIL})(?: மாதம்)?,? ?{_YEAR}|(?:{TAMIL})(?: மாதம்)? ?{_DAY}(?:ஆம்)?(?: தேதி)?, ?{_YEAR}"
    rf"|{_YEAR}(?: ?-?(?:ஆம்|ம்))?(?: ?ஆண்டு)?,? ?(?:{TAMIL})(?: மாதம்)? ?{_DAY}(?!\d)"
)

_BEFORE_THAI: Final = re.compile(r"\d ?[ก-์]")
_SHORT_THAI: Final = re.compile(
    # 12 มี.ค. 52
    rf"{_DAY} ?(?:{THAI}) ?(?:พ\.ศ\. ?)?\d\d(?![\d.,%])(?! ?(?:คน|ราย|ปี|วัน|บาท|คดี|ครั้ง|แห่ง|กลุ่ม|เปอร์|ล้าน|พัน|แสน|ประเทศ|จังหวัด|องค์|หน่วย))"
)

PARTS: Final = ((_PART_OF_NUMBERS, (_NUMBERS,)), (_PART_WITH_BLANKS, (_WITH_BLANKS,)), (_A_YEAR, (_LATIN, _NATIVE)))
"""A part of every match of these forms; it is searched first, because that is faster."""

_BIRTH: Final = nfkc(
    r"(?:\bborn\b|\bbirth\w*|\bdob\b|d\.o\.b\.?|lahir|sinh|ipinanganak|kapanganakan|nasc\w*|moris|เกิด|ເກີດ|កើត|မွေး|出生|生于|生日|பிறந்த|பிறப்பு|\btgl\.? ?lhr\.?|\bttl\b)"
)
_OF_BIRTH: Final = (
    "lhr",
    "ttl",
    "born",
    "birth",
    "dob",
    "d.o.b",
    "lahir",
    "sinh",
    "ipinanganak",
    "kapanganakan",
    "nasc",
    "moris",
)
_NATIVE_OF_BIRTH: Final = tuple(map(nfkc, ["เกิด", "ເກີດ", "កើត", "မွေး", "出生", "生于", "生日", "பிறந்த", "பிறப்பு"]))
"""A part of every match of _BIRTH."""
_BORN: Final = re.compile(
    _BIRTH
    + rf"[^\d\n;]{{0,16}}((?:0?[1-9]|[12]\d|3[01])(?:[ ./-](?:0?[1-9]|1[0-2])[ ./-]|[ ./-]{{0,2}}(?:{MONTHS})\.?[ ./-]{{0,2}})(?:\d{{4}}|\d\d)(?!\d))",
    re.IGNORECASE,
)
"""A date with a year of two digits after a word for birth; elsewhere it may be a number or a version."""

# -- beside a word for birth, numbers with any signs between them

_ANY: Final = r"(?:(?: ?(?:[^\w\s]|_)){1,3} ?| )"
_IN_SIGNS: Final = re.compile(
    rf"(?<!\d)(?=((\d{{1,4}})({_ANY})(\d{{1,2}})({_ANY})(\d{{4}}|\d{{1,2}}))(?!\d| ?[^\w\s,.;)] ?\d))"
)
_BORN_BEFORE: Final = re.compile(rf"{_BIRTH}[^\d\n;]{{0,16}}$", re.IGNORECASE)
_BORN_AFTER: Final = re.compile(rf"[^\d\n;.!?]{{0,16}}{_BIRTH}", re.IGNORECASE)
_BORN_RIGHT_AFTER: Final = re.compile(rf"[ ,(]{{0,2}}{_BIRTH}", re.IGNORECASE)
_WITH_WORD: Final = 40  # characters before a date that may have a word for birth
_IN_EIGHT: Final = re.compile(
    rf"{_BIRTH}[^\d\n;]{{0,16}}(\d{{8}})(?!\d)|(?<!\d)(\d{{8}})[ ,(]{{0,2}}{_BIRTH}", re.IGNORECASE
)
_OF_A_LIST: Final = re.compile(r"[,;] $")
_FULL_YEAR, _MONTHS_OF_YEAR, _DAYS = 4, 12, 31


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= _DAYS and 1 <= int(month) <= _MONTHS_OF_YEAR


def _is_date(first: str, second: str, third: str) -> bool:
    """Whether they are a day, a month and a year of four digits, in one of three orders."""
    if len(first) == _FULL_YEAR:
        return _A_YEAR.fullmatch(first) is not None and len(third) < _FULL_YEAR and _is_day(third, second)
    if _A_YEAR.fullmatch(third) is None or len(first) >= _FULL_YEAR - 1:
        return False
    return _is_day(first, second) or _is_day(second, first)


@lru_cache(maxsize=16)
def _of_birth(text: str) -> tuple[tuple[str, bool], ...]:
    """Return (date, whether it is sure) of the dates beside a word for birth."""
    if not has_digit(text):
        return ()
    lower = text.lower()
    if not any(map(lower.__contains__, _OF_BIRTH)) and (
        text.isascii() or not any(map(text.__contains__, _NATIVE_OF_BIRTH))
    ):
        return ()
    return (*((found[1], True) for found in _BORN.finditer(text)), *_in_any_signs(text), *_in_eight(text))


def _in_any_signs(text: str) -> Iterator[tuple[str, bool]]:
    for found in _IN_SIGNS.finditer(text):
        first, signs, second, more, third = found.groups()[1:]
        is_short = len(first) <= 2 == len(third) and (_is_day(first, second) or _is_day(second, first))
        if not is_short and not _is_date(first, second, third):
            continue
        start, end = found.span(1)
        if _BORN_BEFORE.search(text, max(0, start - _WITH_WORD), start):
            is_listed = _OF_A_LIST.search(signs) is not None or _OF_A_LIST.search(more) is not None
            yield found[1], not is_listed and (not is_short or not {signs, more}.isdisjoint("-./ "))
        elif not is_short and not {signs, more} & {" "} and _BORN_AFTER.match(text, end):
            yield found[1], True
        elif is_short and not {signs, more} & {" "} and _BORN_RIGHT_AFTER.match(text, end):
            yield found[1], False


def _in_eight(text: str) -> Iterator[tuple[str, bool]]:
    for found in _IN_EIGHT.finditer(text):
        digits = found[1] or found[2]
        if _is_date(digits[:2], digits[2:4], digits[4:]) or _is_date(digits[:4], digits[4:6], digits[6:]):
            yield digits, False


# -- birthdays that are not a full date in digits

_WORDS_OF_BIRTH: Final = frozenset(
    "born birth birthday birthdate dob b lahir sinh ipinanganak kapanganakan nasc nasceu nascido nascida nascimento moris kaarawan aniversário".split()  # noqa: SIM905
)
_OF_ANNIVERSARY: Final = frozenset(["ulang", "nhật", "anos", "turned", "turns", "turning", "sinh", "born", "yob"])
BIRTH_WORDS: Final = _WORDS_OF_BIRTH | _OF_ANNIVERSARY | {"lhr", "ttl"}
_NATIVE_BIRTH: Final = tuple(map(nfkc, ("เกิด", "ເກີດ", "កើត", "កំណើត", "မွေး", "出生", "生于", "生日", "பிறந்த")))
"""A part of every birthday: a word in Latin letters, or a part of the text."""
_A_DAY: Final = rf"(?:{_DAY}(?:st|nd|rd|th|hb)?(?!\d)|(?:{DAY_IN_WORDS})\b)"
_CHINESE: Final = re.compile(
    rf"{HAN}{{4}} ?年 ?{HAN}{{1,2}} ?月 ?{HAN}{{1,3}} ?[日号]"
    rf"|民[國国] ?(?:\d{{2,3}}|{HAN}{{1,4}}) ?年 ?(?:\d{{1,2}}|{HAN}{{1,2}}) ?月 ?(?:\d{{1,2}}|{HAN}{{1,3}}) ?[日号號]"
)
_NATIVE_OF_BIRTHDAY: Final = nfkc(
    "วันเกิด|เกิด|ວັນເກີດ|ເກີດ|ថ្ងៃកំណើត|កើត|မွေးနေ့|မွေး|生日|出生于?|生于|பிறந்த நாள்|பிறந்த தேதி|பிறந்த"
)
_LATIN_OF_BIRTH: Final = r"\b(?:born|birth(?:day|date| date)?|dob|d\.o\.b\.?|lahir|sinh|kaarawan|ipinanganak|kapanganakan|nasc(?:eu|id[oa]|imento)|aniversário|moris)\b"
_OF_ANY_BIRTH: Final = f"(?:{_LATIN_OF_BIRTH}|{_NATIVE_OF_BIRTHDAY})"
_OTHER_BIRTHDAY: Final = re.compile(
    # born on 12 III 2009, born 12.III
    rf"{_OF_ANY_BIRTH}[^\d\n;]{{0,16}}({_DAY}[ ./-]{{1,2}}{ROMAN}(?:[ ./-]{{1,2}}(?:{_YEAR}|\d\d(?!\d))|(?<=[A-Z][A-Z])))"
    # born: 2009, March 12, born in 2009 on 12 March
    rf"|{_OF_ANY_BIRTH}[^\d\n;]{{0,16}}({_YEAR}[^\d\n;.]{{1,8}}?\b(?:(?:{MONTHS})\b[ .]{{1,2}}{_A_DAY}|{_A_DAY} (?:of |de )?(?:{MONTHS})\b))"
    # sinh ngày mười hai tháng ba
    + nfkc(
        rf"|\bsinh (?:vào )?(?:ngày|mồng|mùng) ((?:{VIETNAMESE_NUMBER} ){{1,3}}tháng (?:giêng|chạp|{VIETNAMESE_NUMBER}(?: một| hai)?))"
    )
    # moris loron 12 fulan 3
    + rf"|\bmoris (?:iha )?(?:loron |dia )?({_DAY} fulan {_MONTH})"
    rf"|(?:မွေး(?:နေ့|ဖွား)?|မွေးသက္ကရာဇ်)[^\d\n;]{{0,8}}?({_DAY} ?(?:ရက်)?[၊,]? ?(?:{BURMESE})|(?:{BURMESE}) ?(?:လ)? ?{_DAY})"
    + nfkc(
        rf"|(?:பிறந்த(?: நாள்| தேதி)?|பிறப்பு)[^\d\n;]{{0,8}}?({_DAY}(?: ?-?(?:ஆம்|ம்|வது))?(?: தேதி)?,? ?(?:{TAMIL})|(?:{TAMIL}) ?{_DAY})"
    )
    # 09年3月12日出生
    + r"|(?<!\d)(\d\d ?年 ?\d{1,2} ?月 ?\d{1,2} ?[日号號]) ?(?:出生|生)",
    re.IGNORECASE,
)
_DAY_AND_MONTH: Final = (
    rf"(?:{_A_DAY}[ .-]{{1,2}}(?:of |de |bulan |tháng )?(?:{MONTHS})\b|(?:{MONTHS}) (?:the )?{_A_DAY}(?! ?\d)"
    rf"|{_DAY} ?(?:[/-]|tháng) ?(?:{_MONTH}|(?:{VIETNAMESE_MONTHS})\b)(?![/-] ?\d|[.,]\d| ?%))"
)
_ANNIVERSARY: Final = re.compile(
    # sinh nhật 12/3, ulang tahun 12 Maret, faz anos a 12 de março, turned sixteen on 3 April
    rf"\b(?:sinh nhật|ulang tahun(?:nya)?|f(?:az(?:em)?|ez) (?:\d\d? )?anos|turn(?:s|ed|ing) (?:\d\d?|{DAY_IN_WORDS})\b)"
    rf"(?: (?:is|was|on|pada|tanggal|vào|ngày|là|a|em|no|dia|the)\b| ?:){{0,3}} ?({_DAY_AND_MONTH})"
    rf"|\bsinh (?:vào )?ngày ({_DAY} tháng (?:{VIETNAMESE_MONTHS})\b)"
    rf"|\bborn (?:in )?((?:{MONTHS})\.? {_YEAR},? on (?:the )?{_DAY}(?:st|nd|rd|th))"
    r"|((?:\b[YMD]OB\b\W{0,3}\d{1,4}\W{0,3}){2,3}(?<=\d))",
    re.IGNORECASE,
)
_ROMAN_DATE: Final = re.compile(rf"(?<![\w./-]){_DAY}([ .-]){ROMAN}\1{_YEAR}(?![\w/-])")
_BIRTHDAY: Final = re.compile(
    rf"\b(?:born|birth(?:day|date)?|dob|d\.o\.b\.?|lahir|ipinanganak|kapanganakan|kaarawan|aniversário|nasc(?:eu|id[oa]|imento)?|moris)\b[^\d\n;.]{{0,20}}?"
    rf"\b((?:the )?{_A_DAY}[ .-]{{1,2}}(?:of |ng |de |bulan |fulan )?(?:{MONTHS})\b|(?:{MONTHS}) (?:the )?{_A_DAY}(?![ ]?\d))"
    rf"|\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|(?:tanggal|tarikh) lahir|ngày sinh)\b[^\d\n;]{{0,8}}(\d{{6}}(?:\d\d)?)(?!\d)"
    rf"|\bsinh (?:vào )?(?:ngày )?({_DAY} ?(?:tháng|/|-) ?{_MONTH})"
    rf"|(?:เกิด|วันเกิด)(?:เมื่อ)?(?:วันที่)?[ :]{{0,2}}({_DAY} ?(?:เดือน ?)?(?:{THAI})(?: ?(?:พ\.ศ\. ?)?\d\d(?!\d))?)"
    rf"|(?:ເກີດ)(?:ເມື່ອ)?(?:ວັນທີ)?[ :]{{0,2}}({_DAY} ?(?:ເດືອນ ?)?(?:{LAO}))"
    rf"|(?:កើត)(?:នៅ)?(?:ថ្ងៃទី|ថ្ងៃ)?[ :]{{0,2}}({_DAY} ?(?:ខែ ?)?(?:{KHMER}))"
    rf"|(?:\b(?:born|birth(?:day|date| date)|dob|lahir|sinh|kaarawan|ipinanganak|kapanganakan|nasc(?:eu|id[oa]|imento)|aniversário|moris)\b|{_NATIVE_OF_BIRTHDAY})"
    rf"(?: ?[^\w\s]| (?:is|was|on|em|a|pada|noong|ay|iha|loron|ngày|vào)\b| ?วันที่| ?เมื่อวันที่| ?ວັນທີ| ?ថ្ងៃទី){{0,2}} ?({_DAY} ?[/-] ?{_MONTH})(?![/-] ?\d|[.,]\d| ?%| (?:years|months|weeks|days|tahun|bulan|hari|anos|meses|dias|taon|buwan|năm|tháng|tinan|of|per|d[aeo]s?)\b| ?(?:ปี|ປີ|ឆ្នាំ|နှစ်|年|岁|ஆண்டு))"
    rf"|(?:生日|出生于?|生于)[:是为 ]{{0,2}}((?:{HAN}{{1,2}}|\d{{1,2}}) ?月 ?(?:{HAN}{{1,3}}|\d{{1,2}}) ?[日号])",
    re.IGNORECASE,
)


def birthdays(text: str) -> Iterator[str]:
    """Yield the dates of birth in plain text without a year, with a year of two digits, or in words."""
    yield from (words for words, is_sure in _of_birth(text) if not is_sure)
    if not words_of(text).isdisjoint(_WORDS_OF_BIRTH) or (
        not text.isascii() and any(map(text.__contains__, _NATIVE_BIRTH))
    ):
        for form in (_BIRTHDAY, _OTHER_BIRTHDAY):
            yield from (next(filter(None, found.groups())) for found in form.finditer(text))
    if not words_of(text).isdisjoint(_OF_ANNIVERSARY):
        yield from (next(filter(None, found.groups())) for found in _ANNIVERSARY.finditer(text))
    if ("I" in text or "V" in text or "X" in text) and _A_YEAR.search(text):
        yield from (found[0] for found in _ROMAN_DATE.finditer(text))


# -- day and year in words: Tetum, Khmer, Chinese

YEAR_IN_WORDS: Final = "rihun"
"""The word for a thousand in Tetum, which every year in words contains."""
_TETUM_YEAR: Final = rf"(?:{_YEAR}|{YEAR_IN_WORDS}(?:[ -]{TETUM_NUMBER}){{1,5}})"
_TETUM: Final = re.compile(
    rf"(?:(?:loron|dia)[ -]+(?:{_DAY}|{TETUM_NUMBER}(?:[ -]{TETUM_NUMBER}){{0,3}})|{_DAY}),?[ -]+(?:(?:(?:fulan|iha fulan)[ -]+)?(?:{TETUM_MONTHS})|fulan[ -]+{_MONTH})"
    rf",?[ -]+(?:(?:tinan|iha tinan)[ -]+)?{_TETUM_YEAR}",
    re.IGNORECASE,
)
_TETUM_MONTH: Final = frozenset((*TETUM_MONTHS.split("|"), "fulan"))
_KHMER_WORDS: Final = re.compile(
    rf"ថ្ងៃ(?:ទី)? ?(?:{_DAY}|{KHMER_NUMBER}{{1,4}}),? ?(?:(?:ខែ ?)?(?:{KHMER})|ខែ(?:ទី)? ?{_MONTH}),? ?(?:ឆ្នាំ ?)?(?:{_YEAR}|{KHMER_NUMBER}{{2,8}})"
)


def dates_in_words(text: str) -> Iterator[str]:
    """Yield full dates in plain text whose day or year may be written in words."""
    if not words_of(text).isdisjoint(_TETUM_MONTH) and (has_digit(text) or YEAR_IN_WORDS in text.lower()):
        yield from (found[0] for found in _TETUM.finditer(text))
    if "ថ្ងៃ" in text:
        yield from (found[0] for found in _KHMER_WORDS.finditer(text))
    if "年" in text:
        yield from (found[0] for found in _CHINESE.finditer(text))


def full_dates(text: str) -> Iterator[str]:
    """Yield the full dates in plain text."""
    if _PART_OF_NUMBERS.search(text):
        yield from (found[0] for found in _NUMBERS.finditer(text))
    if _PART_WITH_BLANKS.search(text):
        yield from (found[0] for found in _WITH_BLANKS.finditer(text))
    has_year = _A_YEAR.search(text) is not None
    if has_year:
        yield from (found[0] for found in _LATIN.finditer(text))
        if _PART_OF_WRITTEN.search(text):
            yield from (found[0] for found in _WRITTEN.finditer(text))
    yield from (words for words, is_sure in _of_birth(text) if is_sure)
    if text.isascii():
        return
    if has_year:
        yield from (found[0] for found in _NATIVE.finditer(text))
    if _BEFORE_THAI.search(text):
        yield from (found[0] for found in _SHORT_THAI.finditer(text))
