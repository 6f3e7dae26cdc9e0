"""From the type of a kind and a draft to the fields of a form, labelled in a language.

No kind is treated specially: a new kind gets its form from its type (hints.py may set its order).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms import hints, names
from suar.console.forms.widgets import Field, Option, base_of, bound, in_zone, shown, widget_of
from suar.languages.cldr.subdivisions import with_name
from suar.languages.names import Names
from suar.languages.order import in_order
from suar.languages.page_words import begin, for_page
from suar.languages.rendering.values import Values
from suar.languages.tags import LANGUAGES
from suar.languages.words import FIELDS
from suar.protocol.base.codelists import codes
from suar.protocol.message.inspection import description_of
from suar.protocol.message.kind.trend import NO_VALUE, Observation
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of

ROWS_MAX: Final = 20
"""Rows of a list that a form edits; a longer list is not edited by the form, but by its table."""


class Setting(Struct, frozen=True, kw_only=True):
    """What a form needs in addition to the draft.

    `choices`: values to choose from, by the name of a field. `added`: empty rows to show, by the name of a list.
    `labels`: of fields without a label in a message, or with an unclear one for authors, by `Struct.key` or `key`;
    `hints`: hints of fields, by `Struct.key`.
    """

    names: Names
    zone: ZoneInfo
    members: tuple[str, ...] = ()
    action: str = "new"
    choices: Mapping[str, Sequence[tuple[str, str]]] = {}
    added: Mapping[str, int] = {}
    labels: Mapping[str, str] = {}
    hints: Mapping[str, str] = {}


class Part(Struct, frozen=True):
    """A part of the form: its key in hints.PARTS, and its fields."""

    key: str
    fields: tuple[Field, ...]


def form(kind: str, tree: Mapping[str, Any], setting: Setting) -> list[Part]:
    """Return the parts of the form of a kind that have fields, with the values of the draft."""
    made = _Form(setting)
    shape = KINDS[kind]
    known = sorted(fields_of(shape), key=lambda key: hints.order_of(kind, key))
    parts: dict[str, list[Field]] = {key: [] for key in hints.PARTS}
    for key in known:
        if hints.is_shown(key, setting.action):
            _, spec, required = fields_of(shape)[key]
            parts[hints.part_of(kind, key)].append(made.field(shape, key, spec, required, "", tree.get(key)))
    return [Part(key, tuple(fields)) for key, fields in parts.items() if fields]


def ids_of(parts: Sequence[Part]) -> set[str]:
    """Return the ids of all elements of a form."""
    return {each.id for part in parts for field in part.fields for each in _all(field)}


def widgets_of(parts: Sequence[Part]) -> set[str]:
    """Return the widgets that a form has."""
    return {each.widget for part in parts for field in part.fields for each in _all(field)}


def _all(field: Field) -> Iterator[Field]:
    yield field
    for part in field.parts:
        yield from _all(part)


class _Form:
    def __init__(self, setting: Setting) -> None:
        self.setting, self.words = setting, setting.names.words
        self.values = Values(setting.names)
        self._ordered: dict[str, list[str]] = {}

    def field(self, shape: type[Struct], key: str, spec: Spec, required: bool, inside: str, value: object) -> Field:
        """Return one field of a Struct, and everything inside."""
        name, label = names.below(inside, key), self._label(shape.__name__, key)
        made = self._made(name, label, key, spec, required, value)
        hint = self.setting.hints.get(f"{shape.__name__}.{key}")
        return made if hint is None else replace(made, hint=hint)

    def _label(self, shape: str, key: str) -> str:
        """Return the page's own label, else the one that a reader of messages sees."""
        labels = self.setting.labels
        own = labels.get(f"{shape}.{key}", labels.get(key))
        if own is not None:
            return own
        return self.words.field(shape, key) if f"{shape}.{key}" in FIELDS or key in FIELDS else key

    def _made(self, name: str, label: str, key: str, spec: Spec, required: bool, value: object) -> Field:
        widget = widget_of(spec)
        made = Field(
            widget=widget, name=name, id=names.id_of(name), label=label, hint=self._hint(spec), is_required=required,
            least=bound(spec, "ge"), most=bound(spec, "le"), longest=bound(spec, "max_length"),
        )  # fmt: skip
        chosen = self.setting.choices.get(names.plain(name))
        if chosen is not None and widget == "text":
            return self._selected(made, tuple(chosen), value)
        fill = getattr(self, f"_{widget}", self._scalar)
        filled: Field = fill(made, key, spec, value)
        if widget == "instant":
            return replace(filled, hint=f"{self.words.console('timezone')}: {self.setting.zone.key}")
        return replace(filled, hint=self._scale(made, key, spec)) if widget == "number" else filled

    def _scale(self, made: Field, key: str, spec: Spec) -> str:
        """Return the range of a number with its unit, or of a grade each number with its meaning."""
        least, most = made.least or 0, made.most or 0
        if spec.metas == hints.GRADE:
            return self.values.join((self.values.one(spec, key, each) for each in range(least, most + 1)), "parts")
        span = "\u2013".join(map(self.setting.names.number, (least, most)))
        if spec.metas in hints.HOURS:
            return self.words.phrase("hours", number=span)
        return self.words.phrase("percent", number=span) if spec.metas == hints.PERCENT else made.hint

    def _hint(self, spec: Spec) -> str:
        """Return what a text without choices must be, by its type."""
        if spec.struct or spec.item or spec.codes or spec.iso or base_of(spec) is not str:
            return ""
        description = None if widget_of(spec) in ("instant", "day") else description_of(spec)
        if description is None:
            return ""
        on_page = for_page(description)
        return self.words.translated(on_page) or str(on_page)

    # -- a value

    def _scalar(self, made: Field, _: str, __: Spec, value: object) -> Field:
        return replace(made, value=shown(value))

    def _instant(self, made: Field, _: str, __: Spec, value: object) -> Field:
        return replace(made, value=in_zone(shown(value), self.setting.zone))

    def _subdivision(self, made: Field, _: str, __: Spec, value: object) -> Field:
        return replace(made, value=with_name(shown(value), self.setting.names.tag))

    def _check(self, made: Field, _: str, __: Spec, value: object) -> Field:
        return replace(made, value="1" if value is True else "")

    def _radios(self, made: Field, key: str, spec: Spec, value: object) -> Field:
        old = hints.OLD_CODES.get(key, frozenset())
        known = [code for code in spec.codes if code not in old or code == value]
        options = [Option(code, self.values.one(spec, key, code), code == value) for code in known]
        if isinstance(value, str) and value and value not in known:  # of a newer standard, or of another file
            options.append(Option(value, value, is_chosen=True))
        return replace(made, options=tuple(options))

    def _select(self, made: Field, key: str, spec: Spec, value: object) -> Field:
        if spec.codes:
            return self._radios(made, key, spec, value)
        known = [(code, self.values.one(spec, key, code)) for code in self._iso(spec)]
        return self._selected(made, tuple(known), value)

    def _selected(self, made: Field, known: Sequence[tuple[str, str]], value: object) -> Field:
        options = [Option(code, label, code == value) for code, label in known]
        if isinstance(value, str) and value and value not in [code for code, _ in known]:
            options.insert(0, Option(value, value, is_chosen=True))
        return replace(made, widget="select", options=tuple(options))

    def _iso(self, spec: Spec) -> list[str]:
        """Return the codes of an ISO list by their names: the members' countries and the federation's
        languages first.
        """
        special = list(codes("citizenship-special")) if spec.iso == "citizenship" else []
        listed = codes("country" if spec.iso == "citizenship" else spec.iso or "")
        first = self.setting.members if spec.iso in ("country", "citizenship") else tuple(LANGUAGES)
        known = self._ordered.get(spec.iso or "")
        by_name = known or in_order(listed, self.setting.names.tag, lambda code: self.values.one(spec, "", code))
        self._ordered[spec.iso or ""] = by_name
        return [
            *(code for code in by_name if code in first),
            *special,
            *(code for code in by_name if code not in first),
        ]

    # -- several values

    def _checks(self, made: Field, key: str, spec: Spec, value: object) -> Field:
        item = spec.item or spec
        chosen = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
        name = made.name + names.LISTED
        if item.codes:
            known = [code for code in item.codes if code not in hints.OLD_CODES.get(key, ()) or code in chosen]
            more: tuple[Option, ...] = ()
        else:
            listed = self._iso(item)
            first = self.setting.members if item.iso == "country" else tuple(LANGUAGES)
            known = [code for code in listed if code in first or code in chosen]
            more = tuple(Option(code, self.values.one(item, key, code)) for code in listed if code not in known)
        known += [each for each in chosen if each not in known]
        options = tuple(Option(code, self.values.one(item, key, code), code in chosen) for code in known)
        return replace(made, name=name, options=options, more=more)

    def _either(self, made: Field, key: str, spec: Spec, value: object) -> Field:
        """A word such as `all`, or a list: choices, and the list below the last of them."""
        options = [Option(code, self.values.one(spec, key, code), code == value) for code in spec.codes]
        options.append(Option("", "", isinstance(value, list)))
        listed = self._checks(replace(made, widget="checks"), key, spec, value)
        return replace(made, options=tuple(options), parts=(replace(listed, id=f"{made.id}-list"),))

    def _lines(self, made: Field, _: str, spec: Spec, value: object) -> Field:
        texts = [shown(each) for each in value] if isinstance(value, list) else []
        item = spec.item or spec
        room = len(texts) < (bound(spec, "max_length") or 1)
        longest = bound(item, "max_length")
        return replace(
            made,
            name=made.name + names.LISTED,
            values=tuple(texts),
            has_room=room,
            longest=longest,
            hint=self._hint(item),
        )

    # -- objects

    def _group(self, made: Field, _: str, spec: Spec, value: object) -> Field:
        return replace(made, parts=self._inside(spec, made.name, value))

    def _rows(self, made: Field, key: str, spec: Spec, value: object) -> Field:
        item, most = spec.item or spec, bound(spec, "max_length") or 1
        entries = list(value) if isinstance(value, list) else []
        if len(entries) > ROWS_MAX:
            return replace(made, kept=len(entries))
        held, is_added = len(entries), bool(self.setting.added.get(made.name))
        empty = max(self.setting.added.get(made.name, 0), 1 if made.is_required and not entries else 0)
        entries += [{}] * min(empty, max(0, min(most, ROWS_MAX) - len(entries)))
        rows = []
        for number, each in enumerate(entries):
            name = names.row(made.name, number)
            label = self._row_label(made, item, self.setting.names.number(number + 1))
            parts = self._inside(item, name, each)
            rows.append(
                Field(
                    widget="row",
                    name=name,
                    id=names.id_of(name),
                    label=label,
                    parts=parts,
                    is_new=is_added and number == held,
                )
            )
        return replace(made, parts=tuple(rows), has_room=len(entries) < min(most, ROWS_MAX))

    def _row_label(self, made: Field, item: Spec, number: str) -> str:
        """Return the label of a row: figure 3, or that of its list with the number."""
        if item.struct is Observation:
            return begin(self.words.phrase("figure", number=number))
        return f"{made.label} {number}"

    def _inside(self, spec: Spec, name: str, value: object) -> tuple[Field, ...]:
        shape = spec.struct
        if shape is None:
            return ()
        held = value if isinstance(value, Mapping) else {}
        made = tuple(
            self.field(shape, key, inner, required, name, held.get(key))
            for key, (_, inner, required) in fields_of(shape).items()
            if hints.is_shown(names.plain(names.below(name, key)), self.setting.action)
        )
        if shape is not Observation or held.get("value") is not None or held.get("status") not in NO_VALUE:
            return made
        return tuple(replace(each, is_without=each.name == names.below(name, "status")) for each in made)
