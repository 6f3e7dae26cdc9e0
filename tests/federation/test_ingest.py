"""What one member sends takes the room of nobody else; an old hub gets its INs without losing or doubling."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from suar.bus import client, consume, ingest, jsapi, streams, wire
from suar.bus.consume import Puller
from suar.bus.errors import ApiError, Disconnected, NotPermitted
from suar.bus.jsapi import JetStream, call, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation.plan import Hub
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.member_watch import MemberWatch
from suar.protocol.base.errors import Fault
from support.hubs_of_before import render_again
from support.nats_server import CODES, at_hub, direct_topology, drain, eventually, publish, receive

MIB = ingest.MIB
JUNK = [b"%05d" % n + b"x" * 32_000 for n in range(80)]  # 2.5 MB, where the hub takes 1 MiB of a member


def _small(federation: NatsFederation) -> None:
    plan = federation.servers.plan
    federation.servers.plan = msgspec.structs.replace(plan, hub=msgspec.structs.replace(plan.hub, ingest_mb=1))


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[NatsFederation]:
    """Three members, founded; the hub takes 1 MiB of each in 30 days."""
    federation = NatsFederation.new(tmp_path, CODES)
    _small(federation)
    async with federation:
        yield federation


async def _is_full(federation: NatsFederation, code: str) -> bool:
    """Whether not one object more has room."""
    state = (await stream_info(ingest.of(federation.hub.admin, code), f"IN_{code}"))["state"]
    return bool(state["bytes"] + len(JUNK[0]) > MIB)


async def _end(admin: JetStream, stream: str) -> int:
    return int((await stream_info(admin, stream))["state"]["last_seq"])


async def _passed_on(federation: NatsFederation) -> int:
    """Until SG's IN is full and TH has all that any IN took; how much that is, ever."""
    count = 0

    async def is_so() -> bool:
        nonlocal count
        hub = federation.hub.admin
        taken = sum([await _end(ingest.of(hub, code), f"IN_{code}") for code in CODES])
        count = await _end(federation.members["TH"].admin, "INBOX_TH")
        return taken == await _end(hub, "REGION") == count and await _is_full(federation, "SG")

    await eventually(is_so)
    return count


async def _filled(federation: NatsFederation) -> Puller:
    """SG has sent more than the hub takes; what TH then got is counted by nobody."""
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", JUNK)
    await eventually(lambda: _is_full(federation, "SG"))
    return Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")


async def test_a_member_s_junk_ends_at_its_own_bound_and_others_continue(small: NatsFederation) -> None:
    puller = await _filled(small)
    got = await drain(puller, await _passed_on(small))
    assert [each.data for each in got] == JUNK[: len(got)]
    assert len(got) < len(JUNK) / 2
    await publish(await small.connect("MY", "gateway"), "a.frame.all.01", [b"honest"])
    assert [each.data for each in await drain(puller, 1)] == [b"honest"]
    held = [await stream_info(at_hub(small.hub.admin, name), name) for name in ("IN_SG", "REGION")]
    held.append(await stream_info(small.members["TH"].admin, "INBOX_TH"))
    assert max(info["state"]["bytes"] for info in held) < 1.2 * MIB
    assert (await stream_info(small.members["SG"].admin, "OUTBOX_SG"))["state"]["messages"] == len(
        JUNK
    )  # it waits there
    watch = HubWatch(small.hub)

    async def has_seen_both() -> bool:
        seen = {each.name: each.kind for each in await watch.run_once()}
        return (seen["OUTBOX_SG"], seen["OUTBOX_TH"]) == ("full", "healthy")

    await eventually(has_seen_both)  # the hub may start its source of a member over at this moment


