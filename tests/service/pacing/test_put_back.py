"""The signs that our own machine was put back, what is no such sign, and how long ids wait at a start."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from suar.observe.hooks import AlarmRaised, Happened
from suar.protocol.base import limits
from suar.protocol.base.link_names import ONE_HUB, ONLY_HUB
from suar.service.gaps.skipped_numbers import RANGE
from suar.service.pacing import readiness
from suar.service.pacing.put_back import FIRST, START, PutBackWatch
from suar.service.pacing.readiness import Readiness
from suar.service.pacing.return_order import ReturnOrder
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting
from suar.service.status.hub_link import FINE, ProbedLink
from suar.service.status.snapshot import BusState
from support.corekit import CoreKit
from support.gateways import draft
from support.pairs import EXPIRES, Two


class Pace:
    """What the check of the pace found."""

    def __init__(self) -> None:
        self.is_dropped, self.epochs = False, 0

    async def open_epoch(self) -> None:
        self.epochs += 1


class Machine:
    """The watch over a core that sent before its start."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.ready, self.pace, self.is_doubtful = kit, Readiness(kit.core), Pace(), False
        self.order = ReturnOrder(ONE_HUB)
        pace: Any = self.pace
        self.watch = PutBackWatch(kit.core, self.ready, pace, self.order, lambda: self.is_doubtful)
        self.ready.bus = BusState(is_connected=True, source_active_seconds=0.1, link=FINE)

    def send(self, *ids: str, older: tuple[str, ...] = ()) -> None:
        self.order.expect(ids, self.kit.now, 1, older)
        self.kit.core.echo.record_published(self.kit.now)

    def returned(self, id_: str) -> None:
        self.order.record_return(ONLY_HUB, id_, self.kit.now)
        self.kit.core.echo.record_echo()

    @property
    def alarms(self) -> list[str]:
        return [each.name for each in self.kit.records if isinstance(each, AlarmRaised) and each.member == "TH"]

    @property
    def skips(self) -> int:
        return [each.event for each in self.kit.records if isinstance(each, Happened)].count("numbers_skipped")


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    two = Two(tmp_path)
    two.publish(draft("before", expires=EXPIRES))
    two.leave(two.th)
    two.th.now += limits.HOUR
    two.th.restart()
    yield Machine(two.th)
    two.th.close()
    two.sg.close()


async def test_ids_wait_until_the_first_object_returned(machine: Machine) -> None:
    assert machine.watch.is_holding_ids, "nothing left yet"
    machine.send("epoch", "heartbeat")
    await machine.watch.check()
    assert machine.watch.is_holding_ids
    machine.returned("epoch")
    assert not machine.watch.is_holding_ids, "at once, not at the next check"
    await machine.watch.check()
    assert (machine.skips, machine.alarms, machine.pace.epochs) == (0, [], 0)


async def test_ids_wait_some_seconds_and_not_for_a_hub_that_is_away(machine: Machine) -> None:
    machine.kit.now += START
    assert not machine.watch.is_holding_ids
    machine.send("epoch")
    assert machine.watch.is_holding_ids
    machine.ready.bus = BusState(is_connected=True, source_active_seconds=-1.0, link=ProbedLink(has_leaf=False))
    assert not machine.watch.is_holding_ids
    machine.ready.bus = BusState(is_connected=True, source_active_seconds=0.1, link=FINE)
    machine.kit.now += FIRST
    assert not machine.watch.is_holding_ids


async def test_a_link_that_is_not_up_yet_is_waited_for(machine: Machine) -> None:
    """An own server that has just started has none yet; before, the first id after a put-back was a used one."""
    machine.ready.bus = BusState(is_connected=True, source_active_seconds=-1.0, link=ProbedLink(has_leaf=False))
    assert machine.watch.is_holding_ids
    machine.kit.now += FIRST
    assert not machine.watch.is_holding_ids


# -- an id is needed, and nothing showed whether it is used


def number(id_: str) -> int:
    return int(id_.rsplit("-", 1)[1])


def drafted(title: str) -> dict[str, Any]:
    return draft(title, expires=EXPIRES)


async def published(machine: Machine, title: str) -> str:
    data = json.dumps(drafted(title)).encode()
    core = machine.kit.unlent
    (verdict,) = await core.run(accepting.accept, core, [(data, None)], realm="actual", token="desk")
    assert verdict.id is not None
    return verdict.id


def because(machine: Machine) -> list[object]:
    happened = (each for each in machine.kit.records if isinstance(each, Happened))
    return [each.facts["because"] for each in happened if each.event == "own_objects_not_returned"]


@pytest.mark.parametrize(
    ("has_sent", "bus", "reason"),
    [
        (False, BusState(is_connected=False), "no-server"),
        (False, BusState(is_connected=True, link=ProbedLink(has_leaf=False)), "no-link"),
        (True, BusState(is_connected=True, link=ProbedLink(has_leaf=False)), "no-link"),
        (False, BusState(is_connected=True, source_active_seconds=0.1, link=FINE), "nothing-sent"),
        (True, BusState(is_connected=True, source_active_seconds=20.0, link=FINE), "not-returned"),
    ],
)
async def test_a_range_is_skipped_before_an_id_that_may_be_used(
    machine: Machine, has_sent: bool, bus: BusState, reason: str
) -> None:
    """The link comes up late, the first heartbeat leaves late, or the hub's source is slow: used ids came again."""
    machine.ready.bus, machine.ready.id_hold = bus, machine.watch
    if has_sent:
        machine.send("epoch")
    machine.kit.now += START
    await machine.ready.wait_for_return()
    id_ = await published(machine, "later")
    assert number(id_) > RANGE
    await machine.ready.wait_for_return()
    second = await published(machine, "later still")
    assert number(second) == number(id_) + 1, "once a start"
    assert (because(machine), machine.alarms) == ([reason], [])


