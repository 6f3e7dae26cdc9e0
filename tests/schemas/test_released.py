"""The gate: the standard of today against the released ones, and today's code against what was sent under them."""

import copy
import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from schemas import additive, archive, released
from schemas.archive import ARCHIVE
from schemas.published_schemas import VALIDATORS
from suar.protocol.message import messages, rules
from suar.protocol.message.kinds import KINDS
from suar.published import schemas_dir
from suar.standard.schemas_export import schema

LATEST = released.VERSIONS[-1]
CORPORA = [(version, kind) for version in released.VERSIONS for kind in released.schemas(version)]
SUMS = {
    "1.0": "f5b7a3a42282f1067f4e357a18b6871a498f7a6ee9ee018d6bcc6781b4c1ead1",
    "1.0.1": "a5068bff8c767edc849096fd0a658d3693636c1bebe06079f522b2fc1e4357d2",
    "1.1": "e8a92c544dec065af2b1f728ce9e01935f606b1c3cbb288167d8df2b33e0996a",
    "1.1.1": "77a6d814bbf66edb371ee4e2d65595b723d2c5ee57cffdfa34f615b902a62e5d",
}
"""Of each version's SHA256SUMS as it was released, written here by hand: files and sums could else change together."""
Change = Callable[[dict[str, Any]], object]
Schemas = dict[str, dict[str, Any]]


def today() -> Schemas:
    return {kind: released.resolved(schema(kind)) for kind in KINDS}


def at(tree: Schemas, path: str) -> Any:
    """The schema of a field, such as `alert urgency` or `trend obs.dims.sex`."""
    kind, _, fields = path.partition(" ")
    node = tree[kind]
    for step in filter(None, fields.split(".")):
        node = node["properties"][step]
        node = node.get("items", node)
    return node


def found(changed: Schemas) -> list[str]:
    return [one for kind, old in released.schemas(LATEST).items() for one in additive.breaks(kind, old, changed[kind])]


# -- the gate


@pytest.mark.parametrize("version", released.VERSIONS)
def test_schemas_of_today_break_no_released_one(version: str) -> None:
    assert set(released.schemas(version)) <= set(KINDS)
    made = today()
    broken = {kind: additive.breaks(kind, old, made[kind]) for kind, old in released.schemas(version).items()}
    assert {kind: what for kind, what in broken.items() if what} == {}


@pytest.mark.parametrize("version", released.VERSIONS)
def test_code_lists_of_today_have_every_released_code(version: str) -> None:
    old, new = (
        released.rows(folder) for folder in (released.FOLDER / version / "codelists", schemas_dir() / "codelists")
    )
    assert additive.list_breaks(old, new, version) == []


