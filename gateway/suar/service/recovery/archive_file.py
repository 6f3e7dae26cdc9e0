"""The segments of an archive: their form, and how they are judged without a gateway.

A segment has the form of a backup (backup_file.py) with another magic and purpose. Its content is parts, each
`u8 kind | u32 length | bytes`: one TITLE, one TRUST (every list and Revoke), for each message a HEAD and behind it its
EVIDENCE, or its TEXT where it cannot be proved, and one AUDIT at the end. A segment names the BLAKE2b-256 hash of the
one before it; the last one says that it is the last.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.files import auditlog, proof, trust_file
from suar.protocol.files.evidence import Evidence, Unproved
from suar.protocol.files.proof_keys import apply_revokes, read_lists
from suar.protocol.files.standing import Supplied
from suar.protocol.transport.content import digest
from suar.service.recovery.backup_file import Reader, hash_of

MAGIC: Final = b"SUARARCH"
PURPOSE: Final = "archive"
ENDING: Final = ".archive"
TITLE, TRUST, HEAD, EVIDENCE, TEXT, AUDIT, END = range(1, 8)
SEGMENT: Final = 1_000  # messages of one segment
PART_MAX: Final = 1 << 30  # bytes of one part; the audit is the largest
AGAIN: Final = "take another copy of the archive, or archive again from a backup"

Fate = Literal["proved", "unproved", "destroyed", "withheld"]
"""What is kept of a message: its evidence; its text alone; its head alone, because the text was destroyed by a recall
or an expiry; its head alone, because the policy shows its text to nobody here, it was recalled under a legal hold, or
it is due by [retention].
"""


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a segment is. Times in ms; `previous` is the hash of the segment before, "" in the first."""

    format: Literal["suar-archive/1"] = "suar-archive/1"
    member: str
    federation: str
    before: int
    made_at: int
    suar: str
    number: int
    previous: str


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A message by its id, revision and digest, which remain without its text; `reason` where it is not proved."""

    id: str
    rev: int
    origin: str
    at: int
    digest: str
    fate: Fate
    reason: str = ""


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The last part of a segment."""

    messages: int
    is_last: bool


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive was found to be: how many messages of each fate, lines of the audit, and the member."""

    member: str
    federation: str
    before: int
    segments: int
    messages: dict[str, int]
    audit_lines: int


_title: Final = msgspec.json.Decoder(Title).decode
_head: Final = msgspec.json.Decoder(Head).decode
_end: Final = msgspec.json.Decoder(End).decode


def part(kind: int, data: bytes) -> bytes:
    """One part in a segment."""
    return kind.to_bytes(1, "big") + len(data).to_bytes(4, "big") + data


def file_name(member: str, number: int) -> str:
    """The name of a segment."""
    return f"{member.lower()}-{number:06}{ENDING}"


def verify(folder: Path, passphrase: bytes, pin: bytes) -> Verified:
    """Judge every segment of an archive. Fault that names the first part which is not as it was archived."""
    files = sorted(folder.glob(f"*{ENDING}"))
    if not files:
        raise Fault(f"{folder} has no segment of an archive", "name the folder that `suar archive -o` wrote")
    judge = _Judge(pin)
    previous = ""
    for number, path in enumerate(files, 1):
        judge.segment(path, passphrase, number, previous)
        previous = hash_of(path)
    return judge.verified(files[-1])


class _Judge:
    """All segments of one archive, one after another."""

    def __init__(self, pin: bytes) -> None:
        self._pin = pin
        self._title: Title | None = None
        self._counts: dict[str, int] = {}
        self._segments = self._lines = 0
        self._is_last = False

    def segment(self, path: Path, passphrase: bytes, number: int, previous: str) -> None:
        """Judge one segment. Fault."""
        with path.open("rb") as file:
            reader = Reader(file, passphrase, path, magic=MAGIC, purpose=PURPOSE)
            try:
                self._parts(_parts(reader), number, previous)
                reader.end()
            except UNREADABLE:
                raise Fault(f"a part of {path} cannot be read", AGAIN) from None
            except _Wrong as wrong:
                raise Fault(f"{path}: {wrong}", AGAIN) from None
        self._segments = number

    def verified(self, last: Path) -> Verified:
        """The result. Fault where the last segment is not there."""
        if self._title is None or not self._is_last:
            raise Fault(f"{last} is not the last segment of the archive", AGAIN)
        return Verified(
            member=self._title.member, federation=self._title.federation, before=self._title.before,
            segments=self._segments, messages=self._counts, audit_lines=self._lines,
        )  # fmt: skip

    def _parts(self, parts: Iterator[tuple[int, bytes]], number: int, previous: str) -> None:
        if self._is_last:
            raise _Wrong("it stands behind the last segment")
        title = _title(_of(next(parts, None), TITLE))
        if (title.number, title.previous) != (number, previous):
            raise _Wrong("it does not follow the segment before it")
        if self._title is not None and _about(title) != _about(self._title):
            raise _Wrong("it is of another archive than the first")
        self._title = title
        supplied, kids = self._trust(_of(next(parts, None), TRUST), title)
        count = 0
        head: Head | None = None
        for kind, data in parts:
            if kind == HEAD:
                _require_whole(head)
                head, count = _head(data), count + 1
                self._counts[head.fate] = self._counts.get(head.fate, 0) + 1
            elif kind in (EVIDENCE, TEXT) and head is not None:
                self._message(head, kind, data, supplied)
                head = None
            elif kind == AUDIT:
                self._audit(data, kids)
            elif kind == END:
                _require_whole(head)
                end = _end(data)
                if end.messages != count:
                    raise _Wrong(f"it has {count} messages, and says {end.messages}")
                self._is_last = end.is_last
                return
            else:
                raise _Wrong("a part stands where it may not")
        raise _Wrong("its end is missing")

    def _trust(self, data: bytes, title: Title) -> tuple[Supplied, set[str]]:
        """What evidence is judged by, and the keys of the member, whose audit this is."""
        try:
            found = trust_file.read(data)
            trust, _ = read_lists(Evidence(found.lists, found.revokes, (), b"", (), ()), self._pin)
            apply_revokes(trust, Evidence(found.lists, found.revokes, (), b"", (), ()))
        except Unproved as error:
            raise _Wrong(f"{error.part}: {error.text} [{error.step}]") from None
        lists = [accepted.list for accepted in trust.history.values()]
        if any(content.federation != title.federation for content in lists):
            raise _Wrong("the trust lists are of another federation than the title")
        keys = {key.kid.hex() for each in lists for m in each.members if m.code == title.member for key in m.keys}
        return Supplied(found.lists, found.revokes, found.stamps), keys

    def _message(self, head: Head, kind: int, data: bytes, supplied: Supplied) -> None:
        """Judge what is kept of the message `head`; nothing more of it may follow."""
        if kind != {"proved": EVIDENCE, "unproved": TEXT}.get(head.fate):
            raise _Wrong(f"{head.id}: a part stands where it may not")
        content = data
        if kind == EVIDENCE:
            try:
                found = proof.verify(data, self._pin, supplied)
            except Unproved as error:
                raise _Wrong(f"{head.id} is not proved: {error.part}: {error.text} [{error.step}]") from None
            if (found.message.id, found.message.rev) != (head.id, head.rev):
                raise _Wrong(f"{head.id}: the evidence is of {found.message.id}, revision {found.message.rev}")
            content = found.data
        if digest(content).hex() != head.digest:
            raise _Wrong(f"{head.id}: it is another text than the one that was archived")

    def _audit(self, data: bytes, kids: set[str]) -> None:
        try:
            self._lines += auditlog.verify(auditlog.records(data.splitlines()), kids=kids).lines
        except auditlog.BrokenLog as broken:
            raise _Wrong(f"the audit is not as it was written: {broken.text}") from None


class _Wrong(Exception):  # noqa: N818 - a finding about a segment
    """A part is not as it was archived."""


def _parts(reader: Reader) -> Iterator[tuple[int, bytes]]:
    kind = 0
    while kind != END:
        start = reader.read(5)
        kind, length = start[0], int.from_bytes(start[1:], "big")
        if length > PART_MAX:
            raise _Wrong("a part is too large")
        yield kind, reader.read(length)


def _of(found: tuple[int, bytes] | None, kind: int) -> bytes:
    if found is None or found[0] != kind:
        raise _Wrong("a part stands where it may not")
    return found[1]


def _about(title: Title) -> Sequence[Any]:
    return title.member, title.federation, title.before, title.made_at


def _require_whole(head: Head | None) -> None:
    if head is not None and head.fate in ("proved", "unproved"):
        raise _Wrong(f"{head.id}: what is kept of it is missing")
