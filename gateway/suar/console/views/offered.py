"""Hints of reasons that list codes, with the labels that the form has for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from suar.console.forms.plan import Part
from suar.console.forms.widgets import Field
from suar.protocol.base.reasons import Sentences
from suar.protocol.base.sentences import Sentence, Value

OFFERED: Final = "offered"
"""The value of a hint that lists codes."""


def labels_of(parts: Iterable[Part]) -> dict[str, dict[str, str]]:
    """Return id of an element -> the labels of the codes that can be chosen there."""
    found: dict[str, dict[str, str]] = {}
    for field in (each for part in parts for top in part.fields for each in _with_parts(top)):
        options = {each.value: each.label for each in (*field.options, *field.more) if each.value}
        if options:
            found.setdefault(field.id, options)
    return found


def with_labels(found: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the reason with labels in place of the codes that its hint lists."""
    try:
        sentences = msgspec.convert(found.get("sentences"), Sentences)
    except (msgspec.ValidationError, RecursionError):
        return dict(found)
    if not labels or OFFERED not in sentences.hint.values:
        return dict(found)
    hint = _labelled(sentences.hint, labels)
    return {**found, "hint": str(hint), "sentences": msgspec.to_builtins(msgspec.structs.replace(sentences, hint=hint))}


def _labelled(hint: Sentence, labels: Mapping[str, str]) -> Sentence:
    offered: Value = hint.values[OFFERED]
    if isinstance(offered, Sentence):
        named: Value = _labelled(offered, labels) if OFFERED in offered.values else offered
    else:
        named = ", ".join(labels.get(code, code) for code in str(offered).split(", "))
    return Sentence(hint.id, {**hint.values, OFFERED: named})


def _with_parts(field: Field) -> Iterator[Field]:
    yield field
    for part in field.parts:
        yield from _with_parts(part)
