"""Primitives against the text of section 1 and against other code; secrets that never show themselves."""

import hashlib
import pickle
import traceback

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from nacl.signing import SigningKey

from suar.protocol.base import limits
from suar.protocol.base import primitives as p
from support.kit import seed

ORDER = 2**252 + 27742317777372353535851937790883648493


def _label(realm: str, name: str) -> bytes:
    return {"actual": b"suar/1/", "exercise": b"suar/1x/"}[realm] + name.encode()


@pytest.mark.parametrize("realm", ["actual", "exercise"])
@pytest.mark.parametrize("name", ["trust", "keys", "revoke", "kid", "epoch", "einfo", "commit", "frame", "root"])
def test_labels_are_16_bytes_and_differ(realm: str, name: str) -> None:
    label = _label(realm, name).ljust(16, b"\0")
    assert p.d(realm, name) == label
    assert len(label) == 16
    assert p.hash_(name, b"m", realm) == hashlib.blake2b(b"m", digest_size=32, person=label).digest()
    signed = label + p.hash_(name, b"m", realm)
    assert p.sign(name, p.signing_key(seed("k")), b"m", realm) == SigningKey(seed("k")).sign(signed).signature


def test_kids() -> None:
    public = p.public_of(seed("k"))
    assert p.kid(public) == p.hash_("kid", public)[:16]
    assert p.bundle_kid("TH", b"x" * 1216) == p.hash_("kid", b"TH" + b"x" * 1216)[:16]
    assert p.bundle_kid("TH", b"x" * 1216) != p.bundle_kid("VN", b"x" * 1216)


def test_nothing_signed_for_one_purpose_verifies_for_another() -> None:
    public, key = p.public_of(seed("k")), p.signing_key(seed("k"))
    signature = p.sign("keys", key, b"m")
    assert p.is_signed("keys", public, b"m", signature)
    assert not p.is_signed("trust", public, b"m", signature)
    assert not p.is_signed("keys", public, b"m", signature, "exercise")
    assert not p.is_signed("keys", public, b"n", signature)


# -- libsodium's rule of verification


def _signed(message: bytes = b"m") -> tuple[bytes, bytes, bytes]:
    public, digest = p.public_of(seed("k")), p.hash_("keys", message)
    return public, digest, p.sign_hash("keys", p.signing_key(seed("k")), digest)


def test_s_above_the_order_is_refused() -> None:
    public, digest, signature = _signed()
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not p.is_signed_hash("keys", public, digest, signature[:32] + s.to_bytes(32, "little"))


SMALL_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


@pytest.mark.parametrize("public", SMALL_ORDER, ids=[point.hex()[:8] for point in SMALL_ORDER])
def test_a_key_of_small_order_signs_nothing(public: bytes) -> None:
    """With A of small order and S = 0, R = identity fits for some messages: OpenSSL takes it, libsodium does not."""
    forged, taken = b"\x01" + bytes(63), 0
    for n in range(64):
        digest = p.hash_("keys", str(n).encode())
        assert not p.is_signed_hash("keys", public, digest, forged)
        taken += _openssl_accepts(public, p.d("actual", "keys") + digest, forged)
    assert taken or public != SMALL_ORDER[1]
    assert not p.is_valid_point(public)


def _openssl_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except Exception:
        return False
    return True


def test_r_of_small_order_is_refused() -> None:
    """R = identity, S = h a: valid by the equation, and still refused."""
    expanded = hashlib.sha512(seed("k")).digest()[:32]
    a = int.from_bytes(bytes([expanded[0] & 248, *expanded[1:31], (expanded[31] & 127) | 64]), "little")
    public, digest, _ = _signed()
    message, r = p.d("actual", "keys") + digest, b"\x01" + bytes(31)
    h = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little")
    signature = r + (h * a % ORDER).to_bytes(32, "little")
    assert _openssl_accepts(public, message, signature)
    assert not p.is_signed_hash("keys", public, digest, signature)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_signs_nothing(size: int) -> None:
    _, digest, signature = _signed()
    assert not p.is_signed_hash("keys", bytes(size), digest, signature)
    assert not p.is_valid_point(bytes(size))


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_size_is_refused(size: int) -> None:
    public, digest, signature = _signed()
    assert not p.is_signed_hash("keys", public, digest, (signature + b"\0")[:size])


# -- KEM


def test_a_kem_key_grows_from_its_seed_as_x_wing_says() -> None:
    e = hashlib.shake_256(seed("kem")).digest(96)
    lattice = MLKEM768PrivateKey.from_seed_bytes(e[:64]).public_key().public_bytes_raw()
    curve = X25519PrivateKey.from_private_bytes(e[64:]).public_key().public_bytes_raw()
    assert p.KemKey(seed("kem")).public == lattice + curve
    assert len(lattice + curve) == limits.KEM_PUBLIC_BYTES


