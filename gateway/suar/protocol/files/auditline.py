"""Single lines and reports of an audit log (docs/evidence.md, "One line alone", "A report").

The heads of suar-audit/2 sign the root of a tree (RFC 6962) with a salted leaf for each line. A line is exported with
its salt, the path from its leaf to the root, and the signed head; because of the salts, a path does not help to guess
another line. A report contains every line of a selection, under one head.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from suar.protocol.base.primitives import salted_hash
from suar.protocol.base.wire import UNREADABLE, encode
from suar.protocol.files import auditlog
from suar.protocol.files.auditlog import ALGORITHM, SALT, BrokenLog, Line, SignedHead, bytes_of, leaf_of, read_json
from suar.protocol.files.merkle import Tree, root_of

MAGIC: Final = "suar-audit-line/1"
FILE_MAX: Final = 64 * 1024
PATH_MAX: Final = 53  # a log has fewer than 2^53 lines
HASH: Final = 32
REPORT: Final = "suar-audit-report/1"
REPORT_LINES: Final = 10_000
REPORT_BYTES: Final = 64 * 1024 * 1024
_SALT: Final = "auditsalt"
_ID: Final = re.compile(r"[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}", re.ASCII)
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")  # letters of Hangul without a glyph


class ShownLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of a file with one line. Bytes in hex; `path` leads from the leaf to the root."""

    audit_line: str = msgspec.field(name="audit-line")
    federation: str
    member: str
    n: int
    at: int
    who: str
    what: str
    about: str
    salt: str
    path: list[str]
    head: SignedHead


class LineProof(NamedTuple):
    """A line that is proved to be in the log of `member`: `kid` signed a head of `lines` lines at `signed_at` (ms)."""

    line: ShownLine
    kid: str
    lines: int
    signed_at: int

    @property
    def times(self) -> list[str]:
        """Contradictions between the times in the file, as text."""
        return auditlog.dated_before(self._head, self.signed_at, f"line {self.line.n}", self.line.at)

    def times_after(self, proved: int) -> list[str]:
        """Return what is dated after `proved` (ms), by when a time stamp proves the file to exist, as text."""
        line = auditlog.dated_after(f"line {self.line.n}", self.line.at, proved)
        return line + auditlog.dated_after(self._head, self.signed_at, proved)

    @property
    def _head(self) -> str:
        return f"the head of {self.lines:,} lines"


_file: Final = msgspec.json.Decoder(ShownLine).decode


def line_salt(secret: bytes, n: int, digest: bytes) -> bytes:
    """Return the salt of line `n` with this hash: 16 bytes that cannot be predicted without the secret."""
    return salted_hash(_SALT, secret, encode([n, digest]))[:SALT]


def show(title: auditlog.Title, line: Line, leaves: Sequence[bytes], head: SignedHead) -> ShownLine:
    """Return a line of a verified log for a file of its own. `leaves` are those of all lines that `head` signs.

    Raises ValueError if the head signs no tree, or does not cover the line.
    """
    if head.root is UNSET or not 0 < line.n <= head.head == len(leaves):
        raise ValueError(line.n)
    return ShownLine(
        audit_line=MAGIC, federation=title.federation, member=title.member, n=line.n, at=line.at, who=line.who,
        what=line.what, about=line.about, salt=str(line.salt), head=head,
        path=[each.hex() for each in Tree(ALGORITHM, leaves).path(line.n - 1)],
    )  # fmt: skip


def write(shown: ShownLine) -> bytes:
    """Return the bytes of the file: one JSON object in one line."""
    return msgspec.json.encode(shown) + b"\n"


def verify(data: bytes, kids: Collection[str] | None = None) -> LineProof:
    """Return the line of a file. Raises BrokenLog unless a key, one of `kids` if passed, signed a log with it."""
    try:
        if len(data) > FILE_MAX:
            raise ValueError
        shown = read_json(_file, data)
        if shown.audit_line != MAGIC:
            raise ValueError
    except (*UNREADABLE, ValueError):
        raise BrokenLog(0, f"the file is not in the form of a line of an audit log ({MAGIC})") from None
    line = Line(
        n=shown.n, at=shown.at, who=shown.who, what=shown.what, about=shown.about, hash="", salt=shown.salt
    )  # fmt: skip
    title = auditlog.Title(audit=auditlog.MAGIC_2, federation=shown.federation, member=shown.member)
    auditlog.check_signature(title, shown.head, kids)
    _check_path(line, shown.path, shown.head)
    return LineProof(shown, shown.head.kid, shown.head.head, shown.head.at)


def _check_path(line: Line, path: Sequence[str], head: SignedHead) -> None:
    """Raise BrokenLog unless the path leads from the line to the root that the head signs."""
    hashes = [bytes_of(each) for each in path]
    is_short = len(path) > PATH_MAX or any(len(each) != HASH for each in hashes)
    root = None if is_short else root_of(ALGORITHM, leaf_of(line), line.n - 1, head.head, hashes)
    if root is None or root != bytes_of(str(head.root)):
        text = f"line {line.n} is not the one that the head of {head.head} lines signs, or its path is another"
        raise BrokenLog(line.n, text)


# -- a report


class ReportTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a report: its log and its selection. Times in ms; null sets no condition.

    `about`: a word of the line, such as a message id; `person`: who acted, or whom the line is about; `since`: the
    first moment; `until`: the first moment after the selection.
    """

    audit_report: str = msgspec.field(name="audit-report")
    federation: str
    member: str
    about: str | None
    person: str | None
    since: int | None
    until: int | None

    def has(self, line: "Line | ReportedLine") -> bool:
        """Whether the selection includes the line."""
        words = line.about.split()
        return (
            (self.about is None or self.about in words)
            and (self.person is None or self.person == line.who or self.person in words)
            and (self.since is None or line.at >= self.since)
            and (self.until is None or line.at < self.until)
        )


def selection_fault(selection: ReportTitle) -> str | None:
    """Return what is wrong with a selection that selects nothing but looks as if it did; None for one that may be made.

    A word of a line has no blank, and every character of it is seen.
    """
    for name in ("about", "person"):
        word: str | None = getattr(selection, name)
        if word is not None and not _is_word(word):
            return f"`{name}` must be one word, without blanks and invisible characters: {word!a}"
        if word is not None and word != word.upper() and _ID.fullmatch(word.upper()):
            return f"`{name}` must have the id of a message in capital letters: {word}"
    if selection.since is not None and selection.until is not None and selection.until <= selection.since:
        return "the period ends before it begins"
    return None


def _is_word(text: str) -> bool:
    is_seen = all("!" <= each <= "~" or (each > "~" and each.isalnum() and each not in _FILLERS) for each in text)
    return bool(text) and is_seen


class ReportedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the log in a report, with its path to the root of the report's head. Bytes in hex."""

    n: int
    at: int
    who: str
    what: str
    about: str
    salt: str
    path: list[str]


class Report(NamedTuple):
    """A verified report: every line is in the log that `head` signs."""

    title: ReportTitle
    head: SignedHead
    lines: list[ReportedLine]

    @property
    def times(self) -> list[str]:
        """Contradictions between the times in the report, as text."""
        found, head = list[str](), self._head
        before: ReportedLine | None = None
        for line in self.lines:
            found += auditlog.dated_before(head, self.head.at, f"line {line.n}", line.at)
            if before is not None:
                found += auditlog.dated_before(f"line {line.n}", line.at, f"line {before.n}", before.at)
            before = line
        return found

    def times_after(self, proved: int) -> list[str]:
        """Return what is dated after `proved` (ms), by when a time stamp proves the file to exist, as text."""
        found = auditlog.dated_after(self._head, self.head.at, proved)
        for line in self.lines:
            found += auditlog.dated_after(f"line {line.n}", line.at, proved)
        return found

    @property
    def _head(self) -> str:
        return f"the head of {self.head.head:,} lines"


_title: Final = msgspec.json.Decoder(ReportTitle).decode
_head: Final = msgspec.json.Decoder(SignedHead).decode
_reported: Final = msgspec.json.Decoder(ReportedLine).decode


def write_report(
    title: ReportTitle, head: SignedHead, lines: Iterable[Line], path_of: Callable[[int], Sequence[bytes]]
) -> Iterator[bytes]:
    """Yield the lines of a report. `path_of` returns the path of a leaf by its index in the tree of `head`."""
    yield msgspec.json.encode(title) + b"\n"
    yield msgspec.json.encode(head) + b"\n"
    for line in lines:
        shown = ReportedLine(
            n=line.n, at=line.at, who=line.who, what=line.what, about=line.about, salt=str(line.salt),
            path=[each.hex() for each in path_of(line.n - 1)],
        )  # fmt: skip
        yield msgspec.json.encode(shown) + b"\n"


def verify_report(data: bytes, kids: Collection[str] | None = None) -> Report:
    """Return a verified report. Raises BrokenLog unless a key, one of `kids` if passed, signed a log with all its
    lines.

    Whether the log has further lines of the selection can be verified only with the log itself.
    """
    *texts, end = data.split(b"\n", REPORT_LINES + 3)
    if len(data) > REPORT_BYTES or end or not 2 <= len(texts) <= REPORT_LINES + 2:
        raise BrokenLog(0, f"the file is not in the form of a report of an audit log ({REPORT})")
    try:
        title, head = read_json(_title, texts[0]), read_json(_head, texts[1])
        lines = [read_json(_reported, text) for text in texts[2:]]
    except UNREADABLE:
        raise BrokenLog(0, f"the file is not in the form of a report of an audit log ({REPORT})") from None
    if title.audit_report != REPORT:
        raise BrokenLog(0, f"the file is not in the form of a report of an audit log ({REPORT})")
    fault = selection_fault(title)
    if fault is not None:
        raise BrokenLog(0, f"its selection is none that a gateway makes: {fault}")
    of = auditlog.Title(audit=auditlog.MAGIC_2, federation=title.federation, member=title.member)
    auditlog.check_signature(of, head, kids)
    before = 0
    for each in lines:
        if each.n <= before:
            raise BrokenLog(each.n, f"line {each.n} stands twice, or in another order")
        if not title.has(each):
            raise BrokenLog(each.n, f"line {each.n} is not of the selection that the report states")
        line = Line(
            n=each.n, at=each.at, who=each.who, what=each.what, about=each.about, hash="", salt=each.salt
        )  # fmt: skip
        _check_path(line, each.path, head)
        before = each.n
    return Report(title, head, lines)
