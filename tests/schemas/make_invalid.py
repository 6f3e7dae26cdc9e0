"""Writes schemas/examples/invalid from schemas/examples/valid: each file is one valid message with one thing changed.

Run `make standard` after a change. What each file must be refused for stands, written by hand,
in schemas/examples/invalid/expected.csv; a test holds the two lists of names equal.
"""

import copy
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from schemas.cases import DROP, Case

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
VALID = SCHEMAS / "examples" / "valid"
INVALID = SCHEMAS / "examples" / "invalid"

ALERT = "alert-new-route"
TREND = "trend-detected-by-sex"
TABLE = "trend-exploitation-by-age"
PATTERN = "pattern-seafood-debt"
ACTING = "receipt-acting"
MISSING = "receipt-missing"
HELD = "receipt-held-by-law"
LAND = {"country": "TH"}
SIX = [{"action": "acknowledge", "by": hours} for hours in range(1, 7)]
LEG = {"from": LAND, "to": LAND, "crossing": "none", "documents": "none", "duration": "day"}
TEXTS = [{"lang": f"en-{letter}x", "title": "t", "summary": "s"} for letter in "abcdefghijkl"]
ENGLISH = {"lang": "en", "title": "t", "summary": "s"}
CODES = [first + second for first in "ABCDE" for second in "ABCDEFGHIJK"]
FRAME = "5e" * 32

