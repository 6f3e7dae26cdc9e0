"""A hub that has every IN in REGION's account is upgraded in place: each IN goes to an account of its own.

Nothing is lost or doubled, wherever the upgrade was cut off; a hub that reads today's configuration because of a
suspension or a join is upgraded too.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from suar.bus import ingest, jsapi, streams
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import NoResponders
from suar.bus.jsapi import call, stream_info
from suar.demo.embedded.nats_federation import NatsFederation, at_work
from suar.federation import monitor, positions
from suar.federation.watching.hub_watch import HubWatch
from suar.protocol.base.errors import Fault
from support.hubs_of_before import hub_of_before, render_again
from support.nats_server import CODES, drain, eventually, publish
from support.raw_link import object_of, raw_link, settle

MIB = ingest.MIB


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[NatsFederation]:
    """A founded federation whose hub has every IN in REGION's account."""
    federation = NatsFederation.new(tmp_path, CODES)
    try:
        with hub_of_before():
            await federation.start_all()
        yield federation
    finally:
        await federation.stop()


def _words(name: str) -> list[bytes]:
    return [f"{name} {n}".encode() for n in range(10)]


async def _sent(federation: NatsFederation, name: str, code: str = "SG") -> None:
    await publish(await federation.connect(code, "gateway"), "a.frame.all.01", _words(name), name)


async def _puller(federation: NatsFederation) -> Puller:
    """TH, which has what SG sent before."""
    puller = Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")
    await _sent(federation, "before")
    assert [each.data for each in await drain(puller, 10)] == _words("before")
    return puller


async def _receive(federation: NatsFederation, puller: Puller, *names: str) -> None:
    """TH gets these of SG, in order, each once, and nothing else. The watchdogs work, as in production."""
    wanted = [word for name in names for word in _words(name)]
    async with federation.watched(interval=1.0, dead_after=5.0):
        got = [each.data for each in await drain(puller, len(wanted))]
        assert got == wanted
        await publish(await federation.connect("MY", "gateway"), "a.frame.all.01", [b"last"], f"last {names}")
        assert [each.data for each in await drain(puller, 1)] == [b"last"], "nothing comes twice"


async def _drained(federation: NatsFederation, puller: Puller) -> list[bytes]:
    """The next ten that come, while the hub's watchdog works."""
    async with at_work(HubWatch(federation.hub, interval=1.0, dead_after=5.0)):
        return [each.data for each in await drain(puller, 10)]


async def _is_upgraded(federation: NatsFederation, codes: tuple[str, ...] = CODES) -> None:
    admin = federation.hub.admin
    assert (await call(admin, "STREAM.NAMES"))["streams"] == ["REGION"]
    found = (await streams.stream_config(admin, "REGION") or {})["sources"]
    assert {each["name"] for each in found} == {f"IN_{code}" for code in codes}
    assert all(ingest.has_source({"sources": found}, code) for code in codes)
    for code in codes:
        config = await streams.stream_config(ingest.of(admin, code), f"IN_{code}") or {}
        assert config["max_bytes"] == federation.hub.plan.hub.ingest_bytes


async def test_nothing_is_lost_or_doubled_and_numbers_go_on(old: NatsFederation) -> None:
    puller = await _puller(old)
    await render_again(old.hub)
    await _sent(old, "between")
    await old.hub.found()
    await _is_upgraded(old)
    await _sent(old, "after")
    await _receive(old, puller, "between", "after")
    state = (await stream_info(ingest.of(old.hub.admin, "SG"), "IN_SG"))["state"]
    assert (state["first_seq"], state["last_seq"]) == (11, 30)
    lines: list[str] = []
    old.hub.report = lines.append
    await old.hub.found()
    assert all(line.endswith("unchanged") for line in lines), lines
    assert {each.kind for each in await HubWatch(old.hub).run_once()} == {"healthy"}


class _CutError(Exception):
    """The operator's machine went away."""


@contextlib.contextmanager
def _cut_before_a_new_change(known: set[tuple[str, str]]) -> Iterator[None]:
    """Before the first change at a server that is not in `known`, to which it is added, the operator goes away."""
    request = jsapi.call_subject

    async def counted(bus: Any, subject: str, *more: Any) -> Any:
        change = getattr(bus, "prefix", ""), subject
        changes = any(word in subject for word in (".CREATE.", ".UPDATE.", ".DELETE.", ".PURGE.", ".RESET."))
        if changes and change not in known:
            known.add(change)
            raise _CutError
        return await request(bus, subject, *more)

    with mock.patch.object(jsapi, "call_subject", counted), mock.patch.object(positions, "call_subject", counted):
        yield


async def test_an_upgrade_goes_on_wherever_it_was_cut_off(old: NatsFederation) -> None:
    puller = await _puller(old)
    await render_again(old.hub)
    await _sent(old, "between")
    old.hub.plan = old.hub.plan.with_status("TH", "suspended").with_status("MY", "suspended")  # SG alone is upgraded
    cut: set[tuple[str, str]] = set()
    while True:
        with contextlib.suppress(_CutError), _cut_before_a_new_change(cut):
            await old.hub.found()
            break
    assert {(there, subject.removeprefix("$JS.API.")) for there, subject in cut} == {
        ("", "STREAM.UPDATE.IN_SG"),
        ("", "fed.ctl.sg.CONSUMER.RESET.OUTBOX_SG.up"),
        (ingest.api("SG"), "STREAM.CREATE.IN_SG"),
        ("", "STREAM.UPDATE.REGION"),
        ("", "STREAM.DELETE.IN_SG"),
        (ingest.api("SG"), "STREAM.UPDATE.IN_SG"),
    }
    old.hub.plan = old.hub.plan.with_status("TH", "active").with_status("MY", "active")
    await old.hub.found()
    await _is_upgraded(old)
    await _sent(old, "after")
    await _receive(old, puller, "between", "after")


