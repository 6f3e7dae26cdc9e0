"""Alert: an event that needs attention or action now."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.base.sentences import sentence
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import NOTHING, Dated, English, Finding, Kind, Words, rule


class Request(f.Shape, frozen=True, kw_only=True):
    """What the publisher asks for, of whom, and within how many hours."""

    action: lists.AlertRequest
    of_sectors: f.Sectors | UnsetType = UNSET
    of_members: f.Members | UnsetType = UNSET
    by: f.DueHours | UnsetType = UNSET


class Alert(Head, frozen=True, kw_only=True, tag="alert"):
    """An event needing attention or action now; urgency, severity and certainty as in CAP 1.2."""

    schema: Literal["alert/1.0"]
    id: Annotated[str, f.id_of("alert")]
    event: lists.AlertEvent
    urgency: lists.Urgency
    severity: lists.Severity
    certainty: lists.Certainty
    request: Annotated[tuple[Request, ...], f.most(5)]
    ack_within: f.AckHours | UnsetType = UNSET
    onset: f.MonthOrInstant | UnsetType = UNSET
    incident: f.MessageId | UnsetType = UNSET
    pattern: Annotated[str, f.id_of("pattern")] | UnsetType = UNSET
    case_token: f.CaseToken | UnsetType = UNSET
    desk: Annotated[str, f.id_of("contact")]


WORDS: Final[Words] = {
    "Alert": {
        "event": ("Event", "what happens"),
        "urgency": (
            "Urgency",
            "how soon to act: immediate is within 24 hours, expected within 7 days, future within 30 days",
        ),
        "severity": ("Severity", "how grave it is"),
        "certainty": ("Certainty", "how certain it is"),
        "request": ("Requested", "what is asked, of whom"),
        "ack_within": (
            "Receipt to be acknowledged within",
            "within how many hours it is to be acknowledged; required when the urgency is immediate",
        ),
        "onset": ("When it began", "since when, as a month or an instant"),
        "incident": ("Incident", "the message with which the matter began"),
        "pattern": ("Pattern", "the pattern that it belongs to"),
        "case_token": (
            "Case token",
            "a random token for bilateral talk about a case, never made from data about a person",
        ),
        "desk": ("Contact", "the contact message of the desk that answers questions"),
    },
    "Request": {
        "action": ("Action", "what is asked"),
        "of_sectors": ("Asked of sectors", "of these sectors; absent means of every one in the audience"),
        "of_members": ("Asked of members", "of these members; absent means of every one in the audience"),
        "by": ("To be done within", "within how many hours"),
    },
}


def _alert(alert: Alert) -> English:
    requested = phrases.names("alert-request", (request.action for request in alert.request))
    title = f"Alert: {phrases.name('alert-event', alert.event)}"
    return title, [
        f"Event: {phrases.name('alert-event', alert.event)}.",
        f"Urgency: {phrases.name('urgency', alert.urgency)}.",
        f"Severity: {phrases.name('severity', alert.severity)}.",
        f"Certainty: {phrases.name('certainty', alert.certainty)}.",
        f"Requested: {requested}.",
    ]


def _ack_within(message: Alert) -> Finding:
    if message.urgency != "immediate" or message.ack_within is not UNSET:
        return NOTHING
    text = sentence("an immediate alert says within how many hours it is to be acknowledged")
    return (("$.ack_within", text, sentence("write {field} (hours, 1 to 168)", field='"ack_within": 24')),)


STAND_DOWN: Final = {"action": "stand-down"}
"""The request of a cancel."""


def _kept(alert: Alert, whole: dict[str, Any]) -> dict[str, Any]:
    acknowledged = {"ack_within": whole["ack_within"]} if alert.urgency == "immediate" else {}
    return {"request": [STAND_DOWN], **acknowledged}


def _urgency(alert: Alert) -> str:
    return alert.urgency


KIND: Final = Kind(
    shape=Alert,
    about="An event needing attention or action now.",
    use="warn: something happens, others should look or act",
    readers="duty officers, border posts, shelters",
    words=WORDS,
    english=_alert,
    rules=(rule("M-ALERT-ACK", "urgency ack_within", _ack_within, "with urgency immediate `ack_within` is given"),),
    lifetime_days=90,
    dates=(Dated("onset", 1),),
    kept=_kept,
    urgency=_urgency,
)
