"""Every message in every format that can carry it, read back by a validator of that format's own standard."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sdmx
import stix2
from lxml import etree
from stix2validator import ValidationOptions, validate_string
from stix2validator.v21 import enums

from exchange_formats import make_structure
from suar.exchange.outgoing.cap_words import NAMESPACE
from suar.exchange.outgoing.formats import FORMATS, convert
from suar.exchange.outgoing.sdmx import OBS_STATUS, code_of, period_of
from suar.exchange.outgoing.stix import TLP_EXTENSION, TLP_MARKINGS
from suar.protocol.base.codelists import codes, labels
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, marked
from suar.protocol.message.kinds import DIMENSIONS, PUBLISHED, Alert, Trend
from suar.protocol.message.messages import encode, read
from suar.published import schemas_dir

EXAMPLES = sorted((schemas_dir() / "examples/valid").glob("*.json"))
TLPS = [code for code in codes("tlp") if code != "WHITE"]  # which is read as CLEAR and never written
OF_KIND = {kind: [path for path in EXAMPLES if path.name.startswith(kind)] for kind in PUBLISHED}
CAP_SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("CAP-v1.2.xsd")))
HARDENED = etree.XMLParser(resolve_entities=False, no_network=True)


def example(kind: str, **changes: Any) -> bytes:
    """A valid message of a kind with some fields changed (None: without the field)."""
    tree = json.loads(OF_KIND[kind][0].read_bytes()) | changes
    data = json.dumps({name: value for name, value in tree.items() if value is not None}).encode()
    read(data)
    return data


def carried(name: str) -> list[Any]:
    return [pytest.param(path, id=path.stem) for kind in FORMATS[name].kinds for path in OF_KIND[kind]]


def test_every_kind_has_an_example() -> None:
    assert all(OF_KIND.values())


@pytest.mark.parametrize("name", FORMATS)
def test_a_kind_that_a_format_cannot_carry_is_refused(name: str) -> None:
    for kind in set(PUBLISHED) - set(FORMATS[name].kinds):
        with pytest.raises(Fault, match=f"{name} carries .*, not {kind}"):
            convert(example(kind), name)
    receipt = next((schemas_dir() / "examples/valid").glob("receipt*.json")).read_bytes()
    with pytest.raises(Fault, match="a receipt is a gateway's own record"):
        convert(receipt, name)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_every_format_names_who_signed_it(name: str) -> None:
    """[F8] What was held before that rule may say that another member issued it; the id's member signed it."""
    for kind in FORMATS[name].kinds:
        tree = json.loads(example(kind))
        other = next(code for code in ("SG", "TH") if code != tree["id"][:2])
        forged = example(kind, issuer=tree["issuer"] | {"member": other})
        true = example(kind, issuer=tree["issuer"] | {"member": tree["id"][:2]})
        assert forged != true
        assert convert(forged, name) == convert(true, name)


@pytest.mark.parametrize("kind", ["alert", "pattern"])
def test_the_body_is_after_the_member_that_signed(kind: str) -> None:
    """A body is free text of the sender: it may be the name of another member's police."""
    tree = json.loads(example(kind))
    signed = labels("member")[tree["id"][:2]]
    forged = example(kind, issuer=tree["issuer"] | {"member": "SG", "body": "Singapore Police Force"})
    text = f"{signed}: Singapore Police Force"
    assert signed != "Singapore"
    [identity] = objects(forged)["identity"]
    assert identity["name"] == text
    if kind == "alert":
        names = texts(cap_of(forged), "info/senderName")
        assert names == [text] * len(tree["text"])
    for name in ("cap", "stix"):
        if kind in FORMATS[name].kinds:
            made = convert(forged, name).decode()
            assert made.count("Singapore Police Force") == made.count(text)


def test_the_secretariat_is_named_as_people_name_it() -> None:
    tree = json.loads(example("alert"))
    ours = example("alert", id=f"XA{tree['id'][2:]}", issuer=tree["issuer"] | {"member": "XA", "body": "Desk"})
    assert texts(cap_of(ours), "info/senderName")[0] == "ASEAN Secretariat: Desk"


# -- JSON


