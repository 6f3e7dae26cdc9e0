"""Optional layout of a form: in which part of the page each field appears, and in which order.

A kind or a field that is not listed appears in the part "what happens", in the order of its type.
"""

from typing import Final, get_args

from suar.protocol.message import fields as f

WHAT: Final = "what"
ASK: Final = "ask"
WHERE: Final = "where"
WORDS: Final = "words"
WHOM: Final = "whom"
REST: Final = "rest"
PARTS: Final = (WHAT, ASK, WHERE, WORDS, WHOM, REST)
"""The parts of a form in their order; the last one is folded."""

_HEAD: Final = {
    "places": WHERE, "text": WORDS, "tlp": WHOM, "audience": WHOM, "handling": WHOM, "issuer": REST, "valid_from": REST,
    "expires": REST, "source": REST, "related": REST, "reason": WORDS,
}  # fmt: skip
_KIND: Final = {
    "alert": {
        "event": WHAT, "urgency": WHAT, "ack_within": WHAT, "severity": WHAT, "certainty": WHAT, "request": ASK,
        "onset": REST, "incident": REST, "pattern": REST, "case_token": REST, "desk": REST,
    },
    "practice": {"desk": REST},
}  # fmt: skip

BY_GATEWAY: Final = frozenset(
    {"schema", "id", "rev", "action", "status", "sent", "privacy", "issuer.member", "text.generated", "kind"}
)
"""Fields that no form has: the gateway writes them, or the draft has them once for the whole form."""
HOURS: Final = frozenset({get_args(f.AckHours)[1:], get_args(f.DueHours)[1:]})
"""Types of numbers of hours, whose labels do not contain the unit."""
GRADE: Final = get_args(f.Credibility)[1:]
PERCENT: Final = get_args(f.Percent)[1:]
OLD_CODES: Final = {"tlp": frozenset({"WHITE"})}
"""Codes that can no longer be chosen, by the name of the field."""


def part_of(kind: str, key: str) -> str:
    """Return the part of the form that contains a field of the message."""
    return _KIND.get(kind, {}).get(key) or _HEAD.get(key) or WHAT


def order_of(kind: str, key: str) -> int:
    """Return the rank of a field in the form; fields that are not listed come last."""
    named = [*_KIND.get(kind, {}), *_HEAD]
    return named.index(key) if key in named else len(named)


def is_shown(name: str, action: str) -> bool:
    """Return whether the form has the field; `name`: as `names.py` writes it, without the numbers of rows."""
    return name not in BY_GATEWAY and (name != "reason" or action != "new")
