"""The correspondence of OASIS CAP 1.2 and alerts of the standard: common words, and names for values unknown to CAP.

Urgency, severity and certainty are those of CAP. Values without a CAP element are in `parameter` with names that begin
with `suar:`, so that an exported alert can be imported without loss of these values.
"""

from typing import Final

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
PREFIX: Final = "suar:"

LEVELS: Final = ("urgency", "severity", "certainty")
"""Elements whose codes are ours, capitalised."""
UNKNOWN_LEVEL: Final = "Unknown"
"""A code of a later minor of the standard: CAP has these only, and this one in each."""
STATUS: Final = {"actual": "Actual", "exercise": "Exercise"}
ACTION: Final = {"new": "Alert", "update": "Update", "cancel": "Cancel"}
RESPONSE: Final = {
    "information-only": "None",
    "acknowledge": "None",
    "screen-arrivals": "Monitor",
    "strengthen-inspection": "Monitor",
    "warn-public": "Execute",
    "prepare-services": "Prepare",
    "offer-interpretation": "Prepare",
    "share-data": "Assess",
    "contact-bilaterally": "Assess",
    "verify-nationality-bilaterally": "Assess",
    "preserve-evidence": "Execute",
    "stand-down": "AllClear",
}
"""The CAP response type of each request; several requests share one."""
UNKNOWN_RESPONSE: Final = "Assess"
"""The action of a request of a later minor of the standard: it has to be examined."""
REQUEST: Final = {
    "Shelter": "prepare-services",
    "Evacuate": "prepare-services",
    "Prepare": "prepare-services",
    "Execute": "information-only",
    "Avoid": "information-only",
    "Monitor": "screen-arrivals",
    "Assess": "share-data",
    "AllClear": "stand-down",
    "None": "information-only",
}
"""The request of each CAP response type, if the file has no more specific one."""
AREA_CODES: Final = {"ISO 3166-1": "country", "ISO 3166-2": "admin1", "UN/LOCODE": "locode"}
"""The geocodes that a place of ours can have; any other may be finer than a province."""
