"""Counts that a text tells by parts or a list: `20 men in Rayong and 17 men in Trat`, `V1 to V6`, `one less than 38`, months
with a count each (`women: 9 May, 3 June`), and counts behind an age band (`18+/17`) or a year (`2025-37 males`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from suar.protocol.privacy.prose.age_bands import is_limit
from suar.protocol.privacy.prose.proportions import is_next_to_person
from suar.protocol.privacy.prose.ratios import Number
from suar.protocol.privacy.prose.uncounted import AGE_BEFORE, NO_COUNT_UNLESS_NEAR, NUMBERED, is_measure, label_before
from suar.protocol.privacy.prose.words import NAMED_PERSONS
from suar.protocol.privacy.text.month_words import MONTHS, TETUM_MONTHS
from suar.protocol.privacy.text.plain import has_digit, nfkc

PARTS_MAX: Final = 12
"""Maximum number of counts in a row that are added up."""
_BETWEEN_MAX: Final = 40
_SEEN: Final = 32
_ADDED: Final = re.compile(
    nfkc(
        r"[^.;!?\n]*?(?:,|\+|(?<![^\W_])(?:and|dan|serta|và|e|at|ho|plus)(?![^\W_])|และ|กับ|ແລະ|និង|နှင့်|和|及|、|மற்றும்)[^.;!?\n]*"
    ),
    re.IGNORECASE,
)
_YEAR: Final = (range(1900, 2101), range(2400, 2601))
_NUMBERED: Final = re.compile(  # V1 to V6; numbered 7 to 43
    r"(?<!\w)(?:(?:numbered|numbers|nos?\.?) |#|(?P<label>[A-Za-z]{1,2}))(?P<first>\d{1,4}) ?(?:to|through|until|hingga|sampai|đến|hanggang|a|-)"
    r" ?#?(?(label)(?P=label))(?P<last>\d{1,4})(?![\w-]|[.,]\d)"
)
_QUARTERS: Final = 4
"""From Q1 to Q3 is no list of three persons."""
_FEWER_THAN: Final = re.compile(
    nfkc(r" (?:less|fewer|short|kurang|menos|ít hơn|kulang)(?: (?:than|of|dari|daripada|do que|que|de|sa|kaysa))? ?"),
    re.IGNORECASE,
)
_MORE_THAN: Final = re.compile(
    nfkc(r" (?:more|lebih|mais|nhiều hơn|higit)(?: (?:than|dari|daripada|do que|que|de|sa|kaysa)) ?"), re.IGNORECASE
)
_MONTH: Final = rf"(?:(?:{MONTHS}|{TETUM_MONTHS})(?![^\W_])|(?:tháng|bulan) \d{{1,2}}(?!\d))"
_BY_MONTH: Final = re.compile(
    # behind a word for persons and a colon: June 2, July 4; 9 May, 0 June; or a number with its month in brackets
    rf"(?:(?<![^\W_]){_MONTH}[ :=]{{1,3}}(?P<behind>\d{{1,4}})|(?P<front>\d{{1,4}}) (?:in )?{_MONTH}(?![^\W_])|(?P<bracket>\d{{1,4}}) ?\((?:in )?{_MONTH}\))(?![\d/]|[.,]\d| ?(?:19|20)\d\d)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"[^.;!?\n]{0,24}:[^.!?\n]{0,64}$")
_BAND: Final = re.compile(r"(?<![\w.,/-])(?:\d{1,2}\+|\d{1,2}-\d{1,2}) ?[/=] ?(\d{1,6})(?![\w/-]|[.,]\d)")
_DAY_BEFORE: Final = re.compile(  # days with their month: ngày 6-7/7
    nfkc(r"(?:(?<![^\W_])(?:ngày|tanggal|tgl\.?|tarikh|petsa|dias?|loron|dates?)|วันที่|ວັນທີ|ថ្ងៃទី) ?$"), re.IGNORECASE
)
_BAND_LABEL: Final = re.compile(
    nfkc(
        r"\d{1,2}(?: [^\W\d_]+)? (?:and|or|dan|atau|và|hoặc|e|ou|at|o|ke) (?:under|below|younger|over|above|older|bawah|atas|dưới|trên|menos|mais|pababa|pataas)\s?[:=(][ (]{0,2}$"
    ),
    re.IGNORECASE,
)
_OF_YEAR: Final = re.compile(r"(?<![\w.,/-])((?:19|20|24|25)\d\d)-([1-9]\d{0,5})(?![\w/-]|[.,]\d)")
_AGES: Final = re.compile(
    nfkc(
        r"(?:\b(?:aged|ages|berusia|berumur|usia|umur|tuổi|idades?|com|edad|gulang)|อายุ|ອາຍຸ|អាយុ|အသက်|年龄|வயது)[ :]{0,2}(\d{1,2}(?:, ?\d{1,2}){1,11}(?:,? (?:and|dan|và|e|at|ho) \d{1,2})?)(?![\d-]| ?(?:to|or)\b)"
    ),
    re.IGNORECASE,
)
_OTHERS: Final = nfkc(
    r"(?<![^\W_])(?:others|lain-lain|lainnya|khác|outr[oa]s|iba pa|sira seluk)(?![^\W_])|其他|其它|其餘|其余|อื่น ?ๆ|ອື່ນ ?ໆ|ផ្សេងទៀត|အခြား|மற்றவர்"
)
_OTHERS_BEFORE: Final = re.compile(
    rf"(?:{_OTHERS})[^.;,!?\n\d]{{0,12}}(?:\d{{1,6}}[^.;!?\n\d]{{1,8}})?$", re.IGNORECASE
)
_OTHERS_AFTER: Final = re.compile(r" (?:and \d{1,6} )?others\b", re.IGNORECASE)
_TIMES: Final = re.compile(r"(?<![\w.,-])(\d{1,3})[xX×](\d{1,3})(?![\w-]|[.,]\d)")


def is_age(before: str) -> bool:
    """Whether a word for an age stands before a number, and not the label of a band, as in `17 and under: 9`."""
    return AGE_BEFORE.search(before) is not None and _BAND_LABEL.search(before) is None


def is_of_others(before: str, after: str) -> bool:
    """Whether a word for others stands beside a number."""
    return _OTHERS_AFTER.match(after) is not None or _OTHERS_BEFORE.search(before) is not None


def parts(text: str, numbers: Iterable[Number]) -> Iterator[Number]:
    """Yield what the counts of plain text tell together; `numbers`: its whole numbers."""
    in_order = sorted(set(numbers))
    if len(in_order) > 1:
        yield from _together(text, [each for each in in_order if not _is_no_part(text, each)])
    if not has_digit(text):
        return
    for found in _NUMBERED.finditer(text):
        first, last = int(found["first"]), int(found["last"])
        is_period = found["label"] == "Q" and last <= _QUARTERS
        if first < last and not is_period and _is_near_persons(text, *found.span()):
            yield Number(*found.span(), last - first + 1)
    for found in _AGES.finditer(text):
        if _is_near_persons(text, *found.span()):
            yield Number(*found.span(1), len(re.findall(r"\d+", found[1])))
    for found in _BAND.finditer(text):
        if _DAY_BEFORE.search(text, max(0, found.start() - _SEEN), found.start()):
            continue
        yield Number(*found.span(), int(found[1]))
    for found in _TIMES.finditer(text):
        yield Number(*found.span(), int(found[1]) * int(found[2]))


def next_to_persons(text: str) -> Iterator[Number]:
    """Yield the counts beside a word for persons that look like a date: of months in a list, behind a year."""
    for found in _BY_MONTH.finditer(text):
        before = text[max(0, found.start() - 3 * _SEEN) : found.start()]
        label = _LABEL.search(before)
        if found["bracket"] or label:
            front = before if label is None else before[label.start() :].partition(":")[0]
            if NAMED_PERSONS.search(front) or (not label and _is_near_persons(text, *found.span())):
                number = "behind" if found["behind"] else "front" if found["front"] else "bracket"
                yield Number(*found.span(number), int(found[number]))
    for found in _OF_YEAR.finditer(text):
        year, count = int(found[1]), int(found[2])
        if count != year % 100 + 1 and is_next_to_person(text, *found.span()):
            yield Number(*found.span(), count)


def _together(text: str, numbers: Sequence[Number]) -> Iterator[Number]:
    """Yield the sums of counts in a row beside a word for persons, and a count that is so many fewer than another."""
    persons = [found.span() for found in NAMED_PERSONS.finditer(text)]
    for at, one in enumerate(numbers):
        near = [span for span in persons if span[1] > one.start - _SEEN] if persons else []
        total, last = one.value, one
        for other in numbers[at + 1 : at + PARTS_MAX]:
            between = text[last.end : other.start]
            if other.start < last.end or len(between) > _BETWEEN_MAX:
                break
            if last is one and _FEWER_THAN.fullmatch(between) and other.value > one.value:
                yield Number(one.start, other.end, other.value - one.value)
            elif last is one and _MORE_THAN.fullmatch(between):
                yield Number(one.start, other.end, other.value + one.value)
            if not _ADDED.fullmatch(between):
                break
            total, last = total + other.value, other
            if near and near[0][0] < other.end + _SEEN:
                yield Number(one.start, other.end, total)


def _is_no_part(text: str, number: Number) -> bool:
    before = text[max(0, number.start - _SEEN) : number.start]
    after = text[number.end : number.end + _SEEN]
    is_year = any(number.value in years for years in _YEAR)
    if not number.value or is_year or is_age(before) or is_measure(after) or is_limit(text, number.start, number.end):
        return True
    return label_before(before, after) == NUMBERED or NO_COUNT_UNLESS_NEAR.search(before) is not None


def _is_near_persons(text: str, start: int, end: int) -> bool:
    """Whether a word for persons is in a span of plain text or near it."""
    return NAMED_PERSONS.search(text, max(0, start - _SEEN), min(len(text), end + _SEEN)) is not None
