"""A federation of real processes: what is published arrives, is proved by receipts, and survives what breaks."""

import asyncio
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import msgspec
import pytest
import pytest_asyncio

from chaos.skipped import skipped
from chaos.stores import Store
from suar.protocol.files import auditlog, proof
from suar.service.core.seams import POINTS
from support.gateways import AGAIN, Federation, Running, draft, eventually, now_ms, running
from support.standstill import stop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    """One federation for all tests here; each test's titles are its own, and it leaves everything running."""
    folder: Path = tmp_path_factory.mktemp("federation")
    async with running(folder, "SG", "TH", "VN") as federation:
        yield federation


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def whole(three: Federation) -> None:
    """Each test begins with everything running, whatever became of the one before it."""
    await three.mend()


async def titles(gateway: Running, prefix: str) -> list[str]:
    return [title for title in await gateway.titles() if title.startswith(prefix)]


async def alarms(gateway: Running, since: str) -> list[tuple[str, str]]:
    """Everything but silence: a gateway that was killed was silent."""
    found = await gateway.get("/v1/alarms", params={"since": since})
    return [(alarm["name"], alarm["member"]) for alarm in found if alarm["name"] != "silence"]


async def test_messages_reach_their_audience_and_nobody_else(three: Federation) -> None:
    ids = await three["TH"].publish(draft("audience: all"), draft("audience: SG", ["SG"]))
    exercise = await three["TH"].publish(draft("audience: exercise"), exercise=True)
    await three.stored_everywhere("TH", *ids, *exercise)
    named = ["audience: SG", "audience: all", "audience: exercise"]
    assert sorted(await titles(three["SG"], "audience")) == named
    assert sorted(await titles(three["VN"], "audience")) == named[1:]
    assert await three["TH"].states(ids[1]) == {"SG": "stored"}


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("outbound")])
async def test_pain_06_killed_on_the_way_out_nothing_is_lost_or_doubled(three: Federation, point: str) -> None:
    sender, since = three["TH"], str(now_ms())
    sender.end()
    sender.start(SUAR_FAULT_POINT=point)
    accepted = await _publish_until_dead(sender, point)
    sender.start()
    await sender.ready()
    last = await sender.publish(draft(f"{point} after"))
    await three.stored_everywhere("TH", *last)
    for receiver in ("SG", "VN"):
        got = await titles(three[receiver], point)
        assert got == list(dict.fromkeys(got))
        assert {*accepted, f"{point} after"} <= set(got)
        assert got[-1] == f"{point} after"
        assert await alarms(three[receiver], since) == []


async def _publish_until_dead(sender: Running, point: str) -> list[str]:
    """Titles whose acceptance was answered before the fault point ended the process."""
    accepted: list[str] = []
    while sender.process is not None and sender.process.poll() is None:
        try:
            await sender.publish(draft(f"{point} {len(accepted)}"))
            accepted.append(f"{point} {len(accepted)}")
        except (httpx.HTTPError, OSError):  # it has not started yet, or died while it answered
            pass
        await asyncio.sleep(0.05)
    return accepted


async def _has_or_is_dead(receiver: Running, title: str) -> bool:
    """Whether the message came, or the fault point ended the process."""
    try:
        return title in await receiver.titles()
    except (httpx.HTTPError, OSError):  # it has not started yet, or died while it answered
        return receiver.process is None or receiver.process.poll() is not None


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("inbound")])
async def test_pain_06_killed_on_the_way_in_nothing_is_lost_or_doubled(three: Federation, point: str) -> None:
    receiver, since = three["VN"], str(now_ms())
    receiver.end()
    receiver.start(SUAR_FAULT_POINT=f"{point}:3")
    ids = []
    for number in range(6):
        ids += await three["TH"].publish(draft(f"{point} {number}"))
        await eventually(partial(_has_or_is_dead, receiver, f"{point} {number}"), message=receiver.words)
    assert receiver.wait() == -signal.SIGKILL
    receiver.start()
    await receiver.ready()
    await three.stored_everywhere("TH", *ids)
    assert await titles(receiver, point) == [f"{point} {number}" for number in range(6)]
    assert await alarms(receiver, since) == []


