"""Whoever holds a member's link names any reply subject in what the hub hears: nothing of others changes for it.

A server answers flow control with its own rights in the account where the request arrives. That was REGION, so one
member could delete REGION, the IN and the consumers of all others. Now it is the account of the member's own IN.
"""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from suar.bus import ingest
from suar.bus.consume import Puller
from suar.bus.errors import CONSUMER_NOT_FOUND, STREAM_NOT_FOUND, ApiError
from suar.bus.jsapi import Json, call, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from suar.federation.plan import Plan
from support.hubs_of_before import hub_of_before
from support.nats_server import CODES, drain, eventually, publish
from support.raw_link import control, raw_link, settle

REPLIES = [
    "$JS.API.STREAM.DELETE.REGION", "$JS.API.STREAM.PURGE.REGION", "$JS.API.STREAM.DELETE.IN_TH",
    "$JS.API.STREAM.PURGE.IN_TH", "$JS.API.CONSUMER.DELETE.REGION.down_th", "$JS.API.CONSUMER.DELETE.REGION.down_my",
    "$JS.API.CONSUMER.RESET.REGION.down_th", "$JS.hub.API.STREAM.DELETE.REGION", "$JS.IN_TH.API.STREAM.DELETE.IN_TH",
    "$JS.IN_SG.API.STREAM.DELETE.IN_SG", "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up", "fed.down.th", "fed.up.th",
    "$JS.FC.REGION.down_th.x", "$JS.FC.OUTBOX_TH.up.x", "$SYS.REQ.SERVER.PING", "REGION", "tip.v1.th.a.frame.all.01",
]  # fmt: skip
SERVICES = ["fed.ctl.hub.CONSUMER.RESET.REGION.down_sg", "$JS.FC.REGION.down_sg.x"]


async def _found(federation: NatsFederation) -> dict[str, Json]:
    """What the hub has of others than SG: configurations, numbers and consumers."""
    admin, found = federation.hub.admin, {}
    for name in ("REGION", "IN_TH", "IN_MY"):
        info = await stream_info(admin if name == "REGION" else ingest.of(admin, name[3:]), name)
        found[name] = {"config": info["config"], "last": info["state"]["last_seq"], "of": info["state"]["messages"]}
    consumers = (await call(admin, "CONSUMER.LIST.REGION"))["consumers"]
    found["consumers"] = {each["name"]: each["config"] for each in consumers}
    return found


async def _delivered_on(plan: Plan, code: str) -> list[str]:
    """The subjects on which REGION hears that member's IN: the last token is the server's own, of chance."""
    subs = await monitor.read(plan.hub.monitor_port, "/subsz?subs=1&limit=2048")
    prefix = f"{ingest.deliver(code)}."
    return sorted({each["subject"] for each in subs["subscriptions_list"] if each["subject"].startswith(prefix)})


def _send(federation: NatsFederation, replies: Iterable[str], subjects: Iterable[str] = ("fed.up.sg",)) -> None:
    """As a thief of SG's link: every form in which a server is asked to answer, with each reply; returns once the hub
    read it."""
    member, environ = federation.members["SG"].member, federation.prepared.environs["sg"]
    with raw_link(federation.hub.plan.hub, member, environ) as link:
        for reply in replies:
            for subject in subjects:
                link.sendall(control(subject, reply))
        settle(link)


async def _all_flows(federation: NatsFederation, name: bytes) -> None:
    """TH and SG send, and MY gets it."""
    puller = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
    for code in ("TH", "SG"):
        await publish(await federation.connect(code, "gateway"), "a.frame.all.01", [name] * 5, name.decode())
        assert [each.data for each in await drain(puller, 5)] == [name] * 5


