"""What systemd is told: ready, alive by the core's thread alone, stopping."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suar.service.core.core import Core
from suar.service.process.supervisor import Supervisor
from support.corekit import CoreKit
from support.patience import PATIENCE

INTERVAL = 0.01  # seconds


@pytest.fixture
def notify_socket(tmp_path: Path) -> Iterator[socket.socket]:
    """Where a supervisor listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(PATIENCE)
        yield made


def environ(notify_socket: socket.socket, **more: str) -> dict[str, str]:
    microseconds = str(int(3 * INTERVAL * 1_000_000))
    return {"NOTIFY_SOCKET": notify_socket.getsockname(), "WATCHDOG_USEC": microseconds, **more}


def waiting(notify_socket: socket.socket) -> list[bytes]:
    """What has been said and not been read yet."""
    notify_socket.setblocking(False)
    datagrams = []
    try:
        while True:
            datagrams.append(notify_socket.recv(4096))
    except BlockingIOError:
        return datagrams
    finally:
        notify_socket.settimeout(PATIENCE)


def test_ready_and_stopping_are_stated(notify_socket: socket.socket) -> None:
    supervisor = Supervisor(environ(notify_socket))
    supervisor.ready()
    supervisor.stopping()
    assert waiting(notify_socket) == [b"READY=1", b"STOPPING=1"]


def hang(held: threading.Event, hold: threading.Event) -> None:
    held.set()
    hold.wait()


class Watched:
    """A core that says whether something waits for its thread."""

    def __init__(self, core: Core) -> None:
        self._core, self.is_asked = core, asyncio.Event()

    async def run(self, call: Callable[[], None]) -> None:
        self.is_asked.set()
        await self._core.run(call)
        self.is_asked.clear()


async def test_a_hanging_core_gives_no_sign_of_life(notify_socket: socket.socket, tmp_path: Path) -> None:
    """The event loop goes on; only the core's thread counts."""
    kit, stop, hold, held = CoreKit(tmp_path / "th", "TH"), asyncio.Event(), threading.Event(), threading.Event()
    core = Watched(kit.unlent)
    task = asyncio.create_task(
        Supervisor(environ(notify_socket)).keep_alive(core, stop)  # type: ignore[arg-type]  # it only runs something
    )
    try:
        assert await asyncio.to_thread(notify_socket.recv, 4096) == b"WATCHDOG=1"
        hanging = asyncio.create_task(kit.unlent.run(hang, held, hold))
        assert await asyncio.to_thread(held.wait, PATIENCE)
        for _ in range(20):
            await asyncio.sleep(0)  # what the core answered before is said
        waiting(notify_socket)
        await asyncio.wait_for(core.is_asked.wait(), PATIENCE)  # a sign is due, and stays in the queue of its thread
        assert waiting(notify_socket) == []
        hold.set()
        await hanging
        assert await asyncio.to_thread(notify_socket.recv, 4096) == b"WATCHDOG=1"
    finally:
        hold.set()
        stop.set()
        await task
        kit.close()
    assert waiting(notify_socket)[-1] == b"STOPPING=1"


async def test_no_sign_is_sent_that_nobody_expects(notify_socket: socket.socket, tmp_path: Path) -> None:
    kit, stop = CoreKit(tmp_path / "th", "TH"), asyncio.Event()
    core = kit.unlent
    for supervisor in (
        Supervisor({"NOTIFY_SOCKET": notify_socket.getsockname()}),
        Supervisor(environ(notify_socket, WATCHDOG_PID="1")),
        Supervisor(environ(notify_socket, WATCHDOG_USEC="soon")),
    ):
        assert supervisor.interval is None
        task = asyncio.create_task(supervisor.keep_alive(core, stop))
        await asyncio.sleep(0)
        stop.set()
        await task
        assert waiting(notify_socket) == [b"STOPPING=1"]
        stop.clear()
    core.close()


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all", "@suar-nobody-listens"])
def test_a_supervisor_that_is_away_stops_nothing(address: str) -> None:
    Supervisor({"NOTIFY_SOCKET": address}).ready()
