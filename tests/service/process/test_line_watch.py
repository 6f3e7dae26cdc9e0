"""The alarm about a hub of two: it opens again for further objects, and is raised about one member once a minute."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suar.observe.alarms import HUB_WITHHOLDS
from suar.protocol.base.hub_lines import TWO_HUBS
from suar.service.pacing.hub_comparison import PATIENCE, HubComparison
from suar.service.process.background.line_watch import TOLD_EVERY, LineWatch
from suar.store.inbound import alarm_ends
from support.corekit import CoreKit, rows

A, B = TWO_HUBS


class Watched:
    """The watch of a gateway whose clock the test moves."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.seconds, self.number = kit, 1_000.0, 0
        self.hubs = HubComparison(TWO_HUBS, lambda: self.seconds)
        for line in TWO_HUBS:
            self.hubs.set_standing(line, is_standing=True)
        run: Any = SimpleNamespace(core=kit.unlent, hubs=self.hubs, bus=None)
        self.watch = LineWatch(run, lambda: self.seconds)

    def withhold(self, origin: str = "TH") -> None:
        """Hub b passes over one object of this member, and a minute passes."""
        for line, is_left_out in ((A, False), (B, True)):
            for name in (f"{origin} {self.number}", f"{origin} {self.number + 1}"):
                if not (is_left_out and name == f"{origin} {self.number}"):
                    self.hubs.record_brought(line, name)
                    self.hubs.record_judged(line, origin, name, is_new=line == A)
        self.number += 2
        self.seconds += PATIENCE

    def alarms(self) -> list[Any]:
        return [each for each in rows(self.kit, "select * from alarm") if each.name == HUB_WITHHOLDS]

    def acknowledge(self, number: int) -> None:
        def done() -> None:
            with self.kit.core.transaction() as connection:
                assert alarm_ends.acknowledge(connection, number, "desk", "called hub b", self.kit.now)

        self.kit.aside(done)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    kit = CoreKit(tmp_path / "sg", "SG")
    yield Watched(kit)
    kit.close()


async def test_further_objects_open_an_acknowledged_alarm_again(watched: Watched) -> None:
    watched.withhold()
    await watched.watch.raise_alarms()
    (first,) = watched.alarms()
    watched.acknowledge(first.n)
    watched.seconds += TOLD_EVERY
    await watched.watch.raise_alarms()
    assert watched.alarms()[0].acknowledged_by == "desk"  # nothing new
    watched.withhold()
    await watched.watch.raise_alarms()
    (again,) = watched.alarms()
    assert (again.n, again.acknowledged_by, again.message_id) == (first.n, None, "hub-b")


async def test_of_one_member_it_is_raised_once_a_minute(watched: Watched) -> None:
    watched.withhold()
    watched.withhold("VN")
    await watched.watch.raise_alarms()
    (first,) = watched.alarms()
    watched.withhold()
    watched.seconds -= 1
    await watched.watch.raise_alarms()
    assert watched.alarms()[0].seen_again == first.seen_again
    watched.seconds += 1
    await watched.watch.raise_alarms()
    assert watched.alarms()[0].seen_again == first.seen_again + 1
