"""One line of an audit log that is shown without the others (docs/evidence.md, section "One line alone").

The heads of suar-audit/2 sign the root of a tree (RFC 6962) with a salted leaf for each line. So a line is shown with
its salt, the path from its leaf to the root and the signed head; a path confirms no guess at another line.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET

from suar.protocol.base.primitives import salted_hash
from suar.protocol.base.wire import UNREADABLE, encode
from suar.protocol.files import auditlog
from suar.protocol.files.auditlog import ALGORITHM, SALT, BrokenLog, Line, SignedHead, bytes_of, leaf_of
from suar.protocol.files.merkle import Tree, root_of

MAGIC: Final = "suar-audit-line/1"
FILE_MAX: Final = 64 * 1024
PATH_MAX: Final = 53  # integers end at 2^53
_SALT: Final = "auditsalt"


class ShownLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in a file of one line. Bytes in hex; `path` from the leaf to the root."""

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


class ProvedLine(NamedTuple):
    """A line that stood in the log of `member` when `kid` signed its head of `lines` lines at `signed_at` (ms)."""

    line: ShownLine
    kid: str
    lines: int
    signed_at: int


_file: Final = msgspec.json.Decoder(ShownLine).decode


def line_salt(secret: bytes, n: int, digest: bytes) -> bytes:
    """Return the salt of line `n` with this hash: 16 bytes that nobody foresees without the secret."""
    return salted_hash(_SALT, secret, encode([n, digest]))[:SALT]


def show(title: auditlog.Title, line: Line, leaves: Sequence[bytes], head: SignedHead) -> ShownLine:
    """Return a line alone: of a verified log, given the leaves of the lines that `head` signs.

    Raises ValueError where the head signs no tree, or not that line.
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


def verify(data: bytes, kids: Collection[str] | None = None) -> ProvedLine:
    """Return the line of a file. Raises BrokenLog unless a key, one of `kids` if given, signed a log with it."""
    try:
        if len(data) > FILE_MAX:
            raise ValueError
        shown = _file(data)
        if shown.audit_line != MAGIC or len(shown.path) > PATH_MAX:
            raise ValueError
        path = [bytes.fromhex(each) for each in shown.path]
    except (*UNREADABLE, ValueError):
        raise BrokenLog(0, f"the file is not in the form of a line of an audit log ({MAGIC})") from None
    n, head = shown.n, shown.head
    line = Line(n=n, at=shown.at, who=shown.who, what=shown.what, about=shown.about, hash="", salt=shown.salt)
    title = auditlog.Title(audit=auditlog.MAGIC_2, federation=shown.federation, member=shown.member)
    auditlog.check_signature(title, head, kids)
    is_short = any(len(each) != 32 for each in path)
    root = None if is_short else root_of(ALGORITHM, leaf_of(line), n - 1, head.head, path)
    if root is None or root != bytes_of(str(head.root)):
        raise BrokenLog(n, f"line {n} is not the one that the head of {head.head} lines signs, or its path is another")
    return ProvedLine(shown, head.kid, head.head, head.at)
