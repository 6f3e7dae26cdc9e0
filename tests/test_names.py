"""Names that the glossary has replaced do not come back: one concept has one name (CONTRIBUTING.md)."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gateway/suar"
REPLACED = {
    "hear_anew": "reinstated_members", "heard_anew": "reinstated", "never_later": "clamp_times",
    "give_way": "yield_to_writer", "take_apart": "split_by_message", "leaves_for_nothing": "abandon_frame",
    "without_way_out": "unserved_deliveries", "is_sound": "has_valid_values", "ride": "run_deferred",
    "Untold": "DeliveryFailed", "Lately": "RecentNotices", "Trail": "AuditCursor", "Places": "StreamPositions",
    "Turns": "GroupCommit", "Openings": "AudienceCache", "Voices": "ActiveKeys", "Hearing": "Observations",
    "Beside": "DraftCheckPool",
}  # fmt: skip
"""Functions and classes, with the name that they have now."""
MODULES = {
    "beside": "draft_check_pool", "room": "outbox_capacity", "interpreter": "runtime_tuning", "given": "sources",
    "owner": "thread_affinity", "voices": "active_keys", "hearing": "observations", "turns": "group_commit",
    "asked": "request_quota", "trail": "audit_cursor", "owing": "suspension_backlog", "settle": "stream_reconciliation",
    "window": "send_gate", "line": "hub_link",
}  # fmt: skip
"""Modules of the service, the same way."""


def defined(source: str) -> set[str]:
    """The functions and classes that a module defines."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_function_or_class_has_a_name_of_before(path: Path) -> None:
    assert {name: REPLACED[name] for name in defined(path.read_text("utf-8")) & REPLACED.keys()} == {}


def test_no_module_of_the_service_has_a_name_of_before() -> None:
    there = {path.stem for path in (PACKAGE / "service").rglob("*.py")}
    assert {name: MODULES[name] for name in there & MODULES.keys()} == {}


def test_a_name_of_before_is_found() -> None:
    assert defined("class Core:\n    def ride(self): ...") & REPLACED.keys() == {"ride"}
