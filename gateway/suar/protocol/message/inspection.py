"""Checks a message value by value, driven by its types: reports every fault, and reads higher minors leniently.

The hot path decodes with msgspec in one call, which stops at the first fault and gives no usable path. This slower walk
runs if that failed (to name the faults), if a publisher is to see all faults, and for a message of a higher minor.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from suar.protocol.base.reasons import MAX_KEY, Reason, step
from suar.protocol.base.sentences import Sentence, Value, sentence
from suar.protocol.message import valuehints
from suar.protocol.message.fields import GATEWAY_FIELDS
from suar.protocol.message.kinds import Entry, Message, Observation
from suar.protocol.message.soundness import has_form, is_listed
from suar.protocol.message.spec import Spec, fields_of

MAX_REASONS = 200
"""Most faults reported for one message."""
MAX_SUGGESTIONS = 8
"""Most unknown fields and countries of one message for which a similar one is searched, which is expensive."""
MAX_SHOWN = 40
"""Most characters of a value that a reason shows."""
MAX_NEW_CODE = 64
"""Most characters of an unknown code of a higher minor."""
NEVER_NEW = "$.action"
"""The field in which an unknown code is refused, because a reader must understand its effect on earlier revisions."""
FAIL_CLOSED = {"$.tlp": "RED", "$.handling": "originator-consent"}
"""How an unknown code of a higher minor is read, for fields that decide about disclosure."""

READ_ALONE = frozenset({"WHITE"})
"""Codes that are read but never written; hints do not offer them."""


_INDEX = re.compile(r"\[[0-9]+\]")


class _Enough(Exception):  # noqa: N818  ends the walk; not an error
    pass


class Inspection:
    """One walk over one message; `reasons` contains the faults.

    `lenient`: a higher minor is read. `iso`: countries, currencies and languages are checked against their lists, which
    only a publisher's own gateway does (a reader checks their pattern).
    """

    def __init__(self, *, lenient: bool = False, iso: bool = False, limit: int = MAX_REASONS) -> None:
        self.is_lenient = lenient
        self.is_iso_checked = iso
        self.limit = limit
        self._suggestions = 0
        self._columns: set[tuple[str, str]] = set()
        self._unreported = 0  # faults of figures that equal the one that is reported
        self.reasons: list[Reason] = []

    def message(self, shape: type[Message], tree: dict[str, Any]) -> Message | None:
        """Return the message as far as it can be built; the attribute of a faulty field is UNSET."""
        try:
            built: Message | None = self._struct(shape, {key: tree[key] for key in tree if key != "kind"}, "$")
        except _Enough:
            return None
        return built

    def _note_repeated(self, path: str, hint: Sentence) -> bool:
        """Note a fault of a figure; returns True if one before it had the same: a table is corrected in one go."""
        column = _INDEX.sub("", path)
        if not column.startswith("$.obs."):
            return False
        known = (column, str(hint)) in self._columns
        self._columns.add((column, str(hint)))
        return known

    def _fault(self, code: str, path: str, message: Sentence, hint: Sentence, rule: str | None = "F8") -> Any:
        self.reasons.append(Reason.of(code, rule, path, message, hint))
        if len(self.reasons) >= self.limit:
            raise _Enough
        return UNSET

    def _value(self, found: Spec, value: Any, path: str) -> Any:
        if value is None:
            return None if found.is_nullable else self._null(path)
        if found.struct:
            return self._struct(found.struct, value, path)
        if found.item and not (isinstance(value, str) and found.codes):
            return self._list(found, found.item, value, path)
        if found.codes:
            return self._code(found, value, path)
        return self._scalar(found, value, path)

    def _null(self, path: str) -> Any:
        hint = sentence("leave an optional field out")
        return self._fault("E-MESSAGE-FIELD", path, sentence("null is not allowed here"), hint)

    def _struct(self, shape: type[Struct], value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            text = sentence("expected an object, got {value}", value=_name(value))
            hint = sentence("known here: {known}", known=", ".join(fields_of(shape)))
            return self._fault("E-MESSAGE-FIELD", path, text, hint)
        known = fields_of(shape)
        values: dict[str, Any] = {}
        for key, item in value.items():
            if key in known:
                values[known[key][0]] = self._value(known[key][1], item, step(path, key))
            elif not self.is_lenient:
                self._stray(key, known, path)
        for key, (name, found, required) in known.items():
            if required and name not in values:
                text = sentence("the field is required")
                values[name] = self._fault("E-MESSAGE-MISSING-FIELD", step(path, key), text, _missing(found))
        if shape is Entry and not has_form(set(values)):
            hint = sentence("{{frame, messages}}, {{epoch, first, last}} or {{trust}}")
            return self._fault("E-MESSAGE-FIELD", path, sentence("an entry has one of three forms"), hint)
        return shape(**values)

    def _stray(self, key: str, known: dict[str, Any], path: str) -> None:
        if self.is_iso_checked and key in GATEWAY_FIELDS:
            text = sentence("the gateway writes {key}", key=key)
            self._fault("E-MESSAGE-GATEWAY-FIELD", step(path, key), text, sentence("leave it out"), None)
            return
        near = self._near(key, known)
        hint = sentence("known here: {known}", known=", ".join(known))
        hint = sentence("is {near} meant?", near=near) if near else hint
        self._fault("E-MESSAGE-UNKNOWN-FIELD", step(path, key), sentence("no such field in the schema"), hint)

    def _near(self, key: str, known: dict[str, Any]) -> str | None:
        """Return the known field most similar to an unknown key; searched for the first few faults only."""
        if len(key) > MAX_KEY or self._suggestions >= MAX_SUGGESTIONS:
            return None
        import difflib

        self._suggestions += 1
        return next(iter(difflib.get_close_matches(key, known, 1)), None)

    def _list(self, found: Spec, item: Spec, value: Any, path: str) -> Any:
        if not isinstance(value, list | tuple):
            text = sentence("expected a list, got {value}", value=_name(value))
            hint = sentence("write it in brackets: [{value}]", value=_in_json(value))
            return self._fault("E-MESSAGE-FIELD", path, text, hint)
        least, most = _bounds(found)
        if not least <= len(value) <= most:
            hint = sentence("{least} to {most} items", least=least, most=most)
            hint = hint if value else sentence("leave an empty optional list out")
            if len(value) > most and item.struct is Observation:
                hint = valuehints.of_a_long_table(value)
            text = sentence("{value} items, allowed are {least} to {most}", value=len(value), least=least, most=most)
            return self._fault("E-MESSAGE-FIELD", path, text, hint)
        built = [self._item(item, each, step(path, at)) for at, each in enumerate(value)]
        # compared as written: two unknown codes may be read as the same code, objects may differ in an ignored field
        compared = map(_written, value) if self.is_lenient else (each for each, _ in built)
        seen: set[Any] = set()
        for at, (each, (_, is_whole)) in enumerate(zip(compared, built, strict=True)):
            if is_whole and each in seen:
                hint = sentence("lists hold no duplicates")
                self._fault("E-MESSAGE-FIELD", step(path, at), sentence("the item is repeated"), hint)
            seen.add(each if is_whole else UNSET)
        items = (each for each, _ in built)
        return tuple(dict.fromkeys(items) if self.is_lenient else items)

    def _item(self, item: Spec, value: Any, path: str) -> tuple[Any, bool]:
        before = len(self.reasons) + self._unreported
        return self._value(item, value, path), len(self.reasons) + self._unreported == before

    def _code(self, found: Spec, value: Any, path: str) -> Any:
        if value in found.codes and isinstance(value, str):
            return value
        if self.is_lenient and path == "$.schema":
            return value  # its minor was checked before
        may_be_new = self.is_lenient and not found.item and path != NEVER_NEW
        if may_be_new and isinstance(value, str) and len(value) <= MAX_NEW_CODE:
            return FAIL_CLOSED.get(path.partition("[")[0]) or _rolled_up(found, value, path)
        offered = ", ".join(each for each in found.codes if each not in READ_ALONE)
        if found.item and isinstance(value, str):
            text = sentence("expected a list, got {value}", value=_NAMES[str])
            hint = sentence("{offered}, or a list: [{value}]", offered=offered, value=_in_json(value))
            return self._fault("E-MESSAGE-CODE", path, text, hint)
        code = "E-MESSAGE-SCHEMA" if path == "$.schema" else "E-MESSAGE-CODE"
        if isinstance(value, str):
            shown = sentence("{value} is no code of its list", value=repr(value[:MAX_SHOWN]))
        else:
            shown = sentence("expected a code, got {value}", value=_name(value))
        return self._fault(code, path, shown, sentence("one of: {offered}", offered=offered))

    def _scalar(self, found: Spec, value: Any, path: str) -> Any:
        try:
            built = msgspec.convert(value, found.type)
        except msgspec.ValidationError:
            hint = description_of(found)
            finding = valuehints.of_a_date(found, value, hint) if hint else None
            finding = finding or valuehints.of_a_country(found, value, hint)
            if finding is None and hint and found.iso:
                self._suggestions += 1
                is_searched = self._suggestions <= MAX_SUGGESTIONS
                finding = valuehints.of_no_country(found, value, hint, is_searched=is_searched)
            if finding is not None and found.iso and self._note_repeated(path, finding.hint):
                self._unreported += 1
                return UNSET
            message, hint = finding or (_mismatch(found, value), hint or valuehints.of_its_size(found, value))
            return self._fault("E-MESSAGE-FIELD", path, message, hint or sentence("see the schema"))
        if found.own and not found.own(built):
            hint = description_of(found) or sentence("see the schema")
            return self._fault("E-MESSAGE-FIELD", path, sentence("the value does not exist"), hint)
        if self.is_iso_checked and found.iso and not is_listed(found.iso, built):
            text = sentence("{built} is in no list of its standard", built=repr(built))
            return self._fault("E-MESSAGE-CODE", path, text, description_of(found) or Sentence(""))
        return built


def _in_json(value: Any) -> str:
    """Return a short code as it is written; a hint does not repeat any other value."""
    is_plain = isinstance(value, str) and len(value) <= MAX_SHOWN and value.isascii() and value.isprintable()
    return f'"{value}"' if is_plain else "..."


def _written(value: Any) -> bytes:
    """Return an item as JSON text in a canonical form, in which 1 and true differ."""
    return msgspec.json.encode(value, order="sorted")


def _rolled_up(found: Spec, value: str, path: str) -> str:
    # a cell keeps its original code; otherwise two cells of a table could become equal
    in_cell = ".dims" in path
    return "other" if "other" in found.codes and not in_cell else value


def _bounds(found: Spec) -> tuple[int, int]:
    least = max((meta.min_length or 0 for meta in found.metas), default=0)
    most = min((meta.max_length for meta in found.metas if meta.max_length is not None), default=10**6)
    return least, most


def _missing(found: Spec) -> Sentence:
    """Return the hint for a missing field."""
    if found.type is bool:
        return _NAMES[bool]
    codes = [str(code) for code in (found.item or found).codes if code not in READ_ALONE]
    return valuehints.of_a_missing_field(found, codes, description_of(found))


def description_of(found: Spec) -> Sentence | None:
    """Return the description in a field's type, or None."""
    description = next((meta.description for meta in found.metas if meta.description), None)
    if description is None:
        return None
    example = next((meta.extra["example"] for meta in found.metas if meta.extra and "example" in meta.extra), None)
    return Sentence(description) if example is None else sentence("an id such as {id}", id=example)


