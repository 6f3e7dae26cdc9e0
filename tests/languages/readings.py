"""Messages to read: every valid example that is shipped, and what of it is code or key and must not show."""

import json
from functools import cache
from typing import Any

from suar.protocol.base import codelists
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of
from suar.published import schemas_dir

CHAIN = [{"rev": 1, "action": "new", "received": "2027-01-15T08:00:00Z"}]


@cache
def examples() -> dict[str, dict[str, Any]]:
    """Name to message."""
    folder = schemas_dir() / "examples/valid"
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def shown(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A message in the shape in which a gateway shows it."""
    origin = message.get("issuer", {}).get("member") or message["member"]
    return {
        "message": message,
        "id": message.get("id", ""),
        "origin": origin,
        "chain": CHAIN,
        "state": "current",
        **more,
    }


def codes_in(message: dict[str, Any]) -> set[str]:
    """Codes of closed lists that stand in a message, but those that a reader is to see as they are."""
    found: set[str] = set()

    def below(spec: Spec, value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                below(spec.item or spec, item)
        elif isinstance(value, dict) and spec.struct:
            of_object(spec.struct, value)
        elif spec.codes and isinstance(value, str):
            found.add(value)

    def of_object(shape: Any, value: dict[str, Any]) -> None:
        for key, (_, spec, _) in fields_of(shape).items():
            if key in value:
                below(spec, value[key])

    of_object(KINDS[message["kind"]], message)
    return {code for code in found if not code.startswith(message["kind"]) and code not in kept()}


@cache
def kept() -> frozenset[str]:
    """Codes that are words of the trade: TLP's, the grades of a source, marks of a value."""
    return frozenset(codelists.codes("tlp") + codelists.codes("reliability") + codelists.codes("obs-status"))


def keys_in(shape: Any) -> set[str]:
    """Keys of JSON in a kind, with those of its objects."""
    found: set[str] = set()
    for key, (_, spec, _) in fields_of(shape).items():
        found.add(key)
        inside = spec.item.struct if spec.item else spec.struct
        if inside:
            found |= keys_in(inside)
    return found
