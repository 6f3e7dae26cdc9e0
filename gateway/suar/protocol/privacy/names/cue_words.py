"""Finds names with a capital letter next to a cue word: a word for kin, age, a victim or a name.

`calling` finds those in lower case.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.calling import may_be_a_name
from suar.protocol.privacy.names.kinds import is_of_a_kind
from suar.protocol.privacy.names.known import BIG, NAMES_TOO, WORD, is_known_or_place
from suar.protocol.privacy.text.kin_words import KIN
from suar.protocol.privacy.text.plain import has_digit, words_of

_NAME: Final = rf"[\"“'‘]?({WORD}(?: {WORD})*)(?![\w'’-])"
_ONE: Final = "victim|survivor|complainant|korban|mangsa|penyintas|biktima|vítima|ofendida|ofendido|lesada|lesado|nạn nhân|bị hại|girl|boy|child|teenager|toddler|baby"
_IS: Final = "is|was|called|named|name is|name was|ialah|adalah|iaitu|yaitu|là|tên|tên là|naran|si"
_FIRST: Final = r"(?:^|(?<=[.!?:;(] ))"
_FORMS: Final = (
    # her daughter Malee; mother: Malee
    (KIN.replace("|", " "), rf"(?<![\w'’-])(?:{KIN})(?:,? (?:{_IS}))?[:,]? {_NAME}"),
    (KIN.replace("|", " "), rf"{_FIRST}(?i:{KIN})(?:,? (?:{_IS}))?:? {_NAME}"),
    # the mother of Malee, the family of Sreymom
    (
        f"{KIN}|family|relative|relatives|parent|parents|child".replace("|", " "),
        rf"(?i:\b(?:{KIN}|family|relatives?|parents?|child) of) {_NAME}",
    ),
    # the victim is Malee; korban Aminah; Girl: Malee
    (_ONE.replace("|", " "), rf"(?<![\w'’-])(?:{_ONE})(?:,? (?:{_IS}))?[:,]? {_NAME}"),
    (_ONE.replace("|", " "), rf"{_FIRST}(?i:{_ONE})(?:,? (?:{_IS})|:) {_NAME}"),
    (
        "korban mangsa biktima vítima nạn victim",
        rf"{_FIRST}(?:Korban|Mangsa|Biktima|Vítima|Nạn nhân|Victim) ({WORD})(?= [a-zđ]|[,.])",
    ),
    # the girl (Nok) went
    (_ONE.replace("|", " "), rf"(?<![\w'’-])(?i:{_ONE}) \(({WORD})\)"),
    # nickname Nok; atas nama Aminah; her name is Malee
    (
        "nickname nicknamed aka name surname nama an panggilan nome naran n",
        rf"(?i:\b(?:nickname|nicknamed|aka|name(?: is| was|:)|(?:sur|last |first |family |given )name:?|atas nama|a\.n\.|nama panggilan|nama(?: asli)?(?:nya|:| ialah| adalah)|nome:))(?: is| was|:| of)? {_NAME}",
    ),
    # a girl known as Nok
    (
        "known called goes went",
        r"(?i:\b(?:girl|boy|woman|man|child|person|victim|survivor|broker|recruiter|driver|agent|she|he|her|his|him)\b[^.\n]{0,40}?\b(?:known as|is called|was called|goes by|went by)"
        r"|\b(?:girl|boy|woman|man|child|person|victim|survivor),? called)"
        rf" (?:the name(?: of)? )?{_NAME}",
    ),
    # the 16-year-old Thuy; Dara, aged 15
    ("year years", rf"(?i:\b\d{{1,2}}[- ]years?[- ]old(?: girl| boy)?),? {_NAME}"),
    (
        "aged umur berumur berusia usia years yrs year tuổi tahun taong anos tinan",
        rf"(?<![\w'’-])({WORD})(?:,? \(?(?:aged|umur|berumur|berusia|usia) \d{{1,2}}\b|,? \(?\d{{1,2}} (?:years? old|yrs old|tuổi|taong gulang)\b)",
    ),
    # bu Sulastri
    (
        "bu ibu pak bapak mbak mas dik khun makcik pakcik",
        rf"(?<![\w'’-])(?:bu|ibu|pak|bapak|mbak|mas|dik|khun|makcik|pakcik) {_NAME}",
    ),
    # adiknya Aminah
    (
        "",
        rf"(?i:\b(?:kakak|adik|abang|ibu|bapa|bapak|ayah|paman|bibi|pakcik|makcik|sepupu|suami|isteri|istri|teman|kawan|nenek|kakek|anak)(?:nya|ku)),? {_NAME}",
    ),
)
CUES: Final = tuple((frozenset(words.split()), re.compile(form)) for words, form in _FORMS)
"""(words of which every match contains one, none for the endings of `ENDINGS`; the form). A test checks that they agree."""
ENDINGS: Final = ("nya", "ku")
CUE_WORDS: Final = frozenset[str]().union(*(words for words, _ in CUES))
"""Words of which a text contains one if a form of CUES without an ending matches."""
_AGE: Final = re.compile(r", \d{1,2}, [a-z]")  # part of every _AGED, faster to find
_AGED: Final = re.compile(
    # Malee, 16, from Mae Sai
    rf"({WORD}), \d{{1,2}}, (?:from|who|whose|was|is|has|had|said|told|left|went|asal|dari|quê|yang)\b"
)
_COMMA: Final = re.compile(rf", [{BIG}]")  # part of every _SURNAME_FIRST, faster to find
_SURNAME_FIRST: Final = re.compile(
    # Santos, Maria was brought
    rf"{_FIRST}({WORD}, {WORD})(?=$|\.?$|\. [A-Z]|, (?:aged )?\d| [A-Z]\.| (?:was|is|has|had|came|went|said|told|aged)\b)"
)


def find_at_cues(text: str) -> Iterator[str]:
    """Yield the capitalised words of plain text that may name a person."""
    there = words_of(text)
    has_ending = ENDINGS[0] in text or ENDINGS[1] in text
    if has_ending or not there.isdisjoint(CUE_WORDS):
        for words, form in CUES:
            if not words.isdisjoint(there) if words else has_ending:
                yield from (found[1] for found in form.finditer(text) if _is_name(found[1], text, found.start(1)))
    if has_digit(text) and _AGE.search(text):
        yield from (found[1] for found in _AGED.finditer(text) if _is_name(found[1], text, found.start(1)))
    if _COMMA.search(text):
        for found in _SURNAME_FIRST.finditer(text):
            if all(may_be_a_name(word) and not is_known_or_place([word]) for word in found[1].split(", ")):
                yield found[1]


def _is_name(words: str, text: str, at: int) -> bool:
    """Whether capitalised words next to a word for a person may name one: those not known as another name."""
    each = words.split()
    if words.lower() in NAMES_TOO:
        return True
    if (words.isupper() and len(words) > 1) or is_known_or_place(each) or is_of_a_kind(each, text, at):
        return False
    return all(map(may_be_a_name, map(str.lower, each[:1])))
