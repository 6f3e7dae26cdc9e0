"""Numbers that count nobody: years, ages, articles, stretches of time, and notes on how is counted."""

import re
from typing import Final

from suar.protocol.privacy.prose.words import LATIN_PERSONS, OTHER_PERSONS, PERSONS, SEXES, TOTAL_BEFORE
from suar.protocol.privacy.text.month_words import BURMESE, KHMER, LAO, MONTHS, TAMIL, TETUM_MONTHS, THAI
from suar.protocol.privacy.text.plain import nfkc

NOTHING, NUMBERED, EITHER, COUNTED = range(4)
"""What a label before a number says: nothing, that it is the number of an article, either, or that it is a count."""
AGE_BEFORE: Final = re.compile(
    r"(?:\b(?:under|over|below|above|aged?|ages|usia|umur|berusia|berumur|bawah|atas|dưới|trên|tuổi|từ|idade|edad|gulang|menores de|maiores de)"
    rf"|{nfkc('อายุ|ต่ำกว่า|ເກີນ|ອາຍຸ|អាយុ|ក្រោម|အသက်|வயது|未满|年满|不满')})(?: (?:of|than|from))?[ :(/_-]{{0,2}}$",
    re.IGNORECASE,
)
_NUMBERED_BEFORE: Final = re.compile(  # articles, tables, versions
    r"(?:\b(?:articles?|arts?\.?|sections?|sect?\.|chapters?|annex(?:es)?|tables?|figures?|figs?\.?|vols?\.?|docs?\.?|refs?\.?|forms?|parts?|pages?|paragraphs?|para\.?|items?|no\.|nos\.|version|phase|step|level"
    r"|pasal|perkara|seksyen|bab|jadual|tabel|lampiran|điều|khoản|bảng|chương|mục|phụ lục|artikulo|seksyon|talahanayan|artigos?|artigu|secção|tabela|quadro|act|law|rev\.?|protocol|goal)"
    rf"|{nfkc('มาตรา|ข้อ|ตาราง|บท|ມາດຕາ|ຕາຕະລາງ|មាត្រា|តារាង|ပုဒ်မ|ဇယား|பிரிவு|அட்டவணை|第|表')})[ .:/_-]{{0,2}}$",
    re.IGNORECASE,
)
_PLACE_BEFORE: Final = re.compile(  # a place or road that a number names; with a colon it is counted there
    r"(?<!by )(?<!por )(?<!naik )(?<!dengan )(?<!bằng )\b(?:bus|zone|ward|route|highway|bridge|gate|pier|km|quận|phường|district|sdgs?|road|line|camp|terminal|platform|room|floor|zona|daerah|distrik|jalan|rute|laluan|jalur|trem|đường|quốc lộ|tỉnh lộ|tuyến|khu|distrito|rota|estrada|barangay|ruta|distritu)[ ._-]{0,2}$",
    re.IGNORECASE,
)
NO_COUNT_UNLESS_NEAR: Final = re.compile(
    # years, months and numbers; but `in June 7 men` counts men
    r"(?:\b(?:no|numbers?|quarters?|weeks?|days?|months?|years?|q|h|kuartal|triwulan|semester|bulan|tahun|tháng|năm|quý|ngày|tanggal|tgl|tarikh|petsa|fulan|tinan|loron|trimestre|buwan|taon|ano|mês"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)"
    rf"|{nfkc('ปี|เดือน|ไตรมาส|พ.ศ.|ค.ศ.|แห่งที่|ครั้งที่|วันที่|ฉบับที่|ลำดับที่|ຄັ້ງທີ|ວັນທີ|ສະບັບທີ|ថ្ងៃទី|លើកទី|ປີ|ເດືອນ|ໄຕມາດ|ឆ្នាំ|ខែ|ត្រីមាស|ခုနှစ်|ஆண்டு')})[ ./_-]{{0,2}}$",
    re.IGNORECASE,
)
_OF_PERSONS: Final = re.compile(
    # men, number 37; women No. 6; homens nº: 37; 男性第37
    nfkc(
        rf"(?:(?<![^\W_])(?:{LATIN_PERSONS})|{OTHER_PERSONS}|{SEXES}|性)(?:['’]s)?[ ,;:(\[–-]{{0,3}}(?:\b(?:in |total )?(?:numbers?|nos?|nº|n\.º|nomor|nombor|số|figs?|figures?)[ .:º]{{0,3}}|第)$"
    ),
    re.IGNORECASE,
)
"""A word for persons and one for a number, with signs alone between: a count, and no reference."""
_NO_COUNT_AFTER: Final = re.compile(
    rf" (?:thousand|million|billion|ribu|juta|miliar|bilion|nghìn|ngàn|triệu|tỷ|mil|milhões|milhão|libo|milyon|rihun|miliaun)\b|\s?(?:{nfkc('พันบาท|หมื่น|แสน|ล้าน|ລ້ານ|ແສນ|លាន|သန်း|သိန်း|லட்சம்|கோடி')})"
    rf"|\s?[+](?!\s?(?:{LATIN_PERSONS}|{OTHER_PERSONS}))|[ -]?(?:years?|yrs?|months?|weeks?|days?|hours?|minutes?|tahun|bulan|minggu|hari|jam|tuổi|năm|tháng|ngày|giờ|taong|taon|buwan|araw|oras|anos?|meses|mês|dias?|horas?|semanas?"
    rf"|tinan|fulan|loron|oras|january|february|march|april|may|june|july|august|september|october|november|december)\b"
    rf"| (?:and|or) (?:over|older|under|younger|above|below)\b"
    rf"|\s?(?:{nfkc('ปี|เดือน|วัน|ชั่วโมง|สัปดาห์|ປີ|ເດືອນ|ວັນ|ຊົ່ວໂມງ|ឆ្នាំ|ខែ|ថ្ងៃ|ម៉ោង|နှစ်|လ |ရက်|နာရီ|ခုနှစ်|岁|歲|年|月|日|天|小时|周|வயது|ஆண்டு|மாத|நாள்|மணி')})",
    re.IGNORECASE,
)
_MONTH: Final = nfkc(rf"(?:{MONTHS}|{TETUM_MONTHS})(?![^\W_])|{THAI}|{LAO}|{KHMER}|{BURMESE}|{TAMIL}")
_MONTH_AND_YEAR: Final = re.compile(
    rf"\s?(?:de )?(?:{_MONTH})[ ,.]{{0,2}}(?:de |{nfkc('ปี|พ.ศ.|ค.ศ.|ປີ|ឆ្នាំ')})? ?(?:19|20|24|25)\d\d(?!\d)",
    re.IGNORECASE,
)
_YEAR_AND_MONTH: Final = re.compile(
    nfkc(rf"(?<!\d)(?:19|20)\d\d(?: ?ஆம் ஆண்டு|ခုနှစ်)?,?\s?(?:{_MONTH})(?:လ)?\s?$"), re.IGNORECASE
)
_MAY: Final = nfkc(
    r"\b(?:may|can|could|might|dapat|boleh|bisa|mungkin|có thể|podem?|bele|maaari(?:ng)?)\b|อาจ|ອາດ|ສາມາດ|អាច|可"
)
_SEVERAL: Final = nfkc(
    r"\b(?:several|many|multiple|various|two|more than one|counted|recorded|beberapa|banyak|lebih dari(?:pada)? satu|dihitung|dikira|twice|double|dua kali|ganda|hai lần|dalawang beses|duas vezes|dala rua|nhiều|hơn một|được tính|várias|vários|mais de|barak|liu ida)\b"
    "|หลาย|สองครั้ง|ซ้ำ|ຫຼາຍ|ຫລາຍ|ສອງຄັ້ງ|ຊ້ຳ|ច្រើន|ពីរដង|多|两次|重复"
)
_GENERIC: Final = nfkc(
    "case|person|victim|individual|suspect|offender|kasus|kes|orang|korban|mangsa|vụ án|vụ|người|nạn nhân|caso|pessoa|vítima|kazu|ema|tao|biktima|kaso|mangsa"
)
_ONE_MAY: Final = re.compile(  # one case may have several victims
    rf"(?: (?:{_GENERIC})\b[^.;\d]{{0,8}}?|(?:\s?(?:{OTHER_PERSONS}|案件|ผู้เสียหาย))?[^A-Za-z.;\d]{{0,8}}?)(?:{_MAY})[^.;\d]{{0,40}}?(?:{_SEVERAL})",
    re.IGNORECASE,
)
_TWICE_MAY: Final = re.compile(nfkc("[^.;။\\d]{0,40}?(?:နှစ်ကြိမ်|ထပ်|இரண்டு முறை|இருமுறை|பல)[^.;။\\d]{0,24}?(?:နိုင်|லாம்)"))
_ONE_OF: Final = re.compile(  # one of the routes, uma das vítimas, một số, တစ်ဦးချင်း (individually)
    nfkc(
        r" of (?:the|these|those|our|their|its|many)\b| (?:d[ao]s|destas|destes|entre|sa mga|dari|daripada|trong)\b| số\b|ဦးချင်း|ယောက်ချင်း|ယောက်စီ|ในบรรดา|ໃນບັນດາ|ក្នុងចំណោម"
    ),
    re.IGNORECASE,
)
_ONE_OF_BEFORE: Final = re.compile(r"\b(?:salah|isa sa)\s$", re.IGNORECASE)
_ZERO: Final = nfkc("không")
_NOT: Final = re.compile(nfkc(r" (?!có ?(?:$|[^\w\s]))[^\W\d_]"), re.IGNORECASE)
_ARTICLES: Final = frozenset(map(nfkc, ("um", "uma", "isang", "ஒரு")))
_MAY_ONE: Final = re.compile(r"\bmaaari\w*[^.;\d]{0,20}\b(?:ilang|marami\w*|higit)\b[^.;\d]{0,24}$", re.IGNORECASE)
_AT_LEAST: Final = re.compile(  # each case has at least one victim
    nfkc(
        r"(?:\b(?:each|every|setiap|tiap|mỗi|cada|bawat)\b|แต่ละ|ทุก|ແຕ່ລະ|ທຸກ|每)[^.;\d]{0,32}"
        r"(?:\b(?:at least|sekurang-kurangnya|setidaknya|paling sedikit|ít nhất|pelo menos|hindi bababa sa|kahit)|อย่างน้อย|ຢ່າງໜ້ອຍ|至少)[^.;\d]{0,3}$"
    ),
    re.IGNORECASE,
)
_TO_CHECK: Final = re.compile(  # two persons check each form
    nfkc(
        r"(?: [^\W\d_]+){1,2} (?:check(?:s|ed)?|verif(?:y|ies|ied)|review(?:s|ed)?|enter(?:s|ed)?|read|memeriksa|menyemak|mencatat|kiểm tra|verificam|verificaram|conferem|nagsusuri)"
        r" (?:(?:each|every|all|the|setiap|tiap|mỗi|từng|cada|bawat)\b)|\s?(?:คน|ท่าน|ຄົນ)(?:ตรวจ|ກວດ)[^.;\d]{0,16}(?:ทุก|แต่ละ|ທຸກ|ແຕ່ລະ)"
    ),
    re.IGNORECASE,
)
_TO: Final = re.compile(nfkc(r"\s?(?:-|to|until|hingga|sampai|đến|a|hanggang|ถึง|ຫາ|ដល់|至|到)\s?\d{1,2}(?!\d)"))
_PERSON: Final = re.compile(rf"[ -]?(?:(?:{LATIN_PERSONS})(?![^\W\d_])|{OTHER_PERSONS})")
_LABEL_SEEN: Final = 24
_COLON: Final = re.compile("[:=]")


