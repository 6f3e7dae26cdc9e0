"""The policy decides alone: no other module compares a TLP, a handling label, a sector or a right of a member."""

import ast
from pathlib import Path

import pytest

import suar
from suar.protocol.base.codelists import codes
from support.syntax import parsed

PACKAGE = Path(suar.__file__).parent
DECIDES = {"protocol/policy/decision.py", "protocol/policy/restrictions.py", "protocol/message/marking.py"}
NO_READER = {
    "service/publish/two_persons.py": "whether a second person is asked, by a setting",
    "service/contributing/proposing.py": "that an agency proposes for its own sector",
    "service/core/reading_policy.py": "whether an unfinished draft has a marking that exists",
    "protocol/privacy/limits.py": "the gate's k depends on how far a table goes",
    "protocol/privacy/counts/remembered.py": "what was released openly is known to more readers",
    "protocol/privacy/tables/protecting.py": "what was released openly is known to more readers",
    "protocol/message/messages.py": "WHITE of TLP 1 is read as CLEAR",
    "protocol/message/rules.py": "M-RED-NAMED: what a message may say",
}
"""Modules that compare such words without deciding about a reader, each with what it does."""
FIELDS = {"tlp", "handling", "sectors", "sector", "highest_tlp"}
RIGHTS = {"publish", "read"}
LABELS = {*codes("tlp"), *codes("handling")}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if str(path.relative_to(PACKAGE)) not in DECIDES)


def name_of(node: ast.AST) -> str:
    """The last name of an expression such as `message.tlp`, `tlp` or `tree["tlp"]`."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def decides(node: ast.AST) -> bool:
    """Whether it compares one of those, tests for membership in one, or branches on one."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            is_in = any(isinstance(op, ast.In | ast.NotIn) for op in ops)
            return (
                any(name_of(side) in FIELDS for side in sides)
                or any(isinstance(side, ast.Constant) and side.value in LABELS for side in sides)
                or (is_in and isinstance(others[-1], ast.Attribute) and others[-1].attr in RIGHTS)
            )
        case ast.match_case(pattern=pattern):
            inside = ast.walk(pattern)
            return any(isinstance(each, ast.Constant) and each.value in LABELS for each in inside)
    return False


def lines(text: str) -> list[int]:
    return [getattr(node, "lineno", 0) for node in ast.walk(parsed(text)) if decides(node)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_it_leaves_the_decision_to_the_policy(path: Path) -> None:
    found, name = lines(path.read_text("utf-8")), str(path.relative_to(PACKAGE))
    assert bool(found) == (name in NO_READER), f"{name}: lines {found} decide; ask suar.protocol.policy.decision"


@pytest.mark.parametrize(
    "text",
    [
        "if message.tlp == 'RED': pass",
        "ok = tree['tlp'] in allowed",
        "ok = sector in audience.sectors",
        "ok = 'no-media' not in labels",
        "ok = kind in member.read",
        "ok = kind in member.publish",
        "match x:\n case 'AMBER+STRICT': pass",
    ],
)
def test_the_search_finds(text: str) -> None:
    assert lines(text)


@pytest.mark.parametrize("text", ["x = row.tlp", "show(message.handling)", "ok = word == 'red'", "ok = member.read"])
def test_the_search_leaves(text: str) -> None:
    assert not lines(text)
