"""Finds capitalised names behind a word for a role (`Patient: Malee`), and behind forms that call somebody by a name.

Behind a role a sign, or a number in signs, has to stand between (`Victim 1) Malee`, `Victim | Malee`, `Woman: Malee`), and
the name has to end where a value ends: at a sign, a number or the end. A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.connected import may_be_one
from suar.protocol.privacy.names.cues import FAMILY, MALAY_KIN, VICTIMS
from suar.protocol.privacy.names.known import BIG, WORD, is_known_or_place
from suar.protocol.privacy.names.words import PEOPLES
from suar.protocol.privacy.text.kin_words import LATIN_KIN, VIETNAMESE_KIN
from suar.protocol.privacy.text.plain import has_digit, nfkc

_ROLES: Final = nfkc(
    "witness|patient|client|beneficiary|deceased|informant|worker|returnee|applicant|student|maid|dancer|runaway|missing|found|rescued|contact|case|suspect|person|woman|man|female|male|detainee|interviewee|respondent"
    "|saksi|pelapor|pasien|pesakit|klien|terlapor|menor|testemunha|paciente|bata|babae|lalaki|saksing|pasyente|kliyente|feto|mane|labarik|sasin|nhân chứng|bệnh nhân|trẻ em|sira"
)
_ALL: Final = f"{_ROLES}|{FAMILY}|{VICTIMS}|{LATIN_KIN}|{MALAY_KIN}|{VIETNAMESE_KIN}"
_NUMBER: Final = r"(?:\d{1,2}|[A-H]|[IVX]{1,4}|one|two|three|four|five|six)"
_SIGN: Final = r"(?: ?(?:[:=→>_(\[\"“'‘;]| \| |->) ?[\"“'‘(]?| [-–—] )"
_ID: Final = (
    rf"(?: ?(?:\({_NUMBER}\)|\[{_NUMBER}\]|{_NUMBER}[).])[ :,-]{{1,3}}| ?(?:no\.? ?|id ?|# ?)?{_NUMBER}(?:{_SIGN}|, ))"
)
_END: Final = r"(?=$|[,.;:)\]|\"”'’/]| \(| \d| [-–—] | (?:aged|was|is|age|umur|usia|de \d)\b)"
_ROLE_BEFORE: Final = re.compile(rf"(?<![\w'’-])(?i:{_ALL})(?i:{_ID}|{_SIGN})$")
_VALUE: Final = re.compile(rf"[:=→>_(\[\"“'‘;|)\].,–—-] ?[\"“'‘(]?({WORD}(?: {WORD}){{0,2}}){_END}")
"""What stands behind any sign; a role before it is looked for."""
_SEEN: Final = 40
_LAST: Final = 3  # words before a value of which one is that of a role
_A_WORD: Final = re.compile(r"[^\W\d_]+")

_ELDER: Final = "ate|kuya|nanay|inay|tatay|itay|lola|lolo|tita|tito|aling|mang"
_CALLED: Final = (
    # the verb of names in Portuguese, kin with a hyphen, daughter of, kin behind `si`
    ("chama nome", r"(?i:chama(?:va)?-se|nome (?:dela|dele|da \w+) (?:é|era))"),
    ("law", rf"(?i:(?:{FAMILY})-in-law)"),
    (
        "step grandchild grandson granddaughter half",
        r"(?i:(?:step|half|great)-(?:daughter|son|sister|brother|mother|father|aunt|uncle)|grand(?:child|son|daughter))",
    ),
    ("", r"(?:[DdSs]/[Oo]|[FfMm]/[Nn])\.?"),
    ("saudari saudara", r"(?i:saudar[ia])"),
    ("panggilannya", r"(?i:panggilannya)"),
    ("", r"(?:An\.|A\.n\.|a\.n\.)"),
    ("menor feto", r"(?i:menor|feto)"),
    (_ELDER.replace("|", " "), rf"(?i:\b(?:si|ni|kay|sina|kina) (?:{_ELDER}))"),
    ("", r"(?:[VWSCP]\d{1,2})(?: ?[:=–-])"),
)
_STRICT_END: Final = r"(?=$|[,.;()])"
_NO_MORE: Final = r"(?![\w'’-])"
_FORMS: Final = tuple(
    (
        frozenset(words.split()),
        re.compile(
            rf"(?<![\w'’-]){form} ?[\"“'‘]?({WORD}(?: {WORD}){{0,2}}){_STRICT_END if '[VWSCP]' in form else _NO_MORE}"
        ),
    )
    for words, form in _CALLED
)
_OF_FORMS: Final = frozenset[str]().union(*(words for words, _ in _FORMS))
_OF_SOMEBODY, _NAMED_AS, _BY_NUMBER = (form for words, form in _FORMS if not words)
"""The forms that have a sign instead of a word."""
_KNOWN_AS: Final = re.compile(
    rf"(?i:\b(?:known as|goes by|went by|by the name of|also called)) [\"“'‘]?({WORD}(?: {WORD})?){_END}"
)
_KNOWN: Final = ("known as", "goes by", "went by", "by the name of", "also called")
_KNOWN_WORDS: Final = frozenset(("known", "goes", "went", "name", "called"))
_OF_A_THING: Final = re.compile(
    r"\b(?:compound|park|area|village|town|city|operation|app|platform|scheme|scam|site|zone|law|act|project|group|company|ship|vessel|boat|protocol|island|river|bridge|border|camp|centre|center|hotel|casino|market|method|practice"
    r"|route|pass|port|place|region|province|district|agreement|programme|program|process|network|drug|system)s?\b",
    re.IGNORECASE,
)
_WITH_AGE: Final = re.compile(
    # Joana, de 15 anos; Hoa, SN 2009; Tarmizi, ayah korban
    nfkc(
        rf"(?<![\w'’-])({WORD}),? (?:de \d{{1,2}} anos\b|(?:SN|sn|sinh năm|s\.n\.) ?\d{{4}}\b|(?:{LATIN_KIN}|{MALAY_KIN}) (?:korban|mangsa|da vítima|ng biktima|vítima)\b)"
    )
)
_PART_OF_AGE: Final = frozenset(map(nfkc, ("anos", "sn", "sinh", "korban", "mangsa", "vítima", "biktima")))
_VIETNAMESE: Final = re.compile(nfkc(rf"(?: (?:tên là|là|tên)|[Bb]é) ({WORD}){_END}"))
_VIETNAMESE_BEFORE: Final = re.compile(nfkc(rf"(?<!\w)(?:{VIETNAMESE_KIN})$"))

_WORDS: Final = frozenset(word for each in _ALL.split("|") for word in re.findall(r"[^\W\d_]+", each.lower()))
"""Words of which every match behind a role contains one; those in brackets are more."""
_VIETNAMESE_WORDS: Final = frozenset(map(nfkc, ("là", "tên", "bé")))
WORDS: Final = _WORDS | _PART_OF_AGE | _OF_FORMS | _KNOWN_WORDS | _VIETNAMESE_WORDS
"""Words of which every match has one, but those of forms with a sign."""
ANY_SIGN: Final = re.compile("[:=→>_(\\[\"“'‘;|–—]")
BEHIND_NUMBER: Final = re.compile(rf"[).,\]](?<=[\dA-Ia-iVvXxOoRr].)[ :,-]{{1,3}}[{BIG}]")
"""What every value behind a role has before it in a text without any of these signs."""
IN_THE_NAME: Final = ("An.", "A.n.", "a.n.")
CHILD_OF: Final = re.compile("/[OoNn]")
A_NUMBERED: Final = re.compile(r"[VWSCP]\d{1,2} ?[:=–-]")
"""Part of every match of each of the three forms with a sign."""


def role_names(text: str, there: frozenset[str]) -> Iterator[str]:
    """Yield the capitalised words of plain text behind a role or a form of calling that may name a person.

    `there`: those of WORDS that the text has.
    """
    if not there.isdisjoint(_PART_OF_AGE):
        yield from _one_each(_WITH_AGE, text)
    if text[1:].islower():
        return
    if there:
        yield from _behind_words(text, there)
    if has_sign(text):
        yield from _behind_signs(text)
    if there:
        yield from _behind_calls(text, there)


def has_sign(text: str) -> bool:
    """Whether the text may have a form with a sign or a number instead of one of WORDS."""
    return "/" in text or "n." in text or has_digit(text)


def _behind_signs(text: str) -> Iterator[str]:
    if "/" in text and CHILD_OF.search(text):
        yield from _one_each(_OF_SOMEBODY, text)
    if "n." in text and any(map(text.__contains__, IN_THE_NAME)):
        yield from _one_each(_NAMED_AS, text)
    if has_digit(text) and A_NUMBERED.search(text):
        yield from _one_each(_BY_NUMBER, text)


def _behind_words(text: str, there: frozenset[str]) -> Iterator[str]:
    has_role = not there.isdisjoint(_WORDS)
    if has_role and (ANY_SIGN.search(text) or " - " in text or BEHIND_NUMBER.search(text)):
        yield from _behind_roles(text)
    for words, form in _FORMS if not there.isdisjoint(_OF_FORMS) else ():
        if not words.isdisjoint(there):
            yield from _one_each(form, text)


def _behind_calls(text: str, there: frozenset[str]) -> Iterator[str]:
    if not there.isdisjoint(_KNOWN_WORDS) and any(map(text.lower().__contains__, _KNOWN)):
        for found in _KNOWN_AS.finditer(text):
            if may_be_one(found[1], text, found.start(1)) and not _OF_A_THING.search(
                text, max(0, found.start() - 60), found.start()
            ):
                yield found[1]
    if not there.isdisjoint(_VIETNAMESE_WORDS):
        yield from _vietnamese(text)


def _vietnamese(text: str) -> Iterator[str]:
    for found in _VIETNAMESE.finditer(text):
        is_cued = found[0][0] != " " or _VIETNAMESE_BEFORE.search(text, max(0, found.start() - _SEEN), found.start())
        if is_cued and found[1].lower() not in PEOPLES:
            yield found[0].strip()


def _behind_roles(text: str) -> Iterator[str]:
    for found in _VALUE.finditer(text):
        before = text[max(0, found.start() - _SEEN) : found.start(1)]
        if _WORDS.isdisjoint(_A_WORD.findall(before.lower())[-_LAST:]) or not _ROLE_BEFORE.search(before):
            continue
        if may_be_one(found[1], text, found.start(1)) and not is_known_or_place(found[1].split()[:1]):
            yield found[1]


def _one_each(form: re.Pattern[str], text: str) -> Iterator[str]:
    for found in form.finditer(text):
        if may_be_one(found[1], text, found.start(1)) and not is_known_or_place(found[1].split()[:1]):
            yield found[1]
