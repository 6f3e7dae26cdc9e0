"""A boolean field or attribute begins with is, has, may or can, unless its name is read elsewhere."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import suar
from support.syntax import parsed

PACKAGE: Final = Path(suar.__file__).parent

NAMED: Final = re.compile(r"_?(is|has|may|can)_")
ANNOTATION: Final = re.compile(
    r"(?:[\w.]*\b(?:ClassVar|Final|InitVar|Required|NotRequired|Annotated)\[)*"
    r"bool(?: \| None| \| (?:msgspec\.)?UnsetType|,.*)*\]*"
)
PREDICATES: Final = frozenset({"all", "any", "bool", "callable", "hasattr", "isinstance", "issubclass"})

EXEMPT: Final = {
    "api/calls/receipts.py:Said": "the keys of an answer",
    "api/contract/events.py": "the keys of events",
    "api/contract/shapes.py": "the keys of answers",
    "api/contract/taxii.py": "the keys of answers of TAXII",
    "api/contract/table_document.py": "the keys of answers",
    "api/http/agency_documents.py": "the keys of requests and answers",
    "api/http/documents.py": "the keys of requests and answers",
    "bus/publish.py:_Answer": "the keys of an answer of NATS",
    "console/pages/people.py:PersonView": "filled by the keys of the document that programs read",
    "exchange/tables/table_map.py": "the keys of a file that a member writes",
    "protocol/files/conformance.py:Scenario": "the keys of what `suar conformance --json` prints",
    "protocol/message/kind/pattern.py": "the keys of a message",
    "protocol/message/kind/trend.py": "the keys of a message",
    "service/settings/config.py": "the keys of suar.toml",
    "service/settings/sections/console_config.py": "the keys of suar.toml",
    "service/settings/sections/evidence_config.py": "the keys of suar.toml",
    "service/settings/sections/notify_config.py": "the keys of suar.toml",
    "store/tables/columns.py": "an attribute that SQLAlchemy reads",
}
"""Files, or classes of a file, whose names are a contract, with the reason."""


def is_bool(annotation: ast.expr | None) -> bool:
    """Whether a type is bool, or bool and a value that states that there is none."""
    return annotation is not None and ANNOTATION.fullmatch(ast.unparse(annotation).strip("'")) is not None


def is_truth(value: ast.expr | None, parameters: set[str]) -> bool:
    """Whether a value is certainly True or False; `parameters`: the names that are."""
    match value:
        case ast.Constant():
            return isinstance(value.value, bool)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp():
            return all(is_truth(each, parameters) for each in value.values)
        case ast.Call(func=ast.Name(id=name)):
            return name in PREDICATES
        case ast.Name(id=name):
            return name in parameters
    return False


def assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The single targets of an assignment, each with its value."""
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def own_attribute(target: ast.expr) -> str | None:
    """The name of an attribute of `self`, or None for another target."""
    is_own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    return target.attr if isinstance(target, ast.Attribute) and is_own else None


def of_body(class_: ast.ClassDef) -> Iterator[str]:
    """The boolean names that a class assigns or annotates in its body."""
    for node in class_.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) if is_bool(node.annotation) or is_truth(node.value, set()):
                yield name
        yield from (
            target.id for target, value in assigned(node) if isinstance(target, ast.Name) and is_truth(value, set())
        )


def of_methods(class_: ast.ClassDef) -> Iterator[str]:
    """The boolean attributes that the methods of a class assign to `self`."""
    for method in (node for node in class_.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        args = method.args
        parameters = {
            each.arg for each in (*args.posonlyargs, *args.args, *args.kwonlyargs) if is_bool(each.annotation)
        }
        for node in ast.walk(method):
            if isinstance(node, ast.AnnAssign) and is_bool(node.annotation) and (name := own_attribute(node.target)):
                yield name
            for target, value in assigned(node):
                if (name := own_attribute(target)) and is_truth(value, parameters):
                    yield name


def booleans(source: str) -> set[tuple[str, str]]:
    """The boolean fields and attributes of a module, each with its class."""
    classes = [node for node in ast.walk(parsed(source)) if isinstance(node, ast.ClassDef)]
    return {(class_.name, name) for class_ in classes for name in (*of_body(class_), *of_methods(class_))}


def is_free(name: str) -> bool:
    """Whether a name neither begins with one of the four words nor is Python's own."""
    return NAMED.match(name) is None and not name.startswith("__")


@cache
def misnamed() -> frozenset[tuple[str, str, str]]:
    """The file, class and name of each boolean of the package that begins with none of the four words."""
    files = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    found = {(file, *each) for file, source in files.items() if "class " in source for each in booleans(source)}
    assert len(found) > 400
    return frozenset(each for each in found if is_free(each[2]))


def test_every_boolean_field_and_attribute_is_named_as_one() -> None:
    found = {each for each in misnamed() if each[0] not in EXEMPT and f"{each[0]}:{each[1]}" not in EXEMPT}
    assert found == set()


@pytest.mark.parametrize("where", EXEMPT)
def test_every_exemption_is_needed(where: str) -> None:
    assert any(where in (file, f"{file}:{class_}") for file, class_, _ in misnamed())


@pytest.mark.parametrize(
    "planted",
    [
        "frozen: bool",
        "frozen: bool = False",
        "frozen: bool | None",
        "frozen: bool | UnsetType = UNSET",
        "frozen: Annotated[bool, Meta()] = True",
        "frozen: ClassVar[bool]",
        "frozen: Final = True",
        "frozen = True",
        "def f(self):\n        self.frozen: bool = g()",
        "def f(self):\n        self.frozen = False",
        "def f(self):\n        self.a = self.frozen = a > 1",
        "def f(self):\n        self.a, self.frozen = 1, not a",
        "def f(self, *, a: bool):\n        self.frozen = a",
        "async def f(self):\n        if a:\n            self.frozen = bool(a) and a is not None",
    ],
)
def test_a_field_of_another_name_is_found(planted: str) -> None:
    assert ("A", "frozen") in booleans(f"class A:\n    {planted}")
    assert is_free("frozen")


@pytest.mark.parametrize(
    "planted",
    [
        "frozen: int",
        "frozen: list[bool]",
        "frozen: Callable[[], bool]",
        "def frozen(self) -> bool: ...",
        "def f(self, frozen: bool):\n        self.is_frozen = frozen",
        "def f(self):\n        frozen = True\n        a.frozen = 1",
        "def f(self, a: str):\n        self.frozen = a",
    ],
)
def test_what_is_no_boolean_field_is_not_found(planted: str) -> None:
    assert ("A", "frozen") not in booleans(f"class A:\n    {planted}")


@pytest.mark.parametrize("name", ["is_frozen", "_has_left", "may_read", "can_write", "__test__"])
def test_a_name_of_the_four_words_may_be_used(name: str) -> None:
    assert not is_free(name)


@pytest.mark.parametrize("name", ["issued", "hash", "maybe", "was_left", "canned", "holds"])
def test_a_word_that_begins_alike_may_not(name: str) -> None:
    assert is_free(name)
