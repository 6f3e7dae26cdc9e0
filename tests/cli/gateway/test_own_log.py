"""The log of this gateway, which somebody wrote who can write its store or its folder and has no key: no command takes
it for the gateway's.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from suar.protocol.base.primitives import signing_key
from suar.protocol.files.auditlog import head_raw, sign_head
from suar.service.settings.state import locked
from support import stores
from support.audit_log import rewrite
from support.commands import Suar
from support.corekit import PASSPHRASE
from support.executables import PYTHON
from support.gateway_state import template
from support.kit import NOW, actor

NOT_ITS = "the log is not the one that this gateway wrote"
COMMANDS = (
    ("audit", "verify"), ("audit", "show"), ("audit", "export", "-o", "log"), ("audit", "line", "1", "-o", "line"),
    ("audit", "report", "--person", "desk", "-o", "report"),
)  # fmt: skip


@pytest.fixture
def state(suar: Suar, tmp_path: Path, passphrase: Path) -> Path:
    """The folder of a gateway that does not run; its log has a signed head."""
    passphrase.write_bytes(PASSPHRASE)
    folder = tmp_path / "suar-state"
    shutil.copytree(template(), folder)
    for _ in range(4):
        assert suar("audit", "show").code == 0
    return folder


def test_it_is_the_gateways_as_long_as_nobody_wrote_into_it(suar: Suar, state: Path) -> None:
    for words in COMMANDS:
        done = suar(*words)
        assert done.code == 0, done.err


@pytest.mark.sqlite
@pytest.mark.parametrize("way", ["rewritten", "rewritten under a key of somebody else", "cut off", "a head added"])
def test_no_command_takes_another_log_for_it(suar: Suar, state: Path, way: str) -> None:
    if way.startswith("rewritten"):
        rewrite(state, 2)
    with stores.outsider(state) as store:
        if way == "cut off":
            last = store.execute("select max(n) from audit").fetchone()[0]
            store.execute("delete from audit where n > ?", (last - 1,))
            store.execute("delete from audit_head where n > ?", (last - 1,))
        if "head" in way or "key" in way:
            key = actor("SG")
            n, digest = store.execute("select n, hash from audit order by n limit 1").fetchone()
            raw = head_raw("", "TH", n, NOW, digest)
            row = (n, NOW, digest, key.public, sign_head(signing_key(key.identity), raw), None, None)
            store.execute("insert into audit_head values (?, ?, ?, ?, ?, ?, ?)", row)
    for words in COMMANDS:
        done = suar(*words)
        assert (done.code, NOT_ITS in done.err or "line 2" in done.err) == (1, True), (words, done.out, done.err)
    assert Path("log").exists(), "it is exported all the same, to be compared with an earlier export"
    assert not Path("line").exists()
    assert not Path("report").exists()


class Forger(BaseHTTPRequestHandler):
    """Answers as a gateway would, with a log of its own."""

    seen: ClassVar[list[str]] = []
    answer: ClassVar[Any] = {"title": {}, "lines": [], "heads": []}

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization", ""))
        answer = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def forger() -> Iterator[str]:
    """The address of a forger's server, which this process runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forger)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Forger.seen.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_held_folder_is_asked_only_where_its_holder_listens(suar: Suar, state: Path, forger: str) -> None:
    """An address in a folder is what anybody wrote who can write it: no token leaves for another one."""
    holder = os.getpid()
    with locked(state):
        for url in ("http://192.0.2.1:80", "http://example.org:80", "https://127.0.0.1:1", "http://a@127.0.0.1:1"):
            write_address(state, url, holder)
            done = suar("audit", "verify")
            assert (done.code, "no token is sent there" in done.err) == (1, True), done.err


def write_address(folder: Path, url: str, pid: int) -> None:
    (folder / "gateway.json").write_text(json.dumps({"url": url, "token": "secret", "pid": pid}))


def test_an_address_in_a_folder_that_nobody_holds_is_not_asked(suar: Suar, state: Path, forger: str) -> None:
    """As in a copy of a folder: it is judged by itself."""
    rewrite(state, 2)
    write_address(state, forger, os.getpid())
    for words in (*COMMANDS, ("audit", "verify", "--store")):
        done = suar(*words)
        assert done.code == 1, (words, done.out)
    assert not Forger.seen, "no token was sent"


def test_the_port_of_another_process_is_not_asked(suar: Suar, state: Path) -> None:
    """A server of somebody else: the holder of the folder does not listen there."""
    code = "import socket;s=socket.create_server(('127.0.0.1',0));print(s.getsockname()[1],flush=True);input()"
    with subprocess.Popen([PYTHON, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        write_address(state, f"http://127.0.0.1:{other.stdout.readline().strip()}", os.getpid())
        with locked(state):
            done = suar("audit", "verify")
        other.communicate("\n")
    assert (done.code, "another process listens" in done.err) == (1, True), done.err


ODD: dict[str, Any] = {
    "no page": {}, "a list": [1], "a line without a number": {"title": {}, "lines": [{}], "heads": []},
    "the same lines again": {"title": {}, "lines": [{"n": n} for n in range(-999, 1)], "heads": []},
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_an_error_with_a_hint(
    suar: Suar, state: Path, forger: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Forger, "answer", ODD[name])
    write_address(state, forger, os.getpid())
    with locked(state):
        for words in COMMANDS:
            done = suar(*words)
            assert (done.code, done.line_labels) == (1, ["error:", "hint:"]), done.err


def test_a_report_of_nothing_is_named_when_it_is_made(suar: Suar, state: Path) -> None:
    """A selection that looks like one that has lines is refused, and one that has none is a warning."""
    for word in ("TH-ALERT-2027-000001 1", "TH-ALERT-2027-000001 ", "th-alert-2027-000001", ""):
        done = suar("audit", "report", "--about", word, "-o", "report")
        assert (done.code, done.line_labels, Path("report").exists()) == (1, ["error:", "hint:"], False), done.err
    done = suar("audit", "report", "--about", "TH-ALERT-2027-00000\u0661", "-o", "report")
    assert (done.code, "warning: no line of the log is of this selection" in done.err) == (0, True), done.err
    read = suar("audit", "verify-report", "report")
    assert "\\u0661" in read.out, read.out
