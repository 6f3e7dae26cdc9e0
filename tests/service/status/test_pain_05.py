"""Pain 5, stopped by one's own trust services: 30 simulated days without trust traffic, and what comes after them.

Two cores, their clocks in the test's hand. Bundles and heartbeats flow every day; no list and no Revoke ever does. The
list is good for thirty days, then come thirty days of grace.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.service.publish import sealing
from suar.service.status import snapshot
from suar.service.status.hub_link import FINE
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import why
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import NOW, ListMaker, actor
from support.pairs import Two
from support.read_out import show

DAY: Final = limits.DAY
DAYS: Final = 30
SEEN: Final = ProcessState(
    BusState(is_connected=True, source_active_seconds=0.1, link=FINE), is_settled=True, has_stood_down=False
)
HEARTBEAT: Final = limits.HEARTBEAT_INTERVAL


class Month(Two):
    """TH and SG under a list of thirty days."""

    def __init__(self, folder: Path) -> None:
        lists = ListMaker(issued=NOW, expires=NOW + DAYS * DAY)
        self.th, self.sg = CoreKit(folder / "th", "TH", lists), CoreKit(folder / "sg", "SG", lists)
        self.start = self.th.now
        self.withheld: list[tuple[str, bytes]] = []
        for kit in (self.th, self.sg):
            kit.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH", "VN") if code != kit.code))

    def pass_to(self, day: float) -> None:
        """The clocks move on; each gateway does what it does every second and every heartbeat."""
        for kit in (self.th, self.sg):
            kit.now = self.start + int(day * DAY)
            trust_sync.keep_bundle_fresh(kit.core)
            trust_sync.repeat_daily(kit.core)
        self.exchange()
        for kit in (self.th, self.sg):
            trust_sync.release_parked(kit.core)
            sealing.seal_heartbeat(kit.core)
        self.exchange()

    def exchange(self) -> None:
        """What both have to say but lists and Revokes, there and back again."""
        for _ in range(2):
            for one, other in ((self.th, self.sg), (self.sg, self.th)):
                objects = [each for each in self.leave(one) if ".trust." not in each[0] and ".revoke." not in each[0]]
                if objects:
                    other.receive(*objects)

    def send(self, day: float) -> str:
        """A message of that day."""
        expires = "2027-03-30T00:00:00Z"
        [id_] = self.publish(draft(f"of day {day:g}", ["SG"], expires=expires))
        return id_

    def check(self, name: str) -> checks.Check:
        found = checks.run(snapshot.read_snapshot(self.th.core, SEEN), HEARTBEAT)
        return next(each for each in found if each.id == name)

    def why(self, id_: str) -> Any:
        found = why(self.th.core, id_, "SG", SEEN)
        return found["cause"] if found else None


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    made = Month(tmp_path)
    yield made
    made.th.close()
    made.sg.close()


def test_pain_05_30_days_without_trust_traffic_exchange_goes_on_and_warnings_rise(month: Month) -> None:
    severities: dict[str, int] = {}
    for day in range(DAYS):
        month.pass_to(day)
        id_ = month.send(day)
        month.exchange()
        assert month.why(id_) == "stored", day
        line = month.check("trust-days-left")
        assert line.status == ("ok" if day < DAYS / 2 else "warning"), day
        severities.setdefault(line.text.rpartition(", ")[2], day)
    assert severities["under 50% of the list's lifetime"] == 15
    assert severities["under 20% of the list's lifetime"] == 24
    assert severities["under 5% of the list's lifetime"] == 29
    assert month.check("trust-days-left").next

    # expired: thirty days of grace in red, and the exchange still goes on
    for day in range(DAYS, 2 * DAYS):
        month.pass_to(day)
        id_ = month.send(day)
        if day < 2 * DAYS - 1:
            month.exchange()
            assert month.why(id_) == "stored", day
        assert month.check("trust-days-left").status == "critical"
        assert "sealing stops in" in month.check("trust-days-left").text
        assert month.check("peer-faults").text == "SG says: its trust list ran out"
    last, on_the_way = id_, month.leave(month.th)

    # over: nothing is sealed, what was sealed before is opened, and the cause is clear
    month.pass_to(2 * DAYS)
    late = month.send(2 * DAYS)
    assert [each for each in month.leave(month.th) if ".frame." in each[0]] == []
    assert month.why(late) == "trust-expired"
    assert "nothing is sealed" in month.check("trust-days-left").text
    assert not sealing.seal_heartbeat(month.th.core)
    month.sg.receive(*on_the_way)
    opened = show(month.sg.core, last, None, "analyst", is_person=True)
    assert opened is not None
    assert opened["message"]["text"][0]["title"] == f"of day {2 * DAYS - 1}"

    # the next list mends it: what waited leaves
    lists = month.th.lists
    lists.prev, lists.version, lists.issued = lists.hash(), 2, month.th.now
    lists.expires = lists.issued + 180 * DAY
    for kit in (month.th, month.sg):
        assert trust_sync.import_list(kit.core, lists.signed(), None, who="operator").result == "ok"
    month.pass_to(2 * DAYS + 0.01)
    month.exchange()
    assert month.why(late) == "stored"
    assert month.check("trust-days-left").status == "ok"
