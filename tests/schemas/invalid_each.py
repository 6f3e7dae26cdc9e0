"""Faults that every kind can have in the fields that it shares with the others; the alert's stand in make_invalid.

Each kind has a schema of its own, so that a reader in another language may get one right and the next one wrong.
"""

from datetime import timedelta
from typing import Any

from schemas.cases import DROP, Case
from suar.protocol.base.instants import instant_of, moment
from suar.protocol.message.kinds import DECLARED, PUBLISHED
from suar.standard.shipped import example
from support.kind_examples import example_of

PRACTICE = "practice-half-yearly-review"


def _base(kind: str) -> tuple[str, str, int]:
    name = PRACTICE if kind == "practice" else example_of(kind)
    return name, example(name)["sent"], DECLARED[kind].lifetime_days


BASES = {kind: _base(kind) for kind in PUBLISHED if kind != "alert"}
"""Kind to a valid example of it, when that was sent, and the days that it may be valid."""
SOURCE = {"type": "investigation", "reliability": "F", "credibility": 6, "confidence": 10}
ENGLISH = {"lang": "en", "title": "t", "summary": "s"}

_SCHEMA: list[tuple[str, str, Any]] = [
    ("schema-missing", "schema", DROP),
    ("id-trailing-newline", "id", "TH-ALERT-2027-000001\n"),
    ("rev-zero", "rev", 0),
    ("action-unknown-code", "action", "delete"),
    ("status-unknown-code", "status", "test"),
    ("issuer-missing", "issuer", DROP),
    ("sent-offset", "sent", "2027-03-02T09:15:00+07:00"),
    ("valid_from-day-only", "valid_from", "2027-03-02"),
    ("expires-missing", "expires", DROP),
    ("tlp-unknown-code", "tlp", "PURPLE"),
    ("handling-empty", "handling", []),
    ("audience-members-empty", "audience.members", []),
    ("text-empty", "text", []),
    ("places-latitude-unknown-field", "places", [{"role": "origin", "country": "TH", "latitude": 13}]),
    ("source-missing", "source", DROP),
    ("related-empty", "related", []),
    ("reason-too-long", "reason", "r" * 401),
    ("privacy-k-negative", "privacy", {"k": -1}),
    ("victim_name-unknown-field", "victim_name", "withheld"),
]
_RULE: list[tuple[str, str, Any]] = [
    ("new-with-rev-two", "rev", 2),
    ("cancel-without-reason", "", {"action": "cancel", "rev": 2}),
    ("red-to-all", "", {"tlp": "RED", "audience": {"members": "all"}}),
    ("ungraded-with-confidence", "source", SOURCE),
    ("text-without-english", "text.0.lang", "de"),
    ("text-language-repeated", "text", [ENGLISH, {**ENGLISH, "lang": "zh-Hans"}, {**ENGLISH, "lang": "zh-hans"}]),
]


def _late(sent: str, days: int) -> str:
    """One second beyond the longest time that a message may be valid."""
    return instant_of(moment(sent) + timedelta(days=days, seconds=1))


def _named(faults: list[tuple[str, str, Any]]) -> list[Case]:
    return [(f"{kind}-{name}", base, path, value) for kind, (base, *_) in BASES.items() for name, path, value in faults]


SCHEMA = _named(_SCHEMA)
RULE = [
    *_named(_RULE),
    *((f"{kind}-expires-when-sent", base, "expires", sent) for kind, (base, sent, _) in BASES.items()),
    *(
        (f"{kind}-expires-after-{days}-days", base, "expires", _late(sent, days))
        for kind, (base, sent, days) in BASES.items()
        if kind != "trend"  # stands in make_invalid
    ),
]
