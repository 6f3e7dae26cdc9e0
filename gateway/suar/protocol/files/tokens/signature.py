"""Whether the signature of a token is that of the certificate in it, without any authority ([A3]).

Pure. The one module that verifies a signature of RSA or ECDSA itself, by the key of a certificate: the library that
verifies tokens reaches the signature only after the certificates have led to one that is named.
"""

from typing import Final

from suar.protocol.files.tokens.form import Element, certificates_of, elements, oid, signed_of, within
from suar.protocol.files.tokens.strength import FUNCTIONS, KEYS_ALONE, SHA2, weak_certificate

_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"


def is_broken(token: bytes) -> bool:
    """Whether a token's signature, or the digest that it covers, is not that of the certificate in the token.

    No authority is needed. False also where this cannot be judged: without that certificate, with a key or hash below
    the floor, or with a function that is not RSA (PKCS #1 1.5) or ECDSA.
    """
    try:
        signed = signed_of(token)
        certificate = next(each for each in certificates_of(token) if signed.issuer_and_serial == _name_of(each))
        attributes = within(signed.attributes, Element(0, 0, len(signed.attributes)))
        stated = _value_of(signed.attributes, attributes, _MESSAGE_DIGEST)
    except (IndexError, StopIteration, ValueError):
        return False
    digest = SHA2.get(signed.digest)
    function = FUNCTIONS.get(signed.function, digest if signed.function in KEYS_ALONE else None)
    if digest is None or function is not digest or weak_certificate(certificate, is_named=True):
        return False
    if digest(signed.info).digest() != stated:
        return True
    ordered = sorted(signed.attributes[each.at : each.end] for each in attributes)  # DER, if they are not written so
    covered = {_set(signed.attributes), _set(b"".join(ordered))}
    return all(_is_by(certificate, digest().name, each, signed.signature) is False for each in covered)


def _name_of(certificate: bytes) -> bytes:
    """Return the issuer and the serial number of a certificate, as a token names its signer. Raises as `elements`."""
    body = within(certificate, elements(certificate, 0, len(certificate))[0])[0]
    serial, _, issuer, *_ = (each for each in within(certificate, body) if certificate[each.at] != 0xA0)
    return certificate[issuer.at : issuer.end] + certificate[serial.at : serial.end]


def _value_of(data: bytes, attributes: list[Element], name: str) -> bytes:
    for each in attributes:
        kind, values = within(data, each)
        if oid(data, kind) == name:
            (value,) = within(data, values)
            return data[value.begin : value.end]
    raise ValueError("no such attribute")


def _set(content: bytes) -> bytes:
    """Return the signed attributes as the signature covers them: a SET OF."""
    length = len(content)
    if length < 0x80:
        return bytes([0x31, length]) + content
    width = (length.bit_length() + 7) // 8
    return bytes([0x31, 0x80 | width]) + length.to_bytes(width, "big") + content


def _is_by(certificate: bytes, name: str, data: bytes, signature: bytes) -> bool | None:
    """Whether the key of the certificate (DER) made the signature over `data`, with the hash function of that name.

    None for another kind of key.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    functions: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    function = functions[name]
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), function)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(function))
        else:
            return None
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm):
        return None
    return True
