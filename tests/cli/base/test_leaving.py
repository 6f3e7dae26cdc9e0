"""After `suar publish` one sentence says what is true now: where the message is, or that it is not known."""

from pathlib import Path
from typing import Any

import pytest

from suar.cli.base import leaving
from support.commands import Suar
from support.fake_gateway import FakeGateway

NEW = "TH-ALERT-2027-000002"


def answered(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """What the gateway says of deliveries is changed."""
    real = FakeGateway.deliveries

    async def deliveries(self: FakeGateway, id_: str, rev: int | None = None) -> dict[str, Any] | None:
        found = await real(self, id_, rev)
        assert found is not None
        return dict(change(found))

    monkeypatch.setattr(FakeGateway, "deliveries", deliveries)
    monkeypatch.setattr(leaving, "LEAVES_WITHIN", 0.0)


def last_line(suar: Suar, file: Path) -> str:
    ended = suar("publish", str(file))
    assert (ended.code, ended.out) == (0, f"{NEW}\n")
    return ended.err.splitlines()[-1]


def test_it_has_left_for_some(suar: Suar, gateway: FakeGateway, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_is_behind(found: dict[str, Any]) -> dict[str, Any]:
        first = min(found["members"])
        return {**found, "members": {**found["members"], first: {**found["members"][first], "sent": None}}}

    answered(monkeypatch, one_is_behind)
    assert last_line(suar, file) == (
        f"{NEW} has left for 2 of 3 members: `suar deliveries {NEW} --follow` shows the others"
    )


def test_nobody_can_open_it(suar: Suar, gateway: FakeGateway, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, lambda found: {**found, "members": {}})
    assert "no member can open it" in last_line(suar, file)


def test_what_is_not_known_is_not_said(
    suar: Suar, gateway: FakeGateway, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that answers with an error: it does not follow that no member can open the message."""

    async def finds_nothing(self: FakeGateway, id_: str, rev: int | None = None) -> None:
        return None

    monkeypatch.setattr(FakeGateway, "deliveries", finds_nothing)
    line = last_line(suar, file)
    assert line == f"{NEW} is published; the gateway does not say who has it: `suar deliveries {NEW}` asks again"
