"""Pulling: in order, never deaf, nothing lost with a connection."""

import signal

import pytest

from suar.bus import consume, streams
from suar.bus.consume import Puller
from suar.bus.errors import Disconnected, HeartbeatsStopped, NoResponders
from support.nats_server import National, drain, eventually
from support.patience import PATIENCE
from support.standstill import stop


def _puller(bus: object) -> Puller:
    return Puller(bus, "INBOX_TH", "gw")  # type: ignore[arg-type]  # a stand-in for the connection


async def test_an_empty_inbox_returns_nothing_after_the_wait(national: National) -> None:
    assert await _puller(await national.gateway()).fetch(wait=0.1) == []


async def test_a_delivery_says_where_it_lies(national: National) -> None:
    await national.fill([b"one", b"two"])
    got = await drain(_puller(await national.gateway()), 2)
    assert [(each.subject, each.data, each.stream_seq, each.delivered) for each in got] == [
        ("tip.v1.sg.a.frame.all.01", b"one", 1, 1),
        ("tip.v1.sg.a.frame.all.01", b"two", 2, 1),
    ]
    assert 0 < got[0].timestamp < got[1].timestamp
    assert "one" not in repr(got[0])


async def test_a_fetch_is_bounded(national: National) -> None:
    await national.fill([b"x"] * 20)
    puller = _puller(await national.gateway())
    sizes = list[int]()
    while sum(sizes) < 20:
        sizes.append(len(await puller.fetch(max_messages=7, wait=PATIENCE)))
    assert sum(sizes) == 20
    assert max(sizes) <= 7


async def test_bytes_are_bounded_too(national: National) -> None:
    await national.fill([b"x" * 10_000] * 12)
    puller = _puller(await national.gateway())
    assert await puller.fetch(max_bytes=25_000, wait=PATIENCE)

    async def is_request_over() -> bool:
        return bool((await puller.info())["num_waiting"] == 0)

    await eventually(is_request_over)
    assert (await puller.info())["num_ack_pending"] <= 2
    got = await drain(puller, 10)
    assert len(got) >= 10


async def test_a_delivery_that_is_worked_on_is_acknowledged_once(national: National) -> None:
    await national.fill([b"x"])
    puller = _puller(await national.gateway())
    (delivery,) = await puller.fetch(wait=PATIENCE)
    await delivery.in_progress()
    assert await puller.fetch(wait=0.1) == []
    await delivery.ack()

    async def settled() -> bool:
        return bool((await puller.info())["num_ack_pending"] == 0)

    await eventually(settled)


async def test_what_a_dead_gateway_had_taken_comes_first_and_in_order(national: National) -> None:
    """Not after ack_wait (30 s), not behind what came later, not shuffled."""
    await national.fill([b"%d" % n for n in range(50)])
    dead = await national.gateway("dead")
    taken = await _puller(dead).fetch(wait=PATIENCE)
    await taken[0].ack()
    await dead.close()
    await national.fill([b"%d" % n for n in range(50, 60)], "later")
    got = await drain(_puller(await national.gateway()), 59)
    assert list(dict.fromkeys(each.stream_seq for each in got)) == list(range(2, 61))


async def test_a_killed_server_loses_and_shuffles_nothing(national: National) -> None:
    await national.fill([b"%d" % n for n in range(300)])
    bus = await national.gateway()
    puller = _puller(bus)
    first = await puller.fetch(max_messages=100, wait=PATIENCE)
    national.servers["th"].kill()

    async def lost() -> bool:
        return not bus.is_connected

    await eventually(lost)
    for each in first:
        with pytest.raises(Disconnected):
            await each.ack()
    with pytest.raises(Disconnected):
        await puller.fetch()
    await national.servers.restart("th")
    await bus.wait_connected(60)
    got = await drain(puller, 300)
    assert list(dict.fromkeys(each.stream_seq for each in got)) == list(range(1, 301))


async def test_a_missing_consumer_is_named(national: National) -> None:
    await streams.delete_consumer(national.admin, "INBOX_TH", "gw")
    puller = _puller(await national.gateway())
    with pytest.raises(NoResponders, match="no consumer gw on INBOX_TH"):
        await puller.fetch()


async def test_a_consumer_deleted_under_an_open_request_is_named(national: National) -> None:
    puller = _puller(await national.gateway())
    assert await puller.fetch(wait=0.1) == []
    await streams.delete_consumer(national.admin, "INBOX_TH", "gw")
    with pytest.raises(NoResponders, match="consumer deleted"):
        await puller.fetch()
    await streams.ensure_consumer(national.admin, "INBOX_TH", streams.gw())
    await national.fill([b"x"])
    assert len(await puller.fetch(wait=PATIENCE)) == 1


async def test_pain_07_connected_but_deaf_is_silent(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consume, "HEARTBEAT", 0.2)
    monkeypatch.setattr(consume, "SILENCE", 4.0)
    bus = await national.gateway()
    puller = _puller(bus)
    assert await puller.fetch(wait=5) == []  # heartbeats keep it alive
    stop(national.servers["th"].pid)
    with pytest.raises(HeartbeatsStopped):
        await puller.fetch(wait=60)
    assert bus.is_connected
    national.servers["th"].send(signal.SIGCONT)
    await national.fill([b"x"])
    assert len(await drain(puller, 1)) == 1
