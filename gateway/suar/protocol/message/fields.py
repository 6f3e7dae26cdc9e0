"""The types of single fields (messages.md sections 2 to 4), each with its own rule.

A `$` in a Python pattern accepts a trailing newline, so every pattern ends in END, and lengths are bounded separately.
Lengths count code points; the JSON form guarantees that text is in NFC.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from suar.protocol.base.codelists import (
    Handling,
    PlaceRole,
    Reliability,
    Sector,
    SourceType,
    StaffRole,
    published_kinds,
)
from suar.protocol.base.codelists import Relation as RelationCode
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.message.spec import BODY, CITATION, LINK, MAIL

END = r"$(?!\n)"
"""End of text in Python; the published schema has only `$`, which means the same in ECMA-262."""
NOT_YEAR_0 = "(?!0000)"
"""Excludes the year 0000; the published schema expresses the same without a lookahead, which some dialects lack."""

MAX_COUNT = 10**9
"""The largest count, denominator or sum of money (messages.md section 4)."""
UNIQUE: dict[str, Any] = {"uniqueItems": True}
"""The published schema's keyword for a list without duplicates."""


def is_true(value: bool) -> bool:
    """Whether a mark is true; it may only be true or absent."""
    return value


def is_unique(value: tuple[Any, ...]) -> bool:
    """Whether a list holds no duplicates."""
    return len(value) < 2 or len(set(value)) == len(value)


def _text(
    pattern: str, length: int, meaning: str, iso: str = "", example: str = "", text: str = "", *, is_id: bool = False
) -> Meta:
    # `iso`: the ISO list against which a publisher's own gateway checks it; `example`: that in `meaning`; `text`: how
    # the privacy gate checks it; `is_id`: whether it is the id of a message
    named = (("iso", iso), ("example", example), ("text", text), ("is_id", is_id))
    extra = {name: value for name, value in named if value} or None
    return Meta(pattern=f"^{pattern}{END}", max_length=length, description=meaning, extra=extra)


_DAY = "(0[1-9]|[12][0-9]"
_LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
# only days that exist, from the year 1 on, so that the pattern alone decides whether an instant is valid
_MONTHS = f"((0[13578]|1[02])-{_DAY}|3[01])|(0[469]|11)-{_DAY}|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
_DATE = f"{NOT_YEAR_0}([0-9]{{4}}-{_MONTHS}|{_LEAP_YEAR}-02-29)"
_CLOCK = "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_MONTH = "[0-9]{4}-(0[1-9]|1[0-2])"
_ID = "[A-Z]{2}-%s-[0-9]{4}-[0-9]{6}"
_FRAME_OF_ID = "TH--2026-000042"  # an id without its kind


def _number(least: int, most: int, unit: str) -> Meta:
    # `unit`: the unit that is shown beside the number; a label is shown without separators
    return Meta(ge=least, le=most, extra={"unit": unit})


def id_of(*kinds: str) -> Meta:
    """Return the rule for an id of a message of one of these kinds."""
    names = [kind.upper() for kind in kinds]
    kind = names[0] if len(names) == 1 else f"({'|'.join(names)})"
    example = f"TH-{names[0]}-2026-000042"
    longest = len(_FRAME_OF_ID) + max(map(len, names))
    return _text(_ID % kind, longest, f"an id such as {example}", example=example, is_id=True)


