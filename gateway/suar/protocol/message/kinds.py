"""The kinds of message as closed types (messages.md sections 2 and 3).

Alert, trend, pattern and receipt stand here; what is looked up rather than followed (legislation, practice, contact)
stands in lasting.py, the fields that all but the receipt share in head.py.
"""

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType, field

from suar.protocol.base import codelists as lists
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.lasting import Contact, Legislation, Practice

__all__ = [
    "DIMENSIONS",
    "ENTRY_FORMS",
    "KINDS",
    "PUBLISHED",
    "Alert",
    "Contact",
    "CounterMeasure",
    "Coverage",
    "Dims",
    "Entry",
    "Head",
    "Indicator",
    "Leg",
    "Legislation",
    "Message",
    "Money",
    "Observation",
    "Pattern",
    "Practice",
    "Publication",
    "Receipt",
    "Request",
    "Sightings",
    "Targeted",
    "Trend",
]


class Request(f.Shape, frozen=True, kw_only=True):
    """What the publisher asks for, of whom, and within how many hours."""

    action: lists.AlertRequest
    of_sectors: f.Sectors | UnsetType = UNSET
    of_members: f.Members | UnsetType = UNSET
    by: f.DueHours | UnsetType = UNSET


class Alert(Head, frozen=True, kw_only=True, tag="alert"):
    """An event needing attention or action now; urgency, severity and certainty as in CAP 1.2."""

    schema: Literal["alert/1.0"]
    id: f.AlertId
    event: lists.AlertEvent
    urgency: lists.Urgency
    severity: lists.Severity
    certainty: lists.Certainty
    request: Annotated[tuple[Request, ...], f.most(5)]
    ack_within: f.AckHours | UnsetType = UNSET
    onset: f.MonthOrInstant | UnsetType = UNSET
    incident: f.MessageId | UnsetType = UNSET
    pattern: f.PatternId | UnsetType = UNSET
    case_token: f.CaseToken | UnsetType = UNSET
    desk: f.ContactId


class Coverage(f.Shape, frozen=True, kw_only=True):
    """What part of reality the numbers cover; completeness in percent, absent and null alike."""

    scope: lists.CoverageScope
    completeness: f.Percent | UnsetType | None = UNSET


class Dims(f.Shape, frozen=True, kw_only=True):
    """The breakdowns of one observation: for each dimension a code of the dimension's own list, or total."""

    sex: lists.Sex | UnsetType = UNSET
    age: lists.Age | UnsetType = UNSET
    citizenship: f.Citizenship | UnsetType = UNSET
    exploitation: lists.ExploitationOrTotal | UnsetType = UNSET
    industry: f.IndustryOrTotal | UnsetType = UNSET
    means: lists.CoarseMeansOrTotal | UnsetType = UNSET
    recruiter: lists.RelationOrTotal | UnsetType = UNSET
    transport: lists.TransportOrTotal | UnsetType = UNSET


class Observation(f.Shape, frozen=True, kw_only=True):
    """One cell: value is null exactly when its status is S (suppressed) or M (missing)."""

    period: f.Period
    place: f.Place
    dims: Dims
    value: f.Count | None
    status: lists.ObsStatus


class Trend(Head, frozen=True, kw_only=True, tag="trend"):
    """Statistics: observations over period, place and at most three breakdowns."""

    schema: Literal["trend/1.0"]
    id: f.TrendId
    indicator: lists.TrendIndicator
    unit: lists.Unit
    date_basis: lists.DateBasis
    coverage: Coverage
    method: lists.Method
    direction: lists.Direction
    dims: Annotated[tuple[lists.Dimension, ...], f.most(3)] | UnsetType = UNSET
    margins: bool
    obs: Annotated[tuple[Observation, ...], f.most(2000)]
    denominator: f.Count | UnsetType = UNSET
    caveats: Annotated[tuple[lists.Caveat, ...], f.Some] | UnsetType = UNSET


class Targeted(f.Shape, frozen=True, kw_only=True):
    """Which group is targeted; at most five citizenships."""

    sex: Annotated[tuple[lists.Sex, ...], f.Some] | UnsetType = UNSET
    age_band: Annotated[tuple[lists.AgeBand, ...], f.Some] | UnsetType = UNSET
    citizenship: Annotated[tuple[f.Citizenship, ...], f.most(5)] | UnsetType = UNSET
    vulnerability: Annotated[tuple[lists.Vulnerability, ...], f.Some] | UnsetType = UNSET


class Leg(f.Shape, frozen=True, kw_only=True):
    """One leg of the route."""

    seq: f.LegNumber
    from_: f.Area = field(name="from")
    to: f.Area
    modes: Annotated[tuple[lists.Transport, ...], f.Some] | UnsetType = UNSET
    crossing: lists.Crossing
    documents: lists.Documents
    duration: lists.Duration


