"""asyncapi-feed.yaml: valid AsyncAPI 3.0, and its subjects and types of events are those of the code."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from suar.published import schemas_dir
from suar.service.nats_feed.publishing import GAP_TYPE, subject_of

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
