"""The kinds of the standard in the OpenAPI document: their schemas as components, as messages and as drafts.

A part that all kinds have alike is one component (`Audience`); one that differs has its kind before it (`PatternArea`).
A draft is a message without what only the gateway writes; what it may fill in may be left out.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from suar.protocol.base.codelists import RECEIPT
from suar.protocol.message.kinds import KINDS
from suar.published import schemas_dir
from suar.standard.schemas_export import schema
from suar.standard.shipped import draft, example, names

REF: Final = "#/components/schemas/"
MESSAGE: Final = "Message"
DRAFT: Final = "Draft"
DAY: Final = datetime(2027, 1, 15, 8, tzinfo=UTC)
"""When the examples of drafts are handed in."""
_WRITTEN: Final = frozenset({"sent", "privacy"})
_FILLED: Final = frozenset({"schema", "id", "rev", "status", "text"})
_NO_LINE_END: Final = ("not", {"pattern": r"\n"})
"""Beside a pattern for other dialects than that of ECMA-262, where `$` is the end of the text."""
_LOCAL: Final = "#/$defs/"


def reference(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": REF + name}


@cache
def components() -> dict[str, dict[str, Any]]:
    """Every component of the kinds: parts, messages, drafts, and `Message` and `Draft` for any of them."""
    defined = {kind: schema(kind)["$defs"] for kind in KINDS}
    shared = {name for name in _names(defined) if _is_alike(defined, name)}
    made: dict[str, dict[str, Any]] = {}
    for kind, parts in defined.items():
        own = {name: name if name in shared else f"{_title(kind)}{name}" for name in parts}
        made |= {own[name]: _linked(part, own) for name, part in parts.items()}
        message = made[_title(kind)]
        message["examples"] = list(examples(kind).values())
        if kind != RECEIPT:
            made[f"{_title(kind)}{DRAFT}"] = _draft(message)
    made[f"Issuer{DRAFT}"] = _without(made["Issuer"], filled={"member"})
    made[MESSAGE] = _any_of("A message of the standard, of any kind.", "", tuple(KINDS))
    made[DRAFT] = _any_of("A message that is to be published, without what the gateway writes.", DRAFT, _authored())
    return dict(sorted(made.items()))


@cache
def examples(kind: str) -> dict[str, dict[str, Any]]:
    """The shipped messages of a kind, by name."""
    files = sorted((schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json"))
    return {path.stem: json.loads(path.read_bytes()) for path in files}


@cache
def drafts() -> dict[str, dict[str, Any]]:
    """Every shipped message that is new, as the draft that its author would hand in, by name."""
    shipped = {name: example(name) for name in names()}
    new = {name: each for name, each in shipped.items() if each["action"] == "new"}
    return {name: draft(each, each["issuer"]["member"], DAY) for name, each in new.items()}


def _names(defined: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield from dict.fromkeys(name for parts in defined.values() for name in parts)


def _is_alike(defined: dict[str, dict[str, Any]], name: str) -> bool:
    """Whether a part is the same wherever it is, with all that it refers to."""
    found = [parts[name] for parts in defined.values() if name in parts]
    if len(found) == 1:
        return True
    return all(part == found[0] for part in found) and all(_is_alike(defined, each) for each in _referred(found[0]))


def _referred(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix(_LOCAL)
        for each in part.values():
            yield from _referred(each)
    elif isinstance(part, list):
        for each in part:
            yield from _referred(each)


def _linked(part: Any, own: dict[str, str]) -> Any:
    """A part with its references to components."""
    if isinstance(part, list):
        return [_linked(each, own) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: _linked(each, own) for name, each in part.items() if (name, each) != _NO_LINE_END}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = REF + own[made["$ref"].removeprefix(_LOCAL)]
    return made


def _draft(message: dict[str, Any]) -> dict[str, Any]:
    made = _without(message, written=_WRITTEN, filled=_FILLED)
    made["properties"]["issuer"] = {**made["properties"]["issuer"], **reference(f"Issuer{DRAFT}")}
    kind = message["properties"]["kind"]["enum"][0]
    made["examples"] = [each for each in drafts().values() if each["kind"] == kind]
    return made


def _without(
    shape: dict[str, Any], *, written: frozenset[str] = frozenset(), filled: frozenset[str] | set[str]
) -> dict[str, Any]:
    """A shape without the fields `written`; those of `filled` may be left out."""
    properties = {name: each for name, each in shape["properties"].items() if name not in written}
    required = [name for name in shape["required"] if name not in written | filled]
    title = f"{shape['title']}{DRAFT}"
    return {**shape, "title": title, "properties": properties, "required": required}


def _any_of(description: str, ending: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    found = {kind: f"{_title(kind)}{ending}" for kind in kinds}
    return {
        "title": ending or MESSAGE,
        "description": description,
        "oneOf": [reference(name) for name in found.values()],
        "discriminator": {"propertyName": "kind", "mapping": {kind: REF + name for kind, name in found.items()}},
    }


def _authored() -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if kind != RECEIPT)


@cache
def _title(kind: str) -> str:
    """The component of a kind."""
    return str(schema(kind)["$ref"]).removeprefix(_LOCAL)
