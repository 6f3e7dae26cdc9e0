"""Messages of a later minor of the standard, with codes that nobody here knows."""

import json
from collections.abc import Iterator
from typing import Any

from suar.protocol.base.reasons import Invalid
from suar.protocol.message.messages import read

VALUES = (
    "zz-new", "ZZ", "a|b", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "",
    "\x00\x1b[31m\r\nX\u202e\uffff",
)  # fmt: skip


def altered(tree: dict[str, Any]) -> Iterator[bytes]:
    """The message once for each of its texts and each value, where a reader accepts it."""
    later = tree | {"schema": f"{tree['kind']}/1.77777"}
    for parent, key in list(leaves(later)):
        if parent is later and key == "status":
            continue  # F8: it is the realm of its epoch, which is one of two in every version
        before = parent[key]
        for value in VALUES:
            parent[key] = value
            data = json.dumps(later).encode()
            try:
                read(data)
            except Invalid:
                continue
            finally:
                parent[key] = before
            yield data


def leaves(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each text of a message, as the object or list in which it is and its key or index there."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, dict | list):
            yield from leaves(value)
        elif isinstance(value, str):
            yield tree, key
