"""One of two real hubs brings again what it brought, or makes its REGION anew: it is told of that hub, and healed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.jsapi import call
from suar.demo.story.adversary import REGION, Captured, LyingHub, captured
from suar.observe.alarms import HUB_WITHHOLDS
from suar.protocol.base.link_names import TWO_HUBS
from support.gateways import Federation, draft, eventually, running
from support.patience import PATIENCE

CODES = ("SG", "TH")
B = TWO_HUBS[1]
SOON = PATIENCE
TRIES = 4
NAMED = 120.0  # seconds; support.quick_hubs's patience and a heartbeat, and a busy machine
AGAIN = 'suar_hub_objects_refused_total{hub="hub-b",result="again"}'


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    """One for each test: a hub that was treated badly is not as a new one."""
    async with running(tmp_path, *CODES, hubs=2, module="support.quick_hubs") as made:
        yield made


async def published(federation: Federation, title: str) -> str:
    (id_,) = await federation["TH"].publish(draft(title))
    await federation.stored_everywhere("TH", id_, within=SOON)
    return id_


async def frames_of_th(federation: Federation) -> list[Captured]:
    """Its frames with messages, as hub b holds them, oldest first."""
    found = await captured(federation.nats.hubs[1].admin, REGION, "tip.v1.th.a.frame.all")
    return [each for each in found if each.messages]


async def sent_by_th(federation: Federation, title: str) -> tuple[str, Captured]:
    """Publish, and return the id with the frame as hub b holds it."""
    before = len(await frames_of_th(federation))
    id_ = await published(federation, title)

    async def is_there() -> bool:
        return len(await frames_of_th(federation)) > before

    await eventually(is_there, SOON)
    return id_, (await frames_of_th(federation))[-1]


async def counted(federation: Federation, name: str) -> float:
    page = (await federation["SG"].call("GET", "/metrics")).text
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))


async def deliver_again(federation: Federation, frame: Captured) -> None:
    """Hub b's operator puts the frame into REGION once more; until SG counted it as that.

    A source may pass over an object that comes while its stream is changed: then it is put there again.
    """
    hub, admin = LyingHub(federation.nats.hubs[1].admin, B), federation.nats.members["SG"].admin
    before, copies = await counted(federation, AGAIN), await copies_of(admin, frame)

    async def is_counted() -> bool:
        return await counted(federation, AGAIN) > before

    async def has_arrived() -> bool:
        return await copies_of(admin, frame) > copies or await is_counted()

    for _ in range(TRIES):
        async with hub.taking_subjects():
            await hub.inject(frame.subject, frame.data)
        if await becomes_true(has_arrived):
            break
    await eventually(is_counted, SOON, federation["SG"].words)


async def copies_of(admin: Bus, frame: Captured) -> int:
    """How often SG's INBOX of hub b has it."""
    return [each.data for each in await captured(admin, B.inbox("SG"), frame.subject)].count(frame.data)


async def becomes_true(condition: Callable[[], Awaitable[bool]], within: float = 15.0) -> bool:
    """Whether it holds before that many seconds are over."""
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.2)
    return True


async def test_a_recalled_frame_that_a_hub_brings_again_leaves_its_inbox(federation: Federation) -> None:
    th, sg = federation["TH"], federation["SG"]
    id_, frame = await sent_by_th(federation, "to be recalled")
    answer = await th.call("POST", f"/v1/messages/{id_}/cancel", b'{"reason": "mistake"}')
    assert answer.status_code == 201, answer.text
    admin = federation.nats.members["SG"].admin

    async def is_erased() -> bool:
        held = [each.data for link in TWO_HUBS for each in await captured(admin, link.inbox("SG"), frame.subject)]
        return frame.data not in held

    await eventually(is_erased, SOON, sg.words)
    await deliver_again(federation, frame)
    await eventually(is_erased, SOON, sg.words)
    assert {each["hub"] for each in sg.events("object_judged") if each.get("code") == "E-FRAME-REPLAY"} == {"hub-b"}


async def source_of_b(federation: Federation) -> str:
    """The status of the link to hub b at SG."""
    found = (await federation["SG"].get("/v1/checks"))["checks"]
    (of_b,) = [each for each in found if (each["id"], each["entity"]) == ("sources-running", "hub-b")]
    return str(of_b["status"])


async def has_arrived_at_b(federation: Federation, frame: Captured) -> bool:
    """Whether SG's INBOX of hub b has it."""
    held = await captured(federation.nats.members["SG"].admin, B.inbox("SG"), frame.subject)
    return frame.data in [each.data for each in held]


async def test_a_region_that_was_made_again_continues_by_itself(federation: Federation) -> None:
    """It had more objects than it has now, so its numbers begin below those that INBOX knows; some it passes over."""
    hub, lying = federation.nats.hubs[1], LyingHub(federation.nats.hubs[1].admin, B)
    async with lying.taking_subjects():
        for number in range(100):
            await lying.inject(f"tip.v1.th.a.frame.all.{number:016x}", b"SUF1")
    await call(hub.admin, f"STREAM.DELETE.{REGION}")
    await hub.found()
    await published(federation, "after REGION was made anew")

    async def continues() -> bool:
        newest = (await captured(hub.admin, REGION, "tip.v1.th.a.frame.all"))[-1]
        return await has_arrived_at_b(federation, newest)

    await eventually(continues, NAMED, federation["SG"].words)
    titles = await federation["SG"].titles()
    assert sorted(set(titles)) == sorted(titles)


async def test_a_hub_that_gives_nothing_is_reported_though_its_source_is_active(federation: Federation) -> None:
    """As after its operator made REGION or the consumer anew, and wrongly; `hub-link` says ok."""
    hub = federation.nats.hubs[1]
    nothing = {**streams.down("SG", B), "filter_subjects": ["tip.v1.zz.>"]}
    await streams.ensure_consumer(hub.admin, REGION, nothing)
    await published(federation, "by the other one")

    async def is_reported() -> bool:
        return await source_of_b(federation) == "warning"

    await eventually(is_reported, NAMED, federation["SG"].words)
    await hub.found()
    await published(federation, "by both again")

    async def is_healed() -> bool:
        return await source_of_b(federation) == "ok"

    await eventually(is_healed, NAMED, federation["SG"].words)
    accused = {each["member"] for each in await federation["SG"].alarms() if each["name"] == HUB_WITHHOLDS}
    assert accused <= {"hub-b"}
