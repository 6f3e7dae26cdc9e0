"""Why a text is not JSON, in the words of who wrote it by hand: the usual causes by what stands at the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

LOOK_BACK: Final = 4096  # characters before the place that are looked through for the last one that is no blank
_CURLY: Final = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\uff02"
_WORDS: Final = ("T", "F", "N", "u")  # True, False, None, NaN, undefined


class _At(NamedTuple):
    """The character at the fault, the last one before it that is no blank, and the decoder's own words."""

    here: str
    before: str
    error: str


_CAUSES: Final[tuple[tuple[Callable[[_At], bool], str], ...]] = (
    (lambda at: at.here != "" and at.here in _CURLY, 'a curly quotation mark: write straight ones (")'),
    (
        lambda at: "trailing comma" in at.error or (at.before == "," and at.here in ("}", "]")),
        "a comma stands before the closing bracket: delete the comma",
    ),
    (lambda at: at.here == "", "the document ends too early: close every bracket and every quotation mark"),
    (
        lambda at: "Unterminated string" in at.error,
        "the text that begins here has no closing quotation mark on its line",
    ),
    (
        lambda at: "control character" in at.error,
        "a line end or tab inside a text: write it as \\n or \\t, or as a blank",
    ),
    (lambda at: "escape" in at.error, "a backslash inside a text is written twice: \\\\"),
    (
        lambda at: "Extra data" in at.error,
        "something follows the end of the document: one message a file, in one pair of braces",
    ),
    (lambda at: at.here == "'", 'single quotation marks: write double ones (")'),
    (lambda at: at.here in "/#", "JSON has no comments: delete it"),
    (lambda at: "':' delimiter" in at.error, "a colon is missing after the name of the field"),
    (lambda at: "delimiter" in at.error, "a comma is missing between this and what stands before it"),
    (lambda at: "property name" in at.error, "the name of a field stands in double quotation marks"),
    (
        lambda at: at.here in _WORDS,
        "true, false and null are written in small letters, without quotation marks",
    ),
    (lambda at: at.here not in ",]}:", "a text stands in double quotation marks"),
)
"""The first that holds is the cause."""
_NO_VALUE: Final = "a value is missing here: a text, a number, true, false, null, a list or an object"


def hint(text: str, at: int, error: str) -> str:
    """What to do about the fault that the decoder calls `error`, at the character `at` (from 0) of a text."""
    place = _At(text[at : at + 1], text[max(0, at - LOOK_BACK) : at].rstrip()[-1:], error)
    return next((said for holds, said in _CAUSES if holds(place)), _NO_VALUE)
