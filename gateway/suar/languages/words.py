"""The English of everything that `suar show` prints besides the code lists: labels of fields, and phrases.

FIELDS are the labels that the kinds declare, by the field's key; if one key has two meanings, by `Struct.key` first.
PHRASES contain placeholders in braces, which are in every translation.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from msgspec import Struct

from suar.protocol.message.kinds import KINDS, WORDS, Head
from suar.protocol.message.spec import fields_of


def _declared(shape: type[Struct], shared: type[Struct] | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield (object, key, label) of each field of a type and its objects, except fields of `shared`."""
    for key, (_, found, _) in fields_of(shape).items():
        if shared is None or key not in fields_of(shared):
            yield shape.__name__, key, WORDS[shape.__name__][key][0]
            inside = (found.item or found).struct
            if inside:
                yield from _declared(inside)


def _fields() -> dict[str, str]:
    """Return the labels of all kinds: by key the first one; for an object with another label, also under its name."""
    found = {"kind": WORDS["Message"]["kind"][0]}
    own = (_declared(shape, Head if issubclass(shape, Head) else None) for shape in KINDS.values())
    for name, key, label in chain(_declared(Head), *own):
        if label and found.setdefault(key, label) != label:
            found[f"{name}.{key}"] = label
    return found


FIELDS: Final = _fields()
"""Label of each field."""

