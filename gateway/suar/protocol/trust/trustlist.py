"""The trust list as written and signed: its fields, its bytes, its signatures (protocol.md section 3).

This module only reads a list; `members.py` judges it against the list before it.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_, kid, sign, signing_key
from suar.protocol.base.wire import Array, Bytes16, Bytes32, Code, Malformed, UInt, decode

MAGIC: Final = b"SUT1"
ANY: Final = "*"


class Root(Array, frozen=True):
    """A key holder of the federation."""

    kid: Bytes16
    public: Bytes32
    holder: str


class Key(Array, frozen=True):
    """A member's identity key; it is revoked if `revoked_at` is not nil."""

    kid: Bytes16
    public: Bytes32
    not_before: UInt
    not_after: UInt
    revoked_at: UInt | None

    def is_valid(self, now: int) -> bool:
        """Whether `now` is in the key's validity period and no list revoked it."""
        return self.revoked_at is None and self.not_before <= now < self.not_after


class Member(Array, frozen=True):
    """A state or the Secretariat: its keys and the kinds that it may publish and read."""

    code: Code
    name: str
    status: Literal["active", "suspended"]
    keys: list[Key]
    publish: list[str]
    read: list[str]

    @property
    def is_active(self) -> bool:
        """Whether the member is active."""
        return self.status == "active"


class TrustList(Array, frozen=True):
    """The signed content of one version."""

    magic: Literal["suar-trust/1"]
    federation: str
    version: UInt
    issued: UInt
    expires: UInt
    prev: Bytes32
    threshold: UInt
    roots: list[Root]
    members: list[Member]

    def member(self, code: str) -> Member | None:
        """Return the member of that code, or None."""
        for member in self.members:
            if member.code == code:
                return member
        return None

    def channel_members(self, sender: str, channel: str) -> frozenset[str]:
        """Return the members that a channel reaches: every active member except the sender, or exactly one."""
        active = {member.code for member in self.members if member.is_active}
        return frozenset(active - {sender} if channel == "all" else active & {channel})

    def has_channel(self, sender: str, channel: str) -> bool:
        """[E7] Whether `sender` may use that channel: `all`, or exactly one active member other than itself."""
        return channel == "all" or (channel != sender and bool(self.channel_members(sender, channel)))


_decoder = msgspec.msgpack.Decoder(TrustList)


class Signature(NamedTuple):
    """One root's signature on a list."""

    kid: bytes
    signature: bytes


class SignedList(NamedTuple):
    """A list object split into its parts, not verified."""

    signatures: tuple[Signature, ...]
    raw: bytes
    hash: bytes  # the hash that is signed, and compared with a pin and the next list's `prev`

    @classmethod
    def of(cls, signatures: tuple[Signature, ...], raw: bytes) -> "SignedList":
        """Return the list with the hash of `raw`, which is computed once for all signatures."""
        return cls(signatures, raw, hash_("trust", raw))


def parse(data: bytes) -> SignedList:
    """[T1] Check size, 1 to 32 signatures, and distinct root kids. Raises Refused."""
    count = data[4] if len(data) > 4 else 0
    end = 5 + 80 * count
    if len(data) > limits.TRUST_BYTES or data[:4] != MAGIC or len(data) <= end:
        raise Refused("E-TRUST-SIZE", "T1")
    if not 1 <= count <= limits.TRUST_SIGNATURES:
        raise Refused("E-TRUST-SIZE", "T1")
    signatures = tuple(Signature(data[i : i + 16], data[i + 16 : i + 80]) for i in range(5, end, 80))
    if len({signature.kid for signature in signatures}) != count:
        raise Refused("E-TRUST-SIZE", "T1")
    return SignedList.of(signatures, data[end:])


def assemble(raw: bytes, signatures: Iterable[Signature]) -> bytes:
    """Return the object of a list and its signatures."""
    parts = list(signatures)
    return MAGIC + bytes([len(parts)]) + b"".join(s.kid + s.signature for s in parts) + raw


def sign_list(raw: bytes, seed: bytes, public: bytes) -> Signature:
    """Return one root's signature on `raw`."""
    return Signature(kid(public), sign("trust", signing_key(seed), raw))


def read_list(raw: bytes) -> TrustList:
    """[T3] Check the types. Rights are kinds, or the single word `*`. Raises Refused."""
    try:
        content = decode(_decoder, raw)
    except Malformed as error:
        raise Refused("E-TRUST-FORM", "T3") from error
    if any(ANY in kinds and kinds != [ANY] for member in content.members for kinds in (member.publish, member.read)):
        raise Refused("E-TRUST-FORM", "T3")
    return content
