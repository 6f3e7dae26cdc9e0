"""Words that tell a count without a number: equality with a count that is shown, or what was wrong with its digits.

Each phrase in Latin letters is listed under a word of it, and is looked for in texts with that word only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from suar.protocol.privacy.prose.ratios import Number
from suar.protocol.privacy.prose.words import NAMED_PERSONS
from suar.protocol.privacy.text.plain import nfkc, words_of

_OTHER: Final = ""
"""Key of the phrases in other scripts, which are looked for in every text that is not in ASCII."""
_EQUAL: Final = {
    "unchanged": "unchanged",
    "change": r"(?:did(?: not|n['’]t)|has not|have not|no|without)(?: any)? change",
    "changed": r"(?:has|have) not changed",
    "same": r"(?:stayed|stay|stays|remain(?:s|ed)?|is|are|was|were) (?:exactly )?the same|the same (?:number|count)|same (?:number|count) of",
    "stable": r"remain(?:s|ed)? stable",
    "constant": r"remain(?:s|ed)? constant",
    "many": r"as many [^.;\d\n]{1,24}? as|equally many|sama banyak",
    "few": r"as few [^.;\d\n]{1,24}? as",
    "equal": "equal",
    "equals": "equals",
    "equalled": "equalled",
    "parity": "parity",
    "tetap": "tetap sama|sama dan tetap",
    "berubah": "(?:tidak|tak) berubah",
    "perubahan": "(?:tidak|tiada|tanpa)(?: ada)? perubahan",
    "kekal": "kekal sama",
    "sama": "sama (?:banyak(?:nya)?|dengan|jumlah(?:nya)?)|(?:jumlah|bilangan)(?:nya)? (?:\\w+ )?sama",
    "đổi": "không (?:thay )?đổi",
    "nguyên": "giữ nguyên",
    "bằng": "bằng (?:nhau|với|năm)",
    "như": "như nhau",
    "babago": "hindi babago",
    "pagbabago": "walang pagbabago",
    "nagbago": "hindi nagbago",
    "kapareho": "kapareho",
    "magkapareho": "magkapareho",
    "pareho": "pareho ang",
    "kasindami": "kasindami",
    "magkasindami": "magkasindami",
    "manteve": "manteve-se",
    "mantiveram": "mantiveram-se",
    "mudou": "não mudou",
    "alterou": "não se alterou",
    "alteração": "sem alteração",
    "inalterado": "inalterado",
    "mesmo": "o mesmo número",
    "tantos": r"tantos [^.;\d\n]{1,24}? (?:como|quant[oa]s)",
    "tantas": r"tantas [^.;\d\n]{1,24}? (?:como|quant[oa]s)",
    "igual": "igual",
    "iguais": "iguais",
    "muda": "la muda",
    "hanesan": "hanesan",
    "only": r"only (?:the (?:numbers?|counts?) of )?[^.;\d\n]{1,24}? (?:fell|rose|grew|changed|decreased|increased|declined|dropped)",
    _OTHER: "เท่าเดิม|คงเดิม|ไม่เปลี่ยนแปลง|เท่ากัน|เท่ากับ|ເທົ່າເດີມ|ຄົງເດີມ|ບໍ່ປ່ຽນແປງ|ເທົ່າກັນ|ເທົ່າກັບ|ដដែល|មិនផ្លាស់ប្តូរ|មិនប្រែប្រួល|ស្មើគ្នា|ស្មើនឹង|ដូចគ្នា"
    "|မပြောင်းလဲ|အတူတူ|တူညီ|တန်းတူ|持平|不变|不變|没有变化|沒有變化|相同|一样多|一樣多|相等|各半|மாறவில்லை|மாற்றமில்லை|மாற்றம் இல்லை|சமமாக|சம எண்ணிக்கை|அதே எண்ணிக்கை",
}
_TOO_MANY: Final = r"[^.;\n]{0,16}?(?:too many|more|extra|added|typed|appended)"
_TENFOLD: Final = {
    **{
        each: rf"(?:a|one|an extra|an additional|another) {each}\b{_TOO_MANY}|(?:extra|additional) {each}"
        for each in ("zero", "nought", "naught")
    },
    "tenth": r"(?:one|a|1) tenth of (?:the |those |what |all )?(?:\w+ )?(?:figures|numbers|counts|values|before|earlier|previous|first|was)",
    "decimal": r"decimal (?:point|comma|place)s?\b[^.;\n]{0,24}?(?:slipped|moved|shifted|misplaced|wrong)",
    "nol": "kelebihan (?:satu )?(?:angka )?nol|nol (?:terlalu banyak|berlebih)",
    "sifar": "sifar (?:terlebih|berlebihan)|(?:lebihan|terlebih) (?:satu )?sifar",
    "thừa": "thừa (?:một )?(?:số|chữ số) (?:không|0)",
    "mais": "um zero a mais",
    "sobra": "sobra ng isang (?:zero|sero)",
    "liu": "zeru ida liu",
    _OTHER: "ศูนย์เกิน|เกินศูนย์|ເກີນສູນ|លើសសូន្យ|သုညပို|多打一个零|多打了一个零|多写了一个零|多了一个零|多打一个0|多了一个0|小数点错|பூஜ்யம் கூடுதல",
}
_FACTOR: Final = {
    "factor": "factor of",
    "factors": "factors of",
    "divide": r"divide (?:[^.;\d\n]{1,16} )?by",
    "divided": "divided by",
    "multiply": "multiply by",
    "multiplied": "multiplied by",
    "faktor": "faktor",
    "dibagi": "dibagi(?: dengan)?",
    "dibahagi": "dibahagi(?: dengan)?",
    "chia": "chia cho",
    "hệ": "hệ số",
    "dividir": "dividir por",
    "divididos": "divididos por",
    "divididas": "divididas por",
    "fator": "fator(?: de)?",
    "hatiin": "hatiin sa",
    "hinati": "hinati sa",
    "fahe": "fahe ho",
    _OTHER: "หารด้วย|ຫານດ້ວຍ|ចែកនឹង|除以",
}
_DIGITS: Final = {
    **{each: each for each in ("digit", "digits", "angka", "algarismo", "algarismos", "dígito", "dígitos")},
    "chữ": "chữ số",
    _OTHER: "หลัก|ຫຼັກ|ខ្ទង់|ဂဏန်း|数字|位数|首位|இலக்க",
}
_INSTEAD: Final = re.compile(
    nfkc(
        r" ?(?:,? (?:instead of|not|for|and not|rather than|bukan|alih-alih|thay vì|em vez de|sa halip na)(?= )|แทน|ແທນ|ជំនួស|而不是|而非|误为|→|->|=>|/) ?(?:an? )?"
    ),
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(
    nfkc(rf"{NAMED_PERSONS.pattern}|\b(?:sexes|genders|jenis kelamin|jantina|giới tính|sexos|kasarian)\b"),
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s|$)|[。！？\n]")
_SEEN: Final = 80
_DIGIT, _PLACES = 9, (1, 10, 100)


class _Phrases:
    """Phrases by a word of each, with a pattern of all of them."""

    def __init__(self, by_word: Mapping[str, str]) -> None:
        latin = "|".join(way for word, way in by_word.items() if word != _OTHER)
        self._words = frozenset(nfkc(word) for word in by_word if word != _OTHER)
        self._form = re.compile(nfkc(rf"(?:\b(?:{latin})\b\s?|(?:{by_word[_OTHER]})\s?)"), re.IGNORECASE)
        self._others = tuple(nfkc(by_word[_OTHER]).split("|"))

    def within(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the matches in plain text."""
        if self.may_be_in(text):
            yield from self._form.finditer(text)

    def may_be_in(self, text: str) -> bool:
        """Whether a text has a word of one of the phrases."""
        if not self._words.isdisjoint(words_of(text)):
            return True
        return not text.isascii() and any(map(text.__contains__, self._others))


