"""Servers killed with -9 while messages flow: nothing lost, nothing doubled, order kept.

A NATS source that starts again may go on behind what it never brought (docs/gaps.md). Then the receiver asks, and the
origin sends it once more; so does the test.
"""

import asyncio

import pytest

from suar.bus.connect import Bus
from suar.bus.consume import Delivery, Puller
from suar.bus.errors import Disconnected
from suar.bus.publish import PubAck, Publisher
from suar.demo.embedded.nats_federation import NatsFederation
from support.nats_server import drain, send_again
from support.patience import PATIENCE

COUNT = 400
SUBJECT = "a.frame.all.01"
pytestmark = [pytest.mark.slow]
WITHIN = 90  # seconds: mostly 6; where the servers' own retry misses, the watchdogs act after some 20


async def _send(bus: Bus, payloads: list[bytes], flows: asyncio.Event | None = None) -> None:
    """As a gateway sends: in order; after a loss again from the first not acknowledged, with the same ids.

    `flows` is set when the first are acknowledged.
    """
    publisher = Publisher(bus)
    done = 0
    while done < len(payloads):
        batch = [(SUBJECT, payloads[n], f"id-{n}") for n in range(done, min(done + 20, len(payloads)))]
        for outcome in await publisher.publish_all(batch):
            if not isinstance(outcome, PubAck):
                break
            done += 1
        if done and flows is not None:
            flows.set()
        await asyncio.sleep(0.01)


async def _assert_whole(origin: Bus, puller: Puller, got: list[Delivery], payloads: list[bytes]) -> None:
    """Each is there once and in order, and what did not come is there when it is sent again."""
    received = {each.stream_seq: each.data for each in got}  # what a lost acknowledgement brought again has its number
    arrived = [received[seq] for seq in sorted(received)]
    assert arrived == [each for each in payloads if each in arrived]
    if len(arrived) == len(payloads):  # else a number may be that of an object that lost its subject
        assert sorted(received) == list(range(1, len(payloads) + 1))
    await send_again(origin, SUBJECT, payloads, arrived, puller)


@pytest.mark.parametrize("victim", ["hub", "TH", "SG"], ids=["hub", "origin", "destination"])
async def test_killed_under_load(federation: NatsFederation, victim: str) -> None:
    payloads = [b"%d" % n for n in range(COUNT)]
    origin, destination = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    puller = Puller(destination, "INBOX_SG", "gw")
    flows = asyncio.Event()
    sending = asyncio.create_task(_send(origin, payloads, flows))
    receiving = asyncio.create_task(drain(puller, COUNT, within=WITHIN))
    await asyncio.wait_for(flows.wait(), PATIENCE)
    async with federation.watched():
        federation.servers[victim].kill()
        await federation.servers.restart(victim, wait=0.5)
        await asyncio.wait_for(sending, 60)
        await _assert_whole(origin, puller, await receiving, payloads)


async def test_all_three_killed_at_once(federation: NatsFederation) -> None:
    payloads = [b"%d" % n for n in range(COUNT)]
    origin, destination = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    flows = asyncio.Event()
    sending = asyncio.create_task(_send(origin, payloads, flows))
    puller = Puller(destination, "INBOX_SG", "gw")
    receiving = asyncio.create_task(drain(puller, COUNT, within=WITHIN))
    await asyncio.wait_for(flows.wait(), PATIENCE)
    async with federation.watched():
        for name in ("hub", "TH", "SG"):
            federation.servers[name].kill()
        for name in ("SG", "TH", "hub"):
            await federation.servers.restart(name)
        await asyncio.wait_for(sending, 60)
        await _assert_whole(origin, puller, await receiving, payloads)


async def test_a_retry_after_a_lost_acknowledgement_is_one_message(federation: NatsFederation) -> None:
    """The server may have stored what we never heard about; the same id makes the second time harmless."""
    payloads = [b"%d" % n for n in range(50)]
    origin = await federation.connect("TH", "gateway")
    publisher = Publisher(origin)
    futures = [await publisher.publish(SUBJECT, data, f"id-{n}") for n, data in enumerate(payloads)]
    async with federation.watched():
        federation.servers["TH"].kill()
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        assert all(isinstance(each, PubAck | Disconnected) for each in outcomes)
        await federation.servers.restart("TH")
        await origin.wait_connected(60)
        await _send(origin, payloads)
        puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
        await _assert_whole(origin, puller, await drain(puller, len(payloads), within=WITHIN), payloads)
