"""The baseline of seal and open: the bare library calls of one frame, on prepared buffers.

protocol.md section 6 lists the calls of a frame: SHAKE256 for the salts, BLAKE2b for each leaf, the root and mk,
ChaCha20-Poly1305, BLAKE2b for the frame hash, Ed25519 signing or verification. No framing, objects, rules or
concatenation. It does not use primitives.py, so that it stays the same when that becomes faster.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings as sodium

_NONCE = bytes(12)
_LABELS = {name: f"suar/1/{name}".encode().ljust(16, b"\0") for name in ("leaf", "root", "mk", "frame")}


class Buffers(NamedTuple):
    """The buffers for the calls of one frame."""

    to_salt: bytes
    contents: Sequence[bytes]
    salts: Sequence[bytes]
    leaves: bytes
    header: bytes
    secret: bytes
    plain: bytes
    cipher: bytes
    key: bytes
    unsigned: bytes
    to_sign: bytes
    signed: bytes
    signing: bytes
    public: bytes


def buffers(contents: Sequence[bytes]) -> Buffers:
    """Return buffers of the sizes in a frame of these messages."""
    public, signing = sodium.crypto_sign_keypair()
    secret, key, header = os.urandom(32), os.urandom(32), os.urandom(120)
    body = b"".join(contents) + bytes(3 * len(contents) + 3) + b"\x80"
    plain = body + bytes(-len(body) % 256)
    cipher = ChaCha20Poly1305(key).encrypt(_NONCE, plain, header)
    to_sign = _LABELS["frame"] + os.urandom(32)
    return Buffers(
        os.urandom(16 + 32 + 88), contents, [os.urandom(16) for _ in contents], os.urandom(32 * len(contents)), header,
        secret, plain, cipher, key, header + cipher, to_sign, sodium.crypto_sign(to_sign, signing), signing, public,
    )  # fmt: skip


def seal(b: Buffers) -> None:
    """Make the calls that sealing one frame needs."""
    blake2b = hashlib.blake2b
    hashlib.shake_256(b.to_salt).digest(16 * len(b.contents))
    for content, salt in zip(b.contents, b.salts, strict=True):
        blake2b(content, digest_size=32, key=salt, person=_LABELS["leaf"]).digest()
    blake2b(b.leaves, digest_size=32, person=_LABELS["root"]).digest()
    blake2b(b.header, digest_size=32, key=b.secret, person=_LABELS["mk"]).digest()
    ChaCha20Poly1305(b.key).encrypt(_NONCE, b.plain, b.header)
    blake2b(b.unsigned, digest_size=32, person=_LABELS["frame"]).digest()
    sodium.crypto_sign(b.to_sign, b.signing)


def open_(b: Buffers) -> None:
    """Make the calls that opening one frame needs."""
    blake2b = hashlib.blake2b
    blake2b(b.unsigned, digest_size=32, person=_LABELS["frame"]).digest()
    sodium.crypto_sign_open(b.signed, b.public)
    blake2b(b.header, digest_size=32, key=b.secret, person=_LABELS["mk"]).digest()
    ChaCha20Poly1305(b.key).decrypt(_NONCE, b.cipher, b.header)
    hashlib.shake_256(b.to_salt).digest(16 * len(b.contents))
    for content, salt in zip(b.contents, b.salts, strict=True):
        blake2b(content, digest_size=32, key=salt, person=_LABELS["leaf"]).digest()
    blake2b(b.leaves, digest_size=32, person=_LABELS["root"]).digest()
