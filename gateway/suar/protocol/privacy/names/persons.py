"""Finds words that may name a person: honorifics, forms of surnames, and unknown pairs of capitalised words.

No list of names is complete, and many names are also words, so a name is never refused: the message is held and a
second person examines the marked words. Thai, Lao, Khmer and Burmese have no capitals and few spaces; in these
languages an honorific indicates a name, except in words that begin with the same letters.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from suar.protocol.privacy.names.calling import find_called
from suar.protocol.privacy.names.capitals import SHORT, in_ordinary_writing
from suar.protocol.privacy.names.connected import find_connected
from suar.protocol.privacy.names.cue_words import find_at_cues
from suar.protocol.privacy.names.kin_names import find_kin
from suar.protocol.privacy.names.kinds import is_of_a_kind
from suar.protocol.privacy.names.known import BIG, WORD, is_known, is_known_behind_title, is_known_or_place
from suar.protocol.privacy.names.native import find_native
from suar.protocol.privacy.names.words import REFERENCES, STARTS
from suar.protocol.privacy.text.plain import is_part

# -- Latin letters

_HONORIFIC: Final = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Sra|Sr|Srta|Sdra|Bpk|Mister|Madam|Mdm|Dr|Prof|Encik|En|Cik|Puan|Pn|Tuan|Datuk|Dato['’]?|Datin|Haji|Hajah|Hj|Pak|Bapak|Bu|Ibu|Sdr|Sdri|Saudara|Saudari|Nona"
    rf"|Gng|Bb|Ginang|Ginoo|Binibini|Aling|Mang|Ate|Kuya|Senhor|Senhora|Maun|Mana|Khun|Nai|Daw|Ko|Ma|Maung|Naw|Saw|U)\.? {WORD}(?: {WORD})*"
)
_NO_PERSON: Final = re.compile(
    r"[Ee]m Việt Nam\b|(?:Ibu|Bu|Bapak) (?:Kota|Pejabat|Negara|Negeri|Pertiwi)|(?:Mr|Ms|Dr|U|Ma|Ko)\.? (?:Act|Article)|Ko Samui|Ko Chang|Ma On|(?:[Aa]nh|[Ee]m|[Cc]hị) Quốc"
)
PATRONYM: Final = re.compile(rf" (?:bin|binti|binte|bte|bt|ibni|a/l|a/p|anak|s/o|d/o)\.? {WORD}(?: {WORD})*")
"""What follows the first words of such a name."""
_VIETNAMESE_LETTER: Final = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạ-ỹ]")
CAPITALS: Final = re.compile(rf"[A-Z][a-z]{{0,7}}['’]?\.? [{BIG}]")
PERSONAL: Final = re.compile(rf"\b(?:si|sina|ni|nina|kay|kina) {WORD}(?: {WORD})*")
CALLED: Final = re.compile(
    r"\b(?:named|nicknamed|alias|a\.k\.a\.|bernama|dipanggil|panggilan|nagngangalang|pinangalanang|tên là|tên|tự xưng là|naran)\s[\"“'‘]?"
    rf"({WORD}(?: {WORD})*)"
)
_SURNAMES: Final = "Nguyễn|Nguyen|Trần|Tran|Lê|Phạm|Pham|Huỳnh|Huynh|Hoàng|Hoang|Phan|Vũ|Võ|Đặng|Dang|Bùi|Bui|Đỗ|Hồ|Ngô|Ngo|Dương|Duong|Lý|Đinh|Trịnh|Trinh|Lương|Luong|Đào|Đoàn|Doan|Vương|Vuong|Mai|Tạ|Cao|Châu"
_NO_NAME: Final = (
    r"(?:trường|trấn|xã|sát|thực|phần|hóa|hoá|phòng|bản|học|bằng|kiện|chương|nghệ)\b"  # market, town, culture, office
)
_VIETNAMESE: Final = re.compile(rf"\b(?:{_SURNAMES})(?: {WORD}){{1,3}}")
_VIETNAMESE_SMALL: Final = re.compile(
    # trần thị bích ngọc, nguyễn văn an
    rf"\b(?:{_SURNAMES.lower()}) (?:thị|văn) (?!{_NO_NAME})[^\W\d_]{{1,8}}(?: [^\W\d_]{{1,8}})?\b"
)
_VIETNAMESE_CALL: Final = re.compile(
    rf"(?<!nước )(?<!tiếng )\b(?:ông|bà|anh|chị|cô|em|cháu|bé|chú|bác|Ông|Bà|Anh|Chị|Cô|Em|Cháu|Bé) (?!Công an\b|Hội (?:trưởng|đồng|viên|phụ|liên)){WORD}(?: {WORD})*"
)
IN_SEQUENCE: Final = re.compile(rf"{WORD}(?: {WORD})*")
"""One capitalised word or more. One alone matches too, so that no letter of it is looked at again."""
# part of every match of CAPITALS, and of two words of IN_SEQUENCE, in ASCII text; begins with a blank, which is fast to find
IN_A_ROW: Final = re.compile(
    r" (?=[A-Z])(?:(?<=[A-Za-z'] )|(?<='\. )|" + "|".join(rf"(?<=[A-Z]{'[a-z]' * n}\. )" for n in range(8)) + ")"
)

_PERSONS: Final = "victim|survivor|name|nickname|korban|nama|mangsa|biktima|pangalan|vítima|nome|naran|nạn nhân|họ tên"
_BEFORE_A_NAME: Final = re.compile(
    rf"(?i:\b(?:{_PERSONS}|mother|father|sister|brother|daughter|son|girl|boy|là|is)[:,]? )$"
)
_LABELLED: Final = re.compile(rf"(?i:\b(?:{_PERSONS}) ?[:：] ?)[\"“'‘]?({WORD}(?: {WORD})*)")
"""A label for a person and the words after it."""

BETWEEN: Final = (" bin", " bt", " ibni", " a/l", " a/p", " anak", " s/o", " d/o")  # in every PATRONYM
MARKERS: Final = ("si ", "ni ", "na ", "kay ")  # in every PERSONAL
CALLING: Final = (  # in every CALLED
    "named", "alias", "a.k.a.", "bernama", "dipanggil", "panggilan", "nagngangalang", "pinangalanang", "tên",
    "tự xưng là", "naran",
)  # fmt: skip
# -- titles of laws and cases

_ROLE: Final = re.compile(
    rf"(?:\b(?:victims?|survivors?|suspects?|accused|defendants?|offenders?|traffickers?|convicts?|witness(?:es)?|complainants?|petitioners?|respondents?|appellants?"
    rf"|plaintiffs?|prisoners?|detainees?|minor|child|girl|boy|daughter|son|mother|father|wife|husband|sister|brother"
    rf"|mangsa|korban|suspek|tersangka|terdakwa|tertuduh|saksi|biktima|akusado|nasasakdal|saksing|vítima|arguido|réu|testemunha|nạn nhân|bị cáo|bị can|nhân chứng"
    rf"|in re|ex parte|in the matter of|matter of|case of|case against|murder of|estate of|perkara|kasus|kes|vụ án)\b"
    rf"|\b(?:Victim|Survivor|Suspect|Accused|Defendant|Witness|Complainant|Petitioner|Respondent|In re|In Re|In the matter of|In the Matter of|Ex parte|Ex Parte|Case of|Mangsa|Korban"
    rf"|Terdakwa|Tersangka|Vítima|Nạn nhân|Bị cáo|Bị can)[:,]?)[:,]? ({WORD}(?: {WORD})+)"
)
PARTY: Final = re.compile(rf"{WORD}(?:(?: of(?: the)?| and)? {WORD})*")
"""One side of a case; a word alone matches too, so that no letter of it is looked at again."""
OTHER_PARTY: Final = re.compile(rf",? (?:v\.?|vs\.?|versus|lwn\.?|lawan|melawan|kontra|contra) ({WORD}(?: {WORD})*)")
_STATES: Final = frozenset({"pp", "r", "rex", "regina", "people", "state", "crown", "public prosecutor", "prosecutor"})


def names(text: str, *, pairs: bool = True) -> list[str]:
    """Return the words of plain text that may name a person.

    `pairs`: include pairs of capitalised words, which also occur in the names of institutions and laws.
    """

    def search(written: str) -> list[str]:
        return [
            *_latin(written, pairs),
            *find_called(written),
            *find_kin(written),
            *find_at_cues(written),
            *find_connected(written),
            *_labelled(written),
        ]

    found = search(text)
    if not _is_small(text):
        found += _in_capitals(text, search)
    if not text.isascii():
        found += find_native(text)
    once = dict.fromkeys(words.strip() for words in found) if found else {}
    return [words for words in once if not is_part(words, once)]


def in_title(text: str) -> list[str]:
    """Return the words that may name a person in the title (plain text) of a law or a case.

    Every word of a title may be capitalised, so it searches for honorifics, words for a role in a case, and parties.
    """
    found = [*names(text, pairs=False), *_in_a_case(text), *_in_capitals(text, _in_a_case)]
    once = dict.fromkeys(found)
    return [words for words in once if not is_part(words, once)]


def _in_a_case(text: str) -> Iterator[str]:
    yield from (words[0] for words in _ROLE.finditer(text) if not is_known(words[1].split()))
    for one, other in _continued(text, PARTY, OTHER_PARTY):
        if not all(is_known(side.split()) or side.lower() in _STATES for side in (one, other[1])):
            yield one + other[0]


def _continued(text: str, first: re.Pattern[str], more: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the matches of `first` behind which `more` is; each word is looked at twice, however many stand in a row."""
    for found in first.finditer(text):
        follows = more.match(text, found.end())
        if follows:
            yield found[0], follows


