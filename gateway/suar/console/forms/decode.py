"""From submitted fields to a draft: a tree of JSON values, by the type of the kind, bounded.

An entry that is not a value of its type is kept as it was typed, so that nothing is lost and the gateway reports what
is wrong with it. Empty fields are left out. A list that the form does not edit is not changed.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from suar.console.forms import hints, names
from suar.console.forms.widgets import base_of, bound, from_zone, widget_of
from suar.languages.cldr.subdivisions import code_of
from suar.protocol.authoring.telephones import dialled
from suar.protocol.base.errors import Fault
from suar.protocol.message.fields import Phone, Text
from suar.protocol.message.kind.trend import NO_VALUE, Observation
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of

NORMAL: Final = "A"
"""The status of a figure with a count, unless its author says otherwise."""
PAIRS_MAX: Final = 20_000
TEXT_MAX: Final = 20_000
"""Characters of one field; the types allow fewer."""
_NUMBER: Final = re.compile(r"-?\d{1,18}")
_ROW: Final = re.compile(r"\[([0-9]{1,4})\]")
_PHONE: Final = get_args(Phone)[1:]
_NOTHING: Final = object()


def decode(
    kind: str, pairs: Iterable[tuple[str, str]], zone: ZoneInfo, *, before: Mapping[str, Any] | None = None,
    without: str = "", action: str = "new",
) -> dict[str, Any]:  # fmt: skip
    """Return the fields of a draft. Raises Fault when there are too many.

    `before`: the previous draft. The order of its codes is kept if none was added or removed, and so are lists that are
    too long for a form. `without`: the name of a row that is left out.
    """
    form = _Form(pairs, zone, without, action)
    return form.struct(KINDS[kind], "", before or {})


class _Form:
    def __init__(self, pairs: Iterable[tuple[str, str]], zone: ZoneInfo, without: str, action: str) -> None:
        self.zone, self.without, self.action = zone, without, action
        self.submitted: dict[str, list[str]] = {}
        self.rows: dict[str, set[int]] = {}
        for count, (name, value) in enumerate(pairs):
            if count >= PAIRS_MAX:
                raise Fault("the form has too many fields", "hand the table in as a file")
            self.submitted.setdefault(name, []).append(_text(value))
            for found in _ROW.finditer(name):
                self.rows.setdefault(name[: found.start()], set()).add(int(found[1]))

    def struct(self, shape: type[Struct], inside: str, before: object) -> dict[str, Any]:
        """Return the fields of an object that were filled in."""
        known = before if isinstance(before, Mapping) else {}
        made: dict[str, Any] = {}
        for key, (_, spec, required) in fields_of(shape).items():
            name = names.below(inside, key)
            if hints.is_shown(names.plain(name), self.action):
                value = self._value(spec, name, required, known.get(key))
                if value is not _NOTHING:
                    made[key] = value
        return _counted(made, inside, self.submitted) if shape is Observation else made

    def _value(self, spec: Spec, name: str, required: bool, before: object) -> Any:
        if spec.struct:
            value = self.struct(spec.struct, name, before)
            return value if required or not is_blank(value) else _NOTHING
        if spec.item:
            return self._list(spec, name, before)
        if base_of(spec) is bool:
            return name in self.submitted or (False if required else _NOTHING)
        return self._scalar(spec, name, required)

    def _scalar(self, spec: Spec, name: str, required: bool) -> Any:
        text = self._one(name)
        if not text:
            return None if required and spec.is_nullable and name in self.submitted else _NOTHING
        if base_of(spec) is int:
            return int(text) if _NUMBER.fullmatch(text) else text
        if widget_of(spec) == "subdivision":
            return code_of(text, self._one(names.below(names.parent(name), "country"))) or text
        return from_zone(text, self.zone) if widget_of(spec) == "instant" else text

    def _one(self, name: str) -> str:
        return next((value for value in self.submitted.get(name, ()) if value), "")

    def _list(self, spec: Spec, name: str, before: object) -> Any:
        if spec.codes and self._one(name) in spec.codes:
            return self._one(name)
        if isinstance(before, list) and name + names.KEPT in self.submitted:
            return before or _NOTHING
        item = spec.item or spec
        if item.metas == _PHONE:
            return list(dict.fromkeys(map(dialled, self._listed(name, before)))) or _NOTHING
        made = self._rows(spec, item, name, before) if item.struct else self._listed(name, before)
        return made or _NOTHING

    def _listed(self, name: str, before: object) -> list[str]:
        found = list(dict.fromkeys(value for value in self.submitted.get(name + names.LISTED, ()) if value))
        is_same = isinstance(before, list) and all(isinstance(each, str) for each in before)
        return list(before) if is_same and set(before) == set(found) else found  # type: ignore[call-overload]

    def _rows(self, spec: Spec, item: Spec, name: str, before: object) -> list[dict[str, Any]]:
        shape, most = item.struct, bound(spec, "max_length") or 1
        known = before if isinstance(before, list) else []
        made = []
        for number in sorted(self.rows.get(name, ()))[:most] if shape is not None else ():
            row = names.row(name, number)
            if row != self.without and shape is not None:
                value = self.struct(shape, row, known[number] if number < len(known) else None)
                if not is_blank(value):
                    made.append(value)
        if shape is Text:  # one without words stays only to keep the chosen language of a form that has no other
            return [each for each in made if not is_blank_text(each)] or made[:1]
        return made


def _counted(figure: dict[str, Any], name: str, submitted: Collection[str]) -> dict[str, Any]:
    """Return a figure; one that had no count on the page and has one now is not hidden or missing any more."""
    was_without = names.below(name, "status") + names.WITHOUT in submitted
    is_now = figure.get("value") is not None and figure.get("status") in NO_VALUE
    return {**figure, "status": NORMAL} if was_without and is_now else figure


def is_blank(value: object) -> bool:
    """Whether nothing was filled in."""
    if isinstance(value, Mapping):
        return all(is_blank(each) for each in value.values())
    return value is None or value is False or value in ("", [])


def is_blank_text(value: object) -> bool:
    """Whether nothing but the language of a text was filled in."""
    return isinstance(value, Mapping) and is_blank({**value, "lang": ""})


def _text(value: str) -> str:
    """Return a text as it was typed, without blanks around it; cut if it is longer than any field."""
    return value[:TEXT_MAX].replace("\r\n", "\n").replace("\r", "\n").strip()
