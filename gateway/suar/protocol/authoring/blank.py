"""Finds titles and summaries without a visible character. The standard accepts them, a publisher's gateway does not."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.kinds import Publication

FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols that are shown as nothing: Hangul fillers, the empty Braille pattern, the null notehead."""
IGNORED: Final = frozenset(map(chr, (0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))))
_SELECTORS: Final = range(0xE0100, 0xE01F0)


def is_unseen(character: str) -> bool:
    """Whether a character is displayed as nothing although its category is that of a letter, a mark or a sign."""
    return character in FILLERS or character in IGNORED or ord(character) in _SELECTORS


def is_blank(text: str) -> bool:
    """Whether a text has no visible character: only blanks, controls, fillers and marks that are not displayed."""
    if text[:1].isascii() and text[:1].isalnum():
        return False  # most texts; faster than the search
    return all(unicodedata.category(each)[0] in "CZ" or is_unseen(each) for each in text)


def blank_texts(message: Publication) -> Iterator[Reason]:
    """Yield a reason for each title and summary without a visible character."""
    for at, text in enumerate(message.text):
        for key in ("title", "summary"):
            if is_blank(getattr(text, key)):
                found, hint = sentence("nothing can be seen in it"), sentence("write it in words")
                yield Reason.of("E-MESSAGE-FIELD", "F8", f"$.text[{at}].{key}", found, hint)
