"""Texts in the form of identifiers that are none: numbers of messages and cases, short call numbers, dates of laws."""

import re
from functools import lru_cache
from typing import Final

from suar.protocol.base.codelists import published_kinds
from suar.protocol.privacy.identifiers.dates import dates_in_words, full_dates
from suar.protocol.privacy.identifiers.number_runs import LEAST_DIGITS
from suar.protocol.privacy.identifiers.number_series import names_document
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc

_KINDS: Final = "|".join(kind.upper() for kind in published_kinds())
_MESSAGE: Final = rf"\b[A-Z]{{2}}-(?:{_KINDS})-\d{{4}}-\d{{6}}(?!\d)"
_CASE_WORD: Final = nfkc(
    r"\b(?:case|ref|reference|docket|file|dossier|document|doc|circular|report|order|decision|ruling|judgment|resolution|no|nos|kes|kasus|perkara|nomor|putusan|rujukan"
    r"|laporan|edaran|pekeliling|fail|hồ sơ|vụ án|bản án|công văn|số|kaso|blg|sirkular|processo|prosesu|circular|acórdão|n\.º|nº)"
    "|คดี|หมายเลข|แดงที่|ดำที่|หนังสือ(?:เวียน)?ที่|คำสั่งที่|ที่|សំណុំរឿង|លេខ|ຄະດີ|ເລກທີ|အမှုအမှတ်|အမှတ်|案|号|编号|文号|எண்|வழக்கு"
)
_CASE: Final = re.compile(
    # a year and a number of at most six digits, separated by a slash, after a word for a case or a document
    rf"(?:{_CASE_WORD})[.:º]{{0,2}} ?(?:no\.?|number|nomor|blg\.?|n\.o|no|#|เลข(?:ที่)?|លេខ|ເລກທີ)? ?[:.]? ?"
    r"(\d{1,6}[/-](?:19|20|24|25)\d\d|(?:19|20|24|25)\d\d[/-]\d{1,6})(?![\d-]|[./]\d)",
    re.IGNORECASE,
)
_TREATY: Final = re.compile(
    r"\b(?:UNTS|U\.N\.T\.S\.|LNTS|L\.N\.T\.S\.),? (?:vol\.? )?\d{1,4}(?:[-,/]| ?[,p]\.? )\d{1,3}(?:[,;] \d{1,4}[-/]\d{1,3})*(?![\d-]|[./]\d)"
)
"""A volume and a page of a series of treaties: UNTS 2225-209."""
_LINE: Final = r"(?:1\d{2,4}|9(?:11|9\d))"  # no subscriber number begins like this
_SHORT: Final = re.compile(rf"(?<![\w.,/+()-]){_LINE}(?: ?/ ?{_LINE}){{1,3}}(?![\w/-]|[.,]\d)")
_SERVICE: Final = re.compile(
    # service numbers, which are not assigned to persons: 1900 54 55 59, 1800-777-0000
    r"(?<![\w.,/+()-])1[389]00(?:(?:[ -]\d{2}){3}|[ -]\d{3}[ -]\d{3,4}|[ -]\d{6})(?![\w/-]|[.,]\d| \d)"
)
_SHORT_WORD: Final = re.compile(
    nfkc(
        r"hotline|helpline|short (?:number|code)|call|callers|dial|line|talian|layanan|hubungi|tổng đài|đường dây|gọi|tumawag|linha|linya|telefone"
        "|สายด่วน|โทร|ສາຍດ່ວນ|ໂທ|ខ្សែទូរស័ព្ទ|ဖုန်း|热线|உதவி எண்"
    ),
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    # right before a word for a case: Tel. no. 9123-2045
    nfkc(
        r"(?:\b(?:tel|telp|telepon|telefon\w*|telephone|telemóvel|phone|mobile|cell|call|dial|hotline|whats ?app|wa|viber|zalo|line|sms|contact|hubungi|hp|gọi|điện thoại|sđt|đt|tawag|tumawag|selpon|kontaktu)"
        r"|โทร|โทรศัพท์|เบอร์|ติดต่อ|ໂທ|ໂທລະສັບ|ເບີ|ទូរស័ព្ទ|ទូរសព្ទ|ဖုန်း|电话|手机|致电|தொலைபேசி|கைபேசி)\W{0,3}(?:(?:at|on|is|her|his|the|their|us) |di |ke |กับ|ที่){0,2}$"
    ),
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")


@lru_cache(maxsize=16)
def without_references(text: str) -> str:
    """Return the text in the same length with the digits of references and short call numbers replaced."""
    if "/" not in text and "-" not in text and "00 " not in text:
        return text
    forms = (_FORM_OF_MESSAGE, _CASE, _TREATY) if "NTS" in text or "N.T.S." in text else (_FORM_OF_MESSAGE, _CASE)
    for form in forms:
        text = form.sub(_without_digits, text)
    text = _SERVICE.sub(lambda found: _short(text, found), text)
    return _SHORT.sub(lambda found: _short(text, found), text)


_FORM_OF_MESSAGE: Final = re.compile(_MESSAGE)


def _without_digits(found: re.Match[str]) -> str:
    """Return a reference without its digits.

    A case number keeps them that may be a telephone: behind a word for a call, and where there are seven or more and no
    word says what document has the number.
    """
    at = found.start()
    if found.re is _CASE:
        is_long = len(found[1]) > LEAST_DIGITS
        if is_long and not names_document(found.string, *found.span(1)):
            return found[0]
        if _CALLED.search(found.string, max(0, at - 24), at):
            return found[0]
    return _DIGIT.sub("\0", found[0])


def _short(text: str, found: re.Match[str]) -> str:
    label = _SHORT_WORD.search(text, max(0, found.start() - 40), found.start())
    return _DIGIT.sub("\0", found[0]) if label else found[0]


_OF_A_LAW: Final = re.compile(
    nfkc(
        r"in(?:to)? force|takes? effect|took effect|effective|commence[sd]?|enacted|adopted|passed|promulgated|published|gazetted?|signed|assented|ratified|repealed|amended|amendment|approved"
        r"|issued|dated|act of|law of|decree|deposited|acceded"
        r"|berlaku|diundangkan|disahkan|ditetapkan|diterbitkan|berkuat ?kuasa|diwartakan|diluluskan|dimansuhkan|hiệu lực|ban hành|thông qua|công bố|ký ngày"
        r"|nagkabisa|magkakabisa|ipinasa|nilagdaan|inilathala|pinagtibay|em vigor|entra em|publicad[oa]|aprovad[oa]|promulgad[oa]|assinad[oa]|vigora|publika|aprova|promulga"
        "|ใช้บังคับ|บังคับใช้|ประกาศ|ลงนาม|ราชกิจจา|มีผล|ມີຜົນ|ສັກສິດ|ປະກາດ|ຮັບຮອງ|ជាធរមាន|អនុម័ត|ប្រកាស|ចូលជា|အာဏာတည်|ပြဋ္ဌာန်း|ထုတ်ပြန်|အတည်ပြု|施行|生效|公布|颁布|通过|நடைமுறை|அமல்|வெளியிட"
    ),
    re.IGNORECASE,
)
_OF_A_PERSON: Final = re.compile(
    nfkc(
        r"\bborn\b|birth|\bdob\b|lahir|sinh|ipinanganak|kapanganakan|nasc|moris|เกิดวัน|เกิดเมื่อ|วันเกิด|ເກີດ|កើត|မွေး|生于|出生|பிறந்த|arrest|rescued|crossed|travell?ed|disappeared|missing"
    ),
    re.IGNORECASE,
)
_PERSON_IN_TITLE: Final = re.compile(
    # birth, age or one person; not plurals and concepts, which titles of laws contain: children, women, minimum age
    nfkc(
        r"\b(?:born|birth\w*|d\.?o\.?b|lahir|kelahiran|ipinanganak|kapanganakan|nascid[oa]s?|nasceu|nascimento|moris)\b"
        r"|\bsinh (?:ngày|năm|vào|tháng|\d)|\b(?:ngày|năm|khai|giấy) sinh\b"
        r"|\baged\b|\byears?[ -]old\b|\bage (?:of )?\d|\b(?:berusia|berumur)\b|\b(?:usia|umur|edad|idade) \d|\bgulang\b|\d tuổi|\d anos|\bidade tinan"
        r"|\b(?:girl|boy|woman|man|daughter|son|mother|father|sister|brother|wife|husband|widow|teenager|infant|baby)\b|\b(?:a|this|that|one) (?:child|minor|person|victim)\b(?! witness)"
        r"|\bseorang\b|\b(?:gadis|budak)\b|\banak (?:perempuan|laki-laki|lelaki)\b|\b(?:bé gái|bé trai|cháu)\b|\bbatang (?:babae|lalaki)\b|\b(?:isang (?:bata|babae|lalaki)|dalaga|binatilyo)\b"
        r"|\b(?:menin[ao]|rapariga|rapaz)\b|\b(?:uma (?:mulher|criança|menor)|um (?:homem|menor))\b|\blabarik (?:feto|mane|ida)\b|\b(?:feto|mane|ema) ida\b"
        "|เกิด ?\\d|เกิดวัน|เกิดเมื่อ|วันเกิด|อายุ ?\\d|เด็กหญิง|เด็กชาย|ด\\.[ญช]\\.|นางสาว|เด็กคนหนึ่ง|บุคคลหนึ่ง|ເກີດ|ອາຍຸ ?\\d|ເດັກຍິງ|ເດັກຊາຍ|ນາງສາວ"
        "|កើត|កំណើត|អាយុ ?\\d|ក្មេងស្រី|ក្មេងប្រុស|កុមារី|မွေး(?!မြူ)|အသက် ?\\d|မိန်းကလေး|ယောက်ျားလေး|တစ်ဦး"
        "|出生|生于|生日|\\d ?岁|[女男](?:孩|童|子|婴)|少女|பிறந்த|பிறப்பு|வயது|சிறுமி|சிறுவன்|பெண் ஒருவர்"
    ),
    re.IGNORECASE,
)
_STOP: Final = re.compile(r"[.!?;。။៕\n](?=\s|$)|[。။៕]")
_CONTEXT: Final = 80  # characters of the same sentence examined on each side of a date


def without_dates_of_laws(text: str, leads: list[Found]) -> list[Found]:
    """Return the findings without the dates of laws.

    A full date is the date of a law if a word for the passing of a law is next to it and no word for an event of a
    person.
    """
    return [lead for lead in leads if lead.kind != "full date" or not _is_of_a_law(text, lead.words)]


def dates_of_persons(text: str) -> list[Found]:
    """Return the full dates in the title (plain text) of a law with a word for birth, age or one person; none is sure.

    The whole title is treated as one sentence, because abbreviations do not end sentences.
    """
    if not _PERSON_IN_TITLE.search(text):
        return []
    found = dict.fromkeys([*full_dates(text), *dates_in_words(text)])
    return [Found("full date", words, sure=False) for words in found]


def _is_of_a_law(text: str, words: str) -> bool:
    at, seen = text.find(words), False
    while at >= 0:
        seen = True
        before = _STOP.split(text[max(0, at - _CONTEXT) : at])[-1]
        after = _STOP.split(text[at + len(words) : at + len(words) + _CONTEXT])[0]
        around = before + " \n " + after
        if _OF_A_PERSON.search(around) or not _OF_A_LAW.search(around):
            return False
        at = text.find(words, at + 1)
    return seen
