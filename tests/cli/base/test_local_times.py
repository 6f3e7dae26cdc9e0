"""No command prints UTC alone for a person: tables and fields convert it, and every sentence names local time first."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from suar.cli.base import tables
from suar.cli.base.common import emit
from suar.cli.base.local_time import in_local_time
from suar.cli.base.terminal import in_words
from support.bundles import ROOT

COMMANDS: Final = ROOT / "gateway" / "suar" / "cli"
SENT: Final = "2020-01-15T20:30:07Z"
CELL, FIELD = "2020-01-16 03:30 (01-15 20:30Z)", "2020-01-16 03:30:07 (01-15 20:30:07Z)"

CONVERTED: Final = frozenset({"short", "dated", "in_local_time"})
WRITTEN: Final = frozenset({"instant", "instant_of", "rfc3339", "claimed_at"})
"""What writes an instant of the standard."""
TIMES: Final = frozenset({
    "at", "since", "until", "expires", "issued", "ended", "sent", "received", "proposed", "last_used", "not_before",
    "not_after",
})  # fmt: skip
"""Fields of the API that are times, besides those whose names end as in ENDINGS."""
ENDINGS: Final = ("_at", "_until", "_since")
PROOFS: Final = ("gateway/audits", "messages/evidence")
"""What is verified by others, in any zone: their sentences have times in UTC, as the files do."""


@pytest.fixture(autouse=True)
def in_bangkok(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Bangkok")


def test_tables_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(("at", "what"), [[SENT, f"since {SENT}"]])
    emit({"at": SENT, "all": [SENT]}, as_json=False)
    emit({"at": SENT}, as_json=True)
    assert capsys.readouterr().out.splitlines() == [
        f"at{' ' * (len(CELL) - 2)}  what",
        f"{CELL}  since {SENT}",
        f"at   {FIELD}",
        f"all  {FIELD}",
        "{",
        f' "at": "{SENT}"',
        "}",
    ]


@pytest.mark.parametrize("text", ["", "2020-01-15", "2020-02-31T20:30:07Z", f"{SENT}\n", f" {SENT}", "1 ms"])
def test_another_text_is_unchanged(text: str) -> None:
    assert in_local_time(text) == text


def test_results_of_vectors_stay_exact() -> None:
    """Who compares another implementation needs the bytes that it wrote."""
    assert in_words([{"at": SENT}], is_exact=True) == f"at {SENT}"


def _is_time(node: ast.AST) -> bool:
    """Whether an expression is a field that is a time, or an instant that is written."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in WRITTEN
    name = node.slice.value if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) else None
    return isinstance(name, str) and (name in TIMES or name.endswith(ENDINGS))


def _unconverted(node: ast.AST, names: frozenset[str]) -> Iterator[ast.AST]:
    """Yield the times in an expression that are not converted; `names`: variables that have such a time."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CONVERTED:
        return
    if _is_time(node) or (isinstance(node, ast.Name) and node.id in names):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _unconverted(child, names)


def _sentences(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is put into texts: the fields of f-strings, and the values that format() gets."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from (keyword.value for keyword in node.keywords)
            yield from node.args


def bare_times(source: str) -> list[str]:
    """The times that the texts of a module have in UTC alone."""
    tree = ast.parse(source)
    names = frozenset(
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_time(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    return [ast.unparse(each) for text in _sentences(tree) for each in _unconverted(text, names)]


MODULES: Final = [
    path for path in sorted(COMMANDS.rglob("*.py")) if not str(path.relative_to(COMMANDS)).startswith(PROOFS)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(COMMANDS)))
def test_no_sentence_of_a_command_has_utc_alone(module: Path) -> None:
    assert bare_times(module.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("f\"until {row['expires']}\"", ["row['expires']"]),
        ("f'until {dated(row[\"expires\"])}'", []),
        ("f'until {instant(now)}'", ["instant(now)"]),
        ("until = row['until']\nf'until {until}'", ["until"]),
        ("until = short(row['until'])\nf'until {until}'", []),
        ("TEXT.format(made_at=facts['made_at'])", ["facts['made_at']"]),
        ("f'{row[\"name\"]}'", []),
    ],
)
def test_a_new_sentence_is_found(source: str, found: list[str]) -> None:
    assert bare_times(source) == found
