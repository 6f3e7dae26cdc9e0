"""An act counts as refused only when log, metric and alarm of the victim all show it."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suar.demo.story import witnesses
from suar.demo.story.witnesses import REFUSED, Act, Witnesses
from support.patience import PATIENCE

ACT = Act("an act", "somebody", "VN", "E-OVER-SHARED", "F8", ("TH",), alarm="over-shared")
REFUSAL = {"event": "message_refused", "origin": "VN", "code": "E-OVER-SHARED", "rule": "F8"}
ALARM = {"name": "over-shared", "member": "VN", "first": None, "last": None}


class Victim:
    """A gateway as its witnesses see it."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "gateway.log"
        self.log.write_text(json.dumps(REFUSAL) + "\n")  # of an earlier act
        self.count, self.raised = 3.0, list[dict[str, Any]]()

    async def counters(self) -> dict[tuple[str, ...], float]:
        return {(REFUSED, "VN", "E-OVER-SHARED"): self.count, (REFUSED, "SG", "E-OVER-SHARED"): 9.0}

    async def alarms(self) -> list[dict[str, Any]]:
        return self.raised

    def write(self, **changes: Any) -> None:
        with self.log.open("a") as log:
            log.write(json.dumps(REFUSAL | changes) + "\n")


@pytest.fixture
def victim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Victim:
    monkeypatch.setattr(witnesses, "WITHIN", 0.1)
    return Victim(tmp_path)


async def _watch(victim: Victim, do: Callable[[], None]) -> witnesses.Seen:
    async def act() -> None:
        do()

    founded = SimpleNamespace(state=lambda _: victim.log.parent)
    federation: Any = SimpleNamespace(desk=lambda _: victim, founded=founded)
    done: Callable[[], Awaitable[None]] = act
    return await Witnesses(federation, ["TH"]).watch(ACT, done)


def _happens(victim: Victim, *, log: bool = True, metric: bool = True, alarm: bool = True, **changes: Any) -> None:
    if log:
        victim.write(**changes)
    if metric:
        victim.count += 1
    if alarm:
        victim.raised.append(ALARM)


async def test_all_three_are_seen(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnesses, "WITHIN", PATIENCE)
    seen = await _watch(victim, lambda: _happens(victim))
    assert (seen.rules, seen.missing) == ({"TH": "F8"}, [])


@pytest.mark.parametrize("silent", ["log", "metric", "alarm"])
async def test_one_that_is_silent_is_missed(victim: Victim, silent: str) -> None:
    seen = await _watch(victim, lambda: _happens(victim, **{silent: False}))
    assert (seen.rules, seen.missing) == ({}, ["TH"])


async def test_a_refusal_by_another_rule_is_missed(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnesses, "WITHIN", PATIENCE)
    seen = await _watch(victim, lambda: _happens(victim, rule="F9"))
    assert (seen.rules, seen.missing) == ({"TH": "F9"}, ["TH"])


@pytest.mark.parametrize("changes", [{"origin": "SG"}, {"code": "E-MESSAGE-SENDER"}])
async def test_a_refusal_of_something_else_is_missed(victim: Victim, changes: dict[str, Any]) -> None:
    seen = await _watch(victim, lambda: _happens(victim, **changes))
    assert seen.missing == ["TH"]
