"""Reading across minors (messages.md section 5), for every kind: strict up to ours, lenient above it, never a major."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from suar.protocol.message import fields as f
from suar.protocol.message import kinds, messages, minors, rules
from suar.protocol.message.kinds import Alert
from suar.protocol.message.messages import Invalid
from suar.protocol.message.minors import since
from suar.protocol.message.spec import fields_of
from suar.published import schemas_dir

VALID = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
examples = pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])
NO_NAMES = ["{}/2.0", "{}/0.9", "{}/1.-1", "{}/1.01", "{}/1.00000", "{}/1", "other/1.1", "{}/1.1 "]
every_kind = pytest.mark.parametrize("kind", sorted(messages.KINDS))


def tree_of(path: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(path.read_bytes())
    return tree


def of_kind(kind: str) -> dict[str, Any]:
    return tree_of(next(path for path in VALID if path.stem.startswith(f"{kind}-")))


def written(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def refused(tree: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        messages.read(written(tree))
    return caught.value.reasons[0].code, caught.value.reasons[0].path


def with_a_field_more(value: Any, shape: Any) -> Any:
    """The tree with an unknown field in every object of it."""
    if isinstance(value, list):
        return [with_a_field_more(item, shape) for item in value]
    if not isinstance(value, dict) or shape is None:
        return value
    made = {}
    for key, item in value.items():
        found = fields_of(shape).get(key)
        made[key] = with_a_field_more(item, found and (found[1].struct or (found[1].item and found[1].item.struct)))
    return {**made, "of_a_later_minor": {"any": ["thing", 7]}}


def codes_of(value: Any, shape: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every code of a closed list in a tree, but the kind and the schema."""
    for key, (_, spec, _) in fields_of(shape).items():
        if key not in value or key == "schema":
            continue
        inside = spec.item or spec
        items = enumerate(value[key]) if isinstance(value[key], list) else [(None, value[key])]
        for number, item in items:
            here = (*at, key) if number is None else (*at, key, number)
            if inside.struct and isinstance(item, dict):
                yield from codes_of(item, inside.struct, here)
            elif (inside.codes and not spec.codes) or (spec.codes and not spec.item):
                yield here


def put(tree: Any, position: tuple[Any, ...], value: Any) -> Any:
    tree = json.loads(json.dumps(tree))
    node = tree
    for step in position[:-1]:
        node = node[step]
    node[position[-1]] = value
    return tree


@examples
def test_a_higher_minor_is_read_without_what_it_added(path: Path) -> None:
    tree = tree_of(path)
    kind = tree["kind"]
    later = with_a_field_more({**tree, "schema": f"{kind}/1.7"}, messages.KINDS[kind])
    message = messages.read(written(later))
    rules.compare_fields(message)
    assert messages.is_higher_minor(message.schema)
    assert json.loads(messages.encode(message)) == {**tree, "schema": f"{kind}/1.7"}
    assert refused({**later, "schema": f"{kind}/1.0"})[0] == "E-MESSAGE-UNKNOWN-FIELD"


@examples
def test_an_unknown_code_is_read_in_a_higher_minor_only(path: Path) -> None:
    tree = tree_of(path)
    later = {**tree, "schema": f"{tree['kind']}/1.7"}
    positions = list(codes_of(tree, messages.KINDS[tree["kind"]]))
    assert positions
    for position in positions:
        assert refused(put(tree, position, "of-a-later-minor"))[0] == "E-MESSAGE-CODE", position
        changed = put(later, position, "of-a-later-minor")
        if position == ("action",):  # it says what becomes of earlier revisions
            assert refused(changed) == ("E-MESSAGE-CODE", "$.action")
            continue
        message = messages.read(written(changed))
        node: Any = json.loads(messages.encode(message))
        if position[0] == "handling":
            assert set(node["handling"]) - set(tree["handling"]) <= {"originator-consent"}
            assert "originator-consent" in node["handling"]
            continue
        for step in position:
            node = node[step]
        assert node in (("RED",) if position == ("tlp",) else ("of-a-later-minor", "other")), position


