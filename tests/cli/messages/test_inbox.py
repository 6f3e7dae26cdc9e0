"""`suar inbox` for a person: no id is wrapped, a title is cut to the terminal, and what we owe an answer stands out."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from suar.cli.base import local_time
from suar.cli.messages import inbox as command
from suar.languages.rendering.wrap import cut, width
from support.commands import Suar
from support.fake_gateway import FakeGateway

FAR = "2999-01-15T08:00:00Z"


def row(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "n": 1, "id": id_, "rev": 1, "kind": "alert", "origin": "KH", "status": "actual", "action": "new",
        "tlp": "AMBER+STRICT", "received": "2027-01-15T08:00:00Z", "title": "A very long title " * 9,
        "title_lang": "en", "state": "current", "urgency": "immediate", "unread": True, "answer": None,
        "acknowledge_by": None, **more,
    }  # fmt: skip


ROWS = [
    row("KH-ALERT-2027-000001", acknowledge_by=FAR),
    row("KH-ALERT-2027-000002", acknowledge_by="2020-01-15T08:00:00Z"),
    row("KH-ALERT-2027-000003"),
    row("KH-ALERT-2027-000004", unread=False, answer={"stage": "acting"}, acknowledge_by=FAR),
    row("TH-ALERT-2027-000005", unread=None, acknowledge_by=FAR, title="ข่าว" * 40),
]


@pytest.fixture
def listed(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(**filters: Any) -> list[dict[str, Any]]:
        return ROWS if filters["state"] != "ended" else []

    monkeypatch.setattr(gateway, "messages", rows)


@pytest.mark.parametrize("room", [60, 80, 100, 200])
def test_on_a_terminal_each_message_is_one_line_with_its_whole_id(
    suar: Suar, listed: None, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(room))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    head, *lines = suar("inbox").out.splitlines()
    assert head.split()[:2] == ["id", "ours"]
    assert [line.split()[0] for line in lines] == [each["id"] for each in ROWS]
    assert all(width(line) <= room for line in lines)
    assert all(line.endswith("...") for line in lines)


def test_it_says_what_we_have_to_do_and_until_when(suar: Suar, listed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Bangkok")
    _, *lines = suar("inbox").out.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["acknowledge", "late", "unread", "acting"]
    assert "2999-01-15 15:00 (08:00Z)" in lines[0]
    assert "2020-01-15 15:00 (08:00Z)" in lines[1]
    assert lines[4].split()[1] == "immediate", "nobody here answers a message of our own"
    assert ROWS[0]["title"].strip() in lines[0], "in a pipe nothing is cut"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Manila", "2000-01-02 02:30 (01-01 18:30Z)"), ("UTC", "2000-01-01 18:30Z"), ("no/zone", None)],
)
def test_times_are_local_with_utc_beside(monkeypatch: pytest.MonkeyPatch, zone: str, shown: str | None) -> None:
    monkeypatch.setenv("TZ", zone)
    short_time = local_time.short("2000-01-01T18:30:00Z")
    assert short_time is not None
    assert short_time == shown or (shown is None and "18:30Z" in short_time)
    assert local_time.short(None) is None
    year = datetime.now(UTC).year
    assert str(local_time.short(f"{year}-02-14T18:30:00Z", with_year=True)).startswith(f"{year}-02-1")


def test_a_text_is_cut_between_letters() -> None:
    assert cut("กำแพง" * 5, 10).endswith("...")
    assert width(cut("กำแพง" * 5, 10)) <= 10
    assert cut("short", 5) == "short"
    assert cut("longer", 2) == ".."
    assert command.COLUMNS[0] == "id"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("XX", "XX is no member of the federation: KH, SG, TH, VN"), ("th", "no message from TH is listed")],
)
def test_nothing_of_a_member_is_reported_from_no_member(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, code: str, expected: str
) -> None:
    async def none(**_: Any) -> list[dict[str, Any]]:
        return []

    monkeypatch.setattr(gateway, "messages", none)
    done = suar("inbox", "--from", code)
    assert (done.code, done.out) == (0, "")
    assert expected in done.err
