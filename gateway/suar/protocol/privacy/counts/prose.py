"""Counts in the title and summary of a trend: finds numbers, in digits or words, that disclose what the table hides.

A number that equals a hidden cell, its complement (its total minus the cell) or its share of a total is refused next to
a word for persons, cases or per cent, and held elsewhere; another count below k next to such a word is held. Years,
ages, articles, dates and durations are not counts. The reason shows the words, but not what they equal.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.counts.arithmetic import computed
from suar.protocol.privacy.counts.joined import lettered, rows, splits
from suar.protocol.privacy.counts.ratios import Number, ratios
from suar.protocol.privacy.text.numerals import LANGUAGES, spelled
from suar.protocol.privacy.text.plain import has_digit, nfkc
from suar.protocol.privacy.text.spaced import with_joined_words


class Counted(NamedTuple):
    """A number in plain text.

    `is_share`: in per cent. `is_near_word`: next to a word for persons, cases or per cent. `is_factor`: a multiple.
    `is_total`: next to a word for a total. `is_ratio`: the ratio of two counts.
    """

    words: str
    value: float
    is_share: bool
    is_near_word: bool
    is_factor: bool = False
    is_total: bool = False
    is_ratio: bool = False


_DIGITS: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_./-])|(?<=[\s(:]-)|(?<=^-)|(?<=\bnain-)|(?<=\bna['’]in-))(?<!\d,)(?:[1-9]\d{0,2}(?:[,. ]\d{3})+(?![\d])|\d{1,7}(?:[.,]\d{1,2}(?!\d))?)(?![A-Za-z0-9_/]|-\d|[.,]\d)"
)
_PER_CENT: Final = nfkc(
    "%|٪|per ?cent|pct\\b|persen|peratus|phần trăm|por ?cento|pursentu|porsentu|porsento|persentu|por sentu|porsiyento|porsyento|bahagdan|เปอร์เซ็น|เปอร์เซนต์|ເປີເຊັນ|ເປີເຊນ|ສ່ວນຮ້ອຍ"
    "|ភាគរយ|ရာခိုင်နှုန်း|ရာခိုင်နူန်း|ရာနှုန်း|சதவீத|சதவிகித|விழுக்காடு"
)
_POINTS: Final = nfkc("poin|mata|điểm|pontos?|puntos?|จุด|ຈຸດ|ចំណុច|个|個")
_SHARE_AFTER: Final = re.compile(rf"\s?(?:na\s)?(?:(?:{_POINTS})\s?)?(?:{_PER_CENT}|百分点|百分點)", re.IGNORECASE)
_NUMBER_OF_CENT: Final = nfkc("ร้อยละ|ຮ້ອຍລະ|百分之|ရာခိုင်နှုန်း")
_SHARE_BEFORE: Final = re.compile(
    rf"(?:{_NUMBER_OF_CENT}|\b(?:porsentu|pursentu|porsento|bahagdan|peratus))\s?$", re.IGNORECASE
)
_A_HUNDREDTH: Final = re.compile(rf"{_PER_CENT}|{_NUMBER_OF_CENT}|百分点|百分點", re.IGNORECASE)
"""Words for per cent, in which `hundred` is not a number."""
_LATIN_PERSONS: Final = (
    # English, and words that other languages share with it
    r"persons?|people|victims?|survivors?|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|minors?|adults?|females?|males?|migrants?|workers?|nationals?"
    r"|citizens?|foreigners?|individuals?|suspects?|offenders?|perpetrators?|traffickers?|recruiters?|brokers?|defendants?|detainees?|infants?|bab(?:y|ies)"
    r"|teenagers?|adolescents?|youths?|students?|patients?|refugees?|asylum seekers?|returnees?|passengers?|travellers?|famil(?:y|ies)|sisters?|brothers?"
    r"|mothers?|fathers?|daughters?|sons?|cases?|convictions?|prosecutions?|arrests?|deaths?"
    r"|thais|burmese|cambodians|laotians|vietnamese|filipin[oa]s|indonesians|malaysians|timorese|singaporeans|bruneians|chinese|indians|bangladeshis|nepal(?:is|ese)|pakistanis|rohingyas?"
    # Indonesian, Malay
    r"|orang|korban|mangsa|perempuan|wanita|laki-laki|lelaki|anak|kanak-kanak|gadis|budak|pekerja|buruh|tersangka|suspek|terdakwa|pelaku|kasus|kes|jiwa|warga"
    # Vietnamese
    r"|người|nạn nhân|phụ nữ|nữ|nam giới|nam|trẻ em|trẻ|bé gái|bé trai|cháu|em|ca|vụ án|vụ|đối tượng|bị can|bị cáo|lao động"
    # Filipino
    r"|tao|katao|biktima|babae|lalaki|bata|kababaihan|kalalakihan|manggagawa|suspek|kaso|menor de edad"
    # Portuguese, Tetum
    r"|pessoas?|vítimas?|mulher(?:es)?|homens?|homem|crianças?|meninas?|meninos?|raparigas?|rapaz(?:es)?|menor(?:es)?|trabalhador(?:es|as?)?|casos?|arguidos?|suspeitos?"
    r"|ema|vítima sira|feto|mane|labarik|traballadór|kazu|suspeitu"
)
_OTHER_PERSONS: Final = nfkc(
    "คน|ราย|คดี|กรณี|ท่าน|เคส|ຄົນ|ລາຍ|ຄະດີ|ກໍລະນີ|ທ່ານ|នាក់|ករណី|សំណុំរឿង|រូប|ဦး|ယောက်|ပါး|အမှု|မှု(?!ခင်း)|名|人|位|例|起|宗|个人|個人|个?[男女]|兄弟|姐妹|件案"
    "|பேர்|நபர்|பெண்|ஆண்|குழந்தை|சிறுவ|சிறும|வழக்கு|பாதிக்கப்பட்ட|தொழிலாள"
)
_NOT_BETWEEN: Final = "in|with|from|and|or|by|to|for|at|on|who|which|where|that|as|than|per|sent|reported|dan|atau|dari|dengan|di|yang|và|hoặc|từ|tại|e|ou|em|com|at|sa|o|husi|ho|iha"
_AFTER: Final = re.compile(
    rf"(?: ?\([^()\d]{{1,30}}\))?(?:(?:[ -]{{1,2}}(?!(?:{_NOT_BETWEEN})\b)[^\W\d_]+(?:['’-][^\W\d_]+)*){{0,2}}[ -]{{1,2}}(?:of (?:the |these |those |them |all )?)?(?:{_LATIN_PERSONS})\b(?!-)"
    rf"|\s?(?:of (?:them|whom|those)\b)|\s?(?:more than |多)?(?:{_OTHER_PERSONS}))",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"(?:\b(?:{_LATIN_PERSONS})\b(?: sira)?(?: (?:is|are|was|were|number(?:ed)?|total(?:led)?|adalah|ialah|sebanyak|berjumlah|ay|là|có|nain|hamutuk|mak|eram|são|foram))?[ :=(-]{{1,3}}(?:n ?= ?)?"
    rf"|\b(?:seramai|sebanyak|na['’]?in)[ -]"
    rf"|(?:{nfkc('ผู้เสียหาย|หญิง|ชาย|เด็ก|ราย|คดี|กรณี|ຜູ້ຖືກເຄາະຮ້າຍ|ຜູ້ຊາຍ|ແມ່ຍິງ|ເດັກ|ຄະດີ|ກໍລະນີ|ជនរងគ្រោះ|បុរស|ស្ត្រី|កុមារ|ករណី|សំណុំរឿង|အမျိုးသား|အမျိုးသမီး|ကလေး|အမှု|受害者|受害人|女性|男性|男|女|兄弟|姐妹|姐弟|儿童|人数|案件|ஆண்கள்|பெண்கள்')})"
    rf"(?:{nfkc('จำนวน|มี|ຈຳນວນ|ມີ|ចំនួន|មាន|ပေါင်း|共|有|为|仅')})?[ :=(-]{{0,3}})$",
    re.IGNORECASE,
)
_TOTAL_BEFORE: Final = re.compile(
    rf"(?:\b(?:totals?|totalled|totalling|overall|altogether|in all|jumlah|keseluruhan|seluruhnya|semuanya|tổng (?:số|cộng|là)|tất cả|kabuuan|lahat|ao todo|totál|hamutuk)\b"
    rf"|{nfkc('รวม|ทั้งหมด|ทั้งสิ้น|ລວມ|ທັງໝົດ|ທັງຫມົດ|សរុប|ទាំងអស់|စုစုပေါင်း|总[数计共]|總[數計共]|总人数|一共|共[计計有]|合[计計]|மொத்த')})[^.;\d\n]{{0,24}}$",
    re.IGNORECASE,
)
_TOTAL_AFTER: Final = re.compile(
    rf"[^.;\d\n]{{0,12}}(?:\b(?:in total|in all|altogether|overall|total|semuanya|seluruhnya|keseluruhannya|tất cả|lahat|ao todo|no total|hamutuk)\b"
    rf"|{nfkc('ทั้งหมด|ทั้งสิ้น|ທັງໝົດ|ທັງຫມົດ|សរុប|ទាំងអស់|மொத்த')})",
    re.IGNORECASE,
)
_BELOW_ONE: Final = re.compile(
    rf"(?<![A-Za-z0-9_.,/-])0[.,]\d{{1,4}}(?![\w/-]|[.,]\d|\s?(?:{_PER_CENT}))", re.IGNORECASE
)
_RATIO_BEFORE: Final = re.compile(
    rf"(?:\b(?:ratios?|rasio|nisbah|tỷ số|tỉ số|tỷ lệ giới tính|tỉ lệ giới tính|razão|rácio|rasaun|rásiu|proporsyon|tumbasan)\b"
    rf"|{nfkc('อัตราส่วน|สัดส่วน|ອັດຕາສ່ວນ|ສັດສ່ວນ|អនុបាត|សមាមាត្រ|အချိုး|性别比|性別比|男女比|女男比|性比|比例|விகித')})[^.;\d\n]{{0,32}}$",
    re.IGNORECASE,
)
_HUNDRED: Final = (
    rf"(?:(?<![\d.,])100(?![\d%]|[.,]\d)|\b(?:a|one|every|each|per) hundred\b(?! and)|\bseratus\b|\bmột trăm\b|\bcem\b|\b(?:sandaan|isang daan)\b|\batus ida\b"
    rf"|{nfkc('(?:หนึ่ง|ต่อ|ทุก|ใน) ?ร้อย(?!ละ)|(?:ໜຶ່ງ|ຫນຶ່ງ|ຕໍ່|ທຸກ|ໃນ) ?ຮ້ອຍ(?!ລະ)|មួយរយ|တစ်ရာ|[一每]百(?![一二三四五六七八九十零分])|நூறு')})"
)
_HUNDRED_AFTER: Final = re.compile(rf"[^.;\d\n]{{1,40}}?{_HUNDRED}", re.IGNORECASE)
_HUNDRED_BEFORE: Final = re.compile(rf"{_HUNDRED}[^.;\d\n]{{1,40}}$", re.IGNORECASE)
_ATTACHED: Final = re.compile(  # 7men, Men43
    rf"(?<![A-Za-z0-9_./,-])(\d{{1,7}})(?:{_LATIN_PERSONS})\b|(?<![^\W_])(?:{_LATIN_PERSONS})(\d{{1,7}})(?![\w/-]|[.,]\d)",
    re.IGNORECASE,
)
_NO_COUNT_BEFORE: Final = re.compile(
    # ages
    r"(?:\b(?:under|over|below|above|aged?|ages|usia|umur|berusia|berumur|bawah|atas|dưới|trên|tuổi|từ|idade|edad|gulang|menores de|maiores de)"
    rf"|{nfkc('อายุ|ต่ำกว่า|ເກີນ|ອາຍຸ|អាយុ|ក្រោម|အသက်|வயது|未满|年满|不满')})(?: (?:of|than|from))?[ :(]{{0,2}}$"
    # numbered things: articles, tables, versions
    r"|(?:\b(?:articles?|arts?\.?|sections?|sect?\.|chapters?|annex(?:es)?|tables?|figures?|parts?|pages?|paragraphs?|para\.?|items?|no\.|nos\.|version|phase|step|level"
    r"|pasal|perkara|seksyen|bab|jadual|tabel|lampiran|điều|khoản|bảng|chương|mục|phụ lục|artikulo|seksyon|talahanayan|artigos?|artigu|secção|tabela|quadro|act|law|rev\.?|protocol|goal)"
    rf"|{nfkc('มาตรา|ข้อ|ตาราง|บท|ມາດຕາ|ຕາຕະລາງ|មាត្រា|តារាង|ပုဒ်မ|ဇယား|பிரிவு|அட்டவணை|第|表')})[ .:]{{0,2}}$",
    re.IGNORECASE,
)
_NO_COUNT_UNLESS_NEAR: Final = re.compile(
    # years, months and numbers; but `in June 7 men` counts men
    r"(?:\b(?:no|numbers?|quarters?|weeks?|days?|months?|years?|q|h|kuartal|triwulan|semester|bulan|tahun|tháng|năm|quý|ngày|fulan|tinan|loron|trimestre|buwan|taon|ano|mês"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)"
    rf"|{nfkc('ปี|เดือน|ไตรมาส|พ.ศ.|ค.ศ.|ປີ|ເດືອນ|ໄຕມາດ|ឆ្នាំ|ខែ|ត្រីមាស|ခုနှစ်|ஆண்டு')})[ .:]{{0,2}}$",
    re.IGNORECASE,
)
_NO_COUNT_AFTER: Final = re.compile(
    rf"\s?[+]|[ -]?(?:years?|yrs?|months?|weeks?|days?|hours?|minutes?|tahun|bulan|minggu|hari|jam|tuổi|năm|tháng|ngày|giờ|taong|taon|buwan|araw|oras|anos?|meses|mês|dias?|horas?|semanas?"
    rf"|tinan|fulan|loron|oras|january|february|march|april|may|june|july|august|september|october|november|december)\b"
    rf"| (?:and|or) (?:over|older|under|younger|above|below)\b"
    rf"|\s?(?:{nfkc('ปี|เดือน|วัน|ชั่วโมง|สัปดาห์|ປີ|ເດືອນ|ວັນ|ຊົ່ວໂມງ|ឆ្នាំ|ខែ|ថ្ងៃ|ម៉ោង|နှစ်|လ |ရက်|နာရီ|ခုနှစ်|岁|歲|年|月|日|天|小时|周|வயது|ஆண்டு|மாத|நாள்|மணி')})",
    re.IGNORECASE,
)
_MAY: Final = nfkc(r"\b(?:may|can|could|might|dapat|boleh|bisa|mungkin|có thể|podem?|bele)\b|อาจ|ອາດ|ສາມາດ|អាច|可")
_SEVERAL: Final = nfkc(
    r"\b(?:several|many|multiple|various|two|more than one|counted|recorded|beberapa|banyak|lebih dari(?:pada)? satu|dihitung|dikira|nhiều|hơn một|được tính|várias|vários|mais de|barak|liu ida)\b"
    "|หลาย|ຫຼາຍ|ຫລາຍ|ច្រើន|多"
)
_GENERIC: Final = nfkc(
    "case|person|victim|individual|suspect|offender|kasus|kes|orang|korban|mangsa|vụ án|vụ|người|nạn nhân|caso|pessoa|vítima|kazu|ema"
)
_ONE_MAY: Final = re.compile(  # one case may have several victims
    rf"(?: (?:{_GENERIC})\b[^.;\d]{{0,8}}?|(?:\s?(?:{_OTHER_PERSONS}|案件|ผู้เสียหาย))?[^A-Za-z.;\d]{{0,8}}?)(?:{_MAY})[^.;\d]{{0,40}}?(?:{_SEVERAL})",
    re.IGNORECASE,
)
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
_BOUNDS: Final = frozenset({0, 8, 9, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30, 38, 39, 47, 48})  # limits of the age bands
_RANGE: Final = re.compile(r"\s?(?:-|to|until|hingga|sampai|đến|a|to'o|hanggang|ถึง|ຫາ|ដល់|မှ|至|到)\s?\d{1,2}\b")
_YEARS: Final = ((1900, 2100), (2400, 2600))
_UNSPACED: Final = frozenset({"my", "zh"})  # languages in which a number word is part of too many other words
_SEEN: Final = 48  # characters on each side of a number that are examined
_SCRIPTS: Final = {
    "th": re.compile("[\u0e00-\u0e7f]"), "lo": re.compile("[\u0e80-\u0eff]"), "km": re.compile("[\u1780-\u17ff]"),
    "my": re.compile("[\u1000-\u109f]"), "zh": re.compile("[\u3007\u4e00-\u9fff]"), "ta": re.compile("[\u0b80-\u0bff]"),
}  # fmt: skip


_PERSONS: Final = re.compile(f"{_LATIN_PERSONS}|{_OTHER_PERSONS}", re.IGNORECASE)
_LATIN: Final = frozenset(LANGUAGES) - frozenset(_SCRIPTS)


def _languages(text: str, lang: str) -> set[str]:
    """Return the languages whose number words are read. The language tag alone is not trusted.

    They are the languages of the scripts in the text, English, and the primary language of the tag. If that language is
    not supported, they include all languages with Latin letters.
    """
    of_scripts = {each for each, letters in _SCRIPTS.items() if letters.search(text)}
    base = lang.partition("-")[0].lower()
    if base not in LANGUAGES:
        return of_scripts | _LATIN
    return of_scripts | {"en", base} | ({"pt"} if base == "tet" else set())


def counted(text: str, lang: str) -> list[Counted]:
    """Return the counts and shares in plain text: in digits, in words, and as values of expressions."""
    languages = sorted(_languages(text, lang))
    seen = with_joined_words(text, languages, _PERSONS)
    return [each._replace(words=seen.own(each.words)) for each in _counted(seen.text, languages)]


def _counted(text: str, languages: Iterable[str]) -> list[Counted]:
    found: list[Counted] = []
    numbers: list[Number] = []
    if has_digit(text):
        for digits in _DIGITS.finditer(text):
            value = _value(digits[0])
            found += _classify(text, digits.start(), digits.end(), value, is_word=False)
            numbers += [] if value % 1 else [Number(*digits.span(), int(value))]
        found += _without_blanks(text)
        for below_one in _BELOW_ONE.finditer(text):
            found.append(
                Counted(
                    below_one[0],
                    round(100 * float(below_one[0].replace(",", ".")), 2),
                    is_share=True,
                    is_near_word=False,
                )
            )
        for start, end, parts in splits(text):
            found += [Counted(text[start:end], float(part), is_share=True, is_near_word=False) for part in parts]
    words = _A_HUNDREDTH.sub(lambda each: "\0" * len(each[0]), text)
    for each in languages:
        for word in spelled(words, each):
            only_near_words = word.is_one or each in _UNSPACED
            found += _classify(
                text, word.start, word.end, float(word.value), is_word=True, only_near_words=only_near_words
            )
            numbers.append(Number(word.start, word.end, word.value))
    for number in computed(text, numbers):
        found += _classify(text, number.start, number.end, float(number.value), is_word=False)
    for ratio in ratios(text, numbers):
        found.append(Counted(ratio.words, ratio.value, not ratio.is_factor, ratio.is_exact, ratio.is_factor))
    return list(dict.fromkeys(found))


def _without_blanks(text: str) -> Iterator[Counted]:
    for digits in _ATTACHED.finditer(text):
        number = digits[1] or digits[2]
        yield Counted(number if digits[1] else digits[0], float(number), is_share=False, is_near_word=True)
    for joined in lettered(text):
        yield Counted(
            text[joined.start : joined.end], float(joined.value), is_share=False, is_near_word=joined.is_clear
        )
    for start, end, row in rows(text):
        if any(first <= each <= last for each in row for first, last in _YEARS):
            continue
        is_date = len(row) == 2 and row[0] <= 31 and row[1] <= 12
        for each in _classify(text, start, end, float(max(row)), is_word=False):
            for value in row if each.is_near_word or not is_date else row[:1]:
                yield each._replace(value=float(value))


def _value(digits: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[,. ]\d{3})+", digits):
        return float(re.sub(r"\D", "", digits))
    return float(digits.replace(",", "."))


def _classify(
    text: str, start: int, end: int, value: float, *, is_word: bool, only_near_words: bool = False
) -> Iterator[Counted]:
    before, after = text[max(0, start - _SEEN) : start], text[end : end + _SEEN]
    words = text[start:end]
    if _SHARE_AFTER.match(after) or _SHARE_BEFORE.search(before):
        yield Counted(words, value, is_share=True, is_near_word=True)
        return
    if _NO_COUNT_BEFORE.search(before) or _is_bound(value, before, after):
        return
    if _is_ratio(value, before, after):
        yield Counted(words, value, is_share=False, is_near_word=False, is_ratio=True)
    if value % 1:  # 61.4, which may be per cent
        yield Counted(words, value, is_share=True, is_near_word=False)
        return
    is_before = _AFTER.match(after) is not None
    is_year = not is_word and any(first <= value <= last for first, last in _YEARS)
    if not is_before and (is_year or _NO_COUNT_UNLESS_NEAR.search(before)):
        return
    has_word = (is_before or _BEFORE.search(before) is not None) and not _is_of_a_method(value, before, after)
    if not _NO_COUNT_AFTER.match(after) and (has_word or not only_near_words):
        is_total = _TOTAL_BEFORE.search(before) is not None or _TOTAL_AFTER.match(after) is not None
        yield Counted(words, value, is_share=False, is_near_word=has_word, is_total=is_total)


def _is_ratio(value: float, before: str, after: str) -> bool:
    """Whether a number may be a ratio of counts: after a word for one, near a hundred, or as in 6.1 men (a woman)."""
    if _RATIO_BEFORE.search(before) or _HUNDRED_AFTER.match(after) or _HUNDRED_BEFORE.search(before):
        return True
    return bool(value % 1 and (_AFTER.match(after) or _BEFORE.search(before)))


def _is_of_a_method(value: float, before: str, after: str) -> bool:
    """Whether a number is part of a note on the method of counting: one case may have several victims."""
    if value == 1 and (_ONE_MAY.match(after) or _MAY_ONE.search(before) or _AT_LEAST.search(before)):
        return True
    return _TO_CHECK.match(after) is not None


def _is_bound(value: float, before: str, after: str) -> bool:
    if value not in _BOUNDS:
        return False
    lower = re.search(r"(\d+)\s?(?:-|[^\W\d]{1,7})\s?$", before)
    return _RANGE.match(after) is not None or (lower is not None and int(lower[1]) <= value)
