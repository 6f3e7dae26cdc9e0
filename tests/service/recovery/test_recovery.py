"""A state put back, a snapshot resumed, one identity twice: nothing is said twice in two ways, nothing is lost."""

import asyncio
import itertools
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from suar.bus import history
from suar.bus.connect import Bus
from support import stores, warm
from support.gateways import AGAIN, PASSPHRASE, Federation, Running, draft, eventually, now_ms, running
from support.headers import no_header_twice
from support.standstill import stop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
QUIET = {"silence"}  # a gateway that was stopped was silent
PEERS = ("SG", "VN")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    """One federation for all tests here; TH is the one that things happen to."""
    folder: Path = tmp_path_factory.mktemp("federation")
    async with running(folder, "SG", "TH", "VN") as federation:
        yield federation


async def suar(*arguments: str, folder: Path, code: int = 0, **environ: str) -> warm.Ended:
    """A command as a person runs it."""
    passphrase = folder / "operator.passphrase"
    passphrase.write_bytes(PASSPHRASE)
    env = os.environ | {"SUAR_PASSPHRASE_FILE": str(passphrase)} | environ
    done = await warm.run_async("suar", *arguments, env=env)
    assert done.code == code, done.err
    return done


async def titles(gateway: Running, prefix: str) -> list[str]:
    return sorted(title for title in await gateway.titles() if title.startswith(prefix))


async def alarms(gateway: Running, since: int = 0) -> set[tuple[str, str]]:
    """Those of the tests here: not `left-out` that has ended, of an epoch that was faster than a bundle."""
    found = await gateway.get("/v1/alarms", params={"since": str(since)})
    kept = [alarm for alarm in found if alarm["name"] != "left-out" or alarm["state"] != "ended"]
    return {(alarm["name"], alarm["member"]) for alarm in kept if alarm["name"] not in QUIET}


async def raised_nothing(three: Federation) -> None:
    """Wait until the peers have no alarm but what has ended."""

    async def is_so() -> bool:
        return all([await alarms(three[code]) == set() for code in PEERS])

    await eventually(is_so, 60)


async def stored(ids: list[str], at: Running, within: float = 120.0) -> None:
    async def done() -> bool:
        return all([set((await at.states(id_)).values()) == {"stored"} for id_ in ids])

    await eventually(done, within, at.words)


async def restarted(gateway: Running) -> None:
    gateway.start()
    await gateway.ready()


async def all_marked(gateway: Running) -> bool:
    """Whether it knows of every frame with messages that its server has it: what it does not is published again."""
    with stores.outsider(gateway.folder) as store:
        [count] = store.execute("select count(*) from outbox where published is null and messages > 0").fetchone()
    return int(count) == 0


def next_to(folder: Path, name: str) -> Path:
    return folder.with_name(f"{folder.name}-{name}")


async def test_an_old_backup_put_back(three: Federation, tmp_path: Path) -> None:
    th, since = three["TH"], now_ms()
    ids = await th.publish(draft("backup: before"))
    await three.stored_everywhere("TH", *ids, within=120)
    made = await suar("backup", "-o", str(tmp_path / "th.backup"), "--state", str(th.folder), "--json", folder=tmp_path)
    assert '"member": "TH"' in made.out
    ids += await th.publish(draft("backup: after"), draft("backup: to SG", ["SG"]))
    from_sg = await three["SG"].publish(draft("backup: from SG"))
    await three.stored_everywhere("TH", *ids, within=120)
    await three.stored_everywhere("SG", *from_sg)
    refused = await suar("restore", str(tmp_path / "th.backup"), "--state", str(th.folder), folder=tmp_path, code=1)
    assert "a gateway runs on" in refused.err
    th.kill()
    again = await suar("restore", str(tmp_path / "th.backup"), "--state", str(th.folder), folder=tmp_path, code=1)
    assert "is not empty" in again.err
    await suar("restore", str(tmp_path / "th.backup"), "--state", str(th.folder), "--replace", folder=tmp_path)
    await restarted(th)
    ids += await th.publish(draft("backup: later"))
    assert len(set(ids)) == len(ids)
    await stored(ids, th)
    assert await titles(th, "backup") == ["backup: from SG"]
    assert await th.states(ids[2]) == {"SG": "stored"}
    common = ["backup: before", "backup: after", "backup: later"]
    assert await titles(three["SG"], "backup") == sorted([*common, "backup: to SG"])
    assert await titles(three["VN"], "backup") == sorted([*common, "backup: from SG"])
    assert await alarms(th, since) == {("restored", "TH")}
    await raised_nothing(three)
    await no_header_twice(three)
    (read_back,) = th.events("read_back")
    assert read_back["messages"] == 2
    assert read_back["unopened"] == 0


