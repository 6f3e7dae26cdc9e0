"""Finds identifiers in the texts of a draft that is not a valid message, to report them with its other faults."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from suar.protocol.base import limits
from suar.protocol.base.reasons import Invalid, Reason, step
from suar.protocol.message.inspection import MAX_REASONS
from suar.protocol.message.jsonform import parse
from suar.protocol.message.kinds import KINDS, OF_SHAPE
from suar.protocol.message.spec import Spec, fields_of
from suar.protocol.privacy.verdict import ADDRESSES, identifier_reason, marks, text_sort


def text_refusals(data: bytes) -> tuple[Reason, ...]:
    """Return a reason for each identifier in the text fields of a draft's kind; at most MAX_REASONS.

    Lists with more items than their type allows, text beyond the length of its field, and text beyond FREE_TEXT_MAX in
    total are not examined. Returns
    nothing for data that is not a JSON object with a known kind. All of these faults have their own reasons.
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
    is_law = OF_SHAPE[shape].has_law_prose
    for path, sort, written in _texts(tree, shape, "$"):
        left -= len(written)
        if left < 0:
            break
        leads, _ = marks(text_sort(sort, is_law=is_law), written)
        found += [identifier_reason(path, each) for each in leads if each.is_sure]
        if len(found) >= MAX_REASONS:
            break
    return tuple(found[:MAX_REASONS])


def _texts(tree: Mapping[str, Any], shape: type[Struct], path: str) -> Iterator[tuple[str, str, str]]:
    """Yield (JSON path, sort, text) of every free text in a field of the type."""
    for key, (_, spec, _) in fields_of(shape).items():
        inside, here = spec.item or spec, step(path, key)
        for at, value in _values_at(tree.get(key), here, spec):
            if inside.struct is not None and isinstance(value, dict):
                yield from _texts(value, inside.struct, at)
            elif inside.text and inside.text not in ADDRESSES and isinstance(value, str):
                most = [meta.max_length for meta in inside.metas if meta.max_length is not None]
                yield at, inside.text, value[: min(most, default=limits.FREE_TEXT_MAX)]


def _values_at(value: Any, path: str, spec: Spec) -> Iterator[tuple[str, Any]]:
    most = [meta.max_length for meta in spec.metas if meta.max_length is not None]
    if spec.item is None:
        yield path, value
    elif isinstance(value, list) and most and len(value) <= min(most):
        yield from ((step(path, at), item) for at, item in enumerate(value))
