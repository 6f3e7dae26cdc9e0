"""Finds geographic positions: coordinates, open location codes, MGRS squares and what3words addresses."""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.text.found import Found

_EQUAL_HALVES: Final = r"\d{2} \d{2}|\d{3} \d{3}|\d{4} ?\d{4}|\d{5} ?\d{5}|\d{6}"  # east and north in a grid square
_GPS: Final = re.compile(
    r"(?<![\d.,])[-+]?\d{1,2}\.\d{4,}\s?°?\s?[NSns]?[\s,;/]{1,3}[-+]?\d{1,3}\.\d{4,}(?![\d.])"
    r"|(?<![\d.,])\d{1,2}\.\d{2,}\s?(?:°\s?[NS]?|[NS])[\s,;/]{1,3}\d{1,3}\.\d{2,}\s?(?:°|[EW])"
    r"|(?<![\d.,])\d{1,3}\s?°\s?\d{1,2}(?:\.\d+)?\s?['′](?:\s?\d{1,2}(?:\.\d+)?\s?(?:[\"″]|''|′′))?\s?[NSEW]?"
    r"|\b(?:lat|latitude|lintang|vĩ độ|ละติจูด)\b[^\d\n]{0,8}[-+]?\d{1,2}\.\d{3,}"
    r"|\b[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b"
    r"|\b\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2} ?\d{4,5} ?\d{4,5}\b"
    rf"|\b\d{{1,2}}[C-HJ-NP-X] [A-HJ-NP-Z]{{2}} ?(?:{_EQUAL_HALVES})\b|\b\d{{1,2}}[C-HJ-NP-X] ?[A-HJ-NP-Z]{{2}} (?:{_EQUAL_HALVES})\b",
)
_THREE_WORDS: Final = re.compile(  # ///filled.count.soap, what3words: filled.count.soap
    r"///[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+|\b(?:what3words|what 3 words|w3w)\b[^\n.]{0,20}?[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+",
    re.IGNORECASE,
)
_PART_OF_GPS: Final = re.compile(r"\d\.\d\d|[°+]|[A-HJ-NP-Z]{2} ?\d{4}|\d[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?\d")

PARTS: Final = ((_PART_OF_GPS, (_GPS,)),)
"""A part of every match of these forms; it is searched first, because that is faster."""


def positions(text: str) -> Iterator[Found]:
    """Yield the positions in plain text that contains digits."""
    if _PART_OF_GPS.search(text):
        yield from (Found("position", found[0]) for found in _GPS.finditer(text))


def words_for_positions(text: str) -> Iterator[Found]:
    """Yield the positions in plain text that are given as what3words addresses."""
    lower = text.lower()
    if "///" in text or "what3words" in lower or "what 3 words" in lower or "w3w" in lower:
        yield from (Found("position", found[0]) for found in _THREE_WORDS.finditer(text))
