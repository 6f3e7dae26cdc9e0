"""The watchdog: heals what stands still, leaves alone what works."""

import asyncio
import itertools
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from suar.bus import jsapi, streams
from suar.bus.consume import Puller
from suar.bus.jsapi import consumer_info, stream_info
from suar.demo.embedded.nats_federation import NatsFederation, at_work
from suar.federation import monitor
from suar.federation.nats_permissions import LINKS
from suar.federation.watching import rounds
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.links import RENEWED_ROUNDS, ROUNDS, Links
from suar.federation.watching.member_watch import MemberWatch
from suar.federation.watching.rounds import SourceState
from support.nats_server import at_hub, drain, eventually, half_joined, publish, receive, send_again
from support.patience import PATIENCE
from support.second_server import linked_again


def _hub_watch(federation: NatsFederation, **speed: Any) -> HubWatch:
    return HubWatch(federation.hub, **speed)


async def _member_watch(federation: NatsFederation, code: str, **speed: Any) -> MemberWatch:
    bus, admin = await federation.connect(code, "watch"), partial(federation.connect, code, "admin")
    return MemberWatch(federation.members[code].member, bus, admin, **speed)


async def _working(federation: NatsFederation) -> None:
    async def all_started() -> bool:
        region = await stream_info(federation.hub.admin, "REGION")
        names = [source["name"] for source in region["config"]["sources"]]
        ins = [await stream_info(at_hub(federation.hub.admin, name), name) for name in names]
        inboxes = [await stream_info(side.admin, f"INBOX_{code}") for code, side in federation.members.items()]
        actives = [streams.source_active(region, name) for name in names]
        actives += [streams.source_active(info, info["config"]["sources"][0]["name"]) for info in ins]
        actives += [streams.source_active(inbox, "REGION") for inbox in inboxes]
        return all(0 <= active < 2 for active in actives)

    await eventually(all_started)


async def test_a_working_federation_is_left_alone(federation: NatsFederation) -> None:
    await _working(federation)
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"%d" % n for n in range(100)])
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    assert len(await drain(puller, 100)) == 100
    up = await consumer_info(federation.members["TH"].admin, "OUTBOX_TH", "up")
    hub, member = _hub_watch(federation), await _member_watch(federation, "SG")
    for _ in range(4):
        seen = await hub.run_once() + await member.run_once()
        assert {each.kind for each in seen} == {"healthy"}
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"the next one"], prefix="after")
    assert [each.data for each in await puller.fetch(wait=PATIENCE)] == [b"the next one"]
    after = await consumer_info(federation.members["TH"].admin, "OUTBOX_TH", "up")
    assert after["delivered"]["consumer_seq"] == up["delivered"]["consumer_seq"] + 1  # nothing was sent again


async def test_a_member_s_lost_source_is_added_again_at_the_second_look(federation: NatsFederation) -> None:
    """As a watchdog killed between its two updates leaves it; subject and duplicate window come by themselves then."""
    admin = federation.members["SG"].admin
    config = {**streams.inbox("SG"), "sources": [], "subjects": []}
    config.pop("duplicate_window")
    found = await streams.stream_config(admin, "INBOX_SG")
    assert found is not None
    await jsapi.call(admin, "STREAM.UPDATE.INBOX_SG", {**found, **config})
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    watch = await _member_watch(federation, "SG")
    assert [each.kind for each in await watch.run_once()] == ["suspect"]
    assert [each.kind for each in await watch.run_once()] == ["re-added"]
    assert len(await receive(await federation.connect("SG", "gateway"), "SG", 1)) == 1
    assert not streams.is_different(streams.inbox("SG"), await streams.stream_config(admin, "INBOX_SG"))
    await _working(federation)
    assert [each.kind for each in await watch.run_once()] == ["healthy"]


async def test_a_member_without_a_leaf_only_reports(federation: NatsFederation) -> None:
    watch = await _member_watch(federation, "SG", dead_after=0.5)
    federation.servers.hub.kill()
    member = federation.members["SG"].member

    async def is_cut_and_seems_dead() -> bool:
        active = streams.source_active(await stream_info(watch.bus, "INBOX_SG"), "REGION")
        return not await monitor.leafs(monitor.of_member(member)) and not 0 <= active <= watch.dead_after

    await eventually(is_cut_and_seems_dead)
    kinds = [(await watch.run_once())[0].kind for _ in range(3)]
    assert kinds == ["suspect", "no-leaf", "no-leaf"]


async def test_backoff_grows_and_ends_with_health(federation: NatsFederation) -> None:
    await _working(federation)
    watch = await _member_watch(federation, "SG", backoff=0.4)
    watch.dead_after = -0.5  # everything looks dead
    acts: list[tuple[float, float]] = []  # rounds in which it acted: when they began and ended
    while len(acts) < 3:
        began = rounds.now()
        if "re-added" in {each.kind for each in await watch.run_once()}:
            acts.append((began, rounds.now()))
        await asyncio.sleep(0.1)
    for number, ((began, _), (_, ended)) in enumerate(pairwise(acts), 1):
        assert ended - began >= 0.4 * number
    assert watch.failures("INBOX_SG") >= 3
    watch.dead_after = 15
    await _working(federation)
    assert [each.kind for each in await watch.run_once()] == ["healthy"]
    assert watch.failures("INBOX_SG") == 0