def _latin(text: str, pairs: bool) -> Iterator[str]:
    if not text.isascii():
        yield from (found[0] for found in _VIETNAMESE_SMALL.finditer(text))
    if _is_small(text):
        return  # every form has a capital after its first letter
    in_a_row = not text.isascii() or IN_A_ROW.search(text) is not None
    for form in _forms(text, in_a_row):
        for found in form.finditer(text):
            if not _NO_PERSON.match(found[0]) and not is_known_behind_title(found[0].split()[1:]):
                yield found[0]
    yield from _patronyms(text)
    if has_any(text, CALLING):
        for found in CALLED.finditer(text):
            if not is_known(found[1].split()):
                yield found[0]
    if not pairs or not text.isascii():  # with `pairs`, plain letters are covered by the pairs
        for found in _VIETNAMESE.finditer(text):
            if not is_known_or_place(found[0].split()):
                yield found[0]
    if pairs and in_a_row:
        yield from _pairs(text)


def _patronyms(text: str) -> Iterator[str]:
    if has_any(text, BETWEEN) and PATRONYM.search(text):
        for one, more in _continued(text, IN_SEQUENCE, PATRONYM):
            words = one + more[0]
            if not _NO_PERSON.match(words) and not is_known(words.split()[1:]):
                yield words


