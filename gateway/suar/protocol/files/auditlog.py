"""The audit log: a hash chain with signed heads (docs/evidence.md, section "The audit log").

Pure: an exported log is verified line by line, without the store that it came from. The hash of each line includes the
hash of the line before it. A head states, under the member's identity key, which line was the last at a time. An
attacker with write access to the store can write another chain, but cannot sign heads. An exported head therefore
reveals every later change, including removed last lines.

A head of suar-audit/2 also signs the root of a tree with a salted leaf for each line, so that one line can be shown
without the others (auditline.py). Heads of suar-audit/1 have no root.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from suar.protocol.base import limits
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.primitives import ZERO32, Signer, hash_, is_equal, is_signed, kid, sign, tree_hash
from suar.protocol.base.wire import UNREADABLE, encode
from suar.protocol.files.merkle import Peaks

T = TypeVar("T")
MAGIC: Final = "suar-audit/1"
MAGIC_2: Final = "suar-audit/2"
ALGORITHM: Final = 1  # of the tree: SHA-256
SALT: Final = 16
_LEAF: Final = b"\x00"
_LINE: Final = "audit"  # label of a line's hash
_HEAD: Final = "head"  # label of a head's signature
LINES_MAX: Final = 1 << 53  # a line of a higher number was written by somebody else
OLDER: Final = "it is an older export, or its end was cut off"
_MOVED: Final = 10_000  # most following lines that are searched for a moved one


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act. `n` counts from 1 without gaps, `at` is in milliseconds, `hash` is 32 bytes in hex.

    `salt`, 16 bytes in hex, is that of the line's leaf; a log of suar-audit/1 has none.
    """

    n: int
    at: int
    who: str
    what: str
    about: str
    hash: str
    salt: str | UnsetType = UNSET


class SignedHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The statement that line `head` with this hash was the last at `at`.

    `key` is the Ed25519 public key; `root` that of the tree of all lines up to this one, in a head of suar-audit/2.
    Bytes in hex.
    """

    head: int
    at: int
    hash: str
    key: str
    signature: str
    root: str | UnsetType = UNSET

    @property
    def kid(self) -> str:
        """The name of the key, in hex."""
        return kid(bytes_of(self.key)).hex()


class Title(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of an exported log."""

    audit: str
    federation: str
    member: str


class BrokenLog(Exception):  # noqa: N818 - the result of a verification, not a local error
    """The log was altered. `n` is the first line in question; the text states what is wrong."""

    def __init__(self, n: int, text: str) -> None:
        super().__init__(text)
        self.n, self.text = n, text


class ShortLog(BrokenLog):
    """The log ends before the line that another head signs: it is older than that head, or its end was cut off.

    `lines` is the number of its lines, `signed` that of the lines which the head signs.
    """

    def __init__(self, lines: int, signed: int) -> None:
        super().__init__(lines + 1, f"it {short_text(lines, signed)}: {OLDER}")
        self.lines, self.signed = lines, signed


class LogSummary(NamedTuple):
    """The summary of a verified log."""

    title: Title
    lines: int
    signed: int  # last line that is covered by a head of `kids`
    heads: list[SignedHead]
    kids: list[str]


def short_text(lines: int, signed: int) -> str:
    """Return what is seen of a log of so many lines that must contain a head which signs more."""
    return f"ends at line {lines}, and the head to compare it with signs {signed} lines"


def line_hash(before: bytes, n: int, at: int, who: str, what: str, about: str) -> bytes:
    """Return H("audit", hash of the line before | msgpack [n, at, who, what, about]); 32 zeros before the first."""
    return hash_(_LINE, before + encode([n, at, who, what, about]))


def head_raw(federation: str, member: str, n: int, at: int, digest: bytes, root: bytes | None = None) -> bytes:
    """Return the bytes that a head's signature covers: with a root those of suar-audit/2."""
    if root is None:
        return encode([MAGIC, federation, member, n, at, digest])
    return encode([MAGIC_2, federation, member, n, at, digest, root])


def leaf(salt: bytes, n: int, at: int, who: str, what: str, about: str) -> bytes:
    """Return the leaf of a line: hash(0x00 | salt | msgpack [n, at, who, what, about])."""
    return tree_hash(ALGORITHM, _LEAF + salt + encode([n, at, who, what, about]))