@pytest.mark.slow
async def test_the_hub_heals_a_join_with_one_reload(federation: NatsFederation) -> None:
    """The fault that says nothing: `down_vn` sends, its acknowledgements vanish, the INBOX stays empty."""
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"] * 50)
    side = await half_joined(federation)
    await streams.ensure_stream(side.admin, streams.inbox("VN"))
    await streams.ensure_consumer(side.admin, "INBOX_VN", streams.gw())
    seen: list[SourceState] = []
    hub_watch = _hub_watch(federation, interval=0.5)
    hub_watch.on_seen = seen.append
    async with at_work(hub_watch):
        assert len(await receive(await federation.connect("VN", "gateway"), "VN", 50)) == 50
    assert "reloaded" in {each.kind for each in seen}


@pytest.mark.slow
async def test_a_hub_whose_traffic_never_pauses_is_left_alone(federation: NatsFederation) -> None:
    """Acknowledgements come after a second of silence: with a message every 300 ms none comes, and nothing is wrong."""
    await _working(federation)
    th = await federation.connect("TH", "gateway")
    hub, states, owed = _hub_watch(federation), list[str](), 0

    async def send() -> None:
        for n in itertools.count():
            await publish(th, "a.frame.all.01", [b"x"], prefix=f"steady-{n}")
            await asyncio.sleep(0.3)

    sending = asyncio.create_task(send())
    while len(states) < 24 or owed <= 10:
        states.append(" ".join(sorted({each.kind for each in await hub.run_once()})))
        owed = max(owed, (await consumer_info(federation.hub.admin, "REGION", "down_sg"))["num_ack_pending"])
        await asyncio.sleep(0.3)
    assert set(states) == {"healthy"}
    assert not sending.done()
    sending.cancel()


async def test_the_hub_makes_a_missing_consumer(federation: NatsFederation) -> None:
    await streams.delete_consumer(federation.hub.admin, "REGION", "down_sg")
    seen = await _hub_watch(federation).run_once()
    assert ("down_sg", "made-consumer") in {(each.name, each.kind) for each in seen}
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    assert len(await receive(await federation.connect("SG", "gateway"), "SG", 1)) == 1


async def test_a_consumer_that_was_set_behind_the_end_is_set_back(federation: NatsFederation) -> None:
    """Whoever has a link's key does it with one packet: before, the member heard nobody, and all looked well."""
    await _working(federation)
    th, sg = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    await publish(th, "a.frame.all.01", [b"before"])
    puller = Puller(sg, "INBOX_SG", "gw")
    assert len(await drain(puller, 1)) == 1
    watch = _hub_watch(federation)
    assert {each.kind for each in await watch.run_once()} == {"healthy"}
    by_link = "fed.ctl.hub.CONSUMER.RESET.REGION.down_sg"
    await jsapi.call_subject(federation.members["SG"].admin, by_link, {"seq": 1_000_000})
    await publish(th, "a.frame.all.01", [b"after"], prefix="after")
    seen = {each.name: each.kind for each in await watch.run_once()}
    assert seen["down_sg"] == "set-back"
    assert [each.data for each in await drain(puller, 1)] == [b"after"]

    async def is_healthy() -> bool:
        return {each.kind for each in await watch.run_once()} == {"healthy"}

    await eventually(is_healthy)


def _link(number: int, name: str = "sg") -> dict[str, Any]:
    return {"id": number, "name": name, "ip": "192.0.2.1"}


def _kinds(*rounds: list[dict[str, Any]]) -> list[str]:
    links = Links()
    return ["".join(each.kind for each in links.compare("SG", found)) for found in rounds]


