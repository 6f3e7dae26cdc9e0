"""One faulty example: what is changed in which valid one."""

from typing import Any

DROP = object()
"""Stands for a value that is left out."""

# (name, base, path, new value); at the path "" the new value is a dict that is laid over the whole message
Case = tuple[str, str, str, Any]
