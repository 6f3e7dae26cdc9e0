"""Shapes of the calls about agencies, for the OpenAPI document and for the bodies that they take."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

WebhookUrl = Annotated[str, Meta(min_length=8, max_length=1000, description="https://HOST[:PORT]/PATH")]


class NewAgency(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies takes. `realm` exercise: a sandbox that sees drills alone. `automated`: it decides about
    people with no person between. `expires`: in RFC 3339, UTC; else as long as a token lasts. `webhook`: the address to
    which its events are sent. `nkey`: the public one of its user at the member's NATS server, where it then reads
    too."""

    name: str
    sector: str
    kinds: Annotated[list[str], Meta(max_length=16)]
    max_tlp: str
    realm: Literal["actual", "exercise", "all"] = "actual"
    automated: bool = False
    expires: str | None = None
    webhook: WebhookUrl | None = None
    nkey: str | None = None


class IssuedAgency(Struct):
    """A new agency and its token, and the secret of its webhook if it has one."""

    name: str
    token: str
    webhook_secret: str | None
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


class WebhookDocument(Struct):
    """The webhook of an agency. `waiting`: events that are sent again; `dead_letters`: those given up after 72 hours.
    `last_outcome`: of the last call, such as `delivered`, `timeout` or `status 500`."""

    url: str
    state: Literal["active", "failing", "stopped"]
    waiting: int
    dead_letters: int
    last_outcome: str | None
    delivered: str | None
    failing_since: str | None
    stopped: str | None


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


class NewWebhook(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies/{name}/webhook takes."""

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
    """Whether the receiver took the test event; `outcome` is `delivered`, or why not."""

    name: str
    delivered: bool
    outcome: str


class NewReplay(Struct, forbid_unknown_fields=True):
    """What POST /v1/agencies/{name}/replay takes. `from`: a position of the agency's feed, or `beginning`; else all
    dead letters are sent again."""

    from_: Annotated[str, Meta(min_length=1, max_length=512)] | None = field(default=None, name="from")


class StartedReplay(Struct):
    """What is sent again: what comes after the position `from`, else so many dead letters."""

    name: str
    dead_letters: int
    from_: str | None = field(default=None, name="from")


class DeadLetter(Struct):
    """An event that was given up; `expiry`: that the message has expired. It has no text."""

    id: str
    rev: int
    expiry: bool
    first: str
    tries: int
    outcome: str
    dead: str
