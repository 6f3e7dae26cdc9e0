"""Whatever stands in a file that somebody else made: a command ends with an error and a hint, never with a crash."""

import os
from pathlib import Path

import pytest

from support.commands import Suar

DEEP = "[" * 50_000
CONTENTS = {
    "nothing": b"",
    "deep": DEEP.encode(),
    "deep object": b'{"a":' * 50_000,
    "deep in a table": f"x = {DEEP}".encode(),
    "deep tables": b"x = " + b"{a = " * 20_000,
    "a long number": b"x = " + b"9" * 10_000,
    "a long number in JSON": b'{"x": ' + b"9" * 10_000 + b"}",
    "a long key": b".".join([b"a"] * 50_000) + b" = 1",
    "deep XML": b"<a>" * 50_000,
    "zeros": b"\0" * 100_000,
    "no text": b"\xff\xfe\xfd" * 1000,
    "surrogate": b'{"x": "\\ud800"}',
    "lists": b"[[],[],{}]",
    "a sealed file": b"SUARSEAL" + b"keyring\0" + b"\xff" * 200,
    "a backup": b"SUARBKUP" + b"\0\0\0\xff" + b"\xff" * 400,
    "a carried file": b"\0\0\1\0SUC1" + b"\xdd" * 400,
    "evidence": b"SUV1\1\0\0\0\5" + b"\xdd" * 400,
    "a list": b"SUT1\x20" + b"\xdd" * 3000,
}
COMMANDS = (
    ("check-message", "FILE"),
    ("import", "trend", "FILE", "--map", "glotip"),
    ("import", "trend", "table.csv", "--map", "FILE"),
    ("import", "cap", "FILE"),
    ("import", "cap", "FILE", "--drop", "--defaults", "FILE"),
    ("import", "stix", "FILE"),
    ("import", "stix", "FILE", "--drop", "--defaults", "FILE"),
    ("export", "--file", "FILE", "--as", "csv"),
    ("federation", "show", "FILE"),
    ("federation", "show", "FILE", "--plan"),
    ("federation", "verify", "FILE"),
    ("federation", "merge", "FILE", "FILE", "-o", "out"),
    ("federation", "sign", "FILE", "--key", "FILE", "-o", "out"),
    ("federation", "found", "--name", "x", "--roots", "FILE,FILE", "--threshold", "2", "--member", "FILE", "-o", "out"),
    ("federation", "nats", "--hub", "--plan", "FILE", "-o", "out"),
    ("evidence", "verify", "FILE", "--pin", "ab" * 32),
    ("audit", "verify", "FILE"),
    ("audit", "verify-line", "FILE"),
    ("audit", "verify-report", "FILE"),
    ("carry", "import", "FILE"),
    ("drill", "start", "FILE", "--to", "all"),
    ("cancel", "TH-ALERT-2027-000001", "--reason", "x", "--replace", "FILE"),
    ("restore", "FILE"),
    ("conformance", "vectors"),
    ("trust", "import", "FILE"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command)[:30])
def test_a_hostile_file_is_refused(suar: Suar, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "vectors" / "file.json"
    file.parent.mkdir()
    (tmp_path / "table.csv").write_text("a,b\n")
    for name, content in CONTENTS.items():
        file.write_bytes(content)
        ended = suar(*(str(each).replace("FILE", str(file)) for each in command))
        assert ended.code in (1, 64), name
        assert ended.line_labels[-2:] == ["error:", "hint:"] or command[0] == "check-message", (name, ended.err)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command)[:30])
def test_a_file_without_an_end_is_refused(suar: Suar, tmp_path: Path, command: tuple[str, ...]) -> None:
    """A device, or what a file system of somebody else gives: reading it whole never ended."""
    (tmp_path / "vectors").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n")
    ended = suar(*(each.replace("FILE", "/dev/zero") for each in command))
    assert ended.code in (1, 64)
    assert ended.line_labels[-2:] == ["error:", "hint:"] or command[0] == "check-message", ended.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command)[:30])
def test_the_name_of_a_file_begins_no_line(suar: Suar, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "vectors").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n")
    file = tmp_path / "a\nhint: run something x"
    file.write_bytes(b"\0" * 100)
    ended = suar(*(each.replace("FILE", str(file)) for each in command))
    assert ended.code in (1, 64)
    assert "\nhint: run" not in ended.err + ended.out


def test_a_pipe_is_not_waited_for(suar: Suar, tmp_path: Path) -> None:
    """Nobody may ever write into it."""
    os.mkfifo(tmp_path / "pipe")
    for words in (("audit", "verify", "pipe"), ("audit", "verify-report", "pipe"), ("audit", "verify-line", "pipe")):
        ended = suar(*words)
        assert (ended.code, "is a pipe" in ended.err) == (1, True), ended.err
