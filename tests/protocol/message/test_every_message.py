"""Every valid message of every kind comes back whole; and no message of any kind takes a field that is not in it."""

import json
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.published_schemas import VALIDATORS
from suar.protocol.authoring import english
from suar.protocol.base import limits
from suar.protocol.compose import complete
from suar.protocol.message import kind as kind_modules
from suar.protocol.message import messages, rules
from suar.protocol.message.inspection import Inspection
from suar.protocol.message.kinds import KINDS, PUBLISHED
from suar.protocol.message.messages import Invalid
from suar.protocol.message.spec import LINK, MAIL, Spec, fields_of
from suar.standard.schemas_export import schema
from support.depth import share
from support.strategies import drafts, trees

NOW = 1_800_000_000_000
PERSON = ("name", "victim", "passport", "date_of_birth", "face", "phone_of_victim", "street", "latitude", "remark")
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))
published = pytest.mark.parametrize("kind", PUBLISHED)
some = settings(max_examples=share(60))


def written(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def objects(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a tree, the tree itself included."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, f"{path}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from objects(item, f"{path}[{at}]")


@every_kind
@some
@given(data=st.data())
def test_every_valid_message_comes_back_byte_for_byte_and_is_valid_everywhere(kind: str, data: st.DataObject) -> None:
    tree = data.draw(trees(kind))
    message = messages.read(written(tree))
    assert rules.contradictions(message) == ()
    assert messages.encode(message) == written(tree)
    assert messages.read(messages.encode(message)) == message
    inspection = Inspection()
    assert (inspection.message(KINDS[kind], tree), inspection.reasons) == (message, [])
    assert all(validator(kind).is_valid(tree) for validator in VALIDATORS)
    if not isinstance(message, messages.Receipt):
        text = english.generated(message)
        assert 1 <= len(text.title) <= 120
        assert 1 <= len(text.summary) <= 800


@published
@some
@given(data=st.data())
def test_every_draft_leaves_as_a_message_that_every_reader_takes(kind: str, data: st.DataObject) -> None:
    tree = data.draw(drafts(kind, "TH"))
    tree["expires"] = "2027-02-01T00:00:00Z"
    made = complete(written(tree), member="TH", realm="exercise", now=NOW, ledger=None)
    message = messages.read(made.data)
    assert message == made.message
    assert rules.contradictions(message) == ()
    kept = json.loads(made.data)
    assert {key: kept[key] for key in tree if key not in ("text", "id")} == {
        key: tree[key] for key in tree if key not in ("text", "id")
    }


@every_kind
@some
@given(data=st.data(), key=st.sampled_from(PERSON) | st.text(min_size=1, max_size=20))
def test_no_object_of_a_message_takes_one_more_field(kind: str, data: st.DataObject, key: str) -> None:
    tree = data.draw(trees(kind))
    path, node = data.draw(st.sampled_from(list(objects(tree))))
    if key in known_at(kind, path):
        return
    node[key] = data.draw(st.sampled_from(["a person", 7, True, ["a person"], {"name": "a person"}]))
    with pytest.raises(Invalid) as refused:
        messages.read(written(tree))
    assert refused.value.rule == "F8"
    assert not any(validator(kind).is_valid(tree) for validator in VALIDATORS)
    if kind != "receipt":
        with pytest.raises(Invalid):
            complete(written(tree), member="TH", realm="exercise", now=NOW, ledger=None)


def known_at(kind: str, path: str) -> set[str]:
    """The keys that the object at a path may have."""
    shape: Any = KINDS[kind]
    for step in path.split(".")[1:]:
        found = fields_of(shape)[step.partition("[")[0]][1]
        shape = found.struct or (found.item and found.item.struct)
    return {"kind", *fields_of(shape)} if path == "$" else set(fields_of(shape))


def shapes(shape: Any) -> Iterator[Any]:
    yield shape
    for _, found, _ in fields_of(shape).values():
        inner = found.struct or (found.item and found.item.struct)
        if inner:
            yield from shapes(inner)


@every_kind
def test_every_object_is_closed_and_every_value_bounded(kind: str) -> None:
    for shape in shapes(KINDS[kind]):
        assert shape.__struct_config__.forbid_unknown_fields
        for key, (_, found, _) in fields_of(shape).items():
            inside = found.item or found
            assert inside.struct or inside.codes or is_bounded(inside), (shape.__name__, key)
            assert found.item is None or longest(found) <= 2000, (shape.__name__, key)
    closed = [part for part in schema(kind)["$defs"].values() if part.get("type") == "object"]
    assert closed
    assert all(part["additionalProperties"] is False for part in closed)


def longest(found: Spec) -> int:
    """The most items of a list."""
    return min((meta.max_length for meta in found.metas if meta.max_length is not None), default=10**9)


def free_text(shape: Any) -> int:
    """The most characters of free text that an object and all below it can hold."""
    total = 0
    for _, found, _ in fields_of(shape).values():
        inside, times = found.item or found, longest(found) if found.item else 1
        if inside.struct:
            total += times * free_text(inside.struct)
        elif inside.text not in (None, LINK, MAIL):
            total += times * longest(inside)
    return total


@every_kind
def test_the_free_text_of_a_message_is_bounded(kind: str) -> None:
    assert free_text(KINDS[kind]) <= limits.FREE_TEXT_MAX


def test_the_bound_of_free_text_is_that_of_the_longest_kind() -> None:
    assert max(map(free_text, KINDS.values())) == limits.FREE_TEXT_MAX


def is_bounded(found: Spec) -> bool:
    """A number with both ends, true or false, or text of limited length that has a pattern or is looked at."""
    base = found.type.__origin__ if hasattr(found.type, "__origin__") else found.type
    metas = found.metas
    if base is bool:
        return True
    if base is int:
        return any(meta.ge is not None and meta.le is not None for meta in metas)
    has_length = any(meta.max_length is not None for meta in metas)
    return base is str and has_length and (found.text is not None or any(meta.pattern for meta in metas))


def module_of(kind: str) -> ModuleType:
    return import_module(f"{kind_modules.__name__}.{kind}")


def test_the_kinds_of_the_list_are_the_kinds_of_the_code() -> None:
    from suar.protocol.base.codelists import codes

    written = {name.name for name in iter_modules(kind_modules.__path__) if hasattr(module_of(name.name), "KIND")}
    missing = written - set(codes("kind"))
    assert missing == set(), "schemas/codelists/kind.csv: write a row for each of these modules of message/kind/"
    assert set(codes("kind")) - written == set(), (
        "gateway/suar/protocol/message/kind/: write a module for each of these"
    )
    assert codes("kind") == tuple(KINDS)
    assert all(issubclass(shape, msgspec.Struct) for shape in KINDS.values())
