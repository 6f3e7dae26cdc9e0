"""A function -> bool is a predicate with the name of one, or an act whose docstring says what it returns: ADR 0080."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from support.syntax import parsed

PACKAGE = Path(__file__).parents[1] / "gateway/suar"
PREDICATE = re.compile(r"_*(?:is|has|may|can)(?:_|$)")
DUNDER = re.compile(r"__\w+__")
WHETHER = re.compile(r"(?:\[\w+\] )?(?:Returns? )?whether\b", re.IGNORECASE)
RESULT = re.compile(r"\b(?:True|False)\b|\breturns? whether\b", re.IGNORECASE)
ANSWERS = re.compile(
    r"bool(?: \| None)?"  # None: it is not known
    r"|(?:TypeGuard|TypeIs|ColumnElement)\[.*\]"  # a condition of SQL
    r"|Decision|Holds"  # with the rule that decided; a condition that is asked later
)
REMEMBERS = {
    ("federation/operations.py", "is_back"): "what it saw last is named in the fault",
    ("protocol/policy/readers.py", "may_read"): "a cache of decisions",
    ("protocol/transport/sender.py", "_has_other_recipients"): "its own result, until trust or bundles change",
    ("service/core/reading_policy.py", "may_read"): "a cache of decisions, anew for each trust list",
    ("service/reading/trees.py", "may_see"): "a cache of decisions",
}
"""Predicates that store something, and why nobody but themselves, or a report, depends on it."""


class Function(NamedTuple):
    """A function of the package: its file, its line, its definition."""

    file: str
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return f"{self.file}:{self.node.lineno} {self.node.name}"

    @property
    def returns(self) -> str:
        """Its annotation."""
        found = self.node.returns
        return found.id if isinstance(found, ast.Name) else "" if found is None else ast.unparse(found).strip("'")

    @property
    def text(self) -> str:
        """Its docstring."""
        return ast.get_docstring(self.node) or ""


@cache
def functions() -> tuple[Function, ...]:
    return tuple(_every())


def _every() -> Iterator[Function]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parsed(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not DUNDER.fullmatch(node.name):
                yield Function(str(path.relative_to(PACKAGE)), node)


def stores(node: ast.AST) -> bool:
    """Whether it assigns to an attribute, to an item of one, or to a variable of another function."""
    return any(
        isinstance(each, ast.Nonlocal | ast.Global)
        or (isinstance(each, ast.Attribute) and not isinstance(each.ctx, ast.Load))
        or (
            isinstance(each, ast.Subscript)
            and not isinstance(each.ctx, ast.Load)
            and isinstance(each.value, ast.Attribute)
        )
        for each in ast.walk(node)
    )


def test_an_act_that_returns_a_boolean_says_what_it_means() -> None:
    acts = [each for each in functions() if each.returns == "bool" and not PREDICATE.match(each.node.name)]
    assert not [each.where for each in acts if not RESULT.search(each.text) or WHETHER.match(each.text)]
    assert len(acts) > 100


def test_what_has_the_name_of_a_predicate_answers_and_does_not_act() -> None:
    named = [each for each in functions() if PREDICATE.match(each.node.name)]
    assert not [f"{each.where} -> {each.returns}" for each in named if not ANSWERS.fullmatch(each.returns)]
    storing = {(each.file, each.node.name): each.where for each in named if stores(each.node)}
    assert not [where for key, where in storing.items() if key not in REMEMBERS]
    assert not REMEMBERS.keys() - storing.keys(), "these need no exemption"