def test_a_wrap_opens_for_its_key_and_info_alone() -> None:
    key, other = p.KemKey(seed("kem")), p.KemKey(seed("other"))
    wrap = p.KemPublic(key.public).wrap(seed("S"), b"info")
    assert len(wrap) == limits.WRAP_BYTES
    assert key.unwrap(wrap, b"info") == seed("S")
    for by, data, info in ((other, wrap, b"info"), (key, wrap, b"other"), (key, b"", b"")):
        with pytest.raises(p.CryptoError):
            by.unwrap(data, info)


def test_the_suite_is_the_one_of_the_text() -> None:
    """Opened with a suite that is named here again: MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305, no aad."""
    e = hashlib.shake_256(seed("kem")).digest(96)
    private = hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(e[:64]), X25519PrivateKey.from_private_bytes(e[64:])
    )
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    wrap = p.KemPublic(p.KemKey(seed("kem")).public).wrap(seed("S"), b"info")
    assert suite.decrypt(wrap, private, b"info") == seed("S")


# -- secrets


def test_a_secret_never_shows_itself() -> None:
    secret = p.Secret(seed("S"))
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr({"s": secret})]
    try:
        raise ValueError(secret)
    except ValueError:
        shown.append(traceback.format_exc())
    assert not [text for text in shown if secret.hex() in text or repr(bytes(secret)) in text]
    assert isinstance(p.random_seed(), p.Secret)
    assert p.random_seed() != p.random_seed()
    assert isinstance(p.signing_key(secret), p.Secret)
    assert isinstance(p.frame_key("actual", secret, bytes(120)), p.Secret)
    assert pickle.loads(pickle.dumps(secret)) == secret


def test_a_kem_key_never_shows_itself() -> None:
    assert seed("kem").hex() not in repr(p.KemKey(seed("kem")))
    assert not hasattr(p.KemKey(seed("kem")), "__dict__")


# -- limits: the numbers of the text, written again


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTEGER_MAX", 9_007_199_254_740_991),
        ("CLOCK_TOLERANCE", 300_000),
        ("RETENTION", 30 * 86_400_000),
        ("EPOCH_AGE_MAX", 35 * 86_400_000),
        ("TRUST_BYTES", 262_144),
        ("TRUST_SIGNATURES", 32),
        ("TRUST_LIFETIME_MAX", 400 * 86_400_000),
        ("TRUST_LIFETIME", 180 * 86_400_000),
        ("TRUST_GRACE", 30 * 86_400_000),
        ("TRUST_WARNINGS", (0.5, 0.2, 0.05)),
        ("TRUST_AHEAD", 64),
        ("TRUST_SUCCESSOR_SLACK", 600_000),
        ("REVOKE_BYTES", 1_024),
        ("BUNDLE_BYTES", 4_096),
        ("BUNDLE_WINDOW_MAX", 7 * 86_400_000),
        ("BUNDLE_ROTATION", 86_400_000),
        ("SEED_ERASED_AFTER", 31 * 86_400_000),
        ("EPOCH_BYTES_BASE", 4_096),
        ("EPOCH_BYTES_MEMBER", 1_200),
        ("EPOCH_LIFETIME_MAX", 86_400_000),
        ("EPOCH_LIFETIME", 6 * 3_600_000),
        ("EPOCHS_AN_HOUR", 240),
        ("EPOCH_IDLE", 600_000),
        ("WRAP_BYTES", 1_168),
        ("KEM_PUBLIC_BYTES", 1_216),
        ("FRAMES_AN_EPOCH", 65_536),
        ("FRAME_HEADER", 120),
        ("FRAME_BYTES_MIN", 456),
        ("FRAME_BYTES_MAX", 786_432),
        ("FRAME_MESSAGES_MAX", 256),
        ("PAD_BLOCK", 256),
        ("MESSAGE_BYTES_MAX", 524_288),
        ("HEARTBEAT_BYTES_MAX", 65_536),
        ("HEARTBEAT_INTERVAL", 30_000),
        ("WAIT_MAX", 86_400_000),
        ("WAIT_CRITICAL", 900_000),
        ("WAIT_FRAME_BYTES", 16_777_216),
        ("WAIT_OTHER_BYTES", 1_048_576),
        ("QUARANTINE_BYTES", 268_435_456),
        ("QUARANTINE_ROWS", 10_000),
        ("SAMPLES", 64),
    ],
)
def test_limit(name: str, value: object) -> None:
    assert getattr(limits, name) == value
