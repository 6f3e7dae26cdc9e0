"""Acknowledgements that are gathered: a moment later, many at once, none lost while the connection stands."""

import asyncio

import pytest

from suar.bus import acks
from suar.bus.acks import Acks
from suar.bus.consume import Delivery, Puller
from support.nats_server import National, eventually
from support.patience import PATIENCE

pytestmark = pytest.mark.essential


async def _fetched(puller: Puller, count: int) -> list[Delivery]:
    got: list[Delivery] = []
    while len(got) < count:
        got += await puller.fetch(wait=PATIENCE)
    return got


async def _open(puller: Puller) -> int:
    return int((await puller.info())["num_ack_pending"])


async def test_they_leave_together_a_moment_after(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    await national.fill([b"%d" % n for n in range(8)])
    puller = Puller(await national.gateway(), "INBOX_TH", "gw")
    fetched, moment = await _fetched(puller, 8), acks.FLUSH_SECONDS
    monkeypatch.setattr(acks, "FLUSH_SECONDS", 3600.0)  # none leaves before it was looked at
    waiting = Acks()
    for each in fetched[:3]:
        await waiting.add([each])
    assert await _open(puller) == 8
    monkeypatch.setattr(acks, "FLUSH_SECONDS", moment)
    gathered, begun = Acks(), asyncio.get_running_loop().time()
    for each in fetched[3:]:
        await gathered.add([each])
    await eventually(lambda: _are(puller, 3), 120)
    assert asyncio.get_running_loop().time() - begun >= moment / 2
    await waiting.flush()


async def test_many_wait_for_no_more(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acks, "FLUSH_SECONDS", 3600.0)
    await national.fill([b"x"] * acks.FLUSH_COUNT)
    puller = Puller(await national.gateway(), "INBOX_TH", "gw")
    gathered = Acks()
    await gathered.add(await _fetched(puller, acks.FLUSH_COUNT))
    await eventually(lambda: _are(puller, 0), 120)


async def test_the_end_waits_for_nothing_and_may_be_followed(
    national: National, monkeypatch: pytest.MonkeyPatch
) -> None:
    await national.fill([b"x", b"y", b"z"])
    puller = Puller(await national.gateway(), "INBOX_TH", "gw")
    gathered = Acks()
    first, second, third = await _fetched(puller, 3)
    monkeypatch.setattr(acks, "FLUSH_SECONDS", 3600.0)
    await gathered.add([first, second])
    await gathered.flush()
    await eventually(lambda: _are(puller, 1), 120)
    monkeypatch.setattr(acks, "FLUSH_SECONDS", 0.1)
    await gathered.add([third])  # a moment of its own begins
    await eventually(lambda: _are(puller, 0), 120)


async def test_without_a_connection_they_come_again(national: National) -> None:
    await national.fill([b"x"])
    bus = await national.gateway()
    puller, gathered = Puller(bus, "INBOX_TH", "gw"), Acks()
    await gathered.add(await _fetched(puller, 1))
    national.servers["th"].kill()

    async def lost() -> bool:
        return not bus.is_connected

    await eventually(lost)
    await gathered.flush()
    await national.servers.restart("th")
    await bus.wait_connected(60)
    (again,) = await _fetched(puller, 1)
    await gathered.add([again])
    await gathered.flush()
    await eventually(lambda: _are(puller, 0), 120)


async def _are(puller: Puller, count: int) -> bool:
    return await _open(puller) == count
