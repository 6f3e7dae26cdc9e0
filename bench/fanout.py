"""How fast the feed of agencies is sent to many at once: `python bench/fanout.py [READERS [EVENTS [REPEATS]]]`.

A real federation of a sender and a receiver, at which EVENTS alerts (1,000) are stored and READERS agencies (50) are
registered. Each repeat has all of them read the whole feed at once, from its beginning to its end, and then has as many
readers read the same bytes from a bare uvicorn server (fanout_bare.py), which has them in memory; which comes first
turns. The same program reads both, and looks at nothing but the end. The bare server sends each event by itself, as a
program does that has them one by one; the gateway hands over up to 32 KiB of events at once: that is part of what is
measured. The rates are events a second over all readers; their ratio is taken within a repeat, then the median of the
repeats (5). It must be at least 0.6. Beside them stands what an event for one reader cost the gateway and the bare
server (us of CPU), which a busy machine changes less.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from beside import measured, workplace
from feeds import Desk
from suar.bench.arena.arena import arena
from suar.bench.arena.processes import cpu
from suar.bench.measure import print_progress
from suar.demo.embedded.nursery import Nursery

LEAST = 0.6
RATE = 200.0  # alerts a second while the store is filled
PATH = "/v1/feed?follow=false"


class Feed(NamedTuple):
    """Where a reader reads: the server's port and process, and its token."""

    port: int
    pid: int
    token: str = ""


class Speed(NamedTuple):
    """Events a second over all readers, and the server's us of CPU for one event of one reader."""

    rate: float
    cpu: float


async def read(feed: Feed) -> bytes:
    """The whole answer, without its head. Raises OSError where it is none of a stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", feed.port, limit=2**20)
    try:
        request = f"GET {PATH} HTTP/1.0\r\nHost: 127.0.0.1:{feed.port}\r\nAuthorization: Bearer {feed.token}\r\n\r\n"
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise OSError(head.decode("latin-1"))
        return await reader.read()
    finally:
        writer.close()


async def speed_of(feeds: Sequence[Feed], events: int, least: int) -> Speed:
    """How fast the events are sent to all readers, each of whom gets at least so many bytes."""
    begin, before = time.perf_counter(), cpu(feeds[0].pid)
    answers = await asyncio.gather(*map(read, feeds))
    seconds, spent = time.perf_counter() - begin, cpu(feeds[0].pid) - before
    short = [len(each) for each in answers if len(each) < least]
    if short:
        raise OSError(f"{len(short)} readers got less than {least:,} bytes")
    sent = len(feeds) * events
    return Speed(sent / seconds, spent / sent * 1e6)


@contextlib.asynccontextmanager
async def bare(file: Path) -> AsyncIterator[Feed]:
    """The bare server over the bytes of a file."""
    program = str(Path(__file__).with_name("fanout_bare.py"))
    process = await asyncio.create_subprocess_exec(sys.executable, program, str(file), stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Feed(int(await process.stdout.readline()), process.pid)
    finally:
        process.terminate()
        await process.wait()


async def agencies(desk: Desk, count: int) -> list[Feed]:
    """Register so many; where each reads."""
    found, pid = list[Feed](), desk.place.gateway(desk.code)
    for number in range(count):
        wanted = {"name": f"agency-{number}", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"}
        token = (await desk.call("POST", "/v1/agencies", json=wanted))["token"]
        found.append(Feed(urlsplit(desk.address["url"]).port or 0, pid, token))
    return found


async def run(folder: Path, nursery: Nursery, readers: int, events: int, repeats: int) -> float:
    async with arena(folder / "arena", nursery, 1, "always", print_progress) as running:
        await measured(running, 1, RATE, events)
        ours = await agencies(Desk(running), readers)
        body = await read(ours[0])
        count, least = body.count(b"\ndata:"), len(body)
        (folder / "body").write_bytes(body)
        ratios, costs = list[float](), dict[str, list[float]]()
        async with bare(folder / "body") as other:
            turns = {"gateway": ours, "bare": [other] * readers}
            for repeat in range(repeats):
                found = dict[str, Speed]()
                for name in sorted(turns, reverse=repeat % 2 == 0):
                    found[name] = await speed_of(turns[name], count, least)
                    costs.setdefault(name, []).append(found[name].cpu)
                rates = found["gateway"].rate, found["bare"].rate
                ratios.append(rates[0] / rates[1])
                print("{:,.0f} and {:,.0f} events a second: {:.2f}x".format(*rates, ratios[-1]), flush=True)
    cost = ", ".join(f"{name} {median(each):.1f}" for name, each in costs.items())
    print(f"us of CPU for an event of one reader: {cost}")
    print(f"{readers} readers, {count} events of {least // count:,} bytes: {median(ratios):.2f}x, at least {LEAST}x")
    return median(ratios)


if __name__ == "__main__":
    values = [int(each) for each in sys.argv[1:]]
    readers, events, repeats = (*values, *(50, 1_000, 5)[len(values) :])
    with workplace("fanout") as (folder, nursery):
        ratio = asyncio.run(run(folder, nursery, readers, events, repeats))
    sys.exit(ratio < LEAST)
