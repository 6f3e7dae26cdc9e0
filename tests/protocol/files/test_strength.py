"""A token gives a time only by keys and functions that nobody can forge with today, whatever time it states ([V10])."""

from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from protocol.files.test_evidence_standing import case, judged, newest, stamped, with_
from protocol.files.test_second_reader import read_by_second, step
from suar.protocol.files.stamps import FRAME, Authority, judge_unnamed
from suar.protocol.files.standing import Supplied
from suar.protocol.files.tokens.form import certificates_of, in_order
from suar.protocol.files.tokens.strength import weak_certificate
from support.authority import P256, Making
from support.authority import Authority as Issuer
from support.executables import NODE, require

TEXT = b"a manifest"


def curve(name: str) -> tuple[str, ...]:
    return ("ec", "-pkeyopt", f"ec_paramgen_curve:{name}")


TOO_WEAK = {
    "a key of 512 bits": (Making(signer=("rsa:512",)), "RSA 512"),
    "a key of 1024 bits": (Making(signer=("rsa:1024",)), "RSA 1024"),
    "a small curve": (Making(signer=curve("P-224")), "P-224"),
    "a curve of another kind": (Making(signer=curve("secp256k1")), "secp256k1"),
    "the signer's certificate signed with SHA-1": (Making(certificate_hash="sha1"), "SHA-1"),
    "the signer's certificate signed with MD5": (Making(root=("rsa:2048",), certificate_hash="md5"), "MD5"),
    "a digest of SHA-1": (Making(digest="sha1"), "SHA-1"),
    "a digest of MD5": (Making(signer=("rsa:2048",), digest="md5"), "MD5"),
    "the root's key": (Making(root=("rsa:1024",)), "RSA 1024"),
}
STRONG = {
    "P-256": Making(),
    "RSA of 2048 bits": Making(root=("rsa:2048",), signer=("rsa:2048",)),
    "SHA-512": Making(root=curve("P-384"), signer=curve("P-521"), certificate_hash="sha384", digest="sha512"),
    "a curve of Brainpool": Making(signer=curve("brainpoolP256r1")),
    "a root signed by itself with SHA-1": Making(root=("rsa:2048",), root_hash="sha1"),
}


@pytest.fixture(autouse=True)
def node() -> None:
    require(NODE, "nodejs")


@cache
def issuer(making: Making = Making()) -> Issuer:  # noqa: B008 - it is a value
    return Issuer(Path(mkdtemp()) / "tsa", making=making)


def file_of(making: Making) -> tuple[bytes, bytes]:
    """A file whose frame is stamped by such an authority, and what a verifier names of it."""
    ours = issuer(making)
    return with_(stamps=tuple(stamped(ours, (FRAME, case().name)))), ours.ca


@pytest.mark.parametrize("name", TOO_WEAK)
def test_a_token_that_rests_on_something_weak_gives_no_time(tmp_path: Path, name: str) -> None:
    """Before, `verify` said "time proved": a key of 512 bits can be factored, and its token then be of any time."""
    making, weak = TOO_WEAK[name]
    file, ca = file_of(making)
    authority = Authority(ca)
    judgement = authority.judge(issuer(making).token(TEXT), TEXT)
    assert (judgement.moment, judgement.why, judgement.weak) == (None, "weak", weak)
    assert judged(file, Supplied(authority=authority)).moment is None
    answer = read_by_second(tmp_path, file, ca=ca)
    assert (answer["time"], answer["whys"]) == (None, ["weak"])


@pytest.mark.parametrize("name", STRONG)
def test_a_token_of_the_floor_and_above_gives_its_time(tmp_path: Path, name: str) -> None:
    file, ca = file_of(STRONG[name])
    moment = judged(file, Supplied(authority=Authority(ca))).moment
    assert moment is not None
    answer = read_by_second(tmp_path, file, ca=ca)
    assert (answer["time"], answer["whys"]) == (moment.latest, [])


def test_a_weak_token_does_not_make_a_message_older_than_a_revocation(tmp_path: Path) -> None:
    """What the attack is for: a message of a stolen key, dated before the revocation."""
    making = TOO_WEAK["a key of 512 bits"][0]
    file, ca = file_of(making)
    supplied = Supplied((newest(2**42),), (), authority=Authority(ca))
    assert step(file, supplied) == "V8"
    assert read_by_second(tmp_path, file, supplied, ca).get("refused") == "V8"


