"""The order of names in a list, by the conventions of the reader's language.

CLDR collation is not available, because it would need ICU. Where the order of code points differs, it is corrected:
letters with marks are sorted with those without, a Thai or Lao vowel that is written before its consonant is sorted
after it, and Chinese characters are sorted by their sound, in the order of GB 2312.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeVar

from suar.protocol.normal_forms import normal

T = TypeVar("T")
KEYS: Final = 8_192
"""Sort keys that are cached: every form has the names of all countries and languages."""
_VOWEL_FIRST: Final = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])|([\u0ec0-\u0ec4])([\u0e81-\u0eae])")
_HAN: Final = "zh"
_LIKE: Final = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "æ": "ae", "ß": "ss"})


def in_order(items: Iterable[T], tag: str, name: Callable[[T], str]) -> list[T]:
    """Return items in the order of their names in the language."""
    return sorted(items, key=lambda item: sort_key(name(item), tag))


@lru_cache(KEYS)
def sort_key(text: str, tag: str) -> tuple[bytes, str]:
    """Return the sort key of a name; equal names are ordered by the text itself."""
    folded = text.casefold()
    if tag == _HAN:
        return folded.encode("gb18030"), text
    swapped = _VOWEL_FIRST.sub(lambda found: "".join(reversed([part for part in found.groups() if part])), folded)
    plain = "".join(char for char in normal("NFKD", swapped) if not _is_latin_mark(char))
    return plain.translate(_LIKE).encode(), text


def _is_latin_mark(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"
