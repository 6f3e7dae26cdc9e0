"""Finds names behind a word for kin or beside an age where ordinary words stand as well; `calling` has the other forms.

In English every word that is in no list is held. In the other languages with Latin letters only a given name of the
region is (`given`), and behind a word for kin in another script every word in Latin letters, which is rarely anything
else. A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.named_accounts import NETWORKS, NO_HANDLE
from suar.protocol.privacy.names.calling import may_be_a_name
from suar.protocol.privacy.names.given import FIRST_NAMES, VIETNAMESE
from suar.protocol.privacy.names.known import is_known_or_place
from suar.protocol.privacy.text.kin_words import KIN, LATIN_KIN, NATIVE_KIN, VIETNAMESE_KIN
from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

_SMALL: Final = r"([^\W\dA-Z_][^\W\d_]{1,20})(?![\w'’-])"
_WORDS_FOR_ONE: Final = f"{KIN}|girl|boy|child|woman|man|female|male|victim|survivor|teenager|student|migrant|worker"
_AFTER_KIN: Final = frozenset(
    KIN.split("|")
    + """
    abuse absent act aboard asked bear beat beg begs beside beyond bond borrow build carry child clean cook country crossed crucial cry cut dealt
    despite died drank drew drink drop earn earth eat equally escape escort family feed figure fill flew forgave forgot friendly furious grandparent grew group groups hen
    hide hold home hood hung ill illiterate inside jail join journey jump kill laid land later lay leave lent life list marriage marry material mentor migrate move
    mum dad parent parents nature naturally neither nor obtain open opposite outside owe owed owes partner partners per pick pick-up plan plus poor power preference present promise
    pull push quit quite rang rather rely remained repay request resist responsible rest ride rings roam role roles run sang sank scout search sell serve severe shook shout
    sign similar sing single sink sleep soldier sort spent stand stay steal still stop stuck study support swam talk teacher teach threw thrown throughout tied tie tongue
    too toward towards travel treat trust try turn twin under understood unless unmarried unpaid use useful very via visit wash well whether while widow wife withdrew
    within worker write yell zone bride widower widowed employer classmate colleague pastor neighbour neighbor stranger guardian acquaintance relative relatives
    culture code flat flats number numbers nation nations visa visas passport malaria official officials other
    legal local national foreign rural urban same more most less least other others aged adult adopted biological foster deceased dependent eligible
    """.split()  # noqa: SIM905 - words read better as text
)
"""Words that follow one for kin in English and are in no list of `calling`."""
_BEFORE_AGE: Final = frozenset(
    """
    school factory village marriage labour labor work job service farm boat house hotel street city town country border bar debt sea army care custody
    shelter home place camp club brothel household household market mine ship plantation province trade sex youth group person worker adult
    """.split()  # noqa: SIM905
)
_BEHIND_KIN: Final = re.compile(rf" {_SMALL}|, {_SMALL}(?=,)")
"""The next word: niece malee, the husband somchai, the friend, malee, who."""
_KIN: Final = frozenset(KIN.split("|"))
_ENGLISH: Final = (
    # the 12-year-old boy somchai
    ("year years", rf"(?i:\b\d{{1,2}}[- ]years?[- ]old,? (?:{_WORDS_FOR_ONE}),?) {_SMALL}"),
    # aged 14 linh; malee, aged 16
    (
        "age aged",
        rf"(?i:\baged? \d{{1,2}}),? (?!years?\b){_SMALL}"
        rf"|(?<![\w'’-]){_SMALL},? \(?aged \d{{1,2}}(?! ?(?:-|to|and|or|until|through|years and)\b| ?-)\b",
    ),
)
_NO_VIETNAMESE: Final = nfkc("mai (?:mối|sau)|hoa (?:kỳ|hậu|màu|quả)|lan (?:truyền|rộng)|duyên|xuân xanh|hồng")
_MARKED_AGE: Final = nfkc(r"\d{1,2} ?(?:tuổi|tahun|anos|tinan|taong gulang|taon|thn|yo|y/o|years?|yrs)\b")
_YEARS: Final = nfkc("ปี|ປີ|ឆ្នាំ|နှစ်|岁|歲|வயது")
_SEX: Final = nfkc(
    "female|male|f|m|F|M|girl|boy|woman|man|perempuan|laki-laki|lelaki|wanita|pria|p|l|P|L|nữ|nam|babae|lalaki|feminino|masculino|feto|mane|หญิง|ชาย|ຍິງ|ຊາຍ|ស្រី|ប្រុស|女|男"
)
_KIN_BEFORE: Final = re.compile(rf"(?i:\b(?:{LATIN_KIN}),?) $")
_VIETNAMESE_BEFORE: Final = re.compile(rf"(?i:(?<!\w)(?:{VIETNAMESE_KIN}),?) $")
_NO_VIETNAMESE_HERE: Final = re.compile(rf"(?:{_NO_VIETNAMESE})(?!\w)")
_AN_AGE: Final = re.compile(
    # linh (14), linh 14 tuổi, siti - 14 tahun
    # malee, female, 14; malee/F/14; malee 14 ปี
    rf" ?[,/(–-] ?(?:{_SEX})\.? ?[,/)–-] ?(?:aged? |umur |usia )?\d{{1,2}}(?!\d)| ?\d{{1,2}} ?(?:{_YEARS})|/\d{{1,2}}(?![\d/])"
    rf"| ?\( ?\d{{1,2}} ?\)| [–-] \d{{1,2}}(?=[.;)]|$)|(?: ?[,(/–-])? ?{_MARKED_AGE}|, \d{{1,2}}(?=[.;)]|$)"
)
_BEFORE: Final = 48
"""Characters before a name in which a word for kin is looked for."""
_BIG_BEFORE: Final = re.compile(r"[A-ZĐ][\w'’.-]* $")
"""Before a name with a capital that belongs to another one: Santa Maria (12)."""
_OF_A_WORD: Final = re.compile(r"[\w'’-]")
ENGLISH: Final = tuple((frozenset(words.split()), re.compile(form)) for words, form in _ENGLISH)
"""(words of which every match contains one beside a digit; the form). A test checks that they agree."""
LISTED_NAMES: Final = FIRST_NAMES | VIETNAMESE
"""The given names that are known, in small letters."""
KIN_WORDS: Final = (LISTED_NAMES | _KIN).union(*(words for words, _ in ENGLISH))
"""Words of which every text in Latin letters contains one in which a name is found."""

# -- a name in Latin letters behind a word in another script

_OWN: Final = nfkc(
    "ของ(?:เธอ|เขา|เด็ก|ผู้เสียหาย|เหยื่อ)|ຂອງ(?:ລາວ|ນາງ)|របស់(?:នាង|គាត់)|(?:ชื่อ(?:เล่น)?(?:ว่า)?|คือ)|(?:ຊື່(?:ວ່າ)?|ແມ່ນ|ຄື)|ឈ្មោះ|គឺ|ဖြစ်သူ|(?:အမည်|နာမည်)|名叫|叫|名为|是|பெயர்|ที่ชื่อ"
)
_IN_LATIN: Final = r"((?<![A-Za-z0-9_@/.-])[A-Za-z][a-z]{1,20}(?![A-Za-z0-9_@/'’-]|\.[a-z]))"
_AGE: Final = nfkc("อายุ|ອາຍຸ|អាយុ|အသက်|வயது|年龄|现年|年仅|年齡")
NATIVE: Final = tuple(
    map(
        re.compile,
        (
            rf"(?:{NATIVE_KIN})(?: ?(?:{_OWN})){{0,2}} ?[:,(\"“«]? ?{_IN_LATIN}",
            rf"{_IN_LATIN}[ ,(]{{0,3}}(?:{_AGE}) ?\d{{1,2}}(?!\d)",
            rf"{_IN_LATIN} ?[,(] ?(?:[5-9]|[1-9]\d) ?(?:{_YEARS})",
            rf"(?:{_AGE}) ?\d{{1,2}} ?(?:{_YEARS})?[ ,:]{{0,2}}(?:{_OWN})?{_IN_LATIN}",
            rf"(?<!\d)\d{{1,2}} ?(?:岁|歲)的?[ ,]?{_IN_LATIN}",
        ),
    )
)
"""Each match has a letter of another script and two Latin ones."""
_LETTERS: Final = re.compile("[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z][a-z]")
_NO_NAMES: Final = frozenset(NETWORKS.split("|")) | NO_HANDLE


def find_kin(text: str) -> Iterator[str]:
    """Yield the words of plain text behind a word for kin, or beside an age, that may name a person."""
    there = words_of(text)
    if not there.isdisjoint(KIN_WORDS):
        yield from filter(may_be_behind_kin, _find_english(text, there))
        for name in sorted(there & LISTED_NAMES):
            yield from _find_first_names(text, name)
    if not text.isascii() and _LATIN.search(text) and _LETTERS.search(text):
        for form in NATIVE:
            yield from filter(is_no_brand, _words(form, text))


def _words(form: re.Pattern[str], text: str) -> Iterator[str]:
    return (found[found.lastindex or 0] for found in form.finditer(text))


def _find_english(text: str, there: frozenset[str]) -> Iterator[str]:
    """Yield the small words behind an English word for kin or beside an age."""
    kin = sorted(there & _KIN)
    small = text.lower() if kin else ""
    for word in kin:
        for _, end in occurrences(small, word):
            found = _BEHIND_KIN.match(text, end)
            if found:
                yield found[1] or found[2]
    for words, form in ENGLISH if has_digit(text) else ():
        if not words.isdisjoint(there):
            yield from _words(form, text)


def _find_first_names(text: str, name: str) -> Iterator[str]:
    """Yield a given name as often as it stands in the text behind a word for kin or before an age: linh (14), Maria (15)."""
    for start, end in occurrences(text, name):
        before = text[max(0, start - _BEFORE) : start]
        is_behind_kin = name in FIRST_NAMES and _KIN_BEFORE.search(before) is not None
        if is_behind_kin or _AN_AGE.match(text, end) or _is_vietnamese(text, name, start, before):
            yield name
    big = name.capitalize()
    for start, end in occurrences(text, big) if has_digit(text) else ():
        if _AN_AGE.match(text, end) and not _BIG_BEFORE.search(text, max(0, start - _BEFORE), start):
            yield big


def _is_vietnamese(text: str, name: str, start: int, before: str) -> bool:
    if name not in VIETNAMESE or _VIETNAMESE_BEFORE.search(before) is None:
        return False
    return _NO_VIETNAMESE_HERE.match(text, start) is None


def occurrences(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Yield where a whole word stands; faster than a search by a form."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        is_within = (start and _OF_A_WORD.match(text, start - 1)) or _OF_A_WORD.match(text, end)
        if not is_within:
            yield start, end
        start = text.find(word, end)


def may_be_behind_kin(word: str) -> bool:
    """Whether a word behind one for kin in English is in no list and, unless it is a given name, has no `s` at its end."""
    is_listed = word in _AFTER_KIN or word in _BEFORE_AGE
    return may_be_a_name(word) and not is_listed and (word in FIRST_NAMES or not word.endswith("s"))


def is_no_brand(word: str) -> bool:
    """Whether a Latin word in a text of another script may name a person: no network, place or word of a list."""
    small = word.lower()
    return small not in _NO_NAMES and small not in _AFTER_KIN and may_be_a_name(word) and not is_known_or_place([word])
