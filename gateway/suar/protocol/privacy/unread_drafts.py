"""Identifiers in the texts of a draft that is not a valid message, reported together with its other faults."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from suar.protocol.base import limits
from suar.protocol.base.reasons import Invalid, Reason, step
from suar.protocol.message.inspection import MAX_REASONS
from suar.protocol.message.jsonform import parse
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of
from suar.protocol.privacy.verdict import ADDRESSES, identifier_reason, marks


def text_refusals(data: bytes) -> tuple[Reason, ...]:
    """Return a reason for each identifier in the texts of a draft, where they stand in the fields of its kind.

    A list with more items than its type allows is not looked through, nor text beyond what a message may have in all:
    those are faults of their own, and cost no more. Nothing of what is no JSON object or of no kind; that is a reason
    of its own.
    """
    try:
        tree = parse(data, normalise=True)
    except Invalid:
        return ()
    kind = tree.get("kind")
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return ()
    found: list[Reason] = []
    left = limits.FREE_TEXT_MAX
    for path, sort, written in _texts(tree, shape, "$"):
        left -= len(written)
        if left < 0:
            break
        found += [identifier_reason(path, each) for each in marks(sort, written)[0] if each.sure]
        if len(found) >= MAX_REASONS:
            break
    return tuple(found[:MAX_REASONS])


def _texts(tree: Mapping[str, Any], shape: type[Struct], path: str) -> Iterator[tuple[str, str, str]]:
    """Yield (path, sort, text) of every free text that stands where its type has one."""
    for key, (_, spec, _) in fields_of(shape).items():
        inside, here = spec.item or spec, step(path, key)
        for at, value in _values_at(tree.get(key), here, spec):
            if inside.struct is not None and isinstance(value, dict):
                yield from _texts(value, inside.struct, at)
            elif inside.text and inside.text not in ADDRESSES and isinstance(value, str):
                yield at, inside.text, value


def _values_at(value: Any, path: str, spec: Spec) -> Iterator[tuple[str, Any]]:
    most = [meta.max_length for meta in spec.metas if meta.max_length is not None]
    if spec.item is None:
        yield path, value
    elif isinstance(value, list) and most and len(value) <= min(most):
        yield from ((step(path, at), item) for at, item in enumerate(value))
