"""The Revoke: a key's own signed statement that it is no longer valid (protocol.md section 3)."""

from typing import Final, Literal

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import Signer, kid, sign, signing_key
from suar.protocol.base.wire import Array, Bytes16, Malformed, UInt, decode, encode

MAGIC: Final = b"SUR1"


class Body(Array, frozen=True):
    """The content that the key signs about itself."""

    magic: Literal["suar-revoke/1"]
    federation: str
    kid: Bytes16
    at: UInt


_decoder = msgspec.msgpack.Decoder(Body)


def parse(data: bytes) -> tuple[bytes, Body]:
    """[R1] Check size and types; returns the kid outside the signature and the body, not verified. Raises Refused."""
    if len(data) > limits.REVOKE_BYTES or data[:4] != MAGIC:
        raise Refused("E-REVOKE", "R1")
    try:
        return data[4:20], decode(_decoder, data[84:])
    except Malformed as error:
        raise Refused("E-REVOKE", "R1") from error


def make(federation: str, seed: bytes | Signer, public: bytes, at: int) -> bytes:
    """Return a Revoke of the key `public`, signed by that key."""
    name = kid(public)
    raw = encode(["suar-revoke/1", federation, name, at])
    return MAGIC + name + sign("revoke", signing_key(seed), raw) + raw
