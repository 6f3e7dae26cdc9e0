"""Finds the items in a bulletin that identify a person or an address, for the person who removes them.

Bulletins of police and civil protection are written in capitals, with labels (VICTIM(S):, DOB, VEHICLE:); the privacy
gate reads prose in the languages of the region. Both are used for a text that becomes part of a message. False findings
are preferred to missed ones, because a finding is reviewed and a missed item is sent.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from suar.exchange.files.described import DESCRIBED
from suar.protocol.privacy.identifiers.doubtful import doubtful
from suar.protocol.privacy.identifiers.forms import identifiers
from suar.protocol.privacy.names.persons import names
from suar.protocol.privacy.text.plain import plain


class Trace(Struct, frozen=True, order=True):
    """A finding: its position in the text, its kind, and the words."""

    start: int
    sort: str
    words: str


_WORD: Final = r"[^\W\d_][\w'\u2019-]*"
_NAME: Final = rf"{_WORD}(?:[ \t]+(?:{_WORD}|[A-Z]\.))*"
_STOP: Final = r"(?=[.,;:/\n(]|\s{2}|\s+(?:DOB|AGED?|BORN)\b|\Z)"

_PATTERNS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "name of a person",
        re.compile(
            r"(?i:\b(?:victims?|victim\(s\)|suspects?|suspect\(s\)|abductors?|missing(?: person)?|child|mother|father"
            r"|witness(?:es)?|parents?|v[ií]ctimas?|sospechosos?|nombre|korban|mangsa|suspek|tersangka|nama|name"
            r"|ผู้เสียหาย|ผู้ต้องสงสัย|ชื่อ|nạn nhân|nghi phạm|họ tên|biktima|pangalan)(?:\(s\))?\s*[:\uff1a]\s*)"
            rf"(?P<it>{_NAME}(?:\s+[JS]R\.?)?){_STOP}"
        ),
    ),
    (
        "name of a person",
        re.compile(
            r"\b(?P<it>(?i:det|sgt|sergeant|lt|lieutenant|capt|captain|ofc|officer|insp|inspector|cpl|dr|mr|mrs|ms|miss"
            r"|pol\.? ?(?:lt|col|capt|maj|gen)|u|daw|khun|nai|nang|encik|puan|bapak|ibu|datuk|dato)\.?[ \t]+"
            rf"[A-ZÀ-Þ]{_WORD}(?:[ \t]+[A-ZÀ-Þ][\w'\u2019-]+)*)"
        ),
    ),
    (
        "birth date",
        re.compile(
            r"(?i)\b(?:dob|d\.o\.b\.?|born(?: on)?|birth ?date|date of birth|fecha de nacimiento|tarikh lahir"
            r"|tanggal lahir|ngày sinh|เกิดวันที่)\s*(?:[:\uff1a]\s*)?(?P<it>\d{1,4}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,4})"
        ),
    ),
    ("age of a person", re.compile(r"(?i)\b(?P<it>(?:aged?|edad|umur|usia)\s*(?:[:\uff1a]\s*)?\d{1,2})\b")),
    (
        "address",
        re.compile(
            r"(?P<it>\b\d{1,6}[A-Z]?\s+(?:[A-Z][\w.'-]*\s+){1,4}"
            r"(?i:st|street|ave?|avenue|rd|road|blvd|boulevard|ln|lane|dr|drive|hwy|highway|court|ct|soi|place)\b\.?)"
        ),
    ),
    (
        "address",
        re.compile(
            r"(?P<it>\b(?:Jalan|Jl\.?|JALAN|Jln\.?|Lorong|Kampung|Kg\.?|Soi|SOI|Thanon|Đường|Phố|Barangay|Brgy\.?|Phum)"
            r"[ \t]+[\w.'-]+(?:[ \t]+[A-Z\d][\w.'-]*){0,4})|(?P<thai>(?:ถนน|ซอย|หมู่ที่|บ้านเลขที่)\s*\S+)"
        ),
    ),
    (
        "vehicle",
        re.compile(r"(?i:\b(?:vehicle|veh|car|lic(?:en[cs]e)?(?: plate)?|plate|veh[ií]culo|kereta|kendaraan|biển số"
                   r"|ทะเบียน)\s*[:\uff1a]\s*)(?P<it>[^\n;]{2,80}?)(?=\.\s|\.\Z|[\n;]|\Z)"),
    ),
    (
        "appearance of a person",
        re.compile(
            r"(?P<it>\b\d{1,2}'\s?\d{1,2}\"|\b\d{2,3}\s?(?i:lbs?|libras|pounds|kg)\b|\b(?i:wearing)\s[^.\n]{3,80}"
            r"|\b[MF]/[A-Z](?:\s+[A-Z]{3}/[A-Z]{3})?\b)"
        ),
    ),
    ("mail address", re.compile(r"(?P<it>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})")),
    ("address in the web", re.compile(r"(?i)(?P<it>\b(?:https?|ftp|mailto|tel)://?[^\s<>]+|\bwww\.[^\s<>]+)")),
    (
        "handle",
        re.compile(
            r"(?P<it>(?<![\w.@])@[A-Za-z0-9_.]{3,30}\b|(?i:\b(?:line|telegram|whatsapp|wechat) ?id\s*(?::\s*)?\S+))"
        ),
    ),
    ("telephone number", re.compile(r"(?P<it>\+\d[\d ().-]{6,18}\d|\b\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{3,4}\b)")),
    (
        "coordinates",
        re.compile(
            r"(?P<it>-?\d{1,2}\.\d{3,}\s*(?:°\s*)?(?:[NS]\s*)?(?:[,;]\s*|(?<=\s))-?\d{1,3}\.\d{3,}(?:\s*°)?(?:\s*[EW])?)"
        ),
    ),
    (
        "number of a document",
        re.compile(
            r"(?i:\b(?:passport|pasport|paspor|id|nric|ic|nik|visa)(?: no\.?| number)?\s*(?:[:#]\s*)?)"
            r"(?P<it>[A-Z]{0,3}\d{6,14})\b"
        ),
    ),
    ("full date", re.compile(r"(?P<it>\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b)")),
)  # fmt: skip
PROSE_MAX: Final = 1_000  # characters examined at once by the gate's rules; a message has no longer text
LENGTH_MAX: Final = 4_000  # characters of a text that are searched at once
OVERLAP: Final = 100  # characters that two parts of a longer text have in common


def traces(text: str) -> list[Trace]:
    """Return the items in `text` that identify a person or an address, in order; of overlapping ones, the first."""
    found: list[Trace] = []
    taken: list[tuple[int, int]] = []
    for sort, start, end in _matches(text[:LENGTH_MAX]):
        if not any(start < before_end and before_start < end for before_start, before_end in taken):
            taken.append((start, end))
            found.append(Trace(start, sort, text[start:end].strip()))
    return sorted(found)


def prose_traces(text: str) -> list[Trace]:
    """Return `traces` and the findings for which the gate would refuse or hold a message, without duplicates.

    The text is examined in normalised form, with its line ends and as the single line that it becomes in a message.
    """
    line = " ".join(text.split())
    found: dict[str, Trace] = {}
    for form in dict.fromkeys((line, text)):
        for part in _parts(form, LENGTH_MAX):
            for trace in traces(plain(part)):
                found.setdefault(trace.words, trace)
    for part in _parts(line, PROSE_MAX):
        known, read = " ".join(found), plain(part)
        sure = identifiers(read)
        candidates: list[tuple[str, str]] = [(each.kind, each.words) for each in (*sure, *doubtful(read, sure))]
        candidates += [("name of a person", words) for words in names(read, pairs=False)]  # a pair may be a place
        for kind, words in candidates:
            if words not in known:
                found.setdefault(words, Trace(max(text.find(words), 0), kind, words))
    return sorted(found.values())


def _parts(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, max(len(text) - OVERLAP, 1), size - OVERLAP)]


def _matches(text: str) -> Iterator[tuple[str, int, int]]:
    for sort, pattern in (*_PATTERNS, *DESCRIBED):
        for match in pattern.finditer(text):
            group = next(name for name, words in match.groupdict().items() if words is not None)
            yield sort, *match.span(group)