async def test_a_start_after_a_normal_stop_reads_nothing_back(three: Federation) -> None:
    th = three["TH"]
    await three.stored_everywhere("TH", *await th.publish(draft("stop: before")), within=120)
    before = len(th.events("read_back")) + len(th.events("settled"))
    for number in (signal.SIGTERM, signal.SIGKILL):
        th.end(number)
        await restarted(th)
    assert len(th.events("read_back")) + len(th.events("settled")) == before


async def test_nothing_is_compared_again_when_only_our_own_words_came_back_last(three: Federation) -> None:
    """The hub's copies of ours are acknowledged without a commit: that is no older copy of the state."""
    th, others = three["TH"], [three[code].process for code in PEERS]
    before = len(th.events("settled"))
    member = three.nats.servers.plan.member("TH")
    async with Bus(member.url, bytes(three.keyring("TH").nkey_seed("gateway")), "_INBOX_gw", "test") as bus:
        await bus.wait_connected(60)

        async def is_alone() -> bool:
            first, last = await history.extent(bus, "INBOX_TH")
            read = history.between(bus, "INBOX_TH", max(first, last - 2), last)
            is_own = {each.subject.split(".")[2] async for batch in read for each in batch} == {"th"}
            return is_own and await history.acknowledged(bus, "INBOX_TH", "gw") == last

        for each in others:
            assert each is not None
            stop(each.pid)
        try:
            await eventually(is_alone, 120, th.words)
            th.end()
            await restarted(th)
        finally:
            for each in others:
                assert each is not None
                each.send_signal(signal.SIGCONT)
    assert len(th.events("settled")) == before
    await three.stored_everywhere("TH", *await th.publish(draft("stop: heard itself")), within=120)


async def test_a_snapshot_of_a_running_gateway_resumed(three: Federation) -> None:
    """The machine is put back; where its store is a database elsewhere, that one is as it was last."""
    th = three["TH"]
    snapshot = next_to(th.folder, "snapshot")
    ids = await th.publish(*(draft(f"snapshot: before {n}") for n in range(5)))
    assert th.process is not None
    stop(th.process.pid)
    shutil.copytree(th.folder, snapshot)
    th.process.send_signal(signal.SIGCONT)
    ids += await th.publish(*(draft(f"snapshot: after {n}") for n in range(5)))
    from_vn = await three["VN"].publish(draft("snapshot: from VN"))
    await three.stored_everywhere("TH", *ids, within=120)
    await three.stored_everywhere("VN", *from_vn)
    th.kill()
    shutil.move(th.folder, next_to(th.folder, "gone"))
    shutil.move(snapshot, th.folder)
    await restarted(th)
    ids += await th.publish(draft("snapshot: later"))
    assert len(set(ids)) == len(ids)
    await stored(ids, th)
    assert await titles(th, "snapshot") == ["snapshot: from VN"]
    ours = [f"snapshot: {when} {n}" for when in ("before", "after") for n in range(5)] + ["snapshot: later"]
    assert await titles(three["VN"], "snapshot") == sorted(ours)
    assert await titles(three["SG"], "snapshot") == sorted([*ours, "snapshot: from VN"])
    await raised_nothing(three)
    await no_header_twice(three)


@pytest.mark.parametrize("is_running", [True, False])
async def test_the_disk_of_the_own_server_put_back(three: Federation, tmp_path: Path, is_running: bool) -> None:
    """The hub drops objects under numbers that it had before, so what the server lost is published again first."""
    th, server, since = three["TH"], three.nats.servers["TH"], now_ms()
    disk, before = three.folder / "th" / "jetstream", len(th.events("own_stream_put_back"))
    ids = await th.publish(*(draft(f"disk: before {n}") for n in range(3)))
    await three.stored_everywhere("TH", *ids, within=120)
    server.stop()
    shutil.copytree(disk, tmp_path / "older")
    server.spawn()
    await server.ready()
    ids += await th.publish(*(draft(f"disk: lost {n}") for n in range(5)))
    await three.stored_everywhere("TH", *ids, within=120)
    await eventually(lambda: all_marked(th), 60)
    if not is_running:
        th.kill()
    server.kill()
    shutil.rmtree(disk)
    shutil.move(tmp_path / "older", disk)
    server.spawn()
    await server.ready()
    if not is_running:
        await restarted(th)
    ids += await th.publish(*(draft(f"disk: later {n}") for n in range(3)))
    await three.stored_everywhere("TH", *ids, within=120)
    if is_running:  # else what was confirmed shortly before the end may all be unmarked, and be published again anyway

        async def is_noticed() -> bool:
            return len(th.events("own_stream_put_back")) == before + 1

        await eventually(is_noticed, 60, lambda: f"{th.events('own_stream_put_back')} {before} {th.words()}")
    for code in PEERS:
        assert ("gap", "TH") not in await alarms(three[code], since)
    await no_header_twice(three)