def test_a_link_that_breaks_or_moves_is_no_second_one() -> None:
    moved = [[_link(1)], *[[_link(1), _link(2)]] * (ROUNDS - 1), [_link(2)]] * 2
    broken = [[_link(number // 2)] for number in range(8)]
    assert set(_kinds(*moved)) | set(_kinds(*broken)) | set(_kinds(*[[]] * 5)) == {""}


def test_one_that_lasts_is_reported_until_it_ends() -> None:
    both, alone = [_link(1), _link(2, "thief\x1b[2J")], [_link(1)]
    expected = ["second-link", "second-link", "healthy", ""]
    assert _kinds(*[both] * ROUNDS, both, alone, alone) == [""] * (ROUNDS - 1) + expected
    in_turns = [[_link(number)] for number in range(RENEWED_ROUNDS + 1)]
    assert _kinds(*in_turns, [], [_link(RENEWED_ROUNDS)], [_link(RENEWED_ROUNDS)]) == [""] * RENEWED_ROUNDS + expected


def test_what_a_server_calls_itself_is_shown_bounded_and_printable() -> None:
    links = Links()
    found = [[_link(number, "\x1b[2J" + "x" * 9_000) for number in range(50)]] * ROUNDS
    (record,) = [each for links_ in found for each in links.compare("SG", links_)]
    assert record.detail.isprintable()
    assert len(record.detail) < 600


@pytest.mark.parametrize(("others", "is_out"), [(LINKS - 2, False), (LINKS - 1, True)])
def test_one_that_takes_all_links_is_reported_as_such(others: int, is_out: bool) -> None:
    """Nothing more is then needed than an interruption of the member's line, and the member is out of reach."""
    links, found = Links(), [_link(0), *[_link(number, "thief") for number in range(1, others + 1)]]
    (record,) = [each for _ in range(ROUNDS) for each in links.compare("SG", found)]
    assert ("its own server cannot link again" in record.detail) == is_out


@pytest.mark.parametrize("name", ["thief", "sg"])
async def test_a_second_server_with_a_member_s_link_is_reported(
    federation: NatsFederation, tmp_path: Path, name: str
) -> None:
    """Whoever copies nats.env and the key file of the link. Before, nobody was told: the hub takes both."""
    member = federation.members["SG"].member
    watch, states = _hub_watch(federation, interval=2.0), dict[str, str]()
    watch.on_seen = lambda each: states.update({each.name: each.kind})

    async def is_reported() -> bool:
        return states.get("links of SG") == "second-link"

    async def is_over() -> bool:
        return states["links of SG"] == "healthy"

    async with at_work(watch):
        with linked_again(Path(member.config_file), federation.prepared.environs["sg"], tmp_path / "thief", name):
            await eventually(is_reported)
        await eventually(is_over)
    assert "links of TH" not in states


ODD = "fed.odd.subject"  # of three tokens at least, as that to which the server delivers


async def _accept_odd(federation: NatsFederation, code: str) -> None:
    """From now on OUTBOX takes a subject that is none of the federation's, like those that the server may make."""
    admin = federation.members[code].admin
    config = await streams.stream_config(admin, f"OUTBOX_{code}")
    assert config is not None
    await jsapi.call(admin, f"STREAM.UPDATE.OUTBOX_{code}", {**config, "subjects": [*config["subjects"], ODD]})


async def _publish_odd(federation: NatsFederation, code: str) -> None:
    async def count() -> int:
        return (await streams.misnamed_up(federation.hub.admin)).get(code, 0)

    before = await count()
    await federation.members[code].admin.request(ODD, b"x")

    async def is_there() -> bool:
        return await count() > before

    await eventually(is_there)


async def test_a_source_that_brings_objects_without_their_subject_starts_again(federation: NatsFederation) -> None:
    """Then with the link cut first; what it brought before the first look is left alone."""
    await _working(federation)
    await _accept_odd(federation, "TH")
    await _publish_odd(federation, "TH")
    hub = _hub_watch(federation, backoff=0.0)
    assert {each.kind for each in await hub.run_once()} == {"healthy"}
    for kind in ("re-added", "cut", "re-added"):
        await _publish_odd(federation, "TH")
        acted = [each for each in await hub.run_once() if each.name.startswith("subjects")]
        assert [(each.name, each.kind) for each in acted] == [("subjects of OUTBOX_TH", kind)]
        await _working(federation)
    assert {each.kind for each in await hub.run_once()} == {"healthy"}
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    assert len(await receive(await federation.connect("SG", "gateway"), "SG", 1)) == 1


async def test_a_member_s_source_that_brings_objects_without_their_subject_starts_again(
    federation: NatsFederation,
) -> None:
    await _working(federation)
    admin = federation.members["SG"].admin
    config = await streams.stream_config(admin, "INBOX_SG")
    assert config is not None
    await jsapi.call(admin, "STREAM.UPDATE.INBOX_SG", {**config, "subjects": [ODD]})
    watch = await _member_watch(federation, "SG")
    assert {each.kind for each in await watch.run_once()} == {"healthy"}
    await admin.request(ODD, b"x")
    assert [each.kind for each in await watch.run_once()] == ["re-added"]
    await _working(federation)
    assert [each.kind for each in await watch.run_once()] == ["healthy"]


async def test_an_unreachable_server_is_a_record_and_no_exception(federation: NatsFederation) -> None:
    hub = _hub_watch(federation)
    federation.servers.hub.kill()
    assert [each.kind for each in await hub.run_once()] == ["failed"]


@pytest.mark.slow
async def test_after_a_killed_hub_everything_flows_again(federation: NatsFederation) -> None:
    await _working(federation)
    speed = {"interval": 0.5, "dead_after": 1.5, "backoff": 1.0}
    watches = [_hub_watch(federation, **speed)]
    member_watches = [await _member_watch(federation, code, **speed) for code in federation.members]
    th, sg = await federation.connect("TH", "gateway"), await federation.connect("SG", "gateway")
    payloads = [b"%d" % n for n in range(200)]
    async with at_work(*watches, *member_watches):
        federation.servers.hub.kill()
        await publish(th, "a.frame.all.01", payloads)
        await federation.servers.restart("hub", wait=2)
        puller = Puller(sg, "INBOX_SG", "gw")
        got = [each.data for each in await drain(puller, 200, within=90)]
        assert got == [each for each in payloads if each in got]  # each once and in order
        await send_again(th, "a.frame.all.01", payloads, got, puller)
