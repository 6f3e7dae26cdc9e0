"""The hub's disk was put back to an older copy: its watchdog says so of each stream, however its numbers grew since."""

import shutil
from pathlib import Path

import pytest

from suar.bus.connect import Bus
from suar.bus.jsapi import stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation.watching import put_back
from suar.federation.watching.hub_watch import HubWatch
from support.nats_server import eventually, publish

REGION, IN_TH = "store of REGION", "store of IN_TH"


async def _grow(federation: NatsFederation, th: Bus, name: str, least: int) -> int:
    """TH publishes until REGION has so many objects; returns REGION's last number.

    A source that starts again may pass over what comes first (docs/gaps.md).
    """
    count = last = 0

    async def is_there() -> bool:
        nonlocal count, last
        count += 1
        await publish(th, "a.frame.all.01", [b"x"], f"{name} {count}")
        last = int((await stream_info(federation.hub.admin, "REGION"))["state"]["last_seq"])
        return last >= least

    await federation.hub.admin.wait_connected(60)
    await eventually(is_there)
    return last


async def _put_back(watch: HubWatch) -> dict[str, str]:
    """What it says of the stores of the hub, once the server answers."""

    async def answers() -> bool:
        return "failed" not in {each.kind for each in await watch.run_once()}

    await eventually(answers)
    return {each.name: each.detail for each in await watch.run_once() if each.kind == "put-back"}


@pytest.mark.parametrize("has_grown", [False, True])
async def test_the_watchdog_says_which_stream_was_put_back(
    federation: NatsFederation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_grown: bool
) -> None:
    th = await federation.connect("TH", "gateway")
    hub, disk = federation.servers.hub, tmp_path / "hub" / "jetstream"
    before = await _grow(federation, th, "before", 3)
    hub.stop()
    shutil.copytree(disk, tmp_path / "older")
    await federation.servers.restart("hub")
    await _grow(federation, th, "lost", before + 4)
    watch = HubWatch(federation.hub)
    assert await _put_back(watch) == {}
    await federation.servers.restart("hub")
    await federation.hub.admin.wait_connected(60)
    assert await _put_back(watch) == {}, "a restart alone is none"
    last = int((await stream_info(federation.hub.admin, "REGION"))["state"]["last_seq"])
    hub.kill()
    shutil.rmtree(disk)
    shutil.copytree(tmp_path / "older", disk)
    await federation.servers.restart("hub")
    await federation.hub.admin.wait_connected(60)
    if has_grown:
        await _grow(federation, th, "later", last + 2)
    found = await _put_back(watch)
    assert set(found) == {REGION, IN_TH}
    assert "REGION held number " in found[REGION]
    monkeypatch.setattr(put_back, "now", lambda: float("inf"))
    kinds = {each.name: each.kind for each in await watch.run_once()}
    assert (kinds[REGION], kinds[IN_TH]) == ("healthy", "healthy")
    assert REGION not in {each.name for each in await watch.run_once()}
