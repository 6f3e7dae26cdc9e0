"""The message types and the published schemas give one verdict: over the examples, and over each of them changed."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.privacy.free_text_fields import free_texts
from schemas.published_schemas import VALIDATORS, published, validator
from suar.protocol.message import messages, rules
from suar.protocol.message.inspection import Inspection
from suar.protocol.message.messages import Invalid
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir
from suar.standard import schemas_export

VALID = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
OTHERS: list[Any] = [None, True, False, 0, -1, 7, 10**9 + 1, "", "all", "TH", "2027-01", "x" * 130, [], ["TH"], {}]
examples = pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])


def paths_of(value: Any, *, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value below the top."""
    steps = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for step, item in steps:
        yield (*at, step)
        yield from paths_of(item, at=(*at, step))


def parent(tree: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def changes(tree: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tree with one value left out, changed, repeated, or one field added, and what was done."""
    for path in paths_of(tree):
        for other in OTHERS:
            changed = copy.deepcopy(tree)
            parent(changed, path)[path[-1]] = other
            yield f"{path} = {other!r:.20}", changed
        dropped = copy.deepcopy(tree)
        removed = parent(dropped, path).pop(path[-1])
        yield f"without {path}", dropped
        added = copy.deepcopy(tree)
        node = parent(added, path)
        if isinstance(node, list):
            node.append(removed)
        else:
            node["remark"] = "x"
        yield f"more at {path}", added


def accepts(tree: dict[str, Any]) -> bool:
    try:
        messages.decode(tree)
    except Invalid:
        return False
    return True


@examples
def test_valid_example_passes_types_rules_and_schema(path: Path) -> None:
    message = messages.read(path.read_bytes())
    rules.compare_fields(message)
    tree = json.loads(path.read_bytes())
    assert all(valid(messages.kind_of(message)).is_valid(tree) for valid in VALIDATORS)
    assert json.loads(messages.encode(message)) == tree
    assert list(json.loads(messages.encode(message))) == list(tree)  # examples stand in the order that is written


def test_every_kind_has_an_example_in_each_realm() -> None:
    seen = {(tree["kind"], tree["status"]) for tree in (json.loads(path.read_bytes()) for path in VALID)}
    due = {(kind, status) for kind in messages.KINDS for status in ("actual", "exercise")}
    assert due - seen == set(), "schemas/examples/valid/: write KIND-NAME.json for each of these kinds and statuses"
    assert seen == due


def test_every_field_is_in_a_valid_example() -> None:
    trees = [json.loads(path.read_bytes()) for path in VALID]
    occurring = {(tree["kind"], _keys(path)) for tree in trees for path in paths_of(tree)}
    head = set(fields_of(messages.Alert)) & set(fields_of(messages.Trend))
    missing = {
        (kind, keys)
        for kind, shape in messages.KINDS.items()
        for keys in _fields(shape)
        if (kind, keys) not in occurring and not (keys[0] in head and any(found == keys for _, found in occurring))
    }
    assert missing == set()


def _keys(path: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(step for step in path if isinstance(step, str))


def _fields(shape: Any) -> Iterator[tuple[str, ...]]:
    for key, (_, spec, _) in fields_of(shape).items():
        yield (key,)
        inner = spec.struct or (spec.item and spec.item.struct)
        if inner:
            yield from ((key, *below) for below in _fields(inner))


@examples
def test_types_and_schema_agree_on_every_change_of_an_example(path: Path) -> None:
    tree = json.loads(path.read_bytes())
    schema = validator(tree["kind"])
    disagreed = [done for done, changed in changes(tree) if accepts(changed) != schema.is_valid(changed)]
    assert disagreed == []


@examples
def test_inspection_and_the_hot_path_agree_on_every_change_of_an_example(path: Path) -> None:
    tree = json.loads(path.read_bytes())
    disagreed = []
    for done, changed in changes(tree):
        try:
            shape, _ = messages.shape_of(changed)
        except Invalid:
            continue
        inspection = Inspection()
        built = inspection.message(shape, messages.with_clear(changed))
        if accepts(changed) != (not inspection.reasons) or (
            not inspection.reasons and built != messages.decode(changed)
        ):
            disagreed.append(done)
    assert disagreed == []


def patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("pattern"), str):
        yield value["pattern"]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from patterns(item)


@pytest.mark.parametrize("kind", sorted(messages.KINDS))
def test_patterns_are_read_alike_in_every_dialect(kind: str) -> None:
    found = set(patterns(published(kind)))
    assert len(found) > 1
    assert not any(
        "(?" in pattern or "\\" in pattern.replace(r"\.", "").replace(r"\+", "") for pattern in found - {"\\n"}
    )
    for path, text in string_places(kind):
        for ending in ("\n", "\r\n", "\u2028"):
            changed = json.loads(json.dumps(tree_of(kind)))
            parent(changed, path)[path[-1]] = text + ending
            assert not any(valid(kind).is_valid(changed) for valid in VALIDATORS), path


def tree_of(kind: str) -> Any:
    paths = [path for path in VALID if path.stem.startswith(f"{kind}-")]
    assert paths, f"write schemas/examples/valid/{kind}-NAME.json"
    return json.loads(paths[0].read_bytes())


def string_places(kind: str) -> list[tuple[tuple[Any, ...], str]]:
    """The places of a message at which text with a pattern or a code stands."""
    free = free_texts(messages.KINDS[kind])
    found = []
    for path in paths_of(tree_of(kind)):
        value = parent(tree_of(kind), path)[path[-1]]
        if isinstance(value, str) and not free & set(path):
            found.append((path, value))
    return found


@pytest.mark.parametrize("day", ["0000-01-01", "0000-02-29", "0100-02-29", "1900-02-29", "2027-02-29", "2027-04-31"])
def test_days_that_do_not_exist_are_refused_everywhere(day: str) -> None:
    tree = {**tree_of("legislation"), "checked_on": day}
    assert not accepts(tree)
    assert not any(valid("legislation").is_valid(tree) for valid in VALIDATORS)


@pytest.mark.parametrize("day", ["0001-01-01", "0004-02-29", "0400-02-29", "2000-02-29", "2028-02-29", "9999-12-31"])
def test_days_that_exist_are_taken_everywhere(day: str) -> None:
    tree = {**tree_of("legislation"), "checked_on": day}
    assert accepts(tree)
    assert all(valid("legislation").is_valid(tree) for valid in VALIDATORS)


def test_published_schemas_are_what_the_types_make() -> None:
    assert schemas_export.export(schemas_dir(), check=True) == ()
    assert {path.name for path in (schemas_dir() / "v1").iterdir()} == {
        f"{kind}.schema.json" for kind in messages.KINDS
    }


def test_export_writes_the_whole_standard_and_then_finds_no_difference(tmp_path: Path) -> None:
    written = schemas_export.export(tmp_path)
    assert {"v1/alert.schema.json", "codelists/sector.csv", "README.md"} <= set(written)
    assert schemas_export.export(tmp_path, check=True) == ()
    (tmp_path / "v1" / "alert.schema.json").write_text("{}")
    assert schemas_export.export(tmp_path, check=True) == ("v1/alert.schema.json",)


@given(st.data())
def test_length_counts_code_points_in_types_and_schema(data: st.DataObject) -> None:
    title = data.draw(st.text(st.characters(codec="utf-8", categories=["L", "So"]), min_size=118, max_size=122))
    tree = json.loads((schemas_dir() / "examples" / "valid" / "alert-new-route.json").read_bytes())
    tree["text"][0]["title"] = title
    assert accepts(tree) == validator("alert").is_valid(tree) == (len(title) <= 120)
