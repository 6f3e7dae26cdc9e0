"""The English text that a gateway writes from the codes when the publisher gave none (messages.md section 2).

So every reader has one language in common; the text is marked `generated` and says nothing that the codes do not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from suar.protocol.codelists import labels
from suar.protocol.fields import Place, Text
from suar.protocol.kinds import Alert, Pattern, Publication, Trend

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLE = 120
SUMMARY = 800
PLACES_NAMED = 5
PLACEHOLDER = {"lang": "en", "title": "-", "summary": "-", "generated": True}
"""Holds the place of the generated text while the rest of the message is checked."""


def generated(message: Publication) -> Text:
    """Title of at most 120 and summary of at most 800 characters, from the codes of a message without faults."""
    title, sentences = _of_kind(message)
    sentences = [*sentences, *_places(message), f"Valid until {message.expires}."]
    return Text(lang="en", title=_cut(title, TITLE), summary=_cut(" ".join(sentences), SUMMARY), generated=True)


def _of_kind(message: Publication) -> tuple[str, list[str]]:
    if isinstance(message, Alert):
        return _alert(message)
    if isinstance(message, Trend):
        return _trend(message)
    return _pattern(message)


def _alert(alert: Alert) -> tuple[str, list[str]]:
    asked = _names("alert-request", (request.action for request in alert.request))
    title = f"Alert: {_name('alert-event', alert.event)}"
    return title, [
        f"Event: {_name('alert-event', alert.event)}.",
        f"Urgency: {labels('urgency')[alert.urgency].lower()}.",
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
    by = f" Means: {', '.join(known.get(code, code).lower() for code in means)}." if means else ""
    return f"Pattern: {purposes}", [
        f"Acts: {_names('act', pattern.acts)}.{by}",
        f"Purposes: {purposes}.",
        f"State: {_name('pattern-state', pattern.state)}.",
        f"Seen from {pattern.first_seen} to {pattern.last_seen}.",
    ]


def _places(message: Publication) -> list[str]:
    if message.places is UNSET:
        return []
    named = "; ".join(map(_place, message.places[:PLACES_NAMED]))
    more = len(message.places) - PLACES_NAMED
    return [f"Places: {named}{f'; {more} more' if more > 0 else ''}."]


def _place(place: Place) -> str:
    finer = [part for part in (place.admin1, place.locode) if isinstance(part, str)]
    return f"{_name('place-role', place.role)} {' '.join([place.country, *finer])}"


def _name(listing: str, code: str) -> str:
    return labels(listing)[code].lower()


def _names(listing: str, codes: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(_name(listing, code) for code in codes))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
