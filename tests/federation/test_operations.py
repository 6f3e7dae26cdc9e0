"""Founding, joining, suspending, returning, expelling: on real servers, in the measured order."""

import asyncio
import re
from pathlib import Path

import pytest

from suar.bus import streams
from suar.bus.consume import Puller
from suar.bus.publish import Publisher
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from suar.federation.operations import probe
from suar.protocol.base.errors import Fault
from support.nats_server import CODES, drain, eventually, half_joined, publish, receive, send_again


def _hub_config(federation: NatsFederation) -> Path:
    return Path(federation.hub.plan.hub.config_file)


def _break(path: Path) -> None:
    path.write_text(path.read_text().replace("accounts {", "accounts {\n  BROKEN { imports [ { stream: 7 } ] }", 1))


async def _leaf_ids(federation: NatsFederation) -> dict[str, int]:
    found = await monitor.leafs(federation.servers.plan.hub.monitor_port)
    return {leaf["account"]: leaf["id"] for leaf in found}


async def test_eleven_members_are_founded(tmp_path: Path) -> None:
    codes = ["BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"]
    async with NatsFederation.new(tmp_path, codes) as federation:
        await publish(await federation.connect("VN", "gateway"), "a.frame.all.01", [b"x"])
        for code in codes:
            assert len(await receive(await federation.connect(code, "gateway"), code, 1)) == 1


async def test_founding_again_changes_nothing(federation: NatsFederation) -> None:
    reports: list[str] = []
    federation.hub.report = reports.append
    for side in federation.members.values():
        side.report = reports.append
    await federation.found()
    assert reports
    assert all(line.endswith("unchanged") for line in reports), reports


async def test_founding_repairs_what_is_missing_or_different(federation: NatsFederation) -> None:
    admin = federation.hub.admin
    await streams.delete_consumer(admin, "REGION", "down_my")
    config = await streams.stream_config(admin, "REGION")
    assert config is not None
    await streams.set_sources(admin, "REGION", config["sources"][:2])
    await streams.ensure_stream(federation.members["TH"].admin, {**streams.outbox("TH"), "max_age": streams.DAY})
    await federation.found()
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    for code in ("SG", "TH"):
        assert len(await receive(await federation.connect(code, "gateway"), code, 1)) == 1
    repaired = await streams.stream_config(federation.members["TH"].admin, "OUTBOX_TH")
    assert repaired is not None
    assert repaired["max_age"] == streams.RETENTION


async def test_founding_waits_for_no_member_for_ever(tmp_path: Path) -> None:
    federation = NatsFederation.new(tmp_path, CODES)
    try:
        await federation.start()
        federation.servers["MY"].kill()

        async def cut() -> bool:
            return await federation.hub.connected() == {"TH", "SG"}

        await eventually(cut)
        with pytest.raises(Fault, match="no leaf link of MY"):
            await federation.hub.found(leaf_timeout=0.5)
        with pytest.raises(Fault, match="the hub does not serve TH yet: the other side lacks the consumer"):
            await federation.members["TH"].create_inbox(wait=0.1)
        assert await streams.stream_config(federation.hub.admin, "REGION") is None
    finally:
        await federation.stop()


async def test_a_member_joins_while_messages_flow(federation: NatsFederation) -> None:
    """The others lose nothing, and go on receiving meanwhile; the joiner gets what the hub still holds, too."""
    leafs = await _leaf_ids(federation)
    publisher = Publisher(await federation.connect("TH", "gateway"))
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    stop = asyncio.Event()
    arrived: list[bytes] = []

    async def send() -> int:
        count = 0
        while not stop.is_set():
            await (await publisher.publish("a.frame.all.01", b"%d" % count, str(count)))
            count += 1
            await asyncio.sleep(0.002)
        return count

    async def fetch_all() -> None:
        while True:
            for each in await puller.fetch():
                arrived.append(each.data)
                await each.ack()

    sending, taking = asyncio.create_task(send()), asyncio.create_task(fetch_all())

    async def some_arrived(more_than: int = 0) -> bool:
        return len(arrived) > more_than

    await eventually(some_arrived)
    before = len(arrived)
    await federation.join("VN")
    await eventually(lambda: some_arrived(before))
    vn = Puller(await federation.connect("VN", "gateway"), "INBOX_VN", "gw")
    assert len(await drain(vn, 1)) >= 1
    stop.set()
    count = await sending

    async def all_arrived() -> bool:
        return len(arrived) >= count

    await eventually(all_arrived)
    taking.cancel()
    assert arrived == [b"%d" % n for n in range(count)]
    assert {account: leaf for account, leaf in (await _leaf_ids(federation)).items() if account in leafs} == leafs
    federation.servers.plan.member("VN")


