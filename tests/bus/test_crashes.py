"""Servers killed with -9 while messages flow: nothing lost, nothing doubled, order kept."""

import asyncio

import pytest

from nats_server import drain
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import Disconnected
from suar.bus.publish import PubAck, Publisher
from suar.demo.embedded import Embedded

COUNT = 400
pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
WITHIN = 90  # seconds: mostly 6; where the servers' own retry misses, the watchdogs act after some 20


async def _send(bus: Bus, payloads: list[bytes]) -> None:
    """As a gateway sends: in order; after a loss again from the first not acknowledged, with the same ids."""
    publisher = Publisher(bus)
    done = 0
    while done < len(payloads):
        batch = [("a.frame.all.01", payloads[n], f"id-{n}") for n in range(done, min(done + 20, len(payloads)))]
        for outcome in await publisher.publish_all(batch):
            if not isinstance(outcome, PubAck):
                break
            done += 1
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("victim", ["hub", "TH", "SG"], ids=["hub", "origin", "destination"])
async def test_killed_under_load(federation: Embedded, victim: str) -> None:
    payloads = [b"%d" % n for n in range(COUNT)]
    origin, destination = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    puller = Puller(destination, "INBOX_SG", "gw")
    sending = asyncio.create_task(_send(origin, payloads))
    receiving = asyncio.create_task(drain(puller, COUNT, within=WITHIN))
    await asyncio.sleep(0.1)
    async with federation.watched():
        federation.servers[victim].kill()
        await federation.servers.restart(victim, wait=0.5)
        await asyncio.wait_for(sending, 20)
        got = await receiving
    first_time = list(dict.fromkeys(each.stream_seq for each in got))
    assert first_time == list(range(1, COUNT + 1))  # one stream number a message: none doubled on the way
    by_seq = {each.stream_seq: each.data for each in got}
    assert [by_seq[seq] for seq in first_time] == payloads


async def test_all_three_killed_at_once(federation: Embedded) -> None:
    payloads = [b"%d" % n for n in range(COUNT)]
    origin, destination = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    sending = asyncio.create_task(_send(origin, payloads))
    receiving = asyncio.create_task(drain(Puller(destination, "INBOX_SG", "gw"), COUNT, within=WITHIN))
    await asyncio.sleep(0.1)
    async with federation.watched():
        for name in ("hub", "TH", "SG"):
            federation.servers[name].kill()
        for name in ("SG", "TH", "hub"):
            await federation.servers.restart(name)
        await asyncio.wait_for(sending, 20)
        got = await receiving
    assert list(dict.fromkeys(each.data for each in got)) == payloads


async def test_a_retry_after_a_lost_acknowledgement_is_one_message(federation: Embedded) -> None:
    """The server may have stored what we never heard about; the same id makes the second time harmless."""
    origin = await federation.connect("TH", "gateway")
    publisher = Publisher(origin)
    futures = [await publisher.publish("a.frame.all.01", b"%d" % n, f"id-{n}") for n in range(50)]
    federation.servers["TH"].kill()
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert all(isinstance(each, PubAck | Disconnected) for each in outcomes)
    await federation.servers.restart("TH")
    await origin.wait_connected(5)
    await _send(origin, [b"%d" % n for n in range(50)])
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    got = await drain(puller, 50, within=WITHIN)
    assert [each.data for each in got] == [b"%d" % n for n in range(50)]