@pytest.mark.parametrize("size", [1024 * 1024, 1024 * 1024 - 90])
async def test_an_object_too_large_for_the_next_hop_stops_its_sender_alone(small: NatsFederation, size: int) -> None:
    """Each hop adds a header: an object of the full `max_payload` cut every member's link to the hub for good.

    The sender's own server takes it, since a member does there what it likes.
    """
    admin = small.members["SG"].admin
    found = await streams.stream_config(admin, "OUTBOX_SG") or {}
    await call(admin, "STREAM.UPDATE.OUTBOX_SG", {**found, "max_msg_size": -1})
    sg = await small.connect("SG", "gateway")
    await publish(sg, "a.frame.all.01", [b"before"])
    await publish(sg, "a.frame.all.02", [b"x" * size])
    pullers = [Puller(await small.connect(code, "gateway"), f"INBOX_{code}", "gw") for code in ("TH", "MY")]
    assert [each.data for each in await drain(pullers[0], 1)] == [b"before"]
    await publish(await small.connect("TH", "gateway"), "a.frame.all.01", [b"honest %d" % n for n in range(5)])
    got = [each.data for each in await drain(pullers[1], 6)]
    assert sorted(got) == [b"before", *(b"honest %d" % n for n in range(5))]
    assert (await stream_info(small.hub.admin, "REGION"))["state"]["bytes"] < MIB / 2
    await small.hub.suspend("SG")
    await publish(await small.connect("TH", "gateway"), "a.frame.all.02", [b"after"], "after")
    assert [each.data for each in await drain(pullers[1], 1)] == [b"after"]


async def test_a_full_in_continues_where_it_stopped_when_there_is_room(small: NatsFederation) -> None:
    puller = await _filled(small)
    got: list[bytes] = []

    async def is_passed_on() -> bool:
        ends = [
            (await stream_info(at_hub(small.hub.admin, name), name))["state"]["last_seq"]
            for name in ("IN_SG", "REGION")
        ]
        got.extend(each.data for each in await drain(puller, ends[0] - len(got), 0.5))
        return ends[0] == ends[1] == len(got) and (len(got) == len(JUNK) or await _is_full(small, "SG"))

    while len(got) < len(JUNK):
        await eventually(is_passed_on, 120)
        if len(got) < len(JUNK):
            await ingest.free(ingest.of(small.hub.admin, "SG"), "SG", keep_last=True)  # as age, only sooner
    assert got == JUNK


async def test_a_suspended_member_s_bytes_are_freed_and_nothing_is_sent_again(small: NatsFederation) -> None:
    puller = await _filled(small)
    await publish(await small.connect("MY", "gateway"), "a.frame.all.01", [b"honest"])
    took = {each.data for each in await drain(puller, await _passed_on(small))}
    reports: list[str] = []
    small.hub.report = reports.append
    await small.hub.suspend("SG")
    assert any(line.startswith("SG freed: ") for line in reports)
    info = {name: await stream_info(at_hub(small.hub.admin, name), name) for name in ("IN_SG", "IN_MY", "REGION")}
    assert info["IN_SG"]["state"]["messages"] == 1
    assert info["IN_MY"]["state"]["messages"] == 1
    assert info["REGION"]["state"]["messages"] == 2
    assert info["REGION"]["state"]["bytes"] < 0.2 * MIB
    await small.servers.restart("hub")
    await small.hub.admin.wait_connected(60)
    await small.hub.system.wait_connected(60)

    async def is_joined() -> bool:
        with contextlib.suppress(Disconnected):  # the hub has just started: a connection may break once more
            await small.hub.join("SG")
            return True
        return False

    await eventually(is_joined)
    more = await _passed_on_again(small, len(took))
    received = {each.data for each in await drain(puller, more)}
    assert len(received) == more
    assert took.isdisjoint(received)  # it went on behind what was freed


async def _passed_on_again(federation: NatsFederation, before: int) -> int:
    """Until SG's IN is full once more and TH has what it took; how much more TH has."""
    count = 0

    async def is_so() -> bool:
        nonlocal count
        count = await _end(federation.members["TH"].admin, "INBOX_TH") - before
        return 0 < count == await _end(federation.hub.admin, "REGION") - before and await _is_full(federation, "SG")

    await eventually(is_so)
    return count


