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
from suar.protocol.files.tokens.form import certificates_of, decode_token, in_order, signed_of
from suar.protocol.files.tokens.signature import is_broken
from suar.protocol.files.tokens.signer import names_its_signer
from suar.protocol.files.tokens.strength import weak_certificate, weak_signature

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampTokenInfo

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
_VERSION: Final = 1  # of a token's statement
_IMPRINTS: Final = {
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
}


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


class Judgement(NamedTuple):
    """The time of a token, or None with the reason: one of `WHYS`. `weak` names what is below the floor ([V10])."""

    moment: Moment | None
    why: str = ""
    weak: str = ""


WHYS: Final = ("other", "broken", "unknown", "weak")
"""Why a token gives no time: it is of other bytes or of another form; its signature is not valid, or names another
certificate than its signer's; no authority that the verifier named made it; a key or function that it rests on is below
the floor of `tokens/strength.py`."""
OTHER, BROKEN, UNKNOWN, WEAK = (Judgement(None, why) for why in WHYS)


class Authority:
    """The trusted time-stamping authorities, by their root certificates (PEM)."""

    def __init__(self, pem: bytes) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            self._roots = {each.public_bytes(Encoding.DER): each for each in x509.load_pem_x509_certificates(pem)}
        except ValueError:
            raise Fault("the authority's file has no certificates in PEM", "ask the authority for its CA") from None

    def moment(self, token: bytes, content: bytes) -> Moment | None:
        """Return when `content` existed according to the token, or None if the token gives no time (`judge`)."""
        return self.judge(token, content).moment

    def judge(self, token: bytes, content: bytes) -> Judgement:
        """Return when `content` existed according to the token, or why the token gives no time.

        What is below the floor is left out, and the token verified by the rest: a certificate of the token or of the
        verifier that is too weak leads nowhere.
        """
        if len(token) > TOKEN_MAX or not is_over(token, content):
            return OTHER
        moment = _verified(token, content, list(self._roots.values()))
        if moment is None:
            return _unknown(token)
        if not names_its_signer(token, self._roots):
            return BROKEN
        weak = weak_signature(signed_of(token))
        if weak:
            return WEAK._replace(weak=weak)
        held = {each: weak_certificate(each, is_named=each in self._roots) for each in certificates_of(token)}
        named = {each: weak_certificate(each, is_named=True) for each in self._roots}
        if any(held.values()) or any(named.values()):
            strong = in_order(token, lambda each: not held[each])
            roots = [root for each, root in self._roots.items() if not named[each]]
            if not roots or _verified(strong, content, roots) is None:
                words = {word for word in held.values() if word} or {word for word in named.values() if word}
                return WEAK._replace(weak=", ".join(sorted(words)))
        return Judgement(moment)


def judge_unnamed(token: bytes, content: bytes) -> Judgement:
    """Return why a token gives no time where the verifier named no authority."""
    if not is_over(token, content):
        return OTHER
    return _unknown(token)


def _unknown(token: bytes) -> Judgement:
    """Return why a token gives no time that leads to no authority."""
    return BROKEN if is_broken(token) or names_its_signer(token) is False else UNKNOWN


def _verified(token: bytes, content: bytes, roots: "list[Certificate]") -> Moment | None:
    """Return the time of a token whose signature leads to one of the roots, however weak, or None."""
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        answer = decode_token(token)
        VerifierBuilder(roots=roots).build().verify_message(answer, content)
        return _moment(answer.tst_info)
    except (VerificationError, ValueError, OverflowError, TypeError):
        return None


def is_over(token: bytes, content: bytes) -> bool:
    """Whether the token is in the form of RFC 3161 and its message imprint is that of `content`.

    No authority is needed: a token that fails here was made for other bytes.
    """
    try:
        info = decode_token(token).tst_info
        imprint = info.message_imprint
    except (ValueError, OverflowError, TypeError):
        return False
    function = _IMPRINTS.get(imprint.hash_algorithm.dotted_string)
    return info.version == _VERSION and function is not None and function(content).digest() == imprint.message


def _moment(info: "TimeStampTokenInfo") -> Moment:
    at, accuracy = round(info.gen_time.timestamp() * 1000), 0
    if info.accuracy is not None:
        accuracy = (info.accuracy.seconds or 0) * 1000 + (info.accuracy.millis or 0) + bool(info.accuracy.micros)
    return Moment(at - accuracy, at + accuracy)


def first(moments: Sequence[Moment]) -> Moment | None:
    """Return the token that proves the earliest time: the one whose latest possible time is the earliest."""
    return min(moments, key=lambda each: each.latest, default=None)
