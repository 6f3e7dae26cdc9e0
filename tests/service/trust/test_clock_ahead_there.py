"""A member whose clock runs ahead and is then set right: what the others and the member itself say of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.observe.checks import every as checks
from suar.observe.checks.finding import Check
from suar.protocol.base import limits
from suar.service.access.troubles import clock_error
from suar.service.process.background.silence import SilenceWatch
from suar.service.publish import sealing
from suar.service.reading.verdict import Verdict
from suar.service.receive import inbound
from suar.service.status import waiting_for
from suar.service.status.hub_link import FINE
from suar.service.status.snapshot import BusState, ProcessState, read_snapshot
from suar.service.status.why import why
from suar.service.trust import trust_sync
from suar.service.trust.clock_reset import reset_clock
from support.corekit import CoreKit, rows
from support.pairs import Two, new

AHEAD = 20 * limits.MINUTE
INTERVAL = limits.HEARTBEAT_INTERVAL
SEEN = ProcessState(
    BusState(is_connected=True, source_active_seconds=0.1, link=FINE), is_settled=True, has_stood_down=False
)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    for kit in (made.th, made.sg):
        trust_sync.rotate_bundle(kit.core)
    for _ in range(3):
        later(made)
    yield made
    made.th.close()
    made.sg.close()


def later(two: Two, milliseconds: int = INTERVAL) -> None:
    """A heartbeat of TH to SG and one back, after that time."""
    two.th.now += milliseconds
    two.sg.now += milliseconds
    for one, other in ((two.th, two.sg), (two.sg, two.th)):
        sealing.seal_heartbeat(one.core)
        objects = two.leave(one)
        if not other.core.world.is_clock_back(other.now):
            other.receive(*objects)


def run_ahead(two: Two) -> None:
    """TH's clock jumps, and its gateway is started again: its epochs begin ahead of the right time."""
    two.th.now += AHEAD
    two.th.restart()
    later(two)


def set_right(two: Two) -> None:
    two.th.now -= AHEAD
    reset_clock(two.th.core, "test")


def cause(kit: CoreKit, id_: str, member: str) -> dict[str, Any]:
    found = why(kit.core, id_, member, SEEN)
    assert found is not None
    return found


def silent(kit: CoreKit) -> set[str]:
    return {row[0] for row in rows(kit, "select member from alarm where name = 'silence'")} & {"TH", "SG"}


def found(kit: CoreKit, name: str, entity: str) -> list[Check]:
    every = checks.run(read_snapshot(kit.core, SEEN), INTERVAL)
    return [check for check in every if (check.id, check.entity) == (name, entity) and check.status != "ok"]


def test_a_wrong_clock_there_is_no_silence(two: Two) -> None:
    watch = SilenceWatch(two.sg.core)
    run_ahead(two)
    for _ in range(10):
        later(two)
        watch.check(two.sg.now, is_receiving=True)
    assert silent(two.sg) == set()
    [wrong] = found(two.sg, "peer-clocks", "TH")
    assert "the clock of TH is 20 min ahead of ours" in wrong.text
    assert found(two.sg, "peers-silent", "TH") == []
    assert cause(two.sg, "TH-ALERT-2026-000001", "SG")["cause"] == "clock-wrong-there"


def test_it_is_silent_once_nothing_comes(two: Two) -> None:
    watch = SilenceWatch(two.sg.core)
    run_ahead(two)
    for _ in range(2 * INTERVAL // 1000 + 20):
        two.sg.now += limits.SECOND
        watch.check(two.sg.now, is_receiving=True)
    assert "TH" in silent(two.sg)
    assert found(two.sg, "peers-silent", "TH")


def test_after_the_reset_what_was_sealed_waits_for_its_time(two: Two) -> None:
    run_ahead(two)
    later(two)
    set_right(two)
    later(two)
    later(two)
    [id_] = two.publish(new("dated ahead") | {"audience": {"members": "all"}})
    two.to_sg()
    there, here = cause(two.sg, id_, "SG"), cause(two.th, id_, "SG")
    assert (there["cause"], here["cause"]) == ("waiting-for-its-time", "waiting-for-its-time")
    assert there["values"]["until"] == here["values"]["until"] is not None
    [wrong] = found(two.sg, "peer-clocks", "TH")
    assert "was set back" in wrong.text
    [own] = found(two.th, "clock", "gateway")
    assert own.status == "warning"
    for _ in range(AHEAD // INTERVAL):
        later(two)
        inbound.judge_due(two.sg.core)
    two.to_th()
    assert cause(two.th, id_, "SG")["cause"] == "stored"
    assert found(two.th, "clock", "gateway") == []


def test_publication_says_that_it_waits(two: Two) -> None:
    run_ahead(two)
    set_right(two)
    later(two)
    [id_] = two.publish(new("dated ahead") | {"audience": {"members": "all"}})
    two.leave(two.th)
    verdict = waiting_for.with_causes(two.th.core, SEEN, [Verdict(id_, 1, "published")])
    assert [each.waiting for each in verdict] == ["waiting-for-its-time"]


def test_what_was_measured_with_the_wrong_clock_goes_with_the_reset(two: Two) -> None:
    two.th.now += AHEAD
    later(two)
    later(two)
    [blamed] = found(two.th, "peer-clocks", "SG")
    assert "or ours is wrong" in blamed.text
    set_right(two)
    assert found(two.th, "peer-clocks", "SG") == []
    assert clock_error(two.th.core.status, two.th.now) == 0