@pytest.mark.parametrize("path", carried("json"))
def test_json_is_the_signed_bytes(path: Path) -> None:
    data = path.read_bytes()
    assert convert(data, "json") == data


def test_json_of_a_later_minor_does_not_leave() -> None:
    later = json.loads(example("alert")) | {"schema": "alert/1.7", "victim_name": "x"}
    data = json.dumps(later).encode()
    with pytest.raises(Fault, match=r"alert/1\.7, newer than this version"):
        convert(data, "json")
    for name in ("cap", "stix", "csv"):
        assert b"victim_name" not in convert(data, name)


# -- CAP


def cap_of(data: bytes, earlier: bytes | None = None) -> etree._Element:
    made = convert(data, "cap", earlier)
    root = etree.fromstring(made, HARDENED)
    CAP_SCHEMA.assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    steps = "/".join(f"cap:{step}" for step in path.split("/"))
    return [str(found.text) for found in root.findall(steps, {"cap": NAMESPACE})]


@pytest.mark.parametrize("path", carried("cap"))
def test_cap_is_valid(path: Path) -> None:
    alert = read(path.read_bytes())
    assert isinstance(alert, Alert)
    root = cap_of(path.read_bytes())
    assert texts(root, "info/headline") == [marked(text.title, alert.status) for text in alert.text]
    assert texts(root, "info/urgency")[0].lower() == alert.urgency
    assert f"TLP:{alert.tlp}" in texts(root, "code")
    assert texts(root, "status") == [alert.status.capitalize()]
    assert b"tel:" not in etree.tostring(root)


@pytest.mark.parametrize("tlp", TLPS)
def test_cap_carries_the_marking(tlp: str) -> None:
    named = {"members": ["KH", "LA"]}
    root = cap_of(example("alert", tlp=tlp, handling=["no-media"], audience=named))
    assert texts(root, "code") == [f"TLP:{tlp}", "handling:no-media"]
    assert texts(root, "scope") == ["Private"]
    assert texts(root, "addresses") == ["KH LA"]
    assert labels("handling")["no-media"] in texts(root, "restriction")[0]


def test_what_anybody_may_read_is_public() -> None:
    everybody = {"members": "all"}
    root = cap_of(example("alert", tlp="CLEAR", handling=None, audience=everybody))
    assert (texts(root, "scope"), texts(root, "restriction"), texts(root, "addresses")) == (["Public"], [], [])
    root = cap_of(example("alert", tlp="GREEN", handling=None, audience=everybody))
    assert (texts(root, "scope"), texts(root, "addresses")) == (["Restricted"], [])


def test_an_update_refers_to_what_it_replaces() -> None:
    first = example("alert", action="new", rev=1, reason=None)
    second = example("alert", action="update", rev=2, sent="2027-01-16T08:00:00Z", reason="a second crossing")
    root = cap_of(second, first)
    one, two = json.loads(first), json.loads(second)
    assert texts(root, "msgType") == ["Update"]
    sent = one["sent"].removesuffix("Z")
    assert texts(root, "references") == [f"suar.{one['issuer']['member']},{one['id']}.1,{sent}-00:00"]
    assert texts(root, "identifier") == [f"{two['id']}.2"]
    assert texts(cap_of(second), "references") == []


def test_text_that_xml_would_read_as_markup() -> None:
    hostile = "</headline><web>http://x</web> & \u0007 \"'"
    text = [{"lang": "en", "title": hostile, "summary": "]]> <!-- &amp; -->"}]
    root = cap_of(example("alert", text=text))
    assert texts(root, "info/headline") == [hostile.replace("\u0007", " ")]
    assert texts(root, "info/web") == []


# -- STIX


FORMATS_PAGE = Path(__file__).parents[2] / "docs/formats.md"
NOT_LISTED = [code for code in codes("language") if code not in enums.LANG_CODES]
"""The validator's list has 232 languages of one maker's systems; RFC 5646 takes every one of ISO 639."""


def test_the_languages_that_the_validator_does_not_know_are_disclosed() -> None:
    listed = FORMATS_PAGE.read_text().partition("<!-- languages that the validator lacks -->\n")[2].partition("\n\n")[0]
    assert re.findall(r"`([a-z]+)`", listed) == NOT_LISTED


