"""Findings that may identify a person but share their form with other things: the message is held for a second person.

They are licence plates and accounts recognised by form alone, the form of a passport number in other letters or with a
gap, telephone numbers, addresses and accounts in words, and birthdays that are not full dates.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.addresses_in_words import addresses_in_words
from suar.protocol.privacy.identifiers.dates import birthdays
from suar.protocol.privacy.identifiers.forms import in_parts
from suar.protocol.privacy.identifiers.named_accounts import named_accounts
from suar.protocol.privacy.identifiers.number_runs import MOST_BETWEEN, has_enough_digits
from suar.protocol.privacy.identifiers.payments import accounts
from suar.protocol.privacy.identifiers.references import without_references
from suar.protocol.privacy.identifiers.telephones import may_be_dialled, telephones
from suar.protocol.privacy.identifiers.vehicles import plates
from suar.protocol.privacy.text.found import Found, Kind
from suar.protocol.privacy.text.numerals import UNIT, morphemes
from suar.protocol.privacy.text.plain import has_digit, has_native_letter, is_part, nfkc, words_of

RUN_OF_DIGITS: Final = re.compile(rf"[0-9]\D{{0,{MOST_BETWEEN}}}\d")
_SIX_DIGITS: Final = re.compile(r"\d{6}")  # contained in every passport number
_CURRENCY: Final = "RM|RP|US|SG|HK|AU|NZ|KH|TH|NO|LA|BN|ID|KM|KG|CC|QH|RA|NR|ND|CP|TT"
_PASSPORT: Final = re.compile(
    rf"(?<![\w/-])(?:(?!(?:{_CURRENCY})[ _-])[A-Z]{{1,2}}[ _-]\d{{7,8}}[A-Z]?|M[A-I][ _-]\d{{6}}|[a-z]{{1,2}}\d{{7,8}}[a-z]?)(?![\w/-]|[.,]\d)"
)
_CARD: Final = re.compile(
    nfkc(
        r"(?:\b(?:work permit|driving licen[cs]e|driver'?s?'? licen[cs]e|student (?:id|card|number)|hospital number|(?-i:HN|TIN|NPWP|TRN)|bpjs|pag-?ibig|taxpayer (?:id|number)|refugee card"
        r"|surat izin mengemudi|lesen memandu|giấy phép lái xe|bằng lái|carta de condução)\b|ใบอนุญาตทำงาน|ใบขับขี่|驾驶证|工作证)[^\n;\d]{0,16}?([A-Z]{0,3}\d(?:[ -]?\d){6,18})(?![\d]|[.,]\d)"
    ),
    re.IGNORECASE,
)
SEVEN_IN_GROUPS: Final = re.compile(r"[0-9](?:[ -]?\d){6}")
"""Part of every match of `_CARD`."""
_YEARS: Final = re.compile(r"(?:(?:19|20|24|25)\d\d[ -]?)+")


def doubtful(text: str, sure: list[Found]) -> list[Found]:
    """Return the possible identifiers in plain text, without those found with certainty (`sure`)."""
    known = [found.words for found in sure]
    kinds: dict[str, Kind] = {}
    for found in _all(text):
        words = found.words.strip()
        if not found.is_sure and not any(words in each or each in words for each in known):
            kinds.setdefault(words, found.kind)
    return [Found(kind, words, is_sure=False) for words, kind in kinds.items() if not is_part(words, kinds)]


def _all(text: str) -> Iterator[Found]:
    if has_digit(text) and RUN_OF_DIGITS.search(text):
        clear = without_references(text)
        if _SIX_DIGITS.search(clear):
            yield from (Found("passport", found[0], is_sure=False) for found in _PASSPORT.finditer(clear))
        yield from _cards(text)
        yield from plates(clear)
        yield from accounts(clear)
        if has_enough_digits(clear):
            yield from telephones(clear, may_be_dialled)
            yield from in_parts(clear)
    yield from (Found("full date", words, is_sure=False) for words in birthdays(text))
    yield from addresses_in_words(text)
    yield from named_accounts(text)
    yield from digits_in_words(text)


def _cards(text: str) -> Iterator[Found]:
    """Yield the numbers of other documents, behind the document's name; a number of years is none."""
    for found in _CARD.finditer(text) if SEVEN_IN_GROUPS.search(text) else ():
        if not _YEARS.fullmatch(found[1]):
            yield Found("document number", found[1], is_sure=False)


