"""Capitalised words that are known not to name a person: places, peoples and institutions."""

from typing import Final

from suar.protocol.privacy.names.places import LONGEST, PHRASES
from suar.protocol.privacy.names.words import INSTITUTIONS, KNOWN, PLACES

BIG: Final = "A-ZÀ-ÖØ-ÞĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
WORD: Final = rf"[{BIG}][^\W\d_]*(?:['’-][^\W\d_]+){{0,4}}"

_A_PLACE: Final = "island"  # replaces removed place names: a known word that is not a sign of an institution


def is_known(words: list[str]) -> bool:
    """Whether these capitalised words do not name a person: one of them means an institution, or all are known."""
    plain = [word.lower().strip("'’.-") for word in words]
    if any(part in INSTITUTIONS for word in plain for part in word.split("-")):
        return True
    return bool(plain) and all(word in KNOWN or all(part in PLACES for part in word.split("-")) for word in plain)


def is_known_or_place(words: list[str]) -> bool:
    """Return a result like `is_known`, with the names of subdivisions, which have several words, treated as known."""
    return is_known(words) or is_known(_without_places(words))


def _without_places(words: list[str]) -> list[str]:
    small = [word.lower().strip("'’.-") for word in words]
    left, at = [_A_PLACE], 0
    while at < len(words):
        sizes = range(min(LONGEST, len(words) - at), 1, -1)
        size = next((size for size in sizes if tuple(small[at : at + size]) in PHRASES), 0)
        left += [] if size else [words[at]]
        at += size or 1
    return left
