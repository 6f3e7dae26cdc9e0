"""Where a source sleeps for a fixed time instead of looking again and again whether a condition holds."""

import ast
from collections.abc import Iterator


def sleeps_of(tree: ast.Module) -> list[int]:
    """Return the lines of calls of `sleep` that no loop repeats until something is so.

    `sleep(0)` is one turn of an event loop. What a call of `eventually` is passed, it repeats.
    """
    repeated = {
        each.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) == "eventually"
        for each in node.args
        if isinstance(each, ast.Name)
    }
    return sorted(_sleeps(tree, repeated, is_repeated=False))


def _sleeps(node: ast.AST, repeated: set[str], *, is_repeated: bool) -> Iterator[int]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _sleeps(child, repeated, is_repeated=child.name in repeated)
        elif isinstance(child, ast.For | ast.AsyncFor):
            yield from _sleeps(child, repeated, is_repeated=_is_endless(child.iter))
        else:
            if isinstance(child, ast.Call) and _name(child.func) == "sleep" and not (is_repeated or _is_turn(child)):
                yield child.lineno
            yield from _sleeps(child, repeated, is_repeated=is_repeated or isinstance(child, ast.While))


def _name(function: ast.expr) -> str:
    """Return the name of what is called, without what it is an attribute of."""
    return getattr(function, "attr", getattr(function, "id", ""))


def _is_turn(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def _is_endless(iterated: ast.expr) -> bool:
    """Whether it is `itertools.count()`: such a loop ends by a condition alone."""
    return isinstance(iterated, ast.Call) and _name(iterated.func) == "count"
