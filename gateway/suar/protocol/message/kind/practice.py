"""Practice: a monitoring or referral mechanism, a good practice or a lesson learned."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import English, Kind, Words


class Practice(Head, frozen=True, kw_only=True, tag="practice"):
    """A monitoring or referral mechanism, a good practice or a lesson learned, with the desk that tells more."""

    schema: Literal["practice/1.0"]
    id: Annotated[str, f.id_of("practice")]
    type: lists.PracticeType
    pillar: Annotated[tuple[lists.Pillar, ...], f.Some]
    lead: f.Lead
    partners: f.Sectors | UnsetType = UNSET
    coverage: f.Area
    state: lists.PracticeState
    cycle: lists.Cycle | UnsetType = UNSET
    measures: Annotated[tuple[lists.TrendIndicator, ...], f.Some] | UnsetType = UNSET
    evidence: lists.Evidence
    safeguards: Annotated[tuple[lists.Safeguard, ...], f.Some]
    desk: Annotated[str, f.id_of("contact")]


WORDS: Final[Words] = {
    "Practice": {
        "type": ("Type", "which kind of practice"),
        "pillar": ("Pillar", "what it serves"),
        "lead": ("Led by", "who leads it"),
        "partners": ("Partners", "which sectors take part"),
        "coverage": ("Area covered", "where it is done"),
        "state": ("State", "how far it is"),
        "cycle": ("Cycle", "how often it is repeated"),
        "measures": ("Measured by", "which trend indicators show its effect"),
        "evidence": ("Evidence", "what shows that it works"),
        "safeguards": ("Safeguards", "how victims are protected in it"),
        "desk": ("Contact", "the contact message of the desk that tells more"),
    },
    "Lead": {
        "sector": ("Sector", "the sector"),
        "body": ("Body", "the body"),
    },
}


def _practice(practice: Practice) -> English:
    kind = phrases.label("practice-type", practice.type)
    pillars = phrases.names("pillar", practice.pillar)
    cycle = f", {phrases.name('cycle', practice.cycle)}" if isinstance(practice.cycle, str) else ""
    return f"Practice: {kind.lower()} for {pillars}, {phrases.area(practice.coverage)}", [
        f"{kind} for {pillars} in {phrases.area(practice.coverage)}.",
        f"Led by the sector {phrases.name('sector', practice.lead.sector)}.",
        f"State: {phrases.name('practice-state', practice.state)}{cycle}.",
        f"Evidence: {phrases.name('evidence', practice.evidence)}.",
        f"Safeguards: {phrases.names('safeguard', practice.safeguards)}.",
        f"Ask {practice.desk}.",
    ]


KIND: Final = Kind(
    shape=Practice,
    about="A monitoring or referral mechanism, a good practice, a lesson learned.",
    use="tell what you do and whether it works: monitoring, referral, a lesson learned",
    readers="health, social, women's-empowerment bodies, civil society",
    words=WORDS,
    english=_practice,
)
