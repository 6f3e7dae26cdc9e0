"""A text goes through every door of a gateway, is recalled, and is then searched for at each of them and behind them.

What was sent, fetched, acknowledged, abandoned or waits; every call that reads, with what a program kept to ask
again; the console's pages; the gateway's memory; its store and log, with its keys; and the NATS server's files.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio

from api.test_recall_everywhere import (
    ALERT,
    COLLECTIONS,
    FEED,
    FOR_AGENCIES,
    HAD_IT,
    IDS,
    LISTED,
    SOUGHT,
    TAXII,
    WORDS,
    cancels,
    contents,
    shown,
    stix_objects,
)  # fmt: skip
from suar.protocol.base import limits
from suar.service.receive import recall
from suar.service.webhooks import schedule
from support import stores
from support.agency_desk import BATCH, LOCAL, Desk
from support.console import Browser, browser, console_of
from support.corekit import CoreKit
from support.hooked import LOOPBACK
from support.kept_in_memory import empty_caches, kept_in_memory
from support.nats_desk import NatsDesk, Program, nats_desk_of
from support.receivers import Receiver
from support.receivers import receiver as running
from support.stored_pieces import is_on_disk, opened, sealed

pytestmark = pytest.mark.essential

KINDS = ["alert", "pattern", "trend"]
LATER = "2027-01-25T08:00:00Z"
CONDITIONAL = ("/v1/feeds/cap.atom", f"/v1/feeds/cap/{ALERT}", f"{LISTED}/{ALERT}")
"""A program keeps the answer of these, and asks whether it has changed; the last one is the operator's."""

PAGES = {
    "/console/news", *(f"/console/inbox?kind={each}" for each in KINDS), *(f"/console/m/{each}" for each in IDS),
    *(f"/console/m/{each}?rev=1" for each in IDS),
}  # fmt: skip


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    async with nats_desk_of(tmp_path, LOOPBACK, is_plain=True) as made:
        yield made


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running(tmp_path / "receiver", "http") as made:
        yield made


def has_it(content: bytes) -> bool:
    """Whether anything of what is looked for is there."""
    return any(each in content for each in SOUGHT)


class Webhooks:
    """Three agencies' receivers at once: who took the events, who never did until they were abandoned, and who may."""

    def __init__(self, desk: Desk, to: Receiver) -> None:
        self.desk, self.to = desk, to

    async def register(self, name: str) -> None:
        """The agency and its receiver."""
        await self.desk.register(name=name, kinds=KINDS, webhook=f"{self.to.url}/{name}")

    async def deliver(self) -> None:
        """Whatever is due now."""
        await self.desk.gateway.webhooks.deliverer.process_due()
        await self.desk.gateway.webhooks.deliverer.wait_idle()

    async def later(self, milliseconds: int) -> None:
        """Whatever is due after so long."""
        self.desk.kit.now += milliseconds
        await self.deliver()

    async def counts(self, name: str) -> tuple[int, int]:
        """How many of its events wait, and how many were abandoned."""
        hook = (await self.desk.call("GET", f"/v1/agencies/{name}")).json()["webhook"]
        return hook["waiting"], hook["dead_letters"]

    def sent(self, before: int) -> list[tuple[str, str]]:
        """(agency, webhook-id) of what was sent since; nothing that is looked for was in it."""
        found = self.to.got[before:]
        assert not [each for each in found if has_it(json.dumps(each).encode() + each["body"].encode())]
        return sorted((each["path"].rpartition("/")[2], each["headers"]["webhook-id"]) for each in found)

    async def fill(self) -> None:
        """One has everything, one abandoned everything, and one waits for everything; each event had the text."""
        await self.register("taker")
        await self.deliver()
        self.to.behave("status 503")
        await self.register("dead")
        await self.deliver()
        while await self.counts("dead") != (0, len(IDS)):
            await self.later(schedule.ABANDON_AFTER)
        await self.register("waiting")
        await self.deliver()
        while await self.counts("waiting") != (len(IDS), 0):
            await self.later(limits.MINUTE)
        assert [await self.counts(each) for each in ("taker", "dead", "waiting")] == [(0, 0), (0, 3), (3, 0)]
        for name in ("taker", "dead", "waiting"):
            assert [each for each in self.to.got if each["path"].endswith(name) and has_it(each["body"].encode())]


class Before(NamedTuple):
    """What a program has from before the recall."""

    token: str
    objects: list[str]  # ids at the TAXII server
    etags: dict[str, str]
    position: str  # in the feed


async def ask_again(desk: Desk, path: str, token: str, etag: str = "") -> httpx.Response:
    """The answer, or that it has not changed since this ETag; of messages to the operator."""
    return await desk.call("GET", path, LOCAL if path.startswith(LISTED) else token, headers={"If-None-Match": etag})


async def everything_read(desk: Desk, token: str) -> Before:
    """Every call that shows the text has shown it, to the agency and to the operator."""
    objects = [each["id"] for each in await stix_objects(desk, token)]
    assert await shown(desk, LOCAL, objects) == HAD_IT
    assert await shown(desk, token, objects) == FOR_AGENCIES
    [*_, last] = await desk.batched(token)
    etags = {path: (await ask_again(desk, path, token)).headers["etag"] for path in CONDITIONAL}
    return Before(token, objects, etags, last["suarposition"])