def objects(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The objects of a bundle by type, once both validators have passed it."""
    made = convert(data, "stix").decode()
    stix2.parse(made, allow_custom=False, version="2.1")
    result = validate_string(made, ValidationOptions(version="2.1", strict=True))
    errors = [str(error) for error in result.errors]
    known = re.compile(rf"Invalid key '({'|'.join(NOT_LISTED)})' in 'contents' property must be an RFC 5646 code")
    assert [each for each in errors if not known.search(each)] == []
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(made)["objects"]:
        found.setdefault(each["type"], []).append(each)
    return found


@pytest.mark.parametrize("path", carried("stix"))
def test_stix_is_valid(path: Path) -> None:
    message = read(path.read_bytes())
    found = objects(path.read_bytes())
    (main,) = found["incident" if isinstance(message, Alert) else "attack-pattern"]
    assert main["external_references"][0]["external_id"] == json.loads(path.read_bytes())["id"]
    every = [each for sort, made in found.items() if sort != "marking-definition" for each in made]
    marks = {each["id"] for each in found["marking-definition"]}
    assert all(set(each["object_marking_refs"]) == marks for each in every)
    assert convert(path.read_bytes(), "stix") == convert(path.read_bytes(), "stix")  # the same each time


@pytest.mark.parametrize("tlp", TLPS)
def test_stix_carries_the_marking(tlp: str) -> None:
    found = objects(example("alert", tlp=tlp, handling=["no-media"], audience={"members": ["KH"]}))
    by_id = {each["id"]: each for each in found["marking-definition"]}
    official = by_id.pop(TLP_MARKINGS[tlp])
    assert official["extensions"][TLP_EXTENSION] == {"extension_type": "property-extension", "tlp_2_0": tlp.lower()}
    (statement,) = by_id.values()
    assert "no-media" in statement["definition"]["statement"]
    assert "KH" in statement["definition"]["statement"]


def test_a_cancelled_alert_is_revoked() -> None:
    found = objects(example("alert", action="cancel", rev=3, reason="an error"))
    assert found["incident"][0]["revoked"] is True


def test_two_revisions_are_two_objects() -> None:
    first, second = objects(example("alert", action="new", rev=1)), objects(example("alert", action="update", rev=2))
    assert first["incident"][0]["id"] != second["incident"][0]["id"]


# -- CSV


def rows(data: bytes) -> list[list[str]]:
    """The rows of a CSV that keeps to RFC 4180: CR LF, strict quotation, as many cells in each."""
    text = data.decode("utf-8")
    assert text.replace("\r\n", "").count("\n") == 0
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(each) for each in found}) == 1
    return found


@pytest.mark.parametrize("path", carried("csv"))
def test_csv_is_valid(path: Path) -> None:
    message = read(path.read_bytes())
    header, *lines = rows(convert(path.read_bytes(), "csv"))
    if not isinstance(message, Trend):
        assert header == ["field", "value"]
        tree = msgspec.json.decode(path.read_bytes())
        for text in tree["text"]:
            text["title"] = marked(text["title"], tree["status"])
        leaves = {"exercise": BANNER} if tree["status"] == "exercise" else {}
        leaves |= dict(_leaves("", tree))
        assert {name: value for name, value in lines if name != "kind"} == {
            name: _plain(value) for name, value in leaves.items() if name != "kind"
        }
        return
    assert len(lines) == len(message.obs)
    for line, cell in zip(lines, message.obs, strict=True):
        named = dict(zip(header, line, strict=True))
        assert named["value"] == ("" if cell.value is None else str(cell.value))
        assert (named["period"], named["status"], named["country"]) == (cell.period, cell.status, cell.place.country)
        assert all(named[dim] == getattr(cell.dims, dim) for dim in (message.dims or ()))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path, value
        return
    for key, inside in items:
        yield from _leaves(f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip("."), inside)


def _plain(value: Any) -> str:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text[:1] in "=+-@" and isinstance(value, str) and text else text


BLANKS = (" ", "   ", "\u00a0", "\u2003", "\u3000", "\x0b", "\u200b", "\ufeff", "\u3164", " \u00a0")
BLANK = [f"{blank}=1+1" for blank in BLANKS]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\uff1d1+1", "\uff0b1", "\uff20x", *BLANK])
def test_no_formula_leaves(title: str) -> None:
    text = [{"lang": "en", "title": title, "summary": 'a "quoted", line\r\nand another'}]
    lines = dict(rows(convert(example("alert", text=text), "csv"))[1:])
    assert lines["text[0].title"] == f"'{title.replace(chr(0x0B), ' ').replace(chr(0xFEFF), ' ')}"
    assert lines["text[0].summary"] == 'a "quoted", line\r\nand another'


@pytest.mark.parametrize("title", [" a title", "a = b", "\u00a0", "x-ray"])
def test_a_cell_that_runs_nothing_is_as_it_is(title: str) -> None:
    text = [{"lang": "en", "title": title, "summary": "s"}]
    assert dict(rows(convert(example("alert", text=text), "csv"))[1:])["text[0].title"] == title


# -- SDMX


@pytest.fixture(scope="module")
def flow() -> Any:
    with (schemas_dir() / "sdmx/trend.xml").open("rb") as file:
        structure: Any = sdmx.read_sdmx(file)  # the library types what a file holds by what it turns out to be
        return structure.dataflow["TREND"]


def test_the_shipped_structure_is_that_of_the_code_lists() -> None:
    assert (schemas_dir() / "sdmx/trend.xml").read_bytes() == make_structure.written()


@pytest.mark.parametrize("path", carried("sdmx-csv"))
def test_sdmx_csv_is_valid(path: Path, flow: Any) -> None:
    trend = read(path.read_bytes())
    assert isinstance(trend, Trend)
    made = convert(path.read_bytes(), "sdmx-csv")
    assert len(rows(made)) == len(trend.obs) + 1
    found: Any = sdmx.read_sdmx(io.BytesIO(made), format="csv", structure=flow)
    (data,) = found.data
    assert data.action.name == "information"
    allowed = {
        each.id: {code.id for code in each.local_representation.enumerated}
        for each in (*flow.structure.dimensions, *flow.structure.attributes)
        if each.local_representation and each.local_representation.enumerated
    }
    for seen, cell in zip(data.obs, trend.obs, strict=True):
        key = {name: value.value for name, value in seen.dimension.values.items()}
        assert (seen.value or "") == ("" if cell.value is None else str(cell.value))
        assert key["TIME_PERIOD"] == period_of(cell.period)
        for dim in DIMENSIONS:
            code = getattr(cell.dims, dim)
            assert key[dim.upper()] == ("_Z" if code is msgspec.UNSET else code_of(dim, code))
        assert seen.attached_attribute["OBS_STATUS"].value == OBS_STATUS[cell.status]
        found = key | {name: value.value for name, value in seen.attached_attribute.items()}
        assert {name: value for name, value in found.items() if name in allowed and value not in allowed[name]} == {}


def test_every_code_has_one_in_sdmx() -> None:
    import re

    for component in (*make_structure.OURS, "OBS_STATUS", *(dim.upper() for dim in DIMENSIONS)):
        found = make_structure.codes_of(component)
        assert all(re.fullmatch(r"[A-Za-z0-9_@$+-]+", code) for code in found), component
    assert set(OBS_STATUS) == set(codes("obs-status"))


# -- what is lost


def test_the_table_of_losses_names_every_field() -> None:
    """A field that a kind gets tomorrow has to be thought of in every format."""
    from suar.protocol.message.kinds import KINDS

    document = (Path(__file__).parents[2] / "docs/formats.md").read_text()
    for name, each in FORMATS.items():
        section = document.split(f"\n## Export: {name}\n", 1)[1].split("\n## ", 1)[0]
        if name in ("json", "csv"):
            continue  # the bytes as they are; every field a row
        for kind in each.kinds:
            missing = [field for field in KINDS[kind].__struct_encode_fields__ if f"`{field}`" not in section]
            assert missing == [], (name, kind)


def test_encoding_again_is_not_exporting() -> None:
    """What `json` must not do: the same message, other bytes, no signature."""
    data = json.dumps(json.loads(example("alert")), indent=2).encode()
    assert encode(read(data)) != data
    assert convert(data, "json") == data
