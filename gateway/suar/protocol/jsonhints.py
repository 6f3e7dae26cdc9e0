"""Why a text is not JSON, in the words of who wrote it by hand: the usual causes by what stands at the place."""

from __future__ import annotations

from typing import Final

LOOK_BACK: Final = 4096  # characters before the place that are looked through for the last one that is no blank
_CURLY: Final = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb\uff02"
_WORDS: Final = {"T": "true", "F": "false", "N": "null", "u": "null"}  # True, False, None and NaN, undefined


def hint(text: str, at: int, error: str) -> str:
    """What to do about the fault that the decoder calls `error`, at the character `at` (from 0) of a text."""
    here = text[at : at + 1]
    before = text[max(0, at - LOOK_BACK) : at].rstrip()[-1:]
    if here in _CURLY and here:
        return 'a curly quotation mark: write straight ones (")'
    if "trailing comma" in error or (before == "," and here in "}]" and here):
        return f"a comma stands before the closing {here if here in '}]' else 'bracket'}: delete the comma"
    if not here:
        return "the document ends too early: close every bracket and every quotation mark"
    if "Unterminated string" in error:
        return "the text that begins here has no closing quotation mark on its line"
    if "control character" in error:
        return "a line end or tab inside a text: write it as \\n or \\t, or as a blank"
    if "escape" in error:
        return "a backslash inside a text is written twice: \\\\"
    if "Extra data" in error:
        return "something follows the end of the document: one message a file, in one pair of braces"
    return _unexpected(here, before, error)


def _unexpected(here: str, before: str, error: str) -> str:
    if here == "'":
        return 'single quotation marks: write double ones (")'
    if here in "/#":
        return "JSON has no comments: delete it"
    if "delimiter" in error and "':'" in error:
        return "a colon is missing after the name of the field"
    if "delimiter" in error:
        return "a comma is missing between this and what stands before it"
    if "property name" in error:
        return "the name of a field stands in double quotation marks"
    if here in _WORDS:
        return f"is {_WORDS[here]} meant? it is written in small letters, without quotation marks"
    if here not in ",]}":
        return "a text stands in double quotation marks"
    return "a value is missing here: a text, a number, true, false, null, a list or an object"
