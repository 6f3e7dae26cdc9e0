"""The alarm about a hub of two: it opens again for further objects, and is raised about one member once a minute."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suar.federation import monitor
from suar.observe.alarms import HUB_WITHHOLDS
from suar.observe.hooks import AlarmRaised, Happened, LineLost
from suar.observe.passed_over import PassedOver
from suar.protocol.base.link_names import TWO_HUBS
from suar.service.gaps import alarms
from suar.service.pacing.hub_comparison import PATIENCE, HubComparison
from suar.service.process.background.link_watch import LINKS_EVERY, RAISED_EVERY, LinkWatch
from suar.store.inbound import alarm_ends
from support.corekit import CoreKit, rows

A, B = TWO_HUBS


class Watched:
    """The watch of a gateway whose clock the test moves."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.seconds, self.number = kit, 1_000.0, 0
        self.hubs = HubComparison(TWO_HUBS, lambda: self.seconds)
        for link in TWO_HUBS:
            self.hubs.set_standing(link, is_standing=True)
        run: Any = SimpleNamespace(core=kit.unlent, hubs=self.hubs, bus=SimpleNamespace(server_id=""))
        self.watch = LinkWatch(run, lambda: self.seconds)

    def withhold(self, origin: str = "TH") -> None:
        """Hub b passes over one object of this member, and a minute passes."""
        for link, is_left_out in ((A, False), (B, True)):
            for name in (f"{origin} {self.number}", f"{origin} {self.number + 1}"):
                if not (is_left_out and name == f"{origin} {self.number}"):
                    self.hubs.record_delivery(link, name)
                    self.hubs.record_judged(link, origin, name, is_new=link == A)
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
    settings = kit.folder / "suar.toml"
    settings.write_text(settings.read_text("utf-8").replace("# two_hubs = false", "two_hubs = true"), "utf-8")
    yield Watched(kit.restart())
    kit.close()


async def test_further_objects_open_an_acknowledged_alarm_again(watched: Watched) -> None:
    watched.withhold()
    await watched.watch.raise_alarms()
    (first,) = watched.alarms()
    watched.acknowledge(first.n)
    watched.seconds += RAISED_EVERY
    await watched.watch.raise_alarms()
    assert watched.alarms()[0].acknowledged_by == "desk"  # nothing new
    watched.withhold()
    await watched.watch.raise_alarms()
    (again,) = watched.alarms()
    assert (again.n, again.acknowledged_by, again.message_id) == (first.n, None, "hub-b")


@pytest.mark.parametrize("hub", ["hub-a", "hub-b"])
async def test_what_a_hub_withholds_is_an_alarm_also_while_it_drops_objects_of_ours(watched: Watched, hub: str) -> None:
    """Else a hub could hide what it withholds, by dropping one object of the reader's own beside it."""
    now = watched.kit.now
    watched.kit.unlent.note_passed_over((PassedOver(hub, now - 60_000, None, 3),))
    watched.withhold()
    await watched.watch.raise_alarms()
    assert [each.message_id for each in watched.alarms()] == ["hub-b"]


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


ACTIVE: dict[str, Any] = {"sources": [{"active": 500_000_000}]}
QUIET: dict[str, Any] = {"sources": [{"active": 9_000_000_000}]}


def link_events(watched: Watched) -> list[tuple[str, str, object]]:
    """(event, hub, renewed or seconds) of what was said about links."""
    found = list[tuple[str, str, object]]()
    for each in watched.kit.records:
        if isinstance(each, LineLost):
            found.append(("lost", each.hub, each.is_renewed))
        elif isinstance(each, Happened) and each.event == "line_back":
            found.append(("back", each.facts["hub"], each.facts["seconds"]))
    return found


@pytest.fixture(autouse=True)
def links(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The links of the own server by account, with their numbers, as its monitor shows them."""
    shown = {"LINK_A": 7, "LINK_B": 8}

    async def leafs(_port: object) -> list[dict[str, Any]]:
        return [{"account": account, "id": number} for account, number in shown.items()]

    async def varz(_port: object) -> dict[str, Any]:
        return {"server_id": ""}

    monkeypatch.setattr(monitor, "leafs", leafs)
    monkeypatch.setattr(monitor, "varz", varz)
    return shown


async def test_the_loss_of_a_line_and_its_return_are_reported(watched: Watched) -> None:
    for of_b in (ACTIVE, QUIET, QUIET, ACTIVE, ACTIVE):
        await watched.watch.update({A: ACTIVE, B: of_b})
        watched.seconds += 1
    assert link_events(watched) == [("lost", "hub-b", False), ("back", "hub-b", 2.0)]


async def test_a_link_that_was_cut_and_is_back_is_reported_by_its_number(
    watched: Watched, links: dict[str, int]
) -> None:
    """Within a second or two a source is active again, so no look found the link down."""
    for n in (8, 8, 12, 12):
        links["LINK_B"] = n
        await watched.watch.update({A: ACTIVE, B: ACTIVE})
        watched.seconds += LINKS_EVERY
    assert link_events(watched) == [("lost", "hub-b", True)]


async def test_a_loss_that_was_seen_is_reported_once(watched: Watched, links: dict[str, int]) -> None:
    for of_b, n in ((ACTIVE, 8), (QUIET, 8), (ACTIVE, 9), (ACTIVE, 9)):
        links["LINK_B"] = n
        await watched.watch.update({A: ACTIVE, B: of_b})
        watched.seconds += LINKS_EVERY
    assert [what for what, *_ in link_events(watched)] == ["lost", "back"]


async def test_the_alarm_is_about_the_hub(watched: Watched) -> None:
    """Our own member stood there: `about SG`, at SG."""
    watched.withhold()
    await watched.watch.raise_alarms()
    (shown,) = watched.kit.aside(alarms.list_alarms, watched.kit.unlent, 0)
    assert (shown["member"], shown["message"]) == ("hub-b", "hub-b")
    assert [each.member for each in watched.kit.records if isinstance(each, AlarmRaised)] == ["hub-b"]
