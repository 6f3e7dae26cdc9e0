"""Full dates (day, month and year) as written in the region. A month with a year is not a full date."""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

_MONTHS: Final = (
    # English, Malay, Indonesian, Filipino, Portuguese, Tetum
    r"jan(?:uary|uari|eiro|eiru)?|feb(?:ruary|ruari)?|fev(?:ereiro|ereiru)?|mar(?:ch|et)?|mac|março|marsu|apr(?:il)?|abr(?:il)?|may|mei|maio|maiu"
    r"|jun(?:e|i|ho|hu)?|jul(?:y|ai|i|ho|hu)?|aug(?:ust)?|agu(?:stus)?|ogos|agosto|agostu|sep(?:t|tember)?|set(?:embro|embru)?|oct(?:ober)?|okt(?:ober)?|out(?:ubro|ubru)?"
    r"|nov(?:ember|embro|embru)?|dec(?:ember)?|des(?:ember)?|dis(?:ember)?|dez(?:embro|embru)?|enero|pebrero|marso|mayo|hunyo|hulyo|setyembre|oktubre|nobyembre|disyembre"
)
_THAI: Final = (
    "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
    r"|ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\."
)
_LAO: Final = "ມັງກອນ|ກຸມພາ|ມີນາ|ເມສາ|ພຶດສະພາ|ມິຖຸນາ|ກໍລະກົດ|ສິງຫາ|ກັນຍາ|ຕຸລາ|ພະຈິກ|ທັນວາ"
_KHMER: Final = "មករា|កុម្ភៈ|មីនា|មេសា|ឧសភា|មិថុនា|កក្កដា|សីហា|កញ្ញា|តុលា|វិច្ឆិកា|ធ្នូ"
_BURMESE: Final = "ဇန်နဝါရီ|ဖေဖော်ဝါရီ|မတ်|ဧပြီ|မေ|ဇွန်|ဇူလိုင်|ဩဂုတ်|သြဂုတ်|စက်တင်ဘာ|အောက်တိုဘာ|နိုဝင်ဘာ|ဒီဇင်ဘာ"

_DAY: Final = r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])(?!\d)"
_YEAR: Final = r"(?:1[89]|2[0-6])\d\d(?!\d)"  # Buddhist years too: 2567 is 2024
_NUMBERS: Final = re.compile(
    rf"(?<![\w/.-]){_YEAR}([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![\w/])"
    rf"|(?<![\w/.-]){_DAY}([-/.])(?:0?[1-9]|1[0-2])\2{_YEAR}(?![\w/])"
    rf"|(?<![\w/.-])(?:0?[1-9]|1[0-2])([-/.])(?:0?[1-9]|[12]\d|3[01])\3{_YEAR}(?![\w/])"
    rf"|(?<![\w/.-]){_DAY}([-/])(?:0?[1-9]|1[0-2])\4\d\d(?![\w/-])"
    r"|(?<!\d)\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日"
)
_PART_OF_NUMBERS: Final = re.compile(r"\d[-/.]\d|\d ?年")
_A_YEAR: Final = re.compile(_YEAR)
_LATIN: Final = re.compile(
    rf"{_DAY}(?:st|nd|rd|th|hb)?[ ,.-]{{0,2}}(?:of |ng |de |bulan )?(?:{_MONTHS})\b[ ,.-]{{0,2}}(?:de |tahun )?{_YEAR}"
    rf"|\b(?:{_MONTHS})\b[ .]{{0,2}}{_DAY}(?:st|nd|rd|th)?,? {_YEAR}"
    rf"|\b{_YEAR}[ ,-](?:{_MONTHS})\b[ ,-]{_DAY}(?!\d)"
    rf"|ngày {_DAY} ?(?:tháng|/|-) ?(?:0?[1-9]|1[0-2]) ?(?:năm|/|-) ?{_YEAR}"
    rf"|{_DAY} tháng (?:0?[1-9]|1[0-2]),? (?:năm )?{_YEAR}",
    re.IGNORECASE,
)
_NATIVE: Final = re.compile(
    rf"{_DAY} ?เดือน(?:ที่)? ?{_MONTH} ?(?:ปี|พ\.ศ\.|ค\.ศ\.) ?{_YEAR}|{_DAY} ?ເດືອນ(?:ທີ)? ?{_MONTH},? ?ປີ ?{_YEAR}"
    rf"|{_DAY} ?(?:เดือน ?)?(?:{_THAI}) ?(?:พ\.ศ\. ?|ค\.ศ\. ?|ปี ?)?{_YEAR}"
    rf"|{_DAY} ?(?:ເດືອນ ?)?(?:{_LAO}),? ?(?:ປີ ?)?{_YEAR}"
    rf"|{_DAY} ?(?:ខែ ?)?(?:{_KHMER}),? ?(?:ឆ្នាំ ?)?{_YEAR}"
    rf"|{_YEAR} ?(?:ခုနှစ်)?[၊,]? ?(?:{_BURMESE}) ?(?:လ)? ?{_DAY} ?(?:ရက်)"
    rf"|{_DAY} ?(?:ရက်)?[၊,]? ?(?:{_BURMESE}) ?(?:လ)?[၊,]? ?{_YEAR}"
)

