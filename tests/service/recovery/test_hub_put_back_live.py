"""The hub's disk is put back to an older copy: its put-back is named as the cause, and no member that did nothing."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.bus import ingest
from suar.bus.errors import Disconnected
from suar.bus.jsapi import stream_info
from support.gateways import AGAIN, Federation, Running, draft, eventually, now_ms, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: whose objects a hub drops depends on how fast all of them are published
    pytest.mark.asyncio(loop_scope="module"),
]
CODES = ("SG", "TH", "VN")
ROUNDS = 10


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("federation"), *CODES) as federation:
        yield federation


async def publish_all(three: Federation, when: str) -> dict[str, list[str]]:
    """A frame of each member, again and again; the ids by member."""
    ids: dict[str, list[str]] = {code: [] for code in CODES}
    for n in range(ROUNDS):
        for code in CODES:
            ids[code] += await three[code].publish(draft(f"{when} {code} {n}"))
    return ids


async def stored(three: Federation, ids: dict[str, list[str]]) -> None:
    for code in CODES:
        await three.stored_everywhere(code, *ids[code], within=AGAIN)


async def until_the_hub_receives(three: Federation) -> None:
    """Until the hub, which started a moment ago, has stored something more of each member: a heartbeat."""
    admin = three.nats.hub.admin
    await admin.wait_connected(60)

    async def ends() -> list[int]:
        infos = [await stream_info(ingest.of(admin, code), f"IN_{code}") for code in CODES]
        return [int(info["state"]["last_seq"]) for info in infos]

    seen: list[list[int]] = []

    async def has_more() -> bool:
        with contextlib.suppress(Disconnected):  # the connection may break once more
            seen.append(await ends())
        return bool(seen) and all(now > then for now, then in zip(seen[-1], seen[0], strict=True))

    await eventually(has_more)


async def findings(gateway: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await gateway.get("/v1/checks"))["checks"]
    return [each for each in found if each["status"] != "ok"]


async def names_the_hub(gateway: Running) -> bool:
    found = [each for each in await findings(gateway) if each["id"] == "hub-store"]
    return any("call the operator of the hub" in each["next"] for each in found)


def is_about_missing(finding: dict[str, Any]) -> bool:
    """Whether a finding says that frames of a member are missing."""
    return finding["id"] == "gaps" or (finding["id"] == "alarms" and " gap " in finding["text"])


async def test_the_hub_is_named_and_no_member(three: Federation, tmp_path: Path) -> None:
    hub, disk = three.nats.servers["hub"], three.folder / "hub" / "jetstream"
    await stored(three, await publish_all(three, "before"))
    hub.stop()
    shutil.copytree(disk, tmp_path / "older")
    hub.spawn()
    await hub.ready()
    await until_the_hub_receives(three)
    await stored(three, await publish_all(three, "lost"))
    assert not any([await names_the_hub(three[code]) for code in CODES]), "a restart alone is none"
    hub.kill()
    shutil.rmtree(disk)
    shutil.copytree(tmp_path / "older", disk)
    since = now_ms()
    hub.spawn()
    await hub.ready()
    await until_the_hub_receives(three)
    later = await publish_all(three, "later")
    for gateway in three.gateways.values():

        async def is_named(gateway: Running = gateway) -> bool:
            return await names_the_hub(gateway)

        await eventually(is_named, 120, gateway.words)
        found = [each for each in await findings(gateway) if is_about_missing(each)]
        assert {each["because"] for each in found} <= {"hub-store"}, found
        alarms = await gateway.get("/v1/alarms", params={"since": str(since), "open": "true"})
        nexts = {each["next"] for each in alarms if each["name"] == "gap"}
        assert not [each for each in nexts if "operator of the member" in each]
    await stored(three, later)
