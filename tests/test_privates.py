"""A test asks what a caller may ask: it reads no private name of the package."""

import ast
from pathlib import Path

import pytest

from support.syntax import parsed

TESTS = Path(__file__).parent
OF_NAMED_TUPLES = {"_replace", "_fields", "_asdict", "_make"}
OF_LIBRARIES = {"_Element", "_exit"}  # lxml's elements and the end of a process have no other name
BY_NAME = {"delattr", "getattr", "object", "setattr"}
"""Calls that name an attribute by a string: `monkeypatch.setattr(module, "_name", ...)`, `mock.patch.object(...)`."""


def privates(source: str) -> set[str]:
    """Private names that a module reads of something else than itself: attributes, and imports of the package."""
    tree = parsed(source)
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = {node.name for node in ast.walk(tree) if isinstance(node, defined)}
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            is_self = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            (own if is_self else found).add(node.attr)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("suar"):
            found |= {each.name for each in node.names if _is_private(each.name)}
        elif isinstance(node, ast.Call):
            found |= _named(node)
    return found - own - OF_NAMED_TUPLES - OF_LIBRARIES


def _named(call: ast.Call) -> set[str]:
    """The private attribute that a call names by a string, the last part of it."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    words = [each.value for each in call.args[:2] if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    attributes = {word.rpartition(".")[2] for word in words}
    return {each for each in attributes if _is_private(each)} if name in BY_NAME else set()


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_test_reads_a_private_name() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): names
        for path in sorted(TESTS.rglob("*.py"))
        if (names := privates(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("core._thread.submit(f)", {"_thread"}),
        ("from suar.service.core.core import _made", {"_made"}),
        ("monkeypatch.setattr(core._turns, 'x', 1)", {"_turns"}),
        ("monkeypatch.setattr(module, '_made', 1)", {"_made"}),
        ("monkeypatch.setattr('suar.service.core.core._made', 1)", {"_made"}),
        ("mock.patch.object(HubSide, '_write', nothing)", {"_write"}),
        ("getattr(names, '_WORDS').pattern", {"_WORDS"}),
        ("monkeypatch.setattr(module, 'made', '_text')", set()),
        ("self._own = 1\nother._own", set()),
        ("row._replace(n=1)", set()),
        ("x.__class__", set()),
    ],
)
def test_what_is_private_is_found(source: str, found: set[str]) -> None:
    assert privates(source) == found
