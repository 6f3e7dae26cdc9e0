"""Shapes of the answers to operators, for the OpenAPI document only; the gateway creates the answers."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class TrustKey(Struct):
    """An identity key of a member and its time."""

    kid: str
    not_before: str
    not_after: str
    revoked: bool


class TrustMember(Struct):
    """A member as the list has it; `publish` and `read` name kinds, `*` all of them."""

    code: str
    name: str
    status: str
    publish: list[str]
    read: list[str]
    keys: list[TrustKey]


class TrustRoot(Struct):
    """A root key and who holds it."""

    kid: str
    holder: str


class TrustDocument(Struct):
    """The trust list in force. Before the first one: version 0, hash null, and nothing but the federation's name."""

    version: int
    hash: str | None
    federation: str
    roots: list[TrustRoot]
    members: list[TrustMember]
    issued: str | UnsetType = UNSET
    expires: str | UnsetType = UNSET
    days_left: int | UnsetType = UNSET
    threshold: int | UnsetType = UNSET
    revokes: list[str] | UnsetType = UNSET


class TrustJudged(Struct):
    """What became of a trust list that was handed in, and which one is in force."""

    result: str
    version: int
    hash: str


class KeyRow(Struct):
    """A key of this gateway; the times are null while no trust list has it."""

    key: Literal["identity", "bundle"]
    kid: str
    not_before: str | None
    not_after: str | None
    state: str


class CommitmentRow(Struct):
    """A commitment of another member to its audit log, with the time (ms) of the heartbeat that contained it."""

    at: int
    commitment: str


class CommitmentsPage(Struct):
    """Commitments after an hour; `after`: the hour of the last one, after which the next page continues."""

    title: dict[str, str]
    commitments: list[CommitmentRow]
    after: int


class NewKey(Struct):
    """The kid of the new bundle; null where another one is in force already."""

    kid: str | None


class CompromisedKey(Struct):
    """What was done about a key, and the messages that it exposed; docs/operators.md has the fields of either kind."""

    kid: str
    key: Literal["identity", "bundle"]
    messages: list[dict[str, Any]]


class PeerRow(Struct):
    """Another member: its heartbeat, its trust list, and the exact ranges of missing frames (docs/gaps.md)."""

    member: str
    up: bool
    heartbeat_age_seconds: float | None
    trust_version: int | None
    faults: list[str]
    missing: int
    bundle_expires: str | None
    pending: int
    last_heartbeat: str | None
    clock_offset_seconds: float | None
    bundle: dict[str, Any] | None
    heads: dict[str, Any]
    complete: bool
    waiting: int
    frames: dict[str, int]
    channels: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    to_come: int


class Requested(Struct):
    """What was requested from a member: ranges of frames by epoch."""

    member: str
    asked: list[dict[str, Any]]


class CheckRow(Struct):
    """One health check; `because` names the check that explains it."""

    id: str
    status: Literal["ok", "warning", "critical", "unknown"]
    entity: str
    text: str
    next: str
    because: str | None


class ChecksDocument(Struct):
    """All checks, and the worst of them."""

    status: Literal["ok", "warning", "critical", "unknown"]
    checks: list[CheckRow]


class AuditLine(Struct):
    """What somebody did; `at` in milliseconds since 1970, `hash` binds it to the line before it."""

    n: int
    at: int
    who: str
    what: str
    about: str
    hash: str
    salt: str | UnsetType = UNSET


class AuditHead(Struct):
    """A signature over the line of that number, and over the root of the tree of all lines up to it (suar-audit/2)."""

    head: int
    at: int
    hash: str
    key: str
    signature: str
    root: str | UnsetType = UNSET


class AuditPage(Struct):
    """Lines of the audit with the heads that sign them. `altered`: how the log differs from the one that this gateway
    wrote, as it found itself; null if it does not.
    """

    title: dict[str, str]
    lines: list[AuditLine]
    heads: list[AuditHead]
    altered: str | None


class ClockReset(Struct):
    """The highest time that was known, and the one that is now."""

    before: str
    now: str


class Alive(Struct):
    """The process answers."""

    status: Literal["alive"]


class Yielded(Struct):
    """Who receives the lease: hosts of gateways that waited for it."""

    standby: list[str]


class Ready(Struct):
    """Whether it may receive; `to_come`: objects of the bus that are not judged yet."""

    ready: bool
    reasons: list[str]
    to_come: int


class TokenRow(Struct):
    """A token without its secret; times in milliseconds since 1970. `before`: made before the scope admin was.

    `void`: it opens nothing, as its person, or the maker of one that nobody claimed, has no access or not the role.
    """

    name: str
    scopes: list[str]
    roles: list[str]
    person: bool
    user: str | None
    maker: str | None
    claimed_at: int | None
    before: bool
    state: Literal["active", "expired", "revoked"]
    void: bool
    created_at: int
    expires_at: int
    revoked_at: int | None
    last_used_at: int | None


class Claimed(Struct):
    """The secret that only its holder has."""

    name: str
    token: str


class NamedState(Struct):
    """A token or an agency by name, and what it is now."""

    name: str
    state: Literal["active", "suspended", "expired", "revoked"]


class Rejected(Struct):
    """A held message that is never sent."""

    id: str
    rev: int
    verdict: Literal["rejected"]
    reasons: list[dict[str, Any]]


class DrillRow(Struct):
    """A drill that was started here."""

    drill: str
    started: str
    by: str
    messages: int


class DrillReport(Struct):
    """Who answered a drill, and after how long: docs/operators.md."""

    drill: str | None
    status: str
    banner: str
    at: str
    messages: list[dict[str, Any]]


class DrillStarted(Struct):
    """A drill, and a verdict for each of its messages."""

    drill: str
    status: str
    banner: str
    messages: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


class CarriedRefusal(Struct):
    """Objects of a segment that were refused, by type and code."""

    type: str
    code: str
    rule: str
    count: int


class CarriedSegment(Struct):
    """What became of the objects of a segment; `not_for_us`: objects that are for another member."""

    carrier: str
    to: str | None
    index: int
    last: bool
    objects: int
    results: dict[str, int]
    messages: int
    not_for_us: int
    refused: list[CarriedRefusal]
