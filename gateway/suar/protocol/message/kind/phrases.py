"""Codes and places as the words of the English text that a gateway writes."""

from collections.abc import Iterable
from typing import Final

from suar.protocol.base.codelists import labels
from suar.protocol.message.fields import Area, Place

LATER: Final = "A code of a later version"
"""What stands for a code that this version does not know: its sender chose the letters."""


def label(listing: str, code: str) -> str:
    """The label of a code."""
    return labels(listing).get(code, LATER)


def name(listing: str, code: str) -> str:
    """The label of a code inside a sentence."""
    return label(listing, code).lower()


def names(listing: str, codes: Iterable[str]) -> str:
    """The labels of several codes, each once."""
    return ", ".join(dict.fromkeys(name(listing, code) for code in codes))


def area(place: Area | Place) -> str:
    """A country and what stands below it."""
    return " ".join(part for part in (place.country, place.admin1, place.locode) if isinstance(part, str))