# -- telephones in words


def _digits(lang: str) -> list[str]:
    """Return the words for zero to nine in a language, the longest first."""
    found = [word for word, (kind, _) in morphemes(lang).items() if kind == UNIT]
    return sorted(found, key=len, reverse=True)


_GAP: Final = r"\b[ ,.;-]{0,3}"
_ALSO: Final = {"en": ["oh", "nought"], "zh": ["幺"], "th": ["โท"]}
_LEAST: Final = 7
SPACED: Final = tuple(
    (
        frozenset(words),
        re.compile(rf"\b(?:{more}(?:{'|'.join(words)}){_GAP}){{{least},24}}", re.IGNORECASE),
    )
    for words, more, least in (
        ([*_digits("en"), *_ALSO["en"]], "(?:double |triple )?", _LEAST - 1),
        *((_digits(lang), "", _LEAST) for lang in ("id", "vi", "fil", "pt", "tet")),
        # Filipino as in Spanish, as a telephone is said; Vietnamese without marks
        (
            [
                "zero",
                "sero",
                "uno",
                "dos",
                "tres",
                "kwatro",
                "cuatro",
                "singko",
                "cinco",
                "sais",
                "seis",
                "siete",
                "syete",
                "otso",
                "ocho",
                "nuebe",
                "nwebe",
                "nueve",
            ],
            "",
            _LEAST,
        ),
        ("khong mot hai ba bon tu nam lam sau bay tam chin".split(), "", _LEAST),  # noqa: SIM905
    )
)
UNSPACED: Final = tuple(
    (tuple(words), re.compile(rf"(?:(?:{'|'.join(words)})[ 、,.-]{{0,3}}){{{_LEAST},24}}"))
    for words in ([*_digits(lang), *_ALSO.get(lang, [])] for lang in ("th", "lo", "km", "my", "zh", "ta"))
)
_ENGLISH_UNIT: Final = "zero|oh|nought|one|two|three|four|five|six|seven|eight|nine"
_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TEENS: Final = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_PAIRS: Final = re.compile(
    # zero eighty-one, two thirty-four, fifty-six seventy-eight
    rf"\b(?:zero|oh|nought)(?:[ ,.;-]{{1,3}}(?:(?:{_TENS})(?:[- ](?:{_ENGLISH_UNIT}))?|{_TEENS}|{_ENGLISH_UNIT})(?!\w)){{3,12}}",
    re.IGNORECASE,
)
_A_DIGIT: Final = re.compile(
    rf"((?:{_TENS})[- ](?:{_ENGLISH_UNIT})\b)|(?:{_TENS}|{_TEENS})|({_ENGLISH_UNIT})", re.IGNORECASE
)
_ZEROS: Final = frozenset(("zero", "oh", "nought"))
DIGIT_WORDS: Final = frozenset[str]().union(*(words for words, _ in SPACED))
"""Words of which a text contains one if a form of SPACED matches."""


def digits_in_words(text: str) -> Iterator[Found]:
    """Yield sequences of seven or more digits in words, which are not counts. `double` doubles the next digit."""
    there = words_of(text)
    for words, form in SPACED if not there.isdisjoint(DIGIT_WORDS) else ():
        if len(words & there) > 1:
            yield from (Found("telephone", found[0].strip(" ,.;-"), is_sure=False) for found in form.finditer(text))
    if not there.isdisjoint(_ZEROS):
        yield from _in_pairs(text)
    if has_native_letter(text):
        for some, form in UNSPACED:
            if any(map(text.__contains__, some)):
                yield from (
                    Found("telephone", found[0].strip(" ,.-、"), is_sure=False) for found in form.finditer(text)
                )


def _in_pairs(text: str) -> Iterator[Found]:
    """Yield numbers of seven digits or more that begin with a zero and are read in twos: zero eighty-one, two thirty-four."""
    for found in _PAIRS.finditer(text):
        groups = list(_A_DIGIT.finditer(found[0]))
        digits = sum(1 if each[2] else 2 for each in groups)
        if digits >= _LEAST and sum(1 for each in groups if each[1]) > 1:  # tens alone are steps
            yield Found("telephone", found[0], is_sure=False)
