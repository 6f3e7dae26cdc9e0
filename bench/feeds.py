"""What agencies that are fed cost receiving.

`python bench/feeds.py DOOR [AGENCIES [SECONDS [REPEATS [RATE [MORE [READ]]]]]]`: DOOR is http, webhooks or nats.

A real federation of a sender and two receivers, at the first of which AGENCIES (50) are registered. Each repeat
publishes RATE messages (100) a second for SECONDS (10) twice: once while all agencies are suspended, once while all are
fed; which comes first turns. What they did not get while they were suspended is given to them then, so the door is busy
all the time; how many events they got is printed, and why a reading ended before. READ 1: the measured messages begin
when the agencies have read what was there before, so that they are fed at RATE and no faster; only what they got since
is counted. MORE agencies (0) are connected by HTTP meanwhile to which nothing is sent; before the first turn it is said
what memory the gateway has for one of them. From each message's turn to be sent until it is committed at the receiver:
percentiles in ms. The p99 there is divided by that of a second receiver, which has no agencies, for the same messages
(docs/adr/0083), then the median of the repeats (5) is taken; it must not be above 1.3. The receivers of webhooks, and
the programs that read, are a process of their own (feeds_beside.py), which yields to the others (nice 10): agencies
read on machines of their own.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

from beside import measured, ratio_with_work, workplace
from suar.bench.arena.arena import Arena, arena
from suar.bench.arena.processes import rss
from suar.bench.measure import print_progress
from suar.bus import streams
from suar.bus.open_bus import connect
from suar.demo.embedded.nursery import Nursery
from suar.federation.nats_config import member_config
from suar.federation.nats_permissions import ADMIN_INBOX
from suar.federation.nats_users import new_nkey
from suar.federation.plan import Agency, Member, Plan

MOST = 1.3
DOORS = ("http", "webhooks", "nats")
ALLOW = '\n[webhooks]\nallow = ["127.0.0.0/8"]\n'


class Program:
    """The process beside, for all agencies: it is told lines of JSON, and says how many events it got."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, door: str) -> "tuple[Program, str]":
        """The program, and the first line that it says: the address of the receiver, of webhooks."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).with_name("feeds_beside.py")), door,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        made = cls(process)
        return made, await made.read_event()

    async def read_event(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def ask(self, **what: Any) -> str:
        """Send a line, and wait for the one that answers it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()
        return await self.read_event()

    async def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


class Desk:
    """The receiver's gateway, as its administrator calls it."""

    def __init__(self, arena: Arena) -> None:
        self.place, self.code = arena, arena.receivers[0]

    @property
    def address(self) -> Any:
        """The gateway's url, and its administrator's token."""
        return json.loads((self.place.federation.founded.state(self.code) / "gateway.json").read_text())

    async def call(self, method: str, path: str, **more: Any) -> Any:
        address = self.address
        headers = {"Authorization": f"Bearer {address['token']}"}
        async with httpx.AsyncClient(base_url=address["url"], trust_env=False, timeout=60) as client:
            answer = await client.request(method, path, headers=headers, **more)
        answer.raise_for_status()
        return answer.json()

    async def all(self, names: list[str], act: str) -> None:
        for name in names:
            await self.call("POST", f"/v1/agencies/{name}/{act}")


def add_users(plan: Plan, code: str, nkeys: dict[str, str]) -> Member:
    """Write the configuration of the member's server with a user for each agency; its entry of the plan."""
    agencies = tuple(Agency(name=name, nkey=nkey) for name, nkey in nkeys.items())
    member = msgspec.structs.replace(plan.member(code), agencies=agencies)
    Path(member.config_file).write_text(member_config(plan.with_member(member), code))
    return member


async def prepare_door(door: str, desk: Desk, nkeys: dict[str, str]) -> None:
    """Let webhooks go to this machine, or make the stream and the users of the agencies at the receiver's server."""
    federation, code = desk.place.federation, desk.code
    if door == "webhooks":
        await federation.stop_gateway(code)
        with (federation.founded.state(code) / "suar.toml").open("a") as file:
            file.write(ALLOW)
        await federation.start_gateway(code)
    if door == "nats":
        member = add_users(federation.nats.servers.plan, code, nkeys)
        await federation.nats.servers.restart(code)
        admin = await connect(member.url, federation.nats.prepared.seeds[code, "feed_admin"], ADMIN_INBOX, "bench")
        await streams.ensure_stream(admin, streams.feed(code))
        await admin.close()