@every_kind
def test_white_is_read_as_clear_also_from_bytes(kind: str) -> None:
    if kind == "receipt":
        assert refused({**of_kind(kind), "tlp": "WHITE"}) == ("E-MESSAGE-UNKNOWN-FIELD", "$.tlp")
        return
    tree = {**of_kind(kind), "tlp": "WHITE"}
    message = messages.read(written(tree))
    assert not isinstance(message, messages.Receipt)
    assert message.tlp == "CLEAR"


@pytest.mark.parametrize(("minor", "is_read"), [("99999", True), ("100000", False), ("010000", False)])
def test_a_minor_has_five_digits_at_most(minor: str, is_read: bool) -> None:
    tree = {**of_kind("alert"), "schema": f"alert/1.{minor}"}
    if is_read:
        assert messages.read(written(tree)).schema == tree["schema"]
    else:
        assert refused(tree) == ("E-MESSAGE-SCHEMA", "$.schema")


LISTS = [(path, key) for path in VALID for key, value in tree_of(path).items() if isinstance(value, list)]


@pytest.mark.parametrize(("path", "key"), LISTS, ids=[f"{path.stem}-{key}" for path, key in LISTS])
def test_lists_of_a_higher_minor_hold_no_duplicates(path: Path, key: str) -> None:
    tree = {**tree_of(path), "schema": f"{path.stem.partition('-')[0]}/1.7"}
    again = {**tree, key: [tree[key][0], *tree[key]]}
    code, where = refused(again)
    assert code == "E-MESSAGE-FIELD"
    assert where in (f"$.{key}[1]", f"$.{key}")  # or there is room for one alone


def test_two_items_of_a_higher_minor_that_we_read_alike_are_no_duplicates() -> None:
    tree = {**of_kind("alert"), "schema": "alert/1.7", "handling": ["x-new", "x-newer"]}
    location = {"country": "TH", "role": "origin"}
    tree["places"] = [location | {"later": 1}, location | {"later": True}, location]
    message = messages.read(written(tree))
    assert not isinstance(message, messages.Receipt)
    assert message.handling == ("originator-consent",)
    assert isinstance(message, Alert)
    assert message.places is not UNSET
    assert len(message.places) == 1
    tree["places"].append({"role": "origin", "country": "TH"})
    assert refused(tree) == ("E-MESSAGE-FIELD", "$.places[3]")


@every_kind
@pytest.mark.parametrize(
    "name", ["{}/2.0", "{}/0.9", "{}/1.-1", "{}/1.01", "{}/1.00000", "{}/1", "other/1.1", "{}/1.1 "]
)
def test_another_major_and_what_is_no_schema_name_is_refused(kind: str, name: str) -> None:
    assert refused({**of_kind(kind), "schema": name.format(kind)}) == ("E-MESSAGE-SCHEMA", "$.schema")


# -- a reader of the next minor


class LaterContact(kinds.Contact, frozen=True, kw_only=True, tag="contact"):
    """What a contact could be in its next minor: one optional field more."""

    schema: Literal["contact/1.0", "contact/1.1"]  # type: ignore[assignment]  # the next minor of a type that exists
    capacity_places: Annotated[f.Count, since("1.1")] | UnsetType = UNSET


@pytest.fixture
def later_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    later = {**kinds.KINDS, "contact": LaterContact}
    union = msgspec.json.Decoder(LaterContact | kinds.Alert)
    monkeypatch.setattr(messages, "KINDS", later)
    monkeypatch.setattr(messages, "READ_SCHEMAS", {**messages.READ_SCHEMAS, "contact": ("contact/1.0", "contact/1.1")})
    monkeypatch.setattr(messages, "WRITTEN_SCHEMA", {**messages.WRITTEN_SCHEMA, "contact": "contact/1.1"})
    monkeypatch.setattr(messages, "OLDER_SCHEMAS", frozenset({"contact/1.0"}))
    monkeypatch.setattr(messages, "decode_bytes", union.decode)


