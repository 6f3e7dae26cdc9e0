"""Reference pages of the standard, one for each kind, made from the types, the words of their kinds and the examples.

A page states for every field what it means, how often it occurs and which values it has, and lists every code with its
label.
"""

import csv
import io
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from suar.protocol.base.codelists import TOTAL, TYPES, codes, rows
from suar.protocol.message.head import Head
from suar.protocol.message.kind.declaration import LIFETIME_DAYS_OTHERS
from suar.protocol.message.kinds import DECLARED, KINDS, WORDS, Receipt
from suar.protocol.message.messages import schema_of
from suar.protocol.message.rules import LIFETIME_DAYS, RULES
from suar.protocol.message.spec import Spec, fields_of
from suar.published import schemas_dir

ISO_LISTS = {"country": "country", "currency": "currency", "language": "language", "citizenship": "citizenship-special"}
"""The lists in which a publisher's gateway looks up a value, to the list that is published."""
NO_NOTICE = "<!-- made by `suar schemas export`; change the module of the kind instead -->"

CARDINALITY = (
    "Cardinality: 1 once, 0..1 once or absent, 1..m a list of so many, 0..m the same or absent. "
    "What is absent is left out: a list is never empty, and null stands only where it says so."
)


@cache
def meanings() -> dict[tuple[str, str], str]:
    """(object, field) to what the field means, as the kinds declare it."""
    return {(name, key): _filled(meaning) for name, words in WORDS.items() for key, (_, meaning) in words.items()}


@cache
def rule_texts() -> dict[str, tuple[str, str]]:
    """Return by rule (the kind, or head for all but the receipt, and its text), as the rules are declared."""
    own = {each.name: kind for kind, declared in DECLARED.items() for each in declared.rules}
    return {each.name: (own.get(each.name, "head"), _filled(each.text)) for each in RULES}


def _filled(text: str) -> str:
    named = [f"{days:,} days ({kind})" for kind, days in LIFETIME_DAYS.items()]
    return text.replace("{lifetimes}", f"{', '.join(named)} or {LIFETIME_DAYS_OTHERS:,} days (the others)")


