"""Examines a STIX bundle completely: content that must not be used, unused content, and the personal data in both."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from suar.exchange.files.bounds import STIX_DEPTH_MAX, STIX_VALUES_MAX
from suar.exchange.files.personal import Budget, NotUsed, cut
from suar.exchange.incoming.cap_screen import TEXTS_MAX, WORK_MAX, Item, Screened, as_item
from suar.protocol.base.errors import Fault

_FINER: Final = "a place finer than a province"
NEVER: Final = {
    "latitude": _FINER, "longitude": _FINER, "precision": _FINER, "city": _FINER, "street_address": _FINER,
    "postal_code": _FINER, "contact_information": "who answers stands in a contact message",
    "url": "a link may lead to a person's picture; an alert has none",
    "payload_bin": "an alert has no attachments and no links to them",
    "authors": "who wrote it may be a person",
}  # fmt: skip
"""Properties that are never used, whatever they contain, and why."""
_DOMAIN: Final = frozenset(
    {
        "attack-pattern", "bundle", "campaign", "course-of-action", "extension-definition", "grouping", "identity",
        "incident", "indicator", "infrastructure", "intrusion-set", "language-content", "location", "malware",
        "malware-analysis", "marking-definition", "note", "observed-data", "opinion", "relationship", "report",
        "sighting", "threat-actor", "tool", "vulnerability",
    }
)  # fmt: skip
"""Types of domain objects; every other type is an observable, such as an account, a file or a number."""
_BODIES: Final = frozenset({"organization", "group", "class", "system"})
"""Classes of identities that are not persons."""
_ID: Final = r"[a-z0-9-]{1,60}--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MADE: Final = re.compile(rf"(?:{_ID}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]{{8,16}}Z|2\.[01])(?!\n)\Z")
"""Ids, times and versions written by programs; they are not listed."""
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_WORDS: Final = frozenset(
    {
        "name", "description", "content", "abstract", "labels", "explanation", "statement", "aliases", "goals", "roles",
        "sectors", "objective", "authors", "opinion", "external_id", "source_name", "type", "objects", "contents",
    }
)  # fmt: skip
"""Properties with generic names; any other name is read as the label of its text."""
_KEY: Final = re.compile(r"[a-z0-9_]{1,30}(?!\n)\Z|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}(?!\n)\Z")


class Leaf(NamedTuple):
    """A value: its path, the name of its property, and its text."""

    at: str
    key: str
    text: str


def screen(objects: list[dict[str, Any]], used: set[str]) -> Screened:
    """Return the content that must not be used, and all unused content. `used`: the paths of used content."""
    budget = Budget(WORK_MAX, TEXTS_MAX)
    refused, left = list[Item](), list[NotUsed]()
    count = 0
    for at, each in enumerate(objects):
        path = f"$.objects[{at}]" if at < len(objects) - 1 else "$"  # the last entry has the bundle's own properties
        whole = {item.at: item for item in _whole(each, path)}
        refused += whole.values()
        for leaf in leaves(each, path):
            count += 1
            if count > STIX_VALUES_MAX:
                raise Fault(f"{path}: the bundle has more than {STIX_VALUES_MAX:,} values", "split it")
            if _MADE.match(leaf.text) or (leaf.key == "type" and leaf.text in _DOMAIN):
                continue
            found = list(_of_leaf(leaf, budget))
            refused += found
            own = [*found, *([whole[leaf.at]] if leaf.at in whole else [])]
            if own or leaf.at not in used:
                left.append(NotUsed(leaf.at, cut(leaf.text), tuple(dict.fromkeys(item.sort for item in own))))
    return Screened(refused, left)


def _whole(of: dict[str, Any], path: str) -> Iterator[Item]:
    """Yield items that must not be used because of their object's type."""
    sort = of.get("type")
    if isinstance(sort, str) and sort not in _DOMAIN:
        yield Item(path, cut(sort), "", "something observed, which may be a person's")
    if sort == "identity" and str(of.get("identity_class")) not in _BODIES:
        name = of.get("name")
        text = cut(name) if isinstance(name, str) else ""
        yield Item(f"{path}.name", "identity of a person", text, "an alert names no person")


def leaves(value: Any, path: str, key: str = "", depth: int = 0) -> Iterator[Leaf]:
    """Yield every text and number below a value, and every property name that the specification does not allow."""
    if depth > STIX_DEPTH_MAX:
        raise Fault(f"{path[:200]}: the bundle nests deeper than {STIX_DEPTH_MAX}", "is it the right file?")
    if isinstance(value, dict):
        for name, below in value.items():
            inside = f"{path}.{name}"
            if not _KEY.match(name) and not _MADE.match(name):
                yield Leaf(f"{inside} (its name)", "name", name)
            yield from leaves(below, inside, name, depth + 1)
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from leaves(below, f"{path}[{at}]", key, depth + 1)
    elif isinstance(value, str):
        yield Leaf(path, key, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield Leaf(path, key, str(value))


def _of_leaf(leaf: Leaf, budget: Budget) -> Iterator[Item]:
    if leaf.key in NEVER:
        yield Item(leaf.at, leaf.key, cut(leaf.text), NEVER[leaf.key])
    text = _TIME.sub(" ", leaf.text)
    label = leaf.key.removeprefix("x_").replace("_", " ")
    looked_at = text if leaf.key in _WORDS else f"{label}: {text}"
    yield from (as_item(leaf.at, trace) for trace in budget.traces(looked_at))
