"""Faults of the kinds that are looked up: legislation, practice and contact, in their own fields."""

from schemas.cases import DROP, Case

LAW = "legislation-expanded-act"
REPEAL = "legislation-exercise-repeal"
REVIEW = "practice-half-yearly-review"
LESSON = "practice-airport-screening-lesson"
HOTLINE = "contact-hotline"
SHELTERS = "contact-shelters-full"

LEGISLATION: list[Case] = [
    ("legislation-schema-other-major", LAW, "schema", "legislation/2.0"),
    ("legislation-id-of-other-kind", LAW, "id", "PH-PRACTICE-2027-000004"),
    ("legislation-jurisdiction-three-letters", LAW, "jurisdiction", "PHL"),
    ("legislation-instrument-unknown-code", LAW, "instrument", "law"),
    ("legislation-citation-missing", LAW, "citation", DROP),
    ("legislation-citation-too-long", LAW, "citation", "c" * 201),
    ("legislation-state-unknown-code", LAW, "state", "valid"),
    ("legislation-enacted-no-such-day", LAW, "enacted", "2022-06-31"),
    ("legislation-enacted-year-only", LAW, "enacted", "2022"),
    ("legislation-in_force-instant", LAW, "in_force", "2022-07-01T00:00:00Z"),
    ("legislation-repealed-null", LAW, "repealed", None),
    ("legislation-amends-empty", LAW, "amends", []),
    ("legislation-amends-repeated", LAW, "amends", ["Republic Act 9208", "Republic Act 9208"]),
    ("legislation-repeals-too-long", LAW, "repeals", ["c" * 201]),
    ("legislation-topics-empty", LAW, "topics", []),
    ("legislation-topics-unknown-code", LAW, "topics", ["punishment"]),
    ("legislation-implements-lower-case", LAW, "implements", ["palermo:3"]),
    ("legislation-implements-too-long", LAW, "implements", ["PALERMO:" + "3" * 33]),
    ("legislation-implements-without-provision", LAW, "implements", ["PALERMO"]),
    ("legislation-penalty-max_years-above-99", LAW, "penalty.max_years", 100),
    ("legislation-penalty-max_years-missing", LAW, "penalty.max_years", DROP),
    ("legislation-penalty-min_years-negative", LAW, "penalty.min_years", -1),
    ("legislation-penalty-fine-unknown-field", LAW, "penalty.fine", 1000),
    ("legislation-url-not-https", LAW, "url", "http://example.gov/ra-11862"),
    ("legislation-url-too-long", LAW, "url", "https://example.gov/" + "a" * 281),
    ("legislation-url-with-a-user", LAW, "url", "https://user@example.gov/"),
    ("legislation-url-with-space", LAW, "url", "https://example.gov/ra 11862"),
    ("legislation-checked_on-month", LAW, "checked_on", "2027-02"),
    ("legislation-checked_on-missing", LAW, "checked_on", DROP),
]
PRACTICES: list[Case] = [
    ("practice-schema-other-major", REVIEW, "schema", "practice/2.0"),
    ("practice-id-of-other-kind", REVIEW, "id", "ID-CONTACT-2027-000002"),
    ("practice-type-unknown-code", REVIEW, "type", "best-practice"),
    ("practice-pillar-empty", REVIEW, "pillar", []),
    ("practice-pillar-unknown-code", REVIEW, "pillar", ["partnership"]),
    ("practice-lead-text", REVIEW, "lead", "Ministry"),
    ("practice-lead-sector-unknown-code", REVIEW, "lead.sector", "police"),
    ("practice-lead-body-too-long", REVIEW, "lead.body", "b" * 121),
    ("practice-lead-officer-unknown-field", REVIEW, "lead.officer", "duty"),
    ("practice-partners-unknown-code", REVIEW, "partners", ["church"]),
    ("practice-coverage-country-missing", REVIEW, "coverage.country", DROP),
    ("practice-coverage-admin1-without-country", REVIEW, "coverage.admin1", "JK"),
    ("practice-coverage-locode-short", LESSON, "coverage.locode", "VNS"),
    ("practice-coverage-street-unknown-field", REVIEW, "coverage.street", "main road"),
    ("practice-state-unknown-code", REVIEW, "state", "active"),
    ("practice-cycle-unknown-code", REVIEW, "cycle", "monthly"),
    ("practice-measures-empty", REVIEW, "measures", []),
    ("practice-measures-unknown-code", REVIEW, "measures", ["happiness"]),
    ("practice-evidence-unknown-code", REVIEW, "evidence", "anecdote"),
    ("practice-safeguards-missing", REVIEW, "safeguards", DROP),
    ("practice-safeguards-unknown-code", REVIEW, "safeguards", ["trust"]),
    ("practice-desk-missing", REVIEW, "desk", DROP),
    ("practice-desk-of-other-kind", REVIEW, "desk", "ID-PRACTICE-2027-000003"),
]
CONTACTS: list[Case] = [
    ("contact-schema-other-major", HOTLINE, "schema", "contact/2.0"),
    ("contact-id-of-other-kind", HOTLINE, "id", "PH-ALERT-2027-000003"),
    ("contact-service-empty", HOTLINE, "service", []),
    ("contact-service-unknown-code", HOTLINE, "service", ["prayer"]),
    ("contact-body-too-long", HOTLINE, "body", "b" * 121),
    ("contact-sector-unknown-code", HOTLINE, "sector", "ngo"),
    ("contact-coverage-country-lower-case", HOTLINE, "coverage.country", "ph"),
    ("contact-coverage-admin1-without-country", SHELTERS, "coverage.admin1", "KR"),
    ("contact-coverage-locode-with-space", SHELTERS, "coverage.locode", "ID BTM"),
    ("contact-address-unknown-field", SHELTERS, "address", "withheld"),
    ("contact-languages-empty", HOTLINE, "languages", []),
    ("contact-languages-name", HOTLINE, "languages", ["Filipino"]),
    ("contact-hours-unknown-code", HOTLINE, "hours", "24/7"),
    ("contact-serves-missing", HOTLINE, "serves", DROP),
    ("contact-serves-unknown-code", HOTLINE, "serves", ["children"]),
    ("contact-capacity-unknown-code", HOTLINE, "capacity", "half"),
    ("contact-phone-empty", HOTLINE, "phone", []),
    ("contact-phone-sixteen-digits", HOTLINE, "phone", ["+6328000000000000"]),
    ("contact-phone-six-digits", HOTLINE, "phone", ["+632800"]),
    ("contact-phone-without-plus", HOTLINE, "phone", ["063280000000"]),
    ("contact-phone-with-spaces", HOTLINE, "phone", ["+63 2 8000 0000"]),
    ("contact-email-two-at-signs", SHELTERS, "email", ["shelters@@example.org"]),
    ("contact-email-too-long", SHELTERS, "email", ["a" * 243 + "@example.org"]),
    ("contact-email-with-a-name", SHELTERS, "email", ["Shelters <shelters@example.org>"]),
]
SCHEMA = [*LEGISLATION, *PRACTICES, *CONTACTS]
RULE: list[Case] = [
    ("legislation-penalty-min-above-max", LAW, "penalty.max_years", 19),
    ("legislation-repealed-before-enacted", REPEAL, "repealed", "2026-11-01"),
    ("legislation-repealed-before-in-force", REPEAL, "in_force", "2027-05-02"),
]
