"""Codes as English words, for formats that have words instead of codes."""

from collections.abc import Sequence
from typing import Final, TypeVar
from unicodedata import category

from msgspec import UnsetType

from suar.protocol.base.codelists import labels
from suar.protocol.message.fields import Area, Place
from suar.protocol.message.kinds import Publication
from suar.protocol.message.messages import sender_of

T = TypeVar("T")
KEPT: Final = frozenset("\n\t\u200b\u200c\u200d")
"""Characters without a glyph that texts keep beside blanks: ends of lines, joiners of the region's scripts."""


def printable(text: str, kept: frozenset[str] = KEPT) -> str:
    """Return the text with a blank for each character that is not printable, so that a document remains valid.

    A code of a later minor version may contain any character (messages.md, section 5).
    """
    return text if text.isprintable() else "".join(char if _is_shown(char, kept) else " " for char in text)


def _is_shown(char: str, kept: frozenset[str]) -> bool:
    return char.isprintable() or char in kept or category(char) == "Zs"


def name_of(listing: str, code: str) -> str:
    """Return the label of a code; the code itself if a later version of the standard introduced it."""
    return labels(listing).get(code, code)


def issuer_words(message: Publication) -> str:
    """Return the issuer of a message in words: the member that signed it, then the body that this member states."""
    member = name_of("member", sender_of(message)).partition(" (")[0]
    return f"{member}: {message.issuer.body}"


def some(values: tuple[T, ...] | UnsetType) -> tuple[T, ...]:
    """Return an optional list as a list."""
    return () if isinstance(values, UnsetType) else values


def listed_or(members: str | Sequence[str], every: str) -> str:
    """Return codes separated by blanks, or the word for all of them."""
    return every if isinstance(members, str) else " ".join(members)


def area_words(area: Area | Place) -> str:
    """Return a location in words: its country, with finer levels in brackets."""
    finer = [part for part in (area.admin1, area.locode) if isinstance(part, str)]
    country = name_of("country", area.country)
    return f"{country} ({', '.join(finer)})" if finer else country


def place_words(place: Place) -> str:
    """Return a location in words, with its role."""
    return f"{area_words(place)}, {name_of('place-role', place.role).lower()}"
