"""Counts in the title and summary of a trend: finds numbers, in digits or words, that disclose what the table hides.

A number that equals a hidden cell, its complement (its total minus the cell) or its share of a total is refused next to
a word for persons, cases or per cent, and held elsewhere; another count below k next to such a word is held. Years,
ages, articles, dates and durations are not counts. The reason shows the words, but not what they equal.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.prose import shares
from suar.protocol.privacy.prose.age_bands import bands, has_band_limits, is_limit
from suar.protocol.privacy.prose.arithmetic import computed
from suar.protocol.privacy.prose.changes import digit_errors, equalities, factors, has_phrase
from suar.protocol.privacy.prose.joined import lettered, rows, splits
from suar.protocol.privacy.prose.parts import is_age, is_of_others, next_to_persons, parts
from suar.protocol.privacy.prose.proportions import (
    fractions,
    is_comparison,
    is_next_to_person,
    is_per_person,
    proportions,
)
from suar.protocol.privacy.prose.ratios import Number, ratios, ratios_in_words
from suar.protocol.privacy.prose.signs import FOLLOWED, behind_signs, glued_to_words, pairs
from suar.protocol.privacy.prose.small_shares import decimals_in_words, small_shares
from suar.protocol.privacy.prose.uncounted import (
    COUNTED,
    EITHER,
    NO_COUNT_UNLESS_NEAR,
    NUMBERED,
    is_day,
    is_measure,
    is_negation,
    is_of_a_method,
    is_one_of,
    label_before,
)  # fmt: skip
from suar.protocol.privacy.prose.words import (
    A_HUNDREDTH,
    HUNDRED_AFTER,
    HUNDRED_BEFORE,
    PERSONS,
    PERSONS_AFTER,
    PERSONS_BEFORE,
    RATIO_BEFORE,
    SHARE_AFTER,
    SHARE_BEFORE,
    TOTAL_AFTER,
    TOTAL_BEFORE,
)  # fmt: skip
from suar.protocol.privacy.text.numerals import LANGUAGES, spelled
from suar.protocol.privacy.text.plain import has_digit
from suar.protocol.privacy.text.spaced import with_joined_words


class Counted(NamedTuple):
    """A number in plain text.

    `is_share`: in per cent. `is_near_word`: next to a word for persons, cases or per cent. `is_factor`: a multiple.
    `is_total`: next to a word for a total. `is_ratio`: the ratio of two counts. `is_equality`: words that tell a count to
    be equal to another one. `upper`: the upper limit of what may be an age band from `value` on.
    `is_one_in`: in how many there is one. `is_of_others`: next to a word for others, who are persons only where a table has the code `other`.
    """

    words: str
    value: float
    is_share: bool
    is_near_word: bool
    is_factor: bool = False
    is_total: bool = False
    is_ratio: bool = False
    is_equality: bool = False
    upper: float | None = None
    is_of_others: bool = False
    is_one_in: bool = False


_DIGITS: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_./-])|(?<=[^\x00-\x7f][_./-])|(?<=[\s(:]-)|(?<=^-)|(?<=\bnain-)|(?<=\bna['’]in-))(?<!\d,)"
    rf"(?:[1-9]\d{{0,2}}(?:[,. ]\d{{3}})+(?![\d])|\d{{1,7}}(?:[.,]\d{{1,12}}(?!\d))?)(?!(?!per-?cent|pct|persen|peratus)[A-Za-z0-9]|[_/](?!{FOLLOWED})|-\d|[.,]\d)"
)
_YEARS: Final = ((1900, 2100), (2400, 2600))
_UNSPACED: Final = frozenset({"my", "zh"})  # languages in which a number word is part of too many other words
_SEEN: Final = 48  # characters on each side of a number that are examined
_SCRIPTS: Final = {
    "th": re.compile("[\u0e00-\u0e7f]"), "lo": re.compile("[\u0e80-\u0eff]"), "km": re.compile("[\u1780-\u17ff]"),
    "my": re.compile("[\u1000-\u109f]"), "zh": re.compile("[\u3007\u4e00-\u9fff]"), "ta": re.compile("[\u0b80-\u0bff]"),
}  # fmt: skip


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
    seen = with_joined_words(text, languages, PERSONS)
    return [each._replace(words=seen.own(each.words)) for each in _counted(seen.text, languages)]


def counted_bands(text: str) -> list[Counted]:
    """Return what may be age bands in plain text, which are counts where the table hides both numbers."""
    found = bands(text) if has_digit(text) else ()
    return [Counted(words, float(one), is_share=False, is_near_word=False, upper=float(to)) for words, one, to in found]


def _counted(text: str, languages: Iterable[str]) -> list[Counted]:
    found: list[Counted] = []
    numbers: list[Number] = []
    if has_digit(text):
        for digits in _DIGITS.finditer(text):
            found += _of_digits(text, digits)
            numbers += [Number(*digits.span(), int(digits[0]))] if digits[0].isdigit() else []
        found += _without_blanks(text)
        found += _in_signs(text)
        found += [Counted(text[one.start : one.end], float(one.value), False, True) for one in next_to_persons(text)]
    words = A_HUNDREDTH.sub(lambda each: "\0" * len(each[0]), text)
    for each in languages:
        in_words = list(spelled(words, each))
        tenths = list(decimals_in_words(text, [Number(*word[:3]) for word in in_words]))
        found += [Counted(text[one.start : one.end], one.value, is_share=True, is_near_word=True) for one in tenths]
        for word in in_words:
            if any(one.start <= word.start < one.end for one in tenths):
                continue
            only_near_words = word.is_one or each in _UNSPACED
            found += _classify(text, word.start, word.end, float(word.value), True, only_near_words=only_near_words)
            numbers.append(Number(word.start, word.end, word.value))
    for number in computed(text, numbers):
        found += _classify(text, number.start, number.end, float(number.value))
    found += [Counted(text[one.start : one.end], float(one.value), False, False) for one in parts(text, numbers)]
    found += _compared(text, numbers)
    return list(dict.fromkeys(found))


def _of_digits(text: str, digits: re.Match[str]) -> Iterator[Counted]:
    value = shares.value_of(digits[0])
    before, after = text[max(0, digits.start() - _SEEN) : digits.start()], text[digits.end() : digits.end() + _SEEN]
    if SHARE_AFTER.match(after) or SHARE_BEFORE.search(before):
        for each in shares.readings(digits[0], value):
            yield Counted(digits[0], each, is_share=True, is_near_word=True)
            if is_comparison(before, after):
                for ratio in (100 + each, 100 - each):
                    yield Counted(digits[0], round(ratio, 2), is_share=False, is_near_word=False, is_ratio=True)
        return
    if shares.PER_THOUSAND.match(after):
        is_rate = shares.POPULATION.search(after) is not None
        for each in shares.in_thousand(value):
            yield Counted(digits[0], each, is_share=not is_rate, is_near_word=not is_rate, is_ratio=is_rate)
    if shares.is_month(digits[0]):
        return
    if value % 1:
        for each in shares.readings(digits[0], value):
            yield from _not_in_per_cent(text, *digits.span(), each)
        return
    yield from _not_in_per_cent(text, *digits.span(), value)
    if shares.has_three_decimals(digits[0], before) or (PERSONS_AFTER.match(after) and is_per_person(after)):
        for each in shares.readings(digits[0], value)[1:]:
            yield Counted(digits[0], each, is_share=True, is_near_word=False)
            yield Counted(digits[0], each, is_share=False, is_near_word=False, is_ratio=True)


def _without_blanks(text: str) -> Iterator[Counted]:
    for glued in glued_to_words(text):
        words, is_near = text[glued.start : glued.end], not glued.is_total
        yield Counted(words, float(glued.value), is_share=False, is_near_word=is_near, is_total=glued.is_total)
    for joined in lettered(text):
        words = text[joined.start : joined.end]
        yield Counted(words, float(joined.value), is_share=False, is_near_word=joined.is_clear)
    for start, end, row in rows(text):
        years = [each for each in row if any(first <= each <= last for first, last in _YEARS)]
        if len(years) == 1 and len(row) == 2 and is_next_to_person(text, start, end):  # 37/2025 males
            [value] = [each for each in row if each not in years]
            yield Counted(text[start:end], float(value), is_share=False, is_near_word=True)
        if years or has_band_limits(text, start, end, row):
            continue
        is_date = len(row) == 2 and row[0] <= 31 and row[1] <= 12
        yield from _of_several(text, start, end, row, is_date=is_date)
    for each in shares.below_one(text):
        yield from (Counted(each.words, value, is_share=True, is_near_word=False) for value in each.values)
    for start, end, both in splits(text):
        yield from (Counted(text[start:end], float(part), is_share=True, is_near_word=False) for part in both)


def _in_signs(text: str) -> Iterator[Counted]:
    for start, end in behind_signs(text):
        yield from _classify(text, start, end, shares.value_of(text[start:end]))
    for pair in pairs(text):
        values = list(pair.values)
        if not has_band_limits(text, pair.start, pair.end, values):
            for each in _of_several(text, pair.start, pair.end, values, is_date=pair.is_date):
                yield each
                less = values[0] - values[1]
                if less > 0 and each.is_near_word:
                    yield each._replace(value=float(less))


def _of_several(text: str, start: int, end: int, values: list[int], *, is_date: bool) -> Iterator[Counted]:
    """Yield each of several numbers with signs between; of a day and month without a word beside it only the day."""
    for each in _classify(text, start, end, float(max(values))):
        for value in values if each.is_near_word or not is_date else values[:1]:
            yield each._replace(value=float(value))


def _compared(text: str, numbers: list[Number]) -> Iterator[Counted]:
    """Yield the shares, ratios and factors of two numbers, and what tells a count to be equal or mistyped."""
    for ratio in (*ratios(text, numbers), *ratios_in_words(text), *fractions(text, numbers)):
        is_share = not ratio.is_factor and not ratio.is_one_in
        yield Counted(
            ratio.words, ratio.value, is_share, ratio.is_exact, ratio.is_factor, is_one_in=ratio.is_one_in
        )  # fmt: skip
    for each in small_shares(text, numbers):
        words = text[each.start : each.end]
        yield Counted(words, each.value, not each.is_one_in, is_near_word=False, is_one_in=each.is_one_in)
    for words, value in proportions(text, numbers):
        yield Counted(words, value, is_share=False, is_near_word=False, is_ratio=True)
    if not has_phrase(text):
        return
    for words, value in factors(text, numbers):
        yield Counted(words, value, is_share=False, is_near_word=False, is_factor=True)
    for words, change in digit_errors(text, numbers):
        yield Counted(words, float(change), is_share=False, is_near_word=False)
    for words in equalities(text):
        yield Counted(words, 1.0, is_share=False, is_near_word=False, is_equality=True)


def _classify(
    text: str, start: int, end: int, value: float, is_word: bool = False, *, only_near_words: bool = False
) -> Iterator[Counted]:
    before, after = text[max(0, start - _SEEN) : start], text[end : end + _SEEN]
    if SHARE_AFTER.match(after) or SHARE_BEFORE.search(before):
        yield Counted(text[start:end], value, is_share=True, is_near_word=True)
    else:
        yield from _not_in_per_cent(text, start, end, value, is_word, only_near_words)


def _not_in_per_cent(
    text: str, start: int, end: int, value: float, is_word: bool = False, only_near_words: bool = False
) -> Iterator[Counted]:
    """Yield what a number that is not in per cent counts, by the words beside it."""
    before, after = text[max(0, start - _SEEN) : start], text[end : end + _SEEN]
    words = text[start:end]
    label = label_before(before, after)
    if label == NUMBERED or is_age(before) or is_limit(text, start, end):
        return
    if _is_ratio(value, before, after):
        yield Counted(words, value, is_share=False, is_near_word=False, is_ratio=True)
    if value % 1:  # 61.4, which may be per cent
        yield Counted(words, value, is_share=True, is_near_word=False)
        return
    is_before = PERSONS_AFTER.match(after) is not None
    if is_word and not is_before and is_negation(words, after):
        return
    is_year = not is_word and any(first <= value <= last for first, last in _YEARS)
    if not is_before and label != COUNTED and (is_year or NO_COUNT_UNLESS_NEAR.search(before)):
        return
    has_word = is_before or label == COUNTED or PERSONS_BEFORE.search(before) is not None
    if not has_word and is_of_others(before, after):
        yield Counted(words, value, is_share=False, is_near_word=True, is_of_others=True)
    is_method = is_of_a_method(value, before, after)
    if has_word and not is_method and value == 1 and is_word and is_one_of(words, before, after):
        yield Counted(words, value, is_share=False, is_near_word=False)
        return
    has_word = has_word and label != EITHER and not is_method
    if not is_measure(after) and (has_word or not is_day(before, after)) and (has_word or not only_near_words):
        is_total = TOTAL_BEFORE.search(before) is not None or TOTAL_AFTER.match(after) is not None
        yield Counted(words, value, is_share=False, is_near_word=has_word, is_total=is_total)


def _is_ratio(value: float, before: str, after: str) -> bool:
    """Whether a number may be a ratio of counts: after a word for one, near a hundred, or as in 6.1 men (a woman)."""
    if RATIO_BEFORE.search(before) or HUNDRED_AFTER.match(after) or HUNDRED_BEFORE.search(before):
        return True
    return bool(value % 1 and (PERSONS_AFTER.match(after) or PERSONS_BEFORE.search(before)))
