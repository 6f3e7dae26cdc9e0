"""Telephone numbers as people write them: with blanks, hyphens, dots and brackets. A message has them in E.164."""

import re
from typing import Any, Final

_BETWEEN: Final = re.compile(r"[\s().\u00ad\u2010-\u2015\u2060-]+")
"""What stands between the digits of a telephone number as people write it."""
_TRUNK: Final = "(0)"
"""The digit of a call within the country, which a number with + leaves out."""
FIELD: Final = "phone"
"""The field with telephone numbers; only the kind contact has it."""


def dialled(text: str) -> str:
    """Return a telephone number without what people write between its digits; any other text unchanged."""
    digits = _BETWEEN.sub("", text.replace(_TRUNK, "") if text.startswith("+") else text)
    return digits if digits.removeprefix("+").isdecimal() and digits.isascii() else text


def with_dialled(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a draft with its telephone numbers as they are dialled, each once; unchanged without a list of texts.

    The country of a number without + is not guessed: such a number is refused.
    """
    listed = tree.get(FIELD)
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return tree
    return {**tree, FIELD: list(dict.fromkeys(map(dialled, listed)))}
