"""What a publisher can be told, as templates: read from the code that says it, so that no text is written twice.

A text is found where a rule gives (path, text, hint) and where a Reason is made; an f-string becomes a template with
its values in braces: f"rev {message.rev}" is "rev {rev}". Only the extractor and tests read the code.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import suar
from suar.languages.words import SAID
from suar.protocol import errors
from suar.protocol.kinds import KINDS
from suar.protocol.policy import RULES
from suar.protocol.reasons import CODES
from suar.protocol.spec import Spec, fields_of

SPEAKING: Final = ("protocol/**/*.py", "service/*.py")
"""Modules that may tell a publisher something, below suar/."""
_AN_ID: Final = re.compile(r"(an id such as )\S+")
_VALUE_ALONE: Final = re.compile(r"[^\w]*({\w+}[^\w]*)*")
_TEXTS_OF: Final = {
    "Reason": (3, 4), "_fault": (2, 3), "_refuse": (2, 3), "refusal": (2,), "_reason": (2,), "Found": (0,),
}  # fmt: skip
"""Function to the places of text and hint among its arguments."""


def templates() -> tuple[str, ...]:
    """Every template once, in the order of the alphabet: moving code moves nothing in the catalogues."""
    advice = (entry.advice for entry in errors.CODES.values() if entry.fault == "publisher")
    found = [*SAID, *CODES.values(), *(rule.says for rule in RULES.values()), *advice, *_descriptions()]
    root = Path(suar.__path__[0])
    for path in (path for pattern in SPEAKING for path in sorted(root.glob(pattern))):
        found += _of_module(path)
    return tuple(sorted({text for text in found if not _VALUE_ALONE.fullmatch(text)}))


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
    module = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    constants = _assigned(module.body)
    for function in functions.values():
        if not _is_about_receipts(function):
            yield from _Function(function, functions, constants).says()


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """Name to the expressions that are assigned to it."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(target, ast.Name) and value is not None:
            found.setdefault(target.id, []).append(value)
    return found


def _is_about_receipts(function: ast.FunctionDef) -> bool:
    """No person publishes a receipt."""
    return any(getattr(argument.annotation, "id", "") == "Receipt" for argument in function.args.args)


class _Function:
    """What one function says; a name stands for what is assigned to it, a call for what the other function returns."""

    def __init__(
        self, node: ast.FunctionDef, others: dict[str, ast.FunctionDef], constants: dict[str, list[ast.expr]]
    ) -> None:
        self.node, self.others, self.constants = node, others, constants
        self.assigned = {**constants, **_assigned(ast.walk(node))}

    def says(self) -> Iterator[str]:
        """The templates of its texts and hints."""
        for inside in ast.walk(self.node):
            for said in _said(inside):
                yield from self._texts(said)

    def returns(self) -> Iterator[str]:
        """The templates that it returns."""
        for inside in ast.walk(self.node):
            if isinstance(inside, ast.Return) and inside.value:
                yield from self._texts(inside.value)

    def _texts(self, said: ast.expr) -> Iterator[str]:
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            yield _escaped(said.value)
        elif isinstance(said, ast.JoinedStr):
            yield _template(said)
            for part in said.values:
                if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
                    yield from self._texts(part.value)
        elif isinstance(said, ast.Name):
            for value in self.assigned.pop(said.id, []):  # once: a name may be assigned from itself
                yield from self._texts(value)
        elif isinstance(said, ast.Call) and isinstance(said.func, ast.Name) and said.func.id in self.others:
            yield from _Function(self.others[said.func.id], {}, self.constants).returns()
        elif isinstance(said, ast.IfExp | ast.BoolOp):
            for part in (said.body, said.orelse) if isinstance(said, ast.IfExp) else said.values:
                yield from self._texts(part)


def _said(node: ast.AST) -> list[ast.expr]:
    """The expressions of text and hint, where a node says something."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 3 and _is_path(node.elts[0]):
        return node.elts[1:]
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return [node.args[at] for at in _TEXTS_OF.get(name, ()) if at < len(node.args)]
    return []


def _is_path(node: ast.expr) -> bool:
    """Whether an expression is a JSON path."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return isinstance(first, ast.Constant) and str(first.value).startswith("$")


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
    """A name for a value: of the variable or attribute, else of the first variable in it that is no function."""
    if isinstance(value, ast.Attribute):
        return value.attr
    called = {id(node.func) for node in ast.walk(value) if isinstance(node, ast.Call)}
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name) and id(node) not in called]
    return names[0].strip("_").lower() if names else "value"
