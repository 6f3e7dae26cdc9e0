"""Reads the text of a count: digits, possibly with thousands separators, "<n", or words for no figure."""

import re
from typing import Final

from suar.exchange.files.problems import shown
from suar.exchange.tables.table_map import Value
from suar.protocol.message.fields import MAX_COUNT

KNOWN, PROVISIONAL, SUPPRESSED, MISSING = "A", "P", "S", "M"
_DIGITS: Final = re.compile(r"[0-9]{1,12}(?!\n)\Z")
_SIGNED: Final = re.compile(r"[-\u2212+][0-9]+([.,][0-9]+)?(?!\n)\Z")
_FRACTION: Final = re.compile(r"[0-9]*[.,][0-9]+([eE][-+]?[0-9]+)?%?(?!\n)\Z")


class NoCount(ValueError):  # noqa: N818 - the row becomes a problem for the author of the table
    """The text is not a count; `reason` and `cure` state why and what to do."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason, self.cure = reason, cure


def read_count(text: str, rules: Value) -> tuple[int | None, str]:
    """Return (value, status) of a cell's text: a known count, None with S for "<n", None with M for no figure.

    Raises NoCount.
    """
    if text in rules.missing:
        return None, MISSING
    if rules.below and text.replace(" ", "") == f"<{rules.below}":
        return None, SUPPRESSED
    digits = text.replace(rules.thousands, "") if is_in_thousands(text, rules) else text
    if not (digits.isascii() and _DIGITS.match(digits)):
        raise NoCount(*_why(text))
    if int(digits) > MAX_COUNT:
        raise NoCount(f"{shown(text)} is above {MAX_COUNT:,}", "is it a count?")
    return int(digits), KNOWN


def is_in_thousands(text: str, rules: Value) -> bool:
    """Whether the digits of a text are grouped by the map's thousands separator."""
    mark = rules.thousands
    return bool(mark) and re.match(rf"[1-9][0-9]{{0,2}}({re.escape(mark)}[0-9]{{3}})+(?!\n)\Z", text) is not None


def _why(text: str) -> tuple[str, str]:
    if not text:
        return "the count is empty", "write 0 where nothing was counted; value.missing names words for no figure"
    if _SIGNED.match(text):
        return f"{shown(text)} has a sign: a count is never negative", "write the count itself, or leave the row out"
    if _FRACTION.match(text):
        return f"{shown(text)} is no whole number", "write whole counts; value.thousands names a mark between thousands"
    if text.startswith("<"):
        return f"{shown(text)} is no count", "value.below of the map says which bound is read as not known"
    return f"{shown(text)} is no count", "write digits; value.missing names words for no figure"
