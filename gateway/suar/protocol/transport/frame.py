"""The frame: 0 to 256 messages under one signature (protocol.md section 6).

Bytes only: `parse` -> Parsed [F1], `verify_signature` -> Verified [F4], `open_content` -> the messages [F7].
`replay.py` decides which frame may follow which.
"""

import struct
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import (
    CryptoError,
    are_open,
    frame_key,
    hash_,
    is_equal,
    root,
    salts,
    seal,
    sign_hash,
    signed,
    unseal,
    verify_hash,
)
from suar.protocol.base.wire import Malformed, decode, encode

MAGIC: Final = b"SUF1"
LAST: Final = 1  # flag: the last frame of its epoch
_HEADER: Final = struct.Struct(">4s32sQQHH32s32s")
SALTED: Final = 88  # header bytes before the root; salts and root depend on these only
_PAD: Final = b"\x80"
_OVERHEAD: Final = limits.FRAME_HEADER + limits.FRAME_TAG + limits.FRAME_SIGNATURE

_Message = Annotated[bytes, msgspec.Meta(max_length=limits.MESSAGE_BYTES_MAX)]
_body_decoder: Final = msgspec.msgpack.Decoder(list[_Message])


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """[F1] A frame of the right form, not verified."""

    epoch_id: bytes
    seq: int
    ts: int
    count: int
    is_last: bool
    prev: bytes
    root: bytes
    data: bytes


class Verified(NamedTuple):
    """[F4] A frame signed by its epoch's key; `hash` is its frame_hash."""

    parsed: Parsed
    hash: bytes


def parse(data: bytes) -> Parsed:
    """[F1] Check length, magic, flags and count. Raises Refused."""
    size = len(data)
    if not limits.FRAME_BYTES_MIN <= size <= limits.FRAME_BYTES_MAX or (size - _OVERHEAD) % limits.PAD_BLOCK:
        raise Refused("E-FRAME-FORM", "F1")
    magic, epoch_id, seq, ts, count, flags, prev, root_ = _HEADER.unpack_from(data)
    if magic != MAGIC or flags > LAST or count > limits.FRAME_MESSAGES_MAX:
        raise Refused("E-FRAME-FORM", "F1")
    return Parsed(epoch_id, seq, ts, count, flags == LAST, prev, root_, data)


def stated_time(header: bytes) -> int:
    """Return the `ts` of a frame by its first FRAME_HEADER bytes; nothing is verified."""
    ts: int = _HEADER.unpack(header)[3]
    return ts


def frame_hash(data: bytes, realm: str) -> bytes:
    """Return the hash of everything before the signature: the name of the frame in receipts and time-stamp trees."""
    return hash_("frame", data[: -limits.FRAME_SIGNATURE], realm)


def verify_signature(parsed: Parsed, public: bytes, realm: str) -> Verified:
    """[F4] Check the signature, before anything of the content is parsed. Pure; releases the GIL in its long parts."""
    digest = frame_hash(parsed.data, realm)
    try:
        verify_hash("frame", public, digest, parsed.data[-limits.FRAME_SIGNATURE :], realm)
    except CryptoError as error:
        raise Refused("E-FRAME-SIGNATURE", "F4") from error
    return Verified(parsed, digest)


def verify_all(many: Sequence[tuple[Parsed, bytes, str]]) -> list[Verified | None]:
    """[F4] Verify many (frame, its epoch's key, realm); the result is None for each that fails.

    All hashes are computed first, then all signatures, so that two threads compete for the GIL only between signatures.
    """
    found = [Verified(parsed, frame_hash(parsed.data, realm)) for parsed, _, realm in many]
    checks = [
        (signed("frame", each.hash, each.parsed.data[-limits.FRAME_SIGNATURE :], realm), public)
        for each, (_, public, realm) in zip(found, many, strict=True)
    ]
    return [each if is_open else None for each, is_open in zip(found, are_open(checks), strict=True)]


def open_content(parsed: Parsed, secret: bytes, realm: str) -> list[bytes]:
    """[F7] Return the messages, or the one body of a heartbeat: decrypted, unpadded, decoded, and equal to the root."""
    data = parsed.data
    header = data[: limits.FRAME_HEADER]
    try:
        plain = unseal(frame_key(realm, secret, header), data[limits.FRAME_HEADER : -limits.FRAME_SIGNATURE], header)
        body = _unpad(plain)
        contents = decode(_body_decoder, body) if parsed.count else [body]
    except (CryptoError, Malformed) as error:
        raise Refused("E-FRAME-CONTENT", "F7") from error
    if len(contents) != max(parsed.count, 1):
        raise Refused("E-FRAME-CONTENT", "F7")
    salt = salts(realm, secret, header[:SALTED], parsed.count)
    if not is_equal(root(realm, salt, contents), parsed.root):
        raise Refused("E-FRAME-CONTENT", "F7")
    return contents


def _unpad(plain: bytes) -> bytes:
    """Remove one 0x80 and 0 to 255 zeros; exactly one padding is valid for a body."""
    body = plain.rstrip(b"\0")
    if len(plain) - len(body) >= limits.PAD_BLOCK or body[-1:] != _PAD:
        raise Malformed("padding")
    return body[:-1]


# -- the sending side


class Position(NamedTuple):
    """Where a new frame is in its epoch."""

    epoch_id: bytes
    seq: int
    prev: bytes


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """A frame of ours, ready to be committed and published."""

    data: bytes
    hash: bytes
    seq: int
    ts: int
    count: int

    @property
    def signature(self) -> bytes:
        """The signature, which a heartbeat repeats as the proof of a head."""
        return self.data[-limits.FRAME_SIGNATURE :]


def body_of(messages: Sequence[bytes]) -> bytes:
    """Return the frame body of one or more messages."""
    return encode(list(messages))


def seal_frame(
    realm: str, secret: bytes, signing64: bytes, at: Position, ts: int, contents: Sequence[bytes], *,
    body: bytes | None = None, is_last: bool = False,
) -> Sealed:  # fmt: skip
    """Return a frame over `contents` (messages), or over one heartbeat `body` with count 0."""
    count = len(contents) if body is None else 0
    plain = _pad(body_of(contents) if body is None else body)
    head = _HEADER.pack(MAGIC, at.epoch_id, at.seq, ts, count, LAST if is_last else 0, at.prev, bytes(32))[:SALTED]
    salt = salts(realm, secret, head, count)
    header = head + root(realm, salt, contents if body is None else [body])
    unsigned = header + seal(frame_key(realm, secret, header), plain, header)
    digest = hash_("frame", unsigned, realm)
    return Sealed(unsigned + sign_hash("frame", signing64, digest, realm), digest, at.seq, ts, count)


def _pad(body: bytes) -> bytes:
    padded = body + _PAD
    return padded + bytes(-len(padded) % limits.PAD_BLOCK)


def has_room(count: int, size: int) -> bool:
    """Whether `count` messages of `size` bytes in total fit into one frame."""
    body = size + 5 * count + 5  # headers of msgpack
    return count <= limits.FRAME_MESSAGES_MAX and body + limits.PAD_BLOCK + _OVERHEAD <= limits.FRAME_BYTES_MAX
