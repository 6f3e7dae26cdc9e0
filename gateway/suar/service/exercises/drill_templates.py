"""Exercises that are ready to be sent: alerts as a person writes them, without what the gateway adds.

None contains what a second person has to release (an extreme event, a warning to the public): a drill of that is
written as a file, and waits for that person like an actual message.
"""

from typing import Any, Final

from suar.protocol.base.errors import Fault

TEMPLATES: Final[dict[str, dict[str, Any]]] = {
    "call-out": {
        "event": "service-disruption", "urgency": "immediate", "severity": "minor", "certainty": "observed",
        "request": [{"action": "acknowledge"}], "ack_within": 1, "tlp": "GREEN",
        "text": [{
            "lang": "en", "title": "Call-out of all duty officers",
            "summary": "Acknowledge this exercise as soon as you read it. Nothing else is asked.",
        }],
    },
    "mass-rescue": {
        "event": "mass-rescue", "urgency": "immediate", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}, {"action": "prepare-services"}, {"action": "offer-interpretation"}],
        "ack_within": 4, "tlp": "AMBER",
        "text": [{
            "lang": "en", "title": "A rescue of many persons is to be expected",
            "summary": "Acknowledge, tell your shelters and interpreters, and say that you act once they are ready.",
        }],
    },
    "route-shift": {
        "event": "route-shift", "urgency": "expected", "severity": "moderate", "certainty": "possible",
        "request": [{"action": "acknowledge"}, {"action": "screen-arrivals"}], "ack_within": 24, "tlp": "AMBER",
        "text": [{
            "lang": "en", "title": "A route moves to other border posts",
            "summary": "Acknowledge, pass it to your border posts, and say that you act once they screen arrivals.",
        }],
    },
}  # fmt: skip
"""By name: a check that people can be reached, a grave event, an everyday one."""
SOURCE: Final = {"type": "administrative-record", "reliability": "A", "credibility": 1}


def template(name: str) -> dict[str, Any]:
    """The draft of that name. Fault with all names when there is none."""
    if name not in TEMPLATES:
        raise Fault(f"there is no template {name}", f"the templates are {', '.join(TEMPLATES)}; or name a file")
    return {"kind": "alert", "action": "new", "source": SOURCE, **TEMPLATES[name]}