def table_file(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> bytes:
    """A table of the standard as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *lines])
    return text.getvalue().encode()


def fields_csv() -> bytes:
    """fields.csv: what each field means."""
    return table_file(("object", "field", "says"), ((*name, meaning) for name, meaning in meanings().items()))


def rules_csv() -> bytes:
    """Return rules.csv: the rules between two fields of a message, by name."""
    return table_file(("rule", "of", "says"), ((name, *row) for name, row in rule_texts().items()))


def meaning(shape: type, key: str) -> str:
    """Return what a field of an object means; the fields that all kinds share are looked up in the head."""
    is_shared = issubclass(shape, Head) and key in fields_of(Head)
    return meanings()["Head" if is_shared else shape.__name__, key]


def page(kind: str) -> str:
    """The reference page of a kind, in Markdown."""
    shape = KINDS[kind]
    lists: dict[str, None] = {}
    fields = [("kind", "1", f"`{kind}`", meanings()["Message", "kind"]), *_fields(shape, "", lists)]
    example = _examples(kind)[0]
    parts = [
        NO_NOTICE,
        f"# {kind}",
        f"{shape.__doc__} Schema `{schema_of(kind)}`: [{kind}.schema.json](../v1/{kind}.schema.json).",
        CARDINALITY,
        "## Fields",
        _table(("field", "card.", "takes", "means"), fields),
        "## Rules",
        "Beside what each field takes, these must hold ([examples that break them](../examples/invalid/rule)):",
        _table(("rule", "says"), [(name, text) for name, (of, text) in rule_texts().items() if _is_for(of, kind)]),
        "## Codes",
        *(_codes(name) for name in lists),
        "## Example",
        f"[{example}](../examples/valid/{example}), one of {len(_examples(kind))} of this kind.",
        "```json\n" + (schemas_dir() / "examples" / "valid" / example).read_text(encoding="utf-8").rstrip() + "\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _is_for(of: str, kind: str) -> bool:
    return of == kind or (of == "head" and KINDS[kind] is not Receipt)


def _examples(kind: str) -> list[str]:
    """Return the valid examples of a kind, first the one with the most fields."""
    found = (schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json")
    return [path.name for path in sorted(found, key=lambda path: (-len(_keys(json.loads(path.read_bytes()))), path))]


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in _keys(item)}
    return {key for item in value for key in _keys(item)} if isinstance(value, list) else set()


def _fields(shape: type, before: str, lists: dict[str, None]) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = []
    for key, (_, spec, required) in fields_of(shape).items():
        least, most = _bounds(spec)
        count = f"{least if required else 0}..{most}" if spec.item else "1" if required else "0..1"
        made.append((f"{before}{key}", count, _accepted_values(spec, lists), meaning(shape, key)))
        inside = spec.struct or (spec.item and spec.item.struct)
        if inside:
            made += _fields(inside, f"{before}{key}{'[]' if spec.item else ''}.", lists)
    return made


def _accepted_values(spec: Spec, lists: dict[str, None]) -> str:
    accepted = [_codes_of(spec.codes, lists)] if spec.codes else []
    inside = spec.item or spec
    if inside.struct:
        accepted.append("objects" if spec.item else "an object")
    elif inside.codes and inside is not spec:
        accepted.append(_codes_of(inside.codes, lists))
    elif not inside.codes:
        accepted.append(_scalar(inside, lists))
    return " or ".join([*accepted, *(["null"] if spec.is_nullable else [])])


def _codes_of(found: tuple[str, ...], lists: dict[str, None]) -> str:
    name = next((name for name, of in _closed().items() if of == found), None)
    if name is None:
        return " or ".join(f"`{code}`" for code in found)
    parts = TYPES[name]
    lists |= dict.fromkeys(part for part in parts if part != TOTAL)
    return " or ".join(f"`{TOTAL}`" if part == TOTAL else f"a code of [{part}](#{part})" for part in parts)


@cache
def _closed() -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(code for part in parts for code in ((TOTAL,) if part == TOTAL else codes(part)))
        for name, parts in TYPES.items()
    }


def _scalar(spec: Spec, lists: dict[str, None]) -> str:
    base = spec.type.__origin__ if hasattr(spec.type, "__origin__") else spec.type
    description = next((meta.description for meta in spec.metas if meta.description), None)
    if spec.iso == "citizenship":
        lists["citizenship-special"] = None
    if base is bool:
        return description or "true or false"
    if base is int:
        least, most = (getattr(next(m for m in spec.metas if getattr(m, end) is not None), end) for end in ("ge", "le"))
        return f"an integer, {least:,} to {most:,}"
    least, most = _bounds(spec)
    if description is None:
        return f"text, {'1' if least else '0'} to {most} characters"
    listed = f" ([list](../codelists/{ISO_LISTS[spec.iso]}.csv))" if spec.iso else ""
    return f"{description}{listed}"


def _bounds(spec: Spec) -> tuple[int, int | str]:
    least = max((meta.min_length or 0 for meta in spec.metas), default=0)
    most = min((meta.max_length for meta in spec.metas if meta.max_length is not None), default=None)
    return least, "n" if most is None else most


def _codes(name: str) -> str:
    shown = [
        (f"`{row.code}`", row.label_en, f"since {row.deprecated_in}: `{row.replaced_by}`" if row.deprecated_in else "")
        for row in rows(name)
    ]
    has_old = any(old for _, _, old in shown)
    head = ("code", "label", "use instead") if has_old else ("code", "label")
    table = _table(head, [line[: len(head)] for line in shown])
    return f"### {name}\n\n[{name}.csv](../codelists/{name}.csv)\n\n{table}"


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    made = [head, tuple("---" for _ in head), *lines]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in made)
