"""How strong the keys and hash functions must be on which the time of a token rests ([V10]).

Pure. Whoever can factor an authority's key, or find a second text for a signature, can make a token of any time. So the
floor is that of today, whatever time the token states: RSA of 2,048 bits, the curves and hash functions of ETSI TS 119
312, Ed25519. It holds for the signer's key, its digest and signature, and for each certificate that leads to one of
the verifier: its key and its signature. A certificate that the verifier named is not trusted for its signature.
"""

from hashlib import sha256, sha384, sha512
from typing import Final

from suar.protocol.files.tokens.form import Element, Signed, elements, oid, within

RSA_BITS: Final = 2048
"""The smallest RSA modulus that counts. For new keys TS 119 312 recommends 3,000: choose an authority by that."""
FLOOR: Final = f"RSA {RSA_BITS}, ECDSA P-256, Ed25519, SHA-256"
"""The least that counts, for people."""
_EXPONENT: Final = 65_537
SHA2: Final = {
    "2.16.840.1.101.3.4.2.1": sha256,
    "2.16.840.1.101.3.4.2.2": sha384,
    "2.16.840.1.101.3.4.2.3": sha512,
}
_WEAK_HASHES: Final = {
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
}
KEYS_ALONE: Final = ("1.2.840.113549.1.1.1", "1.2.840.10045.2.1")
"""Names of a signature that say only the kind of key (RSA, ECDSA): its hash is that of the digest."""
FUNCTIONS: Final = {
    "1.2.840.113549.1.1.11": sha256, "1.2.840.113549.1.1.12": sha384, "1.2.840.113549.1.1.13": sha512,
    "1.2.840.10045.4.3.2": sha256, "1.2.840.10045.4.3.3": sha384, "1.2.840.10045.4.3.4": sha512,
}  # fmt: skip
_WEAK_FUNCTIONS: Final = {
    "1.2.840.113549.1.1.4": "MD5", "1.2.840.113549.1.1.5": "SHA-1", "1.3.14.3.2.29": "SHA-1",
    "1.2.840.113549.1.1.14": "SHA-224", "1.2.840.10045.4.1": "SHA-1", "1.2.840.10045.4.3.1": "SHA-224",
}  # fmt: skip
_PSS: Final = "1.2.840.113549.1.1.10"
_ED25519: Final = "1.3.101.112"
_RSA: Final = ("1.2.840.113549.1.1.1", _PSS)
_EC: Final = "1.2.840.10045.2.1"
_CURVES: Final = frozenset({
    "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35",  # P-256, P-384, P-521
    "1.3.36.3.3.2.8.1.1.7", "1.3.36.3.3.2.8.1.1.11", "1.3.36.3.3.2.8.1.1.13",  # brainpoolP256r1, P384r1, P512r1
})  # fmt: skip
_WEAK_CURVES: Final = {"1.2.840.10045.3.1.1": "P-192", "1.3.132.0.33": "P-224", "1.3.132.0.10": "secp256k1"}
_WEAK_KEYS: Final = {"1.2.840.10040.4.1": "DSA"}
_NO_FORM: Final = "a key or signature of an unknown form"


def weak_signature(signed: Signed) -> str:
    """Return which function of a token's signer is below the floor, or ""."""
    if signed.digest not in SHA2:
        return _WEAK_HASHES.get(signed.digest, signed.digest)
    if signed.function in (*FUNCTIONS, *KEYS_ALONE, _PSS, _ED25519):  # of PSS, its hash is that of the digest
        return ""
    return _WEAK_FUNCTIONS.get(signed.function, signed.function)


def weak_certificate(certificate: bytes, *, is_named: bool) -> str:
    """Return what of a certificate (DER) is below the floor: its key or, unless the verifier named it, its signature.

    "" for nothing.
    """
    try:
        body, function, _ = within(certificate, elements(certificate, 0, len(certificate))[0])
        return _weak_key(certificate, body) or ("" if is_named else _weak_function(certificate, function))
    except (IndexError, ValueError):
        return _NO_FORM


def _weak_key(data: bytes, body: Element) -> str:
    fields = [each for each in within(data, body) if data[each.at] != 0xA0]  # without the version
    named, bits = within(data, fields[5])  # after serial, signature, issuer, validity and subject
    kind, *values = within(data, named)
    name = oid(data, kind)
    if name in _RSA:
        number, exponent = within(data, elements(data, bits.begin + 1, bits.end)[0])
        length = int.from_bytes(data[number.begin : number.end], "big").bit_length()
        if length < RSA_BITS:
            return f"RSA {length}"
        raised = int.from_bytes(data[exponent.begin : exponent.end], "big")
        return "" if raised >= _EXPONENT and raised % 2 else f"RSA with exponent {raised}"
    if name == _EC:
        curve = oid(data, values[0])
        return "" if curve in _CURVES else _WEAK_CURVES.get(curve, curve)
    return "" if name == _ED25519 else _WEAK_KEYS.get(name, name)


def _weak_function(data: bytes, function: Element) -> str:
    kind, *values = within(data, function)
    name = oid(data, kind)
    if name == _PSS:
        return _weak_pss(data, values[0])
    return "" if name in FUNCTIONS or name == _ED25519 else _WEAK_FUNCTIONS.get(name, name)


def _weak_pss(data: bytes, parameters: Element) -> str:
    """Return the hash of RSASSA-PSS if it is below the floor; it is SHA-1 where none is named (RFC 4055)."""
    named = next((each for each in within(data, parameters) if data[each.at] == 0xA0), None)
    if named is None:
        return "SHA-1"
    name = oid(data, within(data, within(data, named)[0])[0])
    return "" if name in SHA2 else _WEAK_HASHES.get(name, name)