def leaf_of(line: Line) -> bytes:
    """Return the leaf of a line of suar-audit/2. Raises BrokenLog for a line without a salt."""
    salt = bytes_of(line.salt) if isinstance(line.salt, str) else b""
    if len(salt) != SALT:
        raise BrokenLog(line.n, f"line {line.n} has no salt of {SALT} bytes")
    try:
        return leaf(salt, line.n, line.at, line.who, line.what, line.about)
    except (OverflowError, UnicodeEncodeError):  # a number or text that no gateway writes
        raise BrokenLog(line.n, f"line {line.n} has a value that no gateway writes") from None


def sign_head(key64: bytes | Signer, raw: bytes) -> bytes:
    """Return a head's signature, 64 bytes."""
    return sign(_HEAD, key64, raw)


def is_head(key: bytes, raw: bytes, signature: bytes) -> bool:
    """Whether the signature of a head is valid under its key."""
    return is_signed(_HEAD, key, raw, signature)


def follow(n: int, before: bytes, lines: Iterable[tuple[int, int, str, str, str, bytes]]) -> tuple[int, bytes]:
    """Return the number and hash of the last of these (n, at, who, what, about, hash), which must follow line `n`.

    `before` is the hash of line `n`, from another source than the lines. Raises BrokenLog for the first line that does
    not follow.
    """
    for number, at, who, what, about, digest in lines:
        if number != n + 1:
            raise BrokenLog(n + 1, f"line {n + 1} was removed" if number < LINES_MAX else _beyond(number))
        expected = line_hash(before, number, at, who, what, about)
        if not is_equal(expected, bytes(digest)):
            raise BrokenLog(number, f"line {number} was altered, or the one before it")
        n, before = number, expected
    return n, before


# -- reading an exported log

_title: Final = msgspec.json.Decoder(Title).decode
_head: Final = msgspec.json.Decoder(SignedHead).decode
_line: Final = msgspec.json.Decoder(Line).decode


def decode(number: int, text: bytes) -> Title | Line | SignedHead:
    """Return the decoded line of a file. Raises BrokenLog for any other bytes. `number` counts from 1."""
    try:
        if number == 1:
            return read_json(_title, text)
        return read_json(_head, text) if text.startswith(b'{"head"') else read_json(_line, text)
    except UNREADABLE:
        raise BrokenLog(0, f"line {number} of the file is not in the form of an exported log") from None


def read_json(form: Callable[[bytes], T], text: bytes) -> T:
    """Decode JSON into a type. Raises one of `UNREADABLE`, also for a repeated key, of which two readers may take
    different values.
    """
    found = form(text)
    json.loads(text, object_pairs_hook=_without_repeats)
    return found


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise msgspec.DecodeError("a key stands twice")
    return found


Records = Iterator[Title | Line | SignedHead]


def records(lines: Iterable[bytes]) -> Records:
    """Yield the decoded lines of an exported log."""
    return (decode(number, text) for number, text in enumerate(lines, 1) if text.strip())


def verify(
    found: Iterable[Title | Line | SignedHead], *, kids: Collection[str] | None = None, since: SignedHead | None = None
) -> LogSummary:
    """Verify a whole log, its lines and heads in order. Raises BrokenLog at the first line that was altered.

    `kids`: the only keys that may sign heads. `since`: a head of an earlier export that this log must contain; raises
    ShortLog if the log ends before its line.
    """
    stream = iter(found)
    title = next(stream, None)
    if not isinstance(title, Title) or title.audit not in (MAGIC, MAGIC_2):
        raise BrokenLog(0, f"the file does not begin as an exported log ({MAGIC} or {MAGIC_2})")
    has_tree, tree = title.audit == MAGIC_2, Peaks()
    count, last, heads = 0, ZERO32, list[SignedHead]()
    for record in stream:
        if not has_tree and getattr(record, "root" if isinstance(record, SignedHead) else "salt", UNSET) is not UNSET:
            raise BrokenLog(count + 1, f"a log of {MAGIC} has no salts and no roots")
        if isinstance(record, SignedHead):
            _check_head(title, record, count, last, kids)
            _check_root(record, tree)
            heads.append(record)
        elif isinstance(record, Line):
            count, last = count + 1, _next_hash(record, count + 1, last, stream)
            tree = tree.plus(ALGORITHM, (leaf_of(record),)) if has_tree else tree
            if since is not None and since.head == count and bytes_of(since.hash) != last:
                text = f"line {count} or one before it is not the one that the head to compare it with signed"
                raise BrokenLog(count, text)
        else:
            raise BrokenLog(count + 1, "a second log begins in the middle of the file")
    if since is not None:
        _reaches(title, since, count, kids)
    named = list(dict.fromkeys(head.kid for head in heads))
    return LogSummary(title, count, heads[-1].head if heads else 0, heads, named)


