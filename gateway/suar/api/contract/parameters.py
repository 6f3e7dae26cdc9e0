r"""What a parameter of a call may be, in words: its range, its codes, or how many characters of which kind.

A pattern such as `^[A-Z]{2}\Z` is written out by its characters; one of another form has its words in `_WORDS`.
"""

import re
from typing import Any, Final, Literal, get_args, get_origin

from litestar.params import ParameterKwarg

_WORDS: Final = {
    r"^[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}\Z": "the id of a message, such as TH-ALERT-2027-000042",
    r"^[a-z0-9][a-z0-9_-]{0,31}\Z": "1 to 32 lower-case letters, digits, dashes and underscores",
    r"^[0-9]{1,16}\.[0-9a-f]{1,16}\Z": "the `place` of a row of this list, as it was given",
    r"^[0-9]{1,16}\.[A-Z0-9-]{1,48}\Z": "the `place` of a row of this list, as it was given",
    r"^[0-9]{4}(-(Q[1-4]|H[12]|0[1-9]|1[0-2]))?\Z": (
        "a year, quarter, half or month, such as 2027, 2027-Q1, 2027-H1 or 2027-03"
    ),
}
_KINDS: Final = {
    "A-Z": "capital letters A to Z",
    "0-9a-f": "digits and letters a to f",
    "A-Za-z0-9-": "letters, digits and dashes",
    "A-Za-z0-9_-": "letters, digits, dashes and underscores",
    "A-Za-z0-9._-": "letters, digits, dots, dashes and underscores",
    "a-z0-9._-": "lower-case letters, digits, dots, dashes and underscores",
    "a-z0-9-": "lower-case letters, digits and dashes",
    "0-9a-z-": "lower-case letters, digits and dashes",
    r"\x21-\x7e": "printable ASCII characters, no space",
}
_CODES: Final = re.compile(r"\^\(([A-Za-z0-9|_-]+)\)\\Z")
_CHARACTERS: Final = re.compile(r"\^\[([^\]]+)\]\{([0-9]+)(?:,([0-9]+))?\}\\Z")


def allowed(shape: Any, form: ParameterKwarg) -> str:
    """Return what the values of a parameter of this type may be; empty if any text is allowed."""
    if form.pattern:
        return _written(form.pattern) or form.description or ""
    if form.ge is not None:
        return f"from {int(form.ge)}" if form.le is None else f"from {int(form.ge)} to {int(form.le)}"
    shapes = [each for each in (shape, *get_args(shape)) if each is bool or get_origin(each) is Literal]
    words = [word for each in shapes for word in (get_args(each) or ("true", "false"))]
    return f"one of: {', '.join(map(str, words))}" if words else ""


def _written(pattern: str) -> str:
    """Return a pattern in words; empty if it is of a form that is not known."""
    codes, characters = _CODES.fullmatch(pattern), _CHARACTERS.fullmatch(pattern)
    if codes:
        return f"one of: {codes[1].replace('|', ', ')}"
    if characters is None or characters[1] not in _KINDS:
        return _WORDS.get(pattern, "")
    kind, least, most = characters.groups()
    return f"{least if most in (None, least) else f'{least} to {most}'} {_KINDS[kind]}"
