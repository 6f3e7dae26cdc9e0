"""What earlier versions of the standard were: their schemas, code lists, rules and messages, as they were released."""

import csv
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from suar.published import schemas_dir

FOLDER = schemas_dir() / "released"
CORPUS = schemas_dir() / "corpus"
TABLES = ("rules.csv", "fields.csv")


def number(version: str) -> tuple[int, ...]:
    """What versions are sorted by."""
    return tuple(int(part) for part in version.split("."))


def versions(standard: Path) -> list[str]:
    """The released versions of the folder of a standard, the oldest first."""
    return sorted((path.name for path in (standard / "released").glob("*")), key=number)


VERSIONS = versions(schemas_dir())
"""Versions of the standard, the oldest first; each holds the schema of every kind at that time."""


@cache
def schemas(version: str) -> dict[str, dict[str, Any]]:
    """Kind to schema, with every `$ref` replaced by what it names."""
    return {
        path.name.partition(".")[0]: resolved(json.loads(path.read_bytes()))
        for path in sorted((FOLDER / version / "v1").glob("*.json"))
    }


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without `$defs` and `$ref`; none of ours is recursive."""
    made: dict[str, Any] = _inlined({key: schema[key] for key in ("$id", "$ref")}, schema["$defs"])
    return made


def _inlined(value: Any, parts: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(item, parts) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _inlined(item, parts) for key, item in value.items() if key != "$ref"}
    if isinstance(value.get("$ref"), str):
        made |= _inlined(parts[value["$ref"].rpartition("/")[2]], parts)
    return made


def rows(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Code list to code to row."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = {row["code"]: row for row in csv.DictReader(file)}
    return found


def table(path: Path) -> set[tuple[str, str]]:
    """The first two columns of rules.csv (rule, of) or fields.csv (object, field)."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row[0], row[1]) for row in list(csv.reader(file))[1:]}


def tables_gone(folder: Path) -> list[tuple[str, str]]:
    """Rules and fields of the folder of a released version that the tables of today no longer have."""
    kept = [(folder / name, schemas_dir() / name) for name in TABLES if (folder / name).exists()]
    return sorted(row for then, now in kept for row in table(then) - table(now))


def sums(version: str, standard: Path) -> dict[str, str]:
    """Every released file of a version to the SHA-256 of its bytes."""
    files = [path for part in ("released", "corpus") for path in (standard / part / version).rglob("*")]
    return {
        path.relative_to(standard).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file() and path.name != "SHA256SUMS"
    }


def codes_in(schema: dict[str, Any], path: str = "$") -> Iterator[tuple[str, str | None]]:
    """(path, code) of every code that a resolved schema allows, and (path, None) of every field."""
    for code in schema.get("enum", ()):
        yield path, code
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from codes_in(part, path)
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}.{key}", None
        yield from codes_in(inner, f"{path}.{key}")


def codes_of(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """The same of a message: (path, value) of every scalar, (path, None) of every field."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}", None
            yield from codes_of(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from codes_of(item, path)
    else:
        yield path, value