async def test_a_second_gateway_on_one_state_folder_is_refused(three: Federation, tmp_path: Path) -> None:
    th = three["TH"]
    done = await suar("serve", "--state", str(th.folder), folder=tmp_path, code=1, **th.environ)
    assert done.err.splitlines()[-2:] == [
        f"error: another gateway runs on {th.folder}",
        "hint: stop it first, or use its HTTP API",
    ]
    ids = await th.publish(draft("second: the first goes on"))
    await stored(ids, th)


async def test_one_identity_in_two_places(three: Federation) -> None:
    """A copy is started while the first runs. One of the two stands down before anything of both gets out.

    So it is where a database splits: each of the two has a store with a lease of its own.
    """
    th = three["TH"]
    await three.stored_everywhere("TH", *await th.publish(draft("twice: before")), within=120)
    twin = Running("TH", next_to(th.folder, "twin"), th.environ)
    await _copy(th, twin.folder)
    twin.start()
    reports: dict[str, list[str]] = {"th": [], "twin": []}
    try:
        down = await _wait_for_stand_down(th, twin, reports)
        up = twin if down is th else th
        assert ("identity-in-use", "TH") in await alarms(down)
        refused = await down.call("POST", "/v1/messages", draft_bytes("twice: refused"))
        assert refused.status_code == 503
        assert "another gateway publishes under this identity" in refused.text
        await eventually(lambda: _has_left(up, reports["twin" if up is twin else "th"]), 120, up.words)
        up.kill()
        down.end()
        await restarted(down)
        accepted = reports["th"] + reports["twin"]
        last = await down.publish(draft("twice: last"))
        await stored(last, down)
        await _accounted_for(three, down, [*accepted, "twice: before", "twice: last"])
        await no_header_twice(three)
    finally:
        for each in (th, twin):
            if each.process is not None and each.process.poll() is None:
                each.kill()
        await restarted(th)


async def _copy(gateway: Running, folder: Path) -> None:
    """Its state with its store, in the middle of its work; a database is copied while nobody has it open."""
    assert gateway.process is not None
    if stores.is_sqlite():
        stop(gateway.process.pid)
        shutil.copytree(gateway.folder, folder)
        gateway.process.send_signal(signal.SIGCONT)
        return
    gateway.kill()
    shutil.copytree(gateway.folder, folder)
    stores.name(folder, stores.copy(gateway.folder))
    await restarted(gateway)


def draft_bytes(title: str) -> bytes:
    import json

    return json.dumps(draft(title)).encode()


async def _wait_for_stand_down(th: Running, twin: Running, reports: dict[str, list[str]]) -> Running:
    """Publish through both, as people at two desks would; the one that ends as not ready for this reason."""
    deadline = time.monotonic() + AGAIN
    for number in itertools.count():
        assert time.monotonic() < deadline, f"nobody stood down\n{th.words()}\n{twin.words()}"
        for name, each in (("th", th), ("twin", twin)):
            title = f"twice: {name} {number}"
            try:
                answer = await each.call("POST", "/v1/messages", draft_bytes(title))
            except (OSError, FileNotFoundError):
                continue
            if answer.status_code == 201:
                reports[name].append(title)
            ready = await each.call("GET", "/readyz")
            if "under this identity" in ready.text:
                return each
        await asyncio.sleep(0.05)
    raise AssertionError


async def _has_left(gateway: Running, accepted: list[str]) -> bool:
    """Whether nothing of what it accepted waits to leave."""
    own = await gateway.get("/v1/messages", params={"origin": "TH", "limit": "1000"})
    ids = [line["id"] for line in own if line["title"] in accepted]
    return all(["queued" not in (await gateway.states(id_)).values() for id_ in ids])


async def _accounted_for(three: Federation, down: Running, accepted: list[str]) -> None:
    """Each accepted text is at every peer once, or the one that stood down shows that it never left."""
    own = {
        line["title"]: line["id"] for line in await down.get("/v1/messages", params={"origin": "TH", "limit": "1000"})
    }
    for code in PEERS:
        got = Counter(await titles(three[code], "twice"))
        assert set(got.values()) == {1}
        for title in accepted:
            assert title in got or (await down.states(own[title]))[code] == "refused", title
        found = await three[code].inbox()
        assert len({line["id"] for line in found}) == len(found)