def dated_before(what: str, at: int, other: str, other_at: int) -> list[str]:
    """Return one text if `what`, which follows `other`, is dated more than 5 minutes before it; times in ms."""
    is_odd = at < other_at - limits.CLOCK_TOLERANCE
    return [f"{what} is dated {claimed_at(at)}, before {other}, which is of {claimed_at(other_at)}"] if is_odd else []


def dated_after(what: str, at: int, proved: int) -> list[str]:
    """Return one text if `what` is dated more than 5 minutes after a time stamp proves it to exist; times in ms."""
    is_odd = at > proved + limits.CLOCK_TOLERANCE
    existed = f"a time stamp proves that it existed by {claimed_at(proved)}"
    return [f"{what} is dated {claimed_at(at)}, and {existed}"] if is_odd else []


def _next_hash(line: Line, n: int, before: bytes, rest: Iterator[Title | Line | SignedHead]) -> bytes:
    """Return the hash of line `n`, which must follow. Raises BrokenLog with the kind of alteration."""
    if line.n == n and is_equal(_hash_of(line, before), bytes_of(line.hash)):
        return bytes_of(line.hash)
    for _, other in zip(range(_MOVED), rest, strict=False):
        if isinstance(other, Line) and is_equal(_hash_of(other, before, n), bytes_of(other.hash)):
            raise BrokenLog(n, f"the lines from {n} on were reordered: line {n} comes later")
    if line.n >= LINES_MAX:
        raise BrokenLog(n, _beyond(line.n))
    if line.n > n:
        gone = f"line {n} was" if line.n == n + 1 else f"lines {n} to {line.n - 1} were"
        raise BrokenLog(n, f"{gone} removed")
    if line.n < n:
        raise BrokenLog(n, f"line {line.n} stands twice, or where line {n} should")
    raise BrokenLog(n, f"line {n} was altered, or the one before it")


def _beyond(n: int) -> str:
    return f"line {n} was not written by its gateway: no log has so many lines"


def _hash_of(line: Line, before: bytes, n: int | None = None) -> bytes:
    try:
        return line_hash(before, n or line.n, line.at, line.who, line.what, line.about)
    except (OverflowError, UnicodeEncodeError):  # a number or text that no gateway writes
        return b""


def _check_head(title: Title, head: SignedHead, count: int, last: bytes, kids: Collection[str] | None) -> None:
    if head.head != count:
        text = f"a head signs line {head.head} where line {count} is the last: lines were removed or added"
        raise BrokenLog(min(head.head, count) + 1, text)
    if not is_equal(bytes_of(head.hash), last):
        raise BrokenLog(
            count, f"a head signs another line {count}: it, or one before it since the last head, was altered"
        )
    check_signature(title, head, kids)


def _check_root(head: SignedHead, tree: Peaks) -> None:
    """Check that a head with a root signs the leaves of the lines before it."""
    if isinstance(head.root, str) and not (tree.size and is_equal(bytes_of(head.root), tree.root(ALGORITHM))):
        raise BrokenLog(head.head, f"the head at line {head.head} signs another root: the salt of a line was altered")


def check_signature(title: Title, head: SignedHead, kids: Collection[str] | None) -> None:
    """Raise BrokenLog unless the head is signed by the key that it names, which must be one of `kids` if passed."""
    root = bytes_of(head.root) if isinstance(head.root, str) else None
    raw = head_raw(title.federation, title.member, head.head, head.at, bytes_of(head.hash), root)
    if not is_signed(_HEAD, bytes_of(head.key), raw, bytes_of(head.signature)):
        raise BrokenLog(head.head, f"the signature of the head at line {head.head} is not valid")
    if kids is not None and head.kid not in kids:
        key = bytes.fromhex(head.kid).hex(" ", 2)
        raise BrokenLog(
            head.head,
            f"the head at line {head.head} is signed by the key {key}, which is not one of those that you named",
        )


def _reaches(title: Title, since: SignedHead, count: int, kids: Collection[str] | None) -> None:
    check_signature(title, since, kids)
    if since.head > count:
        raise ShortLog(count, since.head)


def bytes_of(text: str) -> bytes:
    """Return the bytes of hexadecimal digits; empty for any other text."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def exported_lines(pages: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield an exported log from its pages: the title, then each line, followed by the head that signs it."""
    for number, page in enumerate(pages):
        if not number:
            yield msgspec.json.encode(page["title"])
        heads = {head["head"]: head for head in page["heads"]}
        for line in page["lines"]:
            yield msgspec.json.encode(line)
            if line["n"] in heads:
                yield msgspec.json.encode(heads[line["n"]])
