"""An object whose headers have the most bytes that a server takes: if a hop refuses it, the first one at the hub does.

REGION took it and every INBOX refused it, and all that came behind it, because the header with the number at the hop
before was longer there.
"""

import base64

import pytest

from suar.bus import ingest, streams
from suar.bus.consume import Puller
from suar.bus.jsapi import JetStream, call, consumer_info, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.protocol.base.link_names import ONLY_HUB
from support.nats_server import CODES, drain, eventually, publish
from support.raw_link import object_of, raw_link

pytestmark = pytest.mark.essential

MOST = 65_535
FAR = 1_000_000_000_000  # IN's and REGION's numbers have twelve digits more than those of OUTBOX


async def _begin_far(federation: NatsFederation) -> None:
    """Make IN and REGION anew with large numbers, as after years."""
    admin = federation.hub.admin
    await call(admin, "STREAM.DELETE.REGION")
    for code in CODES:
        await call(ingest.of(admin, code), f"STREAM.DELETE.IN_{code}")
        await streams.ensure_stream(ingest.of(admin, code), ingest.ingest(code) | {"first_seq": FAR})
    await streams.ensure_stream(admin, ingest.region(CODES) | {"first_seq": FAR})
    for code in CODES:
        await streams.ensure_consumer(admin, "REGION", streams.down(code, ONLY_HUB))


async def _end(there: JetStream, stream: str) -> int:
    return int((await stream_info(there, stream))["state"]["last_seq"])


async def _headers(there: JetStream, seq: int) -> int:
    """The bytes of an object's headers in IN."""
    found = await call(there, "STREAM.MSG.GET.IN_SG", {"seq": seq})
    return len(base64.b64decode(found["message"]["hdrs"]))


async def test_in_refuses_first_whatever_the_numbers_and_others_continue(federation: NatsFederation) -> None:
    await _begin_far(federation)
    puller = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
    for code in ("TH", "SG"):
        await publish(await federation.connect(code, "gateway"), "a.frame.all.01", [b"before"])
        assert [each.data for each in await drain(puller, 1)] == [b"before"]
    member, there = federation.members["SG"].member, ingest.of(federation.hub.admin, "SG")
    at = (await consumer_info(federation.members["SG"].admin, "OUTBOX_SG", "up"))["delivered"]
    first = await _end(there, "IN_SG")

    with raw_link(federation.hub.plan.hub, member, federation.prepared.environs["sg"]) as link:

        def send(n: int, size: int) -> None:
            headers = b"NATS/1.0\r\nX: " + b"y" * (size - 17) + b"\r\n\r\n"
            assert len(headers) == size
            link.sendall(object_of(member, at["consumer_seq"] + n, at["stream_seq"] + n, headers=headers))

        async def has_taken(count: int) -> bool:
            return await _end(there, "IN_SG") == first + count

        send(1, 100)
        await eventually(lambda: has_taken(1))
        room = MOST - await _headers(there, first + 1) + 100
        send(2, room)
        await eventually(lambda: has_taken(2))
        assert await _headers(there, first + 2) == MOST
        send(3, room + 1)
        assert [each.data for each in await drain(puller, 2)] == [b"xxx"] * 2
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"honest"], "honest")
    assert [each.data for each in await drain(puller, 1)] == [b"honest"]
    assert await has_taken(2)
