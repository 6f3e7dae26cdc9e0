"""A member's request: its code, name and public keys, signed by the identity key that it names.

The self-signature detects a change in transit; it does not prove who made the request. For a first key the key holders
compare the fingerprint by telephone; another key of a member is endorsed by one that is in the list.

The file is JSON in exactly one form (`write_request`), so that two readers never read different texts.
"""

import base64
from typing import Annotated, Final, Literal

import msgspec

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Signer, is_signed, is_valid_point, kid, sign, signing_key
from suar.protocol.base.wire import UNREADABLE, Code, UInt

REQUEST_BYTES_MAX = 16 * 1024
_AGAIN = "ask the member for the file again, over another way"

Hex32 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", min_length=64, max_length=64)]
Nkey = Annotated[str, msgspec.Meta(pattern="^U[A-Z2-7]{55}$", min_length=56, max_length=56)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", min_length=1, max_length=120)]
FederationName = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=64)]
# values for the hub's plan, in which a line end or a quotation mark would begin another entry
ServerName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}\Z")]
Role = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}\Z")]
FileName = Annotated[str, msgspec.Meta(pattern=r'^[^"\\\x00-\x1f\x7f]+\Z', max_length=255)]


class IdentityWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identity key (hex) and its validity period (ms)."""

    public: Hex32
    not_before: UInt
    not_after: UInt


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the leaf link's files in the NATS plan, until the operator sets others."""

    cert_file: FileName = "leaf.crt"
    key_file: FileName = "leaf.key"
    ca_file: FileName = "leaf-ca.crt"


class Nats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The member's part of the NATS plan: its server's name, public nkeys of its users, TLS files."""

    server_name: ServerName
    nkeys: dict[Role, Nkey]
    tls: Tls = Tls()


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signed content; `federation` is empty if the member did not know its name yet."""

    member: Code
    name: Name
    federation: FederationName
    identity: IdentityWindow
    nats: Nats

    @property
    def public(self) -> bytes:
        """The identity key."""
        return bytes.fromhex(self.identity.public)

    @property
    def kid(self) -> bytes:
        """The identity key's name, which is compared by telephone."""
        return kid(self.public)


class Endorsement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An earlier identity key's signature on the same body: kid (hex), signature (base64)."""

    kid: str
    signature: str


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"format_": "format"}):
    """The whole file."""

    format_: Literal["suar-request/1"]
    request: Body
    signature: str
    endorsement: Endorsement | None = None

    def is_endorsed_by(self, public: bytes) -> bool:
        """Whether the member's earlier key `public` signed this body."""
        mark = self.endorsement
        if mark is None or mark.kid != kid(public).hex():
            return False
        return is_signed("request", public, _signed(self.request), _base64(mark.signature))


_body: Final = msgspec.json.Decoder(Body).decode
_request: Final = msgspec.json.Decoder(Request).decode


def make_request(body: Body, seed: bytes | Signer, endorser: tuple[bytes, bytes | Signer] | None = None) -> Request:
    """Sign `body` with its own identity seed; `endorser` is (public, seed) of the member's earlier key.

    Raises Fault for a body that could not be read back.
    """
    try:
        _body(_signed(body))
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Fault(f"this cannot stand in a request: {error}", "mend the code or the name") from None
    signature = _sign(body, seed)
    mark = None if endorser is None else Endorsement(kid(endorser[0]).hex(), _sign(body, endorser[1]))
    return Request("suar-request/1", body, signature, mark)


def write_request(request: Request) -> bytes:
    """Return the only form of the file: fields in this order, one space of indentation."""
    return msgspec.json.format(msgspec.json.encode(request), indent=1) + b"\n"


def read_request(data: bytes, what: str) -> Request:
    """Return a request after its form and self-signature were checked. Raises Fault naming `what`."""
    try:
        request = _request(data[: REQUEST_BYTES_MAX + 1])
    except UNREADABLE as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "no JSON"
        raise Fault(f"{what} is no request of a member: {reason}", "give the file that `suar init` wrote") from None
    body = request.request
    if write_request(request) != data or not _has_valid_values(request):
        raise Fault(f"{what} was changed since {body.member} signed it", _AGAIN)
    return request


def _has_valid_values(request: Request) -> bool:
    body = request.request
    window = body.identity
    return (
        is_valid_point(body.public)
        and window.not_before < window.not_after
        and is_signed("request", body.public, _signed(body), _base64(request.signature))
    )


def _signed(body: Body) -> bytes:
    """Return what a signature covers: the body in compact form, which the file's form determines."""
    return msgspec.json.encode(body)


def _sign(body: Body, seed: bytes | Signer) -> str:
    return base64.b64encode(sign("request", signing_key(seed), _signed(body))).decode()


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