PARTS: Final = ((_PART_OF_NUMBERS, (_NUMBERS,)), (_A_YEAR, (_LATIN, _NATIVE)))
"""A part of every match of these forms; it is searched first, because that is faster."""

_BORN: Final = re.compile(
    nfkc(
        r"(?:\bborn\b|\bbirth\w*|\bdob\b|d\.o\.b\.?|lahir|sinh|ipinanganak|kapanganakan|nasc\w*|moris|เกิด|ເກີດ|កើត|မွေး|出生|生于|பிறந்த)"
    )
    + rf"[^\d\n;]{{0,16}}((?:0?[1-9]|[12]\d|3[01])[ ./-](?:0?[1-9]|1[0-2]|(?:{_MONTHS})\.?)[ ./-](?:\d{{4}}|\d\d)(?!\d))",
    re.IGNORECASE,
)
"""A date with a year of two digits after a word for birth; elsewhere it may be a number or a version."""

# -- birthdays that are not a full date in digits

BIRTH_WORDS: Final = frozenset(
    [
        "born",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "b",
        "lahir",
        "sinh",
        "ipinanganak",
        "kapanganakan",
        "nasc",
        "nasceu",
        "nascido",
        "nascida",
        "nascimento",
        "moris",
    ]
)
_NATIVE_BIRTH: Final = tuple(map(nfkc, ("เกิด", "ເກີດ", "កើត", "မွေး", "出生", "生于", "生日", "பிறந்த")))
"""A part of every birthday: a word in Latin letters, or a part of the text."""
_ONES: Final = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|one|two|three|four|five|six|seven|eight|nine"
_DAY_IN_WORDS: Final = (
    rf"(?:(?:twenty|thirty)[ -])?(?:{_ONES})|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth"
    r"|nineteenth|twentieth|thirtieth|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty"
)
_A_DAY: Final = rf"(?:{_DAY}(?:st|nd|rd|th|hb)?(?!\d)|(?:{_DAY_IN_WORDS})\b)"
_HAN: Final = "[〇零一二三四五六七八九十]"
_CHINESE: Final = re.compile(rf"{_HAN}{{4}} ?年 ?{_HAN}{{1,2}} ?月 ?{_HAN}{{1,3}} ?[日号]")
_BIRTHDAY: Final = re.compile(
    rf"\b(?:born|birth(?:day|date)?|dob|d\.o\.b\.?|lahir|ipinanganak|kapanganakan|nasc(?:eu|id[oa]|imento)?|moris)\b[^\d\n;.]{{0,20}}?"
    rf"\b((?:the )?{_A_DAY}[ .-]{{1,2}}(?:of |ng |de |bulan |fulan )?(?:{_MONTHS})\b|(?:{_MONTHS}) (?:the )?{_A_DAY}(?![ ]?\d))"
    rf"|\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|tanggal lahir|ngày sinh)\b[^\d\n;]{{0,8}}(\d{{6}}(?:\d\d)?)(?!\d)"
    rf"|\bsinh (?:vào )?(?:ngày )?({_DAY} ?(?:tháng|/|-) ?{_MONTH})"
    rf"|(?:เกิด|วันเกิด)(?:เมื่อ)?(?:วันที่)?[ :]{{0,2}}({_DAY} ?(?:เดือน ?)?(?:{_THAI})(?: ?(?:พ\.ศ\. ?)?\d\d(?!\d))?)"
    rf"|(?:ເກີດ)(?:ເມື່ອ)?(?:ວັນທີ)?[ :]{{0,2}}({_DAY} ?(?:ເດືອນ ?)?(?:{_LAO}))"
    rf"|(?:កើត)(?:នៅ)?(?:ថ្ងៃទី|ថ្ងៃ)?[ :]{{0,2}}({_DAY} ?(?:ខែ ?)?(?:{_KHMER}))"
    rf"|(?:生日|出生于?|生于)[:是为 ]{{0,2}}((?:{_HAN}{{1,2}}|\d{{1,2}}) ?月 ?(?:{_HAN}{{1,3}}|\d{{1,2}}) ?[日号])",
    re.IGNORECASE,
)