PHRASES: Final[dict[str, str]] = {
    "exercise": "EXERCISE - NOT A REAL EVENT",
    "exercise-title": "EXERCISE: {title}",
    "cancelled": "CANCELLED - DO NOT ACT ON THIS MESSAGE",
    "withdrawn-title": "Cancelled: {id}",
    "withdrawn-summary": "The publisher cancelled this message. Every receiver is asked to destroy its earlier text.",
    "superseded": "There is a newer revision of this message.",
    "newer": "The message is of a newer version of the standard; what is not known here is left out.",
    "recalled": "The text was recalled and is not shown any more.",
    "erased": "The text was erased in the live store here.",
    "recalled-exports": "Exports before the recall: {count}. Exported files are not destroyed.",
    "recalled-agencies": "Agencies here that had it before the recall: {count}. "
    "What they stored is not destroyed by it.",
    "recalled-backups": "Backups made at {times} still contain the text. Destroy them.",
    "english-only": "The publisher gave no text in your language; this one is in English.",
    "generated": "Written by the gateway from the codes of the message.",
    "other-languages": "Also given in: {languages}",
    "quoted": "“{text}”",
    "quoted-note": "Words in quotation marks stand as the publisher wrote them.",
    "marked-note": "Lines that begin with “|” are the publisher's own words.",
    "unknown-code": "{code} (a newer code, not known here)",
    "counts-as": "{code}, treated as {meaning}",
    "english-name": "{english} (English name)",
    "pair": "{label}: {value}",
    "list": "{first}, {rest}",
    "parts": "{first}; {rest}",
    "range": "{first} to {last}",
    "grade": "{code} - {meaning}",
    "section": "{section}, division {division}",
    "everybody": "All members",
    "every-sector": "All sectors",
    "secretariat": "ASEAN Secretariat",
    "total": "Total",
    "no-value": "Not given",
    "yes": "Yes",
    "no": "No",
    "life": "Life imprisonment",
    "years": "{number} years",
    "one-year": "{number} year",
    "hours": "{number} hours",
    "one-hour": "{number} hour",
    "percent": "{number}\u00a0%",
    "instant": "{date}, {time} UTC",
    "year": "{year}",
    "quarter": "Quarter {number} of {year}",
    "half-1": "First half of {year}",
    "half-2": "Second half of {year}",
    "revisions": "Revisions",
    "received": "received {when}",
    "came-alone": (
        "Revision {rev} came to us alone, and revision {changes}, which it changes, to all: others may not have it."
    ),
    "came-to-all": (
        "Revision {rev} came to all, and revision {changes}, which it changes, to us alone: others may not have had "
        "that."
    ),
    "dated-otherwise": "It is dated {sent} and came {came}: the time to acknowledge counts from when it came.",
    "refuse": "Refused",
    "hold": "Held until a second person releases it",
    "pass": "Accepted",
    "would-refuse": "Would be refused",
    "would-hold": "Would be held until a second person releases it",
    "would-pass": "Would be accepted",
    "only-checked": "Only checked: nothing was published.",
    "hint": "Advice",
    "in-english": "{text} (in English)",
    "look-at": "Look at",
    "figure": "figure {number}",
    "table-before": "The table as it was handed in",
    "table-after": "The table as it would be sent",
    "rows-more": "and {number} further rows, in which nothing is hidden or which are too many to show",
    "hidden-figures": "Hidden",
    "hidden-small": "{mark}: small ({number})",
    "hidden-protects": "{mark}: a small one could be computed from it ({number})",
    "hidden-given": "{mark}: not given by the publisher ({number})",
    "hidden-moved": "{mark}: shown before, has moved too little since ({number})",
    "hidden-protecting": "Hidden to protect a sum",
    "protects": "{figure}: in the sum {total} = {parts}",
    "hidden-together": "Hidden because a small count could be computed from it together with others",
    "together": "{figure}: with {numbers}",
    "earlier-tables": "earlier tables",
    "of-message": "{figure} in {message}",
    "the-denominator": "the denominator",
    "further": "{number} more",
    "coarser": "A coarser table hides less",
    "coarser-hides": "{way}: {hidden} of {cells} figures hidden instead of {now} of {all}",
    "coarser-leaves": "{way}: it can leave, {hidden} of {cells} figures hidden",
    "by-quarter": "by quarter instead of month",
    "by-half": "by half-year instead of shorter periods",
    "by-year": "by year instead of shorter periods",
    "by-age-groups": "ages 0 to 17 and 18 and older instead of narrower bands",
    "by-sections": "sections of industry instead of divisions",
    "by-country": "by country instead of smaller places",
    "by-rare-as-other": "rare citizenships together as other",
    "by-without": "without the dimension {dimension}",
    "may-open": "Will be able to open it",
    "may-not-open": "Will not be able to open it",
    "nobody": "Nobody",
    "no-key": "no valid key now; gets it when it has one",
    "not-checked": "Not checked",
    "check-permissions": "Rights of the members",
    "check-ledger": "Figures released before",
    "check-chain": "Earlier revisions",
    "check-draw": "Which cells this gateway hides, by its own key",
    "check-issuer": "Who issues it",
    "notice-new": "New alert",
    "notice-update": "Alert changed",
    "notice-cancel": "Alert cancelled",
    "notice-deadline": "Receipt not acknowledged yet",
    "notice-escalation": "Receipt not acknowledged in time",
    "notice-held": "A message waits for a second person",
    "notice-released-alone": "A message was released without a second person",
    "notice-recovered": "Access of a person to the console was recovered",
    "notice-proposal": "An agency proposes a draft",
    "notice-digest": "{number} notices at once",
    "notice-test": "Test of the notifications",
    "notice-open": "Read it there",
    "notice-first": "The most urgent",
}
"""Phrases by name."""

LANGUAGE_WORDS: Final[dict[str, str]] = {
    "cmn": "Mandarin",
    "cnh": "Hakha Chin",
    "hnj": "Hmong Njua",
    "khb": "Lü",
    "kjg": "Khmu",
    "ksw": "S'gaw Karen",
    "mnw": "Mon",
    "nan": "Min Nan",
}
"""Languages of the region that CLDR does not name in the region's own languages."""

MONTH_WORDS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""Phrases for Tetum, which CLDR does not have."""

TETUM_PHRASES: Final[dict[str, str]] = {"day": "{day} {month} {year}", "month": "{month} {year}"}
"""The format of a date in Tetum."""

TETUM_PLACES: Final = (
    "AU", "BD", "BN", "CN", "ID", "IN", "JP", "KH", "KR", "LA", "LK", "MM", "MY", "NP", "NZ", "PG", "PH", "PK", "PT",
    "SG", "TH", "TL", "TW", "US", "VN",
)  # fmt: skip
TETUM_LANGUAGES: Final = (
    "en", "fil", "hi", "id", "ja", "jv", "km", "ko", "lo", "ms", "my", "pt", "ta", "tet", "th", "vi", "zh",
)  # fmt: skip
"""Countries and languages with a name of their own in Tetum's catalogue; the others have Portuguese names."""
