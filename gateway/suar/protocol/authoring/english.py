"""The English text that a gateway generates from the codes if the publisher wrote none (messages.md section 2).

It gives every reader one common language, and contains only what the codes state. It is marked `generated`. Any sender
can write that mark, so a reader shows its own generated text in place of a marked one (`rendered`).
"""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from suar.protocol.message.fields import Place, Text
from suar.protocol.message.kind import phrases
from suar.protocol.message.kinds import OF_SHAPE, Publication

TITLE = 120
SUMMARY = 800
PLACES_NAMED = 5
PLACEHOLDER = {"lang": "en", "title": "-", "summary": "-", "generated": True}
"""Placeholder for the generated text while the rest of the message is checked."""


def generated(message: Publication) -> Text:
    """Return the English text of a valid message: a title of at most 120 and a summary of at most 800 characters."""
    written = OF_SHAPE[type(message)].english
    if written is None:
        raise TypeError(type(message))  # receipts have no generated text
    title, sentences = written(message)
    sentences = [*sentences, *_places(message), f"Valid until {message.expires}."]
    return Text(lang="en", title=_cut(title, TITLE), summary=_cut(" ".join(sentences), SUMMARY), generated=True)


def is_marked(message: Publication) -> bool:
    """Whether one of the message's texts is marked as generated."""
    return any(text.generated is not UNSET for text in message.text)


def rendered(message: Publication) -> Publication:
    """Return a message for display and export, with every text marked as generated replaced by one generated here.

    A marked text in another language than English is omitted, because no gateway generates one. If no text remains, as
    is possible for a higher minor, the generated English text is added.
    """
    if not is_marked(message):
        return message
    own = generated(message)
    kept = tuple(own if text.generated is not UNSET else text for text in message.text if _is_shown(text))
    return replace(message, text=kept or (own,))


def _is_shown(text: Text) -> bool:
    return text.generated is UNSET or text.lang == "en"


def _places(message: Publication) -> list[str]:
    if message.places is UNSET:
        return []
    named = "; ".join(map(_place, message.places[:PLACES_NAMED]))
    more = len(message.places) - PLACES_NAMED
    return [f"Places: {named}{f'; {more} more' if more > 0 else ''}."]


def _place(place: Place) -> str:
    return f"{phrases.name('place-role', place.role)} {phrases.area(place)}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
