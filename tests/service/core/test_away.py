"""What a gateway says of others after it was away itself, or with a stream of its own gone: no fault of theirs."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.bus.jsapi import call
from suar.protocol.base.instants import instant
from support.gateways import AGAIN, Federation, draft, eventually, now_ms
from support.live import suar
from support.standstill import stop

HEARTBEAT = 0.3  # seconds, of the others; TH, which judges them, calls nobody silent who is late by a few
OF_TH = 1.5
SILENT_AFTER = 2 * OF_TH
AWAY = SILENT_AFTER + 1.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    folder: Path = tmp_path_factory.mktemp("away")
    federation = Federation(folder, ("SG", "TH", "VN"), HEARTBEAT)
    federation["TH"].module, federation["TH"].heartbeat = "support.quick_links", OF_TH
    try:
        await federation.start()
        yield federation
    finally:
        await federation.stop()


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def whole(three: Federation) -> None:
    await three.mend()
    await three.wait_all_connected("TH")


async def silences(three: Federation, since: int) -> list[dict[str, Any]]:
    found = await three["TH"].get("/v1/alarms", params={"since": str(since)})
    return [each for each in found if each["name"] == "silence"]


async def check_of(three: Federation, name: str) -> set[str]:
    return {each["status"] for each in (await three["TH"].get("/v1/checks"))["checks"] if each["id"] == name}


async def listens_again(three: Federation) -> None:
    """Until TH hears everybody, and has their receipts."""

    async def is_so() -> bool:
        return await check_of(three, "peers-silent") == {"ok"}

    await eventually(is_so, AGAIN, three["TH"].words)
    await three.stored_everywhere("TH", *(await three["TH"].publish(draft("listens again"))), within=AGAIN)


@asynccontextmanager
async def silent_vn(three: Federation) -> AsyncIterator[int]:
    """VN says nothing, and TH has told it; since when."""
    since, process = now_ms(), three["VN"].process
    assert process is not None
    stop(process.pid)

    async def is_reported() -> bool:
        return {each["member"] for each in await silences(three, since) if each["state"] == "open"} == {"VN"}

    async def is_over() -> bool:
        return {each["state"] for each in await silences(three, since)} == {"ended"}

    try:
        await eventually(is_reported, 120, three["TH"].words)
        yield since
    finally:
        process.send_signal(signal.SIGCONT)
    await eventually(is_over, AGAIN, three["TH"].words)


async def no_silence_of_others(three: Federation, since: int) -> None:
    """TH told none until VN was truly silent: that shows that it would have told one by then."""
    await listens_again(three)
    assert await check_of(three, "peers-silent") == {"ok"}
    assert await silences(three, since) == []
    async with silent_vn(three) as stopped:
        pass
    found = await silences(three, since)
    assert {each["member"] for each in found} == {"VN"}
    assert all(each["at"] >= instant(stopped) for each in found), found

    async def is_ok() -> bool:  # a gap that another test of this federation made ends once it is filled
        lines = (await suar(three["TH"], "check")).out.splitlines()
        return [line for line in lines if "  alarms  " in line] == ["ok        alarms  gateway  no open alarm"]

    await eventually(is_ok, AGAIN, three["TH"].words)
    assert len(await silences(three, since)) == len(found)


async def test_our_gateway_was_stopped(three: Federation) -> None:
    since = now_ms()
    three["TH"].end()
    await asyncio.sleep(AWAY)
    await three["TH"].start_and_wait()
    await no_silence_of_others(three, since)


async def test_our_process_stood_still(three: Federation) -> None:
    since = now_ms()
    process = three["TH"].process
    assert process is not None
    stop(process.pid)
    await asyncio.sleep(AWAY + 2.0)
    process.send_signal(signal.SIGCONT)
    await no_silence_of_others(three, since)


async def test_our_own_server_was_down(three: Federation) -> None:
    since = now_ms()
    three.nats.servers["th"].kill()
    await asyncio.sleep(AWAY)
    await three.nats.servers.restart("th")
    await no_silence_of_others(three, since)


async def test_the_hub_was_down(three: Federation) -> None:
    since = now_ms()
    three.nats.servers.hub.kill()
    await asyncio.sleep(AWAY)
    three.nats.servers.hub.spawn()
    await three.nats.servers.hub.ready()
    await no_silence_of_others(three, since)


async def test_a_real_silence_is_reported_and_ends_and_check_is_ok_again_over_a_restart(three: Federation) -> None:
    await listens_again(three)
    async with silent_vn(three):
        assert await check_of(three, "alarms") == {"warning"}
        assert (await suar(three["TH"], "doctor")).code == 1
    assert await check_of(three, "alarms") == {"ok"}
    three["TH"].end()
    await three["TH"].start_and_wait()
    assert await check_of(three, "alarms") == {"ok"}


async def test_our_own_inbox_is_gone_and_nobody_else_is_blamed(three: Federation) -> None:
    (id_,) = await three["TH"].publish(draft("before"))
    side = three.nats.members["TH"]
    await call(side.admin, "STREAM.DELETE.INBOX_TH")
    (later,) = await three["TH"].publish(draft("after", ["SG"]))

    async def is_reported() -> bool:
        found = await three["TH"].get(f"/v1/messages/{later}/why/SG")
        return bool(found["cause"] == "stream-missing-here")

    await eventually(is_reported, 120, three["TH"].words)

    async def is_isolated() -> bool:  # so long that a neighbour would be silent
        peers = await three["TH"].get("/v1/peers")
        return all(each["heartbeat_age_seconds"] > SILENT_AFTER + AWAY for each in peers)

    await eventually(is_isolated, 120, three["TH"].words)
    found = await three["TH"].get(f"/v1/messages/{later}/why/SG")
    command = f"suar federation streams --member TH --plan PLAN.toml --state {three['TH'].folder}"
    assert found["cause"] == "stream-missing-here"
    assert "INBOX_TH" in found["text"]
    assert found["next"] == f"`{command}` makes it again"
    doctor = await suar(three["TH"], "doctor")
    assert doctor.code == 2
    first, hint = doctor.out.splitlines()[:2]
    assert first == "critical  streams-present (INBOX_TH): the stream is missing"
    assert hint == f"          next: make it: `{command}`"
    assert "          so also peers-silent" not in doctor.out
    answer = await three["TH"].call("POST", "/v1/messages", json.dumps(draft("third", ["SG"])).encode())
    assert (answer.status_code, answer.json()["verdict"], answer.json()["waiting"]) == (
        201, "published", "stream-missing-here",
    )  # fmt: skip
    await side.create_outbox()
    await side.create_inbox()
    await three.stored_everywhere("TH", id_, later, answer.json()["id"], within=AGAIN)
