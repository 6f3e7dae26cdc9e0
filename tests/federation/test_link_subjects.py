"""A subject with a token `*` or `>` gets no sender from the hub: it ends at the IN of whose link sent it.

Before, SG's link put `tip.v1.th.a.frame.all.*` into REGION and every INBOX under TH's name, and its suspension left it.
"""

from collections.abc import Sequence

import pytest

from suar.bus import ingest
from suar.bus.consume import Puller
from suar.bus.jsapi import JetStream, Json, call, consumer_info, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import positions
from support.nats_server import drain, eventually, publish
from support.raw_link import object_of, raw_link

pytestmark = pytest.mark.essential

FOREIGN = [
    "tip.v1.th.a.frame.all.*", "tip.v1.th.a.frame.all.>", "tip.v1.zz.a.trust.all.*", "tip.v1.*.a.frame.all.01",
    "tip.v1.>", "tip.>", "*", ">",
]  # fmt: skip
OWN = "tip.v1.sg.a.frame.all.*"


async def _subjects(federation: NatsFederation, stream: str, of: str) -> dict[str, int]:
    admin = federation.hub.admin
    admins: dict[str, JetStream] = {"IN": ingest.of(admin, "SG"), "REGION": admin, "MY": federation.members["MY"].admin}
    info: Json = await call(admins[of], f"STREAM.INFO.{stream}", {"subjects_filter": ">"})
    return dict(info["state"].get("subjects") or {})


async def _sent(federation: NatsFederation, subjects: Sequence[str], last: int = 0) -> None:
    """As a thief of SG's link; returns when its IN has them. `last`: how far the number of the last one jumps."""
    member = federation.members["SG"].member
    delivered = (await consumer_info(federation.members["SG"].admin, "OUTBOX_SG", "up"))["delivered"]
    before = await _end(federation)
    with raw_link(federation.hub.plan.hub, member, federation.prepared.environs["sg"]) as link:
        for n, subject in enumerate(subjects, 1):
            number = delivered["stream_seq"] + n + (last if n == len(subjects) else 0)
            link.sendall(object_of(member, delivered["consumer_seq"] + n, number, subject.encode()))

        async def is_in() -> bool:
            return await _end(federation) == before + len(subjects)

        await eventually(is_in)


async def _end(federation: NatsFederation) -> int:
    return int((await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"]["last_seq"])


async def test_it_ends_at_its_own_in_and_others_continue(federation: NatsFederation) -> None:
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", [b"before"])
    puller = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
    assert [each.data for each in await drain(puller, 1)] == [b"before"]
    await _sent(federation, [*FOREIGN, OWN])
    assert set(FOREIGN) < set(await _subjects(federation, "IN_SG", "IN")), "IN stores them as they were sent"
    assert [each.data for each in await drain(puller, 1)] == [b"xxx"]
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"honest"])
    assert [each.data for each in await drain(puller, 1)] == [b"honest"]
    for stream, of in (("REGION", "REGION"), ("INBOX_MY", "MY")):
        found = set(await _subjects(federation, stream, of))
        assert found == {"tip.v1.sg.a.frame.all.01", OWN, "tip.v1.th.a.frame.all.01"}
    await federation.hub.suspend("SG")
    assert set(await _subjects(federation, "REGION", "REGION")) == {OWN, "tip.v1.th.a.frame.all.01"}


async def test_what_region_does_not_take_is_not_waited_for(federation: NatsFederation) -> None:
    """An IN whose last objects are such ones, behind OUTBOX's end, is set back all the same."""
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", [b"before"])
    puller = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
    assert [each.data for each in await drain(puller, 1)] == [b"before"]
    await _sent(federation, FOREIGN[:2], last=1_000_000)
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", [b"dropped"], "dropped")
    start = await positions.set_back(federation.hub.admin, federation.members["SG"].member, federation.hub.plan.link)
    assert start == 3
