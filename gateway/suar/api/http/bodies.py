"""Errors in the body of a call: the field is named, and nothing that the caller sent is repeated."""

import re
from typing import Final

import msgspec
from msgspec import Struct

from suar.api.http.problems import Problem

_MISSING: Final = re.compile(r"Object missing required field `([a-z_]+)`")
_UNKNOWN: Final = "Object contains unknown field"
_LENGTH: Final = re.compile(r"Expected `(str|array)` of length (<=|>=) ([0-9]+)")
_AT: Final = re.compile(r" - at `\$\.([a-z_]+)[^`]*`\Z")  # at the end: a quoted value comes before it


def refusal(error: Exception, shape: type[Struct], needed: str) -> Problem:
    """Return the Problem for a body that is not `shape`, from msgspec's error; `needed` describes the right body."""
    return Problem("E-HTTP-VALUE", f"{_fault(error, shape)}: {needed}")


def _fault(error: Exception, shape: type[Struct]) -> str:
    if not isinstance(error, msgspec.ValidationError):
        return "the body is not JSON in UTF-8"
    message, fields = str(error), [field.encode_name for field in msgspec.structs.fields(shape)]
    if message.startswith(_UNKNOWN):
        return f"the body has a field that is none of {', '.join(fields)}"
    missing, field = _MISSING.match(message), _AT.search(message)
    if missing and missing[1] in fields:
        return f"{missing[1]} is missing"
    if field and field[1] in fields:
        return f"{field[1]} has a value that is not allowed{_bound(message)}"
    return "the body is not such an object"


def _bound(message: str) -> str:
    """The length that a text or a list may have, where that is the error."""
    found = _LENGTH.match(message)
    if found is None:
        return ""
    kind, relation, number = found.groups()
    what = "character" if kind == "str" else "item"
    return f" (at {'most' if relation == '<=' else 'least'} {number} {what}{'' if number == '1' else 's'})"
