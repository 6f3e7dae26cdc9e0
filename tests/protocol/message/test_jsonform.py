"""The JSON form: one verdict on both ways, from any bytes a value or Invalid, and each bound on both sides."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.protocol.base import limits
from suar.protocol.base.reasons import CODES, MAX_KEY, Invalid, step
from suar.protocol.message import jsonform
from suar.published import schemas_dir

EXAMPLES = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
RANGES = [
    [int(each, 16) for each in line.split(",")] for line in (schemas_dir() / "unicode.csv").read_text().split()[1:]
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-limits.INTEGER_MAX - 2, limits.INTEGER_MAX + 2)
    | st.text(max_size=12)
    | st.floats()
)
trees = st.dictionaries(
    st.text(max_size=6),
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_size=6,
)


def verdict(parse: Any, data: bytes) -> Any:
    try:
        return parse(data)
    except Invalid as invalid:
        return [(reason.code, reason.rule, reason.path) for reason in invalid.reasons]


def is_listed(code: int) -> bool:
    return any(first <= code <= last for first, last in RANGES)


def is_allowed(value: Any) -> bool:
    """The rule on values, written a second time and plainly."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value) == value and all(is_listed(ord(each)) for each in value)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return abs(value) < 2**53
    if isinstance(value, float):
        return False
    if isinstance(value, list):
        return all(map(is_allowed, value))
    return all(is_allowed(key) and is_allowed(item) for key, item in value.items())


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@given(st.binary(max_size=200))
def test_any_bytes_end_as_a_value_or_invalid(data: bytes) -> None:
    assert verdict(jsonform.parse, data) == verdict(jsonform.parse_precisely, data)


@given(trees, st.booleans(), st.booleans())
def test_any_tree_however_written_passes_exactly_if_its_values_are_allowed(
    tree: dict[str, Any], ascii_only: bool, spaced: bool
) -> None:
    data = json.dumps(
        tree, ensure_ascii=ascii_only, indent=1 if spaced else None, separators=None if spaced else (",", ":")
    )
    found = verdict(jsonform.parse, data.encode())
    assert found == (tree if is_allowed(tree) else verdict(jsonform.parse_precisely, data.encode()))
    assert isinstance(found, dict) == is_allowed(tree)


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_damaged_message_gets_one_verdict_on_both_ways(path: Any, data: st.DataObject) -> None:
    text = bytearray(json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.binary(max_size=2)
            | st.sampled_from([b'"a":1,', b"-0", b"1.0", b"1e3", b"\\u0061", b"\\ud800", b"[[", b"}}"])
        )
    assert verdict(jsonform.parse, bytes(text)) == verdict(jsonform.parse_precisely, bytes(text))


@pytest.mark.parametrize(
    ("inside", "beyond"),
    [
        (nested(jsonform.MAX_DEPTH), nested(jsonform.MAX_DEPTH + 1)),
        (b'{"a":9007199254740991}', b'{"a":9007199254740992}'),
        (b'{"a":-9007199254740991}', b'{"a":-9007199254740992}'),
        (
            b'{"a":"' + b"x" * (limits.MESSAGE_BYTES_MAX - 8) + b'"}',
            b'{"a":"' + b"x" * (limits.MESSAGE_BYTES_MAX - 7) + b'"}',
        ),
        (b'{"a":0}', b'{"a":-0}'),
        (b'{"a":"\\ud83d\\ude00"}', b'{"a":"\\ude00\\ud83d"}'),
        (b'{"a":1}\n', b'{"a":1}\n0'),
        (b'{"a":{"a":1}}', b'{"a":{"a":1,"a":1}}'),
        ('{"a":"\u00e9"}'.encode(), '{"a":"e\u0301"}'.encode()),
        ('{"a":"x\u0301\U0001faf6"}'.encode(), '{"a":"x\u0301\U00010efd"}'.encode()),
        (b'{"a":"\\ufffd"}', b'{"a":"\\uffff"}'),
        (b'{"\\u0377":1}', b'{"\\u0378":1}'),
    ],
    ids=[
        "depth",
        "integer",
        "negative",
        "bytes",
        "zero",
        "surrogates",
        "trailing",
        "keys",
        "nfc",
        "unicode",
        "escape",
        "key",
    ],
)
def test_bound_is_where_the_standard_says(inside: bytes, beyond: bytes) -> None:
    assert jsonform.parse(inside) == json.loads(inside)
    with pytest.raises(Invalid) as caught:
        jsonform.parse(beyond)
    assert caught.value.rule == "F8"
    assert caught.value.reasons[0].code == "E-MESSAGE-FORM"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b"[[{"], ids=["lists", "objects", "both"])
