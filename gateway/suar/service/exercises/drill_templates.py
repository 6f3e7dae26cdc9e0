"""Exercises that are ready to be sent: alerts as a person writes them, without what the gateway adds.

Title and summary are in the catalogues (console/drill-NAME, console/drill-NAME-what), and a drill has them in as many
languages as a message may have, so that a reader has them in their own. None contains what a second person has to
release (an extreme event, a warning to the public): a drill of that is written as a file, and waits for that person
like an actual message.
"""

from typing import Any, Final

from suar.languages.catalogue import load
from suar.languages.tags import LANGUAGES
from suar.protocol.base.errors import Fault

TEMPLATES: Final[dict[str, dict[str, Any]]] = {
    "call-out": {
        "event": "service-disruption", "urgency": "immediate", "severity": "minor", "certainty": "observed",
        "request": [{"action": "acknowledge"}], "ack_within": 1, "tlp": "GREEN",
    },
    "mass-rescue": {
        "event": "mass-rescue", "urgency": "immediate", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}, {"action": "prepare-services"}, {"action": "offer-interpretation"}],
        "ack_within": 4, "tlp": "AMBER",
    },
    "route-shift": {
        "event": "route-shift", "urgency": "expected", "severity": "moderate", "certainty": "possible",
        "request": [{"action": "acknowledge"}, {"action": "screen-arrivals"}], "ack_within": 24, "tlp": "AMBER",
    },
}  # fmt: skip
"""By name: a check that people can be reached, a grave event, an everyday one."""
TAGS: Final = tuple(tag for tag in LANGUAGES if tag != "ta")
"""The languages of a drill. A message has at most twelve, and one of the thirteen is left out: desks whose pages are in
Tamil work in English, too.
"""
SOURCE: Final = {"type": "administrative-record", "reliability": "A", "credibility": 1}


def template(name: str) -> dict[str, Any]:
    """The draft of that name. Fault with all names when there is none."""
    if name not in TEMPLATES:
        raise Fault(f"there is no template {name}", f"the templates are {', '.join(TEMPLATES)}; or name a file")
    return {"kind": "alert", "action": "new", "source": SOURCE, **TEMPLATES[name], "text": _texts(name)}


def _texts(name: str) -> list[dict[str, str]]:
    """The title and summary of a template in each of TAGS, English first."""
    words = ((tag, load(tag).console) for tag in TAGS)
    return [
        {"lang": tag, "title": console(f"drill-{name}"), "summary": console(f"drill-{name}-what")}
        for tag, console in words
    ]
