"""How an urgent message is delivered after an outage: the second part of `suar bench catchup`, in the same federation.

The sender's own server is stopped while everything is published; an immediate alert is published last. When the server
is back, the receiver is observed: the alert's position among all arrivals, what a list by urgency shows first, and what
a reader of the feed gets first, while the gateways' memory is measured.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx
import msgspec

from suar.bench.arena.arena import SENDER, Arena
from suar.bench.arena.posting import post_batch
from suar.bench.arena.processes import rss
from suar.bench.arena.stores import Rows, committed
from suar.bench.founding import drafts
from suar.bench.measure import Reporter, rounded
from suar.protocol.base.errors import Fault

STEP: Final = 5_000  # messages of one call
EVERY: Final = 0.1  # seconds between two measurements of the memory
WITHIN: Final = 600.0


@dataclass
class Found:
    """The measurements."""

    count: int
    position: int = 0  # position of the alert among all arrivals; 1 is the first
    seconds_alert: float = 0.0  # from when the server was back until the alert arrived
    seconds_all: float = 0.0
    list_ms: float = 0.0
    feed_ms: float = 0.0
    feed_rate: float = 0.0  # events a second for the whole backlog
    growth: float = 0.0
    mib: list[int] = field(default_factory=list)  # largest memory of sender and receiver

    def rows(self) -> list[dict[str, Any]]:
        """Return rows of the document."""
        return [
            {"name": "urgent alert, sender's server away", "count": self.count, "place": self.position,
             "seconds_alert": rounded(self.seconds_alert), "seconds_all": rounded(self.seconds_all)},
            {"name": "urgent alert, shown first", "count": self.count, "list_ms": rounded(self.list_ms),
             "feed_ms": rounded(self.feed_ms), "feed_events_per_s": rounded(self.feed_rate),
             "rss_growth": rounded(self.growth), "mib": self.mib},
        ]  # fmt: skip

    def ratios(self) -> dict[str, float]:
        """Return the ratios of the document."""
        return {"urgent_place": float(self.position), "urgent_rss_growth": rounded(self.growth)}


async def urgent(arena: Arena, receiver: str, first: int, count: int, report: Reporter) -> Found:
    """Publish `count` messages and the alert after them, numbered from `first`; both gateways run."""
    found = Found(count)
    reader = _Reader(arena, receiver)
    newest = await reader.newest()
    await arena.disconnect(SENDER)
    for number in range(first, first + count, STEP):
        report(f"queueing without a server, {number - first} of {count} messages")
        await arena.publish(list(drafts(number, min(STEP, first + count - number))))
    alert = await _publish_alert(arena, first + count)
    pids = [arena.gateway(SENDER), arena.gateway(receiver)]
    rows = Rows(arena.store(receiver))
    held = rows.count_rows()
    await arena.federation.nats.servers.restart(SENDER)
    begin = time.perf_counter()
    async with _Watched(pids) as taken:
        found.seconds_alert = await _wait_for_arrival(arena.store(receiver), alert) - begin
        await committed([rows], [held + count // 10], WITHIN)
        warm = len(taken[0])
        found.seconds_all = await committed([rows], [held + count + 1], WITHIN) - begin
        rows.close()
        found.position = _place(arena.store(receiver), alert, held)
        found.list_ms = await reader.first_of_list(alert)
        found.feed_ms, found.feed_rate = await reader.feed(newest, alert, count + 1)
    found.mib = [round(max(series) / 2**20) for series in taken]
    found.growth = max(_growth(series[warm:]) for series in taken)
    return found


async def _publish_alert(arena: Arena, number: int) -> str:
    [line] = drafts(number, 1)
    alert = msgspec.json.encode(json.loads(line) | {"urgency": "immediate", "ack_within": 24})
    desk = arena.federation.gateways[SENDER].desk
    _, id_ = await post_batch(desk.url, desk.tokens["publish"], [alert])
    return id_


async def _wait_for_arrival(store: Path, id_: str) -> float:
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    deadline = time.perf_counter() + WITHIN
    try:
        while connection.execute("SELECT 1 FROM message WHERE id = ?", (id_,)).fetchone() is None:
            if time.perf_counter() > deadline:
                raise Fault(f"{id_} did not come in {WITHIN:g} s", "see the receiver's gateway.log")
            await asyncio.sleep(0.01)
        return time.perf_counter()
    finally:
        connection.close()


def _place(store: Path, id_: str, held: int) -> int:
    """Return how many messages were stored up to it, after the first `held`."""
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        wanted = "SELECT count(*) FROM message WHERE n <= (SELECT n FROM message WHERE id = ?)"
        return int(connection.execute(wanted, (id_,)).fetchone()[0]) - held
    finally:
        connection.close()


def _growth(series: list[int]) -> float:
    """Return memory in the last quarter of the time relative to the first, after the first tenth of the messages."""
    quarter = max(len(series) // 4, 1)
    return median(series[-quarter:]) / median(series[:quarter])


class _Watched:
    """Measures the memory of each process within the block."""

    def __init__(self, pids: list[int]) -> None:
        self._pids, self._taken = pids, [[rss(pid)] for pid in pids]

    async def __aenter__(self) -> list[list[int]]:
        self._task = asyncio.create_task(self._poll())
        return self._taken

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _poll(self) -> None:
        while True:
            for series, pid in zip(self._taken, self._pids, strict=True):
                series.append(rss(pid))
            await asyncio.sleep(EVERY)


class _Reader:
    """A program with a token to read."""

    def __init__(self, arena: Arena, code: str) -> None:
        desk = arena.federation.gateways[code].desk
        self._url, self._headers = desk.url, {"Authorization": f"Bearer {desk.tokens['read']}"}

    async def newest(self) -> str:
        """Return the position after everything that is stored."""
        async for name, value in self._stream({"from": "now", "follow": "false"}):
            if name == "id":
                return value
        raise Fault("the feed says no place", "see the receiver's gateway.log")

    async def first_of_list(self, wanted: str) -> float:
        """Return ms until the first line of a list by urgency, which must be that message."""
        begin = time.perf_counter()
        params = {"order": "urgency", "state": "current", "after": "0", "limit": "1"}
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, trust_env=False) as client:
            rows = (await client.get("/v1/messages", params=params)).json()
        if rows[0]["id"] != wanted:
            raise Fault(f"the list begins with {rows[0]['id']}, not {wanted}", "see store/messages/urgency.py")
        return (time.perf_counter() - begin) * 1e3

    async def feed(self, after: str, wanted: str, count: int) -> tuple[float, float]:
        """Return ms until the first event, which must be that message, and events a second for all `count`."""
        begin, first, seen = time.perf_counter(), 0.0, 0
        async for name, value in self._stream({"after": after, "follow": "false"}):
            if name != "data":
                continue
            seen += 1
            if seen == 1:
                first = time.perf_counter() - begin
                if f'"subject":"{wanted}"' not in value:
                    raise Fault("the feed does not begin with the urgent alert", "see service/feed/feed.py")
        if seen != count:
            raise Fault(f"the feed gave {seen} of {count} messages", "see service/feed/feed.py")
        return first * 1e3, seen / (time.perf_counter() - begin)

    async def _stream(self, params: dict[str, str]) -> AsyncIterator[tuple[str, str]]:
        client = httpx.AsyncClient(base_url=self._url, headers=self._headers, trust_env=False, timeout=60)
        async with client, client.stream("GET", "/v1/feed", params=params) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                yield name, value
