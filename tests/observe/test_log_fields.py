"""What the gateway writes into its log: a field holds what its name says, and no field is taken out by its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import suar
from suar.observe.log import is_forbidden
from support.syntax import parsed

SOURCES = sorted(Path(suar.__file__).parent.rglob("*.py"))
LOGGING = {"log_event", "log_fault", "debug", "info", "warning", "error"}


def fields() -> Iterator[tuple[str, str, ast.expr]]:
    """(event, field, value) of each event that is written with its name in the call."""
    for path in SOURCES:
        for node in ast.walk(parsed(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if called in LOGGING and node.args and isinstance(node.args[0], ast.Constant):
                yield from ((str(node.args[0].value), each.arg, each.value) for each in node.keywords if each.arg)
            elif called == "Happened":
                keywords = {each.arg: each.value for each in node.keywords}
                facts, name = keywords.get("facts"), keywords.get("event")
                event = str(name.value) if isinstance(name, ast.Constant) else ""
                if isinstance(facts, ast.Dict):
                    pairs = zip(facts.keys, facts.values, strict=True)
                    yield from ((event, str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))


def test_no_field_is_taken_out_by_its_name() -> None:
    found = list(fields())
    assert len(found) > 30
    assert [(event, name) for event, name, _ in found if name != "exc_info" and is_forbidden(name)] == []


def test_the_name_of_an_exception_is_in_no_field_called_error() -> None:
    named = [(event, name) for event, name, value in fields() if ast.unparse(value).endswith(").__name__")]
    assert named
    assert {name for _, name in named} == {"error_type"}


def test_a_trouble_of_the_connection_has_its_address() -> None:
    events = {"inbox_unreachable", "bus_failed", "publish_failed", "not_settled", "bus_read_failed", "bus_error"}
    with_address = {event for event, name, _ in fields() if name == "server"}
    assert events <= with_address
