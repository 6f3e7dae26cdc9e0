"""Two servers of PostgreSQL that Patroni manages, with their etcd, in one private folder of this machine.

Patroni and etcd are not among the dependencies: PATRONI names the folder with Patroni's programs (a virtual environment
of its own, `pip install "patroni[etcd3]" "psycopg[binary]"`), etcd is Debian's package etcd-server. As root, everything
runs as the user postgres. Ports are the system's, on 127.0.0.1.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from suar.demo.embedded.servers import HeldPorts
from support.executables import INITDB

USER: Final = "postgres"
NAMES: Final = ("a", "b")
DATABASE: Final = "suar"
TTL: Final = 20  # seconds without a word of the primary until the other one takes its place: Patroni's least
STARTED: Final = 120.0  # seconds in which what was started must answer
_QUICK: Final = 4.0  # seconds of one question


class Node:
    """One server and its Patroni."""

    def __init__(self, name: str, folder: Path, ports: HeldPorts) -> None:
        self.name, self.folder = name, folder / name
        self.port, self.rest = ports.choose(), ports.choose()
        self.patroni: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def processes(self) -> list[int]:
        """The server's processes, the first of them before its children; none when it does not run."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            first = int((self.data / "postmaster.pid").read_text().split()[0])
            if Path(f"/proc/{first}/cwd").readlink() == self.data:
                return [first, *_children(first)]
        return []

    def signal_server(self, number: signal.Signals) -> None:
        """Send a signal to each process of the server."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def signal_patroni(self, number: signal.Signals) -> None:
        """Send a signal to Patroni alone."""
        if self.patroni is not None and self.patroni.poll() is None:
            self.patroni.send_signal(number)
            if number == signal.SIGKILL:
                self.patroni.wait()


class Servers:
    """`async with Servers() as servers:` a primary and its synchronous replica, with an empty database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="suar-patroni-", dir="/tmp"))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as_user = {"user": USER, "group": USER, "extra_groups": []}
            shutil.chown(self.folder, USER, USER)
        self._ports = HeldPorts()
        self._etcd_ports = (self._ports.choose(), self._ports.choose())
        self._etcd: subprocess.Popen[bytes] | None = None
        self.nodes = {name: Node(name, self.folder, self._ports) for name in NAMES}

    async def __aenter__(self) -> "Servers":
        try:
            self.start_etcd()
            for node in self.nodes.values():
                self.start_patroni(node)
            await self.until(self.is_whole, STARTED)
            with self.session(await self.primary(), "postgres") as connection:
                connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    # -- processes

    def start_etcd(self) -> None:
        """Start it again on its data, or for the first time."""
        client, peer = (f"http://127.0.0.1:{port}" for port in self._etcd_ports)
        self._etcd = self._spawn(
            "etcd", shutil.which("etcd") or "etcd", "--name", "e", "--data-dir", str(self.folder / "etcd-data"),
            "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", f"e={peer}", "--unsafe-no-fsync",
        )  # fmt: skip

    def kill_etcd(self) -> None:
        """End it at once."""
        assert self._etcd is not None
        self._etcd.kill()
        self._etcd.wait()

    def start_patroni(self, node: Node) -> None:
        """Start Patroni, which starts its server, or finds it running."""
        node.folder.mkdir(exist_ok=True)
        file = node.folder / "patroni.json"  # JSON is YAML
        file.write_text(json.dumps(self._settings(node)))
        if self._as_user:
            shutil.chown(node.folder, USER, USER)
        program = Path(os.environ.get("PATRONI", ""), "patroni")
        node.patroni = self._spawn(f"patroni-{node.name}", str(program), str(file))

    def _spawn(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user
            )

    def close(self) -> None:
        """End every process by its own number, and remove the folder."""
        for node in self.nodes.values():
            node.signal_patroni(signal.SIGKILL)
        for node in self.nodes.values():
            node.signal_server(signal.SIGKILL)
        if self._etcd is not None:
            self.kill_etcd()
        self._ports.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what it is asked

    async def primary(self) -> Node:
        """The server that takes writes, as Patroni says it. Raises LookupError."""
        for member in await self._members():
            if member["role"] == "leader":
                return self.nodes[member["name"]]
        raise LookupError("no server leads")

    async def is_whole(self) -> bool:
        """Whether one server leads and the other one follows it synchronously: by Patroni, and by the server itself."""
        found = {member["role"]: member["state"] for member in await self._members()}
        if found != {"leader": "running", "sync_standby": "streaming"}:
            return False
        return await asyncio.to_thread(self._has_replica, await self.primary())

    def _has_replica(self, node: Node) -> bool:
        with self.session(node, "postgres") as connection:
            row = connection.execute(
                "SELECT NOT pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"
            ).fetchone()
        return row is not None and row[0]

    async def _members(self) -> list[dict[str, Any]]:
        for node in self.nodes.values():
            with contextlib.suppress(httpx.HTTPError, ValueError):
                async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.rest}", timeout=_QUICK) as client:
                    members: list[dict[str, Any]] = (await client.get("/cluster")).json()["members"]
                    return members
        return []

    async def switch_over(self) -> bool:
        """Ask Patroni once to exchange the two; whether it did."""
        leader = await self.primary()
        (other,) = (name for name in NAMES if name != leader.name)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{leader.rest}", timeout=60) as client:
            answer = await client.post("/switchover", json={"leader": leader.name, "candidate": other})
        return answer.status_code == 200

    @contextlib.contextmanager
    def session(self, node: Node, database: str = DATABASE) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A session at that server, straight."""
        with psycopg.connect(
            host="127.0.0.1", port=node.port, user=USER, dbname=database, autocommit=True, connect_timeout=5
        ) as connection:
            yield connection

    async def until(self, condition: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait until it holds. Raises TimeoutError, with the end of each log."""
        deadline = time.monotonic() + within
        while True:
            with contextlib.suppress(LookupError, httpx.HTTPError, psycopg.Error):
                if await condition():
                    return
            if time.monotonic() > deadline:
                logs = [f"{path.name}: {path.read_text()[-1500:]}" for path in sorted(self.folder.glob("*.log"))]
                raise TimeoutError("\n".join([f"not in {within} s", *logs]))
            await asyncio.sleep(0.3)

    def url(self, ports: tuple[int, ...] = ()) -> str:
        """The store at whichever server takes writes; `ports` instead of the servers' own."""
        chosen = ports or tuple(node.port for node in self.nodes.values())
        hosts = ",".join("127.0.0.1" for _ in chosen)
        query = f"host={hosts}&port={','.join(map(str, chosen))}"
        return f"postgresql+psycopg://{USER}@/{DATABASE}?{query}&target_session_attrs=read-write"

    def _settings(self, node: Node) -> dict[str, Any]:
        dcs = {
            "ttl": TTL, "loop_wait": 2, "retry_timeout": 4, "synchronous_mode": True, "primary_start_timeout": 0,
            "postgresql": {"use_pg_rewind": True, "use_slots": True},
        }  # fmt: skip
        address = f"127.0.0.1:{node.port}"
        return {
            "scope": "suar", "name": node.name,
            "restapi": {"listen": f"127.0.0.1:{node.rest}", "connect_address": f"127.0.0.1:{node.rest}"},
            "etcd3": {"host": f"127.0.0.1:{self._etcd_ports[0]}"},
            "bootstrap": {"dcs": dcs, "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"]},
            "postgresql": {
                "listen": address, "connect_address": address, "data_dir": str(node.data),
                "bin_dir": str(Path(INITDB).parent), "pgpass": str(node.folder / "pgpass"),
                "authentication": {"superuser": {"username": USER}, "replication": {"username": "follower"}},
                "parameters": {
                    "unix_socket_directories": str(node.folder), "shared_buffers": "16MB", "fsync": "off",
                },
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
            },
            "watchdog": {"mode": "off"},
        }  # fmt: skip


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
