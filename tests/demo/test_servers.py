"""Server processes: fast to start, on their old ports after a restart, dead when their parent is."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from suar.bus.connect import Bus
from suar.demo.embedded.nats_federation import NatsFederation
from suar.demo.embedded.prepared import prepare
from suar.demo.embedded.servers import Servers
from suar.protocol.base.errors import Fault
from support.executables import PYTHON
from support.nats_server import eventually

CODES = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN")

PARENT = """
import asyncio, sys, time
from pathlib import Path
from suar.demo.embedded.prepared import prepare
from suar.demo.embedded.servers import Servers
prepared = prepare(Path(sys.argv[1]), ["TH"])
servers = Servers(prepared.folder, prepared.plan, prepared.environs)
asyncio.run(servers.start())
print(servers.hub.pid, servers["th"].pid, flush=True)
time.sleep(60)
"""


async def _reconnected(bus: Bus) -> bool:
    return bus.is_connected and bus.generation == 2


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def test_twelve_servers_start_in_seconds(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, CODES)
    async with Servers(tmp_path, prepared.plan, prepared.environs) as servers:
        assert all(servers[code].is_running for code in ("hub", *CODES))
        pids = [servers[code].pid for code in ("hub", *CODES)]
    assert not any(_alive(pid) for pid in pids)


async def test_a_restarted_server_is_where_it_was(tmp_path: Path) -> None:
    async with NatsFederation.new(tmp_path, ["TH"]) as federation:
        bus = await federation.connect("TH", "gateway")
        federation.servers["TH"].kill()
        await federation.servers.restart("TH")
        await eventually(lambda: _reconnected(bus))
        assert (await bus.request("$JS.API.STREAM.INFO.OUTBOX_TH")).data


async def test_nobody_gets_a_port_of_a_server_that_is_down(tmp_path: Path) -> None:
    """Before, another server or anybody's connection could, and the server did not start again."""
    prepared = prepare(tmp_path, ["TH"])
    async with Servers(tmp_path, prepared.plan, prepared.environs) as servers:
        hub, member = servers.plan.hub, servers.plan.member("TH")
        addresses = [hub.client, hub.leaf, member.client]
        ports = [*(int(each.rpartition(":")[2]) for each in addresses), hub.monitor_port, member.monitor_port]
        for name in ("hub", "th"):
            servers[name].kill()
        for port in ports:
            with socket.socket() as another, pytest.raises(OSError, match="in use"):
                another.bind(("127.0.0.1", port))
            with socket.socket() as caller, pytest.raises(ConnectionRefusedError):
                caller.connect(("127.0.0.1", port))
        for name in ("hub", "th"):
            await servers.restart(name)
    with socket.socket() as another:
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        another.bind(("127.0.0.1", ports[0]))


def test_servers_die_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([PYTHON, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(_alive, pids))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 60
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_alive, pids))


async def test_a_server_that_ends_at_once_says_why(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, ["TH"])
    prepared.environs["th"]["JS_KEY"] = "42k"  # read as a number with a unit, and then some
    with pytest.raises(Fault, match=r"the NATS server th ended at once: nats-server: .*th\.conf"):
        async with Servers(tmp_path, prepared.plan, prepared.environs):
            pass


def test_no_secret_in_a_repr(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, ["TH"])
    shown = repr(prepared)
    assert not [seed for seed in prepared.seeds.values() if seed.decode() in shown]
    assert prepared.environs["th"]["JS_KEY"] not in shown
