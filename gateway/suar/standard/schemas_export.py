"""Writes the published standard: JSON Schema 2020-12 generated from the message types, and the other published files.

The types in `suar.protocol` are the source; schemas/v1 is made from them by this module and a test keeps the two equal.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from suar.protocol.message.fields import END, NOT_YEAR_0
from suar.protocol.message.kinds import ENTRY_FORMS, KINDS
from suar.protocol.message.messages import schema_of
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir
from suar.standard.kinds_on_the_bus import asyncapi
from suar.standard.schema_reference import fields_csv, meaning, page, rules_csv

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MADE = ("v1", "reference", "fields.csv", "rules.csv", "asyncapi.yaml")
"""What is made from the declared kinds; all else is written by hand or by its own generator and only copied."""


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind, `$id` urn:suar:schema:<kind>:<major.minor>."""
    shape = KINDS[kind]
    made = _plain(msgspec.json.schema(shape))
    _describe(shape, made["$defs"])
    if "Entry" in made["$defs"]:
        made["$defs"]["Entry"]["oneOf"] = _entry_forms()
    return {
        "$schema": DIALECT,
        "$id": f"urn:suar:schema:{schema_of(kind).replace('/', ':')}",
        "title": kind,
        "$ref": made["$ref"],
        "$defs": dict(sorted(made["$defs"].items())),
    }


def _describe(shape: Any, parts: dict[str, Any]) -> None:
    """Add to every field what it means, before the description of its type."""
    for key, (_, found, _) in fields_of(shape).items():
        part = parts[shape.__name__]["properties"][key]
        description = part.pop("description", None)
        parts[shape.__name__]["properties"][key] = {
            "description": "; ".join(filter(None, (meaning(shape, key), description))),
            **part,
        }
        inside = found.struct or (found.item and found.item.struct)
        if inside:
            _describe(inside, parts)


def generated() -> dict[str, bytes]:
    """Relative name to content of every file that is made from the declared kinds."""
    made = {f"v1/{kind}.schema.json": _written(schema(kind)) for kind in KINDS}
    made |= {f"reference/{kind}.md": page(kind).encode() for kind in KINDS}
    return made | {"fields.csv": fields_csv(), "rules.csv": rules_csv(), "asyncapi.yaml": asyncapi()}


def export(folder: Path, *, check: bool = False) -> tuple[str, ...]:
    """Write the standard into `folder`, or with `check` only compare; the relative names written or differing.

    Raises OSError if the folder cannot be written.
    """
    differing = []
    for name, content in (generated() | _static_files(folder)).items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        differing.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return tuple(differing)


def _static_files(folder: Path) -> dict[str, bytes]:
    source = schemas_dir()
    if folder.resolve() == source.resolve():
        return {}
    roots = [path for path in sorted(source.iterdir()) if path.name not in MADE]
    files = [
        file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*"))) if file.is_file()
    ]
    return {file.relative_to(source).as_posix(): file.read_bytes() for file in files}


def _written(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _plain(value: Any) -> Any:
    """The schema without what only Python's patterns need, and with what every dialect of patterns understands."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _plain(item) for key, item in value.items()}
    pattern = made.get("pattern")
    if isinstance(pattern, str) and pattern.endswith(END):
        made["pattern"] = _portable(pattern)
        made["not"] = {"pattern": r"\n"}  # a `$` that also matches before a last newline: Python, PCRE, Ruby
    return made


def _portable(pattern: str) -> str:
    """The pattern without lookaheads, which RE2 and its kin lack; in ECMA-262 `$` is the end of the text."""
    return pattern.removesuffix(END).replace(f"{NOT_YEAR_0}([0-9]{{4}}-", f"({_YEAR}-").replace(_LEAP_0, _LEAP) + "$"


_YEAR = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP_0, _LEAP = "([02468][048]|[13579][26])00", "(0[48]|[2468][048]|[13579][26])00"


def _entry_forms() -> list[dict[str, Any]]:
    every = set().union(*(required | optional for required, optional in ENTRY_FORMS))
    return [
        {"required": sorted(required), "properties": dict.fromkeys(sorted(every - required - optional), False)}
        for required, optional in ENTRY_FORMS
    ]