@pytest.mark.parametrize("role", ["gateway", "watch"])
async def test_nobody_at_a_member_may_purge_or_change_a_stream(federation: NatsFederation, role: str) -> None:
    """The watchdog's user emptied INBOX with one update: `max_msgs: 1`."""
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"%d" % n for n in range(9)])
    admin = federation.members["SG"].admin

    async def has_all() -> bool:
        return bool((await stream_info(admin, "INBOX_SG"))["state"]["messages"] == 9)

    await eventually(has_all)
    config = await streams.stream_config(admin, "INBOX_SG")
    bus = await federation.connect("SG", role)
    for api in (
        "STREAM.UPDATE",
        "STREAM.PURGE",
        "STREAM.DELETE",
        "STREAM.CREATE",
        "STREAM.RESTORE",
    ):
        with pytest.raises(NotPermitted):
            await call(bus, f"{api}.INBOX_SG", {**(config or {}), "max_msgs": 1})
    for stream in ("OUTBOX_SG", "INBOX_SG")[: 1 if role == "gateway" else 2]:
        with pytest.raises(NotPermitted):
            await call(bus, f"STREAM.MSG.DELETE.{stream}", {"seq": 1})
    assert await has_all()


async def test_a_gateway_deletes_single_messages_of_its_inbox_only(federation: NatsFederation) -> None:
    """As a recall requires (decision 41)."""
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"%d" % n for n in range(3)])
    admin, bus = federation.members["SG"].admin, await federation.connect("SG", "gateway")

    async def has_all() -> bool:
        return bool((await stream_info(admin, "INBOX_SG"))["state"]["messages"] == 3)

    await eventually(has_all)
    second = await jsapi.next_for_subject(bus, "INBOX_SG", "tip.v1.th.a.frame.all.01", 2)
    assert second is not None
    assert (second.seq, second.data) == (2, b"1")
    assert await jsapi.delete_message(bus, "INBOX_SG", 2)
    assert await jsapi.delete_message(bus, "INBOX_SG", 2), "it is gone already"
    third = await jsapi.next_for_subject(bus, "INBOX_SG", "tip.v1.th.a.frame.all.01", 2)
    assert third is not None
    assert third.data == b"2"
    for other in ("INBOX_TH", "OUTBOX_SG"):
        with pytest.raises(NotPermitted):
            await jsapi.delete_message(bus, other, 1)


async def test_a_stream_of_before_denies_deletion_and_stays_as_it_is(federation: NatsFederation) -> None:
    """No server takes `deny_delete` back, so an update would fail for ever."""
    admin = federation.members["SG"].admin
    found = await streams.stream_config(admin, "INBOX_SG") or {}
    await call(admin, "STREAM.UPDATE.INBOX_SG", {**found, "deny_delete": True})
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"1"])

    async def has_it() -> bool:
        return bool((await stream_info(admin, "INBOX_SG"))["state"]["messages"] == 1)

    await eventually(has_it)
    assert not await jsapi.delete_message(await federation.connect("SG", "gateway"), "INBOX_SG", 1)
    assert await streams.ensure_stream(admin, streams.inbox("SG", max_bytes=found["max_bytes"])) == "unchanged"


async def test_a_watchdog_without_the_administrator_s_seed_says_that_it_needs_it(federation: NatsFederation) -> None:
    admin = federation.members["SG"].admin
    found = await streams.stream_config(admin, "INBOX_SG") or {}
    await call(admin, "STREAM.UPDATE.INBOX_SG", {**found, "sources": [], "subjects": []})
    watch = MemberWatch(federation.members["SG"].member, await federation.connect("SG", "watch"))
    assert [each.kind for each in await watch.run_once()] == ["suspect"]
    [seen] = await watch.run_once()
    assert seen.kind == "needs-admin"
    assert "--admin-seed-file" in seen.detail


