"""Names of form fields and ids of page elements, made from the JSON paths of a message."""

import re
from collections.abc import Collection
from typing import Final

LISTED: Final = "[]"
"""Suffix of the name of a field that may occur several times."""
KEPT: Final = "[kept]"
"""Suffix of the name of a field which states that this form does not edit the list."""
WITHOUT: Final = "[without]"
"""Suffix of the name of a status that was chosen on a page whose figure had no count."""
_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_ROW: Final = re.compile(r"\[[0-9]+\]")
_LAST: Final = re.compile(r"(\.[^.\[\]]+|\[[^\[\]]*\])\Z")


def below(name: str, key: str) -> str:
    """Return the name of a field inside another; "" is the message itself."""
    return f"{name}.{key}" if name else key


def parent(name: str) -> str:
    """Return the name of the field that contains another one; "" is the message itself."""
    return name.rpartition(".")[0]


def row(name: str, number: int) -> str:
    """Return the name of a row of a list."""
    return f"{name}[{number}]"


def plain(name: str) -> str:
    """Return a name without the numbers of rows, which is the same for every row."""
    return _ROW.sub("", name)


def id_of(name: str) -> str:
    """Return the id of the element of a name, or of a JSON path: `$.text[0].summary` is text-0-summary."""
    return _OTHER.sub("-", name.removeprefix("$")).strip("-") or "message"


def nearest(path: str, ids: Collection[str]) -> str | None:
    """Return the id of the innermost element of a page that a JSON path leads to; None if there is none."""
    while path not in ("$", ""):
        found = id_of(path)
        if found in ids:
            return found
        path = _LAST.sub("", path) if _LAST.search(path) else "$"
    return None
