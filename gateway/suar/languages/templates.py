"""What a publisher can be told, as templates: read from the code that says it, so that no text is written twice.

A text is found where a rule yields (path, text, hint) and where a Reason is made; an f-string becomes a template with
its values in braces: f"rev {message.rev}" is "rev {rev}". Only the extractor and tests read the code.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import suar.protocol
from suar.languages.words import SAID
from suar.protocol.inspection import Spec, fields_of
from suar.protocol.kinds import KINDS
from suar.protocol.reasons import CODES

SPEAKING: Final = ("rules", "inspection", "compose")
"""Modules of the protocol that tell a publisher something."""
_AN_ID: Final = re.compile(r"(an id such as )\S+")
_VALUE_ALONE: Final = re.compile(r"[^\w]*({\w+}[^\w]*)*")
_TEXTS_OF: Final = {"Reason": (3, 4), "_fault": (2, 3), "_refuse": (2, 3)}
"""Function to the places of text and hint among its arguments."""


def templates() -> tuple[str, ...]:
    """Every template once, in the order of the code."""
    found = [*SAID, *CODES.values(), *_descriptions()]
    for name in SPEAKING:
        found += _of_module(Path(suar.protocol.__path__[0]) / f"{name}.py")
    return tuple(dict.fromkeys(text for text in found if not _VALUE_ALONE.fullmatch(text)))


def _descriptions() -> Iterator[str]:
    """What fields say of themselves, given as a hint."""
    seen: set[object] = set()

    def below(found: Spec) -> Iterator[str]:
        yield from (meta.description for meta in found.metas if meta.description)
        if found.item:
            yield from below(found.item)
        if found.struct and found.struct not in seen:
            seen.add(found.struct)
            for _, inside, _ in fields_of(found.struct).values():
                yield from below(inside)

    for kind, shape in KINDS.items():
        for _, found, _ in fields_of(shape).values() if kind != "receipt" else ():
            yield from (_AN_ID.sub(r"\1{id}", text) for text in below(found))


def _of_module(path: Path) -> Iterator[str]:
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and not _is_about_receipts(function):
            yield from _of_function(function)


def _is_about_receipts(function: ast.FunctionDef) -> bool:
    """No person publishes a receipt."""
    return any(getattr(argument.annotation, "id", "") == "Receipt" for argument in function.args.args)


def _of_function(function: ast.FunctionDef) -> Iterator[str]:
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        for said in _said(node):
            yield from _texts(said, assigned)


def _said(node: ast.AST) -> list[ast.expr]:
    """The expressions of text and hint, where a node says something."""
    if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
        return node.value.elts[1:3]
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return [node.args[at] for at in _TEXTS_OF.get(name, ()) if at < len(node.args)]
    return []


def _texts(said: ast.expr, assigned: dict[str, list[ast.expr]]) -> Iterator[str]:
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield _escaped(said.value)
    elif isinstance(said, ast.JoinedStr):
        yield _template(said)
    elif isinstance(said, ast.IfExp):
        yield from _texts(said.body, assigned)
        yield from _texts(said.orelse, assigned)
    elif isinstance(said, ast.BoolOp):
        for value in said.values:
            yield from _texts(value, assigned)
    elif isinstance(said, ast.Name):
        for value in assigned.get(said.id, []):
            yield from _texts(value, {})


def _template(said: ast.JoinedStr) -> str:
    parts: list[str] = []
    named: list[str] = []
    for part in said.values:
        if isinstance(part, ast.Constant):
            parts.append(_escaped(str(part.value)))
        elif isinstance(part, ast.FormattedValue):
            name = _name(part.value)
            named.append(name)
            parts.append(f"{{{name}{named.count(name) if named.count(name) > 1 else ''}}}")
    return "".join(parts)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _name(value: ast.expr) -> str:
    """A name for a value: of the variable or attribute, else of the first variable in it."""
    if isinstance(value, ast.Attribute):
        return value.attr
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name) and node.id not in _FUNCTIONS]
    return names[0] if names else "value"


_FUNCTIONS: Final = frozenset({"_name", "len", "sorted"})