def test_a_weak_certificate_beside_a_sound_chain_changes_nothing() -> None:
    """The verifier's file names a weak authority as well, and the token has a certificate that leads nowhere."""
    ours, weak = issuer(), issuer(TOO_WEAK["the root's key"][0])
    token = ours.token(TEXT)
    both = Authority(weak.ca + ours.ca)
    assert both.judge(token, TEXT).moment is not None
    assert both.judge(weak.token(TEXT), TEXT).weak == "RSA 1024"
    assert in_order(token) == token
    (signer,) = certificates_of(token)
    assert certificates_of(in_order(token, lambda each: each != signer)) == []


@pytest.mark.parametrize(
    ("making", "function", "weak"),
    [
        (Making(), "sha256", ""), (Making(root=("rsa:1024",)), "sha256", "RSA 1024"),
        (Making(root=("rsa:2048",)), "sha1", "SHA-1"),
    ],
    ids=["sound", "key", "signature"],
)  # fmt: skip
def test_each_certificate_between_the_signer_and_the_verifier_s_counts(
    tmp_path: Path, making: Making, function: str, weak: str
) -> None:
    """The verifier names a sound root; the authority below it has a certificate of that root."""
    root, below = Issuer(tmp_path / "root", "Root", Making(root=("rsa:2048",))), Issuer(tmp_path / "b", "Below", making)
    below.certified_by(root, function)
    judgement = Authority(root.ca).judge(below.token(TEXT), TEXT)
    assert (judgement.moment is None, judgement.weak) == (bool(weak), weak)
    answer = read_by_second(tmp_path, with_(stamps=tuple(stamped(below, (FRAME, case().name)))), ca=root.ca)
    assert (answer["time"] is None, answer["whys"]) == (bool(weak), ["weak"] if weak else [])


RSA = partial(rsa.generate_private_key, 65_537)
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


@pytest.mark.parametrize(
    ("key", "function", "padded", "weak"),
    [
        (partial(RSA, 2048), hashes.SHA256(), None, ""), (partial(RSA, 2048), hashes.SHA256(), PSS, ""),
        (partial(RSA, 2047), hashes.SHA256(), None, "RSA 2047"), (partial(RSA, 2048), hashes.SHA224(), None, "SHA-224"),
        (partial(RSA, 2048), hashes.SHA224(), PSS, "SHA-224"),
        (partial(rsa.generate_private_key, 3, 2048), hashes.SHA256(), None, "RSA with exponent 3"),
        (ed25519.Ed25519PrivateKey.generate, None, None, ""),
        (ed448.Ed448PrivateKey.generate, None, None, "1.3.101.113"),
        (partial(ec.generate_private_key, ec.SECP256R1()), hashes.SHA3_256(), None, "2.16.840.1.101.3.4.3.10"),
    ],
    ids=["RSA", "PSS", "2047", "224", "PSS of 224", "exponent", "Ed25519", "Ed448", "SHA-3"],
)  # fmt: skip
def test_what_is_weak_in_a_certificate(key: Any, function: Any, padded: Any, weak: str) -> None:
    """What is not known as strong is weak: the list of what counts is closed."""
    name, made = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]), key()
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    to_sign = x509.CertificateBuilder(name, name, made.public_key(), 1, begin, end)
    data = to_sign.sign(made, function, rsa_padding=padded).public_bytes(Encoding.DER)
    assert weak_certificate(data, is_named=False) == weak
    is_key = weak.startswith(("RSA", "1.3.101"))
    assert weak_certificate(data, is_named=True) == (weak if is_key else "")
    assert weak_certificate(data[:-1], is_named=True) == "a key or signature of an unknown form"


@pytest.mark.parametrize("signer", [P256, ("rsa:2048",)], ids=["ECDSA", "RSA"])
def test_a_token_whose_signature_was_altered_is_named_as_broken(signer: tuple[str, ...]) -> None:
    """Before, it was "of no authority that you named" also where its authority was named."""
    ours = issuer(Making(signer=signer))
    token = ours.token(TEXT)
    altered = token[:-3] + bytes([token[-3] ^ 1]) + token[-2:]
    for judge in (Authority(ours.ca).judge, Authority(issuer(STRONG["SHA-512"]).ca).judge, judge_unnamed):
        assert judge(altered, TEXT).why == "broken"
        assert judge(token, b"another").why == "other"
    assert Authority(issuer(STRONG["SHA-512"]).ca).judge(token, TEXT).why == "unknown"
    assert judge_unnamed(token, TEXT).why == "unknown"
