"""The largest objects that a server holds: they are messages like others, and what follows them comes too.

A thief of a member's link sends them, because a client's line has at most 4 KiB and that of a link sixteen times more.
"""

import asyncio

import pytest

from suar.bus import ingest, jsapi, streams
from suar.bus.consume import Puller
from suar.bus.jsapi import consumer_info, stream_info
from suar.bus.wire import MAX_PAYLOAD, MAX_SUBJECT
from suar.demo.embedded.nats_federation import NatsFederation
from support.nats_server import National, drain, eventually, publish
from support.raw_link import object_of, raw_link

pytestmark = pytest.mark.essential

LONGEST = 65_400  # bytes of a subject at home; some twenty more, and IN refuses what the hub makes of it
HOME = b"a.frame.all."
OBJECTS = {
    "subject": (HOME + b"x" * (LONGEST - len(HOME)), b"", b"junk"),
    "subject of bytes that are no text": (HOME + b"\xff\x1b" * 32_000, b"", b"junk"),
    "headers": (HOME + b"01", b"NATS/1.0\r\nX: " + b"y" * 65_000 + b"\r\n\r\n", b"junk"),
    "header lines": (HOME + b"01", b"NATS/1.0\r\n" + b"a:\r\n" * 16_000 + b"\r\n", b"junk"),
    "subject and headers": (HOME + b"x" * 20_000, b"NATS/1.0\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", b"junk"),
    "payload": (HOME + b"01", b"", b"x" * streams.MAX_MESSAGE),
}


async def _until_in_has(federation: NatsFederation, count: int) -> None:
    async def has() -> bool:
        state = (await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"]
        return bool(state["last_seq"] == count)

    await eventually(has)


async def _send(federation: NatsFederation, subject: bytes, headers: bytes, data: bytes) -> None:
    """As a thief of `nats.env` and of the link's key file; SG's own server says nothing meanwhile."""
    side = federation.members["SG"]
    await publish(await federation.connect("SG", "gateway"), HOME.decode() + "01", [b"before"])
    await _until_in_has(federation, 1)
    delivered = (await consumer_info(side.admin, "OUTBOX_SG", "up"))["delivered"]
    numbers = delivered["consumer_seq"] + 1, delivered["stream_seq"] + 1
    with raw_link(federation.hub.plan.hub, side.member, federation.prepared.environs["sg"]) as link:
        await asyncio.to_thread(link.sendall, object_of(side.member, *numbers, subject, headers, data))
        await _until_in_has(federation, 2)


async def _follows(federation: NatsFederation, puller: Puller, words: list[bytes]) -> list[bytes]:
    await publish(await federation.connect("MY", "gateway"), HOME.decode() + "02", words, repr(words))
    return [each.data for each in await drain(puller, len(words))]


@pytest.mark.parametrize("name", OBJECTS)
async def test_the_largest_object_of_a_link_comes_and_so_does_the_next(federation: NatsFederation, name: str) -> None:
    """A line of more than 32 KiB ended every gateway's reading, again and again for thirty days."""
    bus = await federation.connect("TH", "gateway")
    puller, generation = Puller(bus, "INBOX_TH", "gw"), bus.generation
    subject, headers, data = OBJECTS[name]
    await _send(federation, subject, headers, data)
    before, junk = await drain(puller, 2)
    assert before.data == b"before"
    assert junk.data == data
    assert len(junk.subject) <= MAX_SUBJECT + 4, "it is cut before anything keeps or logs it"
    assert await _follows(federation, puller, [b"one", b"two"]) == [b"one", b"two"]
    assert (bus.generation, bus.read_failed) == (generation, None)
    stored = await jsapi.get(bus, "INBOX_TH", 2)
    assert stored is not None
    assert (stored.subject, stored.data) == (junk.subject, data)

    async def is_done() -> bool:
        info = await consumer_info(bus, "INBOX_TH", "gw")
        return bool(info["num_ack_pending"] == 0 and info["ack_floor"]["stream_seq"] == 4)

    await eventually(is_done)


async def test_an_object_larger_than_a_request_allows_is_requested_alone(national: National) -> None:
    """The server ends each request with `Message Size Exceeds MaxBytes`; it was asked without end."""
    await national.fill([b"x" * 50_000, b"one", b"two"])
    puller = Puller(await national.gateway(), "INBOX_TH", "gw")
    got = list[bytes]()

    async def has_all() -> bool:
        for each in await puller.fetch(max_bytes=10_000, wait=0.2):
            got.append(each.data)
            await each.ack()
        return len(got) == 3

    await eventually(has_all)
    assert got == [b"x" * 50_000, b"one", b"two"]


async def test_a_payload_that_is_too_large_is_an_empty_message_and_is_passed(
    national: National, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended the connection when it was announced; it stayed in the stream."""
    monkeypatch.setattr("suar.bus.wire.MAX_PAYLOAD", 100_000)
    assert MAX_PAYLOAD > streams.MAX_TAKEN, "no stream of ours takes as much"
    await national.fill([b"x" * 200_000, b"one"])
    bus = await national.gateway()
    assert [each.data for each in await drain(Puller(bus, "INBOX_TH", "gw"), 2, 30)] == [b"", b"one"]
    assert bus.read_failed is None
