"""Two real hubs, both links always on: with either killed, frozen, full or lying nothing is lost, doubled or blamed."""

import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from suar.bus import ingest
from suar.bus.connect import Bus
from suar.bus.jsapi import call, last_for_subject
from suar.bus.streams import stream_config
from suar.demo.story.adversary import LyingHub
from suar.observe.alarms import ALARMS, HUB_WITHHOLDS
from suar.protocol.base.link_names import TWO_HUBS
from support.gateways import Federation, Running, draft, eventually, now_ms, running
from support.live import suar
from support.patience import PATIENCE
from support.quick_hubs import SETTLING
from support.standstill import stop

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES = ("SG", "TH", "VN")
HEARTBEAT = 2.0  # seconds; who is late by less than two intervals, on a busy machine, is not called silent
NAMED = PATIENCE  # support.quick_hubs's own and a heartbeat


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(
        tmp_path_factory.mktemp("hubs"), *CODES, heartbeat=HEARTBEAT, hubs=2, module="support.quick_hubs"
    ) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def since(federation: Federation) -> str:
    """Both hubs bring everybody's before each test, whatever the one before left; from when on it counts (ms)."""
    await federation.mend()
    for gateway in federation.gateways.values():
        await eventually(partial(are_links_up, gateway), PATIENCE, gateway.words)
    before = await delivered(federation)

    async def is_delivered_by_all() -> bool:
        now = await delivered(federation)
        return all(now[name] > seq for name, seq in before.items())

    await eventually(is_delivered_by_all, PATIENCE)
    return str(now_ms())


async def delivered(federation: Federation) -> dict[tuple[str, str, str], int]:
    """The number of the last frame to all that each hub brought, by (to, hub's link, from)."""
    found = {}
    for code in CODES:
        for link in TWO_HUBS:
            for other in CODES:
                subject = f"tip.v1.{other.lower()}.a.frame.all.*"
                last = await last_for_subject(federation.nats.members[code].admin, link.inbox(code), subject)
                found[code, link.name, other] = last.seq if last else 0
    return found


async def checks(gateway: Running, name: str) -> dict[str, str]:
    """The status of a check by hub."""
    found = (await gateway.get("/v1/checks"))["checks"]
    return {each["entity"]: each["status"] for each in found if each["id"] == name}


async def are_links_up(gateway: Running) -> bool:
    return await checks(gateway, "sources-running") == {"hub-a": "ok", "hub-b": "ok"}


def has_checks(gateway: Running, name: str, **wanted: str) -> Callable[[], Awaitable[bool]]:
    async def so() -> bool:
        return await checks(gateway, name) == {f"hub-{link}": status for link, status in wanted.items()}

    return so


async def blamed(federation: Federation, since: str) -> set[tuple[str, str]]:
    """(who says it, alarm) of every alarm since then that accuses a member."""
    return {
        (code, each["name"])
        for code, gateway in federation.gateways.items()
        for each in await gateway.get("/v1/alarms", params={"since": since})
        if ALARMS[each["name"]].fault != "hub"
    }


async def nothing_doubled(federation: Federation) -> None:
    """No text twice in an inbox, and no frame counted as a replay."""
    for code, gateway in federation.gateways.items():
        assert {title: count for title, count in Counter(await gateway.titles()).items() if count > 1} == {}, code
        metrics = (await gateway.call("GET", "/metrics")).text
        assert [line for line in metrics.splitlines() if line.startswith("suar_replays_refused_total{")] == [], code


@contextlib.asynccontextmanager
async def filled(hub: Bus) -> AsyncIterator[None]:
    """A hub whose IN of each member is full."""
    configs = {}
    for code in CODES:
        config = await stream_config(ingest.of(hub, code), f"IN_{code}")
        assert config is not None
        configs[code] = config
        await call(ingest.of(hub, code), f"STREAM.UPDATE.IN_{code}", {**config, "max_bytes": 1024})
    try:
        yield
    finally:
        for code, config in configs.items():
            await call(ingest.of(hub, code), f"STREAM.UPDATE.IN_{code}", config)


async def exchanged(federation: Federation, title: str) -> None:
    """An alert of everybody is stored everywhere."""
    for code in CODES:
        ids = await federation[code].publish(draft(f"{title} of {code}", desk=f"{code}-CONTACT-2027-000001"))
        await federation.stored_everywhere(code, *ids, within=PATIENCE)


@pytest.mark.parametrize("link", [each.name for each in TWO_HUBS])
async def test_a_killed_hub_is_not_missed_and_comes_back_unnoticed(
    federation: Federation, since: str, link: str
) -> None:
    name, other = f"hub-{link}", {"a": "b", "b": "a"}[link]
    federation.nats.servers[name].kill()
    await exchanged(federation, f"without {name}")
    down = {link: "warning", other: "ok"}
    await eventually(has_checks(federation["SG"], "hub-link", **down), PATIENCE, federation["SG"].words)
    await exchanged(federation, f"still without {name}")
    await federation.nats.servers.restart(name)
    await eventually(has_checks(federation["SG"], "sources-running", a="ok", b="ok"), PATIENCE, federation["SG"].words)
    await exchanged(federation, f"with {name} again")
    await nothing_doubled(federation)
    assert await blamed(federation, since) == set()


