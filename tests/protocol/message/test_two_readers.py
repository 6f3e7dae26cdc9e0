"""The fast reader and the thorough one: whatever the bytes, one verdict (ADR 0010).

`messages.decode_fast` takes bytes straight into their type; `jsonform.parse_precisely` and `messages.decode` read them
over a tree.
`rules.is_consistent` asks what `rules.contradictions` names. `compose.complete` has the same two ways for a publisher.
"""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suar.protocol import compose
from suar.protocol.compose import complete
from suar.protocol.message import jsonform, messages, rules
from suar.protocol.message.messages import Invalid, Message
from suar.published import schemas_dir

VALID = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
INVALID = sorted((schemas_dir() / "examples" / "invalid").rglob("*.json"))
WRITTEN = ("schema", "id", "rev", "status", "sent", "privacy")
BITS = [
    b"", b" ", b'"', b",", b"{", b"}", b"[", b"]", b"\\", b"0", b"-0", b"1.0", b"1e3", b"1E0", b"9007199254740992",
    b"null", b"true", b'"rev":1,', b'"kind":"alert",', b'"tlp":"WHITE",', b"\\u0061", b"\\ud800", b"\\n", b"\xc3\xa9",
    b"e\xcc\x81", b"\xff", b"\xef\xbb\xbf", b"\x00",
]  # fmt: skip
"""What a careless or hostile writer puts into a text."""


def thorough(data: bytes) -> Message | tuple[str, str, str]:
    """The message, or (rule, code, path) of the first fault, read over a tree."""
    try:
        return messages.decode(jsonform.parse_precisely(data))
    except Invalid as invalid:
        return invalid.rule, invalid.reasons[0].code, invalid.reasons[0].path


def fast(data: bytes) -> Message | tuple[str, str, str]:
    """The same of `read`."""
    try:
        return messages.read(data)
    except Invalid as invalid:
        return invalid.rule, invalid.reasons[0].code, invalid.reasons[0].path


def agree(data: bytes) -> bool:
    expected = thorough(data)
    decoded = messages.decode_fast(data)
    return fast(data) == expected and decoded in (None, expected)


def as_written(path: Any) -> list[bytes]:
    """An example as a gateway writes it, as another one may, and as a person does."""
    tree = json.loads(path.read_bytes())
    message = messages.encode(messages.decode(tree))
    plain = json.dumps(dict(reversed(tree.items())), ensure_ascii=False, separators=(",", ":")).encode()
    return [message, plain, json.dumps(tree, ensure_ascii=False, indent=1).encode()]


@pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])
def test_every_kind_goes_the_fast_way_in_any_order_of_its_keys(path: Any) -> None:
    ours, other, spaced = as_written(path)
    expected = thorough(ours)
    assert messages.decode_fast(ours) == messages.decode_fast(other) == messages.decode_fast(spaced) == expected


@pytest.mark.parametrize("path", INVALID, ids=[path.stem for path in INVALID])
def test_no_invalid_example_goes_the_fast_way(path: Any) -> None:
    data = path.read_bytes()
    message = messages.decode_fast(data)
    assert message is None or not rules.is_consistent(message)
    assert agree(data)


@settings(max_examples=400)
@given(st.sampled_from(VALID), st.integers(0, 2), st.data())
def test_a_message_with_bytes_changed_gets_one_verdict(path: Any, way: int, data: st.DataObject) -> None:
    text = bytearray(as_written(path)[way])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(BITS) | st.binary(max_size=2))
    assert agree(bytes(text))


@settings(max_examples=200)
@given(st.sampled_from(VALID), st.data())
def test_a_repeated_key_is_refused_at_any_depth(path: Any, data: st.DataObject) -> None:
    ours = as_written(path)[0].decode()
    objects = [found.end() - 1 for found in re.finditer(r'[\[:{,]?{"', ours)]
    at = data.draw(st.sampled_from(objects))
    key = json.JSONDecoder().raw_decode(ours[at:])[0]
    value = data.draw(st.sampled_from(["1", "null", '"x"', "[]", "{}"]))
    doubled = f"{ours[:at]}{json.dumps(key, ensure_ascii=False)}:{value},{ours[at:]}".encode()
    assert messages.decode_fast(doubled) is None
    assert agree(doubled)
    refused = fast(doubled)
    assert isinstance(refused, tuple)
    assert refused[:2] == ("F8", "E-MESSAGE-FORM")


@settings(max_examples=300)
@given(st.sampled_from(VALID), st.data())
def test_a_rule_that_finds_something_is_one_that_is_applied(path: Any, data: st.DataObject) -> None:
    tree = json.loads(path.read_bytes())
    others = [json.loads(other.read_bytes()) for other in VALID if other.stem.split("-")[0] == path.stem.split("-")[0]]
    for key in data.draw(st.lists(st.sampled_from([key for key in tree if key not in ("kind", "schema")]), max_size=4)):
        other = data.draw(st.sampled_from(others))
        if key in other:
            tree[key] = other[key]
        else:
            tree.pop(key, None)
    try:
        message = messages.decode(tree)
    except Invalid:
        return
    assert rules.is_consistent(message) == (rules.contradictions(message) == ())


def made(data: bytes) -> object:
    """What becomes of a publisher's bytes: the message as it leaves, or every reason."""
    try:
        return complete(data, member="KH", realm="actual", now=1_803_953_700_000, ledger=None)
    except Invalid as invalid:
        return invalid.rule, invalid.reasons


def as_drafted(path: Any) -> bytes:
    """An example as a person hands it in."""
    tree = {key: value for key, value in json.loads(path.read_bytes()).items() if key not in WRITTEN}
    if "issuer" in tree:
        tree["issuer"].pop("member")
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


@settings(max_examples=300)
@given(st.sampled_from(VALID), st.data())
def test_a_draft_with_bytes_changed_becomes_the_same_on_both_ways(path: Any, data: st.DataObject) -> None:
    text = bytearray(as_drafted(path))
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(BITS) | st.binary(max_size=2))
    fast = made(bytes(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "compact", lambda _: None)
        patch.setattr(jsonform, "compact", lambda _: None)
        assert made(bytes(text)) == fast
