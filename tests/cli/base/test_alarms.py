"""`suar alarm`, what the commands that publish say of a message that does not leave yet, and values in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.cli.base.terminal import in_words
from suar.cli.status import alarm
from suar.service.reading.verdict import Verdict
from suar.service.status.snapshot import BusState
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.gateway_state import ID, alert_draft


def test_the_open_ones_come_first(suar: Suar, gateway: FakeGateway) -> None:
    [epoch] = [row["epoch"][:16] for row in json.loads(suar("alarm", "list", "--open", "--json").out)]
    lines = suar("alarm", "list").out.splitlines()
    assert lines[0].split() == ["n", "state", "alarm", "about", "raised", "times", "what"]
    assert lines[1].split() == [
        "2",
        "open",
        "gap",
        "SG",
        "2027-01-15",
        "08:00Z",
        "1",
        "frames",
        "1-1",
        "of",
        epoch,
    ]
    assert lines[2].split()[:2] == ["1", "ended"]
    rows = json.loads(suar("alarm", "list", "--open", "--json").out)
    assert [row["code"] for row in rows] == ["E-ALARM-GAP"]
    assert suar("errors", "E-ALARM-GAP").code == 0


def test_an_alarm_without_frames_says_what_it_means(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the last column of `silence` was empty."""
    row = json.loads(suar("alarm", "list", "--open", "--json").out)[0]
    silence = {**row, "name": "silence", "code": "E-ALARM-SILENCE", "first": None, "last": None}
    monkeypatch.setattr(alarm, "call", lambda *_, **__: [silence])
    assert "nothing arrived from the member for two intervals" in suar("alarm", "list").out


def test_one_is_acknowledged_with_a_note(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("alarm", "acknowledge", "2", "--note", "their restore")
    assert (ended.code, ended.out) == (0, "alarm 2 (gap) is acknowledged by local\n")
    shown = json.loads(suar("alarm", "acknowledge", "2", "--json").out)
    assert shown["acknowledged"]["note"] == "their restore"  # of who was first
    ended = suar("alarm", "acknowledge", "7")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert suar("alarm", "acknowledge", "none").code == 64


NEW = "TH-ALERT-2027-000002"
"""The alert that a test publishes."""


@pytest.fixture
def waits(tmp_path: Path, gateway: FakeGateway) -> Path:
    """A draft of an alert that waits, as the gateway's bus is away."""
    gateway.ready.bus = BusState()
    path = tmp_path / "message.json"
    path.write_bytes(alert_draft())
    return path


def test_publish_says_why_it_waits_and_what_to_do(suar: Suar, waits: Path) -> None:
    ended = suar("publish", str(waits))
    assert (ended.code, ended.out) == (0, f"{NEW}\n")
    assert ended.err.splitlines()[-2:] == [
        f"{NEW} waits here: this gateway has no connection to its own NATS server",
        "start the NATS server of this gateway, or mend bus.url",
    ]
    ended = suar("publish", str(waits), "--json")
    assert json.loads(ended.out)["waiting"] == "uplink-down"
    assert ended.err == ""


def test_in_the_reader_s_language(suar: Suar, waits: Path) -> None:
    assert "เกตเวย์นี้ไม่ได้เชื่อมต่อ" in suar("publish", str(waits), "--lang", "th").err


def test_where_the_cause_has_changed_meanwhile_its_code_is_reported(
    suar: Suar, gateway: FakeGateway, waits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = gateway.publish

    async def publish_and_connect(*values: Any, **named: Any) -> Verdict:
        verdict = await publish(*values, **named)
        gateway.ready.bus = BusState(is_connected=True)
        return verdict

    monkeypatch.setattr(gateway, "publish", publish_and_connect)
    assert suar("publish", str(waits)).err.splitlines()[-2:] == [
        f"{NEW} waits here: uplink-down",
        f"`suar why {NEW} KH` says what to do",
    ]


def test_a_cancel_says_so_too(suar: Suar, waits: Path) -> None:
    ended = suar("cancel", ID, "--reason", "wrong", "--replace", str(waits))
    assert ended.code == 0
    assert f"{ID} waits here: this gateway has no connection" in ended.err


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ([], "-"),
        ({}, "-"),
        ("", "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (["a", "b"], "a b"),
        ({"a": None, "b": [1, 2]}, "a -, b 1 2"),
        ([{"a": 1}, {"a": 2}], "a 1; a 2"),
    ],
)
def test_a_value_of_json_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words