def birthdays(text: str) -> Iterator[str]:
    """Yield the dates of birth in plain text without a year, with a year of two digits, or in words."""
    if not words_of(text).isdisjoint(BIRTH_WORDS) or (
        not text.isascii() and any(map(text.__contains__, _NATIVE_BIRTH))
    ):
        for found in _BIRTHDAY.finditer(text):
            yield next(filter(None, found.groups()))


# -- day and year in words: Tetum, Khmer, Chinese

YEAR_IN_WORDS: Final = "rihun"
"""The word for a thousand in Tetum, which every year in words contains."""
_TETUM_MONTHS: Final = nfkc(
    "janeiru|fevereiru|marsu|abril|abríl|maiu|juñu|junhu|junu|jullu|julhu|agostu|setembru|outubru|novembru|dezembru"
)
_TETUM_NUMBER: Final = "(?:ida|rua|tolu|haat|hat|lima|neen|nen|hitu|ualu|walu|sia|sanulu|ruanulu|tolunulu|resin)"
_TETUM_YEAR: Final = rf"(?:{_YEAR}|{YEAR_IN_WORDS}(?:[ -]{_TETUM_NUMBER}){{1,5}})"
_TETUM: Final = re.compile(
    rf"(?:(?:loron|dia)[ -]+(?:{_DAY}|{_TETUM_NUMBER}(?:[ -]{_TETUM_NUMBER}){{0,3}})|{_DAY}),?[ -]+(?:(?:(?:fulan|iha fulan)[ -]+)?(?:{_TETUM_MONTHS})|fulan[ -]+{_MONTH})"
    rf",?[ -]+(?:(?:tinan|iha tinan)[ -]+)?{_TETUM_YEAR}",
    re.IGNORECASE,
)
_TETUM_MONTH: Final = re.compile(rf"{_TETUM_MONTHS}|fulan", re.IGNORECASE)
_KHMER_NUMBER: Final = "(?:សូន្យ|មួយ|ពីរ|បី|បួន|ប្រាំ|ដប់|ម្ភៃ|សាមសិប|រយ|ពាន់|ពិល)"
_KHMER_WORDS: Final = re.compile(
    rf"ថ្ងៃ(?:ទី)? ?(?:{_DAY}|{_KHMER_NUMBER}{{1,4}}),? ?(?:(?:ខែ ?)?(?:{_KHMER})|ខែ(?:ទី)? ?{_MONTH}),? ?(?:ឆ្នាំ ?)?(?:{_YEAR}|{_KHMER_NUMBER}{{2,8}})"
)


def dates_in_words(text: str) -> Iterator[str]:
    """Yield full dates in plain text whose day or year may be written in words."""
    if (has_digit(text) or YEAR_IN_WORDS in text.lower()) and _TETUM_MONTH.search(text):  # in words or digits
        yield from (found[0] for found in _TETUM.finditer(text))
    if "ថ្ងៃ" in text:
        yield from (found[0] for found in _KHMER_WORDS.finditer(text))
    if "年" in text:
        yield from (found[0] for found in _CHINESE.finditer(text))


def full_dates(text: str) -> Iterator[str]:
    """Yield the full dates in plain text."""
    if _PART_OF_NUMBERS.search(text):
        yield from (found[0] for found in _NUMBERS.finditer(text))
    has_year = _A_YEAR.search(text) is not None
    if has_year:
        yield from (found[0] for found in _LATIN.finditer(text))
    yield from (found[1] for found in _BORN.finditer(text))
    if has_year and not text.isascii():
        yield from (found[0] for found in _NATIVE.finditer(text))