async def events_read(program: Program) -> int:
    """How many events the agencies have, once a second has brought none."""
    found, before = 0, -1
    while found != before or not found:
        await asyncio.sleep(1)
        before, found = found, json.loads(await program.ask(count=True))["events"]
    return found


@contextlib.asynccontextmanager
async def fed(
    desk: Desk, names: list[str], program: Program, options: dict[str, Any], *, has_read: bool
) -> AsyncIterator[None]:
    """All agencies are fed until the block ends; then they are suspended again.

    `has_read`: the block begins when they have what was there before.
    """
    await desk.all(names, "resume")
    await program.ask(begin=True, **options)
    before = await events_read(program) if has_read else 0
    try:
        yield
    finally:
        got = json.loads(await program.ask(end=True))
        events = got["events"] - before
        await desk.all(names, "suspend")
        print(f"events that agencies got until the last message was stored: {events:,}", flush=True)
        print(f"readings that ended before: {got['ends'] or 'none'}", flush=True)
    if not events:
        raise OSError("the agencies got nothing: what it costs to feed them was not measured")


async def connected(desk: Desk, program: Program, options: dict[str, Any], more: int) -> list[str]:
    """The tokens of so many agencies to which nothing is sent; what one of them costs is printed."""
    if not more:
        return []
    wanted = [
        {"name": f"quiet-{number}", "sector": "health", "kinds": ["contact"], "max_tlp": "AMBER"}
        for number in range(more)
    ]
    tokens = [(await desk.call("POST", "/v1/agencies", json=each))["token"] for each in wanted]
    before = rss(desk.place.gateway(desk.code))
    await program.ask(begin=True, **{**options, "tokens": {}, "connected": tokens})
    taken = (rss(desk.place.gateway(desk.code)) - before) / more / 1024
    await program.ask(end=True)
    print(f"memory of the gateway for a connected agency: {taken:,.0f} KiB", flush=True)
    return tokens


async def run(
    folder: Path, nursery: Nursery, door: str, agencies: int, seconds: float, repeats: int, rate: float, more: int,
    *, has_read: bool,
) -> float:  # fmt: skip
    program, address = await Program.start(door)
    async with arena(folder / "arena", nursery, 2, "always", print_progress) as running:
        desk, count, first = Desk(running), int(rate * seconds), 0
        names = [f"agency-{number}" for number in range(agencies)]
        users = {name: new_nkey() for name in names} if door == "nats" else {}
        await prepare_door(door, desk, {name: public for name, (_, public) in users.items()})
        tokens = dict[str, str]()
        for name in names:
            wanted = {"name": name, "sector": "health", "kinds": ["alert", "pattern"], "max_tlp": "AMBER"}
            door_of = {"webhook": f"{address}/{name}"} if door == "webhooks" else {}
            door_of |= {"nkey": users[name][1]} if door == "nats" else {}
            tokens[name] = (await desk.call("POST", "/v1/agencies", json=wanted | door_of))["token"]
        await desk.all(names, "suspend")
        options = {
            "url": desk.address["url"], "tokens": tokens,
            "nats": running.federation.nats.servers.plan.member(desk.code).url, "stream": f"FEED_{desk.code}",
            "seeds": {name: seed.decode() for name, (seed, _) in users.items()},
        }  # fmt: skip
        await measured(running, first, rate, count)  # everything is warm
        options["connected"] = await connected(desk, program, options, more)
        work = partial(fed, desk, names, program, options, has_read=has_read)
        ratio = await ratio_with_work(work, running, first + count, rate, count, repeats)
    await program.end()
    busy = "that had read all before" if has_read else "with all that was there before to read"
    print(f"{door}: {agencies} agencies {busy}, {more} more connected, {rate:g} messages a second", flush=True)
    print(f"p99 {ratio:.2f}x, at most {MOST}x")
    return ratio


if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in DOORS:
        options = "[AGENCIES [SECONDS [REPEATS [RATE [MORE [READ]]]]]]"
        sys.exit(f"error: no door\nhint: python bench/feeds.py {'|'.join(DOORS)} {options}")
    values = [float(each) for each in sys.argv[2:]]
    agencies, seconds, repeats, rate, more, read = (*values, *(50.0, 10.0, 5.0, 100.0, 0.0, 0.0)[len(values) :])
    with workplace("feeds") as (folder, nursery):
        work = run(
            folder, nursery, sys.argv[1], int(agencies), seconds, int(repeats), rate, int(more), has_read=bool(read)
        )
        ratio = asyncio.run(work)
    sys.exit(ratio > MOST)