Instant = Annotated[
    str,
    Meta(
        pattern=f"^{_DATE}{_CLOCK}{END}",
        max_length=20,
        description="a real instant in UTC, YYYY-MM-DDTHH:MM:SSZ",
        extra_json_schema={"format": "date-time"},
    ),
]
Date = Annotated[
    str,
    Meta(
        pattern=f"^{_DATE}{END}",
        max_length=10,
        description="a day that exists, YYYY-MM-DD",
        extra_json_schema={"format": "date"},
    ),
]
Month = Annotated[str, _text(_MONTH, 7, "a month, YYYY-MM")]
MonthOrInstant = Annotated[
    str,
    Meta(
        pattern=f"^({_MONTH}|{_DATE}{_CLOCK}){END}",
        max_length=20,
        description="a month YYYY-MM or an instant YYYY-MM-DDTHH:MM:SSZ",
        extra_json_schema={"anyOf": [{"maxLength": 7}, {"format": "date-time"}]},
    ),
]
Period = Annotated[
    str, _text("[0-9]{4}(-(H[12]|Q[1-4]|(0[1-9]|1[0-2])))?", 7, "a period: YYYY, YYYY-Hn, YYYY-Qn or YYYY-MM")
]
MessageId = Annotated[str, id_of(*published_kinds())]
Country = Annotated[str, _text("[A-Z]{2}", 2, "a country: two capital letters of ISO 3166-1", "country")]
Admin1 = Annotated[str, _text("[A-Z]{2}-[A-Z0-9]{1,3}", 6, "a subdivision of ISO 3166-2, such as TH-63")]
Locode = Annotated[str, _text("[A-Z]{2}[A-Z2-9]{3}", 5, "a UN/LOCODE, such as THMST")]
Currency = Annotated[str, _text("[A-Z]{3}", 3, "a currency of ISO 4217, such as THB", "currency")]
Language = Annotated[
    str, _text("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", 35, "a language of BCP 47, such as th or zh-Hans", "language")
]
Citizenship = Annotated[
    str,
    _text(
        "([A-Z]{2}|other|unknown|total)",
        7,
        "a country of ISO 3166-1, XX (stateless), other, unknown or total",
        "citizenship",
    ),
]
Industry = Annotated[str, _text("([A-U]|[0-9]{2})", 2, "ISIC Rev.4: a section A to U or a division of two digits")]
IndustryOrTotal = Annotated[str, _text("([A-U]|[0-9]{2}|total)", 5, "ISIC Rev.4 section or division, or total")]
CaseToken = Annotated[str, _text("[A-Z2-7]{26}", 26, "26 characters of base32, upper case, no padding")]
Provision = Annotated[
    str, _text("[A-Z][A-Z0-9-]*:[A-Za-z0-9][A-Za-z0-9.()/-]*", 40, "an instrument and its provision, such as PALERMO:3")
]
Url = Annotated[
    str,
    _text(
        "https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#][!-~]*)?",
        300,
        "an address that starts with https://, without spaces",
        text=LINK,
    ),
]
Phone = Annotated[str, _text(r"\+[0-9]{7,15}", 16, "a telephone number of E.164: + and 7 to 15 digits")]
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
Email = Annotated[
    str,
    _text(
        rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(\.{_LABEL})+",
        254,
        "a mail address, such as desk@example.org",
        text=MAIL,
    ),
]
Hex64 = Annotated[str, _text("[0-9a-f]{64}", 64, "64 hexadecimal digits, lower case")]
ErrorCode = Annotated[str, _text("E-[A-Z0-9]+(-[A-Z0-9]+)*", 64, "an error code such as E-FRAME-SIGNATURE")]
Text120 = Annotated[str, Meta(max_length=120)]
Text200 = Annotated[str, Meta(max_length=200)]
Text400 = Annotated[str, Meta(max_length=400)]
Body = Annotated[str, Meta(max_length=120, extra={"text": BODY})]
Citation = Annotated[str, Meta(max_length=200, extra={"text": CITATION})]
Title = Annotated[str, Meta(min_length=1, max_length=120)]
Summary = Annotated[str, Meta(min_length=1, max_length=800)]
Revision = Annotated[int, _number(1, 9999, "label")]
Percent = Annotated[int, _number(0, 100, "percent")]
Credibility = Annotated[int, _number(1, 6, "grade")]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
AckHours = Annotated[int, _number(1, 168, "hours")]
Years = Annotated[int, _number(0, 99, "years")]
DueHours = Annotated[int, _number(1, 720, "hours")]
LegNumber = Annotated[int, _number(1, 12, "label")]
FrameNumber = Annotated[int, _number(0, 65_535, "label")]
MessagePlace = Annotated[int, _number(0, 255, "label")]
TrustVersion = Annotated[int, _number(1, INTEGER_MAX, "label")]
TrueOnly = Annotated[
    bool, Meta(description="true, or absent", extra_json_schema={"const": True}, extra={"own": is_true})
]

GATEWAY_FIELDS = frozenset({"sent", "privacy", "generated", "k", "cells_suppressed", "released_by"})
"""Fields that only a gateway writes; they are refused in a publisher's draft at any depth."""
LIST_MAX = 64
"""Most items in a list of codes, languages or addresses."""
NAMED_MAX = 50
"""Most members in a list."""
TEXTS_MAX = 20
"""Most items in a list whose items contain free text or amounts."""


def most(length: int) -> Meta:
    """Return the rule for a list of 1 to `length` different items; an optional list is absent or not empty."""
    return Meta(min_length=1, max_length=length, extra_json_schema=UNIQUE, extra={"own": is_unique})


Some = most(LIST_MAX)
Sectors = Annotated[tuple[Sector, ...], Some]
Members = Annotated[tuple[Country, ...], most(NAMED_MAX)]
Citations = Annotated[tuple[Citation, ...], most(TEXTS_MAX)]


class Shape(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the objects in a message: closed and immutable; keys are written in the order of the fields."""


class Issuer(Shape, frozen=True, kw_only=True):
    """Who issues the message: member, body of at most 120 characters, sector."""

    member: Country
    body: Body
    sector: Sector


class Audience(Shape, frozen=True, kw_only=True):
    """For whom: "all" or named members; no `sectors` means every sector."""

    members: Literal["all"] | Members
    sectors: Sectors | UnsetType = UNSET


class Text(Shape, frozen=True, kw_only=True):
    """One language's title and summary; `generated` if the gateway wrote it from the codes."""

    lang: Language
    title: Title
    summary: Summary
    generated: TrueOnly | UnsetType = UNSET


class Area(Shape, frozen=True, kw_only=True):
    """A country, and inside it at most a first-level subdivision or a UN/LOCODE; never finer."""

    country: Country
    admin1: Admin1 | UnsetType = UNSET
    locode: Locode | UnsetType = UNSET


class Lead(Shape, frozen=True, kw_only=True):
    """Which body of which sector leads a practice."""

    sector: Sector
    body: Body


class Place(Shape, frozen=True, kw_only=True):
    """An Area and the role it plays."""

    role: PlaceRole
    country: Country
    admin1: Admin1 | UnsetType = UNSET
    locode: Locode | UnsetType = UNSET


class Source(Shape, frozen=True, kw_only=True):
    """Where it comes from, graded as in the Admiralty system; confidence in percent, absent and null alike."""

    type: SourceType
    reliability: Reliability
    credibility: Credibility
    confidence: Percent | UnsetType | None = UNSET


class Related(Shape, frozen=True, kw_only=True):
    """Another message and how this one relates to it."""

    rel: RelationCode
    id: MessageId


class Privacy(Shape, frozen=True, kw_only=True):
    """What the privacy gate did; written by the gateway only."""

    k: Count | UnsetType = UNSET
    cells_suppressed: Count | UnsetType = UNSET
    released_by: StaffRole | UnsetType = UNSET


Handlings = Annotated[tuple[Handling, ...], Some]
Texts = Annotated[tuple[Text, ...], most(12)]
Places = Annotated[tuple[Place, ...], most(20)]
RelatedMessages = Annotated[tuple[Related, ...], most(20)]
