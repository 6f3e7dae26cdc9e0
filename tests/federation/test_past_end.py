"""One object with a number far ahead, sent with a member's link key, makes the hub drop all that the member sends.

Before, nobody was told, and neither founding again nor a suspension mended it.
"""

import pytest

from suar.bus import ingest, streams
from suar.bus.consume import Puller
from suar.bus.jsapi import consumer_info, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import positions
from suar.federation.watching.hub_watch import HubWatch
from suar.protocol.base.link_names import ONLY_HUB
from support.nats_server import drain, eventually, publish
from support.raw_link import object_of, raw_link

pytestmark = pytest.mark.essential

FAR = 1_000_000


def _words(name: str) -> list[bytes]:
    return [b"%s %d" % (name.encode(), n) for n in range(5)]


async def _until_in_has(federation: NatsFederation, count: int) -> None:
    async def has() -> bool:
        return bool((await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"]["last_seq"] == count)

    await eventually(has)


async def _inject(federation: NatsFederation, ahead: int = FAR, count: int = 2) -> None:
    """As a thief of `nats.env` and of the link's key file: what the hub takes as SG's next objects."""
    member, before = (
        federation.members["SG"].member,
        (await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"],
    )
    delivered = (await consumer_info(federation.members["SG"].admin, "OUTBOX_SG", "up"))["delivered"]
    with raw_link(federation.hub.plan.hub, member, federation.prepared.environs["sg"]) as link:
        for n in range(1, count + 1):
            link.sendall(object_of(member, delivered["consumer_seq"] + n, delivered["stream_seq"] + ahead + n))
        await _until_in_has(federation, before["last_seq"] + count)


async def _mute(federation: NatsFederation) -> Puller:
    """SG, of which TH got something before; the hub drops what it sends."""
    puller = Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", _words("before"), "before")
    assert [each.data for each in await drain(puller, 5)] == _words("before")
    await _inject(federation)
    assert [each.data for each in await drain(puller, 2)] == [b"xxx"] * 2
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", _words("dropped"), "dropped")

    async def is_delivered() -> bool:
        up = await consumer_info(federation.members["SG"].admin, "OUTBOX_SG", "up")
        return bool(up["delivered"]["stream_seq"] >= 10)

    await eventually(is_delivered)
    assert (await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"]["last_seq"] == 7
    return puller


async def _sent_after(federation: NatsFederation, puller: Puller, count: int) -> list[bytes]:
    """What TH gets once SG sends again."""
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", _words("after"), "after")
    async with federation.watched(interval=1.0, dead_after=5.0):
        return [each.data for each in await drain(puller, count)]


@pytest.mark.parametrize("restarted", [False, True])
async def test_the_watchdog_reports_it_and_founding_again_corrects_it(
    federation: NatsFederation, restarted: bool
) -> None:
    puller = await _mute(federation)
    if restarted:
        await federation.servers.restart("hub")
        await federation.hub.admin.wait_connected(60)
        await federation.hub.system.wait_connected(60)
    watch = HubWatch(federation.hub)

    async def is_reported() -> bool:
        seen = {each.name: each for each in await watch.run_once()}
        assert seen["OUTBOX_TH"].kind != "past-end"
        return seen["OUTBOX_SG"].kind == "past-end" and "found" in seen["OUTBOX_SG"].detail

    await eventually(is_reported)
    reports: list[str] = []
    federation.hub.report = reports.append
    await federation.hub.found()
    assert "IN_SG stood behind the end of OUTBOX_SG; it goes on at 6" in reports
    got = await _sent_after(federation, puller, 10)
    assert got == _words("dropped") + _words("after"), "nothing is lost, and nothing comes twice"

    async def is_over() -> bool:
        return "past-end" not in {each.kind for each in await watch.run_once() + await watch.run_once()}

    await eventually(is_over)


async def test_a_suspension_and_return_correct_it(federation: NatsFederation) -> None:
    """As the playbook has it. What a suspension leaves names no object of OUTBOX, so all of OUTBOX comes again."""
    puller = await _mute(federation)
    await federation.hub.suspend("SG")
    await federation.hub.join("SG")
    got = await _sent_after(federation, puller, 15)
    assert got == _words("before") + _words("dropped") + _words("after")


@pytest.mark.parametrize("gap", [False, True])
async def test_a_source_whose_numbers_are_right_is_not_set_back(federation: NatsFederation, gap: bool) -> None:
    """With a gap too, as where OUTBOX's objects ended while the link was down: the member's server is asked once."""
    puller = Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")
    sg, member = await federation.connect("SG", "gateway"), federation.members["SG"].member
    await publish(sg, "a.frame.all.01", _words("first"), "first")
    await drain(puller, 5)
    if gap:
        await streams.set_sources(ingest.of(federation.hub.admin, "SG"), "IN_SG", [])
        await ingest.free(ingest.of(federation.hub.admin, "SG"), "SG", keep_last=False)
        await publish(sg, "a.frame.all.01", _words("second"), "second")
        assert await positions.outbox_end(federation.hub.admin, member, ONLY_HUB, 8) == 10
        await streams.set_sources(ingest.of(federation.hub.admin, "SG"), "IN_SG", [streams.region_source("SG")])
        await _until_in_has(federation, 8)
    info = await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG")
    assert positions.position(info, member) == (10 if gap else 5)
    watch = HubWatch(federation.hub)
    for _ in range(3):
        assert "past-end" not in {each.kind for each in await watch.run_once()}
    reports: list[str] = []
    federation.hub.report = reports.append
    await federation.hub.found()
    assert not [line for line in reports if "behind" in line]
    await publish(sg, "a.frame.all.01", _words("third"), "third")
    async with federation.watched(interval=1.0, dead_after=5.0):
        got = [each.data for each in await drain(puller, 8 if gap else 5)]
    assert got == (_words("second")[2:] if gap else []) + _words("third")
