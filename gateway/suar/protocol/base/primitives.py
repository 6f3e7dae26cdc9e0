"""Every call into a cryptographic library, each choice with its reason (protocol.md section 1).

`hash_` and `sign` include a label of realm and purpose, so that a signature or hash for one purpose or realm never
verifies for another. No other module calls nacl, cryptography or hashlib for the protocol.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError

ACTUAL: Final = "actual"
EXERCISE: Final = "exercise"
ZERO32: Final = bytes(32)
_PREFIX: Final = {ACTUAL: b"suar/1/", EXERCISE: b"suar/1x/"}
TREE_HASHES: Final = {1: hashlib.sha256, 2: hashlib.sha512}
"""The hash functions of time-stamp trees by their numbers in a file; a number is never assigned to another function."""
_NONCE: Final = bytes(12)  # every header has its own key, so the nonce never repeats under one key
_MLKEM_PUBLIC: Final = 1184
SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class CryptoError(Exception):
    """A signature, a wrap or a ciphertext is not valid. The error carries no reason, deliberately."""


class Secret(bytes):
    """Key material: bytes whose content never appears in a repr, a log or the variables of a traceback."""

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__


class Signer(Protocol):
    """An Ed25519 key that signs and stays where it is, as in a hardware module.

    `is_ready`: whether it answers now. `sign` returns a signature of 64 bytes, and raises KeyAway if it does not.
    """

    public: bytes

    @property
    def is_ready(self) -> bool: ...  # noqa: D102

    def sign(self, message: bytes) -> bytes: ...  # noqa: D102


@lru_cache(maxsize=64)
def d(realm: str, name: str) -> bytes:
    """Return the 16-byte label of `name` in `realm`."""
    return (_PREFIX[realm] + name.encode()).ljust(16, b"\0")


def hash_(name: str, message: bytes, realm: str = ACTUAL) -> bytes:
    """Return the BLAKE2b-256 hash (32 bytes) of `message` under its label."""
    return hashlib.blake2b(message, digest_size=32, person=d(realm, name)).digest()


def tree_hash(algorithm: int, message: bytes) -> bytes:
    """Return the hash of time-stamp trees and containers, by its number; SHA-2, because authorities sign no BLAKE2b."""
    return TREE_HASHES[algorithm](message).digest()


def kid(public: bytes) -> bytes:
    """Return the 16-byte kid (key id) of an Ed25519 public key."""
    return hash_("kid", public)[:16]


def bundle_kid(member: str, kem_public: bytes) -> bytes:
    """Return the 16-byte kid of a KEM key. It includes the member, so that a copied key has another kid."""
    return hash_("kid", member.encode() + kem_public)[:16]


def random_seed() -> Secret:
    """Return 32 new random bytes from libsodium."""
    return Secret(sodium.randombytes(32))


def public_of(seed: bytes | Signer) -> bytes:
    """Return the Ed25519 public key (32 bytes) of a 32-byte seed, or of a signer."""
    if not isinstance(seed, bytes):
        return seed.public
    public, _ = sodium.crypto_sign_seed_keypair(bytes(seed))
    return public


@overload
def signing_key(seed: bytes) -> Secret: ...
@overload
def signing_key(seed: Signer) -> Signer: ...
@overload
def signing_key(seed: bytes | Signer) -> Secret | Signer: ...
def signing_key(seed: bytes | Signer) -> Secret | Signer:
    """Return libsodium's 64-byte signing key of a 32-byte seed, derived once and not for each signature; a signer as it
    is.
    """
    if not isinstance(seed, bytes):
        return seed
    _, secret = sodium.crypto_sign_seed_keypair(bytes(seed))
    return Secret(secret)


def sign(name: str, key64: bytes | Signer, message: bytes, realm: str = ACTUAL) -> bytes:
    """Return the Ed25519 signature (64 bytes) over label | H(name, message)."""
    return sign_hash(name, key64, hash_(name, message, realm), realm)


def sign_hash(name: str, key64: bytes | Signer, digest: bytes, realm: str = ACTUAL) -> bytes:
    """Return the same as `sign`, for a digest that is already computed."""
    if not isinstance(key64, bytes):
        return key64.sign(d(realm, name) + digest)
    return sodium.crypto_sign(d(realm, name) + digest, bytes(key64))[:64]


def verify(name: str, public: bytes, message: bytes, signature: bytes, realm: str = ACTUAL) -> None:
    """Raise CryptoError unless `signature` is `public`'s over `message`."""
    verify_hash(name, public, hash_(name, message, realm), signature, realm)


def verify_hash(name: str, public: bytes, digest: bytes, signature: bytes, realm: str = ACTUAL) -> None:
    """Raise CryptoError unless the signature over a computed digest is valid.

    Uses libsodium's rule: S < L, A and R canonical and not of small order.
    """
    try:
        sodium.crypto_sign_open(signature + d(realm, name) + digest, public)
    except (BadSignatureError, ValueError) as error:
        raise CryptoError from error


def signed(name: str, digest: bytes, signature: bytes, realm: str = ACTUAL) -> bytes:
    """Return the signature followed by the signed bytes, the form in which libsodium verifies. For `are_open`."""
    return signature + d(realm, name) + digest


