"""asyncapi-feed.yaml: valid AsyncAPI 3.0, and its subjects and types of events are those of the code."""

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from suar.published import schemas_dir
from suar.service.nats_feed.publishing import GAP_TYPE, subject_of
from support import npm
from support.executables import NODE

SPECIFICATION = Path(__file__).parent.parent / "data" / "asyncapi-3.0.0.json.gz"
DOCUMENT: dict[str, Any] = yaml.safe_load((schemas_dir() / "asyncapi-feed.yaml").read_text("utf-8"))
EVENTS = (Path(__file__).parents[2] / "docs/agencies.md").read_text("utf-8")


def test_it_is_an_asyncapi_document() -> None:
    specification = jsonschema.Draft7Validator(json.loads(gzip.decompress(SPECIFICATION.read_bytes())))
    assert [error.message for error in specification.iter_errors(DOCUMENT)] == []


def test_every_reference_leads_somewhere() -> None:
    for name in re.findall(r"'\$ref': '#/([^']+)'", str(DOCUMENT)):
        found: Any = DOCUMENT
        for step in name.split("/"):
            found = found[step]
        assert found


def test_the_subjects_are_those_of_the_code() -> None:
    values = {"agency": "health", "kind": "alert", "origin": "th", "id": "TH-ALERT-2027-000042"}
    channel = DOCUMENT["channels"]["events"]
    assert channel["address"].format(**values) == subject_of("health", "TH-ALERT-2027-000042")
    for each in DOCUMENT["channels"].values():
        assert list(each["parameters"]) == re.findall(r"\{(\w+)\}", each["address"])


def test_the_types_of_events_are_those_of_the_page_for_agencies() -> None:
    named = {each["name"] for each in DOCUMENT["components"]["messages"].values()}
    assert named == set(re.findall(r"^\| `(suar\.\w+\.\w+)` \|", EVENTS, re.MULTILINE))
    assert GAP_TYPE in named


# -- the parser of the AsyncAPI initiative

PARSE = """
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const files = JSON.parse(readFileSync(0, "utf8"));
const parser = new Parser();
const parsed = async ([name, text]) => {
  const { document, diagnostics } = await parser.parse(text, { source: name });
  const faults = diagnostics.filter(({ severity }) => severity < 2);
  return {
    faults: faults.map(({ code, path, message }) => `${code} ${path.join(".")}: ${message}`),
    warnings: diagnostics.filter(({ severity }) => severity >= 2).map(({ code }) => code),
    channels: (document?.channels().all() ?? []).map((each) => each.address()),
    operations: (document?.operations().all() ?? []).map((each) => each.id()),
    messages: (document?.messages().all() ?? []).map((each) => each.name()),
  };
};
console.log(JSON.stringify(await Promise.all(files.map(parsed))));
"""
BOTH = ("asyncapi-feed.yaml", "asyncapi.yaml")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the parser, and the program that asks it."""
    made = npm.packages(tmp_path_factory.mktemp("npm"))
    (made / "parse.mjs").write_text(PARSE)
    return made


def parsed(packages: Path, documents: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """What the parser makes of each document: its faults, warnings, channels, operations and messages."""
    done = subprocess.run(
        [NODE, "parse.mjs"], cwd=packages, input=json.dumps(documents), capture_output=True, text=True, timeout=120,
        check=True,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", BOTH)
def test_the_official_parser_takes_it(packages: Path, name: str) -> None:
    path = schemas_dir() / name
    written = yaml.safe_load(path.read_text("utf-8"))
    [found] = parsed(packages, [(str(path), path.read_text("utf-8"))])
    assert found["faults"] == []
    assert set(found["warnings"]) <= {"asyncapi-latest-version"}  # 3.0.0 is what is promised
    assert set(found["channels"]) == {each["address"] for each in written["channels"].values()}
    assert sorted(found["operations"]) == sorted(written["operations"])
    assert found["messages"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("asyncapi: 3.0.0", "asyncapi: 3.9.0"), ("action: receive", "action: listen"),
        ('$ref: "#/', '$ref: "#/nowhere/'), ("address: ", "addressed: "),
    ],
)  # fmt: skip
def test_the_parser_finds_a_planted_fault(packages: Path, old: str, new: str) -> None:
    text = (schemas_dir() / "asyncapi-feed.yaml").read_text("utf-8")
    assert old in text
    [found] = parsed(packages, [("planted.yaml", text.replace(old, new, 1))])
    assert found["faults"]
