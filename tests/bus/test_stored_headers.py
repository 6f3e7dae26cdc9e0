"""What a publisher writes as headers is never read as the server's own word; on a real server."""

import asyncio

import pytest

from suar.bus import history, jsapi
from suar.bus.consume import Puller
from support.nats_server import National, drain
from support.raw_nats import raw_client

pytestmark = pytest.mark.essential

BLOCKS = [
    b"NATS/1.0\r\nStatus: 404\r\n\r\n",
    b"NATS/1.0\r\nStatus: 503\r\nNats-Sequence: 99\r\nNats-Subject: a.b\r\n\r\n",
    b"NATS/1.0 404 No Messages\r\n\r\n",
    b"NATS/1.0 503\r\n\r\n",
    b"NATS/1.0 4\xff4 x\r\n\r\n",
    b"NATS/1.0\r\n\xff: b\r\n\r\n",
    b"NATS/1.0",
    b"abcd",
    b"NATS/1.0\r\n" + b"a:\r\n" * 5000 + b"\r\n",
]
SUBJECTS = [b"tip.v1.sg.a.frame.all.\xff\xfe", b"tip.v1.sg.a.frame.all.\x0bX", b"tip.v1.sg.a.frame.all.\rX"]


async def _by_hand(national: National, subject: bytes, block: bytes, data: bytes) -> None:
    head = (
        b"HPUB %s %d %d\r\n" % (subject, len(block), len(block) + len(data))
        if block
        else b"PUB %s %d\r\n" % (subject, len(data))
    )
    async with raw_client(national.servers.plan.member("TH").url, national.seeds["TH", "admin"]) as client:
        await client.send(head + block + data + b"\r\n")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
async def test_any_header_block_comes_and_is_read_back(national: National, block: bytes) -> None:
    """A status in a stored message made a reader believe that the message, or the stream, was not there."""
    await _by_hand(national, b"tip.v1.sg.a.frame.all.01", block, b"hello")
    await national.fill([b"honest"])
    bus = await national.gateway()
    assert [each.data for each in await drain(Puller(bus, "INBOX_TH", "gw"), 2)] == [b"hello", b"honest"]
    stored = await jsapi.get(bus, "INBOX_TH", 1)
    assert stored is not None
    assert (stored.seq, stored.subject, stored.data) == (1, "tip.v1.sg.a.frame.all.01", b"hello")
    read = [each.data async for batch in history.between(bus, "INBOX_TH", 1, 2) for each in batch]
    assert read == [b"hello", b"honest"]
    assert await jsapi.get(bus, "INBOX_TH", 3) is None


async def test_any_last_token_comes_and_what_follows_it_too(national: National) -> None:
    for subject in SUBJECTS:
        await _by_hand(national, subject, b"", b"junk")
    await national.fill([b"honest"])
    bus = await national.gateway()
    generation = bus.generation
    got = await drain(Puller(bus, "INBOX_TH", "gw"), 4)
    assert [each.data for each in got] == [b"junk"] * 3 + [b"honest"]
    assert all("\\x" in each.subject and each.subject.isascii() and each.subject.isprintable() for each in got[:3])
    assert bus.generation == generation
    await asyncio.sleep(0)