SHARED: list[Case] = [
    ("alert-kind-missing", ALERT, "kind", DROP),
    ("alert-kind-unknown", ALERT, "kind", "rumour"),
    ("alert-schema-missing", ALERT, "schema", DROP),
    ("alert-schema-other-kind", ALERT, "schema", "trend/1.0"),
    ("alert-schema-other-major", ALERT, "schema", "alert/2.0"),
    ("alert-id-missing", ALERT, "id", DROP),
    ("alert-id-of-other-kind", ALERT, "id", "KH-TREND-2027-000013"),
    ("alert-id-short-number", ALERT, "id", "KH-ALERT-2027-13"),
    ("alert-id-trailing-newline", ALERT, "id", "KH-ALERT-2027-000013\n"),
    ("alert-rev-zero", ALERT, "rev", 0),
    ("alert-rev-too-high", ALERT, "rev", 10000),
    ("alert-rev-text", ALERT, "rev", "1"),
    ("alert-action-unknown-code", ALERT, "action", "delete"),
    ("alert-status-unknown-code", ALERT, "status", "test"),
    ("alert-issuer-text", ALERT, "issuer", "KH"),
    ("alert-issuer-member-lower-case", ALERT, "issuer.member", "kh"),
    ("alert-issuer-body-missing", ALERT, "issuer.body", DROP),
    ("alert-issuer-body-too-long", ALERT, "issuer.body", "b" * 121),
    ("alert-issuer-sector-unknown-code", ALERT, "issuer.sector", "police"),
    ("alert-issuer-officer-unknown-field", ALERT, "issuer.officer", "duty"),
    ("alert-sent-missing", ALERT, "sent", DROP),
    ("alert-sent-fraction", ALERT, "sent", "2027-03-02T02:15:00.5Z"),
    ("alert-sent-leap-second", ALERT, "sent", "2027-03-01T23:59:60Z"),
    ("alert-sent-no-leap-day", ALERT, "sent", "2027-02-29T02:15:00Z"),
    ("alert-sent-no-such-day", ALERT, "sent", "2027-02-30T02:15:00Z"),
    ("alert-sent-offset", ALERT, "sent", "2027-03-02T09:15:00+07:00"),
    ("alert-valid_from-day-only", ALERT, "valid_from", "2027-03-02"),
    ("alert-valid_from-null", ALERT, "valid_from", None),
    ("alert-expires-missing", ALERT, "expires", DROP),
    ("alert-expires-hour-24", ALERT, "expires", "2027-04-14T24:00:00Z"),
    ("alert-tlp-unknown-code", ALERT, "tlp", "PURPLE"),
    ("alert-handling-empty", ALERT, "handling", []),
    ("alert-handling-repeated", ALERT, "handling", ["no-media", "no-media"]),
    ("alert-handling-unknown-code", ALERT, "handling", ["no-press"]),
    ("alert-audience-missing", ALERT, "audience", DROP),
    ("alert-audience-members-empty", ALERT, "audience.members", []),
    ("alert-audience-members-fifty-one", ALERT, "audience.members", CODES[:51]),
    ("alert-audience-members-lower-case", ALERT, "audience.members", ["la"]),
    ("alert-audience-members-other-word", ALERT, "audience.members", "everybody"),
    ("alert-audience-members-repeated", ALERT, "audience.members", ["LA", "LA"]),
    ("alert-audience-sectors-empty", ALERT, "audience.sectors", []),
    ("alert-audience-sectors-unknown-code", ALERT, "audience.sectors", ["police"]),
    ("alert-text-empty", ALERT, "text", []),
    ("alert-text-thirteen", ALERT, "text", [ENGLISH, *TEXTS]),
    ("alert-text-generated-false", ALERT, "text.0.generated", False),
    ("alert-text-lang-underscore", ALERT, "text.1.lang", "km_KH"),
    ("alert-text-title-empty", ALERT, "text.0.title", ""),
    ("alert-text-title-too-long", ALERT, "text.1.title", "ក" * 121),
    ("alert-text-summary-empty", ALERT, "text.0.summary", ""),
    ("alert-text-summary-too-long", ALERT, "text.0.summary", "s" * 801),
    ("alert-places-empty", ALERT, "places", []),
    ("alert-places-twenty-one", ALERT, "places", [{"role": "transit", "country": code} for code in CODES[:21]]),
    ("alert-places-repeated", ALERT, "places", [{"role": "transit", "country": "LA"}] * 2),
    ("alert-places-admin1-without-country", ALERT, "places.0.admin1", "2"),
    ("alert-places-country-three-letters", ALERT, "places.0.country", "KHM"),
    ("alert-places-locode-with-space", ALERT, "places.1.locode", "KH PO"),
    ("alert-places-role-unknown-code", ALERT, "places.0.role", "hideout"),
    ("alert-places-street-unknown-field", ALERT, "places.0.street", "national road"),
    ("alert-source-missing", ALERT, "source", DROP),
    ("alert-source-confidence-above-100", ALERT, "source.confidence", 101),
    ("alert-source-credibility-seven", ALERT, "source.credibility", 7),
    ("alert-source-reliability-unknown-code", ALERT, "source.reliability", "G"),
    ("alert-source-type-unknown-code", ALERT, "source.type", "rumour"),
    ("alert-related-empty", ALERT, "related", []),
    ("alert-related-id-lower-case", ALERT, "related.0.id", "kh-pattern-2027-000002"),
    ("alert-related-rel-unknown-code", ALERT, "related.0.rel", "like"),
    ("alert-reason-null", ALERT, "reason", None),
    ("alert-reason-too-long", ALERT, "reason", "r" * 401),
    ("alert-privacy-list", ALERT, "privacy", []),
    ("alert-privacy-k-negative", ALERT, "privacy", {"k": -1}),
    ("alert-privacy-cells_suppressed-text", ALERT, "privacy", {"cells_suppressed": "4"}),
    ("alert-privacy-released_by-unknown-code", ALERT, "privacy", {"released_by": "boss"}),
]
ALERTS: list[Case] = [
    ("alert-case_token-lower-case", ALERT, "case_token", "mfrggzdfmztwq2lknnwg23tpoa"),
    ("alert-case_token-padded", ALERT, "case_token", "MFRGGZDFMZTWQ2LKNNWG23TPO="),
    ("alert-ack_within-above-168", ALERT, "ack_within", 169),
    ("alert-ack_within-zero", ALERT, "ack_within", 0),
    ("alert-certainty-unknown-code", ALERT, "certainty", "sure"),
    ("alert-desk-missing", ALERT, "desk", DROP),
    ("alert-desk-of-other-kind", ALERT, "desk", "KH-ALERT-2027-000001"),
    ("alert-event-unknown-code", ALERT, "event", "kidnapping"),
    ("alert-incident-no-id", ALERT, "incident", "case 11"),
    ("alert-onset-day", ALERT, "onset", "2027-02-08"),
    ("alert-pattern-of-other-kind", ALERT, "pattern", "KH-ALERT-2027-000002"),
    ("alert-request-empty", ALERT, "request", []),
    ("alert-request-six", ALERT, "request", SIX),
    ("alert-request-action-unknown-code", ALERT, "request.0.action", "arrest"),
    ("alert-request-by-above-720", ALERT, "request.0.by", 721),
    ("alert-request-by-zero", ALERT, "request.0.by", 0),
    ("alert-request-of_members-all", ALERT, "request.0.of_members", "all"),
    ("alert-request-of_sectors-empty", ALERT, "request.0.of_sectors", []),
    ("alert-severity-unknown-code", ALERT, "severity", "high"),
    ("alert-urgency-missing", ALERT, "urgency", DROP),
    ("alert-urgency-unknown-code", ALERT, "urgency", "now"),
    ("alert-victim_name-unknown-field", ALERT, "victim_name", "withheld"),
]
TRENDS: list[Case] = [
    ("trend-schema-other-major", TREND, "schema", "trend/2.0"),
    ("trend-id-of-other-kind", TREND, "id", "TH-ALERT-2027-000003"),
    ("trend-caveats-unknown-code", TREND, "caveats", ["estimated"]),
    ("trend-coverage-missing", TREND, "coverage", DROP),
    ("trend-coverage-completeness-above-100", TREND, "coverage.completeness", 101),
    ("trend-coverage-scope-unknown-code", TREND, "coverage.scope", "regional"),
    ("trend-date_basis-unknown-code", TREND, "date_basis", "arrest"),
    ("trend-denominator-negative", TREND, "denominator", -1),
    ("trend-dims-four", TABLE, "dims", ["age", "exploitation", "means", "sex"]),
    ("trend-dims-repeated", TREND, "dims", ["sex", "sex"]),
    ("trend-dims-unknown-code", TREND, "dims", ["religion"]),
    ("trend-direction-unknown-code", TREND, "direction", "up"),
    ("trend-indicator-unknown-code", TREND, "indicator", "victims"),
    ("trend-margins-text", TREND, "margins", "yes"),
    ("trend-method-unknown-code", TREND, "method", "guess"),
    ("trend-unit-unknown-code", TREND, "unit", "heads"),
    ("trend-obs-empty", TREND, "obs", []),
    ("trend-obs-dims-missing", TREND, "obs.0.dims", DROP),
    ("trend-obs-dims-age-unknown-code", TABLE, "obs.0.dims.age", "9 to 17"),
    ("trend-obs-dims-citizenship-three-letters", TREND, "obs.0.dims.citizenship", "PHL"),
    ("trend-obs-dims-exploitation-unknown-code", TABLE, "obs.0.dims.exploitation", "scam"),
    ("trend-obs-dims-industry-three-digits", TREND, "obs.0.dims.industry", "102"),
    ("trend-obs-dims-means-fine-code", TABLE, "obs.1.dims.means", "debt-bondage"),
    ("trend-obs-dims-recruiter-unknown-code", TREND, "obs.0.dims.recruiter", "agent"),
    ("trend-obs-dims-religion-unknown-field", TREND, "obs.0.dims.religion", "any"),
    ("trend-obs-dims-sex-unknown-code", TREND, "obs.0.dims.sex", "f"),
    ("trend-obs-dims-transport-unknown-code", TREND, "obs.0.dims.transport", "car"),
    ("trend-obs-period-day", TREND, "obs.0.period", "2026-01-31"),
    ("trend-obs-period-quarter-five", TREND, "obs.0.period", "2026-Q5"),
    ("trend-obs-period-trailing-newline", TREND, "obs.0.period", "2026\n"),
    ("trend-obs-place-admin1-without-country", TREND, "obs.0.place.admin1", "10"),
    ("trend-obs-place-country-lower-case", TREND, "obs.0.place.country", "th"),
    ("trend-obs-place-locode-short", TREND, "obs.0.place.locode", "THB"),
    ("trend-obs-place-role-missing", TREND, "obs.0.place.role", DROP),
    ("trend-obs-status-unknown-code", TREND, "obs.0.status", "X"),
    ("trend-obs-value-above-a-billion", TREND, "obs.0.value", 10**9 + 1),
    ("trend-obs-value-missing", TREND, "obs.0.value", DROP),
    ("trend-obs-value-negative", TREND, "obs.0.value", -1),
]
PATTERNS: list[Case] = [
    ("pattern-schema-other-major", PATTERN, "schema", "pattern/2.0"),
    ("pattern-id-of-other-kind", PATTERN, "id", "TH-ALERT-2027-000010"),
    ("pattern-acts-empty", PATTERN, "acts", []),
    ("pattern-acts-unknown-code", PATTERN, "acts", ["luring"]),
    ("pattern-actors-unknown-code", PATTERN, "actors", ["boss"]),
    ("pattern-child_only-one", PATTERN, "child_only", 1),
    ("pattern-counter-code-unknown-code", PATTERN, "counter.0.code", "raid"),
    ("pattern-counter-note-too-long", PATTERN, "counter.0.note", "n" * 201),
    ("pattern-first_seen-day", PATTERN, "first_seen", "2026-06-01"),
    ("pattern-indicators-code-unknown-code", PATTERN, "indicators.0.code", "nervous"),
    ("pattern-indicators-note-too-long", PATTERN, "indicators.0.note", "n" * 201),
    ("pattern-indicators-observable_by-empty", PATTERN, "indicators.0.observable_by", []),
    ("pattern-industry-three-digits", PATTERN, "industry", ["102"]),
    ("pattern-last_seen-month-thirteen", PATTERN, "last_seen", "2027-13"),
    (
        "pattern-legs-thirteen",
        PATTERN,
        "legs",
        [{"seq": min(n, 12), **LEG, "to": {"country": f"A{chr(64 + n)}"}} for n in range(1, 14)],
    ),
    ("pattern-legs-crossing-unknown-code", PATTERN, "legs.0.crossing", "river"),
    ("pattern-legs-documents-unknown-code", PATTERN, "legs.0.documents", "passport"),
    ("pattern-legs-duration-unknown-code", PATTERN, "legs.0.duration", "2 days"),
    ("pattern-legs-from-missing", PATTERN, "legs.0.from", DROP),
    ("pattern-legs-from-country-lower-case", PATTERN, "legs.0.from.country", "mm"),
    ("pattern-legs-from-admin1-without-country", PATTERN, "legs.0.from.admin1", "05"),
    ("pattern-legs-from-locode-short", PATTERN, "legs.0.from.locode", "MMR"),
    ("pattern-legs-modes-unknown-code", PATTERN, "legs.0.modes", ["taxi"]),
    ("pattern-legs-seq-thirteen", PATTERN, "legs.1.seq", 13),
    ("pattern-legs-to-admin1-without-country", PATTERN, "legs.0.to.admin1", "63"),
    ("pattern-legs-to-country-missing", PATTERN, "legs.0.to.country", DROP),
    ("pattern-legs-to-locode-short", PATTERN, "legs.0.to.locode", "THM"),
    ("pattern-legs-to-postcode-unknown-field", PATTERN, "legs.0.to.postcode", "63110"),
    ("pattern-means-coarse-code", PATTERN, "means", ["debt-or-earnings"]),
    ("pattern-means-empty", PATTERN, "means", []),
    ("pattern-money-currency-lower-case", PATTERN, "money.0.currency", "thb"),
    ("pattern-money-high-above-a-billion", PATTERN, "money.0.high", 10**9 + 1),
    ("pattern-money-kind-unknown-code", PATTERN, "money.0.kind", "bribe"),
    ("pattern-money-low-negative", PATTERN, "money.0.low", -1),
    ("pattern-name-too-long", PATTERN, "name", "n" * 121),
    ("pattern-platforms-name-of-one", PATTERN, "platforms", ["a brand"]),
    ("pattern-purposes-empty", PATTERN, "purposes", []),
    ("pattern-purposes-unknown-code", PATTERN, "purposes", ["labour"]),
    ("pattern-recruiter_relation-unknown-code", PATTERN, "recruiter_relation", ["uncle"]),
    ("pattern-recruitment-unknown-code", PATTERN, "recruitment", ["radio"]),
    ("pattern-sightings-band-unknown-code", PATTERN, "sightings.band", "1-4"),
    ("pattern-sightings-members-empty", PATTERN, "sightings.members", []),
    ("pattern-state-unknown-code", PATTERN, "state", "over"),
    ("pattern-targeted-age_band-unknown-code", PATTERN, "targeted.age_band", ["young"]),
    ("pattern-targeted-citizenship-six", PATTERN, "targeted.citizenship", ["MM", "KH", "LA", "VN", "TH", "ID"]),
    ("pattern-targeted-sex-unknown-code", PATTERN, "targeted.sex", ["women"]),
    ("pattern-targeted-vulnerability-unknown-code", PATTERN, "targeted.vulnerability", ["naive"]),
]
RECEIPTS: list[Case] = [
    ("receipt-schema-other-major", ACTING, "schema", "receipt/2.0"),
    ("receipt-at-day-only", ACTING, "at", "2027-03-02"),
    ("receipt-code-lower-case", ACTING, "code", "e-late"),
    ("receipt-exports-negative", HELD, "exports", -1),
    ("receipt-id-unknown-field", ACTING, "id", "TH-RECEIPT-2027-000001"),
    ("receipt-member-missing", ACTING, "member", DROP),
    ("receipt-note-too-long", ACTING, "note", "n" * 201),
    ("receipt-of-empty", ACTING, "of", []),
    ("receipt-of-repeated", ACTING, "of", [{"frame": FRAME}] * 2),
    ("receipt-of-no-form", ACTING, "of", [{"messages": [0]}]),
    ("receipt-of-two-forms", MISSING, "of", [{"frame": FRAME, "trust": 7}]),
    ("receipt-of-epoch-short", MISSING, "of.0.epoch", "3f"),
    ("receipt-of-first-negative", MISSING, "of.0.first", -1),
    ("receipt-of-last-above-65535", MISSING, "of.0.last", 65536),
    ("receipt-of-last-missing", MISSING, "of.0.last", DROP),
    ("receipt-of-frame-upper-case", ACTING, "of.0.frame", "AB" * 32),
    ("receipt-of-messages-above-255", ACTING, "of.0.messages", [256]),
    ("receipt-of-messages-empty", ACTING, "of.0.messages", []),
    ("receipt-of-messages-repeated", ACTING, "of.0.messages", [3, 3]),
    ("receipt-of-trust-zero", MISSING, "of.1.trust", 0),
    ("receipt-role-unknown-code", ACTING, "role", "minister"),
    ("receipt-sector-unknown-code", ACTING, "sector", "police"),
    ("receipt-sent-offset", ACTING, "sent", "2027-03-02T11:00:00+07:00"),
    ("receipt-stage-unknown-code", ACTING, "stage", "read"),
    ("receipt-status-unknown-code", ACTING, "status", "drill"),
]
RULE: list[Case] = [
    ("alert-new-with-rev-two", ALERT, "rev", 2),
    ("alert-update-with-rev-one", ALERT, "action", "update"),
    ("alert-cancel-without-reason", "alert-cancelled", "reason", DROP),
    ("alert-expires-when-sent", ALERT, "expires", "2027-03-02T02:15:00Z"),
    ("alert-expires-after-ninety-days", ALERT, "expires", "2027-05-31T02:15:01Z"),
    ("trend-expires-after-1826-days", TREND, "expires", "2032-02-01T04:00:01Z"),
    ("alert-red-to-all", "alert-cancelled", "audience.members", "all"),
    ("alert-reliability-f-with-confidence", ALERT, "source.reliability", "F"),
    ("alert-credibility-six-with-confidence", ALERT, "source.credibility", 6),
    ("alert-text-without-english", ALERT, "text.0.lang", "fil"),
    ("alert-text-two-english", ALERT, "text.1.lang", "en"),
    (
        "alert-text-language-repeated",
        "alert-cancelled",
        "text",
        [ENGLISH, {**ENGLISH, "lang": "zh-Hans"}, {**ENGLISH, "lang": "zh-hans"}],
    ),
    ("alert-immediate-without-ack_within", ALERT, "ack_within", DROP),
    ("trend-cell-without-its-dimension", TREND, "obs.0.dims", {}),
    ("trend-cell-with-another-dimension", TREND, "obs.0.dims.age", "18+"),
    ("trend-total-without-margins", TREND, "margins", False),
    ("trend-value-null-with-status-a", TREND, "obs.0.value", None),
    ("trend-value-with-status-s", TREND, "obs.0.status", "S"),
    ("trend-age-band-subnational", TABLE, "coverage.scope", "agency"),
    ("trend-age-band-in-a-province", TABLE, "obs.1.place.admin1", "PH-00"),
    ("trend-cell-twice", TREND, "obs.1.dims.sex", "female"),
    ("pattern-without-means", PATTERN, "means", DROP),
    ("pattern-legs-same-number", PATTERN, "legs.1.seq", 1),
    ("pattern-money-low-above-high", PATTERN, "money.0.low", 28001),
    ("pattern-last-seen-before-first", PATTERN, "last_seen", "2026-05"),
    ("receipt-refused-without-code", "receipt-refused", "code", DROP),
    ("receipt-acting-of-an-epoch", ACTING, "of.1", {"epoch": FRAME, "first": 0, "last": 1}),
    ("receipt-acting-of-a-trust-list", ACTING, "of.1", {"trust": 3}),
    ("receipt-range-reversed", MISSING, "of.0.first", 10),
]
# (name, base, text of the compact base, what stands instead)
FORM: list[tuple[str, str, bytes, bytes]] = [
    ("alert-array-around", ALERT, b"", b"[%s]"),
    ("alert-bom", ALERT, b"", b"\xef\xbb\xbf%s"),
    ("alert-trailing-document", ALERT, b"", b"%s{}"),
    ("alert-key-repeated", ALERT, b'"tlp":"AMBER"', b'"tlp":"AMBER","tlp":"CLEAR"'),
    ("alert-key-repeated-by-escape", ALERT, b'"tlp":"AMBER"', b'"tlp":"AMBER","\\u0074lp":"CLEAR"'),
    (
        "alert-key-repeated-inside",
        ALERT,
        b'"sector":"border-immigration"',
        b'"sector":"border-immigration","sector":"labour"',
    ),
    ("alert-rev-with-point", ALERT, b'"rev":1', b'"rev":1.0'),
    ("alert-rev-with-exponent", ALERT, b'"rev":1', b'"rev":1e0'),
    ("alert-confidence-minus-zero", ALERT, b'"confidence":75', b'"confidence":-0'),
    ("alert-confidence-nan", ALERT, b'"confidence":75', b'"confidence":NaN'),
    ("trend-denominator-beyond-2-53", TREND, b'"denominator":61000', b'"denominator":9007199254740992'),
    ("alert-deeper-than-sixteen", ALERT, b'"rev":1', b'"deep":' + b"[" * 16 + b"]" * 16 + b',"rev":1'),
    ("alert-title-lone-surrogate", ALERT, b'"title":"Night buses', b'"title":"\\ud83dNight buses'),
    ("alert-body-not-nfc", ALERT, b'"body":"Border', '"body":"Bo\u0302rder'.encode()),
    ("alert-body-of-a-later-unicode", ALERT, b'"body":"Border', '"body":"Border \U00010efd'.encode()),
    ("alert-body-not-utf-8", ALERT, b'"body":"Border', b'"body":"B\xf6rder'),
]