class Money(f.Shape, frozen=True, kw_only=True):
    """A sum that is asked or withheld, in whole units of the currency."""

    kind: lists.MoneyKind
    low: f.Count
    high: f.Count
    currency: f.Currency


class Indicator(f.Shape, frozen=True, kw_only=True):
    """A sign, and the sectors whose people can observe it."""

    code: lists.IndicatorSign
    observable_by: f.Sectors
    note: f.Text200 | UnsetType = UNSET


class Sightings(f.Shape, frozen=True, kw_only=True):
    """How often it was seen, as a band, and by which members."""

    band: lists.SightingBand
    members: f.Members | UnsetType = UNSET


class CounterMeasure(f.Shape, frozen=True, kw_only=True):
    """What worked against it."""

    code: lists.Counter
    note: f.Text200 | UnsetType = UNSET


class Pattern(Head, frozen=True, kw_only=True, tag="pattern"):
    """Modus operandi: acts, means, purposes (Palermo Protocol art. 3), route legs, indicators."""

    schema: Literal["pattern/1.0"]
    id: f.PatternId
    name: f.Text120
    acts: Annotated[tuple[lists.Act, ...], f.most(5)]
    means: Annotated[tuple[lists.Means, ...], f.Some] | UnsetType = UNSET
    purposes: Annotated[tuple[lists.Purpose, ...], f.Some]
    child_only: bool
    recruitment: Annotated[tuple[lists.RecruitmentChannel, ...], f.Some] | UnsetType = UNSET
    recruiter_relation: Annotated[tuple[lists.RecruiterRelation, ...], f.Some] | UnsetType = UNSET
    actors: Annotated[tuple[lists.ActorRole, ...], f.Some] | UnsetType = UNSET
    targeted: Targeted | UnsetType = UNSET
    legs: Annotated[tuple[Leg, ...], f.most(12)] | UnsetType = UNSET
    industry: Annotated[tuple[f.Industry, ...], f.Some] | UnsetType = UNSET
    platforms: Annotated[tuple[lists.Platform, ...], f.Some] | UnsetType = UNSET
    money: Annotated[tuple[Money, ...], f.most(f.TEXTS_MAX)] | UnsetType = UNSET
    indicators: Annotated[tuple[Indicator, ...], f.most(20)] | UnsetType = UNSET
    first_seen: f.Month
    last_seen: f.Month
    sightings: Sightings | UnsetType = UNSET
    state: lists.PatternState
    counter: Annotated[tuple[CounterMeasure, ...], f.most(f.TEXTS_MAX)] | UnsetType = UNSET


class Entry(f.Shape, frozen=True, kw_only=True):
    """What a receipt is about: messages of a frame, a range of an epoch's frames, or a trust list (one of three)."""

    frame: f.Hex64 | UnsetType = UNSET
    messages: Annotated[tuple[f.MessagePlace, ...], f.most(256)] | UnsetType = UNSET
    epoch: f.Hex64 | UnsetType = UNSET
    first: f.FrameNumber | UnsetType = UNSET
    last: f.FrameNumber | UnsetType = UNSET
    trust: f.TrustVersion | UnsetType = UNSET


ENTRY_FORMS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"frame"}), frozenset({"messages"})),
    (frozenset({"epoch", "first", "last"}), frozenset()),
    (frozenset({"trust"}), frozenset()),
)
"""The three forms of an Entry: (required, optional) fields; the published schema says it with oneOf."""


class Receipt(f.Shape, frozen=True, kw_only=True, tag_field="kind", tag="receipt"):
    """Signed statement of what a gateway or a named role did with messages; made by gateways, never by hand."""

    schema: Literal["receipt/1.0"]
    status: lists.Status
    member: f.Country
    stage: lists.ReceiptStage
    sent: f.Instant
    of: Annotated[tuple[Entry, ...], f.most(256)]
    code: f.ErrorCode | UnsetType = UNSET
    role: lists.StaffRole | UnsetType = UNSET
    sector: lists.Sector | UnsetType = UNSET
    note: f.Text200 | UnsetType = UNSET
    at: f.Instant


DIMENSIONS: tuple[str, ...] = Dims.__struct_fields__
"""The dimensions of a table, in the order of the standard."""
Publication = Alert | Trend | Pattern | Legislation | Practice | Contact
"""What a person publishes; a receipt is made by a gateway."""
Message = Publication | Receipt
KINDS: dict[str, type[Message]] = {
    "alert": Alert,
    "trend": Trend,
    "pattern": Pattern,
    "legislation": Legislation,
    "practice": Practice,
    "contact": Contact,
    "receipt": Receipt,
}
"""The kinds that this version reads; any other is refused F8."""
PUBLISHED: tuple[str, ...] = tuple(kind for kind, shape in KINDS.items() if shape is not Receipt)
"""The kinds that a person publishes: their ids have a number, and a right may name them."""
