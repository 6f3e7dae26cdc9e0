"""The layout of a carried file, with sealed objects on removable media (docs/carried.md): writing and reading.

Pure. A file is a sequence of segments, each signed by the member that made it; the signature replaces the sender that
the hub would write into the subject. It adds no trust to the objects: `admission.py` judges each object of a segment as
if the hub had delivered it.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ZERO32, CryptoError, Signer, hash_, sign, verify
from suar.protocol.base.wire import Array, Bytes32, Code, Malformed, UInt, decode, encode

MAGIC: Final = b"SUC1"
LENGTH: Final = 4  # bytes before each segment in a file
_HEAD: Final = 84  # magic, signer kid, signature
_SUM: Final = 8


class Damaged(Exception):  # noqa: N818 - a finding about the file
    """The file was altered or is incomplete; carries the description, and the `part` in question."""

    def __init__(self, part: str, text: str) -> None:
        super().__init__(f"{part}: {text}")
        self.part, self.text = part, text


class Carried(Array, frozen=True):
    """One object as it was published, with its home subject."""

    subject: Annotated[str, msgspec.Meta(max_length=80)]
    data: bytes


class Segment(Array, frozen=True):
    """What a segment's signature covers. `to` is the member for whom the file was made, or `all`; it has no effect."""

    magic: Literal["suar-carried/1"]
    federation: str
    carrier: Code
    to: Annotated[str, msgspec.Meta(pattern=r"^(all|[A-Z]{2})\Z")]  # a bare $ lets a newline pass
    index: UInt
    prev: Bytes32
    is_last: Annotated[int, msgspec.Meta(ge=0, le=1)]
    objects: list[Carried]


_decoder: Final = msgspec.msgpack.Decoder(Segment)


class Parsed(NamedTuple):
    """A segment split into its parts, not verified."""

    signer: bytes
    signature: bytes
    raw: bytes


# -- judging one segment


def parse(data: bytes) -> Parsed:
    """[C1] Check magic and size, and return the parts. Raises Refused."""
    if not _HEAD < len(data) <= limits.CARRIED_BYTES or data[:4] != MAGIC:
        raise Refused("E-CARRIED-FORM", "C1")
    return Parsed(data[4:20], data[20:_HEAD], data[_HEAD:])


def verify_signature(parsed: Parsed, public: bytes) -> None:
    """[C2] Check that the segment is signed by the key that it names. Raises Refused."""
    try:
        verify("carried", public, parsed.raw, parsed.signature)
    except CryptoError as error:
        raise Refused("E-CARRIED-SIGNATURE", "C2") from error


def read(raw: bytes) -> Segment:
    """[C3] Check the types and return the segment. Raises Refused."""
    try:
        return decode(_decoder, raw)
    except Malformed as error:
        raise Refused("E-CARRIED-FORM", "C3") from error


# -- a file: a sequence of segments


class SegmentWriter:
    """Writes the segments of one file in order. The same objects under the same key give the same bytes."""

    def __init__(self, federation: str, carrier: str, to: str, kid: bytes, signing: bytes | Signer) -> None:
        self._federation, self._carrier, self._to = federation, carrier, to
        self._kid, self._signing = kid, signing
        self._index, self._prev = 0, ZERO32

    def segment(self, objects: Sequence[tuple[str, bytes]], *, is_last: bool) -> bytes:
        """Return the next segment, with its length before it and its checksum after it."""
        content = Segment(
            "suar-carried/1", self._federation, self._carrier, self._to, self._index, self._prev, int(is_last),
            [Carried(*each) for each in objects],
        )  # fmt: skip
        raw = encode(content)
        data = MAGIC + self._kid + sign("carried", self._signing, raw) + raw
        made = len(data).to_bytes(LENGTH, "big") + data + _sum(self._index, data)
        self._index, self._prev = self._index + 1, hash_("carried", raw)
        return made


class SegmentReader:
    """Reads a file segment by segment: complete, unaltered, in order, from one member, with its end."""

    def __init__(self) -> None:
        self.first: Segment | None = None
        self.segments, self.objects = 0, 0
        self._signer, self._prev, self._is_over = b"", ZERO32, False

    @property
    def _part(self) -> str:
        return f"segment {self.segments + 1}"

    def size(self, head: bytes) -> int:
        """Return how many bytes follow the length `head`; 0 at the end of the file (`head` is empty).

        Raises Damaged.
        """
        if not head and self._is_over:
            return 0
        if self._is_over:
            raise Damaged("the end", "there is data after it")
        if not head:
            raise Damaged(
                "the end" if self.segments else "the file", "it is cut off" if self.segments else "it is empty"
            )
        length = int.from_bytes(head, "big")
        if len(head) < LENGTH or not _HEAD < length <= limits.CARRIED_BYTES:
            known = "it is cut off, or its length was altered"
            raise Damaged(
                self._part, known if self.segments else "this is not a carried file, or its beginning was altered"
            )
        return length + _SUM

    def read(self, size: int, body: bytes) -> bytes:
        """Return the segment in `body`, which must have `size` bytes, without its checksum. Raises Damaged."""
        data, sum8 = body[:-_SUM], body[-_SUM:]
        if data[:4] != MAGIC and not self.segments:
            raise Damaged(self._part, "this is not a carried file, or its beginning was altered")
        if len(body) < size:
            raise Damaged(self._part, "it is cut off, or its length was altered")
        if _sum(self.segments, data) != sum8:
            raise Damaged(self._part, "it was altered, or moved from its position in the file")
        try:
            parsed = parse(data)
            segment = read(parsed.raw)
        except Refused:
            raise Damaged(self._part, "it is not a segment of version 1") from None
        self._check_follows(parsed, segment)
        return data

    def _check_follows(self, parsed: Parsed, segment: Segment) -> None:
        first = self.first = self.first or segment
        self._signer = self._signer or parsed.signer
        is_same = (segment.federation, segment.carrier, segment.to) == (first.federation, first.carrier, first.to)
        if not is_same or parsed.signer != self._signer or (segment.index, segment.prev) != (self.segments, self._prev):
            raise Damaged(self._part, "it does not follow the one before it: it is of another file")
        self.segments, self.objects = self.segments + 1, self.objects + len(segment.objects)
        self._prev, self._is_over = hash_("carried", parsed.raw), bool(segment.is_last)


def _sum(index: int, data: bytes) -> bytes:
    """Return the checksum of a segment. It locates a change before any key is known; it is not a signature."""
    return hash_("segment", index.to_bytes(4, "big") + data)[:_SUM]
