"""Texts in the form of identifiers that are none: numbers of messages and cases, short call numbers, dates of laws and reports."""

import re
from functools import lru_cache
from typing import Final

from suar.protocol.base.codelists import published_kinds
from suar.protocol.privacy.identifiers.dates import dates_in_words, full_dates
from suar.protocol.privacy.identifiers.number_runs import LEAST_DIGITS
from suar.protocol.privacy.text.call_words import LINES, around_in_sentence, is_before_label, is_called, is_own_call
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.month_words import OF_FEBRUARY, OF_THIRTY_DAYS
from suar.protocol.privacy.text.number_words import OF_COURTS, is_document_named
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
    # service numbers, which are not assigned to persons: 1900 54 55 59, 1800-777-0000, 1300-22-8200, 1800 1567
    r"(?<![\w.,/+()-])1[389]00(?:(?:[ -]\d{2}){3}|[ -]\d{3}[ -]\d{3,4}|(?:[ -]?\d){6})(?![\w/-]|[.,]\d| \d)"
    r"|(?<![\w.,/+()-])(?:1[89]00[ -]?\d{4}|1[ -][389]00[ -]\d{3}[ -]\d{4})(?![\w/-]|[.,]\d| \d)"
)
_CASE_YEAR: Final = r"(?:19[5-9]\d|20[0-3]\d)(?!\d)"
_CASE_OF_YEAR: Final = r"[1-9]\d{2,4}/(?:[0-2]\d|30|[6-9]\d)"
_OF_COURT: Final = re.compile(
    # Malaysia: B-05-123-04/2019, BA-45B-12-03/2019, 01-23-05/2018; J-05-45-2011, but not a date behind the letter
    rf"(?<![\w/-])(?:(?:[A-Z]{{1,3}}-)?\d{{2}}[A-Z]{{0,3}}(?:\([A-Z]{{1,3}}\))?-\d{{1,4}}-(?:0[1-9]|1[0-2])/{_CASE_YEAR}(?![/-])"
    rf"|[A-Z]{{1,3}}-(?:0[1-9]|[1-4]\d)-(?!(?:0?[1-9]|1[0-2])-)[1-9]\d{{0,3}}-{_CASE_YEAR}(?![/-])"
    # European Court of Human Rights: no. 25965/04
    rf"|[Nn]os?\.? {_CASE_OF_YEAR}(?:(?:,| and|, and) {_CASE_OF_YEAR})*(?![\d/-]))"
)
"""Numbers of cases behind a word for a case or a court, or the parties."""
_OF_AUTHORITY: Final = re.compile(
    # ICC-01/04-01/06-2842, 001/18-07-2007/ECCC, COM(2022) 732, 2002/629/JHA
    r"\bICC-0[12]/[0-2]\d-0[1-9]/[0-2]\d(?:-\d{1,4})?(?![\d/])|(?<![\w/-])00[1-4](?:/\d\d)?/\d\d-\d\d-20\d\d(?=[/-]ECCC)"
    rf"|\b(?:COM|SWD|SEC|JOIN|C)\((?=\d{{4}}\)){_CASE_YEAR}\) ?[1-9]\d{{0,3}}(?![\d/-])"
    rf"|(?<![\w/-])(?=\d{{4}}/){_CASE_YEAR}/[1-9]\d{{0,3}}/(?:JHA|EC|EU|EEC|CFSP|JAI|UE|CE)\b"
)
"""Numbers of cases and acts whose letters say whose they are."""
_PARTS_OF_AUTHORITY: Final = ("ICC-", "ECCC", "(20", "(19", "/J", "/E", "/C", "/U")
_PART_OF_COURT: Final = re.compile(r"-\d{1,4}-\d|\d\d/\d\d(?!\d)")
_DIGIT: Final = re.compile(r"\d")


@lru_cache(maxsize=16)
def without_references(text: str) -> str:
    """Return the text in the same length with the digits of references and short call numbers replaced."""
    if any(map(text.__contains__, _PARTS_OF_AUTHORITY)):
        text = _OF_AUTHORITY.sub(_of_court, text)
    if "/" not in text and "-" not in text and "00" not in text:
        return text
    forms = (_FORM_OF_MESSAGE, _CASE, _TREATY) if "NTS" in text or "N.T.S." in text else (_FORM_OF_MESSAGE, _CASE)
    for form in forms:
        text = form.sub(_without_digits, text)
    if _PART_OF_COURT.search(text):
        text = _OF_COURT.sub(_of_court, text)
    text = _SERVICE.sub(lambda found: _short(text, found), text)
    return _SHORT.sub(lambda found: _short(text, found), text)


