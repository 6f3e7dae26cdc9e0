"""The core is no blackboard: what belongs to it is set by its own methods, and by nobody else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import suar
from support.corekit import CoreKit
from support.syntax import parsed

PACKAGE = Path(suar.__file__).parent
CORE = PACKAGE / "service/core/core.py"
NAMES = frozenset({"core", "_core"})
"""How a core is called, as a variable and as an attribute."""

CHANGING = frozenset({
    "add", "append", "clear", "difference_update", "discard", "extend", "insert", "intersection_update", "pop",
    "popitem", "remove", "setdefault", "update",
})  # fmt: skip
"""Methods that change a dict, list or set in place."""


def is_of_core(target: ast.expr) -> bool:
    """Whether the target of an assignment is an attribute of a core, or lies in one."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
        if (isinstance(target, ast.Name) and target.id in NAMES) or (
            isinstance(target, ast.Attribute) and target.attr in NAMES
        ):
            return True
    return False


def targets(node: ast.AST) -> list[ast.expr]:
    """What a statement or expression assigns to."""
    match node:
        case ast.Assign():
            found = node.targets
        case ast.AugAssign() | ast.AnnAssign() | ast.For() | ast.AsyncFor() | ast.NamedExpr() | ast.comprehension():
            found = [node.target]
        case ast.Delete():
            found = node.targets
        case ast.withitem():
            found = [node.optional_vars] if node.optional_vars is not None else []
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[ast.expr() as first, *_]):
            return [ast.Attribute(first, "any")]
        case _:
            return []
    return [
        each for target in found for each in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])
    ]


def writes(source: str) -> Iterator[int]:
    """The lines that write into a core."""
    for node in ast.walk(parsed(source)):
        if any(is_of_core(target) for target in targets(node)):
            yield getattr(node, "lineno", 0)


def changed(source: str) -> Iterator[tuple[int, str]]:
    """(line, attribute) of each call that may change an attribute of a core in place."""
    for node in ast.walk(parsed(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute() as attribute, attr=method)) if method in CHANGING:
                if is_of_core(attribute):
                    yield node.lineno, attribute.attr


@pytest.mark.parametrize(
    "line",
    [
        "core.restored_at = None", "self._core.has_queued = False", "turn.core.waits_for = 1", "core.accepted += rows",
        "core.has_statements |= True", "a, core.accepted = 1, []", "core.last_heard[origin] = now", "del core.x",
        "core.audit.broken = None", "self._core.positions['x'] = 1", "core.flag: bool = True", "setattr(core, 'x', 1)",
        "for core.x in []: pass", "with a as core.x: pass", "core.world.highest_time = now",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_is_for(line: str) -> None:
    assert list(writes(line)) != []


@pytest.mark.parametrize("line", ["self.core = core", "self._core, self.x = core, 1", "core.see(1)", "x = core.y[1]"])
def test_the_search_finds_nothing_else(line: str) -> None:
    assert list(writes(line)) == []


def test_no_module_but_its_own_writes_into_the_core() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in PACKAGE.rglob("*.py")
        if path != CORE
        for line in writes(path.read_text())
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "core.lost.add(1)", "self._core.lost.update({1: 2})", "run.core.lost.pop(1, None)",
        "core.run_after_commit(lambda: core.lost.difference_update(some))",
    ],
)  # fmt: skip
def test_a_change_in_place_is_found(line: str) -> None:
    assert [name for _, name in changed(line)] == ["lost"]


@pytest.mark.parametrize("line", ["core.lost.get(1)", "lost.add(1)", "core.add(1)"])
def test_what_changes_nothing_of_a_core_is_not_found(line: str) -> None:
    assert list(changed(line)) == []


def test_no_module_but_its_own_changes_a_container_of_the_core(vn: CoreKit) -> None:
    containers = {name for name, value in vars(vn.core).items() if isinstance(value, dict | list | set)}
    assert {"recalled", "suspects", "held_by_law", "sealed_by_law", "lost", "last_heard"} <= containers
    found = {
        f"{path.relative_to(PACKAGE)}:{line} {name}"
        for path in PACKAGE.rglob("*.py")
        if path != CORE
        for line, name in changed(path.read_text())
        if name in containers
    }
    assert found == set()
