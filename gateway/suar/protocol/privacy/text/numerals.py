"""Numbers written in words in thirteen languages: their values and positions.

A number is a sequence of morphemes: units, tens, multipliers (hundred, belas) and connecting words. Two units in
sequence are two numbers: `one two` is part of a telephone number, not twelve. Words for groups are numbers too: a
quartet, two pairs, a dozen.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from suar.protocol.normal_forms import normal
from suar.protocol.privacy.text.plain import nfkc

UNIT, TEN, TIMES, TEEN, JOIN, ENDS = range(6)
Morpheme = tuple[int, int]

# the numbers from zero on, one column each; / separates alternatives
_FROM_ZERO: Final = {
    "en": "zero one two/duo/twosome three/trio/threesome/triplets four/quartet/quartette/foursome/quadruplets five/quintet/quintette six/sextet seven/septet eight/octet nine/nonet ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "id": "nol/kosong/sifar satu/seorang dua/kedua/berdua/duo/sepasang tiga/ketiga/bertiga/trio empat/keempat/berempat/kuartet/kwartet lima/kelima/berlima/kuintet enam/keenam/berenam tujuh/ketujuh/bertujuh delapan/lapan sembilan sepuluh sebelas",
    "vi": "không một/mốt hai ba bốn/tư năm/lăm/nhăm sáu bảy/bẩy tám chín mười",
    "fil": "sero/zero isa/isang/uno dalawa/dalawang/dos/duo tatlo/tatlong/tres/trio apat/kuwatro/kwatro/kuwarteto/kwarteto lima/limang/singko/kinteto anim/sais/seis pito/pitong/siyete walo/walong/otso"
    " siyam/nuwebe sampu/sampung/diyes onse labindalawa/labindalawang/dose labintatlo/labintatlong/trese katorse labinlima/labinlimang/kinse"
    " labinganim/disisais labimpito/labimpitong/labingpito/disisiyete labingwalo/labingwalong/labinwalo/disiotso"
    " labinsiyam/labingsiyam/disinuwebe",
    "pt": "zero um/uma dois/duas/duo/dupla três/tres/trio quatro/quarteto cinco/quinteto seis/sexteto sete oito nove dez onze doze treze catorze/quatorze quinze dezasseis/dezesseis"
    " dezassete/dezessete dezoito dezanove/dezenove",
    "tet": "zeru/zero ida rua/duo tolu/triu haat/hat/kuartetu lima neen/nen hitu ualu/walu sia sanulu",
    "th": "ศูนย์ หนึ่ง/เอ็ด สอง/ยี่ สาม สี่ ห้า หก เจ็ด แปด เก้า",
    "lo": "ສູນ ໜຶ່ງ/ຫນຶ່ງ/ນຶ່ງ/ເອັດ ສອງ ສາມ ສີ່ ຫ້າ ຫົກ ເຈັດ ແປດ ເກົ້າ",
    "km": "សូន្យ មួយ ពីរ បី បួន ប្រាំ ប្រាំមួយ ប្រាំពីរ/ប្រាំពិល ប្រាំបី ប្រាំបួន ដប់",
    "my": "သုည တစ် နှစ် သုံး လေး ငါး ခြောက် ခုနစ်/ခုနှစ် ရှစ် ကိုး",
    "zh": "零/〇 一/壹 二/两/兩/俩/贰 三/仨/叁 四/肆 五/伍 六/陆 七/柒 八/捌 九/玖",
    "ta": "பூஜ்யம் ஒன்று/ஒரு/ஒருவர் இரண்டு/இருவர் மூன்று/மூன்று/மூவர் நான்கு/நால்வர் ஐந்து/ஐவர் ஆறு/அறுவர் ஏழு/எழுவர் எட்டு/எண்மர் ஒன்பது/ஒன்பதின்மர் பத்து/பதின்மர் பதினொன்று/பதினொரு பன்னிரண்டு பதின்மூன்று"
    " பதினான்கு/பதினால்வர் பதினைந்து/பதினைவர் பதினாறு பதினேழு பதினெட்டு பத்தொன்பது",
}  # fmt: skip
# twenty, thirty, ..., ninety
_TENS: Final = {
    "en": "twenty thirty forty/fourty fifty sixty seventy eighty ninety",
    "fil": "dalawampu/dalawampung/dalawampu't/bente/beinte tatlumpu/tatlumpung/tatlumpu't/trenta/treinta apatnapu/apatnapung/apatnapu't/kuwarenta/kwarenta"
    " limampu/limampung/limampu't/singkuwenta/singkwenta animnapu/animnapung/animnapu't/sisenta pitumpu/pitumpung/pitumpu't/sitenta"
    " walumpu/walumpung/walumpu't/otsenta siyamnapu/siyamnapung/siyamnapu't/nobenta",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "tet": "ruanulu tolunulu haatnulu/hatnulu limanulu neennulu/nennulu hitunulu ualunulu/walunulu sianulu",
    "lo": "ຊາວ",
    "km": "ម្ភៃ សាមសិប សែសិប ហាសិប ហុកសិប ចិតសិប ប៉ែតសិប កៅសិប",
    "ta": "இருபது முப்பது நாற்பது ஐம்பது அறுபது எழுபது எண்பது தொண்ணூறு",
}  # fmt: skip
_OTHER: Final[dict[str, dict[str, Morpheme]]] = {
    "en": {"hundred": (TIMES, 100), "thousand": (TIMES, 1000), "and": (JOIN, 0)}
    | dict.fromkeys(("dozen", "dozens"), (TIMES, 12)) | dict.fromkeys(("pair", "pairs", "couple", "couples"), (TIMES, 2)),
    "id": {
        "puluh": (TIMES, 10), "belas": (TEEN, 10), "ratus": (TIMES, 100), "seratus": (TEN, 100), "ribu": (TIMES, 1000),
        "seribu": (TEN, 1000), "lusin": (TIMES, 12), "selusin": (TEN, 12), "dozen": (TIMES, 12), "sedozen": (TEN, 12), "pasang": (TIMES, 2),
    },
    "vi": {
        "mươi": (TIMES, 10), "trăm": (TIMES, 100), "nghìn": (TIMES, 1000), "ngàn": (TIMES, 1000), "linh": (JOIN, 0),
        "lẻ": (JOIN, 0), "tá": (TIMES, 12), "cặp": (TIMES, 2),
    },
    "fil": {"daan": (TIMES, 100), "daang": (TIMES, 100), "isandaan": (TEN, 100), "isandaang": (TEN, 100), "labing": (TEN, 10), "at": (JOIN, 0), "dosena": (TIMES, 12), "dosenang": (TIMES, 12), "pares": (TIMES, 2)},
    "pt": {"cem": (TEN, 100), "cento": (TEN, 100), "duzentos": (TEN, 200), "duzentas": (TEN, 200), "mil": (TIMES, 1000), "e": (JOIN, 0), "dúzia": (TIMES, 12), "dúzias": (TIMES, 12), "dezena": (TIMES, 10), "dezenas": (TIMES, 10), "vintena": (TEN, 20),
        "casal": (TIMES, 2), "casais": (TIMES, 2), "par": (TIMES, 2), "pares": (TIMES, 2)},
    "tet": {"atus": (TIMES, 100), "rihun": (TIMES, 1000), "resin": (JOIN, 0), "dúzia": (TIMES, 12), "duzia": (TIMES, 12), "pár": (TIMES, 2)},
    "th": {"สิบ": (TIMES, 10), "ร้อย": (TIMES, 100), "พัน": (TIMES, 1000), "โหล": (TIMES, 12), "คู่": (TIMES, 2)},
    "lo": {"ສິບ": (TIMES, 10), "ຮ້ອຍ": (TIMES, 100), "ພັນ": (TIMES, 1000), "ໂຫຼ": (TIMES, 12), "ຄູ່": (TIMES, 2)},
    "km": {"រយ": (TIMES, 100), "ពាន់": (TIMES, 1000), "ឡូ": (TIMES, 12), "គូ": (TIMES, 2)},
    "my": {"ဆယ်": (TIMES, 10), "ဆယ့်": (TIMES, 10), "ရာ": (TIMES, 100), "ထောင်": (TIMES, 1000), "ဒါဇင်": (TIMES, 12), "စုံတွဲ": (TIMES, 2)},
    "zh": {"十": (TIMES, 10), "拾": (TIMES, 10), "百": (TIMES, 100), "千": (TIMES, 1000), "一打": (TEN, 12), "两打": (TEN, 24), "半打": (UNIT, 6), "一对": (UNIT, 2), "两对": (UNIT, 4), "三对": (UNIT, 6), "一双": (UNIT, 2)},
    "ta": {"நூறு": (TEN, 100), "டஜன்": (TIMES, 12), "ஜோடி": (TIMES, 2)},
}  # fmt: skip
_TAMIL_TENS: Final = ("இருபத்த", "முப்பத்த", "நாற்பத்த", "ஐம்பத்த", "அறுபத்த", "எழுபத்த", "எண்பத்த", "தொண்ணூற்ற")
_TAMIL_ENDS: Final = {
    # a unit joined to a ten: நாற்பத்திமூன்று, அறுபத்தொரு
    0: "ி ு", 1: "ொன்று ொரு ொருவர்", 2: "ிரண்டு ிருவர்", 3: "ிமூன்று ுமூன்று ிமூவர்", 4: "ிநான்கு ுநான்கு ினான்கு", 5: "ைந்து ிஐந்து",
    6: "ாறு ிஆறு", 7: "ேழு ிஏழு", 8: "ெட்டு ிஎட்டு", 9: "ொன்பது",
}  # fmt: skip
_AFTER_TENS: Final = {"vi": frozenset(map(nfkc, ("mốt", "lăm", "nhăm", "tư")))}
"""Units that follow tens only, so that a unit before one counts tens: sáu mốt is 61."""
_ACCENTED: Final = frozenset({"fil"})  # stress may be marked: pitó
_STRESS: Final = re.compile("[\u0300\u0301\u0302]")
_AFTER: Final = frozenset({"tet"})  # the multiplier is before its unit: atus rua is two hundred
_FROM_TEN: Final = frozenset({"vi", "km", "tet", "fil"})  # ten and three is thirteen
_NOT_BEFORE: Final = {
    # words that begin like a number (can, forbid, husband) or like a pair (spouse, contract, rival)
    "th": "(?!ารถ|ี|ัญ|ัคคี|ม|ง(?!าน)|ล้ม|อี้|สมรส|สัญญา|ขนาน|แข่ง|รัก|ครอง|เหลี่ยม)", "lo": "(?!າດ|ີ|ັກຄີ|ມ|ງ|ສົມລົດ|ສັນຍາ|ຂະໜານ|ແຂ່ງ|ຮັກ|ຄອງ|ຫຼ່ຽມ|ຫລ່ຽມ|ຫຼຽມ|ລ່ຽມ)",
    "my": "(?!ဆင့်)",  # through
}  # fmt: skip
_NOT_BEHIND: Final = {"km": "(?<!ដើម្)"}  # in order to
_YEAR: Final = re.compile(nfkc(r" (?:(?:19|20)\d\d(?!\d)|nay|ngoái|trước|sau|qua|tới|vừa|đó|học|tài)\b"), re.IGNORECASE)
"""Behind the Vietnamese word for a year, which is also five."""
_OR_YEAR: Final = frozenset({nfkc("năm")})
_OF_A_YEAR: Final = re.compile(nfkc(r"(?:\d|\b(?:hàng|hằng|mỗi)) $"), re.IGNORECASE)
_SPACED: Final = frozenset({"en", "id", "vi", "fil", "pt", "tet", "ta"})
LANGUAGES: Final = frozenset(_FROM_ZERO) | {"ms", "tl"}
_SAME: Final = {"ms": "id", "tl": "fil"}
_OTHER_CODES: Final = frozenset({"in", "zsm", "cmn"})
"""Other codes of Indonesian, Malay and Chinese, which are read by the letters of a text."""


class Spelled(NamedTuple):
    """A number in words.

    `is_one`: the word is also an article (a, um, isang) or means year (năm), so it is not a count on its own.
    """

    start: int
    end: int
    value: int
    is_one: bool = False


@cache
def morphemes(lang: str) -> dict[str, Morpheme]:
    """Return the role in numbers of each word of a language."""
    lang = _SAME.get(lang, lang)
    found: dict[str, Morpheme] = {}
    for value, ways in enumerate(_FROM_ZERO[lang].split()):
        found |= {nfkc(way): (UNIT if value < 10 else TEN, value) for way in ways.split("/")}
    for at, ways in enumerate(_TENS.get(lang, "").split()):
        found |= {nfkc(way): (TEN, 10 * at + 20) for way in ways.split("/")}
    if lang == "en":
        tens = [each for each in found.items() if each[1][0] == TEN and each[1][1] >= 20]
        units = [each for each in found.items() if each[1][0] == UNIT and each[1][1]]
        found |= {ten + unit: (TEN, many + few) for ten, (_, many) in tens for unit, (_, few) in units}  # thirtyseven
    if lang == "ta":
        for at, stem in enumerate(_TAMIL_TENS):
            for unit, ends in _TAMIL_ENDS.items():
                found |= {nfkc(stem + end): (TEN, 10 * at + 20 + unit) for end in ends.split()}
    return found | {nfkc(word): kind for word, kind in _OTHER[lang].items()}


def is_known(tag: str) -> bool:
    """Whether the number words of a language tag (BCP 47) are read."""
    base = tag.partition("-")[0].lower()
    return base in LANGUAGES or base in _OTHER_CODES


def is_spaced(lang: str) -> bool:
    """Whether a language has blanks between its words."""
    return _SAME.get(lang, lang) in _SPACED


@cache
def _form(lang: str) -> re.Pattern[str]:
    if lang in _SPACED:
        return re.compile(r"[^\W\d_](?:[^\W_]|\u0bcd|[\u0bbe-\u0bcc])*(?:'t\b)?")
    longest = sorted(morphemes(lang), key=len, reverse=True)
    return re.compile(f"{_NOT_BEHIND.get(lang, '')}(?:{'|'.join(longest)}){_NOT_BEFORE.get(lang, '')}")


def spelled(text: str, lang: str) -> Iterator[Spelled]:
    """Yield the numbers in words of one language in plain text."""
    lang = _SAME.get(lang, lang)
    known = morphemes(lang)
    row: list[tuple[int, int, Morpheme]] = []
    for start, end, kind in _tokens(text, lang, known):
        if row and not _is_continued(row, start, kind, text, lang):
            yield from _value(row, lang, text)
            row = []
        if row or kind[0] != JOIN:
            row.append((start, end, kind))
    yield from _value(row, lang, text)


def _tokens(text: str, lang: str, known: dict[str, Morpheme]) -> Iterator[tuple[int, int, Morpheme]]:
    after_tens = _AFTER_TENS.get(lang, frozenset())
    for found in _form(lang).finditer(text):
        word = found[0] if lang not in _SPACED else found[0].lower()
        kind = known.get(as_listed(word, lang))
        if kind is not None and not (word in _OR_YEAR and _is_year(text, *found.span())):
            yield found.start(), found.end(), (ENDS, kind[1]) if word in after_tens else kind


def _is_year(text: str, start: int, end: int) -> bool:
    return _YEAR.match(text, end) is not None or _OF_A_YEAR.search(text, max(0, start - 5), start) is not None


def as_listed(word: str, lang: str) -> str:
    """Return a word in small letters as `morphemes` lists it: without marks of stress, where these are optional."""
    if _SAME.get(lang, lang) not in _ACCENTED or word.isascii():
        return word
    return _STRESS.sub("", normal("NFD", word))


def _is_continued(row: list[tuple[int, int, Morpheme]], start: int, kind: Morpheme, text: str, lang: str) -> bool:
    between = text[row[-1][1] : start]
    if len(between) > 1 or between.strip(" -"):
        return False
    last, this = row[-1][2][0], kind[0]
    if last == TIMES and this == TIMES:
        return row[-1][2][1] > kind[1]
    if JOIN in (last, this) or this in (TIMES, TEEN):
        return last != this
    if last == UNIT:
        is_second = this == UNIT and len(row) > 1
        is_none = is_second and row[-1][2][1] == 0  # a hundred, none, six
        return is_none or this == ENDS or (lang in _AFTER and (this == TEN or (is_second and row[-2][2][0] == TIMES)))
    if last == TEN and this in (UNIT, ENDS):
        return row[-1][2][1] >= 20 or lang in _FROM_TEN
    return last in (TIMES, TEN) and not (this == TEN and last == TEN and row[-1][2][1] <= kind[1])


def _value(row: list[tuple[int, int, Morpheme]], lang: str, text: str) -> Iterator[Spelled]:
    while row and row[-1][2][0] == JOIN:
        row = row[:-1]
    if not row:
        return
    total, here, waits, before = 0, 0, 0, JOIN
    for _, _, (kind, value) in row:
        if kind == TIMES and lang in _AFTER:
            waits, total = value, total + (waits or 0)
        elif kind == TIMES:
            total, here = total + (here or 1) * value, 0
        elif waits and kind == UNIT:
            total, waits = total + value * waits, 0
        elif kind == ENDS and before == UNIT:
            here = 10 * here + value
        elif kind != JOIN:
            here += value
        before = kind
    start, end = row[0][0], row[-1][1]
    yield Spelled(start, end, total + here + waits, len(row) == 1 and text[start:end].lower() in _ARTICLES)


_ARTICLES: Final = frozenset(map(nfkc, (
    "one", "satu", "seorang", "kedua", "ketiga", "keempat", "kelima", "keenam", "ketujuh", "một", "năm", "isa", "isang", "um", "uma", "ida", "หนึ่ง", "ໜຶ່ງ", "ຫນຶ່ງ", "មួយ", "တစ်", "一", "ஒரு", "ஒருவர்",
)))  # fmt: skip