async def nothing_is_answered(desk: Desk, had: Before) -> None:
    """No call has the text, with what a program kept from before neither."""
    assert await shown(desk, LOCAL, had.objects) == set()
    assert await shown(desk, had.token, had.objects) == set()
    for path, etag in had.etags.items():
        answer = await ask_again(desk, path, had.token, etag)
        assert answer.status_code == (404 if "/cap/" in path else 200), "what was kept is good no more"
        assert not has_it(answer.content)
    paths = [f"{FEED}?after={had.position}", f"{FEED}?follow=false&after={had.position}"]
    paths += [TAXII.replace("{name:str}", each) + "?added_after=2027-01-01T00:00:00Z" for each in COLLECTIONS]
    for path in paths:
        form = BATCH if "follow" not in path and path.startswith(FEED) else "*/*"
        answer = await desk.call("GET", path, had.token, headers={"Accept": form})
        assert (answer.status_code, has_it(answer.content)) == (200, False)


async def visited(visit: Browser) -> set[str]:
    """The pages of the console that show the text."""
    return {page for page in PAGES if has_it((await visit.get(page)).content)}


@contextlib.asynccontextmanager
async def readers(desk: Desk) -> AsyncIterator[list[Browser]]:
    """The windows of who reads for the agency, and of a reader of the focal point."""
    async with console_of(desk.kit, desk.gateway) as console, browser(console) as nurse, browser(console) as rita:
        console.add("nurse", "agency", agency="health")
        console.add("rita", "reader")
        await console.load()
        await nurse.sign_in("nurse")
        await rita.sign_in("rita")
        yield [nurse, rita]


async def half_read(program: Program) -> None:
    """The agency's program has fetched all events, and acknowledged the first."""
    first, *_ = messages = await program.fetch()
    assert len(messages) == len(IDS)
    assert all(has_it(each.data) for each in messages)
    await first.ack_sync()


def is_purged(kit: CoreKit) -> bool:
    """Whether the store's log is purged, as a gateway's loop does it before it says `recalled`; readers delay it."""
    for _ in range(20):
        recall.purge_log(kit.core)
    return not kit.core.due.is_log_suspect


@pytest.mark.slow
async def test_a_recall_leaves_nothing_of_the_text_at_any_door(at: NatsDesk, receiver: Receiver) -> None:
    empty_caches()
    desk, hooks = at.desk, Webhooks(at.desk, receiver)
    roots = [desk.gateway, at.writer]
    await desk.receive(*contents())
    token = await at.register("health", kinds=KINDS)
    await at.register("police", kinds=KINDS)  # it reads nothing of what lies there for it
    await at.write()
    await hooks.fill()
    had = await everything_read(desk, token)
    async with readers(desk) as windows, at.reader("health") as program, desk.following(token) as lines:
        assert [await visited(each) for each in windows] == [PAGES, PAGES]
        await half_read(program)
        had_lines = [line async for line in documents(lines, len(IDS))]
        assert all(has_it(each.encode()) for each in had_lines)
        stored = [desk.kit.aside(sealed, desk.kit, each) for each in IDS]
        assert all(desk.kit.aside(is_on_disk, desk.kit, each) for each in stored)
        assert has_it(desk.kit.aside(opened, desk.kit))
        assert at.on_disk(WORDS) != []
        assert kept_in_memory(roots, SOUGHT) != set()

        await desk.receive(*cancels(sent=LATER))
        before = len(receiver.got)
        await at.write()

        assert desk.kit.aside(is_purged, desk.kit)
        assert at.on_disk(WORDS) == []
        assert kept_in_memory(roots, SOUGHT) == set()
        assert not any(desk.kit.aside(is_on_disk, desk.kit, each) for each in stored)
        assert not has_it(desk.kit.aside(opened, desk.kit))
        assert not has_it(b"".join(stores.files(desk.kit.folder)))
        await nothing_is_answered(desk, had)
        assert [await visited(each) for each in windows] == [set(), set()]
        events = [line async for line in documents(lines, len(IDS))]
        events += [json.dumps(each) for each in await program.read()]
        types = [json.loads(each)["type"] for each in events]
        assert types.count("suar.feed.gap") <= 1, "what it had not read is erased, which the stream's writer reports"
        assert [each for each in types if each != "suar.feed.gap"] == ["suar.message.cancel"] * 2 * len(IDS)
        assert not has_it("".join(events).encode())

        receiver.behave("ok")
        assert (await desk.call("POST", "/v1/agencies/dead/replay")).status_code == 200  # its dead letters
        await hooks.later(limits.DAY)
        await hooks.later(limits.DAY)
        for name in ("taker", "dead", "waiting"):
            await replay(desk, name)
        await hooks.deliver()
        assert {*hooks.sent(before)} == {(name, f"{each}/2") for name in ("taker", "dead", "waiting") for each in IDS}
        await replay(desk, "health", door="nats")
        await at.write()
        assert at.on_disk(WORDS) == []
        assert kept_in_memory(roots, SOUGHT) == set(), "asking again has brought nothing back"


async def documents(lines: AsyncIterator[str], number: int) -> AsyncIterator[str]:
    """So many documents of a stream."""
    async for line in lines:
        if line.startswith("data:"):
            number -= 1
            yield line.removeprefix("data:")
        if number == 0:
            return


async def replay(desk: Desk, name: str, door: str = "webhook") -> None:
    """Everything again from the beginning."""
    done = await desk.call("POST", f"/v1/agencies/{name}/replay", json={"from": "beginning", "door": door})
    assert done.status_code == 200, done.text
