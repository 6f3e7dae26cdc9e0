"""Hints for a text that is not JSON: the likely cause, from the characters around the fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

EXAMINED: Final = 4096  # characters before and after the fault that are examined
_CURLY: Final = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\uff02"
_WORDS: Final = ("T", "F", "N", "u")  # True, False, None, NaN, undefined
_BLANKS: Final = " \t\r\n"  # the only white space of JSON
_UNSEEN: Final = "\u200b\u200c\u200d\u2060\ufeff"
_SIGNS: Final = ("+", ".", "\u2212", "\u2013")  # characters that JSON does not allow before a number
_NEXT_LINE: Final = re.compile(r'\s*(?:[}\]]|"[^"\n]*"\s*[:,\]])')
"""The start of the line after a text without a closing quotation mark: a bracket, a field or an item."""


class _At(NamedTuple):
    """The character at the fault, the last non-blank character before it, and the decoder's message.

    `previous`: the character directly before it; `after`: the text that follows.
    """

    here: str
    before: str
    previous: str
    after: str
    error: str


def _is_odd_blank(at: _At) -> bool:
    return at.here != "" and (at.here in _UNSEEN or (at.here.isspace() and at.here not in _BLANKS))


def _is_digit_elsewhere(at: _At) -> bool:
    return at.here.isdigit() and not at.here.isascii()


def _is_comma_too_many(at: _At) -> bool:
    return at.here == "," and at.before != "" and at.before in ",[{"


def _is_in_a_number(at: _At) -> bool:
    """Whether a number is followed by characters that do not belong to one: 24h, 2027-01-15, 01."""
    return (
        "delimiter" in at.error
        and at.previous.isdigit()
        and (at.here.isalnum() or at.here in ("-", ":", "/", ".", "_", "%"))
    )


def _is_inside_a_text(at: _At) -> bool:
    """Whether a text continues after its end, because it contains a quotation mark."""
    if at.before != '"' or "delimiter" not in at.error or at.here == "" or at.here in '"{[]}:,;/#':
        return False
    return at.previous == '"' or "':'" not in at.error


_CAUSES: Final[tuple[tuple[Callable[[_At], bool], str], ...]] = (
    (_is_odd_blank, "a blank that JSON does not know, such as a no-break space: write a plain one"),
    (lambda at: at.here != "" and at.here in _CURLY, 'a curly quotation mark: write straight ones (")'),
    (_is_digit_elsewhere, "a number is written with the digits 0 to 9"),
    (_is_comma_too_many, "a comma too many: delete it"),
    (
        lambda at: "trailing comma" in at.error or (at.before == "," and at.here in ("}", "]")),
        "a comma stands before the closing bracket: delete the comma",
    ),
    (lambda at: at.here == at.before == "", "the file is empty"),
    (lambda at: at.here == "", "the document ends too early: close every bracket and every quotation mark"),
    (
        lambda at: "Unterminated string" in at.error,
        "the text that begins here has no closing quotation mark on its line",
    ),
    (
        lambda at: "control character" in at.error and _NEXT_LINE.match(at.after) is not None,
        "the text on this line has no closing quotation mark",
    ),
    (
        lambda at: "control character" in at.error,
        "a line end or tab inside a text: write it as \\n or \\t, or as a blank",
    ),
    (lambda at: "escape" in at.error, "a backslash inside a text is written twice: \\\\"),
    (lambda at: at.here == ";", "a semicolon: write a comma"),
    (
        lambda at: "Extra data" in at.error and at.here in ("}", "]", ","),
        "a bracket closes too early, or there is one too many",
    ),
    (
        lambda at: "Extra data" in at.error,
        "something follows the end of the document: one message a file, in one pair of braces",
    ),
    (lambda at: at.here == "'", 'single quotation marks: write double ones (")'),
    (_is_in_a_number, "a number has digits alone and no leading zero; all else is a text in quotation marks"),
    (lambda at: at.here in "/#", "JSON has no comments: delete it"),
    (_is_inside_a_text, 'a quotation mark inside a text: write it as \\" or leave it out'),
    (lambda at: "':' delimiter" in at.error, "a colon is missing after the name of the field"),
    (
        lambda at: "delimiter" in at.error and at.here in ("}", "]", ":"),
        "a bracket before this is missing, or closed in the wrong order",
    ),
    (lambda at: "delimiter" in at.error, "a comma is missing between this and what stands before it"),
    (lambda at: "property name" in at.error, "the name of a field stands in double quotation marks"),
    (
        lambda at: at.here in _WORDS,
        "true, false and null are written in small letters, without quotation marks",
    ),
    (lambda at: at.here in _SIGNS, "a number begins with a digit, or with a minus"),
    (lambda at: at.here not in ",]}:", "a text stands in double quotation marks"),
)
"""The checks in order; the first that is true gives the cause."""
_NO_VALUE: Final = "a value is missing here: a text, a number, true, false, null, a list or an object"


def hint(text: str, at: int, error: str) -> str:
    """Return the hint for the fault that the decoder reports as `error` at the character `at` (from 0)."""
    before = text[max(0, at - EXAMINED) : at]
    fault = _At(text[at : at + 1], before.rstrip()[-1:], before[-1:], text[at + 1 : at + EXAMINED], error)
    return next((hints for holds, hints in _CAUSES if holds(fault)), _NO_VALUE)
