"""Real nats-server processes for the tests: the demo's servers, as pytest fixtures.

Import the fixture into a conftest.py or a test module: `from nats_server import federation`.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from suar.bus import ingest, streams
from suar.bus.connect import Bus
from suar.bus.consume import Delivery, Puller
from suar.bus.errors import BusError
from suar.bus.jsapi import JetStream, Json
from suar.bus.open_bus import connect
from suar.bus.publish import PubAck, Publisher
from suar.demo.embedded.nats_federation import NatsFederation
from suar.demo.embedded.prepared import Seeds, prepare
from suar.demo.embedded.servers import Servers
from suar.federation.operations import HubSide, MemberSide
from support.hubs_of_before import hub_of_before
from support.patience import PATIENCE

CODES = ("TH", "SG", "MY")
AGAIN_TIMES = 4
AGAIN_WITHIN = 45.0  # seconds; where a source stopped once more, the watchdogs act after some 20


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[NatsFederation]:
    """Three members, founded; everything ends with the test."""
    async with NatsFederation.new(tmp_path, CODES) as embedded:
        yield embedded


async def publish(bus: Bus, subject: str, payloads: list[bytes], prefix: str = "id") -> list[PubAck | BusError]:
    """Publish payloads in order, with ids made of `prefix` and their place."""
    return await Publisher(bus).publish_all([(subject, data, f"{prefix}-{n}") for n, data in enumerate(payloads)])


async def send_again(bus: Bus, subject: str, payloads: list[bytes], got: Collection[bytes], puller: Puller) -> None:
    """Send what did not come until it is there, once and in order, as a gateway that is asked again and again.

    A NATS source that starts again may go on behind what it never brought (docs/gaps.md).
    """
    missing = [each for each in payloads if each not in got]
    for time_ in range(AGAIN_TIMES):
        if not missing:
            return
        outcomes = await publish(bus, subject, missing, f"again-{time_}")
        assert not [each for each in outcomes if not isinstance(each, PubAck)]
        by_sequence = {each.stream_seq: each.data for each in await drain(puller, len(missing), AGAIN_WITHIN)}
        arrived = [by_sequence[seq] for seq in sorted(by_sequence)]
        assert arrived == [each for each in missing if each in arrived]
        missing = [each for each in missing if each not in arrived]
    assert not missing, f"sent again {AGAIN_TIMES} times"


async def receive(bus: Bus, code: str, count: int, within: float = 120.0) -> list[Delivery]:
    """Pull until `count` messages came (or the time is over), acknowledging each."""
    puller = Puller(bus, f"INBOX_{code}", "gw")
    return await drain(puller, count, within)


async def drain(puller: Puller, count: int, within: float = 120.0) -> list[Delivery]:
    """Pull until `count` different messages came; what a lost acknowledgement brings again is in the list twice."""
    got: list[Delivery] = []
    deadline = time.monotonic() + within
    while len({each.stream_seq for each in got}) < count and time.monotonic() < deadline:
        try:
            batch = await puller.fetch(wait=0.2)
            for delivery in batch:
                await delivery.ack()
            got += batch
        except BusError:
            await asyncio.sleep(0.05)
    return got


async def eventually(condition: Callable[[], Awaitable[bool]], within: float = 120.0) -> float:
    """Seconds until the condition held; fails the test when it does not in time."""
    start = time.monotonic()
    while not await condition():
        assert time.monotonic() - start < within, f"not in {within} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - start


def at_hub(admin: Bus, stream: str) -> JetStream:
    """Whom to ask about a stream of the hub: each IN is in an account of its own."""
    return ingest.of(admin, stream.removeprefix("IN_")) if stream.startswith("IN_") else admin


@dataclass
class National:
    """One national server without a hub: enough for what happens between a gateway and its own server."""

    servers: Servers
    seeds: Seeds
    admin: Bus
    opened: list[Bus]

    async def gateway(self, name: str = "gateway") -> Bus:
        url, seed = self.servers.plan.member("TH").url, self.seeds["TH", "gateway"]
        bus = await connect(url, seed, "_INBOX_gw", name, wait=PATIENCE)
        self.opened.append(bus)
        return bus

    async def fill(self, payloads: list[bytes], prefix: str = "id") -> None:
        """Put messages straight into INBOX_TH, as the hub would."""
        await publish(self.admin, "tip.v1.sg.a.frame.all.01", payloads, prefix)


@pytest.fixture
async def national(tmp_path: Path) -> AsyncIterator[National]:
    """TH's server alone; its INBOX takes messages directly instead of from a hub."""
    prepared = prepare(tmp_path, ["TH"])
    async with Servers(tmp_path, prepared.plan, prepared.environs) as servers:
        url, seed = servers.plan.member("TH").url, prepared.seeds["TH", "admin"]
        admin = await connect(url, seed, "_INBOX", "admin", wait=PATIENCE)
        await streams.ensure_stream(admin, streams.outbox("TH", max_bytes=256 * 1024))
        inbox = {**streams.inbox("TH"), "sources": [], "subjects": ["tip.>"]}
        await streams.ensure_stream(admin, inbox)
        await streams.ensure_consumer(admin, "INBOX_TH", streams.gw())
        opened = [admin]
        yield National(servers, prepared.seeds, admin, opened)
        for bus in opened:
            await bus.close()


@contextlib.contextmanager
def direct_topology() -> Iterator[None]:
    """What is founded inside has the hub of before IN_<CC>: REGION draws from every OUTBOX, and is never purged."""

    async def nothing(*_: object) -> None:
        return

    def region(codes: Iterable[str], replicas: int, _: int) -> Json:
        return {**streams.sourced("REGION", replicas), "sources": [streams.region_source(cc) for cc in codes]}

    with (
        hub_of_before(),
        mock.patch.object(HubSide, "create_ingest", nothing),
        mock.patch.object(ingest, "region", region),
    ):
        yield


async def half_joined(federation: NatsFederation) -> MemberSide:
    """VN, which joins, up to the second reload of the hub: its `down_vn` is there and does not work."""
    hub, reload = federation.hub, HubSide.reload

    async def once(self: HubSide, **_: bool) -> None:
        await reload(self)

    member = await federation.servers.add(federation.prepared.newcomer("VN"))
    side = await federation.operate(member)
    await side.create_outbox()
    hub.plan = hub.plan.with_member(member)
    while True:
        reloaded = federation.servers.hub.pid
        with mock.patch.object(HubSide, "reload", once):
            await hub.join("VN", 5)
        if federation.servers.hub.pid == reloaded:
            return side
        await hub.expel("VN")  # a server that starts again has read everything
        hub.plan = hub.plan.with_member(member)
