"""Pattern: how traffickers work, by acts, means, purposes, route legs and signs."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, UnsetType, field

from suar.protocol.base import codelists as lists
from suar.protocol.base.codelists import labels
from suar.protocol.base.sentences import sentence
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import Dated, English, Found, Kind, Words, rule


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
    id: Annotated[str, f.id_of("pattern")]
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


WORDS: Final[Words] = {
    "Pattern": {
        "name": ("Name", "what it is called"),
        "acts": ("Acts", "the acts, by the Palermo Protocol"),
        "means": ("Means", "the means, legal and of control; absent only of a pattern against children"),
        "purposes": ("Purposes", "the purposes of exploitation"),
        "child_only": ("Against children only", "whether it is directed at children only"),
        "recruitment": ("Recruited through", "through which channels people are recruited"),
        "recruiter_relation": (
            "Recruiter's relation to the victim",
            "what the recruiters are to those whom they recruit",
        ),
        "actors": ("Roles of those involved", "which roles take part; never who"),
        "targeted": ("Who is targeted", "which group is targeted"),
        "legs": ("Route", "the route, leg by leg"),
        "industry": ("Industry", "in which industries, by ISIC Rev.4"),
        "platforms": ("Platforms", "on which kinds of platform; never which one"),
        "money": ("Money", "which sums are asked or withheld"),
        "indicators": ("Signs to look for", "signs by which it is recognised"),
        "first_seen": ("First seen", "the month in which it was first seen"),
        "last_seen": ("Last seen", "the month in which it was last seen"),
        "sightings": ("Sightings", "how often it was seen, and by whom"),
        "state": ("State", "how it develops"),
        "counter": ("What worked", "what worked against it"),
    },
    "Targeted": {
        "sex": ("Sex", "sexes targeted"),
        "age_band": ("Age group", "age bands targeted"),
        "citizenship": ("Citizenship", "citizenships targeted, at most five"),
        "vulnerability": ("Vulnerability", "what makes them vulnerable"),
    },
    "Leg": {
        "seq": ("Leg", "the number of the leg"),
        "from": ("From place", "where it begins"),
        "to": ("To place", "where it ends"),
        "modes": ("Transport", "means of transport"),
        "crossing": ("Border crossing", "how a border is crossed"),
        "documents": ("Documents", "which documents are used"),
        "duration": ("Duration", "how long it takes"),
    },
    "Money": {
        "kind": ("Kind", "what the sum is"),
        "low": ("At least", "at least, in whole units of the currency"),
        "high": ("At most", "at most, in whole units of the currency"),
        "currency": ("Currency", "the currency"),
    },
    "Indicator": {
        "code": ("Code", "the sign"),
        "observable_by": ("Can be seen by", "whose people can observe it"),
        "note": ("Note", "how it shows"),
    },
    "Sightings": {
        "band": ("Number", "how many times, as a band"),
        "members": ("Members", "by which members"),
    },
    "CounterMeasure": {
        "code": ("Code", "the measure"),
        "note": ("Note", "what came of it"),
    },
}


def _pattern(pattern: Pattern) -> English:
    purposes = phrases.names("purpose", pattern.purposes)
    means = () if pattern.means is UNSET else pattern.means
    known = labels("means-legal") | labels("means-control")
    by = f" Means: {', '.join(known.get(code, phrases.LATER).lower() for code in means)}." if means else ""
    return f"Pattern: {purposes}", [
        f"Acts: {phrases.names('act', pattern.acts)}.{by}",
        f"Purposes: {purposes}.",
        f"State: {phrases.name('pattern-state', pattern.state)}.",
        f"Seen from {pattern.first_seen} to {pattern.last_seen}.",
    ]


def _means(message: Pattern) -> Found:
    if message.means is UNSET and not message.child_only:
        text = sentence("means may be absent only of a pattern against children")
        yield "$.means", text, sentence("name the means, or set child_only")


def _leg_numbers(message: Pattern) -> Found:
    legs = () if message.legs is UNSET else message.legs
    for at, leg in enumerate(legs[1:], 1):
        if leg.seq in {before.seq for before in legs[:at]}:
            text = sentence("two legs have the number {seq}", seq=leg.seq)
            yield f"$.legs[{at}].seq", text, sentence("number the legs in their order")


def _money(message: Pattern) -> Found:
    for at, money in enumerate(() if message.money is UNSET else message.money):
        if money.low > money.high:
            yield f"$.money[{at}].low", sentence("low is above high"), sentence("give the lower sum first")


def _seen(message: Pattern) -> Found:
    if message.last_seen < message.first_seen:
        hint = sentence("months, the earlier one in first_seen")
        yield "$.last_seen", sentence("last_seen is before first_seen"), hint


def _kept(pattern: Pattern, whole: dict[str, Any]) -> dict[str, Any]:
    return {} if pattern.child_only else {"means": whole["means"]}


KIND: Final = Kind(
    shape=Pattern,
    about="A modus operandi.",
    use="describe how traffickers work: recruitment, route, control",
    readers="investigators, inspectors, front line",
    words=WORDS,
    english=_pattern,
    rules=(
        rule("M-PATTERN-MEANS", "means child_only", _means, "`means` is absent only if `child_only` is true"),
        rule("M-PATTERN-LEGS", "legs", _leg_numbers, "no two legs have one number"),
        rule("M-PATTERN-MONEY", "money", _money, "`low` is not above `high`"),
        rule("M-PATTERN-SEEN", "first_seen last_seen", _seen, "`last_seen` is not before `first_seen`"),
    ),
    dates=(Dated("first_seen", 0), Dated("last_seen", 0)),
    kept=_kept,
)