_SUBSCRIBERS: Final = "36789"
"""First digits of telephones of seven or eight digits."""
_FORM_OF_MESSAGE: Final = re.compile(_MESSAGE)


def _without_digits(found: re.Match[str]) -> str:
    """Return a reference without its digits.

    A case number keeps them that may be a telephone: behind a word for a call, and where there are seven or more and no
    word says what document has the number, or one says in the sentence whose telephone it is.
    """
    at = found.start()
    if found.re is _CASE:
        is_long = len(found[1]) > LEAST_DIGITS
        if is_long and not is_document_named(found.string, *found.span(1)):
            return found[0]
        if is_before_label(found.string, at) or (
            is_long and found[1][0] in _SUBSCRIBERS and is_own_call(found.string, *found.span(1))
        ):
            return found[0]
    return _DIGIT.sub("\0", found[0])


def _of_court(found: re.Match[str]) -> str:
    """Return the number of a case without its digits, unless its sentence has a word for a telephone or none for a court."""
    text, span = found.string, found.span()
    is_case = found.re is _OF_AUTHORITY or OF_COURTS.search(text, max(0, span[0] - _CONTEXT), span[0]) is not None
    return _DIGIT.sub("\0", found[0]) if is_case and not is_called(text, *span) else found[0]


def _short(text: str, found: re.Match[str]) -> str:
    label = LINES.search(text, max(0, found.start() - 40), found.start())
    return _DIGIT.sub("\0", found[0]) if label else found[0]


