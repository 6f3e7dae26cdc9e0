"""Time stamps (RFC 3161) over the root of a tree: what a token states, and which authority verifies it.

Pure. A token proves that its statement existed at a time, to verifiers who trust the authority that signed it; so it is
valid only with certificates that the verifier supplies. The member that built the tree signs the statement as well.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import TREE_HASHES, Signer, is_signed, sign
from suar.protocol.files.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse, TimeStampTokenInfo

FRAME, REVOKE, HEAD, LIST, LINE = range(1, 6)
"""Types of a leaf's value: hash of a frame, a Revoke, the audit's head, a trust list, or an audit line."""
TOKEN_MAX: Final = 32_768  # bytes: a token with its certificate chain has 2 to 8 KiB
PATH_MAX: Final = 32
SALT: Final = 16
VALUE: Final = 32
_LABEL: Final = "stamp"
_MAGIC: Final = b"suar-stamp/1\0"
_FIXED: Final = 1 + VALUE + SALT + 1 + 4 + 4 + 16 + 64 + 1
_WIDTH: Final = {1: 32, 2: 64}
_IMPRINTS: Final = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}
_GRANTED: Final = bytes.fromhex("3003020100")  # PKIStatusInfo: granted
_SEQUENCE: Final = b"\x30"
_CERTIFICATES: Final = 0xA0  # [0] of a SignedData
_LONG: Final = 0x80  # first byte of a long length: this plus the number of bytes that follow


class Stamp(NamedTuple):
    """One leaf of a tree, its path, the member's signature over the tree's statement, and the token over it."""

    what: int
    value: bytes
    salt: bytes
    algorithm: int
    position: int
    size: int
    kid: bytes
    signature: bytes
    path: tuple[bytes, ...]
    token: bytes

    @property
    def statement(self) -> bytes | None:
        """What the token covers, or None if the path leads to no root."""
        leaf = leaf_hash(self.algorithm, self.what, self.salt, self.value)
        root = root_of(self.algorithm, leaf, self.position, self.size, self.path)
        return None if root is None else statement(self.algorithm, self.size, root)


class Moment(NamedTuple):
    """The time of a token in milliseconds, with the accuracy (plus or minus) that the authority states."""

    earliest: int
    latest: int


def statement(algorithm: int, size: int, root: bytes) -> bytes:
    """Return the bytes that are signed and stamped for a tree: its hash function, number of leaves and root."""
    return _MAGIC + bytes([algorithm]) + size.to_bytes(4, "big") + root


def sign_statement(key64: bytes | Signer, statement: bytes) -> bytes:
    """Return the member's signature over the statement of its tree."""
    return sign(_LABEL, key64, statement)


