"""Tokens of a time-stamping authority (RFC 3161) of which any part is what a test says, each rightly signed."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256, SHA512, SHA1 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3", "1.3.14.3.2.26"
SHA3 = "2.16.840.1.101.3.4.2.8"
V1, V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
TST_INFO, SIGNED_DATA, DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
FUNCTIONS = {SHA256: "sha256", SHA512: "sha512", SHA1: "sha1", SHA3: "sha3_256"}
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
NOW = datetime.now(UTC).replace(microsecond=0)
EARLIER = NOW - timedelta(days=9), NOW - timedelta(days=8)


def der(tag: int, *contents: bytes) -> bytes:
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def oid(name: str) -> bytes:
    first, second, *rest = map(int, name.split("."))
    body = b""
    for number in (40 * first + second, *rest):
        part = bytes([number & 127])
        while number := number >> 7:
            part = bytes([0x80 | number & 127]) + part
        body += part
    return der(6, body)


def number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sequence(*contents: bytes) -> bytes:
    return der(0x30, *contents)


def attribute(name: str, *values: bytes) -> bytes:
    return sequence(oid(name), der(0x31, *sorted(values)))


class Kind(NamedTuple):
    """A certificate of a signer: its extended key usages (None: no such extension), and what else there may be."""

    purposes: tuple[x509.ObjectIdentifier, ...] | None = (STAMPING,)
    is_critical: bool = True
    usages: tuple[str, ...] = ("digital_signature",)
    begin: datetime = NOW - timedelta(days=1)
    end: datetime = NOW + timedelta(days=1)


class Forger:
    """A root with a signer, and other signers of the same root."""

    def __init__(self, kind: Kind = Kind()) -> None:  # noqa: B008 - it is a value
        """`kind`: what the signer's certificate is; the root's is valid as long."""
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self._serial = 100
        name = self._name("Root")
        usage, own = self._usage(("key_cert_sign",)), Kind(None, usages=(), begin=kind.begin, end=kind.end)
        self.root = self._certificate(name, name, self.root_key, own, usage, is_ca=True)
        self.signer = self.certificate(kind)

    @property
    def ca(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def certificate(self, kind: Kind = Kind()) -> x509.Certificate:  # noqa: B008 - it is a value
        usage = self._usage(kind.usages) if kind.usages else None
        return self._certificate(self._name("Signer"), self.root.subject, self.key, kind, usage)

    def _certificate(
        self, name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, kind: Kind,
        usage: x509.KeyUsage | None, *, is_ca: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        self._serial += 1
        made = x509.CertificateBuilder(issuer, name, key.public_key(), self._serial, kind.begin, kind.end)
        made = made.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key())
        made = made.add_extension(own, critical=False)
        if usage is not None:
            made = made.add_extension(usage, critical=True)
        if kind.purposes is not None:
            made = made.add_extension(x509.ExtendedKeyUsage(kind.purposes), critical=kind.is_critical)
        return made.sign(self.root_key, hashes.SHA256())

    def _name(self, text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def _usage(self, names: Sequence[str]) -> x509.KeyUsage:
        every = (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        )  # fmt: skip
        return x509.KeyUsage(**{each: each in names for each in every})

    # -- names of certificates in the signed attributes (RFC 5035)

    def named(
        self, certificate: x509.Certificate | None = None, function: str = SHA256, *, digest: bytes | None = None,
        serial: int | None = None, issuer: x509.Name | None = None, has_serial: bool = False, is_v1: bool = False,
    ) -> bytes:  # fmt: skip
        """An ESSCertIDv2, or an ESSCertID; with its issuerSerial if one of its parts or `has_serial` is given."""
        of = certificate or self.signer
        made = digest or hashlib.new(FUNCTIONS[SHA1 if is_v1 else function], of.public_bytes(Encoding.DER)).digest()
        parts = [] if is_v1 or function == SHA256 else [sequence(oid(function))]
        parts.append(der(4, made))
        if has_serial or serial is not None or issuer is not None:
            general = der(0xA4, (issuer or of.issuer).public_bytes())
            parts.append(sequence(sequence(general), number(serial or of.serial_number)))
        return sequence(*parts)

    def v1(self, *names: bytes) -> bytes:
        return attribute(V1, sequence(sequence(*names)))

    def v2(self, *names: bytes) -> bytes:
        return attribute(V2, sequence(sequence(*names)))

    # -- tokens

    def info(self, content: bytes, **changes: Any) -> bytes:
        """A TSTInfo."""
        imprint = sequence(sequence(oid(SHA256), der(5)), der(4, hashlib.sha256(content).digest()))
        at = changes.get("at", NOW).strftime("%Y%m%d%H%M%SZ").encode()
        parts = [number(changes.get("version", 1)), oid("1.2.3.4.1"), imprint, number(7), der(0x18, at)]
        return sequence(*parts, *changes.get("more", ()))

    def token(self, content: bytes, *ess: bytes, **changes: Any) -> bytes:
        """A token; `ess`: the attributes that name its certificate, or the right one of version 2."""
        info = changes.get("info") or self.info(content, **changes)
        digest = changes.get("digest") or hashlib.sha256(info).digest()
        kind = changes.get("kind", TST_INFO)
        attributes = [attribute(MESSAGE_DIGEST, der(4, digest)), *(ess or [self.v2(self.named(changes.get("signer")))])]
        if changes.get("content_type", TST_INFO):
            attributes.append(attribute(CONTENT_TYPE, oid(changes.get("content_type", TST_INFO))))
        attributes = sorted(each for each in attributes if each)
        signature = self.key.sign(der(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
        signer = changes.get("signer", self.signer)
        one = sequence(
            number(1), sequence(signer.issuer.public_bytes(), number(signer.serial_number)), sequence(oid(SHA256)),
            der(0xA0, *attributes), sequence(oid(ECDSA_SHA256)), der(4, signature),
        )  # fmt: skip
        held = changes.get("held", (signer,))
        certificates = der(0xA0, *sorted(each.public_bytes(Encoding.DER) for each in held))
        inner = sequence(oid(kind), der(0xA0, der(4, info)))
        signers = der(0x31, *[one] * changes.get("signers", 1))
        return sequence(
            oid(SIGNED_DATA),
            der(0xA0, sequence(number(3), der(0x31, sequence(oid(SHA256))), inner, certificates, signers)),
        )


class DatedIssuer:
    """An authority whose tokens are of one time (ms), which may be far from now."""

    def __init__(self, at: int) -> None:
        self._at = datetime.fromtimestamp(at / 1000, UTC)
        year = timedelta(days=365)
        self._forger = Forger(Kind(begin=self._at - year, end=self._at + year))

    @property
    def ca(self) -> bytes:
        return self._forger.ca

    def token(self, content: bytes) -> bytes:
        return self._forger.token(content, at=self._at)