def label_before(before: str, after: str) -> int:
    """Return what a label says of a number: of `Jumlah perkara: 9` it is a count, of `Section 9` none.

    `before`, `after`: the text beside the number. A word for persons in small letters right behind leaves both open
    (`Mục 9 nam`, `section 9 persons`).
    """
    if _OF_PERSONS.search(before):
        return COUNTED
    label = _NUMBERED_BEFORE.search(before) or _PLACE_BEFORE.search(before)
    if label is None:
        return NOTHING
    front = before[max(0, label.start() - _LABEL_SEEN) : label.start()]
    if _COLON.search(label[0]) and (PERSONS.search(front) or TOTAL_BEFORE.search(front)):
        return COUNTED
    return EITHER if _PERSON.match(after) else NUMBERED


def is_measure(after: str) -> bool:
    """Whether a unit of time, a month or a limit of ages stands behind a number, also behind the end of a range."""
    range_of = _TO.match(after)
    return _NO_COUNT_AFTER.match(after, range_of.end() if range_of else 0) is not None


def is_one_of(word: str, before: str, after: str) -> bool:
    """Whether a word for one says which, not how many: an article (`uma`, `ஒரு`), `one of the`, `salah satu`, `một số`."""
    return word.lower() in _ARTICLES or _ONE_OF.match(after) is not None or _ONE_OF_BEFORE.search(before) is not None


def is_negation(word: str, after: str) -> bool:
    """Whether the Vietnamese zero is the `not` of a word behind it, as in `nạn nhân không phải`, and no count of nobody."""
    return word.lower() == _ZERO and _NOT.match(after) is not None


def is_day(before: str, after: str) -> bool:
    """Whether a number between these texts is the day of a date with its month in words and its year."""
    return _MONTH_AND_YEAR.match(after) is not None or _YEAR_AND_MONTH.search(before) is not None


def is_of_a_method(value: float, before: str, after: str) -> bool:
    """Whether a number is part of a note on the method of counting: one case may have several victims."""
    if value == 1 and (_ONE_MAY.match(after) or _MAY_ONE.search(before) or _AT_LEAST.search(before)):
        return True
    if value == 1 and _TWICE_MAY.match(after):
        return True
    return _TO_CHECK.match(after) is not None