def _from_other_modules(name: str) -> list[Case]:
    """The cases of this name in every module `invalid_*` beside this one: a kind may have one of its own."""
    stems = sorted(path.stem for path in Path(__file__).parent.glob("invalid_*.py"))
    return [case for stem in stems for case in getattr(import_module(f"schemas.{stem}"), name)]


FOLDERS: dict[str, list[Case]] = {
    "schema": [*SHARED, *ALERTS, *TRENDS, *PATTERNS, *RECEIPTS, *_from_other_modules("SCHEMA")],
    "rule": [*RULE, *_from_other_modules("RULE")],
}


def base(name: str) -> dict[str, Any]:
    """A valid example as a tree."""
    tree: dict[str, Any] = json.loads((VALID / f"{name}.json").read_bytes())
    return tree


def compact(tree: Any) -> bytes:
    """The tree as one line of UTF-8 JSON."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def changed(tree: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The tree with the value at a dotted path set, or left out if it is DROP; at "" a dict is laid over it."""
    tree = copy.deepcopy(tree)
    if not path:
        return {**tree, **value}
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    node: Any = tree
    for key in parents:
        node = node[key]
    if value is DROP:
        del node[last]
    else:
        node[last] = value
    return tree


def broken(name: str, old: bytes, new: bytes) -> bytes:
    """The compact base with one piece of text replaced, or with the whole put into `new`."""
    text = compact(base(name))
    if not old:
        return new.replace(b"%s", text)
    return text.replace(old, new, 1)


def files() -> dict[str, bytes]:
    """Name below examples/invalid to content."""
    made = {}
    for folder, cases in FOLDERS.items():
        for name, of, path, value in cases:
            text = json.dumps(changed(base(of), path, value), indent=1, ensure_ascii=False) + "\n"
            made[f"{folder}/{name}.json"] = text.encode()
    return made | {f"form/{name}.json": broken(of, old, new) + b"\n" for name, of, old, new in FORM}


if __name__ == "__main__":
    for name, content in files().items():
        target = INVALID / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