async def test_a_frozen_hub_is_not_missed(federation: Federation, since: str) -> None:
    server = federation.nats.servers["hub-a"]
    stop(server.pid)
    await exchanged(federation, "with a frozen hub")
    server.send(signal.SIGCONT)
    await eventually(has_checks(federation["SG"], "sources-running", a="ok", b="ok"), PATIENCE, federation["SG"].words)
    await exchanged(federation, "after it")
    await nothing_doubled(federation)
    assert await blamed(federation, since) == set()


async def test_a_full_hub_is_not_missed(federation: Federation, since: str) -> None:
    """Either takes nothing more of anybody; what members send waits in their OUTBOXes, and the other hub brings it."""
    for hub in federation.nats.hubs:
        async with filled(hub.admin):
            await exchanged(federation, f"with a full {hub.plan.hub.name}")
        await exchanged(federation, f"with room at {hub.plan.hub.name} again")
    await nothing_doubled(federation)
    assert await blamed(federation, since) == set()


async def test_a_gateway_that_starts_again_continues_on_both_lines(federation: Federation) -> None:
    """One hub is away meanwhile, so the two links go on at different places."""
    sg = federation["SG"]
    sg.kill()
    (first,) = await federation["TH"].publish(draft("while nobody receives", ["SG"]))
    federation.nats.servers["hub-b"].kill()
    (second,) = await federation["TH"].publish(draft("with one hub alone", ["SG"]))
    await sg.start_and_wait()
    await federation.stored_everywhere("TH", first, second, within=PATIENCE)
    await federation.nats.servers.restart("hub-b")
    await eventually(has_checks(sg, "sources-running", a="ok", b="ok"), PATIENCE, sg.words)
    await exchanged(federation, "after a start")
    await nothing_doubled(federation)
    assert await checks(sg, "hubs-agree") == {"hub-a": "ok", "hub-b": "ok"}


async def test_only_when_both_are_down_is_the_hub_down(federation: Federation) -> None:
    federation.nats.servers["hub-b"].kill()
    (id_,) = await federation["TH"].publish(draft("one is enough", ["SG"]))
    await federation.stored_everywhere("TH", id_, within=PATIENCE)
    federation.nats.servers["hub-a"].kill()
    await eventually(
        has_checks(federation["TH"], "hub-link", a="critical", b="critical"), PATIENCE, federation["TH"].words
    )
    (id_,) = await federation["TH"].publish(draft("both are down", ["SG"]))

    async def is_reported() -> bool:
        answer: dict[str, Any] = await federation["TH"].get(f"/v1/messages/{id_}/why/SG")
        return bool(answer["cause"] == "hub-down")

    await eventually(is_reported, PATIENCE, federation["TH"].words)
    await federation.mend()
    await federation.stored_everywhere("TH", id_, within=PATIENCE)
    await nothing_doubled(federation)


async def test_a_hub_that_withholds_one_frame_is_named(federation: Federation, since: str) -> None:
    """Either lies, to another member. It is the hub's operator who lies, so the hub's watchdog does not run."""
    names = {"TH": "hub-a", "SG": "hub-b"}  # who is lied to, and by which hub
    lying_a, lying_b = (LyingHub(hub.admin, link) for hub, link in zip(federation.nats.hubs, TWO_HUBS, strict=True))

    async def owes() -> bool:  # an outage of the test before is long enough ago
        return now_ms() > int(since) + 1000 * SETTLING + 1000

    await eventually(owes)
    async with lying_a.withholding("TH", "VN", CODES), lying_b.withholding("SG", "TH", CODES):
        ids = await federation["TH"].publish(draft("withheld by one"))
        ids_of_vn = await federation["VN"].publish(draft("withheld by another", desk="VN-CONTACT-2027-000001"))
        await federation.stored_everywhere("TH", *ids, within=PATIENCE)
        await federation.stored_everywhere("VN", *ids_of_vn, within=PATIENCE)
    await exchanged(federation, "after what was withheld")

    async def accused(code: str) -> set[str]:
        alarms = await federation[code].get("/v1/alarms", params={"since": since})
        return {each["message"] for each in alarms if each["name"] == HUB_WITHHOLDS}

    for code, name in names.items():
        gateway = federation[code]

        async def is_named(code: str = code, name: str = name) -> bool:
            return await accused(code) == {name}

        await eventually(is_named, NAMED, gateway.words)
        found = await checks(gateway, "hubs-agree")
        assert found == {each: "critical" if each == name else "ok" for each in ("hub-a", "hub-b")}
        assert name in {each["hub"] for each in gateway.events("hub_withholds")}
        assert name in (await suar(gateway, "alarm", "list")).out
    assert await accused("VN") == set()
    await nothing_doubled(federation)
    assert await blamed(federation, since) == set()
