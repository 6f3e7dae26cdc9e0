"""Every TOML file is read by one function: a Fault names the file, the key, what was found and what is allowed."""

import ast
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

import suar
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import built
from suar.toml_file import fill, parse
from support.syntax import parsed

PACKAGE = Path(suar.__file__).parent


class Server(Struct, forbid_unknown_fields=True):
    port: Annotated[int, Meta(ge=1, le=65_535)]


class Settings(Struct, forbid_unknown_fields=True):
    servers: tuple[Server, ...] = ()
    names: dict[str, int] = {}


built(Settings)


TOP_LEVEL = "the file x.toml: top level: object contains"


def error_lines(data: bytes) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        fill(Settings, parse(data, "the file x.toml", "see the example"), "the file x.toml", "correct that key")
    return caught.value.text, caught.value.hint


@pytest.mark.parametrize(
    ("data", "text", "hint"),
    [
        (b"\xff", "the file x.toml is not UTF-8", "save it as UTF-8 text"),
        (b"[servers", "the file x.toml is not valid TOML: expected ']' at the end", "see the example"),
        (b"a = " + b"[" * 100_000, "the file x.toml is not valid TOML: it is nested too deeply", "see the example"),
        (b".".join([b"a"] * 1_002) + b" = 1", "the file x.toml is not valid TOML: a key has more parts", "see the"),
        (b"extra = 1", f"{TOP_LEVEL} unknown field `extra`; known are servers, names", "correct that key"),
        (b"[[server]]", f"{TOP_LEVEL} unknown field `server`; is `servers` meant?", "correct that key"),
        (b"[[servers]]\nport = 0", "the file x.toml: servers[0].port: expected `int` >= 1; found 0", "correct"),
        (b"[[servers]]\nport = 'x'", "the file x.toml: servers[0].port: expected `int`, got `str`; found 'x'", ""),
        (b"[names]\na = 'x'", "the file x.toml: names[...]: expected `int`, got `str`", "correct"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported(data: bytes, text: str, hint: str) -> None:
    found = error_lines(data)
    assert found[0].startswith(text)
    assert found[1].startswith(hint)


def test_a_long_value_is_cut() -> None:
    text, _ = error_lines(b"names = '" + b"x" * 10_000 + b"'")
    assert text.endswith("…")
    assert len(text) < 200


def test_what_is_right_is_its_struct() -> None:
    tables = parse(b"[[servers]]\nport = 80\n[names]\na = 1\n", "x.toml", "")
    assert fill(Settings, tables, "x.toml", "") == Settings((Server(80),), {"a": 1})


def test_nothing_else_reads_toml() -> None:
    """A parser, or a conversion of its tables with an error text of its own, would be a second home."""
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(parsed(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and "tomllib" in [each.name for each in node.names]
    }
    assert readers == {"toml_file.py"}
