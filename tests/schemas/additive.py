"""What a new version of the standard may differ in from the released one (messages.md section 5).

The same schema name means the same schema. A higher minor may add optional fields and codes, and nothing else: a wider
range would be refused by everyone who reads the older minor strictly, a narrower one would refuse what was valid. Of
an alert the urgency, severity, certainty, request and text stay as they are for the life of a major. Descriptions and
labels inform and may change.
"""

from collections.abc import Iterator
from typing import Any

FROZEN = {"alert": ("$.urgency", "$.severity", "$.certainty", "$.request", "$.text")}
FIRST_MAXIMUM = 20
"""1.0.1 gave a maximum of at least so many items to the lists that had none in 1.0; every list has one since."""
INFORMS = frozenset({"title", "description", "$id", "$schema"})


def breaks(kind: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Every way in which a resolved schema breaks with the released one of the same major, as "path: what"."""
    old_name, new_name = name(old), name(new)
    if major(old_name) != major(new_name):
        return []  # another name, beside which the old one stays published
    if minor(new_name) < minor(old_name):
        return [f"$.schema: {new_name} is older than the released {old_name}"]
    return list(_differences(kind, old, new, "$", may_add=minor(new_name) > minor(old_name)))


def name(schema: dict[str, Any]) -> str:
    """The schema name that a schema's own messages are written with, the last that it takes."""
    return str(schema["properties"]["schema"]["enum"][-1])


def major(schema: str) -> str:
    """Such as alert/1."""
    return schema.partition(".")[0]


def minor(schema: str) -> int:
    """The number after the point."""
    return int(schema.partition(".")[2])


def _differences(kind: str, old: Any, new: Any, path: str, *, may_add: bool) -> Iterator[str]:
    may_add = may_add and path not in FROZEN.get(kind, ())
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{path}: {len(old)} alternatives became {len(new)}"
        for one, other in zip(old, new, strict=False):
            yield from _differences(kind, one, other, path, may_add=may_add)
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{path}: {old!r} became {new!r}"
        return
    for key in sorted((set(old) | set(new)) - INFORMS):
        yield from _keyword(kind, key, old.get(key), new.get(key), path, may_add=may_add)


def _keyword(kind: str, key: str, old: Any, new: Any, path: str, *, may_add: bool) -> Iterator[str]:
    if key == "enum" and old and new:
        yield from _codes(old, new, path, may_add=may_add or path == "$.schema")
    elif key == "properties" and old and new:
        yield from _fields(kind, old, new, path, may_add=may_add)
    elif key == "required":
        if set(old or ()) != set(new or ()):
            yield f"{path}: required fields changed: {', '.join(sorted(set(old or ()) ^ set(new or ())))}"
    elif key in ("items", "anyOf", "oneOf", "not") and old and new:
        yield from _differences(kind, old, new, path, may_add=may_add)
    elif key == "maxItems" and old is None and new >= FIRST_MAXIMUM:
        return
    elif old != new:
        yield f"{path}: {key} {old!r} became {new!r}"


def _codes(old: list[str], new: list[str], path: str, *, may_add: bool) -> Iterator[str]:
    for code in sorted(set(old) - set(new)):
        yield f"{path}: the code {code} is gone"
    if not may_add:
        for code in sorted(set(new) - set(old)):
            yield f"{path}: the code {code} is new, the schema name is not"


def _fields(kind: str, old: dict[str, Any], new: dict[str, Any], path: str, *, may_add: bool) -> Iterator[str]:
    for key in sorted(set(old) - set(new)):
        yield f"{path}.{key}: the field is gone"
    if not may_add:
        for key in sorted(set(new) - set(old)):
            yield f"{path}.{key}: the field is new, the schema name is not"
    for key in sorted(set(old) & set(new)):
        yield from _differences(kind, old[key], new[key], f"{path}.{key}", may_add=may_add)


Rows = dict[str, dict[str, dict[str, str]]]


def list_breaks(old: Rows, new: Rows, version: str) -> list[str]:
    """Every way in which the code lists break with those of a released version: no code is deleted or used again."""
    found = []
    for listing, codes in old.items():
        if listing not in new:
            found.append(f"{listing}: the list is gone")
            continue
        for code, row in codes.items():
            found += _row(f"{listing}: {code}", row, new[listing].get(code))
        for code in sorted(set(new[listing]) - set(codes)):
            if new[listing][code]["since"] == version:
                found.append(f"{listing}: {code} is new and says that it stood in {version}")
    return found


def _row(what: str, old: dict[str, str], new: dict[str, str] | None) -> Iterator[str]:
    if new is None:
        yield f"{what} is deleted"
        return
    for column in ("since", "rollup_glotip"):
        if old[column] and new[column] != old[column]:
            yield f"{what}: {column} {old[column]} became {new[column]}"
    if old["deprecated_in"] and not new["deprecated_in"]:
        yield f"{what} was deprecated and is used again"
