"""Text as it is looked through: one form of each letter and digit, and nothing invisible between them."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_NATIVE_DIGIT: Final = re.compile(r"[^\x00-\x7f\D]")  # Thai, Lao, Khmer, Burmese, ...: a digit that is not ASCII
_DASH: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63]")
_DIGITS: Final = tuple("0123456789")
_SPACED_OUT: Final = re.compile(r"(?<![\w.,])\d(?:[ .\-_]{1,2}\d){6,}(?!\d)")  # 0 8 1 2 3 4 5 6 7


def nfkc(text: str) -> str:
    """A pattern in the form that the text will have: NFKC takes the Thai and Lao vowel `am` apart."""
    return unicodedata.normalize("NFKC", text)


def is_part(words: str, of: Iterable[str]) -> bool:
    """Whether the words stand within longer ones."""
    return any(words != longer and words in longer for longer in of)


def has_digit(text: str) -> bool:
    """Whether an ASCII digit is there: ten looks, which cost less than one search."""
    return any(map(text.__contains__, _DIGITS))


def plain(text: str) -> str:
    """`text` in NFKC without invisible characters, with ASCII digits and hyphens, spaced-out numbers joined."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = _DASH.sub("-", _NATIVE_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text))
    if not has_digit(text):
        return text
    return _SPACED_OUT.sub(lambda found: re.sub(r"\D", "", found[0]), text)
