"""Times that commands print are of this machine's zone, with UTC beside; programs get UTC alone."""

import json
from typing import Any

import pytest

from suar.cli.base import local_time
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.gateway_state import ID

SENT = "2020-01-15T20:30:07Z"
BANGKOK, BANGKOK_SECONDS = "2020-01-16 03:30 (01-15 20:30Z)", "2020-01-16 03:30:07 (01-15 20:30:07Z)"
WHY = "16 January 2020, 03:30:07 (20:30:07 UTC)"


@pytest.fixture(autouse=True)
def in_bangkok(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Bangkok")


def test_why(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    cause = gateway.why

    async def why(id_: str, member: str) -> dict[str, Any] | None:
        found = await cause(id_, member)
        return found and found | {"values": found["values"] | {"at": SENT}}

    monkeypatch.setattr(gateway, "why", why)
    assert f"since {WHY}" in suar("why", ID, "SG").out
    found = json.loads(suar("why", ID, "SG", "--json").out)
    assert (found["values"]["at"], "20:30:07 UTC" in found["text"]) == (SENT, True)


def test_held(suar: Suar, gateway: FakeGateway) -> None:
    gateway.hold(1)
    assert "since 2027-01-15 15:00 (08:00Z)  by desk" in suar("held").out
    assert json.loads(suar("held", "--json").out)[0]["since"] == "2027-01-15T08:00:00Z"


def test_drills(suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def drills() -> list[dict[str, Any]]:
        return [{"drill": "border-night", "started": SENT, "by": "desk", "messages": 1}]

    async def drill_report(which: str) -> dict[str, Any]:
        message = {"id": ID, "rev": 1, "title": "A drill", "sent": SENT, "members": {}, "stages": {}}
        message["stages"] = {
            each: {"reached": 0, "of": 0, "median_seconds": None}
            for each in ("stored", "opened", "acknowledged", "acting")
        }
        return {"drill": which, "status": "exercise", "at": SENT, "messages": [message, message | {"sent": None}]}

    monkeypatch.setattr(gateway, "drills", drills)
    monkeypatch.setattr(gateway, "drill_report", drill_report)
    assert BANGKOK in suar("drill", "list").out
    assert json.loads(suar("drill", "list", "--json").out)[0]["started"] == SENT
    output = suar("drill", "report", "border-night").out
    assert f"{ID}  sent {BANGKOK}\n" in output
    assert f"{ID}  sent not yet\n" in output


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Bangkok", BANGKOK_SECONDS), ("UTC", "2020-01-15 20:30:07Z"),
     ("America/Lima", "2020-01-15 15:30:07 (20:30:07Z)")],
)  # fmt: skip
def test_the_audit_has_seconds(monkeypatch: pytest.MonkeyPatch, zone: str, shown: str) -> None:
    monkeypatch.setenv("TZ", zone)
    assert local_time.short(SENT, with_seconds=True) == shown
