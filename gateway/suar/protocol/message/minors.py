"""What a message of an older minor must not contain (messages.md section 5): fields and codes of a later version.

A reader of 1.0 refuses them, so a reader of 1.1 does too: two readers never judge one message differently. A field has
its minor in `since` of its type; a code in the column `since` of its list, which is the version of the standard that
introduced it. If a version of the standard changes a kind, the kind's schema gets the version's number, so the two are
comparable.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Meta, Struct

from suar.protocol.base.codelists import TOTAL, TYPES, codes, rows
from suar.protocol.base.reasons import Reason, step
from suar.protocol.base.sentences import sentence
from suar.protocol.message.spec import Spec, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def since(version: str) -> Meta:
    """Return the mark in a field's type that the field was introduced with a version such as 1.1."""
    return Meta(extra={"since": version})


def minor(name: str) -> int:
    """Return the minor of a version or a schema name: 1 for 1.1 and for alert/1.1."""
    return int(name.rpartition(".")[2])


def may_be_newer(message: Struct) -> bool:
    """Whether a message of an older minor may contain fields or codes of a later one; `newer` decides, from its tree.

    Runs for every message that is read, so it examines only the fields that a later minor changed.
    """
    return any(_may_be_added(getattr(message, name), codes) for name, codes in added(type(message)))


def _may_be_added(value: Any, codes: frozenset[str] | None) -> bool:
    return value is not UNSET and (codes is None or value in codes)


@cache
def added(shape: type[Struct]) -> tuple[tuple[str, frozenset[str] | None], ...]:
    """Return (field, codes that later minors added) for each field that they changed; None for any other change."""
    found: list[tuple[str, frozenset[str] | None]] = []
    for key, (name, spec, _) in fields_of(shape).items():
        later = frozenset(code for code, version in introduced_in(spec.codes).items() if minor(version))
        inside = spec.item or spec
        if _since(spec) or (spec.item and _is_later(inside)) or (inside.struct and added(inside.struct)):
            found.append((name, None))
        elif later and key != "schema":
            found.append((name, later))
    return tuple(found)


def _is_later(spec: Spec) -> bool:
    return any(minor(version) for version in introduced_in(spec.codes).values())


def newer(shape: type[Struct], tree: dict[str, Any]) -> tuple[Reason, ...]:
    """Return the F8 reasons against a message that contains more than the minor of its schema has."""
    return tuple(_newer(shape, tree, minor(tree["schema"]), "$"))


def _newer(shape: type[Struct], tree: dict[str, Any], ours: int, path: str) -> Iterator[Reason]:
    for key, (_, found, _) in fields_of(shape).items():
        if key not in tree or key == "schema":
            continue
        at = step(path, key)
        if _since(found) > ours:
            text, hint = sentence("no such field in this minor"), sentence("give the schema that has it")
            yield Reason.of("E-MESSAGE-UNKNOWN-FIELD", "F8", at, text, hint)
        yield from _newer_value(found, tree[key], ours, at)


def _newer_value(found: Spec, value: Any, ours: int, path: str) -> Iterator[Reason]:
    if isinstance(value, list | tuple) and found.item:
        for number, item in enumerate(value):
            yield from _newer_value(found.item, item, ours, step(path, number))
    elif found.struct and isinstance(value, dict):
        yield from _newer(found.struct, value, ours, path)
    elif found.codes and minor(introduced_in(found.codes).get(value, "1.0")) > ours:
        text, hint = sentence("no such code in this minor"), sentence("give the schema that has it")
        yield Reason.of("E-MESSAGE-CODE", "F8", path, text, hint)


def _since(found: Spec) -> int:
    versions = [meta.extra["since"] for meta in found.metas if meta.extra and "since" in meta.extra]
    return minor(versions[0]) if versions else 0


@cache
def introduced_in(closed: tuple[str, ...]) -> dict[str, str]:
    """Return the version that introduced each code of a closed type; empty for words that are in no list."""
    for parts in TYPES.values():
        lists = [part for part in parts if part != TOTAL]
        if closed == tuple(code for part in parts for code in ((TOTAL,) if part == TOTAL else codes(part))):
            return {row.code: row.since for part in lists for row in rows(part)}
    return {}
