"""Nobody else's words move the cursor of whoever looks at them, or turn the text about, in words and in JSON."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from commands import Suar
from exchange_formats.synthetic import write_xlsx
from fake_gateway import ID, FakeGateway
from suar.cli.terminal import KEPT, escaped, json_line, visible
from suar.federation.root import RootPublic, write_root
from suar.protocol.primitives import hash_, public_of

HOSTILE = "Office\x1b[2J\x9b31m\u202ejobs\u2066 \u200d\u2028\U000e0041"
TITLE = "Office\x9b31m\u202ejobs \u200d"


def is_still(text: str) -> bool:
    return all(char.isprintable() or char in KEPT for char in text)


def test_what_is_printed_is_lines_and_letters() -> None:
    assert visible(HOSTILE) == "Office [2J 31m jobs  \u200d  "
    assert visible("เด็ก\u200b a\u00a0b\nnext") == "เด็ก\u200b a\u00a0b\nnext"


def test_json_says_the_same_in_numbers() -> None:
    written = json_line({"title": HOSTILE, "name": "ประเทศไทย"}).decode()
    assert is_still(written)
    assert "ประเทศไทย" in written
    assert json.loads(written) == msgspec.json.decode(written) == {"title": HOSTILE, "name": "ประเทศไทย"}
    assert escaped(b'"\x7f"') == b'"\\u007f"'


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("command", [["show", ID], ["inbox"]], ids=["show", "inbox"])
def test_a_peer_s_title(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, command: list[str], more: list[str]
) -> None:
    message = msgspec.json.decode(gateway.exported)
    message["text"][0]["title"] = TITLE
    gateway.exported = msgspec.json.encode(message)
    listed = gateway.messages

    async def rows(**asked: object) -> list[dict[str, object]]:
        return [row | {"title": TITLE} for row in (await listed(**asked))[:1]]

    monkeypatch.setattr(gateway, "messages", rows)
    ended = suar(*command, *more)
    assert ended.code == 0, ended.err
    assert "Office" in ended.out
    assert is_still(ended.out)


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
    assert ended.told == ["error:", "hint:"]
    assert "Office" in ended.err
    assert is_still(ended.err)
