"""Builds the cancel of a message: it identifies the message and repeats none of its content.

A cancel destroys the texts of earlier revisions, so it must not repeat them. It keeps the codes that the kind requires,
but no free text, figures, routes or telephone numbers. Its audience is everybody who may hold a revision.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from suar.protocol.authoring.plausibility import is_plausible_id
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kind.alert import STAND_DOWN
from suar.protocol.message.kinds import OF_SHAPE, Alert, Head, Publication, Request
from suar.protocol.message.spec import LINK, MAIL, Spec, fields_of

CANCELLED: Final = "Cancelled"
SUMMARY: Final = "The publisher cancelled this message. Every receiver is asked to destroy its earlier text."
_WRITTEN_BEFORE: Final = "The publisher cancelled this message. Its earlier text is destroyed at every receiver."
"""The summary that gateways before 0.2 wrote and programs may still send. It asserts more than a publisher knows."""
_LIFE: Final = 30 * limits.DAY  # lifetime of the cancel if the message has expired
_NOT_KEPT: Final = frozenset({"rev", "sent", "text"})  # written by the gateway
_INSTEAD: Final = {LINK: "https://cancelled.invalid/", MAIL: "cancelled@cancelled.invalid"}
"""Replacements for texts with a fixed form, if a kind requires one."""


def withdrawal(revisions: Sequence[Publication], reason: str, now: int) -> bytes:
    """Return the draft that cancels the message with these revisions of ours, oldest first; `now` in ms."""
    last = revisions[-1]
    whole = msgspec.to_builtins(last)
    required = [field.encode_name for field in msgspec.structs.fields(last) if field.required]
    tree = {name: whole[name] for name in ("kind", *required) if name not in _NOT_KEPT}
    tree |= {"action": "cancel", "reason": reason, "audience": _audience(revisions), "tlp": _marking(revisions)}
    tree["text"] = [{"lang": "en", "title": f"{CANCELLED}: {last.id}", "summary": SUMMARY}]
    tree["expires"] = max(last.expires, instant(now + _LIFE))
    if "handling" in whole:
        tree["handling"] = whole["handling"]
    tree |= _of_kind(last, whole)
    return msgspec.json.encode(tree)


def is_bare(message: Publication) -> bool:
    """Whether a cancel contains only what `withdrawal` writes: its reason, and the generated title and summary.

    Only such a cancel is sent without the second person that its severity or request would require, because a recall
    must not be delayed. A cancel with a text of its own is reviewed like any other text.
    """
    if message.action != "cancel" or len(message.text) != 1:
        return False
    text = message.text[0]
    is_plain = is_own_text(text.lang, text.title, text.summary, message.id)
    return is_plain and (not isinstance(message, Alert) or all(_is_stand_down(each) for each in message.request))


def is_own_text(lang: object, title: object, summary: object, id_: str) -> bool:
    """Whether a text is the one that `withdrawal` writes for the message with this id."""
    return (lang, title) == ("en", f"{CANCELLED}: {id_}") and summary in (SUMMARY, _WRITTEN_BEFORE)


def _is_stand_down(request: Request) -> bool:
    return bool(msgspec.to_builtins(request) == STAND_DOWN)


def _of_kind(last: Publication, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that this kind requires, without texts, and the others that its declaration keeps."""
    own = {key: found for key, (_, found, required) in fields_of(type(last)).items() if required and key not in _SHARED}
    kept = OF_SHAPE[type(last)].kept
    tree = {key: _emptied(found, whole[key]) for key, found in own.items()} | (kept(last, whole) if kept else {})
    return tree | {key: _known(last, tree[key]) for key, found in own.items() if found.is_id}


def _known(last: Publication, id_: str) -> str:
    """Return the id, or instead of one that no message can have the first of its kind: a cancel must not wait."""
    member, kind, _, _ = id_.split("-")
    year = int(last.sent[:4])
    return id_ if is_plausible_id(id_, year) else f"{member}-{kind}-{year}-{1:06d}"


def _emptied(found: Spec, value: Any) -> Any:
    """Return a value without its free text."""
    if found.item and isinstance(value, list | tuple):
        each = [_emptied(found.item, item) for item in value]
        return [item for at, item in enumerate(each) if item not in each[:at]]
    if found.struct and value is not None:
        known = fields_of(found.struct)
        return {key: _emptied(known[key][1], item) for key, item in value.items()}
    return _INSTEAD.get(found.text, CANCELLED) if found.text and value is not None else value


_SHARED: Final = frozenset(fields_of(Head))


def _audience(revisions: Sequence[Publication]) -> dict[str, Any]:
    """Return everybody who may hold one of the revisions; sectors are named only if every revision names some."""
    audiences = [each.audience for each in revisions]
    named = {member for each in audiences if each.members != ALL for member in each.members}
    is_all = any(each.members == ALL for each in audiences)
    sectors = [each.sectors for each in audiences]
    found: dict[str, Any] = {"members": ALL if is_all else sorted(named)}
    if not any(each is msgspec.UNSET for each in sectors):
        found["sectors"] = sorted({sector for each in sectors for sector in each})  # type: ignore[union-attr]
    return found


def _marking(revisions: Sequence[Publication]) -> str:
    """Return the last TLP, unless it is RED and an earlier revision was addressed to all: RED needs named members."""
    wide = [each.tlp for each in revisions if each.audience.members == ALL]
    return wide[-1] if wide else revisions[-1].tlp