def are_open(many: Sequence[tuple[bytes, bytes]]) -> list[bool]:
    """Return for each (`signed` bytes, public key) whether the signature is valid, in one loop with little overhead."""
    open_ = sodium.crypto_sign_open
    verdicts = []
    for message, public in many:
        try:
            open_(message, public)
        except (BadSignatureError, ValueError):
            verdicts.append(False)
        else:
            verdicts.append(True)
    return verdicts


def is_signed(name: str, public: bytes, message: bytes, signature: bytes, realm: str = ACTUAL) -> bool:
    """Whether `signature` is valid, for callers that count valid signatures."""
    return is_signed_hash(name, public, hash_(name, message, realm), signature, realm)


def is_signed_hash(name: str, public: bytes, digest: bytes, signature: bytes, realm: str = ACTUAL) -> bool:
    """The same as `is_signed`, for a digest that is already computed."""
    try:
        verify_hash(name, public, digest, signature, realm)
    except CryptoError:
        return False
    return True


def is_valid_point(public: bytes) -> bool:
    """Whether `public` is canonical, in the prime-order group and not of small order."""
    return len(public) == 32 and bool(sodium.crypto_core_ed25519_is_valid_point(public))


def is_equal(a: bytes, b: bytes) -> bool:
    """Compare two byte strings in constant time."""
    return hmac.compare_digest(a, b)


# -- KEM: HPKE base mode with X-Wing (kem 0x647a), the post-quantum hybrid of the suite


class KemKey:
    """A gateway's private KEM key, derived from its 32-byte seed; `public` has 1216 bytes."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        e = hashlib.shake_256(bytes(seed)).digest(96)
        lattice, curve = MLKEM768PrivateKey.from_seed_bytes(e[:64]), X25519PrivateKey.from_private_bytes(e[64:])
        self._private = hpke.MLKEM768X25519PrivateKey(lattice, curve)
        self.public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()

    def unwrap(self, wrap: bytes, info: bytes) -> Secret:
        """Return the wrapped secret (32 bytes). Raises CryptoError if the wrap does not open."""
        try:
            return Secret(SUITE.decrypt(wrap, self._private, info))
        except (InvalidTag, ValueError) as error:
            raise CryptoError from error


class KemPublic:
    """A peer's KEM key: parsed and checked once, then used for every epoch."""

    __slots__ = ("_public", "raw")

    def __init__(self, raw: bytes) -> None:
        """Raises CryptoError if parts of `raw` (1216 bytes) cannot be decoded."""
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC])
            curve = X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:])
            self._public = hpke.MLKEM768X25519PublicKey(lattice, curve)
        except ValueError as error:
            raise CryptoError from error
        self.raw = raw

    def wrap(self, secret: bytes, info: bytes) -> bytes:
        """Return `secret` sealed to this key: enc | ct.

        Raises CryptoError for keys that fail only on use (all-zero X25519).
        """
        try:
            return SUITE.encrypt(bytes(secret), self._public, info)
        except ValueError as error:
            raise CryptoError from error


# -- frames: one derived key for each header, a commitment to every message


def salts(realm: str, secret: bytes, header88: bytes, count: int) -> bytes:
    """Return a 16-byte salt for each message, at least one, so that proving one message reveals none of the others."""
    return hashlib.shake_256(d(realm, "salt") + secret + header88).digest(16 * max(count, 1))


def root(realm: str, salt: bytes, contents: Sequence[bytes]) -> bytes:
    """Return the commitment (32 bytes) to all contents, in order."""
    label = d(realm, "leaf")
    blake = hashlib.blake2b
    leaves = [
        blake(content, digest_size=32, key=salt[16 * i : 16 * i + 16], person=label).digest()
        for i, content in enumerate(contents)
    ]
    return hash_("root", b"".join(leaves), realm)


def leaf(realm: str, salt: bytes, content: bytes) -> bytes:
    """Return one message's leaf, for a proof of one message of a frame."""
    return hashlib.blake2b(content, digest_size=32, key=salt, person=d(realm, "leaf")).digest()


def salted_hash(name: str, salt: bytes, message: bytes) -> bytes:
    """Return the BLAKE2b-256 hash (32 bytes) of `message` under its label, keyed with a salt of at most 64 bytes."""
    return hashlib.blake2b(message, digest_size=32, key=salt, person=d(ACTUAL, name)).digest()


def frame_key(realm: str, secret: bytes, header120: bytes) -> Secret:
    """Return mk, the key that belongs to exactly this header, so that equal keys mean equal content."""
    return Secret(hashlib.blake2b(header120, digest_size=32, key=secret, person=d(realm, "mk")).digest())


def seal(key: bytes, plain: bytes, header: bytes) -> bytes:
    """Encrypt with ChaCha20-Poly1305 of `cryptography`: three times as fast as PyNaCl on 64 KB, and without the GIL."""
    return ChaCha20Poly1305(key).encrypt(_NONCE, plain, header)


def unseal(key: bytes, cipher: bytes, header: bytes) -> bytes:
    """Return the plaintext. Raises CryptoError if the tag does not match."""
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, cipher, header)
    except InvalidTag as error:
        raise CryptoError from error


def message_id(data: bytes) -> str:
    """Return the NATS message id of a whole object including its signature (64 hex characters)."""
    return hashlib.blake2b(data, digest_size=32).hexdigest()
