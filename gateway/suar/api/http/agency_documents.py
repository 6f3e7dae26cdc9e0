"""Shapes of the calls about agencies, for the OpenAPI document and for the bodies that they take."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType


class NewAgency(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies takes. `realm` exercise: a sandbox that sees drills alone. `automated`: it decides about
    people with no person between. `propose`: its token may propose drafts. `expires`: in RFC 3339, UTC; else as long as
    a token lasts."""

    name: str
    sector: str
    kinds: Annotated[list[str], Meta(max_length=16)]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"] = "actual"
    automated: bool = False
    propose: bool = False
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
    """One agency; `last_used` is kept to the minute."""

    name: str
    state: Literal["active", "suspended", "expired", "revoked"]
    sector: str
    kinds: list[str]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"]
    automated: bool
    propose: bool
    maker: str
    created: str
    expires: str
    suspended: str | None
    revoked: str | None
    old_token_until: str | None
    last_used: str | None


class ProposalRow(Struct):
    """A proposal of an agency. `message`: what it was published as; of an agency only where it may read that.

    `reason`: why it was rejected. `place` is for `after`. For the desk of the focal point also whose it is, the state
    of that agency, who changed it last, and the draft into which it was taken.
    """

    id: str
    state: Literal["proposed", "editing", "held", "published", "rejected"]
    kind: str
    status: Literal["actual", "exercise"]
    proposed: str
    changed: str
    place: str
    reason: str | None
    message: str | None
    banner: str | UnsetType = UNSET
    agency: str | UnsetType = UNSET
    agency_state: Literal["active", "suspended", "expired", "revoked"] | UnsetType = UNSET
    by: str | UnsetType = UNSET
    draft: str | UnsetType | None = UNSET


class ProposalDocument(ProposalRow, kw_only=True):
    """The same with what was proposed, for the desk alone; null once it is destroyed."""

    proposal: dict[str, Any] | UnsetType | None = UNSET


class ProposalKept(Struct):
    """A new proposal: its number, and that it waits at the desk of the focal point."""

    id: str
    state: Literal["proposed"]


class ProposalTaken(Struct):
    """The draft into which a proposal was taken."""

    id: str
    state: Literal["editing"]
    draft: str


class ProposalRejected(Struct):
    """A proposal that was rejected; its text is destroyed."""

    id: str
    state: Literal["rejected"]


class ProposalRejection(Struct, forbid_unknown_fields=True):
    """What POST /v1/proposals/{id}/reject takes: why, which the agency is told."""

    reason: Annotated[str, Meta(min_length=1, max_length=400)]
