"""Messages through a founded federation of real servers, with exactly the rendered permissions."""

import asyncio

import pytest

from suar.bus import jsapi, streams
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import NotPermitted
from suar.bus.publish import PubAck
from suar.demo.embedded.nats_federation import NatsFederation
from support.nats_server import drain, publish, receive
from support.patience import PATIENCE

PULL_SECONDS = 60.0  # longer than any machine takes for a message


async def test_a_message_reaches_every_member_its_sender_included(federation: NatsFederation) -> None:
    for sender in federation.members:
        assert await publish(await federation.connect(sender, "gateway"), "a.frame.all.01", [sender.encode()]) == [
            PubAck(1, False)
        ]
    for reader in federation.members:
        got = await receive(await federation.connect(reader, "gateway"), reader, 3)
        assert sorted((each.subject, each.data) for each in got) == sorted(
            (f"tip.v1.{sender.lower()}.a.frame.all.01", sender.encode()) for sender in federation.members
        )


async def test_no_member_can_write_another_s_prefix(federation: NatsFederation) -> None:
    bus = await federation.connect("TH", "gateway")
    admin = federation.members["TH"].admin  # its server is the member's own: OUTBOX takes what they like
    config = await streams.stream_config(admin, "OUTBOX_TH")
    assert config is not None
    await jsapi.call(admin, "STREAM.UPDATE.OUTBOX_TH", {**config, "subjects": ["a.>", "tip.>"]})
    await publish(admin, "tip.v1.sg.a.frame.all.01", [b"disguised"])
    await publish(admin, "a.frame.all", [b"short"], "short")
    await publish(admin, "a.frame.all.01.02", [b"long"], "long")
    await publish(admin, "a.other.all.01", [b"of no type"], "type")
    await publish(bus, "a.frame.all.01", [b"plain"], "second")
    for subject in ("tip.v1.sg.a.frame.all.01", "fed.up.sg", "fed.up.th", "fed.down.th"):
        with pytest.raises(NotPermitted):
            await bus.request(subject, b"spoof", timeout=PATIENCE)
    got = await receive(await federation.connect("SG", "gateway"), "SG", 1)
    assert [each.subject for each in got] == ["tip.v1.th.a.frame.all.01"]
    region = await jsapi.call(federation.hub.admin, "STREAM.INFO.REGION", {"subjects_filter": ">"})
    assert all(subject.startswith("tip.v1.th.") for subject in region["state"]["subjects"])
    assert len(region["state"]["subjects"]) == 5


@pytest.mark.parametrize(
    "subject", ["a.b", "a.frame.all", "a.frame.all.01.02", "a.other.all.01", "x.keys.all.01", "a.keys.sg.01"]
)
async def test_a_gateway_publishes_shapes_of_the_standard_only(federation: NatsFederation, subject: str) -> None:
    bus = await federation.connect("TH", "gateway")
    with pytest.raises(NotPermitted):
        await bus.request(subject, b"x", timeout=PATIENCE)


async def test_the_channel_of_nobody_reaches_nobody(federation: NatsFederation) -> None:
    """A gateway may write to any channel of two letters, but of one that is no member's not an INBOX takes anything."""
    await publish(await federation.connect("TH", "gateway"), "a.frame.zz.01", [b"for nobody"])
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"for all"], "second")
    for reader in federation.members:
        got = await receive(await federation.connect(reader, "gateway"), reader, 1)
        assert [each.data for each in got] == [b"for all"], reader
        inbox = await jsapi.call(
            federation.members[reader].admin, f"STREAM.INFO.INBOX_{reader}", {"subjects_filter": ">"}
        )
        assert list(inbox["state"]["subjects"]) == ["tip.v1.th.a.frame.all.01"], reader


async def test_even_the_owner_of_a_link_cannot_publish_as_another(federation: NatsFederation) -> None:
    """A member's server is theirs: they may speak with the link's key by hand, and still are only themselves."""
    seed = federation.prepared.seeds["TH", "link"]
    async with Bus(federation.servers.plan.hub.url, seed, "_R_", "rogue") as bus:
        await bus.wait_connected(60)
        reset_other = "fed.ctl.hub.CONSUMER.RESET.REGION.down_sg"
        for subject in ("fed.up.sg", "fed.down.sg", reset_other, "$JS.API.STREAM.PURGE.REGION", "$SYS.REQ.SERVER.PING"):
            with pytest.raises(NotPermitted):
                await bus.request(subject, b"spoof", timeout=PATIENCE)