def test_what_the_document_says_of_the_hub_and_of_a_client_is_so() -> None:
    text = (Path(__file__).parents[2] / "docs" / "bounds.md").read_text(encoding="utf-8")
    for line in (
        f"| IN of one member | {ingest.INGEST_BYTES // MIB} MiB |",
        f"| REGION | {ingest.region_bytes() // MIB:,} MiB |",
        f"| INBOX of a member | {ingest.region_bytes() // MIB:,} MiB |",
        f"| OUTBOX of a member | {streams.OUTBOX_BYTES // MIB} MiB |",
        f"| a line | {wire.MAX_LINE:,} B |",
        f"| a payload with its headers | {wire.MAX_PAYLOAD:,} B |",
        f"| a payload that is read over | {wire.MAX_DROPPED:,} B |",
        f"| a subject or a reply | {wire.MAX_SUBJECT:,} characters,",
        f"| a request for messages of a stream | {consume.MAX_BYTES // MIB} MiB |",
        f"| headers of a message | {wire.MAX_HEADERS} lines,",
        f"| {client.WAITING_MESSAGES:,} or {client.WAITING_BYTES // MIB} MiB a subscription |",
        f"| {consume.MOST:,} or {consume.MOST_BYTES // MIB} MiB |",
    ):
        assert line in text, line
    assert ingest.region_bytes() >= ingest.MEMBERS * ingest.INGEST_BYTES
    assert (Hub.__struct_defaults__.count(ingest.INGEST_BYTES // MIB), ingest.MEMBERS) == (1, 16)


async def test_more_members_than_there_is_room_for_are_refused(federation: NatsFederation) -> None:
    hub = federation.hub
    hub.plan = msgspec.structs.replace(hub.plan, hub=msgspec.structs.replace(hub.plan.hub, members_max=2))
    with pytest.raises(Fault, match="3 members, and room for 2"):
        await hub.found()


# -- a hub of before --------------------------------------------------------------------------------------------


async def _sent(federation: NatsFederation, code: str, words: list[bytes], prefix: str) -> None:
    await publish(await federation.connect(code, "gateway"), "a.frame.all.01", words, prefix)


def _words(name: str) -> list[bytes]:
    return [f"{name}-{n}".encode() for n in range(10)]


async def _until_the_last(federation: NatsFederation, puller: Puller, *codes: str) -> list[bytes]:
    """All that TH gets before a last word of each of these; what came twice is in it twice."""
    last = [f"last of {code}".encode() for code in codes]
    for code, word in zip(codes, last, strict=True):
        await _sent(federation, code, [word], f"last-{code}")
    got: list[bytes] = []

    async def has_all() -> bool:
        got.extend(each.data for each in await drain(puller, 1, 1))
        return set(last) <= set(got)

    await eventually(has_all)
    return [each for each in got if each not in last]


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[NatsFederation]:
    """A federation as it was: REGION draws from every OUTBOX; its streams have other subjects and filters."""
    federation = NatsFederation.new(tmp_path, CODES)
    try:
        with direct_topology():
            await federation.start()
            await federation.found()
        admin = federation.members["SG"].admin
        outbox = await streams.stream_config(admin, "OUTBOX_SG") or {}
        await call(admin, "STREAM.UPDATE.OUTBOX_SG", {**outbox, "subjects": ["a.>", "x.>"]})
        wide = ["tip.v1.*.*.*.all.>", "tip.v1.*.*.*.th.>"]
        await streams.ensure_consumer(federation.hub.admin, "REGION", {**streams.down("TH"), "filter_subjects": wide})
        yield federation
    finally:
        await federation.stop()


async def test_an_old_hub_is_upgraded_in_place_without_losing_or_doubling(old: NatsFederation) -> None:
    puller = Puller(await old.connect("TH", "gateway"), "INBOX_TH", "gw")
    await _sent(old, "SG", _words("before"), "before")
    assert [each.data for each in await drain(puller, 10)] == _words("before")
    assert streams.is_different(ingest.region(CODES), await streams.stream_config(old.hub.admin, "REGION"))
    await render_again(old.hub)
    for step in (old.hub.found, old.hub.found):
        await step()
    await old.found()
    await _sent(old, "SG", _words("after"), "after")
    await _sent(old, "MY", _words("my"), "my")
    async with old.watched(interval=1.0, dead_after=5.0):
        got = await _until_the_last(old, puller, "SG", "MY")
    assert sorted(got) == sorted(_words("after") + _words("my"))
    assert [each for each in got if each in _words("after")] == _words("after")
    config = await streams.stream_config(old.hub.admin, "REGION")
    assert config is not None
    assert sorted(each["name"] for each in config["sources"]) == ["IN_MY", "IN_SG", "IN_TH"]
    reports: list[str] = []
    old.hub.report = reports.append
    await old.hub.found()
    assert all(line.endswith("unchanged") for line in reports), reports


async def test_an_upgrade_that_was_cut_off_continues(old: NatsFederation) -> None:
    """After each of its steps; what was published meanwhile comes too."""
    puller = Puller(await old.connect("TH", "gateway"), "INBOX_TH", "gw")
    await _sent(old, "SG", _words("before"), "before")
    assert len(await drain(puller, 10)) == 10
    admin = old.hub.admin
    await ingest.stop_direct_source(admin, "SG")
    await _sent(old, "SG", _words("between"), "between")
    await streams.ensure_stream(admin, ingest.ingest("SG"))  # by a version that had it in REGION's account
    await render_again(old.hub)
    await old.hub.found()
    await _sent(old, "SG", _words("after"), "after")
    async with old.watched(interval=1.0, dead_after=5.0):
        assert await _until_the_last(old, puller, "SG") == _words("between") + _words("after")


async def test_an_upgrade_waits_for_the_member_and_changes_nothing_before(old: NatsFederation) -> None:
    old.servers["SG"].kill()

    async def is_cut() -> bool:
        return "SG" not in await old.hub.connected()

    await eventually(is_cut)
    await render_again(old.hub)
    with pytest.raises(Fault, match="no leaf link of SG"):
        await old.hub.found(0.3)
    config = await streams.stream_config(old.hub.admin, "REGION")
    assert config is not None
    assert "OUTBOX_SG" in {each["name"] for each in config["sources"]}


async def test_what_an_old_region_holds_stays_until_its_age(old: NatsFederation) -> None:
    """No server takes `deny_purge` back: only the IN of a suspended member is freed there."""
    await render_again(old.hub)
    await old.hub.found()
    await _sent(old, "SG", _words("junk"), "junk")
    async with old.watched(interval=1.0, dead_after=5.0):
        assert len(await receive(await old.connect("TH", "gateway"), "TH", 10)) == 10
    with pytest.raises(ApiError, match="purge not permitted"):
        await call(old.hub.admin, "STREAM.PURGE.REGION", {"filter": "tip.v1.sg.>"})
    await old.hub.suspend("SG")
    assert (await stream_info(ingest.of(old.hub.admin, "SG"), "IN_SG"))["state"]["messages"] == 1
    assert (await stream_info(old.hub.admin, "REGION"))["state"]["messages"] == 10


async def test_an_in_that_could_be_purged_or_was_half_freed_gets_its_bounds(federation: NatsFederation) -> None:
    there = ingest.of(federation.hub.admin, "SG")
    await call(there, "STREAM.DELETE.IN_SG")
    half = {"deny_purge": False, "discard": "old", "max_msgs": 1}
    await streams.ensure_stream(there, {**ingest.ingest("SG"), **half})
    await federation.hub.found()
    found = await streams.stream_config(there, "IN_SG") or {}
    assert {key: found.get(key) for key in half} == {"deny_purge": True, "discard": "new", "max_msgs": -1}


async def test_an_in_that_was_lost_is_made_again_and_nothing_is_skipped(federation: NatsFederation) -> None:
    puller = Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")
    await _sent(federation, "SG", _words("before"), "before")
    assert len(await drain(puller, 10)) == 10
    await call(ingest.of(federation.hub.admin, "SG"), "STREAM.DELETE.IN_SG")
    await federation.hub.found()
    await _sent(federation, "SG", _words("after"), "after")
    async with federation.watched(interval=1.0, dead_after=5.0):
        got = await _until_the_last(federation, puller, "SG")
    assert got[-10:] == _words("after")
    assert set(got) <= set(_words("before") + _words("after"))
