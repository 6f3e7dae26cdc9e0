"""Codes and places as words for the generated English text."""

from collections.abc import Iterable
from typing import Final

from suar.protocol.base.codelists import labels
from suar.protocol.message.fields import Area, Place

LATER: Final = "A code of a later version"
"""Replacement for a code that this version does not know, because its text is chosen by the sender."""


def label(listing: str, code: str) -> str:
    """Return the label of a code."""
    return labels(listing).get(code, LATER)


def name(listing: str, code: str) -> str:
    """Return the label of a code in the form used inside a sentence."""
    return label(listing, code).lower()


def names(listing: str, codes: Iterable[str]) -> str:
    """Return the labels of several codes, each once."""
    return ", ".join(dict.fromkeys(name(listing, code) for code in codes))


def area(place: Area | Place) -> str:
    """Return a country with its subdivision or UN/LOCODE."""
    return " ".join(part for part in (place.country, place.admin1, place.locode) if isinstance(part, str))