async def test_the_replacement_of_a_cancelled_message_waits_and_skips_likewise(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a number of its own; the cancel alone has none and waits for nothing."""
    before = await published(machine, "cancelled")
    gateway = Gateway(machine.kit.unlent, Wake())
    monkeypatch.setattr(gateway.ready, "wait_for_own_ids", AsyncMock())
    gateway.ready.id_hold = machine.watch
    machine.kit.now += START
    alone = await published(machine, "cancelled alone")
    await gateway.cancel(alone, "anna", "wrong", None)
    assert machine.skips == 0
    done = await gateway.cancel(before, "anna", "wrong", json.dumps(drafted("right")).encode())
    assert done is not None
    assert number(done["replacement"]["id"]) > RANGE


async def test_what_shows_later_that_it_was_put_back_skips_no_second_range(machine: Machine) -> None:
    machine.send("epoch", "heartbeat 1", "heartbeat 2")
    machine.kit.now += START
    await machine.watch.end_hold()
    machine.pace.is_dropped = True
    await machine.watch.check()
    machine.pace.is_dropped = False
    machine.returned("heartbeat 2")
    await machine.watch.check()
    assert (machine.skips, machine.alarms) == (1, ["restored"])


async def test_an_id_waits_no_longer_than_its_limit_and_is_past_a_range(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands: what holds ids would hold them for ever."""
    monkeypatch.setattr(readiness, "RETURN_WAIT", 0.05)
    machine.ready.id_hold = machine.watch
    assert machine.watch.is_holding_ids
    await machine.ready.wait_for_return()
    assert machine.skips == 1
    assert not machine.watch.is_holding_ids


async def test_nothing_is_skipped_once_an_object_returned_or_a_range_was_skipped_for_a_sign(machine: Machine) -> None:
    machine.send("epoch")
    machine.returned("epoch")
    await machine.watch.end_hold()
    assert machine.skips == 0
    machine.order.passed_at_start, machine.pace.is_dropped = None, True
    await machine.watch.check()
    await machine.watch.end_hold()
    assert (machine.skips, because(machine)) == (1, [])


async def test_a_restart_without_an_id_that_is_needed_skips_nothing(machine: Machine) -> None:
    machine.ready.bus = BusState(is_connected=True, link=ProbedLink(has_leaf=False))
    for _ in range(60):
        machine.kit.now += limits.SECOND
        await machine.watch.check()
    assert (machine.skips, because(machine)) == (0, [])


async def test_a_new_member_does_not_wait(tmp_path: Path) -> None:
    kit = CoreKit(tmp_path, "TH")
    machine = Machine(kit)
    assert not machine.watch.is_holding_ids
    await machine.watch.end_hold()
    assert (machine.skips, because(machine)) == (0, [])
    kit.close()


async def test_while_the_hub_drops_ours_a_range_is_skipped_once_and_no_alarm_is_raised(machine: Machine) -> None:
    """A hub whose first objects came a moment late shows the same."""
    machine.send("epoch", "heartbeat")
    machine.pace.is_dropped = True
    await machine.watch.check()
    assert not machine.watch.is_holding_ids
    await machine.watch.check()
    machine.pace.is_dropped = False
    machine.returned("epoch")
    await machine.watch.check()
    assert (machine.skips, machine.alarms) == (1, [])


async def test_it_is_certain_once_a_later_object_returned(machine: Machine) -> None:
    machine.send("epoch", "heartbeat 1", "heartbeat 2")
    machine.pace.is_dropped = True
    await machine.watch.check()
    machine.pace.is_dropped = False
    machine.returned("heartbeat 2")
    for _ in range(3):
        await machine.watch.check()
    assert (machine.skips, machine.alarms) == (1, ["restored"])


async def test_objects_that_did_not_return_are_no_proof_alone(machine: Machine) -> None:
    """The hub's disk may have been put back: then it confirms what it stores, and every INBOX drops it."""
    machine.send("epoch", "heartbeat 1", "heartbeat 2")
    machine.returned("heartbeat 2")
    assert machine.watch.is_holding_ids, "until the range is skipped"
    await machine.watch.check()
    assert not machine.watch.is_holding_ids
    assert (machine.skips, machine.alarms, machine.pace.epochs) == (1, [], 1)


async def test_an_own_server_that_was_put_back_alone_is_none(machine: Machine) -> None:
    """What it lost is published again first, and is dropped; what was sealed since the start follows."""
    machine.send("lost 1", "lost 2", older=("lost 1", "lost 2"))
    machine.send("epoch", "heartbeat")
    machine.pace.is_dropped = True
    await machine.watch.check()
    machine.pace.is_dropped = False
    machine.returned("epoch")
    await machine.watch.check()
    assert machine.alarms == []


async def test_a_stream_of_a_new_server_is_none(machine: Machine) -> None:
    machine.is_doubtful = True
    machine.send("epoch", "heartbeat")
    machine.pace.is_dropped = True
    await machine.watch.check()
    machine.returned("heartbeat")
    await machine.watch.check()
    assert machine.alarms == []


def test_what_left_before_the_start_says_nothing_when_it_returns(machine: Machine) -> None:
    machine.send("older", "epoch", "heartbeat", older=("older",))
    machine.returned("older")
    assert machine.order.passed_at_start is None
    machine.returned("heartbeat")
    assert machine.order.passed_at_start == 1
