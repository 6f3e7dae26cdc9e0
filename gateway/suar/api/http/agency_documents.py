"""Shapes of the calls about agencies, for the OpenAPI document and for the bodies that they take."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class NewAgency(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies takes. `realm` exercise: a sandbox that sees drills alone. `automated`: it decides about
    people with no person between. `expires`: in RFC 3339, UTC; else as long as a token lasts. `nkey`: the public one of
    its user at the member's NATS server, where it then reads too."""

    name: str
    sector: str
    kinds: Annotated[list[str], Meta(max_length=16)]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"] = "actual"
    automated: bool = False
    expires: str | None = None
    nkey: str | None = None


class IssuedAgency(Struct):
    """A new agency and its token."""

    name: str
    token: str
    expires: str


class NewExpiry(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies/{name}/rotate takes: when the registration ends, if at another time than before."""

    expires: str | None = None


class RotatedAgency(Struct):
    """The new token of an agency. The one before is good until `old_token_until`."""

    name: str
    token: str
    expires: str
    old_token_until: str


class AgencyDocument(Struct):
    """One agency; `last_used` is kept to the minute, `nkey` is the public one of its user at the NATS server."""

    name: str
    state: Literal["active", "suspended", "expired", "revoked"]
    sector: str
    kinds: list[str]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"]
    automated: bool
    maker: str
    created: str
    expires: str
    suspended: str | None
    revoked: str | None
    old_token_until: str | None
    last_used: str | None
    nkey: str | None
