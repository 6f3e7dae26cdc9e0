"""An agency reads at the NATS server of a gateway that runs as a process: killed in between, suspended, stopped."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import nats
import pytest_asyncio
from nats.js.errors import ServiceUnavailableError

from suar.bus.connect import Bus
from suar.bus.jsapi import call
from suar.federation.nats_users import new_nkey
from suar.federation.plan import Agency
from support.gateways import Federation, Running, draft, eventually
from support.live import suar
from support.patience import PATIENCE

STREAM = "FEED_TH"
SEED, NKEY = new_nkey()
HEALTH: dict[str, Any] = {"name": "health", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER", "nkey": NKEY}


@pytest_asyncio.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    made = Federation(tmp_path, ("TH", "SG"))
    servers = made.nats.servers
    member = msgspec.structs.replace(servers.plan.member("TH"), agencies=(Agency(name="health", nkey=NKEY),))
    servers.plan = servers.plan.with_member(member)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def registered(federation: Federation) -> tuple[Running, Bus]:
    """TH's gateway with its agency, and a connection of the administrator of FEED, which it created."""
    admin = await federation.nats.connect("TH", "feed_admin")
    await federation.nats.members["TH"].create_feed(admin)
    gateway = federation["TH"]
    answer = await gateway.call("POST", "/v1/agencies", json.dumps(HEALTH).encode())
    assert answer.status_code == 201, answer.text
    return gateway, admin


async def read(federation: Federation, count: int) -> list[str]:
    """The subjects of so many events, each acknowledged, in the order in which they came."""
    url = federation.nats.servers.plan.member("TH").url
    client = await nats.connect(
        url, nkeys_seed_str=SEED.decode(), inbox_prefix=b"_INBOX_health", connect_timeout=int(PATIENCE)
    )
    feed, found = await client.jetstream(domain="feed").pull_subscribe_bind("health", STREAM), list[str]()

    async def is_read() -> bool:
        try:
            messages = await feed.fetch(100, timeout=1)
        except (TimeoutError, ServiceUnavailableError):  # nothing is there, or no consumer yet
            messages = []
        for message in messages:
            found.append(json.loads(message.data)["subject"])
            await message.ack_sync()
        return len(found) >= count

    try:
        await eventually(is_read)
    finally:
        await client.close()
    return found


async def test_a_gateway_that_is_killed_neither_loses_nor_doubles(federation: Federation) -> None:
    gateway, _ = await registered(federation)
    ids = list[str]()
    for time in range(4):
        ids += await gateway.publish(*(draft(f"alert {time} {number}") for number in range(20)))
        gateway.kill()
        await gateway.start_and_wait()
    ids += await gateway.publish(draft("the last one"))
    assert sorted(await read(federation, len(ids))) == sorted(ids)
    assert await read(federation, 0) == []


async def test_suspending_closes_the_consumer_at_once_and_resuming_opens_it_where_it_was(
    federation: Federation,
) -> None:
    gateway, admin = await registered(federation)
    first = await gateway.publish(draft("before"))
    assert await read(federation, 1) == first

    async def consumers(names: list[str]) -> bool:
        return ((await call(admin, f"CONSUMER.NAMES.{STREAM}"))["consumers"] or []) == names

    async def is_empty() -> bool:  # the consumer is closed first
        return bool((await call(admin, f"STREAM.INFO.{STREAM}"))["state"]["messages"] == 0)

    second = await gateway.publish(draft("unread"))
    assert (await gateway.call("POST", "/v1/agencies/health/suspend")).status_code == 200
    await eventually(lambda: consumers([]))
    await eventually(is_empty)
    third = await gateway.publish(draft("meanwhile"))
    assert (await gateway.call("POST", "/v1/agencies/health/resume")).status_code == 200
    await eventually(lambda: consumers(["health"]))
    assert await read(federation, 2) == second + third


async def test_a_server_without_the_stream_is_reported_in_the_log_and_made_good(federation: Federation) -> None:
    gateway = federation["TH"]
    answer = await gateway.call("POST", "/v1/agencies", json.dumps(HEALTH).encode())
    assert answer.status_code == 201, answer.text
    ids = await gateway.publish(draft("before the stream"))

    async def is_reported() -> bool:
        return any("streams --member" in each.get("hint", "") for each in gateway.events("agency_feed_failed"))

    await eventually(is_reported)
    plan, passphrase = federation.nats.servers.plan_file, gateway.folder / "passphrase"
    named = ("--member", "TH", "--plan", str(plan), "--passphrase-file", str(passphrase))
    ended = await suar(gateway, "federation", "streams", *named)
    assert "FEED_TH created" in ended.out + ended.err
    assert await read(federation, 1) == ids
