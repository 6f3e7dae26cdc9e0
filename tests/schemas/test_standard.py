"""schemas/ stands on its own: every requirement has its test, every field its meaning, every kind its page."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.message import rules
from suar.protocol.message.head import Head
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir
from suar.standard import schema_reference, schemas_export
from support.syntax import parsed

ROOT = Path(__file__).parent.parent.parent
README = (schemas_dir() / "README.md").read_text(encoding="utf-8")
REQUIREMENT = re.compile(
    r"^\| (?P<name>/req/[a-z]+/[a-z-]+) \| (?P<says>.+?) \| `(?P<file>\S+)::(?P<test>\w+)` \|$", re.M
)
REQUIREMENTS = [match.groupdict() for match in REQUIREMENT.finditer(README)]
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))


@cache
def functions_of(name: str) -> set[str]:
    tree = parsed((ROOT / name).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


# -- requirements


def test_every_line_of_a_requirement_is_read() -> None:
    assert len(REQUIREMENTS) == README.count("\n| /req/") >= 30
    names = [requirement["name"] for requirement in REQUIREMENTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=[requirement["name"] for requirement in REQUIREMENTS])
def test_the_test_of_a_requirement_exists(requirement: dict[str, str]) -> None:
    assert requirement["test"] in functions_of(requirement["file"])
    assert requirement["test"].startswith("test_")


def test_every_file_of_the_standard_is_described() -> None:
    described = set(re.findall(r"^\| `([a-z0-9.-]+)(?:/[^`]*)?`(?:, `([a-z]+)`)?", README, re.M))
    names = {name for pair in described for name in pair if name}
    assert {path.name for path in schemas_dir().iterdir() if path.name != "README.md"} <= names


# -- meanings and rules


def objects(shape: Any) -> Iterator[Any]:
    yield shape
    for _, found, _ in fields_of(shape).values():
        inner = found.struct or (found.item and found.item.struct)
        if inner:
            yield from objects(inner)


def test_every_field_has_its_meaning_and_no_meaning_is_of_nothing() -> None:
    expected = {("Message", "kind"), *(("Head", key) for key in fields_of(Head))}
    for kind in KINDS.values():
        own = set(fields_of(kind)) - (set(fields_of(Head)) if issubclass(kind, Head) else set())
        expected |= {(kind.__name__, key) for key in own}
        for shape in objects(kind):
            expected |= {(shape.__name__, key) for key in fields_of(shape)} if shape is not kind else set()
    assert set(schema_reference.meanings()) == expected
    assert all(schema_reference.meanings().values())


def test_every_rule_is_published_for_the_kinds_that_it_is_for() -> None:
    texts = schema_reference.rule_texts()
    assert list(texts) == [rule.name for rule in rules.RULES]
    names: dict[type, str] = {shape: kind for kind, shape in KINDS.items()}
    for rule in rules.RULES:
        kinds = [names[shape] for shape in rule.kinds]
        assert texts[rule.name][0] == (kinds[0] if len(kinds) == 1 else "head")
        assert texts[rule.name][1]


# -- reference pages


@every_kind
def test_a_reference_page_is_what_the_standard_makes(kind: str) -> None:
    page = (schemas_dir() / "reference" / f"{kind}.md").read_text(encoding="utf-8")
    assert page == schema_reference.page(kind), "make standard"


@every_kind
def test_a_reference_page_has_every_field_and_every_code(kind: str) -> None:
    page = schema_reference.page(kind)
    for shape in objects(KINDS[kind]):
        for key, (_, found, _) in fields_of(shape).items():
            assert re.search(rf"^\| (?:\S+\.)?{key} \| ", page, re.M), key
            inside = found.item or found
            assert all(f"`{code}`" in page for code in inside.codes)


@every_kind
def test_links_of_a_reference_page_lead_somewhere(kind: str) -> None:
    page = schema_reference.page(kind)
    for link in re.findall(r"\]\(([^)]+)\)", page):
        file, _, heading = link.partition("#")
        assert (schemas_dir() / "reference" / file).exists() if file else f"\n### {heading}\n" in page, link


@every_kind
def test_a_schema_says_what_its_fields_mean(kind: str) -> None:
    parts = schemas_export.schema(kind)["$defs"]
    properties = {(name, key): part for name, one in parts.items() for key, part in one.get("properties", {}).items()}
    undescribed = [name for name, part in properties.items() if "description" not in part and name[1] != "kind"]
    assert [name for name in undescribed if part_of_an_entry(name) is False] == []


def part_of_an_entry(name: tuple[str, str]) -> bool:
    return name[0] == "Entry" and name[1] not in fields_of(KINDS["receipt"])
