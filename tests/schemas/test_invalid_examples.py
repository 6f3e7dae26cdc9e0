"""Every file of schemas/examples/invalid is refused for the reason that expected.csv has for it, and for no other."""

import csv
import json
import re
from typing import Any

import pytest

from schemas import make_invalid
from schemas.published_schemas import VALIDATORS, json_path, second_validator, validator
from suar.protocol.message import messages, rules
from suar.protocol.message.head import Head
from suar.protocol.message.inspection import Inspection
from suar.protocol.message.messages import Invalid
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir

FOLDER = schemas_dir() / "examples" / "invalid"


def expected() -> list[dict[str, str]]:
    with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(folder: str) -> pytest.MarkDecorator:
    rows = [row for row in expected() if row["file"].startswith(f"{folder}/")]
    return pytest.mark.parametrize("row", rows, ids=[row["file"] for row in rows])


def of_rule(rule: str) -> list[dict[str, str]]:
    return [row for row in expected() if row["rule"] == rule]


def content(row: dict[str, str]) -> bytes:
    return (FOLDER / row["file"]).read_bytes()


def refusal(row: dict[str, str]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        rules.compare_fields(messages.read(content(row)))
    return caught.value


@of("schema")
def test_fault_in_a_field_is_refused_by_the_structs_at_its_path_and_is_the_only_one(row: dict[str, str]) -> None:
    invalid = refusal(row)
    assert [(reason.code, reason.path) for reason in invalid.reasons] == [(row["reason"], row["path"])]
    assert invalid.rule == row["rule"]
    tree = json.loads(content(row))
    if row["reason"] != "E-MESSAGE-KIND":
        inspection = Inspection()
        message = inspection.message(messages.shape_of(tree)[0], tree)
        assert [reason.path for reason in inspection.reasons] == [row["path"]]
        assert message is not None
        assert rules.contradictions(message, frozenset({re.split(r"[.\[]", row["path"])[1]})) == ()


@of("schema")
def test_fault_in_a_field_is_refused_by_the_published_schema_at_its_path(row: dict[str, str]) -> None:
    kind, tree = row["file"].removeprefix("schema/").partition("-")[0], json.loads(content(row))
    errors = list(validator(kind).iter_errors(tree))
    assert errors
    assert not second_validator(kind).is_valid(tree)
    # a validator names the object around a missing or unknown field, and the list around a repeated item
    assert all(row["path"].startswith(json_path(error)) for error in errors)
    assert all(row["path"].count(".") - json_path(error).count(".") <= 1 for error in errors)


@of("rule")
def test_contradiction_passes_the_schema_and_is_refused_by_the_numbered_rule(row: dict[str, str]) -> None:
    kind = row["file"].removeprefix("rule/").partition("-")[0]
    assert all(valid(kind).is_valid(json.loads(content(row))) for valid in VALIDATORS)
    invalid = refusal(row)
    assert (invalid.rule, invalid.reasons[0].code, invalid.reasons[0].path) == (
        row["rule"],
        "E-MESSAGE-RULE",
        row["path"],
    )
    assert all(reason.message.endswith(f"({row['reason']})") for reason in invalid.reasons)


@of("form")
def test_broken_form_is_refused_at_its_path(row: dict[str, str]) -> None:
    invalid = refusal(row)
    assert (invalid.rule, invalid.reasons[0].code, invalid.reasons[0].path) == (row["rule"], row["reason"], row["path"])


def test_files_are_what_their_generator_makes_and_all_are_expected() -> None:
    made = make_invalid.files()
    assert {row["file"] for row in expected()} == set(made)
    on_disk = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.json")}
    assert on_disk == made


def test_every_rule_is_broken_by_every_kind_that_it_is_for() -> None:
    broken = {(row["file"].partition("/")[2].partition("-")[0], row["reason"]) for row in of_rule("F9")}
    expected = {
        (kind, rule.name) for rule in rules.RULES for kind, shape in messages.KINDS.items() if shape in rule.kinds
    }
    assert broken == expected


def test_every_field_of_every_kind_has_a_file_that_breaks_it() -> None:
    head = set(fields_of(Head))
    missing = []
    for kind, shape in messages.KINDS.items():
        files = [row for row in expected() if row["file"].partition("/")[2].startswith(f"{kind}-")]
        broken = {re.sub(r"\[\d+\]", "", row["path"]).removeprefix("$.") for row in files}
        for key, (_, found, _) in fields_of(shape).items():
            # what is inside a field that all kinds share is broken in the alert, the field itself in each
            names = [key] if key in head and kind not in ("alert", "receipt") else _fields_below(key, found)
            missing += [f"{kind}: {name}" for name in names if not any(path.startswith(name) for path in broken)]
    assert missing == []


def _fields_below(key: str, spec: Any) -> list[str]:
    shape = spec.struct or (spec.item and spec.item.struct)
    if not shape:
        return [key]
    return [
        name for inner, (_, found, _) in fields_of(shape).items() for name in _fields_below(f"{key}.{inner}", found)
    ]
