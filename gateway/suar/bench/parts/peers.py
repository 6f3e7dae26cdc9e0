"""Other formats to seal 1 KB for ten recipients: age (pyrage), JOSE (joserfc), CMS (cryptography's pkcs7).

They wrap a key for every recipient in every message, and none of them signs here, although suar's frame is signed; the
least work of each is compared. Libraries of `requirements/bench.txt` that are not installed are left out by name.
"""

import datetime
import importlib
from collections.abc import Callable
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import pkcs7

RECIPIENTS: Final = 10
HOW_TO_INSTALL: Final = "pip install -r requirements/bench.txt"
Seal = Callable[[bytes], object]


def peers() -> dict[str, Seal | None]:
    """Return name -> a function that seals one message for ten recipients; None if the library is not installed."""
    makers = {"age, X25519": _age, "JWE, ECDH-ES+A256KW X25519, A256GCM": _jose, "CMS, RSA-2048, AES-256": _cms}
    found: dict[str, Seal | None] = {}
    for name, maker in makers.items():
        try:
            found[name] = maker()
        except ImportError:
            found[name] = None
    return found


def _age() -> Seal:
    age: Any = importlib.import_module("pyrage")
    to = [age.x25519.Identity.generate().to_public() for _ in range(RECIPIENTS)]
    return lambda message: age.encrypt(message, to)


def _jose() -> Seal:
    jwe: Any = importlib.import_module("joserfc.jwe")
    jwk: Any = importlib.import_module("joserfc.jwk")
    keys = [jwk.OKPKey.generate_key("X25519") for _ in range(RECIPIENTS)]
    allowed = ["ECDH-ES+A256KW", "A256GCM"]

    def seal(message: bytes) -> object:
        sealing = jwe.GeneralJSONEncryption({"enc": "A256GCM"}, message)
        for key in keys:
            sealing.add_recipient({"alg": "ECDH-ES+A256KW"}, key)
        return jwe.encrypt_json(sealing, None, algorithms=allowed)

    return seal


def _cms() -> Seal:
    certificates = [_certificate(number) for number in range(RECIPIENTS)]

    def seal(message: bytes) -> object:
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(message).set_content_encryption_algorithm(algorithms.AES256)
        for certificate in certificates:
            builder = builder.add_recipient(certificate)
        return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])

    return seal


def _certificate(number: int) -> x509.Certificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"recipient {number}")])
    begin = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(number + 1).not_valid_before(begin)
    return builder.not_valid_after(begin + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