async def test_servers_killed_under_load(three: Federation) -> None:
    """Hub, origin's server and destination's server with -9, one after the other, while messages flow."""
    servers, known = three.nats.servers, {code: len(Store(three[code]).alarms()) for code in ("SG", "VN")}
    ids: list[str] = []
    async with three.nats.watched():
        for victim in ("hub", "th", "vn"):
            ids += await three["TH"].publish(*(draft(f"load {victim} {n}") for n in range(20)))
            servers[victim].kill()
            ids += await three["TH"].publish(*(draft(f"load {victim} down {n}") for n in range(20)))
            await servers.restart(victim)
        await three.stored_everywhere("TH", *ids, within=AGAIN)  # mostly 10
    left = await skipped(three)
    for receiver in ("SG", "VN"):
        got = await titles(three[receiver], "load")
        assert len(got) == len(set(got)) == 120
        raised = Store(three[receiver]).alarms()[known[receiver] :]
        assert [each for each in raised if each.name != "silence" and not left.explains(each, receiver)] == []


async def test_publishing_continues_while_the_own_server_is_away(three: Federation) -> None:
    three.nats.servers["th"].kill()
    ids = await three["TH"].publish(draft("kept on disk"))
    assert set((await three["TH"].states(ids[0])).values()) == {"queued"}
    await three.nats.servers.restart("th")
    await three.stored_everywhere("TH", *ids, within=AGAIN)


async def test_pain_07_a_frozen_server_is_noticed_and_caught_up(three: Federation) -> None:
    """VN's server stands still for more than two heartbeats: the silence is alarmed, then everything is there."""
    await three.wait_all_connected("TH")  # whoever was silent already raises no new alarm
    since = str(now_ms())
    stop(three.nats.servers["vn"].pid)
    ids = await three["TH"].publish(*(draft(f"frozen {n}") for n in range(30)))

    async def noticed() -> bool:
        found = await three["TH"].get("/v1/alarms", params={"since": since})
        return any((alarm["name"], alarm["member"]) == ("silence", "VN") for alarm in found)

    await eventually(noticed, 120, three["TH"].words)  # the line may have come back just now
    peers = {peer["member"]: peer for peer in await three["TH"].get("/v1/peers")}
    assert not peers["VN"]["up"]
    assert peers["SG"]["up"]
    three.nats.servers["vn"].send(signal.SIGCONT)
    await three.stored_everywhere("TH", *ids, within=AGAIN)
    assert await titles(three["VN"], "frozen") == [f"frozen {n}" for n in range(30)]


async def test_stopping_is_clean_and_quick(three: Federation) -> None:
    ids = await three["TH"].publish(*(draft(f"last {n}") for n in range(50)))
    assert three["TH"].end(signal.SIGTERM) == 0
    three["TH"].start()
    await three["TH"].ready()
    await three.stored_everywhere("TH", *ids)
    assert not three["TH"].events("stopped_late")


async def test_a_message_is_proved_by_who_has_it_and_the_audit_is_whole(three: Federation) -> None:
    (id_,) = await three["TH"].publish(draft("evidence: of a real exchange"))
    await three.stored_everywhere("TH", id_)
    files = {code: await three[code].call("GET", f"/v1/messages/{id_}/evidence") for code in ("TH", "VN")}
    proved = {code: proof.verify(answer.content, three.pin) for code, answer in files.items()}
    assert proved["TH"].data == proved["VN"].data
    stated = {(one.receipt.member, one.receipt.stage) for one in proved["TH"].receipts if one.is_proved}
    assert {("SG", "stored"), ("VN", "stored")} <= stated
    page = await three["TH"].get("/v1/audit")
    assert page["lines"][-2]["what"] == "evidence"
    records = [page["title"], *page["lines"], page["heads"][-1]]
    found = auditlog.verify(auditlog.records(map(msgspec.json.encode, records)))
    assert found.lines == found.signed == len(page["lines"])