@pytest.mark.usefixtures("later_reader")
def test_a_reader_of_the_next_minor_reads_ours_and_its_own_strictly_and_the_one_after_leniently() -> None:
    ours = of_kind("contact")
    assert json.loads(messages.encode(messages.read(written(ours)))) == ours
    next_one = {**ours, "schema": "contact/1.1", "capacity_places": 4}
    assert json.loads(messages.encode(messages.read(written(next_one)))) == next_one
    assert refused({**next_one, "remark": "x"}) == ("E-MESSAGE-UNKNOWN-FIELD", "$.remark")
    message = messages.read(written({**next_one, "schema": "contact/1.2", "remark": "x"}))
    assert json.loads(messages.encode(message)) == {**next_one, "schema": "contact/1.2"}


@pytest.mark.usefixtures("later_reader")
def test_a_reader_of_the_next_minor_refuses_in_ours_what_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = of_kind("contact")
    assert refused({**ours, "capacity_places": 4}) == ("E-MESSAGE-UNKNOWN-FIELD", "$.capacity_places")
    location = {"country": ours["coverage"]["country"], "role": "transit"}
    later = {**ours, "places": [location]}
    assert messages.read(written(later)).schema == "contact/1.0"
    monkeypatch.setattr(minors, "introduced_in", lambda _codes: {"transit": "1.1"})
    minors.added.cache_clear()
    assert refused(later) == ("E-MESSAGE-CODE", "$.places[0].role")
    assert str(messages.read(written({**later, "schema": "contact/1.1"})).schema) == "contact/1.1"
    minors.added.cache_clear()


def test_what_came_with_receipt_1_1_is_refused_in_1_0_and_read_in_1_1() -> None:
    ours = of_kind("receipt")
    held = {**ours, "stage": "held-by-law"}
    counted = {**ours, "stage": "recalled", "exports": 2}
    assert refused(held) == ("E-MESSAGE-CODE", "$.stage")
    assert refused(counted) == ("E-MESSAGE-UNKNOWN-FIELD", "$.exports")
    for tree in (held, counted, {**held, "exports": 0}):
        later = {**tree, "schema": "receipt/1.1"}
        assert json.loads(messages.encode(messages.read(written(later)))) == later
        assert messages.decode_fast(written(later)) is not None, "the fast way"
    assert refused({**counted, "schema": "receipt/1.1", "exports": -1}) == ("E-MESSAGE-FIELD", "$.exports")
    assert refused({**counted, "schema": "receipt/1.1", "others": 1}) == ("E-MESSAGE-UNKNOWN-FIELD", "$.others")


def test_receipts_of_the_first_minor_are_read_the_fast_way() -> None:
    for path in VALID:
        if path.stem.startswith("receipt-"):
            data = messages.encode(messages.read(path.read_bytes()))
            assert messages.decode_fast(data) is not None, path.stem


LATER_CODES = {"held-by-law": "1.1"}


def test_every_code_of_today_came_with_the_first_version_but_for_those_of_receipt_1_1() -> None:
    for kind in messages.KINDS.values():
        for spec in closed(kind):
            later = {code: version for code, version in minors.introduced_in(spec.codes).items() if version != "1.0"}
            assert later in ({}, LATER_CODES)
            assert spec.codes[0] in ("all", "receipt/1.0") or set(minors.introduced_in(spec.codes)) | {"total"} >= set(
                spec.codes
            )


def closed(shape: Any) -> Iterator[Any]:
    for key, (_, spec, _) in fields_of(shape).items():
        inside = spec.item or spec
        if inside.struct:
            yield from closed(inside.struct)
        elif inside.codes and key != "schema":
            yield inside