@pytest.mark.parametrize("version", released.VERSIONS)
def test_a_released_version_is_as_it_was_released(version: str) -> None:
    lines = (released.FOLDER / version / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert released.sums(version, schemas_dir()) == {
        name: digest for digest, name in (line.split("  ") for line in lines)
    }


def test_the_sums_of_every_version_are_those_of_its_release() -> None:
    kept = {version: (released.FOLDER / version / "SHA256SUMS").read_bytes() for version in released.VERSIONS}
    assert {version: hashlib.sha256(content).hexdigest() for version, content in kept.items()} == SUMS


@pytest.mark.parametrize("version", released.VERSIONS)
def test_a_version_keeps_rules_fields_and_vectors_too(version: str) -> None:
    """All but 1.0, which was released without them."""
    kept = {path.name for path in (released.FOLDER / version).iterdir()}
    assert kept - {"SHA256SUMS"} == {"v1", "codelists"} | ({*released.TABLES, ARCHIVE} if version != "1.0" else set())


@pytest.mark.parametrize("version", released.VERSIONS)
def test_no_released_rule_or_field_is_gone(version: str) -> None:
    assert released.tables_gone(released.FOLDER / version) == []


def test_every_released_vector_has_the_result_that_it_was_released_with() -> None:
    """Each once, however many versions have it; and a set under a released number is the released set."""
    distinct: dict[tuple[str, bytes], None] = {}
    for path in sorted(released.FOLDER.glob(f"*/{ARCHIVE}")):
        files = archive.unpack(path.read_bytes())
        distinct |= dict.fromkeys(files.items())
        assert archive.renumbered(files, schemas_dir()) == []
    assert [name for name, content in distinct for name in archive.breaks({name: content})] == []


# -- what breaks


def set_minor(tree: Schemas, kind: str) -> None:
    """What a bump of the minor changes by itself."""
    at(tree, f"{kind} schema")["enum"] = [f"{kind}/1.0", f"{kind}/1.1"]


PLANTED: dict[str, tuple[bool, str, Change]] = {
    "a field gone": (True, "alert", lambda s: s["properties"].pop("onset")),
    "a required field more": (True, "trend", lambda s: s["required"].append("denominator")),
    "a required field made optional": (True, "contact", lambda s: s["required"].remove("hours")),
    "a field more under the same name": (False, "practice", lambda s: s["properties"].update(cost={"type": "integer"})),
    "a code gone": (True, "pattern state", lambda s: s["enum"].remove("dormant")),
    "a code renamed": (True, "contact capacity", lambda s: s.update(enum=["open", "limited", "taken", "closed"])),
    "a code more under the same name": (False, "alert event", lambda s: s["enum"].append("flood")),
    "a narrower range": (True, "alert ack_within", lambda s: s.update(maximum=72)),
    "a wider range": (True, "alert ack_within", lambda s: s.update(maximum=336)),
    "a shorter text": (True, "legislation citation", lambda s: s.update(maxLength=100)),
    "fewer items": (True, "trend", lambda s: s["properties"]["obs"].update(maxItems=1000)),
    "a list without a maximum": (True, "trend", lambda s: s["properties"]["obs"].pop("maxItems")),
    "a first maximum that is short": (True, "pattern", lambda s: s["properties"]["counter"].update(maxItems=5)),
    "another pattern": (True, "contact phone", lambda s: s.update(pattern="^[0-9]+$")),
    "another type": (True, "trend denominator", lambda s: s.update(type="string")),
    "null allowed": (True, "legislation in_force", lambda s: s.update(type=["string", "null"])),
    "open to any field": (True, "receipt", lambda s: s.update(additionalProperties=True)),
    "a code of an alert's urgency": (True, "alert urgency", lambda s: s["enum"].append("soon")),
    "a code of an alert's request": (True, "alert request.action", lambda s: s["enum"].append("arrest")),
    "a field of an alert's text": (True, "alert text", lambda s: s["properties"].update(audio={"type": "string"})),
    "deep inside a table": (True, "trend obs.dims.sex", lambda s: s["enum"].remove("unknown")),
    "an older name": (True, "alert schema", lambda s: s.update(enum=["alert/1.-1"])),
}


@pytest.mark.parametrize(("bumps", "path", "plant"), PLANTED.values(), ids=PLANTED)
def test_the_gate_finds_a_planted_break(bumps: bool, path: str, plant: Change) -> None:
    changed = copy.deepcopy(today())
    if bumps:
        set_minor(changed, path.partition(" ")[0])
        assert found(changed) == []
    plant(at(changed, path))
    assert len(found(changed)) >= 1


def test_a_minor_may_add_an_optional_field_and_codes_and_words() -> None:
    changed = copy.deepcopy(today())
    for kind in KINDS:
        set_minor(changed, kind)
    at(changed, "practice")["properties"]["cost"] = {"type": "integer", "minimum": 0, "maximum": 9}
    at(changed, "trend obs")["properties"]["note"] = {"type": "string", "maxLength": 20}
    at(changed, "alert event")["enum"].append("flood")
    at(changed, "contact")["description"] = "said better"
    assert found(changed) == []


def test_a_major_gets_another_name() -> None:
    changed = copy.deepcopy(today())
    at(changed, "contact schema")["enum"] = ["contact/2.0"]
    at(changed, "contact")["properties"].pop("phone")
    assert found(changed) == []


LIST_CHANGES: dict[str, tuple[dict[str, str] | None, bool]] = {
    "deleted": (None, True),
    "used again": ({"deprecated_in": "", "replaced_by": ""}, True),
    "born again": ({"since": "1.1"}, True),
    "rolled up elsewhere": ({"rollup_glotip": "forced-labour"}, True),
    "said better": ({"label_en": "Said better"}, False),
}
ROW = {"label_en": "A", "since": "1.0", "deprecated_in": "1.0", "replaced_by": "b", "rollup_glotip": "other"}


@pytest.mark.parametrize(("change", "is_break"), LIST_CHANGES.values(), ids=LIST_CHANGES)
def test_the_gate_reads_code_lists(change: dict[str, str] | None, is_break: bool) -> None:
    new = {"list": {"b": ROW, "c": ROW | {"since": "1.1"}} | ({} if change is None else {"a": ROW | change})}
    assert bool(additive.list_breaks({"list": {"a": ROW, "b": ROW}}, new, "1.0")) == is_break


def test_a_list_that_is_gone_and_a_code_that_is_backdated_are_found() -> None:
    old = {"list": {"a": ROW}}
    assert additive.list_breaks(old, {}, "1.0") == ["list: the list is gone"]
    backdated = {"list": {"a": ROW, "z": ROW}}
    assert additive.list_breaks(old, backdated, "1.0") == ["list: z is new and says that it stood in 1.0"]


# -- the corpus


def corpus(version: str, kind: str) -> list[bytes]:
    return (released.CORPUS / version / f"{kind}.ndjson").read_bytes().splitlines()


@pytest.mark.parametrize(("version", "kind"), CORPORA)
def test_every_message_of_the_corpus_is_read_by_todays_code(version: str, kind: str) -> None:
    lines = corpus(version, kind)
    then = jsonschema_rs.validator_for(json.loads((released.FOLDER / version / f"v1/{kind}.schema.json").read_bytes()))
    assert len(lines) >= 10
    for line in lines:
        assert then.is_valid(json.loads(line))
        assert all(valid(kind).is_valid(json.loads(line)) for valid in VALIDATORS)
        message = messages.read(line)
        rules.compare_fields(message)
        assert messages.kind_of(message) == kind
        assert json.loads(messages.encode(message)) == json.loads(line)


@pytest.mark.parametrize(("version", "kind"), CORPORA)
def test_the_corpus_holds_every_field_and_every_code_of_its_version(version: str, kind: str) -> None:
    allowed = set(released.codes_in(released.schemas(version)[kind]))
    used = {each for line in corpus(version, kind) for each in released.codes_of(json.loads(line))}
    assert allowed - used <= {("$.tlp", "WHITE")}  # which is read and never written


def test_every_released_kind_has_its_corpus() -> None:
    assert {path.relative_to(released.CORPUS).as_posix() for path in files(released.CORPUS)} == {
        f"{version}/{kind}.ndjson" for version, kind in CORPORA
    }


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_the_names_of_today_are_in_the_list_of_kinds() -> None:
    with (schemas_dir() / "codelists" / "kind.csv").open(encoding="utf-8", newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == list(KINDS)
