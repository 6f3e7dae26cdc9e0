"""The whole federation on this machine: ceremony, NATS servers, gateways and desks, started and stopped in order."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from suar.demo.embedded import founding
from suar.demo.embedded.desk import Desk, http_client
from suar.demo.embedded.founding import Founded
from suar.demo.embedded.logins import Logins
from suar.demo.embedded.nats_federation import NatsFederation, Startable
from suar.demo.embedded.nursery import Nursery
from suar.demo.embedded.prepared import prepare
from suar.federation.plan import Server
from suar.files import atomic_write, private_folder
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.service.process.run import ADDRESS
from suar.service.settings.config import CONFIG
from suar.service.settings.state import CONFIG_TEXT

HEARTBEAT: Final = 3  # seconds; with the standard's 30 a short demo would wait for a gap to be found
READY_WITHIN: Final = 180.0  # seconds; on a quiet machine three are enough
STOP_WITHIN: Final = 12.0
POLL: Final = 0.03
_MINUTE: Final = 60_000  # ms: the list is a minute old when the first gateway reads it

Reporter = Callable[[str], None]


@dataclass
class Process:
    """A gateway of the demo."""

    code: str
    state: Path
    pid: int
    desk: Desk


@dataclass
class Federation(Startable):
    """`async with Federation(...)`: running, with every gateway ready. `nursery` must be made before the event loop."""

    folder: Path
    codes: Sequence[str]
    passphrase: Secret = field(repr=False)
    nursery: Nursery
    report: Reporter = lambda _: None
    sync_interval: str = "always"  # of every server
    heartbeat: float = HEARTBEAT
    hubs: int = 1

    founded: Founded = field(init=False)
    nats: NatsFederation = field(init=False)
    logins: Logins = field(init=False, repr=False)
    gateways: dict[str, Process] = field(default_factory=dict)
    _tokens: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    async def start_all(self) -> None:
        """Hold the trust ceremony, then start servers and gateways, and wait until every gateway is ready."""
        self._http = http_client()
        self.report(f"trust ceremony: {len(self.codes)} members, {len(founding.HOLDERS)} root keys")
        now = time.time_ns() // 1_000_000 - _MINUTE
        self.founded = await founding.found(self.folder, self.codes, self.passphrase, now)
        self.logins = await asyncio.to_thread(Logins, tuple(self.codes))
        of = "the hub" if self.hubs == 1 else f"{self.hubs} hubs"
        self.report(f"starting {of} and {len(self.codes)} national NATS servers")
        keys, folder = self.founded.keys, self.folder / "nats"
        self.nats = NatsFederation(
            prepare(folder, self.codes, sync_interval=self.sync_interval, keys=keys, hubs=self.hubs)
        )
        for hub in self.nats.prepared.plan.every_hub:
            self._keep_hub_secrets(hub.name)
        await self.nats.start()
        self.report(f"starting {len(self.codes)} gateways")
        pids = {code: self._start_gateway(code) for code in self.codes}
        await self.nats.found()
        await asyncio.gather(*(self._ready(code, pid) for code, pid in pids.items()))

    def _keep_hub_secrets(self, hub: str) -> None:
        """Write a hub operator's secrets to files, for commands that someone tries while the demo runs."""
        folder = self.folder / f"{hub}-keys"
        private_folder(folder)
        for role in ("admin", "sys"):
            atomic_write(folder / f"{role}.seed", self.nats.prepared.seeds[hub, role] + b"\n")
        atomic_write(folder / "nats.env", f"JS_KEY={self.nats.prepared.environs[hub]['JS_KEY']}\n".encode())

    def _start_gateway(self, code: str) -> int:
        state = self.founded.state(code)
        plan = self.nats.servers.plan
        _settle(state / CONFIG, plan.member(code), self.heartbeat, two_hubs=bool(plan.hubs))
        return self.nursery.start(
            state, self.passphrase, self.founded.list_file, self.founded.pin, self.logins.of(code)
        )

    async def _ready(self, code: str, pid: int) -> None:
        """Wait for the gateway's address, create its tokens, and wait until it may receive."""
        state = self.founded.state(code)
        deadline = time.monotonic() + READY_WITHIN
        while not (state / ADDRESS).exists():
            await self._pause(code, pid, deadline)
        address = msgspec.json.decode((state / ADDRESS).read_bytes())
        desk = Desk(code, address["url"], self._http)
        self.gateways[code] = Process(code, state, pid, desk)
        if code in self._tokens:  # the gateway ran before, so its store has the tokens
            desk.tokens = self._tokens[code]
        else:
            await desk.make_tokens(address["token"])
            self._tokens[code] = desk.tokens
        while not await desk.is_ready():
            await self._pause(code, pid, deadline)

    async def _pause(self, code: str, pid: int, deadline: float) -> None:
        where = self.founded.state(code) / "gateway.log"
        if pid in self.nursery.poll():
            raise Fault(f"the gateway of {code} ended while it started: {last_error(where)}", f"see {where}")
        if time.monotonic() > deadline:
            raise Fault(f"the gateway of {code} was not ready in {READY_WITHIN:g} s", f"see {where}")
        await asyncio.sleep(POLL)

    # -- while it runs

    def desk(self, code: str) -> Desk:
        """Return the desk of a member."""
        return self.gateways[code].desk

    async def start_gateway(self, code: str) -> None:
        """Restart one gateway on its state folder, and wait until it is ready."""
        await self._ready(code, self._start_gateway(code))

    async def stop_gateway(self, code: str) -> None:
        """Stop one gateway in order; the others continue."""
        await self._end_gateways([self.gateways.pop(code).pid])

    def ended(self) -> list[str]:
        """Return in words which gateways and servers have ended by themselves."""
        exited = self.nursery.poll()
        gateways = [
            f"the gateway of {gateway.code} ended ({exited[gateway.pid]})"
            for gateway in self.gateways.values()
            if gateway.pid in exited
        ]
        hubs = [hub.name for hub in self.nats.servers.plan.every_hub]
        servers = [name for name in (*hubs, *self.codes) if not self.nats.servers[name].is_running]
        return gateways + [f"the NATS server of {name} ended" for name in servers]

    def describe(self) -> dict[str, Any]:
        """Return the content of demo.json, including the tokens."""
        plan, servers = self.nats.servers.plan, self.nats.servers
        return {
            "hub": _place(servers.hub.pid, plan.hub),
            "hubs": [{"name": hub.name, **_place(servers[hub.name].pid, hub)} for hub in plan.every_hub],
            "members": [
                {
                    "code": code,
                    "state": str(gateway.state),
                    "nats": _place(servers[code].pid, plan.member(code)),
                    "gateway": {"pid": gateway.pid, "http": gateway.desk.url},
                    "tokens": gateway.desk.tokens,
                    "console": self.logins.console(code, gateway.desk.url),
                }
                for code, gateway in sorted(self.gateways.items())
            ],
            "plan": str(servers.plan_file),
            "trust_list": str(self.founded.list_file),
            "pin": self.founded.pin.hex(),
        }

    # -- the end

    async def stop(self) -> None:
        """End gateways, then servers, each by its own pid."""
        await self._end_gateways([gateway.pid for gateway in self.gateways.values()])
        self.gateways.clear()
        if hasattr(self, "nats"):
            await self.nats.stop()
        await self._http.aclose()

    async def _end_gateways(self, pids: Iterable[int]) -> None:
        with contextlib.suppress(Fault):  # the nursery has ended, and its gateways too
            await self._end(set(pids))

    async def _end(self, pids: set[int]) -> None:
        for number, wait in ((signal.SIGTERM, STOP_WITHIN), (signal.SIGKILL, STOP_WITHIN)):
            for pid in pids - set(self.nursery.poll()):
                self.nursery.send(pid, number)
            for _ in range(int(wait / POLL)):
                if pids <= set(self.nursery.poll()):
                    return
                await asyncio.sleep(POLL)


