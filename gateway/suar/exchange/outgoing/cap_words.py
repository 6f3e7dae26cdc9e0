"""OASIS CAP 1.2 and our alert, side by side: the words that both have, and the names of what only we have.

Urgency, severity and certainty are CAP's own. What CAP has no element for travels in `parameter` under names that
begin with `suar:`, so that an alert exported here and imported there is the same alert.
"""

from typing import Final

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
PREFIX: Final = "suar:"

LEVELS: Final = ("urgency", "severity", "certainty")
"""Elements whose codes are ours with a capital letter."""
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
"""What a request is in CAP's nine response types; several of ours share one."""
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
"""What a response type asks of us, where the file says no more."""
AREA_CODES: Final = {"ISO 3166-1": "country", "ISO 3166-2": "admin1", "UN/LOCODE": "locode"}
"""The geocodes that a place of ours can be: every other one may be finer than a province."""
