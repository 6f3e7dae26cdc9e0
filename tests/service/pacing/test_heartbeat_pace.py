"""How soon the next heartbeat follows, and what waits, while the hub drops what we send after a start."""

from pathlib import Path
from typing import Any

import pytest

from suar.bus import jsapi
from suar.protocol.base import limits
from suar.service.pacing.heartbeat_pace import FAST, FIRST, MOST, PATIENCE, HeartbeatPace, is_dropping
from suar.service.pacing.readiness import Readiness
from suar.service.status.hub_link import FINE, ProbedLink
from suar.service.status.snapshot import BusState
from support.corekit import CoreKit

AT = "2026-11-30T10:05:34.189907565Z"
DROPS = {"delivered": {"consumer_seq": 3, "last_active": AT}, "ack_floor": {"consumer_seq": 0, "last_active": AT}}
CONFIRMS = {"delivered": {"consumer_seq": 3, "last_active": AT}, "ack_floor": {"consumer_seq": 2, "last_active": AT}}
SILENT = {"delivered": {"consumer_seq": 3, "last_active": AT}, "ack_floor": {"consumer_seq": 0}}
IDLE = {"delivered": {"consumer_seq": 0}, "ack_floor": {"consumer_seq": 0}}


class Gateway:
    """The pace of a core whose hub shows `consumer`."""

    def __init__(self, kit: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kit, self.ready, self.consumer = kit, Readiness(kit.core), DROPS
        self.set_link()
        bus: Any = None
        self.pace = HeartbeatPace(kit.core, self.ready, bus)
        self.interval = kit.core.config.bus.heartbeat_seconds

        async def consumer_info(*_: object) -> dict[str, Any]:
            return self.consumer

        monkeypatch.setattr(jsapi, "consumer_info", consumer_info)

    def set_link(self, link: ProbedLink = FINE, active: float | None = 0.1) -> None:
        self.ready.bus = BusState(is_connected=True, source_active_seconds=active, link=link)

    async def check_after(self, milliseconds: int) -> bool:
        self.kit.now += milliseconds
        return await self.pace.check()


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    kit = CoreKit(tmp_path, "TH")
    yield Gateway(kit, monkeypatch)
    kit.close()


def test_only_a_consumer_that_confirmed_nothing_since_its_start_shows_it() -> None:
    assert [is_dropping(each) for each in (DROPS, CONFIRMS, SILENT, IDLE)] == [True, False, False, False]


async def test_it_is_fast_from_a_second_after_the_first_until_one_returned(gateway: Gateway) -> None:
    echo = gateway.kit.core.echo
    assert not await gateway.check_after(limits.HOUR)
    assert gateway.pace.seconds == gateway.interval, "nothing was sent"
    echo.record_published(gateway.kit.now)
    assert not await gateway.check_after(PATIENCE - 1)
    assert gateway.pace.seconds == gateway.interval
    assert not await gateway.check_after(1)
    assert gateway.pace.seconds == FAST
    assert gateway.pace.is_holding_messages
    echo.record_echo()
    assert gateway.pace.seconds == gateway.interval
    assert gateway.pace.is_holding_messages, "the epoch of the start was dropped"
    assert await gateway.check_after(1)
    assert gateway.kit.core.is_reload_pending
    assert not gateway.pace.is_holding_messages
    assert gateway.pace.seconds == FAST, "the new epoch is announced"
    gateway.pace.record_sent()
    echo.record_published(gateway.kit.now)
    assert not await gateway.check_after(limits.HOUR)
    assert gateway.pace.seconds == gateway.interval
    assert not gateway.pace.is_holding_messages


@pytest.mark.parametrize("consumer", [CONFIRMS, SILENT, IDLE])
async def test_a_hub_that_confirms_or_was_delivered_nothing_drops_nothing(gateway: Gateway, consumer: Any) -> None:
    gateway.consumer = consumer
    gateway.kit.core.echo.record_published(gateway.kit.now)
    await gateway.check_after(PATIENCE)
    assert gateway.pace.seconds == gateway.interval
    assert gateway.pace.is_holding_messages, "the first one may return yet"
    await gateway.check_after(FIRST - PATIENCE)
    assert not gateway.pace.is_holding_messages


@pytest.mark.parametrize(
    ("link", "active"), [(ProbedLink(has_leaf=False), 0.1), (FINE, None), (FINE, -1.0), (FINE, 60.0)]
)
async def test_without_a_line_it_is_not_fast(gateway: Gateway, link: ProbedLink, active: float | None) -> None:
    gateway.kit.core.echo.record_published(gateway.kit.now)
    await gateway.check_after(PATIENCE)
    gateway.set_link(link, active)
    assert gateway.pace.seconds == gateway.interval
    assert not gateway.pace.is_holding_messages


async def test_they_are_bounded_in_24_hours(gateway: Gateway) -> None:
    gateway.kit.core.echo.record_published(gateway.kit.now)
    await gateway.check_after(FIRST)
    for _ in range(MOST):
        assert gateway.pace.is_fast
        gateway.pace.record_sent()
    assert gateway.pace.seconds == gateway.interval
    assert not gateway.pace.is_holding_messages, "nothing waits for what is not expected to change soon"
    gateway.kit.now += limits.DAY
    assert gateway.pace.is_fast