def write_demo_json(federation: Federation) -> Path:
    """Write D/demo.json in one step, for scripts that test from outside."""
    path = federation.folder / "demo.json"
    atomic_write(path, msgspec.json.format(msgspec.json.encode(federation.describe()), indent=1))
    return path


def _settle(config: Path, server: Server, heartbeat: float, *, two_hubs: bool) -> None:
    """Write the demo's settings into a member's suar.toml: its server, any free HTTP port, a short heartbeat
    interval.
    """
    text = config.read_text("utf-8")
    for default, ours in (
        ('url = "nats://127.0.0.1:4222"', f'url = "{server.url}"'),
        ("# monitor_port = 8222", f"monitor_port = {server.monitor_port}"),
        ('# leaf_cert_file = "leaf.crt"', f"leaf_cert_file = {json.dumps(server.tls.cert_file)}"),
        ("# two_hubs = false", f"two_hubs = {json.dumps(two_hubs)}"),
        ("heartbeat_seconds = 30", f"heartbeat_seconds = {heartbeat:g}"),
        ('listen = "127.0.0.1:8440"', 'listen = "127.0.0.1:0"'),
    ):
        if default not in CONFIG_TEXT:
            raise AssertionError(f"state.CONFIG_TEXT no longer has {default}")
        text = text.replace(default, ours)
    atomic_write(config, text.encode())


def _place(pid: int, server: Server) -> dict[str, int]:
    return {"pid": pid, "port": int(server.client.rpartition(":")[2]), "monitor": server.monitor_port}


def last_error(log: Path) -> str:
    """Return the last error that a gateway logged."""
    with contextlib.suppress(OSError):
        for line in reversed(log.read_text("utf-8", "replace").splitlines()):
            with contextlib.suppress(msgspec.DecodeError):
                entry = msgspec.json.decode(line)
                if entry.get("level") == "error":
                    return str(entry.get("error") or entry.get("exception") or entry.get("event"))
    return "it said nothing"


def fresh_folder(path: Path) -> None:
    """Create the folder for --dir, or check that it is empty. Raises Fault otherwise."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Fault(f"{path} is not an empty folder", "name a new one with --dir")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(path, 0o700)  # noqa: PTH101
