"""The trust list as it is written and signed: its fields, its bytes, its signatures (protocol.md section 3).

Here a list is only read; whether it holds is judged against the list before it, in `trust.py`.
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
    """A member's identity key; any non-nil `revoked_at` means revoked."""

    kid: Bytes16
    public: Bytes32
    not_before: UInt
    not_after: UInt
    revoked_at: UInt | None

    def is_valid(self, now: int) -> bool:
        """Whether `now` is in the key's window and no list revoked it."""
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
        """Whether the member takes part now."""
        return self.status == "active"


class TrustList(Array, frozen=True):
    """The content of one version, as signed."""

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
        """The member of that code."""
        return next((member for member in self.members if member.code == code), None)

    def channel_members(self, sender: str, channel: str) -> frozenset[str]:
        """Whom a channel reaches: every active member but the sender, or exactly one."""
        active = {member.code for member in self.members if member.is_active}
        return frozenset(active - {sender} if channel == "all" else active & {channel})

    def has_channel(self, sender: str, channel: str) -> bool:
        """[E7] Whether `sender` may have that channel: `all`, or exactly one active member other than itself."""
        return channel == "all" or (channel != sender and bool(self.channel_members(sender, channel)))


_decoder = msgspec.msgpack.Decoder(TrustList)


class Signature(NamedTuple):
    """One root's signature on a list."""

    kid: bytes
    signature: bytes


class SignedList(NamedTuple):
    """A list object taken apart, nothing of it verified."""

    signatures: tuple[Signature, ...]
    raw: bytes
    hash: bytes  # what is signed, and what a pin and the next list's `prev` are compared with

    @classmethod
    def of(cls, signatures: tuple[Signature, ...], raw: bytes) -> "SignedList":
        """Hashes `raw`: once, however many signatures there are."""
        return cls(signatures, raw, hash_("trust", raw))


def parse(data: bytes) -> SignedList:
    """[T1] size, 1 to 32 signatures, distinct root kids."""
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
    """The object of a list and its signatures."""
    parts = list(signatures)
    return MAGIC + bytes([len(parts)]) + b"".join(s.kid + s.signature for s in parts) + raw


def sign_list(raw: bytes, seed: bytes, public: bytes) -> Signature:
    """One root's signature on `raw`."""
    return Signature(kid(public), sign("trust", signing_key(seed), raw))


def read_list(raw: bytes) -> TrustList:
    """[T3] types. Rights are kinds, or the one word `*`."""
    try:
        content = decode(_decoder, raw)
    except Malformed as error:
        raise Refused("E-TRUST-FORM", "T3") from error
    if any(ANY in kinds and kinds != [ANY] for member in content.members for kinds in (member.publish, member.read)):
        raise Refused("E-TRUST-FORM", "T3")
    return content
