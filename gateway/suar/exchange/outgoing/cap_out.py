"""An alert as OASIS CAP 1.2. Values for which CAP has an element are written there, the others as parameters.

The marking is written three times, because readers use different elements: `scope` (Public if anybody may read it),
`restriction` in words, and `code` for programs. There is no telephone number: `contact` names the contact message.
"""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape  # nosec: writes only

from msgspec import UNSET

from suar.exchange.outgoing.cap_words import (
    ACTION,
    AREA_CODES,
    LEVELS,
    NAMESPACE,
    PREFIX,
    RESPONSE,
    STATUS,
    UNKNOWN_LEVEL,
    UNKNOWN_RESPONSE,
)
from suar.exchange.outgoing.words import issuer_words, listed_or, name_of, place_words, printable, some
from suar.protocol.base.codelists import labels
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.message.fields import Place, Text
from suar.protocol.message.kinds import Alert
from suar.protocol.message.messages import sender_of
from suar.protocol.policy.readers import is_public

CATEGORY: Final = "Security"  # law enforcement, military, homeland and local/private security


def cap(alert: Alert, earlier: Alert | None = None) -> bytes:
    """Return the CAP document.

    `earlier` is the previous revision, to which an update or cancel refers, if it is known.
    """
    body = "".join([*_head(alert, earlier), *(line for text in alert.text for line in _info(alert, text))])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="{NAMESPACE}">\n{body}</alert>\n'.encode()


def _head(alert: Alert, earlier: Alert | None) -> Iterator[str]:
    members = listed_or(alert.audience.members, "all")
    yield _tag("identifier", _identifier(alert))
    yield _tag("sender", _sender(alert))
    yield _tag("sent", _time(alert.sent))
    yield _tag("status", STATUS[alert.status])
    yield _tag("msgType", ACTION[alert.action])
    is_open = is_public(alert)
    yield _tag("scope", "Public" if is_open else "Restricted" if members == "all" else "Private")
    if not is_open:
        yield _tag("restriction", _restriction(alert))
    if members != "all":
        yield _tag("addresses", members)
    yield _tag("code", f"TLP:{alert.tlp}")
    yield from (_tag("code", f"handling:{label}") for label in some(alert.handling))
    notes = [BANNER] if is_exercise(alert.status) else []
    notes += [alert.reason] if isinstance(alert.reason, str) else []
    if notes:
        yield _tag("note", ". ".join(notes))  # CAP intends it mainly for the status Exercise
    if earlier is not None:
        yield _tag("references", f"{_sender(earlier)},{_identifier(earlier)},{_time(earlier.sent)}")
    if isinstance(alert.incident, str):
        yield _tag("incidents", alert.incident)


def _info(alert: Alert, text: Text) -> Iterator[str]:
    yield "  <info>\n"
    yield _tag("language", "en-US" if text.lang == "en" else text.lang, 4)
    yield _tag("category", CATEGORY, 4)
    yield _tag("event", name_of("alert-event", alert.event), 4)
    for response in dict.fromkeys(RESPONSE.get(request.action, UNKNOWN_RESPONSE) for request in alert.request):
        yield _tag("responseType", response, 4)
    for level in LEVELS:
        code = getattr(alert, level)
        yield _tag(level, code.capitalize() if code in labels(level) else UNKNOWN_LEVEL, 4)
    sectors = some(alert.audience.sectors)
    if sectors:
        yield _tag("audience", ", ".join(name_of("sector", code) for code in sectors), 4)
    yield _pair("eventCode", f"{PREFIX}event", alert.event)
    if isinstance(alert.valid_from, str):
        yield _tag("effective", _time(alert.valid_from), 4)
    if isinstance(alert.onset, str) and "T" in alert.onset:
        yield _tag("onset", _time(alert.onset), 4)
    yield _tag("expires", _time(alert.expires), 4)
    yield _tag("senderName", issuer_words(alert), 4)
    yield _tag("headline", marked(text.title, alert.status), 4)
    yield _tag("description", text.summary, 4)
    yield _tag("instruction", _instruction(alert), 4)
    yield _tag("contact", f"see the contact message {alert.desk}", 4)
    yield from (_pair("parameter", f"{PREFIX}{name}", value) for name, value in _ours(alert))
    yield from map(_area, some(alert.places))
    yield "  </info>\n"


def _ours(alert: Alert) -> Iterator[tuple[str, str]]:
    """Yield the values for which CAP has no element."""
    yield "id", alert.id
    yield "rev", str(alert.rev)
    yield "event", alert.event
    yield "request", " ".join(request.action for request in alert.request)
    yield "desk", alert.desk
    yield "sector", alert.issuer.sector
    yield "source", f"{alert.source.type} {alert.source.reliability}{alert.source.credibility}"
    if alert.ack_within is not UNSET:
        yield "ack_within", str(alert.ack_within)
    if isinstance(alert.onset, str) and "T" not in alert.onset:
        yield "onset", alert.onset
    if some(alert.handling):
        yield "handling", " ".join(some(alert.handling))
    if isinstance(alert.pattern, str):
        yield "pattern", alert.pattern
    if some(alert.places):
        yield "roles", " ".join(place.role for place in some(alert.places))


def _area(place: Place) -> str:
    codes = [
        _pair("geocode", name, value, 6)
        for name, field in AREA_CODES.items()
        if isinstance(value := getattr(place, field), str)
    ]
    return f"    <area>\n{_tag('areaDesc', place_words(place), 6)}{''.join(codes)}    </area>\n"


def _restriction(alert: Alert) -> str:
    labels = [name_of("handling", code) for code in some(alert.handling)]
    return "; ".join([f"TLP:{alert.tlp} (TLP 2.0 of FIRST)", *labels])


def _instruction(alert: Alert) -> str:
    """Return the requests in words: what, of whom, by when. The free text is in the description."""
    requests = []
    for request in alert.request:
        of = [*(name_of("sector", code) for code in some(request.of_sectors)), *some(request.of_members)]
        by = "" if request.by is UNSET else f" within {request.by} hours"
        requests.append(f"{name_of('alert-request', request.action)}{': ' if of else ''}{', '.join(of)}{by}")
    return "; ".join(requests)


def _identifier(alert: Alert) -> str:
    return f"{alert.id}.{alert.rev}"  # it must not contain a blank, comma, < or &


def _sender(alert: Alert) -> str:
    return f"suar.{sender_of(alert)}"


def _time(instant: str) -> str:
    """Return a time in the form of CAP: UTC is -00:00, never Z."""
    return instant.removesuffix("Z") + "-00:00"


def _tag(name: str, text: str, indent: int = 2) -> str:
    return f"{' ' * indent}<{name}>{escape(printable(text))}</{name}>\n"


def _pair(name: str, key: str, value: str, indent: int = 4) -> str:
    inside = f"{_tag('valueName', key, indent + 2)}{_tag('value', value, indent + 2)}"
    return f"{' ' * indent}<{name}>\n{inside}{' ' * indent}</{name}>\n"
