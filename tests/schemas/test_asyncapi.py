"""asyncapi.yaml: valid AsyncAPI 3.0, every reference leads somewhere, and what it says is what the code does."""

import copy
import gzip
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from suar.protocol.base import limits, subjects
from suar.protocol.message.kinds import KINDS
from suar.protocol.transport import epoch, frame
from suar.protocol.trust import bundle, revoke, trustlist
from suar.published import schemas_dir

SPECIFICATION = Path(__file__).parent.parent / "data" / "asyncapi-3.0.0.json.gz"
KID, ID = bytes.fromhex("00112233445566778899aabbccddeeff"), bytes.fromhex("0123456789abcdef" * 4)


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((schemas_dir() / "asyncapi.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def specification() -> Any:
    return jsonschema.Draft7Validator(json.loads(gzip.decompress(SPECIFICATION.read_bytes())))


def walk(value: Any, path: str = "#") -> Iterator[tuple[str, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from walk(item, f"{path}/{key}")


def resolve(ref: str) -> Any:
    """What a reference leads to. Raises KeyError or FileNotFoundError."""
    name, _, pointer = ref.partition("#")
    found = json.loads((schemas_dir() / name).read_bytes()) if name else document()
    for step in filter(None, pointer.split("/")):
        found = found[step]
    return found


def channel(name: str) -> dict[str, Any]:
    found: dict[str, Any] = document()["channels"][name]
    return found


def test_it_is_an_asyncapi_document() -> None:
    assert document()["asyncapi"] == "3.0.0"
    assert [error.message for error in specification().iter_errors(document())] == []


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no channel of an operation": lambda d: d["operations"]["sendFrame"].pop("channel"),
    "another word for sending": lambda d: d["operations"]["sendFrame"].update(action="publish"),
    "an address that is no text": lambda d: d["channels"]["frames"].update(address=7),
    "an unknown key": lambda d: d["channels"]["frames"].update(subject="x"),
    "no version": lambda d: d["info"].pop("version"),
    "a parameter with a pattern": lambda d: d["components"]["parameters"]["kid"].update(pattern="x"),
}


@pytest.mark.parametrize("plant", FAULTS.values(), ids=FAULTS)
def test_the_specification_finds_a_planted_fault(plant: Callable[[dict[str, Any]], object]) -> None:
    changed = copy.deepcopy(document())
    plant(changed)
    assert not specification().is_valid(changed)


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    refs = {value["$ref"] for _, value in walk(document()) if isinstance(value, dict) and "$ref" in value}
    assert all(resolve(ref) for ref in refs)
    parts = {f"#/components/{group}/{name}" for group, each in document()["components"].items() for name in each}
    assert parts <= refs
    assert {f"#/servers/{name}" for name in document()["servers"]} <= refs


@pytest.mark.parametrize("name", document()["channels"])
def test_a_channel_describes_every_parameter_of_its_address(name: str) -> None:
    named = re.findall(r"\{(\w+)\}", channel(name)["address"] or "")
    assert list(channel(name).get("parameters", {})) == named
    assert channel(name)["messages"]


@pytest.mark.parametrize(
    ("name", "subject", "values"),
    [
        ("TrustLists", subjects.trust(17), {"version": "17"}),
        ("KeyBundles", subjects.keys(KID), {"kid": KID.hex()}),
        ("Revocations", subjects.revoke(KID), {"kid": KID.hex()}),
        ("Epochs", subjects.epoch("actual", "all", ID), {"realm": "a", "channel": "all", "epoch": ID.hex()[:16]}),
        ("Frames", subjects.frame("exercise", "VN", ID), {"realm": "x", "channel": "vn", "epoch": ID.hex()[:16]}),
    ],
)
def test_the_subjects_are_those_of_the_code(name: str, subject: str, values: dict[str, str]) -> None:
    at_home = channel(f"home{name}")["address"].format(**values)
    at_the_hub = channel(name[0].lower() + name[1:])["address"].format(sender="th", **values)
    assert at_home == subject
    assert at_the_hub == subjects.hub("TH", subject)
    assert subjects.parse(at_the_hub).sender == "TH"


def test_every_channel_but_the_content_of_a_frame_is_one_of_an_operation() -> None:
    used = {operation["channel"]["$ref"].rpartition("/")[2] for operation in document()["operations"].values()}
    assert used == set(document()["channels"]) - {"content"}
    sent = {name for name, operation in document()["operations"].items() if operation["action"] == "send"}
    assert {document()["operations"][name]["channel"]["$ref"].partition("s/")[2][:4] for name in sent} == {"home"}


def test_objects_have_the_magic_and_the_limits_of_the_code() -> None:
    documented = {name: (part.get("x-magic"), part.get("x-max-bytes")) for name, part in _objects().items()}
    assert documented == {
        "trustList": (trustlist.MAGIC.decode(), limits.TRUST_BYTES),
        "revoke": (revoke.MAGIC.decode(), limits.REVOKE_BYTES),
        "keyBundle": (bundle.MAGIC.decode(), limits.BUNDLE_BYTES),
        "epoch": (epoch.MAGIC.decode(), None),
        "frame": (frame.MAGIC.decode(), limits.FRAME_BYTES_MAX),
    }


def _objects() -> dict[str, Any]:
    return {name: part for name, part in document()["components"]["messages"].items() if name not in KINDS}


def test_a_frame_carries_every_kind_each_with_its_published_schema() -> None:
    assert list(channel("content")["messages"]) == list(KINDS)
    for kind in KINDS:
        payload = document()["components"]["messages"][kind]["payload"]
        assert payload["schemaFormat"] == "application/schema+json;version=draft-2020-12"
        assert resolve(payload["schema"]["$ref"])["title"] == kind