async def test_a_member_that_is_away_keeps_no_other_waiting(old: NatsFederation) -> None:
    puller = await _puller(old)
    old.servers["MY"].kill()

    async def is_cut() -> bool:
        return "MY" not in await old.hub.connected()

    await eventually(is_cut)
    await render_again(old.hub)
    with pytest.raises(Fault, match="no leaf link of MY"):
        await old.hub.found(0.3)
    await _sent(old, "after")
    assert await _drained(old, puller) == _words("after")
    seen = {each.name: each for each in await HubWatch(old.hub).run_once()}
    assert seen["OUTBOX_MY"].kind == "failed"
    await old.servers.restart("MY")
    await old.hub.found()
    await _is_upgraded(old)
    await _sent(old, "from MY", "MY")
    assert await _drained(old, puller) == _words("from MY")


async def test_a_member_whose_answer_comes_after_its_link_is_waited_for(
    old: NatsFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a member's server exports is known to the hub a moment after its link; before, `found` ended there."""
    puller = await _puller(old)
    await render_again(old.hub)
    request, late = Bus.request, 0

    async def late_at_first(bus: Bus, subject: str, data: bytes = b"", *args: Any, **named: Any) -> Any:
        nonlocal late
        if subject.startswith("fed.ctl.sg.CONSUMER.RESET") and data and late < 3:
            late += 1
            raise NoResponders(f"nobody answers on {subject}")
        return await request(bus, subject, data, *args, **named)

    monkeypatch.setattr(Bus, "request", late_at_first)
    await old.hub.found()
    assert late == 3
    await _is_upgraded(old)
    await _sent(old, "after")
    await _receive(old, puller, "after")


async def test_a_suspension_upgrades_the_hub_for_the_others(old: NatsFederation) -> None:
    """It writes today's configuration, with which no IN in REGION's account hears its member."""
    puller = await _puller(old)
    await old.hub.suspend("MY")
    await _sent(old, "after")
    assert await _drained(old, puller) == _words("after")
    await old.hub.join("MY")
    await _is_upgraded(old)
    await _sent(old, "from MY", "MY")
    assert await _drained(old, puller) == _words("from MY")


async def test_a_configuration_that_was_not_read_yet_is_named(old: NatsFederation) -> None:
    with pytest.raises(Fault, match="no account IN_TH") as caught:
        await old.hub.found()
    assert "suar federation nats --hub" in caught.value.hint
    puller = await _puller(old)
    await _sent(old, "after")
    assert [each.data for each in await drain(puller, 10)] == _words("after"), "nothing was changed"


async def test_a_number_that_was_forged_before_is_not_taken_over(old: NatsFederation) -> None:
    """IN stood behind OUTBOX's end, so that the hub dropped what the member sent (docs: `past-end`)."""
    puller, member = await _puller(old), old.members["SG"].member
    with raw_link(old.hub.plan.hub, member, old.prepared.environs["sg"]) as link:
        up = (await jsapi.consumer_info(old.members["SG"].admin, "OUTBOX_SG", "up"))["delivered"]
        link.sendall(object_of(member, up["consumer_seq"] + 1, 1_000_000))
        settle(link)
    assert [each.data for each in await drain(puller, 1)] == [b"xxx"]
    await render_again(old.hub)
    await old.hub.found()
    await _is_upgraded(old)
    await _sent(old, "after")
    await _receive(old, puller, "after")


async def test_what_an_older_hub_requested_at_a_member_is_withdrawn(old: NatsFederation) -> None:
    """Else the member's consumer delivers before IN listens: it began 9 s late, and at times lost what came first."""
    port, there = old.members["SG"].member.monitor_port, ingest.of(old.hub.admin, "SG")

    async def is_requested() -> bool:
        leafs = (await monitor.read(port, "/leafz?subs=1"))["leafs"] or []
        return any("fed.up.sg" in (leaf.get("subscriptions_list") or []) for leaf in leafs)

    async def is_withdrawn() -> bool:
        return not await is_requested()

    await render_again(old.hub)
    await old.hub.found()
    await eventually(is_requested)
    await streams.set_sources(there, "IN_SG", [])
    await eventually(is_withdrawn)


async def test_there_is_room_for_the_new_one_beside_the_old(tmp_path: Path) -> None:
    """The server has the disk for as many IN as members, and a gibibyte: a new one is small until the old is gone."""
    federation = NatsFederation.new(tmp_path, CODES)
    try:
        with hub_of_before():
            servers = federation.servers
            many = {"members_max": 3, "ingest_mb": 6_000}
            servers.plan = msgspec.structs.replace(servers.plan, hub=msgspec.structs.replace(servers.plan.hub, **many))
            await federation.start_all()
        await render_again(federation.hub)
        await federation.hub.found()
        await _is_upgraded(federation)
    finally:
        await federation.stop()
