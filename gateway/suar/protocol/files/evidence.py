"""The layout of evidence files, each about one message (docs/evidence.md): writing and reading.

Pure. A content has exactly one encoding: the order of the parts is fixed, and nothing depends on when or where it is
written. A file contains the other messages of a frame only as leaves, and no key to any frame. `proof.py` judges what
the file proves.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import CODES, Refused, Wait
from suar.protocol.base.primitives import hash_, is_equal, leaf, salts
from suar.protocol.transport import frame as frames

MAGIC: Final = b"SUV1"
LIST, REVOKE, EPOCH, MESSAGE, PLACE, LEAVES, FRAME, RECEIPT, END = range(1, 10)
LATER, STAMP, LINE, WITNESS = range(10, 14)
NAMES: Final = {
    LIST: "trust list", REVOKE: "Revoke", EPOCH: "epoch", MESSAGE: "message", PLACE: "place and salt",
    LEAVES: "neighbours' leaves", FRAME: "frame", RECEIPT: "receipt", END: "end",
    LATER: "later revision", STAMP: "time stamp", LINE: "line of the audit",
    WITNESS: "another member's heartbeat",
}  # fmt: skip
_ORDER: Final = re.compile(
    rb"\x01+\x02*\x03+\x04(\x05\x06\x07)+(\x08\x05\x06\x07)*(\x0a\x05\x06\x07)*(\x0d\x05\x06\x07)*\x0c*\x0b*\x09"
)
_HEAD: Final = 5  # kind, length
_SUM: Final = 8
_SALT: Final = 16
_LEAF: Final = 32


class Unproved(Exception):  # noqa: N818 - a finding about the file
    """The file proves nothing: the numbered `step` failed at `part`, for the reason in `text`."""

    def __init__(self, step: str, part: str, text: str) -> None:
        super().__init__(f"[{step}] {part}: {text}")
        self.step, self.part, self.text = step, part, text


def describe_refusal(error: Refused | Wait) -> str:
    """Return the meaning of a refusal of the standard, as the text of an `Unproved`."""
    return f"{CODES[error.code].meaning} ({error.code}, rule {error.rule})"


class Carrier(NamedTuple):
    """A frame as sent, with a proof of its content at `content_index`; without keys or other contents."""

    content_index: int
    salt: bytes
    leaves: tuple[bytes, ...]  # leaves of the other contents of the frame, in order
    frame: bytes


class Evidence(NamedTuple):
    """The content of a file, not verified."""

    lists: tuple[bytes, ...]
    revokes: tuple[bytes, ...]
    epochs: tuple[bytes, ...]
    message: bytes
    carriers: tuple[Carrier, ...]
    receipts: tuple[tuple[bytes, Carrier], ...]
    later: tuple[tuple[bytes, Carrier], ...] = ()  # later revisions, each as it was signed
    lines: tuple[bytes, ...] = ()  # audit lines of the message's member
    stamps: tuple[bytes, ...] = ()  # time stamps of parts of the file
    witnesses: tuple[tuple[bytes, Carrier], ...] = ()  # heartbeats of others, each with its frame


class UnsealedPart(NamedTuple):
    """The content of a file without the frames of its message and without heartbeats: what a sealed file shows."""

    lists: tuple[bytes, ...]
    revokes: tuple[bytes, ...]
    epochs: tuple[bytes, ...]
    message: bytes
    carriers: tuple[Carrier, ...]  # none
    receipts: tuple[tuple[bytes, Carrier], ...]
    later: tuple[tuple[bytes, Carrier], ...] = ()
    lines: tuple[bytes, ...] = ()
    stamps: tuple[bytes, ...] = ()


class FrameProof(NamedTuple):
    """The proof of any content of one frame: salts of 16 bytes and leaves of 32 bytes, concatenated."""

    salts: bytes
    leaves: bytes

    def carrier(self, frame: bytes, realm: str, index: int, content: bytes) -> Carrier | None:
        """Return the proof of one content, or None if it is not the one at `index`."""
        salt = self.salts[_SALT * index : _SALT * (index + 1)]
        each = tuple(self.leaves[at : at + _LEAF] for at in range(0, len(self.leaves), _LEAF))
        if not 0 <= index < len(each) or not is_equal(leaf(realm, salt, content), each[index]):
            return None
        return Carrier(index, salt, (*each[:index], *each[index + 1 :]), frame)


def frame_proof(parsed: frames.Parsed, secret: bytes, realm: str) -> tuple[list[bytes], FrameProof]:
    """Return the contents of a frame that we can open, and their proof. Raises Refused if it does not open."""
    contents = frames.open_content(parsed, secret, realm)
    salt = salts(realm, secret, parsed.data[: frames.SALTED], parsed.count)
    each = [leaf(realm, salt[_SALT * at : _SALT * (at + 1)], content) for at, content in enumerate(contents)]
    return contents, FrameProof(salt[: _SALT * len(contents)], b"".join(each))


def carrier(parsed: frames.Parsed, secret: bytes, realm: str, index: int) -> tuple[bytes, Carrier]:
    """Return the content at `index` of a frame that we can open, with its proof. Raises Refused if it does not open."""
    contents, proof = frame_proof(parsed, secret, realm)
    found = proof.carrier(parsed.data, realm, index, contents[index])
    if found is None:
        raise ValueError(f"no content {index}")
    return contents[index], found


# -- writing


def write(evidence: Evidence) -> bytes:
    """Return the file. Lists are passed in order of version; everything else is sorted and deduplicated here."""
    parts = [(LIST, data) for data in evidence.lists]
    parts += [(REVOKE, data) for data in sorted(set(evidence.revokes))]
    parts += [(EPOCH, data) for data in sorted(set(evidence.epochs))]
    parts.append((MESSAGE, evidence.message))
    for each in sorted(set(evidence.carriers), key=lambda one: one.frame):
        parts += _of_carrier(each)
    for receipt, each in sorted({data: (data, each) for data, each in evidence.receipts}.values()):
        parts += [(RECEIPT, receipt), *_of_carrier(each)]
    for revision, each in sorted({data: (data, each) for data, each in evidence.later}.values()):
        parts += [(LATER, revision), *_of_carrier(each)]
    for body, each in sorted({data: (data, each) for data, each in evidence.witnesses}.values()):
        parts += [(WITNESS, body), *_of_carrier(each)]
    parts += [(LINE, data) for data in sorted(set(evidence.lines))]
    parts += [(STAMP, data) for data in sorted(set(evidence.stamps))]
    return assemble(parts)


def _of_carrier(each: Carrier) -> list[tuple[int, bytes]]:
    salted_index = each.content_index.to_bytes(2, "big") + each.salt
    return [(PLACE, salted_index), (LEAVES, b"".join(each.leaves)), (FRAME, each.frame)]


def assemble(parts: Iterable[tuple[int, bytes]], magic: bytes = MAGIC) -> bytes:
    """Return the bytes of (kind, content) parts, each with its checksum, and the end."""
    file = bytearray(magic)
    index = 0
    for index, (kind, content) in enumerate(parts, 1):
        file += part_bytes(index - 1, kind, content)
    file += part_bytes(index, END, hash_("evidence", bytes(file)))
    return bytes(file)


def part_bytes(index: int, kind: int, content: bytes) -> bytes:
    """Return one part of the file: kind and length, content, checksum."""
    head = bytes([kind]) + len(content).to_bytes(4, "big")
    return head + content + _sum(index, head, content)


def _sum(index: int, head: bytes, content: bytes) -> bytes:
    """Return a part's checksum: it locates a change.

    It is not a signature; the steps after [V1] detect what a forger changes.
    """
    return hash_("part", index.to_bytes(4, "big") + head + content)[:_SUM]


# -- reading


def read(data: bytes) -> Evidence:
    """[V1] Check magic, that each part is complete and unaltered, their order, and one end. Raises Unproved."""
    parts = list(read_parts(data))
    if _ORDER.fullmatch(bytes(kind for kind, _ in parts)) is None:
        raise Unproved("V1", "the file", "a part is missing or out of order")
    return _sorted(parts)


def read_parts(data: bytes, magic: bytes = MAGIC) -> Iterator[tuple[int, bytes]]:
    """[V1] Yield the (kind, content) parts of a file including the end, each complete and unaltered.

    Raises Unproved.
    """
    if data[:4] != magic:
        raise Unproved("V1", "the beginning", "this is not an evidence file, or its first bytes were altered")
    at, index, kind = 4, 0, 0
    while kind != END:
        start, kind = at, data[at] if at < len(data) else 0
        name = f"part {index + 1} ({NAMES.get(kind, 'of no known kind')})"
        at = start + _HEAD + int.from_bytes(data[start + 1 : start + _HEAD], "big") + _SUM
        if at > len(data):
            raise Unproved("V1", name, "it is cut off, or its length was altered")
        content = data[start + _HEAD : at - _SUM]
        if _sum(index, data[start : start + _HEAD], content) != data[at - _SUM : at]:
            raise Unproved("V1", name, "it was altered")
        if kind == END and not is_equal(content, hash_("evidence", data[:start])):
            raise Unproved("V1", name, "it is not the end of this file")
        yield kind, content
        index += 1
    if at != len(data):
        raise Unproved("V1", "the end", "there is data after it")


def _sorted(parts: Sequence[tuple[int, bytes]]) -> Evidence:
    of = {kind: tuple(content for this, content in parts if this == kind) for kind in NAMES}
    groups: dict[int, list[tuple[bytes, Carrier]]] = {MESSAGE: [], RECEIPT: [], LATER: [], WITNESS: []}
    begun = MESSAGE, b""
    for at, (kind, content) in enumerate(parts):
        if kind in groups:
            begun = kind, content
        elif kind == PLACE:
            each = _carrier(at, content, parts[at + 1][1], parts[at + 2][1])
            groups[begun[0]].append((begun[1], each))
    carriers = tuple(each for _, each in groups[MESSAGE])
    evidence = Evidence(
        of[LIST], of[REVOKE], of[EPOCH], of[MESSAGE][0], carriers, tuple(groups[RECEIPT]), tuple(groups[LATER]),
        of[LINE], of[STAMP], tuple(groups[WITNESS]),
    )  # fmt: skip
    _in_order(evidence)
    return evidence


def _carrier(index: int, salted_index: bytes, leaves: bytes, frame: bytes) -> Carrier:
    if len(salted_index) != 2 + _SALT:
        raise Unproved("V1", f"part {index + 1} ({NAMES[PLACE]})", "it has a wrong length")
    if len(leaves) % _LEAF or len(leaves) // _LEAF >= limits.FRAME_MESSAGES_MAX:
        raise Unproved("V1", f"part {index + 2} ({NAMES[LEAVES]})", "it has a wrong length")
    each = tuple(leaves[at : at + _LEAF] for at in range(0, len(leaves), _LEAF))
    return Carrier(int.from_bytes(salted_index[:2], "big"), salted_index[2:], each, frame)


def _in_order(evidence: Evidence) -> None:
    """Check that the parts are in their only permitted order."""
    ordered = {
        NAMES[REVOKE]: evidence.revokes,
        NAMES[EPOCH]: evidence.epochs,
        NAMES[FRAME]: [each.frame for each in evidence.carriers],
        NAMES[RECEIPT]: [data for data, _ in evidence.receipts],
        NAMES[LATER]: [data for data, _ in evidence.later],
        NAMES[WITNESS]: [data for data, _ in evidence.witnesses],
        NAMES[LINE]: evidence.lines,
        NAMES[STAMP]: evidence.stamps,
    }
    for name, each in ordered.items():
        if list(each) != sorted(set(each)):
            raise Unproved("V1", name, "one is repeated, or they are not in order")
