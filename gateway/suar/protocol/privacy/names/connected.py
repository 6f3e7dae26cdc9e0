"""Finds names behind or before a cue, with whatever connects the two, in any case and script.

A given name of the list is held beside every cue of `cues`, with any connector. Another word is held where the form
leaves little else: behind a label with a sign, before `(her sister)`, behind a small honorific, in a patronymic.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from suar.protocol.privacy.names.calling import may_be_a_name
from suar.protocol.privacy.names.cues import (
    CONNECTOR,
    CUE_AFTER,
    FAMILY,
    HONORIFICS,
    LABELS,
    NATIVE_BEFORE,
    NATIVE_BEHIND,
    NATIVE_NAME,
    NATIVE_NAME_CUES,
    NUMBER,
    OF_ONE,
    PLURALS,
    VICTIMS,
)  # fmt: skip
from suar.protocol.privacy.names.given import FIRST_NAMES
from suar.protocol.privacy.names.kin_names import LISTED_NAMES, is_no_brand, may_be_behind_kin, occurrences
from suar.protocol.privacy.names.kinds import is_of_a_kind
from suar.protocol.privacy.names.known import WORD, is_known_or_place
from suar.protocol.privacy.names.words import INSTITUTIONS, PEOPLES, PLACES
from suar.protocol.privacy.text.kin_words import VIETNAMESE_KIN
from suar.protocol.privacy.text.plain import nfkc, words_of

_NO_VALUE: Final = frozenset(
    """
    adult adults foreigner foreign withheld redacted anonymous confidential none nil hidden private secret omitted known kept false changed classified reserved optional title
    age ages sex gender nationality origin status overview summary trends definition definitions consent rights access education need needs note notes source profile background
    centred centered friendly sensitive led based head dependant self other applicant spouse relative sibling step foster half mixed total number type category level role
    equality safety dignity parent caregiver carer citizen resident non single primary secondary direct indirect alleged potential presumed identified trafficked
    dirahsiakan dirahasiakan disamarkan anonim dewasa pelajar nelayan balita asing inisial rahasia confidencial anónimo desconhecido adulto adulta sigilo walang hindi não divulgado divulgada timorense timoroan indonésia tailandesa vietnamita không tidak belum bukan
    yes male-headed household excel word teams azure sql delay second seconds hotline embassy immigration police
    """.split()  # noqa: SIM905 - words read better as text
)
"""Words that stand behind a label as its value, or behind a word for a person with a sign, and are no name."""
_NATIVE_NO_NAME: Final = frozenset(
    "scam scams scammer call center centre app application page group website web link model casino hotel company smart team part full time overseas romance pig butchering cyber tip trafficking".split()  # noqa: SIM905
)
_SMALL: Final = r"([^\W\dA-Z_][^\W\d_]{1,20})(?![\w'’-])"
_SEEN: Final = 64
"""Characters before a name in which its cue is looked for."""
_CUED: Final = re.compile(
    rf"(?<![\w'’-])(?:(?:{OF_ONE}){CONNECTOR}|(?:{HONORIFICS})\.? ?[\"“'‘]?|[PN]['’])$", re.IGNORECASE
)
_SIGNED: Final = re.compile(rf"(?:{OF_ONE}){NUMBER} ?(?:[:=(/]|['’]s name|called|named| [-–—]) ?$", re.IGNORECASE)
_VIETNAMESE_CUED: Final = re.compile(rf"(?<!\w)(?:{VIETNAMESE_KIN}|{VICTIMS}){CONNECTOR}$", re.IGNORECASE)
_NO_VIETNAMESE: Final = re.compile(nfkc(r"(?:mai (?:mối|sau)|hoa (?:kỳ|hậu|màu|quả)|lan (?:truyền|rộng)|trang (?:web|trại|bị|phục)|khoa học|xuân xanh|duyên|hồng)(?!\w)"))  # fmt: skip
_IN_A_ROW: Final = re.compile(rf"{WORD}(?: {WORD})*")
_LETTERS: Final = re.compile("[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]")
_BETWEEN: Final = ' :,(/=–—-"“«‘.)|→0123456789'
_LAST_LATIN: Final = "\u0b7f"
"""A match of `NATIVE_BEFORE` ends with a later letter than this one and signs of `_BETWEEN`, which is faster to find."""
_TWO_LATIN: Final = re.compile("[A-Za-z][a-z]")
"""Part of every match of `_LATIN`, which is slow to find in a text without one."""
_LATIN: Final = re.compile(r"(?<![A-Za-z0-9_@/-])(?<![A-Za-z0-9]\.)[A-Za-z][a-z]{1,20}(?![A-Za-z0-9_@/'’-]|\.[a-z])")

# -- words that are in no list of given names

_LABEL_ENDS: Final = frozenset(
    f"{FAMILY}|victim|survivor|complainant|party|person|korban|penyintas|mangsa|biktima|nagrereklamo|vítima|ofendida|ofendido|lesada|lesado|lezada|lezadu|nhân|hại".split(
        "|"
    )
    + "name nama lengkap penuh asli panggilan pangalan nome completo naran tên".split()  # noqa: SIM905
)
_A_SIGN: Final = re.compile(r"[:=(]|[ ][-–—][ ]")
_A_LABEL: Final = re.compile(
    rf"(?<!company )(?<!file )(?<!vessel )(?<!ship )(?<!field )(?<!code )(?<!page )(?<!group )(?<![\w'’-])(?:({LABELS})|({VICTIMS})|{FAMILY}){NUMBER} ?$",
    re.IGNORECASE,
)
_BIG: Final = re.compile(rf" ?[\"“'‘]?({WORD}(?: {WORD})*)(?![\w'’-])")
_IN_BRACKETS: Final = re.compile(rf" ?({WORD})(?:, \d{{1,2}})? ?\)")
_VALUE: Final = re.compile(rf"(?:(?<==) ?(?!\")|(?<!=) ?[\"“'‘]?)({_SMALL}(?: {_SMALL}){{0,2}})(?= ?(?:[.,;)\"”\n]|$))")
_PAIR: Final = re.compile(rf"(?: ?[:=(] ?| [-–—] | )({WORD})(?: and | & |, )({WORD})(?![\w'’-]| [A-Z])")
_OF_FAMILY: Final = re.compile(
    rf"(?<=[a-z,] )({WORD})['’]s (?:(?:older|elder|younger|little|big|twin|late) )?(?:{FAMILY}|family)\b"
)
_BRACKETED: Final = re.compile(rf"(?<![\w'’-])({WORD}) \((?:her|his|their|the victim's|my) (?:\w+ )?(?:{FAMILY})\b")
_SEX_AND_AGE: Final = re.compile(rf"(?<![\w'’/-])({WORD})/(?:[FMfmPpLl]|female|male)/\d{{1,2}}(?![\d/])")
_SMALL_AFTER_CALL: Final = re.compile(
    rf"(?i:(?<![\w'’-])(?:{FAMILY}|{VICTIMS})s?(?:['’]s (?:\w+ )?name (?:is|was)|,? (?:who (?:is|was) |is |was )?(?:called|named))),? {_SMALL}"
)
_TITLES: Final = "mr mrs ms mdm puan encik cik sdr sdri sdra sra khun gng ginang bpk".split()  # noqa: SIM905
_TITLED: Final = re.compile(
    rf"(?<![\w'’.-])(?<!\d )(?<!in )(?<!of )(?:{'|'.join(f'[{word[0].upper()}{word[0]}]{word[1:]}' for word in _TITLES)}|a/n)\.? ([^\W\d_]{{2,21}})(?![\w'’-])"
)
_FATHER: Final = frozenset("binti binte bte bin ibni".split())  # noqa: SIM905
_BY_FATHER: Final = re.compile(
    r"(?<![\w'’-])([^\W\d_]{2,20}) (binti|binte|bte|bin|ibni|a/l|a/p|s/o|d/o)\.? ([^\W\d_]{2,20})(?![\w'’-])",
    re.IGNORECASE,
)
_OF_A_FATHER: Final = re.compile(r" [ads]/[lpo]", re.IGNORECASE)
_ONLY_NAMES: Final = "nguyen tran pham huynh phan dang bui ngo duong dinh trinh vuong".split()  # noqa: SIM905
_WITHOUT_MARKS: Final = re.compile(
    rf"(?i)(?<!\w)(?:(?:{'|'.join(_ONLY_NAMES)}) (?:thi|van)|(?:le|do|ho|ly|mai|ta|dao|cao|chau|luong|doan|hoang|vo|vu|luu) thi) [a-z]{{2,8}}(?: [a-z]{{2,8}})?(?!\w)"
)
_OF_THE_THAI: Final = re.compile(rf"(?<![\w'’])[PN]['’](?!Dj)({WORD})(?!['’])")
CONNECTED_WORDS: Final = frozenset((*_TITLES, *_FATHER, *_ONLY_NAMES, "thi"))
"""Words of which every text in small Latin letters, without other signs, contains one, or one of `KIN_WORDS`."""

_SAYING: Final = frozenset(("called", "name", "named"))
_ANY: Final = LISTED_NAMES | CONNECTED_WORDS | PLURALS | _SAYING
"""A word that every match of the forms without a sign contains."""


def find_connected(text: str) -> Iterable[str]:
    """Return the words of plain text beside a cue that may name a person."""
    has_sign = ":" in text or "(" in text or "/" in text or "'" in text or "=" in text or " - " in text
    is_native = not text.isascii()
    if not (has_sign or is_native) and words_of(text).isdisjoint(_ANY):
        return ()
    return _find(text, words_of(text), is_native)


def _find(text: str, there: frozenset[str], is_native: bool) -> Iterator[str]:
    if not there.isdisjoint(_ANY):
        yield from _at_words(text, there)
    if _A_SIGN.search(text):
        yield from _at_signs(text)
    if "'" in text or "/" in text or "(" in text or "’" in text:
        yield from _with_slashes(text)
    if is_native and _LETTERS.search(text):
        yield from _in_two_scripts(text, there)


def _at_words(text: str, there: frozenset[str]) -> Iterator[str]:
    listed = there & LISTED_NAMES
    if listed:
        yield from _find_listed(text, listed)
    if not there.isdisjoint(CONNECTED_WORDS):
        yield from _titled(text)
    if not there.isdisjoint(PLURALS):
        yield from _pairs(text, there)
    if not there.isdisjoint(_SAYING):
        yield from filter(_may_be, (found[1] for found in _SMALL_AFTER_CALL.finditer(text)))


def _find_listed(text: str, listed: frozenset[str]) -> Iterator[str]:
    """Yield given names of the list, in any case, that stand beside a cue."""
    small = text.lower() if len(text.lower()) == len(text) else text
    for name in sorted(listed):
        for start, end in occurrences(small, name):
            if _is_cued(text, name, start, end) and not _is_another(text, start):
                yield text[start:end]
        for owner in (f"{name}'s", f"{name}’s") if "'" in small or "’" in small else ():
            for start, end in occurrences(small, owner):
                if CUE_AFTER.match(text, end - 2):
                    yield text[start : end - 2]


def _is_cued(text: str, name: str, start: int, end: int) -> bool:
    before = max(0, start - _SEEN)
    if name not in FIRST_NAMES:
        cue = _VIETNAMESE_CUED.search(text, before, start) or _SIGNED.search(text, before, start)
        return cue is not None and not _NO_VIETNAMESE.match(text.lower(), start)
    return _CUED.search(text, before, start) is not None or CUE_AFTER.match(text, end) is not None


def _is_another(text: str, start: int) -> bool:
    """Whether the word at this position begins the name of an institution or a place: Maria Hospital."""
    found = _IN_A_ROW.match(text, start)
    return found is not None and " " in found[0] and _is_known(found[0], text, start)


def _at_signs(text: str) -> Iterator[str]:
    """Yield what stands behind a label and a sign: Victim 1: Malee, Child 1 (Malee), name: malee."""
    for sign in _A_SIGN.finditer(text):
        at = sign.start()
        last = text[max(0, at - 24) : at].rstrip(" 0123456789#").rpartition(" ")[2].lower().lstrip("(\"'“")
        label = _A_LABEL.search(text, max(0, at - _SEEN), at) if last in _LABEL_ENDS else None
        if label is None:
            continue
        if text.startswith('="', at):
            continue
        form = _IN_BRACKETS if sign[0] == "(" else _BIG
        found = None if sign[0] == "(" and label[1] else form.match(text, sign.end())
        if found and may_be_one(found[1], text, found.start(1)):
            yield found[1]
        value = _VALUE.match(text, sign.end()) if sign[0] in ":=" and (label[1] or label[2]) else None
        if value and all(map(_may_be, value[1].split())):
            yield value[1]


def _titled(text: str) -> Iterator[str]:
    for found in _TITLED.finditer(text):
        if _may_be(found[1].lower()) and not is_known_or_place([found[1]]):
            yield found[1]
    yield from (found[0] for found in _WITHOUT_MARKS.finditer(text))
    yield from _fathers(text)


def _fathers(text: str) -> Iterator[str]:
    for found in _BY_FATHER.finditer(text):
        both = (found[1].lower(), found[3].lower())
        is_sure = found[2].lower() not in ("bin", "ibni") or not LISTED_NAMES.isdisjoint(both)
        if is_sure and all(may_be_a_name(word) and word not in PLACES for word in both):
            yield found[0]


def _with_slashes(text: str) -> Iterator[str]:
    if "(" in text:
        yield from (found[1] for found in _BRACKETED.finditer(text) if may_be_one(found[1], text, found.start(1)))
    if not ("/" in text or "'" in text or "’" in text):
        return
    if _OF_A_FATHER.search(text):
        yield from _fathers(text)
    if "a/n" in text:
        yield from (found[1] for found in _TITLED.finditer(text) if _may_be(found[1].lower()))
    for form in (_SEX_AND_AGE, _OF_FAMILY, _OF_THE_THAI):
        yield from (found[1] for found in form.finditer(text) if may_be_one(found[1], text, found.start(1)))


def _pairs(text: str, there: frozenset[str]) -> Iterator[str]:
    """Yield two capitalised words behind a plural: her daughters Wulan and Sreyka."""
    small = text.lower()
    for plural in sorted(there & PLURALS) if len(small) == len(text) else ():
        for _, end in occurrences(small, plural):
            found = _PAIR.match(text, end)
            if found and all(may_be_one(found[each], text, found.start(each)) for each in (1, 2)):
                yield found[1]


def _in_two_scripts(text: str, there: frozenset[str]) -> Iterator[str]:
    for found in _LATIN.finditer(text) if _TWO_LATIN.search(text) else ():
        start, end = found.span()
        before = text[max(0, start - _SEEN) : start].rstrip(_BETWEEN)[-1:]
        is_behind = before > _LAST_LATIN and NATIVE_BEFORE.search(text, max(0, start - _SEEN), start)
        is_cued = is_behind or NATIVE_BEHIND.match(text, end)
        if is_cued and is_no_brand(found[0]) and found[0].lower() not in _NATIVE_NO_NAME:
            yield found[0]
    if not there.isdisjoint(NATIVE_NAME_CUES):
        yield from (found[1] for found in NATIVE_NAME.finditer(text))


def may_be_one(words: str, text: str, at: int) -> bool:
    """Whether capitalised words in such a place may name a person."""
    first = words.split(maxsplit=1)[0].lower()
    return not (words.isupper() and len(words) > 1) and _may_be(first) and not _is_known(words, text, at)


def _is_known(words: str, text: str, at: int) -> bool:
    each = words.split()
    return is_known_or_place(each) or is_of_a_kind(each, text, at)


def _may_be(word: str) -> bool:
    """Whether a word is in no list of words that are not names, in small letters."""
    small = word.lower()
    return may_be_behind_kin(small) and not (small in _NO_VALUE or small in INSTITUTIONS or small in PEOPLES)