_OF_A_LAW: Final = re.compile(
    nfkc(
        r"in(?:to)? force|takes? effect|took effect|effective|commence[sd]?|enacted|adopted|passed|promulgated|published|gazetted?|signed|assented|ratified|repealed|amended|amendment|approved"
        r"|issued|dated|act of|law of|decree|deposited|acceded|\b(?:act|law|ordinance|proclamation|code) (?:no\b|number\b|on\b)"
        r"|dipinda|diubah|sửa đổi|sinususugan|sinusugan|inamyendahan|alterad[oa]|altera"
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
_OF_AN_EVENT: Final = re.compile(
    # the day the complainant was found, ngày em bị bán, when Thandar was 16, the girl
    nfkc(
        r"\b(?:the|that|very) day\b(?! (?:after|before|of (?:its|their|publication|signature)))|\bwhen (?:[Ss]?[Hh]e|the (?:girl|boy|victim|complainant|survivor))\b|(?-i:\bwhen [A-Z][a-z]+ (?:was|is)\b)"
        r"|\b(?:hari|ketika|saat|tanggal) (?:korban|mangsa|ia|dia|anak itu|gadis)\b|\bngày (?:em|cô|chị|bé|cháu|anh|nạn nhân|mẹ)\b|\bdia em que\b|\bquando (?:a|o|ela|ele)\b|\bsa araw na\b|\b(?:noong|nang) (?:natagpuan|nailigtas)"
        r"|\bloron (?:ne'ebé|bainhira)\b|\b(?:the|this|that) (?:girl|boy|complainant|survivor|teenager)\b|\b(?:gadis|menina|menino|rapariga|bé gái|cháu)\b"
        "|当日|当天|同日|วันที่(?:เธอ|เขา|เด็ก|ผู้เสียหาย|เหยื่อ)|วันเดียวกับ|ມື້ທີ່|ថ្ងៃដែល|နေ့တွင်သူ|[女男]孩|அன்று|சிறுமி"
    ),
    re.IGNORECASE,
)
"""What says of a date that it is also that of an event of one person."""
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
_STOP: Final = re.compile(r"(?<!\bno)(?<!\bnos)[.](?=\s|$)|[!?;。။៕\n](?=\s|$)|[。။៕]", re.IGNORECASE)
"""The end of a sentence; the dot of `No. 9208` is none."""
_CONTEXT: Final = 80  # characters of the same sentence examined on each side of a date


def without_dates_of_laws(text: str, leads: list[Found]) -> list[Found]:
    """Return the findings without the dates of laws.

    A full date is the date of a law if a word for the passing of a law is next to it and no word for an event of a
    person. One that is said to be also the day of something else is not sure.
    """
    kept = [lead for lead in leads if lead.kind != "full date" or not _is_of_a_law(text, lead.words)]
    laws = [lead for lead in leads if lead not in kept] if _OF_AN_EVENT.search(text) else []
    return [*kept, *(lead._replace(is_sure=False) for lead in laws if _is_of_an_event(text, lead.words))]


def _is_of_an_event(text: str, words: str) -> bool:
    at = text.find(words)
    return any(_OF_AN_EVENT.search(part) for part in around_in_sentence(text, at, at + len(words)))


def dates_of_persons(text: str) -> list[Found]:
    """Return the full dates in the title (plain text) of a law with a word for birth, age or one person; none is sure.

    The whole title is treated as one sentence, because abbreviations do not end sentences.
    """
    if not _PERSON_IN_TITLE.search(text):
        return []
    found = dict.fromkeys([*full_dates(text), *dates_in_words(text)])
    return [Found("full date", words, is_sure=False) for words in found]


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


# -- dates of reports

_AS_OF: Final = nfkc(r"\b(?:as (?:of|at|on)|per|setakat|sehingga|tính đến|até|hanggang)\b|ณ|ຮອດ|គិតត្រឹម|截至|截止")
_SINCE: Final = nfkc(
    r"\b(?:up to|until|till|through|to|from|since|by|end(?:ing|ed)|effective|between|hingga|sampai|sampai dengan|s/d|mulai|sejak|dari|bermula|đến|từ|kể từ"
    r"|mula|simula|desde|a partir de|to'o|husi|hosi|hahú)\b|ตั้งแต่|ถึง|สิ้นสุด|นับแต่|ແຕ່|ເຖິງ|ត្រឹម|ពី|ដល់|至|自|从"
)
_DAY_WORD: Final = nfkc("(?: ?(?:the|ngày|tanggal|tarikh|ika-|dia|loron|วันที่|ວັນທີ|ថ្ងៃទី|ថ្ងៃ))?[ :]?")
_BEHIND_SINCE: Final = re.compile(
    rf"(?:(?P<report>{_AS_OF})|{_SINCE}){_DAY_WORD}$|(?<!\d)0?1(?:st)? ?[^\W\d]{{3,12}}[ .]{{0,2}}(?:\d{{4}} ?)?-[ ]?$",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(
    nfkc(r" ?(?:-|to\b|until\b|sampai\b|hingga\b|đến\b|hanggang\b|até\b|ถึง|ເຖິງ|ដល់|至|到|အထိ|வரை)[^\d\n]{0,16}\d"),
    re.IGNORECASE,
)
_LAUNCHED: Final = re.compile(
    nfkc(
        r"\b(?:launched|released|published|issued|adopted|enacted|gazetted|inaugurated|diluncurkan|diterbitkan|dilancarkan|disahkan|công bố|ban hành|khai trương|lançad[oa]|publicad[oa]|inilunsad|inilathala)\b"
        "[^\\d\\n]{0,16}$|เผยแพร่[^\\d\\n]{0,12}$|เปิดตัว[^\\d\\n]{0,12}$|发布于?$|启动于?$"
    ),
    re.IGNORECASE,
)
_OF_AN_OCCASION: Final = re.compile(
    # a training, a meeting, an agreement, a law, a measure
    nfkc(
        r"\b(?:trainings?|workshops?|meetings?|conferences?|seminars?|summits?|forums?|memorand(?:um|a)|mous?|agreements?|treat(?:y|ies)|laws?|ordinances?|amendments?|deadlines?|regulations?|decrees?|directives?|polic(?:y|ies)|campaigns?|visas?|visa-free"
        r"|pelatihan|latihan|lokakarya|bengkel|rapat|mesyuarat|pertemuan|konferensi|persidangan|perjanjian|kesepakatan|undang-undang|akta|peraturan|kampanye|kempen|tập huấn|hội thảo|hội nghị|cuộc họp|thỏa thuận|hiệp định|bản ghi nhớ|nghị định|luật|thông tư|thị thực|thời hạn|hạn chót|tenggat|batas waktu|tarikh akhir"
        r"|pagsasanay|deadline|taning|pulong|pagpupulong|kumperensya|kasunduan|batas|kautusan|kampanya|formaç(?:ão|ões)|reunião|conferência|seminário|acordos?|memorando|decreto|campanha|treinamentu|enkontru|akordu|sorumutu)\b"
        "|อบรม|ประชุม|สัมมนา|บันทึกความเข้าใจ|ข้อตกลง|พระราชบัญญัติ|กฎหมาย|พระราชกำหนด|กำหนดส่ง|ระเบียบ|มาตรการ|วีซ่า|ຝຶກອົບຮົມ|ປະຊຸມ|ສຳມະນາ|ບົດບັນທຶກ|ຂໍ້ຕົກລົງ|ກົດໝາຍ|ມາດຕະການ|បណ្តុះបណ្តាល|ប្រជុំ|សិក្ខាសាលា|អនុស្សរណៈ|កិច្ចព្រមព្រៀង|ច្បាប់|វិធានការ"
        "|သင်တန်း|အစည်းအဝေး|ဆွေးနွေးပွဲ|သဘောတူ|ဥပဒေ|培训|培訓|会议|會議|研讨|论坛|备忘录|备忘錄|协议|协定|条例|法律|签证|பயிற்சி|கூட்டம்|மாநாடு|ஒப்பந்தம்|சட்டம்|விசா"
    ),
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+")
_LAST: Final = ("31", "30", "28")
_MONTHS_OF_THIRTY: Final = ("4", "6", "9", "11")


def graded_dates(text: str, leads: list[Found]) -> list[Found]:
    """Return the findings in plain text without the first and last days of months that bound a period of a report.

    They stand behind `as of`, `from`, `to` and their like, in a sentence without a word for a birth or for one person.
    Another day behind such a word, behind one for a publication, or in a sentence with a word for a meeting, a training,
    an agreement or a measure, may be such a date: it is not sure.
    """
    if not any(lead.kind == "full date" for lead in leads):
        return leads
    graded = []
    for lead in leads:
        standing = _grade(text, lead.words) if lead.kind == "full date" else None
        if standing is not _PASSES:
            graded.append(lead._replace(is_sure=lead.is_sure and standing is None))
    return graded


_PASSES, _HELD = "passes", "held"


def _grade(text: str, words: str) -> str | None:
    """Return what a full date is in all its places: one that passes, one to be held, or none of these."""
    at, grade = text.find(words), None
    while at >= 0:
        before, after = around_in_sentence(text, at, at + len(words))
        if any(form.search(part) for form in (_OF_A_PERSON, _PERSON_IN_TITLE) for part in (before, after)):
            return None
        is_edge = _is_edge(words)
        since = _BEHIND_SINCE.search(before)
        if is_edge and (since or _UNTIL.match(after)):
            grade = grade or _PASSES
        elif (since and since["report"]) or _LAUNCHED.search(before) or _is_of_an_occasion(before, after):
            grade = _HELD
        else:
            return None
        at = text.find(words, at + 1)
    return grade


def _is_of_an_occasion(before: str, after: str) -> bool:
    return _OF_AN_OCCASION.search(before) is not None or _OF_AN_OCCASION.search(after) is not None


def _is_edge(words: str) -> bool:
    """Whether a full date is the first day of a month or its last one."""
    numbers = [each.lstrip("0") for each in _NUMBER.findall(words)]
    if len(numbers) == 3:
        first, second, third = numbers
        day, month = (third, second) if len(first) == 4 else (first, second)
        if len(first) < 4 and first != "1" and second in _LAST:
            day, month = second, first  # 12/31/2023
    else:
        day, month = next((each for each in numbers if len(each) < 4), ""), ""
    if day == "30":
        return month in _MONTHS_OF_THIRTY if month else OF_THIRTY_DAYS.search(words) is not None
    return day in ("1", "31") or (
        day in ("28", "29") and (month == "2" if month else OF_FEBRUARY.search(words) is not None)
    )
