"""Two machines for the gateways of a pair: network namespaces whose cables can be pulled (takeover.py, as root).

Each has one cable to this machine, on which PostgreSQL and the member's NATS server run. What is sent while a cable is
pulled is lost and nobody is told, as when a machine has lost its power. PostgreSQL is reached straight, so that its own
keepalives find the machine gone; the NATS server by a relay, since it listens on loopback. The gateways are called from
their own machines, by threads that entered them: the token of a state folder counts there alone.
"""

import asyncio
import contextlib
import ctypes
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import make_url

from chaos.arena import address_of
from chaos.proxy import Address, Link
from support.executables import IP, PG_CTL, SUAR
from support.gateways import Running
from support.pair_live import Pair
from support.patience import PLAIN
from support.postgresql import Cluster

NET: Final = "198.18.40"  # of the block for measurements (RFC 2544)
CALLERS: Final = 8  # calls at once from one machine
CALL_WAIT: Final = 20.0  # seconds for an answer
_NETWORK: Final = 0x40000000  # CLONE_NEWNET


class Machine:
    """One namespace with its cable; `here` and `there` are the cable's addresses."""

    def __init__(self, number: int) -> None:
        name = f"suar{secrets.token_hex(3)}"
        self.name, self._end = name, f"{name}h"
        self.here, self.there = f"{NET}.{4 * number + 1}", f"{NET}.{4 * number + 2}"
        _ip("netns", "add", name)
        _ip("link", "add", self._end, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("addr", "add", f"{self.here}/30", "dev", self._end)
        _ip("link", "set", self._end, "up")
        _ip("-n", name, "addr", "add", f"{self.there}/30", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", name, "link", "set", device, "up")
        self.callers = ThreadPoolExecutor(CALLERS, initializer=self._enter)

    def _enter(self) -> None:
        """Have the sockets that this thread opens be those of the machine."""
        with Path(f"/run/netns/{self.name}").open() as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _NETWORK):
                raise OSError(ctypes.get_errno(), "the thread cannot enter the machine")

    def pull(self) -> None:
        """Nothing passes any more, and no side is told."""
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def plug(self) -> None:
        """Everything passes again."""
        _ip("-n", self.name, "link", "set", "eth0", "up")

    def remove(self) -> None:
        """Remove the namespace with its cable."""
        self.callers.shutdown()
        _ip("netns", "delete", self.name)


class OnMachine(Running):
    """A gateway on a machine of its own."""

    machine: Machine

    async def call(self, method: str, path: str, body: bytes | None = None, **options: Any) -> httpx.Response:
        call = partial(self._call, method, path, body, **options)
        return await asyncio.get_running_loop().run_in_executor(self.machine.callers, call)

    def _call(self, method: str, path: str, body: bytes | None, **options: Any) -> httpx.Response:
        address = self.address
        headers = {"Authorization": f"Bearer {address['token']}"} | options.pop("headers", {})
        with httpx.Client(base_url=address["url"], timeout=CALL_WAIT, verify=PLAIN) as client:
            return client.request(method, path, content=body, headers=headers, **options)

    def start(self, **environ: str) -> None:
        (self.folder / "gateway.json").unlink(missing_ok=True)
        command = [IP, "netns", "exec", self.machine.name, *SUAR, "serve", "--state", str(self.folder)]
        with self.log.open("ab") as log:
            env = os.environ | self.environ | environ
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@contextlib.contextmanager
def two_machines(cluster: Cluster) -> Iterator[tuple[Machine, Machine]]:
    """Two machines that reach the cluster, whose server is started anew for it; they are removed after the block."""
    with contextlib.ExitStack() as stack:
        made = (Machine(0), Machine(1))
        for machine in made:
            stack.callback(machine.remove)
        cluster.stop(cluster.data)
        with Path(cluster.data, "pg_hba.conf").open("a") as file:
            file.write(f"host all all {NET}.0/24 trust\n")
        addresses = ",".join(machine.here for machine in made)
        settings = f"-c listen_addresses='{addresses}' -c fsync=off -c unix_socket_directories='{cluster.folder}'"
        cluster.run(PG_CTL, "start", "-w", "-D", cluster.data, "-l", f"{cluster.data}.log", "-o", settings)
        yield made


@contextlib.asynccontextmanager
async def moved_to(machines: tuple[Machine, Machine], pair: Pair, store: str) -> AsyncIterator[None]:
    """Have the pair's gateways run on a machine each until the end of the block."""
    before, moved = list(pair.gateways), list[Running]()
    async with contextlib.AsyncExitStack() as stack:
        for gateway, machine in zip(before, machines, strict=True):
            gateway.kill()
            port = await _relayed(stack, machine, address_of(pair.federation.nats.servers.plan.member("TH").client))
            on = OnMachine(gateway.code, gateway.folder, gateway.environ | _on(machine, store, port))
            on.machine = machine
            moved.append(on)
        pair.gateways = moved
        try:
            await pair.leads.start_and_wait()
            pair.waits.start()
            await pair.standing_by()
            yield
        finally:
            for gateway in moved:
                if gateway.process is not None:
                    gateway.kill()
            pair.gateways = before


async def _relayed(stack: contextlib.AsyncExitStack, machine: Machine, target: Address) -> int:
    """The port at which the machine finds what listens there."""
    relay = Link(machine.name, lambda: target, machine.here)
    await relay.start()
    stack.push_async_callback(relay.stop)
    return relay.port


def _on(machine: Machine, store: str, client: int) -> dict[str, str]:
    url = make_url(store).set(host=machine.here, port=5432, query={})
    return {
        "SUAR_BUS__URL": f"nats://{machine.here}:{client}",
        "SUAR_BUS__MONITOR_PORT": "0",  # from another machine it is asked by TLS alone
        "SUAR_HTTP__LISTEN": f"{machine.there}:0",
        "SUAR_STORE__URL": url.render_as_string(hide_password=False),
    }


def _ip(*command: str) -> None:
    subprocess.run([IP, *command], check=True)
