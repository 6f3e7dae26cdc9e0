"""The English text that a gateway writes from the codes when the publisher gave none (messages.md section 2).

So every reader has one language in common; the text is marked `generated` and says nothing that the codes do not say.
A mark proves nothing: a reader never shows the marked text that a sender wrote, but writes its own (`rendered`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from suar.protocol.base.codelists import labels
from suar.protocol.message.fields import Area, Place, Text
from suar.protocol.message.kinds import Alert, Contact, Legislation, Pattern, Practice, Publication, Trend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TITLE = 120
SUMMARY = 800
PLACES_NAMED = 5
LIFE = 99
"""The years of a penalty that mean life."""
LATER = "A code of a later version"
"""What stands for a code that this version does not know: its sender chose the letters."""
PLACEHOLDER = {"lang": "en", "title": "-", "summary": "-", "generated": True}
"""Holds the place of the generated text while the rest of the message is checked."""


def generated(message: Publication) -> Text:
    """Title of at most 120 and summary of at most 800 characters, from the codes of a message without faults."""
    title, sentences = _OF_KIND[type(message)](message)
    sentences = [*sentences, *_places(message), f"Valid until {message.expires}."]
    return Text(lang="en", title=_cut(title, TITLE), summary=_cut(" ".join(sentences), SUMMARY), generated=True)


def is_marked(message: Publication) -> bool:
    """Whether a text of it is marked as generated."""
    return any(text.generated is not UNSET for text in message.text)


def rendered(message: Publication) -> Publication:
    """A message as it is shown and exported: each text that is marked as generated is ours, written from the codes.

    English is written anew; another language that is marked is left out, since no gateway generates one.
    """
    if not is_marked(message):
        return message
    own = generated(message)
    kept = (own if text.generated is not UNSET else text for text in message.text if _is_shown(text))
    return replace(message, text=tuple(kept))


def _is_shown(text: Text) -> bool:
    return text.generated is UNSET or text.lang == "en"


def _alert(alert: Alert) -> tuple[str, list[str]]:
    asked = _names("alert-request", (request.action for request in alert.request))
    title = f"Alert: {_name('alert-event', alert.event)}"
    return title, [
        f"Event: {_name('alert-event', alert.event)}.",
        f"Urgency: {_name('urgency', alert.urgency)}.",
        f"Severity: {_name('severity', alert.severity)}.",
        f"Certainty: {_name('certainty', alert.certainty)}.",
        f"Requested: {asked}.",
    ]


def _trend(trend: Trend) -> tuple[str, list[str]]:
    indicator = _name("trend-indicator", trend.indicator)
    periods = sorted({cell.period for cell in trend.obs})
    span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
    dims = () if trend.dims is UNSET else trend.dims
    broken_down = f" by {_names('dimension', dims)}" if dims else ""
    return f"Trend: {indicator}{broken_down}, {span}", [
        f"Figures on {indicator}{broken_down} for {span}, in {_name('unit', trend.unit)}.",
        f"Direction: {_name('direction', trend.direction)}.",
        f"Counted by date of {_name('date-basis', trend.date_basis)}, {_name('method', trend.method)}.",
        f"{len(trend.obs)} values.",
    ]


def _pattern(pattern: Pattern) -> tuple[str, list[str]]:
    purposes = _names("purpose", pattern.purposes)
    means = () if pattern.means is UNSET else pattern.means
    known = labels("means-legal") | labels("means-control")
    by = f" Means: {', '.join(known.get(code, LATER).lower() for code in means)}." if means else ""
    return f"Pattern: {purposes}", [
        f"Acts: {_names('act', pattern.acts)}.{by}",
        f"Purposes: {purposes}.",
        f"State: {_name('pattern-state', pattern.state)}.",
        f"Seen from {pattern.first_seen} to {pattern.last_seen}.",
    ]


def _legislation(law: Legislation) -> tuple[str, list[str]]:
    instrument = _label("instrument", law.instrument)
    days = ", ".join(f"{word} {day}" for word, day in _dates(law) if isinstance(day, str))
    return f"Legislation: {instrument.lower()} of {law.jurisdiction}, {_name('legislation-state', law.state)}", [
        f"{instrument} of {law.jurisdiction}.",
        f"State: {_name('legislation-state', law.state)}{f' ({days})' if days else ''}.",
        f"Topics: {_names('legislation-topic', law.topics)}.",
        *_penalty(law),
        f"Checked on {law.checked_on}.",
    ]


def _dates(law: Legislation) -> tuple[tuple[str, Any], ...]:
    return ("enacted", law.enacted), ("in force", law.in_force), ("repealed", law.repealed)


def _penalty(law: Legislation) -> list[str]:
    if law.penalty is UNSET:
        return []
    most = "life" if law.penalty.max_years == LIFE else f"{law.penalty.max_years} years"
    return [f"Penalty: {law.penalty.min_years} years to {most}."]


def _practice(practice: Practice) -> tuple[str, list[str]]:
    kind = _label("practice-type", practice.type)
    pillars = _names("pillar", practice.pillar)
    cycle = f", {_name('cycle', practice.cycle)}" if isinstance(practice.cycle, str) else ""
    return f"Practice: {kind.lower()} for {pillars}, {_area(practice.coverage)}", [
        f"{kind} for {pillars} in {_area(practice.coverage)}.",
        f"Led by the sector {_name('sector', practice.lead.sector)}.",
        f"State: {_name('practice-state', practice.state)}{cycle}.",
        f"Evidence: {_name('evidence', practice.evidence)}.",
        f"Safeguards: {_names('safeguard', practice.safeguards)}.",
        f"Ask {practice.desk}.",
    ]


def _contact(contact: Contact) -> tuple[str, list[str]]:
    services = _names("service", contact.service)
    capacity = [f"Capacity: {_name('capacity', contact.capacity)}."] if isinstance(contact.capacity, str) else []
    return f"Contact: {services}, {_area(contact.coverage)}", [
        f"Sector {_name('sector', contact.sector)}, for {_area(contact.coverage)}.",
        f"Services: {services}.",
        f"For: {_names('serves', contact.serves)}.",
        f"Languages: {', '.join(contact.languages)}.",
        f"Hours: {_name('contact-hours', contact.hours)}.",
        *capacity,
    ]


_OF_KIND: dict[type[Publication], Callable[[Any], tuple[str, list[str]]]] = {
    Alert: _alert,
    Trend: _trend,
    Pattern: _pattern,
    Legislation: _legislation,
    Practice: _practice,
    Contact: _contact,
}


def _places(message: Publication) -> list[str]:
    if message.places is UNSET:
        return []
    named = "; ".join(map(_place, message.places[:PLACES_NAMED]))
    more = len(message.places) - PLACES_NAMED
    return [f"Places: {named}{f'; {more} more' if more > 0 else ''}."]


def _place(place: Place) -> str:
    return f"{_name('place-role', place.role)} {_area(place)}"


def _area(area: Area | Place) -> str:
    return " ".join(part for part in (area.country, area.admin1, area.locode) if isinstance(part, str))


def _label(listing: str, code: str) -> str:
    return labels(listing).get(code, LATER)


def _name(listing: str, code: str) -> str:
    return _label(listing, code).lower()


def _names(listing: str, codes: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(_name(listing, code) for code in codes))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
