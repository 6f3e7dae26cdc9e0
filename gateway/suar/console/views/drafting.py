"""A draft as it is stored, as a message, and the result of a check."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms import names as form_names
from suar.console.forms.decode import is_blank_text
from suar.console.forms.hints import REST, is_shown
from suar.console.forms.plan import Part as FormPart
from suar.console.forms.plan import ids_of
from suar.console.forms.widgets import base_of
from suar.console.views import examples, texts
from suar.console.views.offered import labels_of, with_labels
from suar.console.views.texts import Part, Reader, ReasonText, readers, reason
from suar.languages.cldr.subdivisions import is_code, similar, with_name
from suar.languages.names import Names
from suar.languages.rendering import cells
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import fields_of
from suar.protocol.privacy.verdict import WARNINGS
from suar.service.publish.screening import NOTICES

_EXAMPLE: Final = "TH-63"
_SUBDIVISION: Final = "admin1"
_WITH_PARTS: Final = frozenset({"row", "group"})
"""Widgets whose label stands before those of the fields inside."""
_FIGURES, _A_FIGURE = "obs", "$.obs["  # the id of the element of all figures, and the beginning of the path of one
HOLDS: Final = frozenset({"E-SECOND-PERSON", "E-PRIVACY-NAME", "E-PRIVACY-NEIGHBOUR"})
"""Reasons for which a message waits, and is never refused."""
STOPS_NOTHING: Final = WARNINGS | NOTICES


class Content(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a draft: the fields that a person filled in, and those of the whole form.

    `fixed`: action, and of an update the id. `is_checked`: whether its faults are shown at the fields. `follows`: of an
    update the revision that it was begun from; 0 if that is unknown. `instead_of`: the id of the message that is
    recalled when this one leaves, or "". `example`: the name of the shipped example that it was begun from, or "".
    """

    tree: dict[str, Any]
    fixed: dict[str, str] = {}
    is_checked: bool = False
    follows: int = 0
    instead_of: str = ""
    example: str = ""

    @property
    def action(self) -> str:
        """Return new or update."""
        return self.fixed.get("action", "new")


_content: Final = msgspec.json.Decoder(Content).decode


def encode(content: Content) -> bytes:
    """Return it as it is stored."""
    return msgspec.json.encode(content)


def decode(data: bytes) -> Content:
    """Return the stored content. Raises Fault if it is invalid."""
    try:
        return _content(data)
    except UNREADABLE:
        raise Fault("the draft cannot be read", "delete it and begin anew") from None


def message(kind: str, content: Content) -> bytes:
    """Return the message that is submitted; a text without words is none, and the gateway writes the English.

    A box that is not ticked says no, also in a draft that was never saved.
    """
    texts = content.tree.get("text")
    is_without = isinstance(texts, list) and all(map(is_blank_text, texts))
    tree = {key: value for key, value in content.tree.items() if key != "text" or not is_without}
    rev = {"rev": content.follows + 1} if content.follows else {}
    boxes = {
        key: False
        for key, (_, spec, required) in fields_of(KINDS[kind]).items()
        if required and base_of(spec) is bool and is_shown(key, content.action)
    }
    return msgspec.json.encode({"kind": kind, "action": content.action, **boxes, **content.fixed, **rev, **tree})


class Verdict(Struct, frozen=True):
    """The result of a check. `todo`: empty fields; `mend`: what is wrong; `blocked`: what no field of the form can
    change; `holds`: why it would wait.

    `table`: of a trend, before and after the gate; `coarser`: coarser tables that would hide less, as the value of a
    button and in words.

    `state`: todo, mend, hold or pass. `readers` is None while it is unknown who would open it. `is_example`: it is
    still the example that it was begun from, in words or in codes without words, which are among `todo`.
    """

    state: str
    todo: tuple[ReasonText, ...]
    mend: tuple[ReasonText, ...]
    holds: tuple[ReasonText, ...]
    warnings: tuple[ReasonText, ...]
    readers: tuple[Reader, ...] | None
    table: tuple[Part, ...] = ()
    coarser: tuple[tuple[str, str], ...] = ()
    blocked: tuple[ReasonText, ...] = ()
    is_example: bool = False

    @property
    def opens(self) -> tuple[str, ...]:
        """Return the members that will be able to open it."""
        return tuple(each.member for each in self.readers or () if each.may_open)


def verdict(
    checked: Mapping[str, Any], opens: Iterable[Mapping[str, Any]] | None, kind: str, content: Content,
    parts: Sequence[FormPart], ids: set[str], names: Names,
) -> Verdict:  # fmt: skip
    """Return a check for a person: each reason with its field."""
    labels, choices, tree = _labels(parts), labels_of(parts), content.tree
    lists: dict[str, list[ReasonText]] = {name: [] for name in ("todo", "mend", "blocked", "holds", "warnings")}
    figures = cells.observations(dict(tree))
    for each in checked["reasons"]:
        target = form_names.nearest(each["path"], ids) or ""
        label = labels.get(target, "")
        if each["path"].startswith(_A_FIGURE) and target in ("", _FIGURES):  # the page has no element for it alone
            label = cells.describe_path(each["path"], figures, names)
        text = reason(with_labels(each, choices.get(target, {})), names, target=target, label=label)
        text = _of_subdivision(text, tree, names)
        lists[_list_of(each, checked["verdict"], target, tree)].append(text)
    copied = [_of_example(path, labels, ids, names) for path in example_words(kind, content)]
    lists["todo"] += copied
    is_wrong = lists["mend"] or lists["blocked"]
    state = "mend" if is_wrong else "todo" if lists["todo"] else "hold" if checked["verdict"] == "hold" else "pass"
    found = checked["readers"] if checked["readers"] is not None else opens
    figures_ = texts.table(checked.get("table"), names)
    return Verdict(
        state, tuple(lists["todo"]), tuple(lists["mend"]), tuple(lists["holds"]), tuple(lists["warnings"]),
        readers(found, names), figures_, texts.coarser(checked.get("table"), names), tuple(lists["blocked"]),
        bool(copied),
    )  # fmt: skip


