"""Nobody else's words move the cursor of whoever looks at them, or turn the text about, in words and in JSON."""

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from exchange_formats.synthetic import write_xlsx
from suar import cli
from suar.cli.base.terminal import escaped, json_line, visible
from suar.federation.root import RootPublic, write_root
from suar.protocol.base.primitives import hash_, public_of
from suar.published import schemas_dir
from support.commands import Suar
from support.executables import SUAR
from support.fake_gateway import FakeGateway
from support.gateway_state import ID
from support.syntax import parsed
from support.terminals import is_still, on_a_terminal

HOSTILE = "Office\x1b[2J\x9b31m\u202ejobs\u2066 \u200d\u2028\U000e0041"
TITLE = "Office\x9b31m\u202ejobs \u200d"


def test_what_is_printed_is_lines_and_letters() -> None:
    assert visible(HOSTILE) == "Office [2J 31m jobs  \u200d  "
    assert visible("เด็ก\u200b a\u00a0b\nnext") == "เด็ก\u200b a\u00a0b\nnext"


def test_json_says_the_same_in_numbers() -> None:
    written = json_line({"title": HOSTILE, "name": "ประเทศไทย"}).decode()
    assert is_still(written)
    assert "ประเทศไทย" in written
    assert json.loads(written) == msgspec.json.decode(written) == {"title": HOSTILE, "name": "ประเทศไทย"}
    assert escaped(b'"\x7f"') == b'"\\u007f"'


def shows(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, message: dict[str, Any]) -> None:
    """What `show` is answered holds this message."""
    found = gateway.message

    async def changed(id_: str, **filters: Any) -> dict[str, Any]:
        return {**(await found(id_, **filters) or {}), "message": message}

    monkeypatch.setattr(gateway, "message", changed)


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("command", [["show", ID], ["inbox"]], ids=["show", "inbox"])
def test_a_peer_s_title(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, command: list[str], more: list[str]
) -> None:
    message = msgspec.json.decode(gateway.exported)
    message["text"][0]["title"] = TITLE
    shows(gateway, monkeypatch, message)
    listed = gateway.messages

    async def rows(**filters: object) -> list[dict[str, object]]:
        return [row | {"title": TITLE} for row in (await listed(**filters))[:1]]

    monkeypatch.setattr(gateway, "messages", rows)
    ended = suar(*command, *more)
    assert ended.code == 0, ended.err
    assert "Office" in ended.out
    assert is_still(ended.out)


FORGED = "x" * 40 + "\u00a0" * 38 + "Kind:\u00a0Alert" + "\u2800\u3164" * 33 + "From:\u00a0Singapore"


def begins_like_ours(out: str) -> bool:
    return any(
        line.startswith(("Kind:\u00a0", "From:\u00a0", "Kind: Alert", "From: Singapore")) for line in out.splitlines()
    )


def cut(out: str, room: int) -> str:
    """As a terminal of `room` cells has it, which begins a line anew after so many."""
    rows = [line[at : at + room] for line in out.splitlines() for at in range(0, len(line) or 1, room)]
    return "\n".join(rows)


@pytest.mark.parametrize("room", [40, 78, 79, 80, 100])
def test_no_line_of_a_text_begins_like_one_of_ours(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """`show`, `held` and the notes of `deliveries`: whatever fills the lines, each begins with the mark."""
    monkeypatch.setenv("COLUMNS", str(room))
    message = msgspec.json.decode(gateway.exported)
    message["text"] = [{"lang": "en", "title": FORGED[:120], "summary": FORGED}]
    shows(gateway, monkeypatch, message)
    reason = {"path": "$.text", "message": "a name", "code": "E-PRIVACY-NAME", "marked": [FORGED]}
    row = {"id": ID, "rev": 1, "tlp": "AMBER", "status": "actual", "since": "2027-01-15T08:00:00Z", "by": "desk"}
    note = {"stage": "acting", "role": "agency", "at": "2027-01-15T08:00:00Z", "note": FORGED}

    async def held(who: str, after: str | None, limit: int, **_: object) -> list[dict[str, object]]:
        found = row | {"message": message, "reasons": [reason], "place": "1.1"}
        return [found][:limit] if after is None else []

    async def deliveries(id_: str, rev: int | None) -> dict[str, object]:
        return {"id": id_, "rev": 1, "members": {"SG": {"state": "stored", "notes": [note]}}}

    monkeypatch.setattr(gateway, "held", held)
    monkeypatch.setattr(gateway, "deliveries", deliveries)
    for command, times in ((["show", ID], 2), (["held"], 2), (["deliveries", ID], 1)):
        ended = suar(*command)
        assert ended.code == 0, ended.err
        starts = [at for at, line in enumerate(ended.out.splitlines()) if line.startswith("| xxxx")]
        assert len(starts) >= times, ended.out
        own = [line for line in ended.out.splitlines() if not line.startswith("|")]
        assert not any("Kind:\u00a0" in line or "From:\u00a0" in line for line in own)
        assert all(len(line) <= room for line in ended.out.splitlines() if line.startswith("|"))
        assert is_still(ended.out)
        assert "\u2800" not in ended.out
        assert "\u3164" not in ended.out


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize("room", [80, 100, 140])
def test_nor_does_a_title_in_the_inbox(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, room: int, is_terminal: bool
) -> None:
    """In a table of a terminal it stays within its box; in a pipe no run of blanks pushes it to the start of a line."""
    monkeypatch.setenv("COLUMNS", str(room))
    listed = gateway.messages
    title = "Jobs"

    async def rows(**filters: object) -> list[dict[str, object]]:
        return [row | {"title": title} for row in (await listed(**filters))[:1]]

    monkeypatch.setattr(gateway, "messages", rows)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    for filler in ("\u00a0", "\u2800", "\u3164", " ", "\uffa0"):
        for length in range(0, 100, 9):
            title = f"Jobs{filler * length}Kind:{filler}Alert"
            ended = suar("inbox")
            assert ended.code == 0, ended.err
            assert "Jobs" in ended.out
            assert not begins_like_ours(cut(ended.out, room)), title
            assert is_terminal or "Jobs Kind: Alert" in ended.out.replace("JobsKind", "Jobs Kind")


def test_json_writes_what_shows_as_a_blank_in_numbers() -> None:
    written = json_line({"title": "a\u2800b\u3164c\ufe0f"}).decode()
    assert written == '{"title":"a\\u2800b\\u3164c\\ufe0f"}'
    assert visible("a\u2800b\u3164c\ufe0f\u115f\u1160\uffa0d") == "a b c   d"


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["words", "json"])
def test_a_key_holder_s_name(suar: Suar, tmp_path: Path, more: list[str]) -> None:
    file = tmp_path / "root.pub"
    file.write_bytes(write_root(RootPublic.of(HOSTILE, public_of(hash_("kid", b"a")))))
    ended = suar("federation", "show", str(file), *more)
    assert ended.code == 0, ended.err
    assert "Office" in ended.out
    assert is_still(ended.out)