async def test_no_reply_of_a_link_reaches_what_is_of_others(federation: NatsFederation) -> None:
    await _all_flows(federation, b"before")
    before = await _found(federation)
    received: set[bytes] = set()

    async def on_message(message: Msg) -> None:
        if "Status" not in (message.headers or {}):  # as a heartbeat has
            received.add(message.data)

    for subject in ("fed.up.th", "fed.down.th", "REGION", "tip.v1.>"):
        await federation.hub.admin.subscribe(subject, on_message)
    await asyncio.to_thread(_send, federation, REPLIES)
    await asyncio.to_thread(_send, federation, REPLIES, SERVICES)
    assert await _found(federation) == before
    await _all_flows(federation, b"after")
    after = await _found(federation)
    assert after["REGION"]["last"] == before["REGION"]["last"] + 10, "nothing else was stored"
    assert after["consumers"] == before["consumers"]
    assert received <= {b"before", b"after"}


async def test_the_answer_goes_where_the_link_s_own_in_is(federation: NatsFederation) -> None:
    """It reaches what is of the member itself: so the requests above were requests that a server does answer."""
    await _all_flows(federation, b"before")
    await asyncio.to_thread(_send, federation, ["$JS.API.STREAM.DELETE.IN_SG"])

    async def is_gone() -> bool:
        return not (await call(ingest.of(federation.hub.admin, "SG"), "STREAM.NAMES"))["streams"]

    await eventually(is_gone)
    assert (await stream_info(ingest.of(federation.hub.admin, "TH"), "IN_TH"))["config"]
    await federation.hub.found()
    assert (await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG"))["state"]["first_seq"] == 6


async def test_a_link_s_own_in_is_not_purged_either(federation: NatsFederation) -> None:
    """Its source and REGION's went on after a purge, so nothing bounded what one member had the hub pass on."""
    await _all_flows(federation, b"before")
    await asyncio.to_thread(_send, federation, ["$JS.API.STREAM.PURGE.IN_SG"] * 9)
    await _all_flows(federation, b"after")
    info = await stream_info(ingest.of(federation.hub.admin, "SG"), "IN_SG")
    assert (info["state"]["messages"], info["state"]["first_seq"]) == (10, 1)


async def test_on_the_way_from_its_in_to_region_a_link_puts_nothing(federation: NatsFederation) -> None:
    """What IN delivers to REGION goes by a subject whose end nobody is told; here it is known all the same."""
    await _all_flows(federation, b"before")
    before, ways = await _found(federation), await _delivered_on(federation.hub.plan, "SG")
    assert ways
    assert all(re.fullmatch(r"fed\.in\.sg\.\S{8,}", each) for each in ways), ways
    await asyncio.to_thread(_send, federation, ways * 3)
    await publish(await federation.connect("SG", "gateway"), "a.frame.all.01", [b"own"])
    puller = Puller(await federation.connect("TH", "gateway"), "INBOX_TH", "gw")
    assert [each.data for each in await drain(puller, 11)] == [b"before"] * 10 + [b"own"]
    after = await _found(federation)
    assert after["REGION"]["last"] == before["REGION"]["last"] + 1
    assert after["consumers"] == before["consumers"]


@pytest.mark.parametrize("request_", ["STREAM.DELETE.IN_TH", "STREAM.DELETE.REGION", "CONSUMER.DELETE.REGION.down_th"])
async def test_on_a_hub_of_before_it_did(tmp_path: Path, request_: str) -> None:
    """A fact about the server: it answers with its own rights. When this fails, the accounts may go."""
    info = request_.replace("DELETE", "INFO")
    with hub_of_before():
        async with NatsFederation.new(tmp_path, CODES) as federation:
            await _all_flows(federation, b"before")
            assert (await call(federation.hub.admin, info))["config"]
            await asyncio.to_thread(_send, federation, [f"$JS.API.{request_}"])

            async def is_gone() -> bool:
                try:
                    await call(federation.hub.admin, info)
                except ApiError as error:
                    return error.err_code in {STREAM_NOT_FOUND, CONSUMER_NOT_FOUND}
                return False

            await eventually(is_gone)
