"""A test asks what a caller may ask: it reads no private name of the package."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
OF_NAMED_TUPLES = {"_replace", "_fields", "_asdict", "_make"}
OF_LIBRARIES = {"_Element", "_exit"}  # lxml's elements and the end of a process have no other name
STILL_DO = {
    "api/test_batch.py",
    "api/test_strangers.py",
    "attacks/test_speaking_for_another.py",
    "attacks/test_undecodable_subject.py",
    "bus/test_acks.py",
    "bus/test_connect.py",
    "bus/test_hostile_server.py",
    "bus/test_stored_headers.py",
    "federation/test_watch.py",
    "support/hostile.py",
    "keys/test_playbooks_live.py",
    "support/nats_server.py",
    "privacy/test_looks.py",  # by getattr
    "privacy/test_own_words.py",
    "protocol/measured.py",
    "protocol/test_bounds.py",
    "protocol/test_evidence_rules.py",
    "protocol/test_minors.py",
    "protocol/test_policy.py",
    "protocol/test_restart.py",
    "service/status/test_catching_up.py",
    "service/publish/test_checked_beside.py",
    "service/settings/test_keyring.py",
    "service/notify/test_notify_channels.py",
    "service/receipts/test_receipts_gathered.py",
    "service/publish/test_sent_again.py",
}
"""Files that are not rid of it yet: take one out when it is, and put none in."""


def privates(source: str) -> set[str]:
    """Private names that a module reads of something else than itself: attributes, and imports of the package."""
    tree = ast.parse(source)
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = {node.name for node in ast.walk(tree) if isinstance(node, defined)}
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            is_self = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            (own if is_self else found).add(node.attr)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("suar"):
            found |= {each.name for each in node.names if _is_private(each.name)}
    return found - own - OF_NAMED_TUPLES - OF_LIBRARIES


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_further_test_reads_a_private_name() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): names
        for path in sorted(TESTS.rglob("*.py"))
        if (names := privates(path.read_text("utf-8")))
    }
    assert {name: names for name, names in found.items() if name not in STILL_DO} == {}


def test_the_list_names_nobody_that_is_rid_of_it() -> None:
    by_getattr = {"privacy/test_looks.py"}
    assert {name for name in STILL_DO - by_getattr if not privates((TESTS / name).read_text("utf-8"))} == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("core._thread.submit(f)", {"_thread"}),
        ("from suar.service.core.core import _made", {"_made"}),
        ("monkeypatch.setattr(core._turns, 'x', 1)", {"_turns"}),
        ("self._own = 1\nother._own", set()),
        ("row._replace(n=1)", set()),
        ("x.__class__", set()),
    ],
)
def test_what_is_private_is_found(source: str, found: set[str]) -> None:
    assert privates(source) == found