def _is_small(text: str) -> bool:
    """Whether an ASCII text has no capital after its first letter; faster than a search."""
    return text.isascii() and text[1:].islower()


def _labelled(text: str) -> Iterator[str]:
    """Yield a capitalised word after a label for a person."""
    if ":" in text:
        for found in _LABELLED.finditer(text):
            if found[1].lower() != "unknown" and not is_known_or_place(found[1].split()):
                yield found[1]


def _in_capitals(text: str, search: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield names in capitals, searched in ordinary writing.

    Short words in capitals are mostly abbreviations, in Vietnamese any word. They are reported only after a word for a
    person, with a Vietnamese surname, or in a text without words in lower case.
    """
    ordinary = in_ordinary_writing(text)
    if ordinary is None:
        return
    written, is_all = ordinary
    is_doubtful = not is_all or _VIETNAMESE_LETTER.search(text) is not None
    for words in dict.fromkeys(search(written)):
        at = written.find(words)
        own = text[at : at + len(words)]
        is_short = is_doubtful and all(len(word) <= SHORT for word in own.split())
        if own != words and (not is_short or _VIETNAMESE.match(words) or _BEFORE_A_NAME.search(text[:at])):
            yield own


def _forms(text: str, in_a_row: bool) -> Iterator[re.Pattern[str]]:
    """Yield the forms that can match in this text."""
    if in_a_row and CAPITALS.search(text):
        yield _HONORIFIC
    if has_any(text, MARKERS):
        yield PERSONAL
    if not text.isascii() and (_VIETNAMESE_LETTER.search(text) or has_any(text, ("bà ", "Bà "))):
        yield _VIETNAMESE_CALL


def has_any(text: str, parts: tuple[str, ...]) -> bool:
    """Whether the text contains one of `parts`, of which every match of a form contains one; faster than a search."""
    return any(map(text.__contains__, parts))


def _pairs(text: str) -> Iterator[str]:
    for found in IN_SEQUENCE.finditer(text):
        words = found[0].split()
        if len(words) == 1 or is_known_or_place(words):
            continue
        if _is_sentence_start(text, found.start()) and words[0].lower() in STARTS:
            del words[0]
        if words and is_of_a_kind(words, text, found.start()):
            continue
        names_ = [word for word in words if not _is_acronym(word) and word.lower().strip(".") not in REFERENCES]
        if len(names_) > 1 and not is_known_or_place(names_):
            yield " ".join(words)


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= 5


def _is_sentence_start(text: str, at: int) -> bool:
    """Whether a sentence begins at this position."""
    before = text[:at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?:;\n–—-…"
