"""bench/simulate.py: what it counts is what the formula says, and what it leaves out would change nothing."""

import importlib
from types import ModuleType

import pytest

from suar.bus.streams import OUTBOX_BYTES
from suar.protocol.base import limits
from suar.protocol.base.subjects import ALL
from support.bundles import ROOT


@pytest.fixture
def simulate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("simulate")


@pytest.mark.parametrize(
    ("members", "days", "messages", "statements", "realms"), [(12, 2.0, 10, 1, 1), (6, 1.0, 40, 3, 2)]
)
def test_no_limit_is_met_and_the_formula_says_the_same(
    simulate: ModuleType, members: int, days: float, messages: int, statements: int, realms: int
) -> None:
    federation = simulate.Federation(simulate.Plan(members, days, messages, statements, realms))
    federation.run()
    assert not federation.traffic.trouble, "all was accepted, nothing was alarmed"
    found = {each.name: each.part for each in simulate.found_limits(federation, OUTBOX_BYTES)}
    assert all(part < 1 for part in found.values())
    of_formula = simulate.capacity.point(federation.plan.load)
    simulated = simulate.point(federation)
    for name in ("heartbeat", "epoch", "object_", "outbox", "region", "hub_mbit", "hub_cpu"):
        assert getattr(simulated, name) == pytest.approx(getattr(of_formula, name), rel=0.1)


def test_a_heartbeat_that_represents_an_hour_counts_as_all_of_them(simulate: ModuleType) -> None:
    each, one_an_hour = (simulate.Federation(simulate.Plan(4, 0.5, beats=beats)) for beats in (1, 120))
    for federation in (each, one_an_hour):
        federation.run()
    for found, counted in zip(simulate.point(one_an_hour), simulate.point(each), strict=True):
        assert found == pytest.approx(counted, rel=0.03)


def test_keys_that_are_replaced_at_once_open_epochs_and_those_of_the_calendar_wait(simulate: ModuleType) -> None:
    calm, with_one = (simulate.Federation(simulate.Plan(3, 2.5, 0, emergencies=number)) for number in (0, 1))
    opened = []
    for federation in (calm, with_one):
        federation.run()
        assert not federation.traffic.trouble
        opened.append(sum(count for key, count in federation.traffic.epochs_in_day.items() if key[2] == ALL))
    restarts_at_most = 3
    assert 3 * 10 <= opened[0] <= 3 * 10 + restarts_at_most, "four a day and member"
    assert opened[1] > opened[0]


@pytest.mark.parametrize("hubs", [1, 2])
def test_what_waits_for_the_end_of_an_outage_comes_and_nothing_of_it_is_alarmed(
    simulate: ModuleType, capsys: pytest.CaptureFixture[str], hubs: int
) -> None:
    federation = simulate.Federation(simulate.Plan(3, 1.0, hubs=hubs, outages=1, hub_outages=1))
    federation.run()
    assert simulate.show(federation, OUTBOX_BYTES)
    assert not federation.traffic.trouble
    assert federation.underway == 0
    hours_of_heartbeats = 5 * limits.HOUR // limits.HEARTBEAT_INTERVAL
    assert federation.caught_up.objects > hours_of_heartbeats
    assert "objects came at once" in capsys.readouterr().out
    assert (federation.traffic.second_copies > 0) == (hubs == 2)


def test_it_fails_while_something_has_not_come(
    simulate: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = simulate.Federation(simulate.Plan(3, 0.1, outages=1, outage=limits.HOUR))
    monkeypatch.setattr(importlib.import_module("lines_of_hubs").Line, "restore", lambda *_: None)
    federation.run()
    assert not simulate.show(federation, OUTBOX_BYTES)
    assert f"{federation.underway} objects did not come" in capsys.readouterr().out


def test_it_fails_where_a_limit_is_met(simulate: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    federation = simulate.Federation(simulate.Plan(3, 0.25))
    federation.run()
    assert simulate.show(federation, OUTBOX_BYTES)
    assert not simulate.show(federation, limits.PAD_BLOCK)
    assert "of OUTBOX of a member" in capsys.readouterr().out
