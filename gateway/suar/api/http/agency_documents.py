"""Shapes of the calls about agencies, for the OpenAPI document and for the bodies of requests."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

WebhookUrl = Annotated[str, Meta(min_length=8, max_length=1000, description="https://HOST[:PORT]/PATH")]


class NewAgency(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/agencies.

    `realm` exercise: a sandbox that sees drills alone. `automated`: it decides about people with no person between.
    `propose`: its token may propose drafts. `expires`: in RFC 3339, UTC; else as long as a token lasts. `webhook`: the
    address to which its events are sent. `nkey`: the public one of its user at the member's NATS server, where it then
    reads too.
    """

    name: str
    sector: str
    kinds: Annotated[list[str], Meta(max_length=16)]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"] = "actual"
    automated: bool = False
    propose: bool = False
    expires: str | None = None
    webhook: WebhookUrl | None = None
    nkey: str | None = None


class IssuedAgency(Struct):
    """A new agency and its token, and the secret of its webhook if it has one."""

    name: str
    token: str
    webhook_secret: str | None
    expires: str


class AgencyChange(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/agencies/{name}: `nkey`, null to remove it; `propose`. What is left out remains."""

    nkey: str | UnsetType | None = UNSET
    propose: bool | UnsetType = UNSET


class NewExpiry(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/agencies/{name}/rotate: when the registration ends, if at another time than before."""

    expires: str | None = None


class RotatedAgency(Struct):
    """The new token of an agency. The one before is good until `old_token_until`."""

    name: str
    token: str
    expires: str
    old_token_until: str


class WebhookDocument(Struct):
    """The webhook of an agency.

    `waiting`: events that are sent again; `dead_letters`: those abandoned after 72 hours. `last_outcome`: of the last
    call, such as `delivered`, `timeout` or `status 500`. `digest` identifies its address and the last rotation of its
    secret.
    """

    url: str
    state: Literal["active", "failing", "stopped"]
    waiting: int
    dead_letters: int
    last_outcome: str | None
    delivered: str | None
    failing_since: str | None
    stopped: str | None
    digest: str


class AgencyDocument(Struct):
    """One agency; `last_used` is kept to the minute, `nkey` is the public one of its user at the NATS server. `digest`
    names this registration and its state."""

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
    digest: str
    webhook: WebhookDocument | None
    nkey: str | None


class GivenText(Struct):
    """An agency first received the text of a revision `at` this time."""

    agency: str
    rev: int
    at: str


class GivenDocument(Struct):
    """Which agencies of this member received a text of a message; `rev` and `status` are of its newest revision."""

    id: str
    rev: int
    status: str
    given: list[GivenText]


class NewWebhook(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/agencies/{name}/webhook."""

    url: WebhookUrl


class SetWebhook(Struct):
    """The webhook of an agency; `webhook_secret` where it is new."""

    name: str
    url: str
    webhook_secret: str | None


class RemovedWebhook(Struct):
    """The agency whose webhook was removed."""

    name: str
    state: Literal["removed"]


class RotatedWebhook(Struct):
    """The new secret of a webhook. The one before signs too until `old_secret_until`."""

    name: str
    webhook_secret: str
    old_secret_until: str


class TestedWebhook(Struct):
    """Whether the receiver accepted the test event; `outcome` is `delivered`, or why not."""

    name: str
    delivered: bool
    outcome: str


class NewReplay(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/agencies/{name}/replay.

    `from`: a position of the agency's feed, or `beginning`; else all dead letters are sent again. `door` nats: what
    follows `from` is published again there.
    """

    from_: Annotated[str, Meta(min_length=1, max_length=512)] | None = field(default=None, name="from")
    door: Literal["webhook", "nats"] = "webhook"


class StartedReplay(Struct):
    """What is sent again: what follows the position `from`, else so many dead letters."""

    name: str
    dead_letters: int
    from_: str | None = field(default=None, name="from")


class DeadLetter(Struct):
    """An event that was abandoned; `expiry`: that the message has expired. It has no text."""

    id: str
    rev: int
    expiry: bool
    first: str
    tries: int
    outcome: str
    dead: str


class ProposalRow(Struct):
    """A proposal of an agency. `message`: what it was published as; of an agency only where it may read that.

    `reason`: why it was rejected. `place` is for `after`. For the desk of the focal point also whose it is, the state
    of that agency, who changed it last, the draft into which it was taken, a digest of all that, the urgency of an
    alert, and its first title with its language, until they are destroyed.
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
    digest: str | UnsetType = UNSET
    urgency: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    lang: str | UnsetType | None = UNSET


class ProposalDocument(ProposalRow, kw_only=True):
    """The same with what was proposed, for the desk alone; null once it is destroyed."""

    proposal: dict[str, Any] | UnsetType | None = UNSET


class ProposalKept(Struct):
    """A proposal: its number, and its state; of a new one, that it waits at the desk of the focal point."""

    id: str
    state: Literal["proposed", "editing", "held", "published", "rejected"]


class ProposalTaken(Struct):
    """The draft into which a proposal was accepted."""

    id: str
    state: Literal["editing"]
    draft: str


class ProposalRejected(Struct):
    """A proposal that was rejected; its text is destroyed."""

    id: str
    state: Literal["rejected"]


class ProposalRejection(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/proposals/{id}/reject: the reason, which the agency receives."""

    reason: Annotated[str, Meta(min_length=1, max_length=400)]
