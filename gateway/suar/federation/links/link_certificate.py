"""Certificates of the leaf links: a request made on the machine with the key, and a certificate made by the authority.

A private key never leaves the machine that made it. The authority decides the content of a certificate: it uses the
public key of a request, and compares its name. A member's certificate is for clients only and the hub's for servers
only, so none is valid for the other side.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from suar.files import read
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault

DAYS: Final = 400
PEM_BYTES_MAX: Final = 64 * 1024
HUB: Final = "hub"
SIGNED: Final = "certificates"
"""The folder beside a plan with the certificate that was last signed for each member."""
_EARLIER: Final = timedelta(hours=1)  # for clocks that differ


class LinkRequest:
    """A request that its own key has signed: the requested name, and the key."""

    def __init__(self, data: bytes) -> None:
        try:
            request = x509.load_pem_x509_csr(_bounded(data))
            is_signed = request.is_signature_valid
            names = _common_names(request.subject)
            key = request.public_key()
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            raise Fault("this is no certificate request in PEM", "ask for the file again") from None
        if not is_signed:
            raise Fault("the request is not signed by the key in it", "ask for the file again, over another way")
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise Fault(
                "the key of the request is none on the curve P-256", "make it with `suar federation tls request`"
            )
        if len(names) != 1:
            raise Fault("the request has no single name", "make it with `suar federation tls request`")
        self.name, self.key = names[0], key

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the public key, to be compared by telephone."""
        return _fingerprint(self.key)


class LinkAuthority:
    """The authority that signs the leaf links' certificates; Fault when certificate and key are unsuitable."""

    def __init__(self, certificate: bytes, key: bytes, password: bytes | None = None) -> None:
        self.certificate = _certificate(certificate)
        try:
            made = serialization.load_pem_private_key(_bounded(key), password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Fault(
                "the authority's key cannot be read", "name its key in PEM, and its passphrase if it has one"
            ) from None
        if not isinstance(made, ec.EllipticCurvePrivateKey):
            raise Fault(
                "the authority's key is not on an elliptic curve", "found an authority as deploy/nats/README.md says"
            )
        if _fingerprint(made.public_key()) != _fingerprint(self.certificate.public_key()):
            raise Fault(
                "the authority's certificate and key do not belong together", "name the two files of one authority"
            )
        if not _is_authority(self.certificate):
            raise Fault("that certificate is no authority's", "name the file that `ca_file` of the plan names")
        self._key = made

    def sign(self, request: LinkRequest, name: str, hosts: tuple[str, ...], now: int, days: int = DAYS) -> bytes:
        """Return a certificate (PEM) for `name`: of the hub with the hosts that members dial, of a member without any.

        It ends with the authority's own at the latest. Raises Fault if the request is for another name.
        """
        if request.name != name:
            raise Fault("the request asks for another name than the one given", "who sent it? ask for theirs again")
        begin = datetime.fromtimestamp(now / limits.SECOND, UTC).replace(microsecond=0)
        end = min(begin + timedelta(days=days), self.certificate.not_valid_after_utc)
        if end <= begin:
            raise Fault("the authority's certificate has expired", "found a new authority, and give it to every member")
        usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(self.certificate.subject)
            .public_key(request.key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(max(begin - _EARLIER, self.certificate.not_valid_before_utc))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_SIGNS_ONLY, critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if hosts:
            made = made.add_extension(x509.SubjectAlternativeName([_host(each) for each in hosts]), critical=False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def make_request(name: str) -> tuple[bytes, bytes]:
    """Return a new key and the request for its certificate, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(_name(name)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, request.public_bytes(serialization.Encoding.PEM)


def expiry_of(certificate: bytes) -> int:
    """Return when the certificate (PEM; the first one of several) ends, in ms."""
    return int(_certificate(certificate).not_valid_after_utc.timestamp() * limits.SECOND)


def signed_path(plan_file: Path, name: str) -> Path:
    """Return where `suar federation tls sign --plan` keeps the certificate that it made for the member `name`."""
    return plan_file.parent / SIGNED / f"{name}.crt"


def signed_end(plan_file: Path, name: str) -> int | None:
    """Return when the certificate last signed for `name` ends, in ms; None where none is kept that is for that name."""
    try:
        kept = _certificate(read(signed_path(plan_file, name), "the certificate"))
    except Fault:
        return None
    return int(kept.not_valid_after_utc.timestamp() * limits.SECOND) if _common_names(kept.subject) == [name] else None


def days_left(end: int, now: int) -> int:
    """Return the whole days from `now` to `end` (ms), rounded down."""
    return (end - now) // limits.DAY


_SIGNS_ONLY: Final = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def _common_names(subject: x509.Name) -> list[str]:
    return [str(each.value) for each in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text.strip("[]")))
    except ValueError:
        return x509.DNSName(text)


def _certificate(data: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_bounded(data))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Fault("this is no certificate in PEM", "name the certificate's file") from None


def _bounded(data: bytes) -> bytes:
    if len(data) > PEM_BYTES_MAX:
        raise ValueError(f"more than {PEM_BYTES_MAX} bytes")
    return data


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False


def _fingerprint(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return b""
    data = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()