async def test_a_joiner_publishes_and_reads_old_messages_in_order(federation: NatsFederation) -> None:
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"%d" % n for n in range(200)])
    await federation.join("VN")
    vn = await federation.connect("VN", "gateway")
    got = await receive(vn, "VN", 200)
    assert [each.data for each in got] == [b"%d" % n for n in range(200)]
    await publish(vn, "a.frame.all.01", [b"from VN"])
    sg = await receive(await federation.connect("SG", "gateway"), "SG", 201)
    assert (sg[-1].subject, sg[-1].data) == ("tip.v1.vn.a.frame.all.01", b"from VN")


async def test_one_reload_is_not_enough_and_nothing_says_so(federation: NatsFederation) -> None:
    """Trap 3, as a fact about the server: when this fails, the second reload may go."""
    side = await half_joined(federation)
    reset = "fed.ctl.hub.CONSUMER.RESET.REGION.down_vn"
    assert "second reload" in await probe(side.admin, reset)
    await federation.hub.reload()

    async def is_served() -> bool:  # what the hub exports is known to the member's server a moment later
        return await probe(side.admin, reset) == ""

    await eventually(is_served)


async def test_suspending_cuts_the_leaf_at_once(federation: NatsFederation) -> None:
    leafs = await _leaf_ids(federation)
    await federation.hub.suspend("MY")
    await publish(await federation.connect("MY", "gateway"), "a.frame.all.01", [b"from a suspended member"])
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"after"])
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    got = await drain(puller, 1) + await drain(puller, 1, within=2)
    assert [each.data for each in got] == [b"after"]
    assert await receive(await federation.connect("MY", "gateway"), "MY", 1, within=0.2) == []
    now = await _leaf_ids(federation)
    assert now == {account: leaf for account, leaf in leafs.items() if account != "DMZ_MY"}


@pytest.mark.slow
async def test_a_returned_member_receives_what_it_missed(federation: NatsFederation) -> None:
    th, my = await federation.connect("TH", "gateway"), await federation.connect("MY", "gateway")
    await federation.hub.suspend("MY")
    await publish(th, "a.frame.all.01", [b"missed"])
    await publish(my, "a.frame.all.01", [b"kept at home"])
    await federation.hub.join("MY")
    assert federation.hub.plan.member("MY").status == "active"
    async with federation.watched():  # as everywhere: a source may stop without a word
        puller = Puller(my, "INBOX_MY", "gw")
        got = [each.data for each in await drain(puller, 2, within=90)]  # mostly 5 s
        assert sorted(got) == [each for each in (b"kept at home", b"missed") if each in got]
        await send_again(th, "a.frame.all.01", [b"missed"], got, puller)
        await send_again(my, "a.frame.all.01", [b"kept at home"], got, puller)


async def test_an_expelled_member_joins_again_and_continues(federation: NatsFederation) -> None:
    my, puller = await federation.connect("MY", "gateway"), await _th(federation)
    before, after = ([b"%s %d" % (word, n) for n in range(5)] for word in (b"before", b"after"))
    await publish(my, "a.frame.all.01", before, "before")
    assert len(await drain(puller, 5)) == 5
    entry = federation.hub.plan.member("MY")
    await federation.hub.expel("MY")
    await publish(my, "a.frame.all.01", after, "after")
    federation.hub.plan = federation.hub.plan.with_member(entry)
    await federation.hub.join("MY")
    got: list[bytes] = []

    async def has_all() -> bool:
        got.extend(each.data for each in await drain(puller, 1, 1))
        return after[-1] in got

    async with federation.watched():
        await eventually(has_all)
    assert got[-5:] == after
    assert set(got) <= {*before, *after}, "some may come once more"


async def _th(federation: NatsFederation) -> Puller:
    return Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")


async def test_an_expelled_member_leaves_nothing_that_continues(federation: NatsFederation) -> None:
    await federation.hub.expel("MY")
    config = await streams.stream_config(federation.hub.admin, "REGION")
    assert config is not None
    assert [source["name"] for source in config["sources"]] == ["IN_TH", "IN_SG"]
    assert not await streams.delete_consumer(federation.hub.admin, "REGION", "down_my")
    # Not in the middle of a word: public keys are random letters.
    assert not re.search(r"(?i)(?<![A-Z0-9])MY(?![A-Z0-9])", _hub_config(federation).read_text())
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    assert len(await receive(await federation.connect("SG", "gateway"), "SG", 1)) == 1


async def test_a_wrong_config_is_refused_by_the_hub_and_named(federation: NatsFederation) -> None:
    _break(_hub_config(federation))
    with pytest.raises(Fault, match="the hub refused its new config") as caught:
        await federation.hub.reload()
    assert "nats-server -t -c" in caught.value.hint


async def test_a_join_before_the_founding_names_the_next_command(tmp_path: Path) -> None:
    federation = NatsFederation.new(tmp_path, CODES[:1])
    try:
        await federation.start()
        with pytest.raises(Fault, match="no stream REGION") as caught:
            await federation.hub.join("TH")
        assert "found" in caught.value.hint
        with pytest.raises(Fault, match="no member XX: it has TH"):
            federation.hub.plan.member("XX")
    finally:
        await federation.stop()
