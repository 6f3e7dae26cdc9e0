"""The code lists of messages.md section 4, read from schemas/codelists/*.csv, their only source.

Each list is available as data (`codes`, `labels`) and as a closed type for the message Structs (`Sector`, `Act`, ...).
The large ISO lists are read only when a publisher's message is checked against them.
"""

import csv
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct

from suar.published import schemas_dir


class Code(Struct, frozen=True):
    """One row: a code, its English label, and its successor if it is deprecated ("" otherwise)."""

    code: str
    label_en: str
    since: str
    deprecated_in: str
    replaced_by: str
    rollup_glotip: str
    source: str


@cache
def rows(name: str) -> tuple[Code, ...]:
    """Return the rows of schemas/codelists/<name>.csv in order. Raises FileNotFoundError for an unknown list."""
    with (schemas_dir() / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return tuple(Code(*line) for line in lines)


@cache
def codes(name: str) -> tuple[str, ...]:
    """Return the codes of a list, including deprecated ones (a code is never deleted)."""
    return tuple(row.code for row in rows(name))


@cache
def labels(name: str) -> dict[str, str]:
    """Return the English label of each code."""
    return {row.code: row.label_en for row in rows(name)}


@cache
def listed(name: str) -> frozenset[str]:
    """Return the codes of a list as a set."""
    return frozenset(codes(name))


@cache
def regions() -> dict[str, tuple[str, ...]]:
    """Return the subdivisions of each region of schemas/regions.csv: the countries with codes for two or more levels of
    subdivisions in ISO 3166-2.
    """
    with (schemas_dir() / "regions.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return {region: tuple(f"{region[:2]}-{code}" for code in parts.split()) for region, parts, _ in lines}


@cache
def assigned_ranges() -> tuple[tuple[int, int], ...]:
    """Return the first and last code point of each range that is assigned in Unicode 14.0 (schemas/unicode.csv)."""
    with (schemas_dir() / "unicode.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return tuple((int(first, 16), int(last, 16)) for first, last in lines)


RECEIPT: Final = "receipt"
"""The kind that only gateways create."""


@cache
def published_kinds() -> tuple[str, ...]:
    """Return the kinds that a person publishes: their ids have a number, and a publishing right may name them."""
    return tuple(kind for kind in codes("kind") if kind != RECEIPT)


TOTAL = "total"
"""The code of a margin (total) of a dimension, in addition to the codes of the dimension's own list."""


def _closed(*names: str) -> Any:
    return Literal[tuple(code for name in names for code in (codes(name) if name != TOTAL else (TOTAL,)))]


TYPES: dict[str, tuple[str, ...]] = {
    "Action": ("action",),
    "Status": ("status",),
    "Tlp": ("tlp",),
    "Handling": ("handling",),
    "PlaceRole": ("place-role",),
    "Relation": ("relation",),
    "Sector": ("sector",),
    "SourceType": ("source-type",),
    "Reliability": ("reliability",),
    "AlertEvent": ("alert-event",),
    "Urgency": ("urgency",),
    "Severity": ("severity",),
    "Certainty": ("certainty",),
    "AlertRequest": ("alert-request",),
    "TrendIndicator": ("trend-indicator",),
    "Unit": ("unit",),
    "DateBasis": ("date-basis",),
    "CoverageScope": ("coverage-scope",),
    "Method": ("method",),
    "Direction": ("direction",),
    "Dimension": ("dimension",),
    "ObsStatus": ("obs-status",),
    "Caveat": ("caveat",),
    "Sex": ("sex",),
    "Age": ("age",),
    "Act": ("act",),
    "Means": ("means-legal", "means-control"),
    "RecruitmentChannel": ("recruitment-channel",),
    "RecruiterRelation": ("recruiter-relation",),
    "ActorRole": ("actor-role",),
    "Purpose": ("purpose",),
    "AgeBand": ("age-band",),
    "Vulnerability": ("vulnerability",),
    "Transport": ("transport",),
    "Crossing": ("crossing",),
    "Documents": ("documents",),
    "Duration": ("duration",),
    "Platform": ("platform",),
    "MoneyKind": ("money-kind",),
    "IndicatorSign": ("indicator-sign",),
    "SightingBand": ("sighting-band",),
    "PatternState": ("pattern-state",),
    "Counter": ("counter",),
    "Instrument": ("instrument",),
    "LegislationState": ("legislation-state",),
    "LegislationTopic": ("legislation-topic",),
    "PracticeType": ("practice-type",),
    "Pillar": ("pillar",),
    "PracticeState": ("practice-state",),
    "Cycle": ("cycle",),
    "Evidence": ("evidence",),
    "Safeguard": ("safeguard",),
    "Service": ("service",),
    "ContactHours": ("contact-hours",),
    "Serves": ("serves",),
    "Capacity": ("capacity",),
    "ReceiptStage": ("receipt-stage",),
    "StaffRole": ("staff-role",),
    "ExploitationOrTotal": ("purpose", TOTAL),
    "CoarseMeansOrTotal": ("means-coarse", TOTAL),
    "RelationOrTotal": ("recruiter-relation", TOTAL),
    "TransportOrTotal": ("transport", TOTAL),
}
"""The closed types: for each name the lists whose codes it accepts."""


def closed(name: str, *lists: str) -> Any:
    """Return the closed type of these code lists, for a list that only one kind uses."""
    TYPES[name] = lists
    return _closed(*lists)


# A type checker sees `str`; at run time the closed type is built from the CSV files, so codes are written only there.
if TYPE_CHECKING:
    Action = str
    Status = str
    Tlp = str
    Handling = str
    PlaceRole = str
    Relation = str
    Sector = str
    SourceType = str
    Reliability = str
    AlertEvent = str
    Urgency = str
    Severity = str
    Certainty = str
    AlertRequest = str
    TrendIndicator = str
    Unit = str
    DateBasis = str
    CoverageScope = str
    Method = str
    Direction = str
    Dimension = str
    ObsStatus = str
    Caveat = str
    Sex = str
    Age = str
    Act = str
    Means = str
    RecruitmentChannel = str
    RecruiterRelation = str
    ActorRole = str
    Purpose = str
    AgeBand = str
    Vulnerability = str
    Transport = str
    Crossing = str
    Documents = str
    Duration = str
    Platform = str
    MoneyKind = str
    IndicatorSign = str
    SightingBand = str
    PatternState = str
    Counter = str
    Instrument = str
    LegislationState = str
    LegislationTopic = str
    PracticeType = str
    Pillar = str
    PracticeState = str
    Cycle = str
    Evidence = str
    Safeguard = str
    Service = str
    ContactHours = str
    Serves = str
    Capacity = str
    ReceiptStage = str
    StaffRole = str
    ExploitationOrTotal = str
    CoarseMeansOrTotal = str
    RelationOrTotal = str
    TransportOrTotal = str
else:
    for _name, _lists in TYPES.items():
        globals()[_name] = _closed(*_lists)