def is_signed_statement(key: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether the signature over the statement was made with that key."""
    return is_signed(_LABEL, key, statement, signature)


def encode(stamp: Stamp) -> bytes:
    """Return the content of a part of kind 11."""
    numbers = bytes([stamp.algorithm]) + stamp.position.to_bytes(4, "big") + stamp.size.to_bytes(4, "big")
    head = bytes([stamp.what]) + stamp.value + stamp.salt + numbers + stamp.kid + stamp.signature
    return head + bytes([len(stamp.path)]) + b"".join(stamp.path) + stamp.token


def decode(data: bytes) -> Stamp | None:
    """Return the stamp in the content of a part of kind 11, or None for any other bytes."""
    if len(data) <= _FIXED:
        return None
    what, algorithm, count = data[0], data[49], data[_FIXED - 1]
    if not FRAME <= what <= LINE or algorithm not in TREE_HASHES or count > PATH_MAX:
        return None
    width = _WIDTH[algorithm]
    end = _FIXED + width * count
    path = tuple(data[at : at + width] for at in range(_FIXED, end, width))
    token = data[end:]
    if not 0 < len(token) <= TOKEN_MAX:
        return None
    position, size = int.from_bytes(data[50:54], "big"), int.from_bytes(data[54:58], "big")
    return Stamp(what, data[1:33], data[33:49], algorithm, position, size, data[58:74], data[74:138], path, token)


class Authority:
    """The trusted time-stamping authorities, by their root certificates (PEM)."""

    def __init__(self, pem: bytes) -> None:
        from cryptography import x509

        try:
            self._roots = x509.load_pem_x509_certificates(pem)
        except ValueError:
            raise Fault("the authority's file has no certificates in PEM", "ask the authority for its CA") from None

    def moment(self, token: bytes, content: bytes) -> Moment | None:
        """Return when `content` existed according to the token, or None if it covers other bytes or its authority is
        not trusted.
        """
        from rfc3161_client import VerificationError, VerifierBuilder

        if len(token) > TOKEN_MAX:
            return None
        try:
            answer = _decoded(token)
            VerifierBuilder(roots=list(self._roots)).build().verify_message(answer, content)
            return _moment(answer.tst_info)
        except (VerificationError, ValueError, OverflowError, TypeError):
            return None


def is_over(token: bytes, content: bytes) -> bool:
    """Whether the token is in the form of RFC 3161 and its message imprint is that of `content`.

    No authority is needed: a token that fails here was made for other bytes.
    """
    try:
        imprint = _decoded(token).tst_info.message_imprint
    except (ValueError, OverflowError, TypeError):
        return False
    function = _IMPRINTS.get(imprint.hash_algorithm.dotted_string)
    return function is not None and function(content).digest() == imprint.message


def _decoded(token: bytes) -> "TimeStampResponse":
    """Return a decoded token. Raises ValueError for invalid bytes."""
    return read_reply(response_of(token))


def read_reply(data: bytes) -> "TimeStampResponse":
    """Return an authority's decoded answer (TimeStampResp); the certificates of its token may be in any order.

    Raises ValueError.
    """
    from rfc3161_client import decode_timestamp_response

    try:
        _, token = _within(data, _elements(data, 0, len(data))[0])  # after the status
    except IndexError:
        raise ValueError("no answer") from None
    return decode_timestamp_response(data[: token.at] + in_order(data[token.at : token.end]) + data[token.end :])


def in_order(token: bytes) -> bytes:
    """Return the token with its certificates in DER order, which the decoder requires.

    RFC 5652 lets a SignedData be BER, so an authority may write them in any order, and no signature covers the order.
    Bytes of any other form are returned unchanged.
    """
    try:
        info = _within(token, _elements(token, 0, len(token))[0])  # ContentInfo: its type, the content
        fields = _within(token, _within(token, info[1])[0])  # of the SignedData
        held = next(each for each in fields if token[each.at] == _CERTIFICATES)
        ordered = sorted(token[each.at : each.end] for each in _within(token, held))
    except (IndexError, StopIteration, ValueError):
        return token
    return token[: held.begin] + b"".join(ordered) + token[held.end :]


class _Element(NamedTuple):
    """An element of DER: the offsets of its tag, of its content, and of its end."""

    at: int
    begin: int
    end: int


def _within(data: bytes, outer: _Element) -> list[_Element]:
    return _elements(data, outer.begin, outer.end)


def _elements(data: bytes, at: int, end: int) -> list[_Element]:
    """Return the elements between two offsets. Raises IndexError or ValueError if the bytes are not DER."""
    found = []
    while at < end:
        begin, length = at + 2, data[at + 1]
        if length >= _LONG:
            width = length - _LONG
            begin, length = begin + width, int.from_bytes(data[begin : begin + width], "big")
        if begin + length > end or data[at + 1] == _LONG:
            raise ValueError("no DER")
        found.append(_Element(at, begin, begin + length))
        at = begin + length
    return found


def _moment(info: "TimeStampTokenInfo") -> Moment:
    at, accuracy = round(info.gen_time.timestamp() * 1000), 0
    if info.accuracy is not None:
        accuracy = (info.accuracy.seconds or 0) * 1000 + (info.accuracy.millis or 0) + bool(info.accuracy.micros)
    return Moment(at - accuracy, at + accuracy)


def response_of(token: bytes) -> bytes:
    """Return a TimeStampResp (RFC 3161, 2.4.2) with status granted, around a token that was stored without it."""
    body = _GRANTED + token
    if len(body) < 128:
        return _SEQUENCE + bytes([len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return _SEQUENCE + bytes([0x80 | len(length)]) + length + body


def first(moments: Sequence[Moment]) -> Moment | None:
    """Return the token that proves the earliest time: the one whose latest possible time is the earliest."""
    return min(moments, key=lambda each: each.latest, default=None)
