"""The client of the running gateway, against a real HTTP server on this machine."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.pretty import pretty_repr

from suar.cli.base import client
from suar.cli.base.client import Problem, TokenHeader, call, running
from suar.protocol.base.errors import Fault
from suar.service.settings.state import locked
from support.commands import Suar
from support.executables import PYTHON

TOKEN = "local-token"
REFUSED: dict[str, Any] = {
    "type": "about:blank",
    "title": "refused",
    "status": 422,
    "detail": "the message is refused",
    "code": "E-MESSAGE-FIELD",
    "hint": "mend it",
    "reasons": [{"code": "E-MESSAGE-FIELD", "rule": "F8", "path": "$.tlp", "message": "no such marking"}],
}


class Answers(BaseHTTPRequestHandler):
    """Says what it was asked, or refuses."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._respond(401, json.dumps({"code": "E-HTTP-TOKEN", "detail": "no token"}).encode())
            return
        request = {"path": self.path, "token": self.headers["Authorization"], "kind": self.headers["Content-Type"]}
        status, answer = {
            "/refused": (422, json.dumps(REFUSED).encode()),
            "/broken": (200, b"<html>"),
            "/empty": (204, b""),
        }.get(self.path, (200, json.dumps({**request, "body": body.decode()}).encode()))
        self._respond(status, answer)

    def _respond(self, status: int, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address(tmp_path, f"http://127.0.0.1:{server.server_port}", os.getpid())
    with locked(tmp_path):
        yield tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def address(state: Path, url: str, pid: int) -> None:
    (state / "gateway.json").write_text(json.dumps({"url": url, "token": TOKEN, "pid": pid}))


def test_asks_with_the_local_token(state: Path) -> None:
    answer = call(state, "POST", "/v1/messages", {"kind": "alert"}, params={"a": "b"})
    assert answer == {
        "path": "/v1/messages?a=b",
        "token": f"Bearer {TOKEN}",
        "kind": "application/json",
        "body": '{"kind":"alert"}',
    }
    assert call(state, "POST", "/x", b"raw")["kind"] == "application/octet-stream"
    assert call(state, "GET", "/empty") is None


def test_a_proxy_of_the_environment_is_not_used(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert call(state, "GET", "/x")["path"] == "/x"


def test_a_refusal_states_each_reason_at_its_path(state: Path) -> None:
    with pytest.raises(Problem) as caught:
        call(state, "POST", "/refused", {})
    assert caught.value.text == ("the message is refused (E-MESSAGE-FIELD)\n  $.tlp: no such marking (E-MESSAGE-FIELD)")
    assert (caught.value.status, caught.value.hint) == (422, "mend it")


def test_a_refusal_shows_the_words_that_it_is_about() -> None:
    reason = {**REFUSED["reasons"][0], "path": "$.text[0].summary", "marked": ["+66812345678", "a@b.example"]}
    shown = Problem(422, {**REFUSED, "reasons": [reason]}).text
    assert shown.splitlines()[2:] == ["    look at: +66812345678; a@b.example"]


def test_a_reason_against_several_fields_is_stated_once() -> None:
    year = {
        "code": "E-MESSAGE-DATE",
        "message": "the year 2568 is not one of the common calendar",
        "hint": "write 2025",
    }
    reasons = [{**year, "path": f"$.obs[{at}].period"} for at in range(7)]
    reasons.append({**year, "path": "$.x", "message": "the year 2567 is none"})
    shown = Problem(422, {**REFUSED, "reasons": reasons}).text
    assert [line for line in shown.splitlines() if "E-MESSAGE-DATE" in line] == [
        "  figure 1: Period, and 6 more: the year 2568 is not one of the common calendar (E-MESSAGE-DATE)",
        "  $.x: the year 2567 is none (E-MESSAGE-DATE)",
    ]
    assert shown.count("hint:") == 2


def test_an_answer_that_is_no_json_is_reported(state: Path) -> None:
    with pytest.raises(Problem, match="no JSON"):
        call(state, "GET", "/broken")


def test_none_running_says_how_to_start_one(tmp_path: Path) -> None:
    ended = subprocess.Popen([PYTHON, "-c", ""])
    ended.wait()
    for is_left in (False, True):
        if is_left:
            address(tmp_path, "http://127.0.0.1:9", ended.pid)
        assert running(tmp_path) is None
        with pytest.raises(Fault, match="no gateway runs on") as caught:
            call(tmp_path, "GET", "/x")
        assert f"suar serve --state {tmp_path}" in caught.value.hint


def test_while_one_starts_nobody_is_told_to_start_another(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(Fault, match="it is starting, or it is another command") as caught:
        call(tmp_path, "GET", "/x")
    assert "suar serve" not in caught.value.hint


def test_one_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    address(tmp_path, "http://127.0.0.1:9", os.getpid())
    with locked(tmp_path), pytest.raises(Fault, match="does not answer: nothing listens there") as caught:
        call(tmp_path, "GET", "/x")
    assert "Error" not in caught.value.text
    assert "suar doctor" in caught.value.hint


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A gateway that takes requests and answers none."""
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    monkeypatch.setattr(client, "CHECK_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening, locked(tmp_path):
        address(tmp_path, f"http://127.0.0.1:{listening.getsockname()[1]}", os.getpid())
        yield tmp_path


def test_a_gateway_that_stands_still_ends_a_publication_before_it_is_handed_in(frozen: Path) -> None:
    """However long the check of a large table may take; the next step is to end the process that is named."""
    with pytest.raises(Fault) as caught:
        client.publish(frozen, b"{}")
    assert caught.value.text.endswith("does not answer: it took too long")
    assert f"stop process {os.getpid()} and start the gateway again" in caught.value.hint
    assert "doctor" not in caught.value.hint


def test_a_publication_that_is_not_answered_may_be_handed_in_again(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "require_answer", lambda _: None)
    with pytest.raises(Fault, match="it may still take the message") as caught:
        client.publish(frozen, b"{}")
    assert "hand in the same file again: the message is sent only once" in caught.value.hint


@pytest.mark.parametrize("command", ["inbox", "serve", "backup", "deliveries", "feed", "trust", "check-message"])
def test_a_folder_that_does_not_exist_leads_nobody_to_make_a_member(suar: Suar, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.json").write_text("{}")
    arguments = {
        "backup": ["-o", "a.backup"], "deliveries": ["TH-ALERT-2027-000001"], "trust": ["show"],
        "check-message": ["a.json"],
    }.get(command, [])  # fmt: skip
    (tmp_path / "words").write_text("a passphrase of several words")
    passphrase = ["--passphrase-file", "words"] if command in ("serve", "backup", "trust", "check-message") else []
    ended = suar(command, *arguments, *passphrase, "--state", "nowhere")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "there is no folder nowhere" in ended.err
    assert "SUAR_STATE" in ended.err
    assert "suar init" not in ended.err
    assert "suar serve" not in ended.err


def test_a_year_of_another_calendar_is_shown_as_it_is_written(suar: Suar, state: Path) -> None:
    command = ["hold", "add", "TH-ALERT-2027-000001", "--authority", "Criminal Court", "--state", str(state)]
    for until, meant in (("2570-01-01", "2027-01-01"), ("116-01-01", "2027-01-01")):
        ended = suar(*command, "--until", until)
        assert ended.code == 1
        assert f"write {meant}" in ended.err


def test_a_digest_that_is_none_is_reported_where_it_is_printed(suar: Suar, state: Path) -> None:
    ended = suar("release", "TH-ALERT-2027-000001", "--digest", "00", "--state", str(state))
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "suar held --json" in ended.err
    assert "openapi" not in ended.err


def test_a_folder_that_is_no_gateways_is_reported_as_such(suar: Suar, tmp_path: Path) -> None:
    ended = suar("serve", "--state", ".")
    assert "is no gateway's folder" in ended.err
    assert "SUAR_STATE" in ended.err


def test_a_token_that_is_not_known_is_reported_by_its_file(suar: Suar, state: Path) -> None:
    (state / "mine.token").write_text("suar_of_yesterday")
    for command in (["held"], ["cancel", "TH-ALERT-2027-000001", "--reason", "x"], ["hold", "list"]):
        ended = suar(*command, "--token-file", "mine.token", "--state", str(state))
        assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
        assert "mine.token" in ended.err
        assert "ask the operator" in ended.err
        assert "suar token claim" in ended.err
        assert "suar token add" not in ended.err
        assert "suar_of_yesterday" not in ended.err
    assert "suar_of_yesterday" not in repr(TokenHeader("suar_of_yesterday", state))


@pytest.mark.parametrize("text", ["", "{}", "[", '{"url": 1, "token": "", "pid": 1}'])
def test_a_damaged_address_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "gateway.json").write_text(text)
    with pytest.raises(Fault, match="is damaged"):
        running(tmp_path)


def test_the_token_never_shows(state: Path) -> None:
    assert TOKEN not in repr(running(state)) + pretty_repr(running(state))


def test_trust_goes_to_the_running_gateway(suar: Suar, state: Path) -> None:
    (state / "1.list").write_bytes(b"list")
    ended = suar("trust", "import", "1.list", "--pin", "ab" * 32, "--state", str(state), "--json")
    assert ended.code == 0
    answer = json.loads(ended.out)
    assert (answer["path"], answer["body"]) == (f"/v1/trust?pin={'ab' * 32}", "list")
    assert answer["kind"] == "application/octet-stream"
    assert json.loads(suar("trust", "show", "--state", str(state), "--json").out)["path"] == "/v1/trust"