def example_words(kind: str, content: Content) -> tuple[str, ...]:
    """Return the JSON paths at which a draft is still the example that it was begun from: it is not published."""
    return examples.unchanged(kind, content.example, content.tree) if content.example else ()


def _of_example(path: str, labels: Mapping[str, str], ids: set[str], names: Names) -> ReasonText:
    target, console = form_names.nearest(path, ids) or "", names.words.console
    what, hint = ("example-words", "example-replace")
    if path == examples.WITHOUT_WORDS:
        what, hint = ("example-codes", "example-own")
    return ReasonText("", path, console(what), console(hint), (), target, labels.get(target, ""))


def _of_subdivision(found: ReasonText, tree: Mapping[str, Any], names: Names) -> ReasonText:
    """Return a reason against a subdivision that is no code as one against an unknown name, with similar names."""
    where, _, field = found.path.rpartition(".")
    typed = _at(tree, found.path) if field == _SUBDIVISION else None
    if not isinstance(typed, str) or not typed or is_code(typed):
        return found
    near = [with_name(code, names.tag) for code in similar(typed, str(_at(tree, f"{where}.country") or ""))]
    console = names.words.console
    hint = console("subdivision-near", names=", ".join(near)) if near else console("subdivision-choose")
    return replace(found, text=console("subdivision-unknown"), hint=hint)


def _list_of(found: Mapping[str, Any], verdict: str, target: str, tree: Mapping[str, Any]) -> str:
    """Return the list of a verdict that has the reason."""
    if found["code"] in STOPS_NOTHING or verdict == "pass":
        return "warnings"
    if verdict == "hold":
        return "holds"
    if found["code"] in HOLDS:
        return "warnings"
    if not target:
        return "blocked"
    return "todo" if is_empty(tree, found["path"]) else "mend"


def form_labels(known: Names) -> dict[str, str]:
    """Return labels of fields without a label in a message, or with an unclear one for authors."""
    console = known.words.console
    texts = {f"Text.{key}": console(f"text-{key}") for key in ("lang", "title", "summary")}
    audience = {f"Audience.{key}": console(f"audience-{key}") for key in ("members", "sectors")}
    return texts | audience | {"audience": console("audience")}


def form_hints(known: Names) -> dict[str, str]:
    """Return hints of fields, by `Struct.key`."""
    hints = {f"Audience.{key}": known.words.console(f"audience-{key}-hint") for key in ("members", "sectors")}
    finer = known.words.console("subdivision-hint", example=with_name(_EXAMPLE, known.tag))
    return hints | {f"{shape}.admin1": finer for shape in ("Place", "Area")}


def is_empty(tree: object, path: str) -> bool:
    """Whether there is nothing at a JSON path of a draft."""
    at = _at(tree, path)
    return at is None or at in ("", [], {})


def _at(tree: object, path: str) -> object:
    """Return what is at a JSON path of a draft; None if there is nothing."""
    at: object = tree
    for step in path.removeprefix("$").replace("[", ".[").split("."):
        if not step:
            continue
        if step.startswith("[") and isinstance(at, list):
            number = step.strip("[]")
            at = at[int(number)] if number.isdigit() and int(number) < len(at) else None
        else:
            at = at.get(step) if isinstance(at, Mapping) else None
    return at


def _labels(parts: Sequence[FormPart]) -> dict[str, str]:
    """Return id of an element -> its label, after that of the row or group that contains it."""
    found: dict[str, str] = {}

    def below(field: Any, head: str) -> None:
        label = f"{head}, {field.label}" if head else field.label
        found.setdefault(field.id, label)
        for part in field.parts:
            below(part, field.label if field.widget in _WITH_PARTS else head)

    for part in parts:
        for field in part.fields:
            below(field, "")
    return found


def is_unfolded(parts: Sequence[FormPart], content: Content, verdict: Verdict) -> bool:
    """Whether the last part of the form is shown: until somebody had the draft checked, and for what is wrong there."""
    folded = ids_of([part for part in parts if part.key == REST])
    return not content.is_checked or any(each.target in folded for each in (*verdict.todo, *verdict.mend))


def faults(verdict: Verdict) -> dict[str, list[ReasonText]]:
    """Return id of an element -> what is wrong with it."""
    found: dict[str, list[ReasonText]] = {}
    for each in verdict.mend:
        if each.target:
            found.setdefault(each.target, []).append(each)
    return found