_NAMES = {
    dict: sentence("an object"),
    list: sentence("a list"),
    str: sentence("text"),
    bool: sentence("true or false"),
    int: sentence("an integer"),
}
_NULL = sentence("null")
_KINDS = {str: "text", int: "integer", bool: "bool", dict: "object", list: "array", tuple: "array"}
"""Names of types in the sentence about a value of a wrong type; only "text" is translated."""


def _name(value: Any) -> Sentence:
    return _NAMES.get(type(value), _NULL)


def _kind(kind: Any) -> Value:
    return _NAMES[str] if kind is str else _KINDS.get(kind, "null")


def _mismatch(found: Spec, value: Any) -> Sentence:
    """Return why a scalar does not match its type, checked in the same order as by msgspec."""
    wanted = getattr(found.type, "__origin__", found.type)
    if type(value) is not wanted:
        return sentence("expected {kind}, got {other}", kind=_kind(wanted), other=_kind(type(value)))
    for meta in found.metas:
        if meta.min_length is not None and len(value) < meta.min_length:
            return sentence("expected text of length >= {least}", least=meta.min_length)
        if meta.max_length is not None and len(value) > meta.max_length:
            return sentence("expected text of length <= {most}", most=meta.max_length)
        if meta.ge is not None and value < meta.ge:
            return sentence("expected integer >= {least}", least=int(meta.ge))
        if meta.le is not None and value > meta.le:
            return sentence("expected integer <= {most}", most=int(meta.le))
    return sentence("does not match its pattern")
