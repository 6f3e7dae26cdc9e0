"""Whether what a token's signer signed names the certificate that verifies it (RFC 3161, 2.4.2; RFC 5035, RFC 5816).

Pure. Without such a name the same signature holds under every certificate of its key, whoever issued it and for
whatever time and use.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from suar.protocol.files.tokens.form import Element, certificates_of, elements, oid, signed_of, within

_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_BY_SHA1: Final = "1.2.840.113549.1.9.16.2.12"  # signing-certificate: each ESSCertID has a hash of SHA-1
_BY_ANY: Final = "1.2.840.113549.1.9.16.2.47"  # signing-certificate v2: SHA-256, or the function that is named
_ALTERNATIVE_NAMES: Final = "2.5.29.17"
_SEQUENCE, _DIRECTORY_NAME, _TSA, _EXTENSIONS = 0x30, 0xA4, 0xA0, 0xA3
_HASHES: Final = {
    "1.3.14.3.2.26": hashlib.sha1,
    "2.16.840.1.101.3.4.2.1": hashlib.sha256,
    "2.16.840.1.101.3.4.2.2": hashlib.sha384,
    "2.16.840.1.101.3.4.2.3": hashlib.sha512,
    "2.16.840.1.101.3.4.2.4": hashlib.sha224,
    "2.16.840.1.101.3.4.2.8": hashlib.sha3_256,
    "2.16.840.1.101.3.4.2.9": hashlib.sha3_384,
    "2.16.840.1.101.3.4.2.10": hashlib.sha3_512,
}
_Name = tuple[tuple[str, bytes], ...]


class _Certificate(NamedTuple):
    """A certificate (DER) with its names; `others`: the subject's alternative names, each as it stands there."""

    data: bytes
    serial: bytes
    issuer: _Name
    subject: _Name
    issuer_and_serial: bytes
    others: tuple[bytes, ...]


class _Named(NamedTuple):
    """The name of a certificate in the signed attributes: its hash and, if it is stated, issuer and serial number."""

    function: str
    digest: bytes
    issuer: _Name | None
    serial: bytes

    def is_of(self, certificate: _Certificate) -> bool:
        function = _HASHES.get(self.function)
        if function is None or function(certificate.data).digest() != self.digest:
            return False
        return self.issuer is None or (self.issuer, self.serial) == (certificate.issuer, certificate.serial)


def names_its_signer(token: bytes, roots: Iterable[bytes] = ()) -> bool | None:
    """Whether the signed attributes are those of a time stamp, and name the signer's certificate first.

    `roots`: certificates (DER) of the verifier; with them each further certificate that is named must stand above the
    signer's. An authority that the statement names must be the certificate's subject. None without a certificate in the
    token that the signer refers to.
    """
    try:
        signed = signed_of(token)
        held = [_certificate(each) for each in {*certificates_of(token), *roots}]
        signers = [each for each in held if each.issuer_and_serial == signed.issuer_and_serial]
    except (IndexError, ValueError):
        return None
    if not signers:
        return None
    try:
        attributes = _values(signed.attributes)
        (kind,) = attributes[_CONTENT_TYPE]
        if oid(signed.attributes, kind) != _TST_INFO or len(signers) != 1:
            return False
        above = _above(signers[0], held)
        for first, *further in _names(signed.attributes, attributes):
            are_above = not roots or all(any(name.is_of(each) for each in above) for name in further)
            if not first.is_of(signers[0]) or not are_above:
                return False
        return _is_authority(signed.info, signers[0])
    except (IndexError, KeyError, ValueError):
        return False


def _names(data: bytes, attributes: dict[str, list[Element]]) -> Iterator[list[_Named]]:
    """Yield the certificates that each of the two attributes names. Raises ValueError if neither is there."""
    found = [(name, attributes[name]) for name in (_BY_SHA1, _BY_ANY) if name in attributes]
    if not found:
        raise ValueError("no certificate is named")
    for name, values in found:
        (value,) = values
        yield [_named(data, each, is_sha1=name == _BY_SHA1) for each in within(data, within(data, value)[0])]


def _named(data: bytes, element: Element, *, is_sha1: bool) -> _Named:
    parts = within(data, element)
    function = "1.3.14.3.2.26" if is_sha1 else "2.16.840.1.101.3.4.2.1"
    if not is_sha1 and data[parts[0].at] == _SEQUENCE:
        function = oid(data, within(data, parts.pop(0))[0])
    digest = data[parts[0].begin : parts[0].end]
    if len(parts) == 1:
        return _Named(function, digest, None, b"")
    names, serial = within(data, parts[1])
    (general,) = within(data, names)
    if data[general.at] != _DIRECTORY_NAME:
        raise ValueError("no name of an issuer")
    return _Named(function, digest, _name(data, within(data, general)[0]), data[serial.begin : serial.end])


def _values(data: bytes) -> dict[str, list[Element]]:
    """Return the values of each attribute. Raises ValueError where one stands twice."""
    found = {}
    for each in within(data, Element(0, 0, len(data))):
        kind, values = within(data, each)
        if oid(data, kind) in found:
            raise ValueError("an attribute stands twice")
        found[oid(data, kind)] = within(data, values)
    return found


def _is_authority(info: bytes, certificate: _Certificate) -> bool:
    """Whether the authority that a TSTInfo names, if any, is the subject of the certificate."""
    fields = within(info, elements(info, 0, len(info))[0])[5:]
    for each in fields:
        if info[each.at] == _TSA:
            (general,) = within(info, each)
            if info[general.at] != _DIRECTORY_NAME:
                return info[general.at : general.end] in certificate.others
            return _name(info, within(info, general)[0]) == certificate.subject
    return True


def _above(certificate: _Certificate, held: list[_Certificate]) -> list[_Certificate]:
    """Return the certificates whose subject issued this one, or one of these."""
    found: list[_Certificate] = []
    issuers = {certificate.issuer}
    while new := [each for each in held if each.subject in issuers and each not in found]:
        found += new
        issuers |= {each.issuer for each in new}
    return found


def _certificate(data: bytes) -> _Certificate:
    """Return a certificate's names. Raises as `elements`."""
    body = within(data, elements(data, 0, len(data))[0])[0]
    fields = within(data, body)
    serial, _, issuer, _, subject, *_ = (each for each in fields if data[each.at] != 0xA0)
    pair = data[issuer.at : issuer.end] + data[serial.at : serial.end]
    return _Certificate(
        data, data[serial.begin : serial.end], _name(data, issuer), _name(data, subject), pair,
        tuple(_alternatives(data, fields)),
    )  # fmt: skip


def _alternatives(data: bytes, fields: list[Element]) -> Iterator[bytes]:
    for each in (each for each in fields if data[each.at] == _EXTENSIONS):
        for extension in within(data, within(data, each)[0]):
            kind, *_, value = within(data, extension)
            if oid(data, kind) == _ALTERNATIVE_NAMES:
                for name in within(data, elements(data, value.begin, value.end)[0]):
                    yield data[name.at : name.end]


def _name(data: bytes, element: Element) -> _Name:
    """Return a name in the form in which two are compared: without the kinds of its strings, in lower case."""
    found = []
    for of in within(data, element):
        for each in within(data, of):
            kind, value = within(data, each)
            found.append((oid(data, kind), b" ".join(data[value.begin : value.end].lower().split())))
    return tuple(found)