_EQUALITIES: Final = _Phrases(_EQUAL)
_ZEROS: Final = _Phrases(_TENFOLD)
_FACTORS: Final = _Phrases(_FACTOR)
_WORDS_FOR_DIGITS: Final = _Phrases(_DIGITS)
_ANY: Final = _Phrases(
    {word: "" for each in (_EQUAL, _TENFOLD, _FACTOR, _DIGITS) for word in each}
    | {_OTHER: "|".join(each[_OTHER] for each in (_EQUAL, _TENFOLD, _FACTOR, _DIGITS))}
)


def has_phrase(text: str) -> bool:
    """Whether plain text has a word of any phrase; most texts have none."""
    return _ANY.may_be_in(text)


def equalities(text: str) -> Iterator[str]:
    """Yield the words that tell a count to be equal to another one, in a sentence with a word for persons."""
    for found in _EQUALITIES.within(text):
        before = _SENTENCE_END.split(text[max(0, found.start() - _SEEN) : found.start()])[-1]
        after = _SENTENCE_END.split(text[found.end() : found.end() + _SEEN])[0]
        if any(map(_COUNTED.search, (before, found[0], after))):
            yield found[0].strip()


def factors(text: str, numbers: Iterable[Number]) -> Iterator[tuple[str, float]]:
    """Yield the words and the value of each factor by which numbers were wrong: a zero too many, divided by ten."""
    for found in _ZEROS.within(text):
        yield found[0].strip(), 10.0
    ends = {found.end() for found in _FACTORS.within(text)}
    for number in numbers if ends else ():
        if number.start in ends:
            yield text[number.start : number.end], float(number.value)


def digit_errors(text: str, numbers: Iterable[Number]) -> Iterator[tuple[str, int]]:
    """Yield the words and each possible difference of a count one digit of which was wrong: 4 instead of 1."""
    if next(_WORDS_FOR_DIGITS.within(text), None) is None:
        return
    in_order = sorted(set(numbers))
    for one, other in pairwise(in_order):
        is_digit = one.value <= _DIGIT and other.value <= _DIGIT and one.value != other.value
        if is_digit and other.start > one.end and _INSTEAD.fullmatch(text, one.end, other.start):
            yield from ((text[one.start : other.end], abs(one.value - other.value) * place) for place in _PLACES)
