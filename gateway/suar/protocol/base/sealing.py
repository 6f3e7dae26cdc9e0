"""Layered sealing to offline keys: nested libsodium sealed boxes, so that every key holder is needed to open them.

    layer = "SUVL" | kid 16 of the X25519 key | crypto_box_seal(content, key)

The first key seals the innermost layer. Each holder removes one layer, alone, from the outside in.
"""

from collections.abc import Sequence
from typing import Final

from nacl import bindings as sodium
from nacl.exceptions import CryptoError as SodiumError

from suar.protocol.base.primitives import CryptoError, Secret, kid

MAGIC: Final = b"SUVL"
_KID: Final = 16
_HEAD: Final = len(MAGIC) + _KID


def public_of(seed: bytes) -> bytes:
    """Return the public key of a seed of 32 bytes."""
    return bytes(sodium.crypto_box_seed_keypair(bytes(seed))[0])


def seal(publics: Sequence[bytes], plain: bytes) -> bytes:
    """Seal to every one of these keys. Raises CryptoError for an invalid key."""
    data = plain
    for public in publics:
        try:
            data = MAGIC + kid(public) + sodium.crypto_box_seal(data, public)
        except (SodiumError, ValueError, TypeError):
            raise CryptoError("no key to seal to") from None
    return data


def addressee(data: bytes) -> bytes | None:
    """Return the kid of the key that opens the outermost layer; None if no layer is left."""
    return data[len(MAGIC) : _HEAD] if data.startswith(MAGIC) and len(data) > _HEAD else None


def remove_layer(seed: bytes, data: bytes) -> bytes:
    """Return the content of the outermost layer. Raises CryptoError for another key or altered bytes."""
    public, private = sodium.crypto_box_seed_keypair(bytes(seed))
    if addressee(data) != kid(public):
        raise CryptoError("sealed to another key")
    try:
        return bytes(sodium.crypto_box_seal_open(data[_HEAD:], public, bytes(Secret(private))))
    except (SodiumError, ValueError, TypeError):
        raise CryptoError("altered") from None
