"""The bytes of a token (RFC 3161) and of its certificates: DER, read as far as the protocol needs it.

Pure. Every function takes bytes that anybody may have made.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_GRANTED: Final = bytes.fromhex("3003020100")  # PKIStatusInfo: granted
_SEQUENCE: Final = b"\x30"
_CERTIFICATES: Final = 0xA0  # [0] of a SignedData, and the signed attributes of a SignerInfo
_OID: Final = 6
_LONG: Final = 0x80  # first byte of a long length: this plus the number of bytes that follow


class Element(NamedTuple):
    """An element of DER: the offsets of its tag, of its content, and of its end."""

    at: int
    begin: int
    end: int


class Signed(NamedTuple):
    """What the one signer of a token signed: the names (dotted) of its hash and signature functions, and the bytes.

    `info`: the statement with the time; `attributes`: the set of signed attributes in the order of the token.
    """

    digest: str
    function: str
    info: bytes
    attributes: bytes
    signature: bytes
    issuer_and_serial: bytes


def decode_token(token: bytes) -> "TimeStampResponse":
    """Return a decoded token. Raises ValueError for invalid bytes."""
    return read_reply(response_of(token))


def read_reply(data: bytes) -> "TimeStampResponse":
    """Return an authority's decoded answer (TimeStampResp); the certificates of its token may be in any order.

    Raises ValueError.
    """
    from rfc3161_client import decode_timestamp_response

    try:
        _, token = within(data, elements(data, 0, len(data))[0])  # after the status
    except IndexError:
        raise ValueError("no answer") from None
    return decode_timestamp_response(data[: token.at] + in_order(data[token.at : token.end]) + data[token.end :])


def in_order(token: bytes, is_kept: Callable[[bytes], bool] = bool) -> bytes:
    """Return the token with its certificates in DER order, which the decoder requires, without those not to be kept.

    RFC 5652 lets a SignedData be BER, so an authority may write them in any order, and no signature covers them. Bytes
    of any other form are returned unchanged.
    """
    try:
        held = _certificates(token)
        kept = sorted(each for each in _contents(token, held) if is_kept(each))
    except (IndexError, StopIteration, ValueError):
        return token
    body = b"".join(kept)
    if len(body) == held.end - held.begin:
        return token[: held.begin] + body + token[held.end :]
    return _rebuilt(token, body)


def certificates_of(token: bytes) -> list[bytes]:
    """Return the certificates (DER) that stand in a token, in its order; none for bytes of another form."""
    try:
        return list(_contents(token, _certificates(token)))
    except (IndexError, StopIteration, ValueError):
        return []


def signed_of(token: bytes) -> Signed:
    """Return what the token's signer signed. Raises IndexError or ValueError for another form or number of signers."""
    fields = _signed_data(token)
    inner = within(token, within(token, fields[2])[1])[0]  # of the encapContentInfo: [0], in it the OCTET STRING
    (signer,) = within(token, fields[-1])
    _, named, digest, attributes, function, signature, *_ = within(token, signer)
    if token[attributes.at] != _CERTIFICATES:
        raise ValueError("no signed attributes")
    return Signed(
        oid(token, within(token, digest)[0]), oid(token, within(token, function)[0]), token[inner.begin : inner.end],
        token[attributes.begin : attributes.end], token[signature.begin : signature.end],
        token[named.begin : named.end],
    )  # fmt: skip


def oid(data: bytes, element: Element) -> str:
    """Return an object identifier with dots. Raises IndexError or ValueError for any other element."""
    content = data[element.begin : element.end]
    if data[element.at] != _OID or not content or content[-1] >= _LONG:
        raise ValueError("no object identifier")
    numbers, number = [], 0
    for byte in content:
        number = number * 128 + byte % _LONG
        if byte < _LONG:
            numbers.append(number)
            number = 0
    first = min(2, numbers[0] // 40)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def within(data: bytes, outer: Element) -> list[Element]:
    """Return the elements in an element. Raises as `elements`."""
    return elements(data, outer.begin, outer.end)


def elements(data: bytes, at: int, end: int) -> list[Element]:
    """Return the elements between two offsets. Raises IndexError or ValueError if the bytes are not DER."""
    found = []
    while at < end:
        begin, length = at + 2, data[at + 1]
        if length >= _LONG:
            width = length - _LONG
            begin, length = begin + width, int.from_bytes(data[begin : begin + width], "big")
        if begin + length > end or data[at + 1] == _LONG:
            raise ValueError("no DER")
        found.append(Element(at, begin, begin + length))
        at = begin + length
    return found


def response_of(token: bytes) -> bytes:
    """Return a TimeStampResp (RFC 3161, 2.4.2) with status granted, around a token that was stored without it."""
    return _wrapped(_SEQUENCE, _GRANTED + token)


def _signed_data(token: bytes) -> list[Element]:
    info = within(token, elements(token, 0, len(token))[0])  # ContentInfo: its type, the content
    return within(token, within(token, info[1])[0])


def _certificates(token: bytes) -> Element:
    return next(each for each in _signed_data(token) if token[each.at] == _CERTIFICATES)


def _contents(token: bytes, held: Element) -> Iterator[bytes]:
    return (token[each.at : each.end] for each in within(token, held))


def _rebuilt(token: bytes, certificates: bytes) -> bytes:
    """Return the token with these certificates in place of its own."""
    kind = within(token, elements(token, 0, len(token))[0])[0]
    parts = [
        _wrapped(b"\xa0", certificates) if token[each.at] == _CERTIFICATES else token[each.at : each.end]
        for each in _signed_data(token)
    ]
    return _wrapped(_SEQUENCE, token[kind.at : kind.end] + _wrapped(b"\xa0", _wrapped(_SEQUENCE, b"".join(parts))))


def _wrapped(tag: bytes, body: bytes) -> bytes:
    if len(body) < _LONG:
        return tag + bytes([len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return tag + bytes([_LONG | len(length)]) + length + body