def test_endless_nesting_is_refused_not_crashed_on(opening: bytes) -> None:
    with pytest.raises(Invalid):
        jsonform.parse(opening * 100_000)


def test_an_integer_of_many_digits_is_refused_without_being_computed() -> None:
    with pytest.raises(Invalid) as caught:
        jsonform.parse(b'{"a":{"n":' + b"9" * 100_000 + b"}}")
    assert caught.value.reasons[0].path == "$.a.n"


def test_the_publishers_side_normalises_text_and_keys() -> None:
    data = '{"e\u0301":["o\u0308"]}'.encode()
    assert jsonform.parse(data, normalise=True) == {"\u00e9": ["\u00f6"]}


def test_the_publishers_side_refuses_what_is_not_assigned() -> None:
    with pytest.raises(Invalid, match=r"\$\.a: a character that is not assigned"):
        jsonform.parse('{"a":"x\u0301\U00010efd"}'.encode(), normalise=True)


def test_the_characters_are_those_of_the_table() -> None:
    edges = [each for first, last in RANGES for each in (first - 1, first, last, last + 1)][1:-1]
    assert [code for code in edges if jsonform.is_assigned(chr(code)) is not is_listed(code)] == []


def test_two_spellings_of_one_key_are_a_repeated_key() -> None:
    with pytest.raises(Invalid, match="repeated"):
        jsonform.parse('{"\u00e9":1,"e\u0301":2}'.encode(), normalise=True)


@pytest.mark.parametrize(
    ("key", "path"),
    [("a_b", "$.a_b"), ("a b", "$['a b']"), ("it's", "$['it\\'s']"), ("\u0e01", "$['\\u0e01']"), (3, "$[3]")],
)
def test_path_of_any_key_is_plain_text(key: str | int, path: str) -> None:
    assert step("$", key) == path


SELECTOR = re.compile(r"\$\['(?:[^\x00-\x1f'\\]|\\(?:[bfnrt/'\\]|u(?!d[89a-f])[0-9a-f]{4}|ud[89ab]..\\ud[c-f]..))*'\]")
"""One name in single quotes as RFC 9535, section 2.3.1.1 has it, in ASCII."""


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("\\", "\\"), ("a\\'b", "a\\'b"), ("']['x", "']['x"), ('say "no"', 'say "no"'), ("\\u0e01", "\\u0e01"),
        ("\u00e9", "\u00e9"), ("\U0001f600", "\U0001f600"), ("a\nb\x1b", "a\nb\x1b"), ("\ud800", "?"),
        ("\\" * (MAX_KEY + 1), "\\" * MAX_KEY),
    ],
)  # fmt: skip
def test_a_reader_of_paths_reads_the_key_whatever_is_in_it(key: str, read: str) -> None:
    path = step("$", key)
    assert path.isascii()
    assert SELECTOR.fullmatch(path)
    assert json.loads('"' + path[3:-2].replace("\\'", "'").replace('"', '\\"') + '"') == read


OF_THE_GATEWAY = {"E-MESSAGE-DESK", "E-MESSAGE-RELATED"}
"""What a message alone does not show: it needs the messages that are in force, or that were ever published."""


def test_reason_codes_are_closed() -> None:
    import re
    from pathlib import Path

    sources = Path(jsonform.__file__).parents[1]
    names = (
        "message/jsonform",
        "message/messages",
        "message/inspection",
        "message/rules",
        "compose",
        "authoring/plausibility",
        "authoring/coverage",
    )
    used = {
        code for name in names for code in re.findall(r'"(E-MESSAGE-[A-Z-]+)"', (sources / f"{name}.py").read_text())
    }
    assert used | OF_THE_GATEWAY == set(CODES)
    assert not used & OF_THE_GATEWAY