def a_workbook(folder: Path) -> list[str]:
    file = folder / "table.xlsx"
    write_xlsx(file, [])
    parts = {}
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(file, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data.replace(b'name="Data"', f'name="{TITLE}"'.encode()))
    return ["trend", str(file), "--map", "glotip", "--sheet", "Other"]


def an_alert(folder: Path) -> list[str]:
    file = folder / "alert.xml"
    head = "".join(f"<{name}>x</{name}>" for name in ("identifier", "sender", "sent", "status", "msgType", "scope"))
    infos = "".join(
        f"<info><event>x</event><urgency>{urgency}</urgency></info>" for urgency in ("Immediate", f"Office{TITLE}")
    )
    file.write_text(f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{head}{infos}</alert>')
    return ["cap", str(file)]


@pytest.mark.parametrize("make", [a_workbook, an_alert])
def test_a_file_s_words_in_a_fault(suar: Suar, tmp_path: Path, make: Callable[[Path], list[str]]) -> None:
    ended = suar("import", *make(tmp_path))
    assert ended.line_labels == ["error:", "hint:"]
    assert "Office" in ended.err
    assert is_still(ended.err)


FORMS = ("csv", "cap", "stix", "json")


@pytest.mark.parametrize("form", FORMS)
def test_an_export_on_a_terminal_moves_no_cursor(tmp_path: Path, form: str) -> None:
    """A peer's escape and bidi characters are in the signed bytes alone, in no table and on no terminal."""
    message = msgspec.json.decode((schemas_dir() / "examples/valid/alert-new-route.json").read_bytes())
    message["text"][0]["title"] = TITLE
    file = tmp_path / "message.json"
    file.write_bytes(json.dumps(message, ensure_ascii=False).encode())
    command = [*SUAR, "export", "--file", str(file), "--as", form]
    shown = on_a_terminal(command)
    assert "Office" in shown
    assert is_still(shown)
    piped = subprocess.run(command, check=True, capture_output=True).stdout
    assert form != "json" or piped == file.read_bytes()
    assert form != "csv" or is_still(piped.decode().replace("\r\n", "\n"))


OURS: Final = {
    "conformance.py": ["f'\\n{len(scenarios) - len(failed)} passed, {len(failed)} failed'"],
    "deliveries.py": ["f'*** {BANNER} ***'"],
    "demo.py": ["line"],
    "drill.py": ["f'*** {BANNER} ***'"],
    "export.py": ["text"],
    "bus.py": ["f'{role} = \"{public}\"'"],
    "import_alert.py": ["data.decode()"],
    "lazy.py": ["ctx.get_help()"],
    "main.py": ["f'suar {__version__}'"],
    "metrics.py": ["text"],
    "retention.py": ["none"],
    "schemas.py": ["name"],
    "tables.py": ["line"],
    "upgrade.py": ["catalogue.shown(sentence('{version} is in use', version=version))"],
}
"""What is printed beside: numbers, ids and names that this program makes itself, and cells of `tables.plain`."""
SHOWN_AS_IT_IS = frozenset(
    {"visible", "json_line", "json_document", "escaped", "fingerprint", "str", "hex", "document", "dumps"}
)
"""Calls whose result may be printed: what is visible, JSON with its escapes, and what we made of bytes of ours."""


def test_every_line_that_a_command_prints_is_one_that_can_be_seen() -> None:
    """Each `click.echo` prints what is safe whoever wrote it: a constant, a safe call, or a name of the list below."""
    found = set()
    for path in sorted(Path(cli.__path__[0]).rglob("*.py")):
        for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("click.echo", "sys.stdout.write", "print"):
                argument = node.args[0] if node.args else ast.Constant("")
                called = ast.unparse(argument.func).rpartition(".")[2] if isinstance(argument, ast.Call) else ""
                if called not in SHOWN_AS_IT_IS and not isinstance(argument, ast.Constant):
                    found.add((path.name, ast.unparse(argument)))
    assert found == {(name, text) for name, texts in OURS.items() for text in texts}
