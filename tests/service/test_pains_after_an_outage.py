"""Pains 9 and 12 of comparable systems, against real servers: slow or wrong catch-up, and storms that blind operators.

`suar bench catchup` measures the same with 100,000 messages.
"""

import asyncio
import json
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from suar.bench.arena.processes import rss
from support.executables import SUAR
from support.gateways import Federation, Running, draft, eventually, running

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
STEP = 500


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("outage"), "SG", "TH", "VN") as made:
        yield made


async def published(gateway: Running, name: str, count: int, **changes: Any) -> list[str]:
    ids: list[str] = []
    for first in range(0, count, STEP):
        numbers = range(first, min(count, first + STEP))
        ids += await gateway.publish(*(draft(f"{name} {number}", **changes) for number in numbers))
    return ids


async def whole_inbox(gateway: Running, **filters: str) -> list[dict[str, Any]]:
    """Page by page, by row numbers."""
    rows: list[dict[str, Any]] = []
    while True:
        after = str(rows[-1]["n"] if rows else 0)
        page = await gateway.get("/v1/messages", params={**filters, "after": after, "limit": "700"})
        rows += page
        if len(page) < 700:
            return rows


async def holds(gateway: Running, ids: list[str]) -> bool:
    """Whether the last of them is there: they are admitted in order."""
    newest = await gateway.get("/v1/messages", params={"limit": "1000"})
    return ids[-1] in {row["id"] for row in newest}


async def test_pain_09_an_outage_is_caught_up_in_seconds_with_nothing_lost_doubled_or_out_of_order(
    federation: Federation,
) -> None:
    sg, th, vn = (federation[code] for code in ("SG", "TH", "VN"))
    sg.kill()
    many, few = await published(th, "office", 3_000), await published(vn, "harbour", 30)
    await sg.start_and_wait()

    async def all_here() -> bool:
        return await holds(sg, many) and {*few} <= {row["id"] for row in await whole_inbox(sg, origin="VN")}

    await eventually(all_here, 120, sg.words)
    rows = await whole_inbox(sg)
    assert max(Counter(row["id"] for row in rows).values()) == 1
    for ids in (many, few):
        wanted = set(ids)
        assert [row["id"] for row in rows if row["id"] in wanted] == ids
    await federation.stored_everywhere("TH", many[-1], within=120)

    # with nothing to sync there is nothing to do: a start compares numbers and takes nothing again
    sg.end()
    await sg.start_and_wait()
    assert (await sg.get("/v1/progress"))["to_come"] < len(many) // 10  # heartbeats, as many as came meanwhile
    assert await whole_inbox(sg) == rows
    assert [line["missing"] for line in await sg.get("/v1/peers")] == [0, 0]


async def _feed(gateway: Running, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *SUAR, "feed", "--state", str(gateway.folder), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=2**20,
    )  # fmt: skip


async def _lines(process: asyncio.subprocess.Process, count: int) -> list[dict[str, Any]]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return [json.loads(await process.stdout.readline()) for _ in range(count)]


async def test_pain_12_the_urgent_one_is_first_of_thousands_for_people_and_programs_and_memory_stays_flat(
    federation: Federation,
) -> None:
    sg, th = federation["SG"], federation["TH"]
    [earlier] = await th.publish(draft("earlier"))
    await eventually(lambda: holds(sg, [earlier]), 120, sg.words)
    position = (await _feed_to_its_end(sg))[-1]["place"]
    sg.kill()
    many = await published(th, "factory", 2_000)
    [last] = await th.publish(draft("tonight", urgency="immediate", ack_within=24))
    await sg.start_and_wait()
    await eventually(lambda: holds(sg, [last]), 120, sg.words)
    assert sg.process
    before = rss(sg.process.pid)

    # the person's list and a page of the API
    shown = await asyncio.create_subprocess_exec(
        *SUAR, "inbox", "--limit", "3", "--state", str(sg.folder),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    text = (await shown.communicate())[0].decode().splitlines()
    assert last in text[1]
    assert last not in "".join(text[2:])
    [first] = await sg.get("/v1/messages", params={"order": "urgency", "after": "0", "limit": "1"})
    assert first["id"] == last

    # a program that was away, is cut off in the middle and comes back; beside it one that takes nothing at all
    with socket.socket() as still:
        _open_unread_feed(still, sg)
        reader = await _feed(sg, "--follow", "--after", position)
        taken = await _lines(reader, 700)
        reader.kill()
        await reader.wait()
        taken += await _feed_to_its_end(sg, "--after", taken[-1]["place"])
    assert taken[0]["subject"] == last
    assert taken[0]["suarurgency"] == "immediate"
    assert [each["subject"] for each in taken[1:]] == many
    assert rss(sg.process.pid) < 1.3 * before


async def _feed_to_its_end(gateway: Running, *arguments: str) -> list[dict[str, Any]]:
    process = await _feed(gateway, *arguments)
    out = (await process.communicate())[0].decode()
    assert process.returncode == os.EX_OK
    return [json.loads(line) for line in out.splitlines()]


def _open_unread_feed(client: socket.socket, gateway: Running) -> None:
    """Open a feed and read none of it."""
    address = gateway.address
    host, port = address["url"].removeprefix("http://").split(":")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host, int(port)))
    call = f"GET /v1/feed HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {address['token']}\r\n\r\n"
    client.sendall(call.encode())
