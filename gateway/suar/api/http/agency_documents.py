"""Shapes of the calls about agencies, for the OpenAPI document and for the bodies that they take."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class NewAgency(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies takes. `realm` exercise: a sandbox that sees drills alone. `automated`: it decides about
    people with no person between. `expires`: in RFC 3339, UTC; else as long as a token lasts."""

    name: str
    sector: str
    kinds: Annotated[list[str], Meta(max_length=16)]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"] = "actual"
    automated: bool = False
    expires: str | None = None


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
    """One agency; `last_used` is kept to the minute. `digest` names this registration and its state."""

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
    digest: str


class GivenText(Struct):
    """An agency was first given the text of a revision `at` this time."""

    agency: str
    rev: int
    at: str


class GivenDocument(Struct):
    """Which agencies of this member were given a text of a message; `rev` and `status` are of its newest revision."""

    id: str
    rev: int
    status: str
    given: list[GivenText]