async def test_a_bilateral_channel_reaches_its_member_and_nobody_else(federation: NatsFederation) -> None:
    bus = await federation.connect("TH", "gateway")
    await publish(bus, "a.frame.sg.01", [b"for SG"])
    await publish(bus, "a.frame.all.01", [b"for all"], "second")
    sg = await receive(await federation.connect("SG", "gateway"), "SG", 2)
    assert [each.data for each in sg] == [b"for SG", b"for all"]
    my = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
    got = await drain(my, 1) + await drain(my, 1, within=1.0)
    assert [each.data for each in got] == [b"for all"]


async def test_one_id_used_by_two_members_is_two_messages(federation: NatsFederation) -> None:
    """Trap 1: ids are deduplicated in each OUTBOX and nowhere else."""
    for sender in ("TH", "MY"):
        bus = await federation.connect(sender, "gateway")
        await publish(bus, "a.frame.all.01", [sender.encode()], "same")
        assert await publish(bus, "a.frame.all.01", [sender.encode()], "same") == [PubAck(1, True)]
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    got = await drain(puller, 2) + await drain(puller, 1, within=1.0)
    assert sorted(each.data for each in got) == [b"MY", b"TH"]


@pytest.mark.parametrize(
    "api",
    [
        "STREAM.PURGE.OUTBOX_TH",
        "STREAM.DELETE.OUTBOX_TH",
        "STREAM.UPDATE.INBOX_TH",
        "STREAM.MSG.DELETE.OUTBOX_TH",
        "STREAM.CREATE.OTHER",
        "CONSUMER.DELETE.INBOX_TH.gw",
        "CONSUMER.CREATE.INBOX_TH.other",
        "CONSUMER.RESET.OUTBOX_TH.up",
        "CONSUMER.MSG.NEXT.INBOX_TH.other",
        "STREAM.NAMES",
        "INFO",
    ],
)
async def test_a_gateway_may_not(federation: NatsFederation, api: str) -> None:
    bus = await federation.connect("TH", "gateway")
    with pytest.raises(NotPermitted):
        await jsapi.call(bus, api, wait=PATIENCE)


async def test_a_gateway_looks_up_the_newest_message_of_a_subject(federation: NatsFederation) -> None:
    bus = await federation.connect("TH", "gateway")
    for token in ("01", "02"):
        await publish(bus, f"a.epoch.all.{token}", [b"epoch " + token.encode()], token)
    newest = await jsapi.last_for_subject(bus, "OUTBOX_TH", "a.epoch.all.*")
    assert newest is not None
    assert (newest.subject, newest.seq, newest.data) == ("a.epoch.all.02", 2, b"epoch 02")
    first = await jsapi.last_for_subject(bus, "OUTBOX_TH", "a.epoch.all.01")
    assert first is not None
    assert first.data == b"epoch 01"
    assert await jsapi.last_for_subject(bus, "OUTBOX_TH", "a.epoch.sg.*") is None


async def test_a_thousand_messages_arrive_once_and_in_order(federation: NatsFederation) -> None:
    payloads = [b"%d" % n for n in range(1000)]
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    sent, got = await asyncio.gather(
        publish(await federation.connect("TH", "gateway"), "a.frame.all.01", payloads), drain(puller, 1000)
    )
    assert all(isinstance(ack, PubAck) and not ack.is_duplicate for ack in sent)
    assert [each.data for each in got] == payloads
    assert [each.stream_seq for each in got] == list(range(1, 1001))


async def test_a_message_ends_a_pull_that_waits(federation: NatsFederation) -> None:
    bus = await federation.connect("TH", "gateway")
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    await puller.fetch(wait=0.05)
    pull = asyncio.create_task(puller.fetch(wait=PULL_SECONDS))
    await publish(bus, "a.frame.all.01", [b"x"], "quick")
    async with asyncio.timeout(PULL_SECONDS / 2):
        assert await pull
