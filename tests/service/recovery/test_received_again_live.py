"""A member's machine is put back whole, gateway and NATS server: it is received again before a heartbeat is due."""

import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.gateways import Federation, draft, running
from support.standstill import stop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
SLOW = 3_600.0
"""Seconds between two heartbeats: with these alone it would not be received for days."""
LOST = 40


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("federation"), "SG", "TH", "VN", heartbeat=SLOW) as federation:
        yield federation


async def test_it_is_received_again_soon(three: Federation, tmp_path: Path) -> None:
    th, server = three["TH"], three.nats.servers["TH"]
    disk = three.folder / "th" / "jetstream"
    await three.stored_everywhere("TH", *await th.publish(draft("before")))
    assert th.process is not None
    stop(th.process.pid)
    server.send(signal.SIGSTOP)
    shutil.copytree(th.folder, tmp_path / "state")
    shutil.copytree(disk, tmp_path / "disk")
    server.send(signal.SIGCONT)
    th.process.send_signal(signal.SIGCONT)
    lost = [id_ for n in range(LOST) for id_ in await th.publish(draft(f"lost {n}"))]
    await three.stored_everywhere("TH", *lost)
    th.kill()
    server.kill()
    for older, folder in ((tmp_path / "state", th.folder), (tmp_path / "disk", disk)):
        shutil.rmtree(folder)
        shutil.copytree(older, folder)
    server.spawn()
    await server.ready()
    await th.start_and_wait()
    later = await th.publish(draft("later"))
    await three.stored_everywhere("TH", *later)
