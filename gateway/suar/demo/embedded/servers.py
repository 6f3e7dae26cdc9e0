"""Real NATS servers on 127.0.0.1 for the demo and the tests: those of a plan (prepared.py), started in order.

The system chooses ports at the first start; they are then written into the plan (and the configurations), so that a
restarted server keeps its address, which nobody else gets meanwhile (`HeldPorts`). Every process is ended by its own
pid and ends with the process that started it.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from suar.demo.embedded.nats_process import NatsServer
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.plan import Hub, Member, Plan, save
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import HubLink

Entry = TypeVar("Entry", Hub, Member)


class HeldPorts:
    """Ports that the system gives to nobody else: to each a socket is bound that does not listen, beside a server.

    A port of which the server is down would be free: another server, or a connection that somebody opens, may get it.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def choose(self) -> int:
        """Return a port of this machine that is free."""
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: both may be bound
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        if sys.platform == "linux":
            self._sockets.append(held)
        else:  # elsewhere one that is held is refused to the server
            held.close()
        return port

    def release(self) -> None:
        """Hold none any more."""
        while self._sockets:
            self._sockets.pop().close()


class Servers:
    """The hub and the national servers of a plan; `plan` has the real ports as soon as they run."""

    def __init__(self, folder: Path, plan: Plan, environs: Mapping[str, Mapping[str, str]]) -> None:
        self.folder = folder
        self.plan = plan
        self.plan_file = folder / "PLAN.toml"
        self._environs = environs
        self._servers: dict[str, NatsServer] = {}
        self._ports = HeldPorts()

    def __getitem__(self, name: str) -> NatsServer:
        """Return the process of a hub by its name, "hub" where there is one, or of a member code."""
        return self._servers[name.lower()]

    @property
    def hub(self) -> NatsServer:
        """The process of the hub, of two of the first."""
        return self[self.plan.every_hub[0].name]

    async def start(self) -> None:
        """Start the hubs first (the members' configurations contain their leaf ports), then all members at once."""
        for each in self.plan.every_hub:
            self.plan = self.plan.with_hub(await self._launch(each.name, each, self._write_hub))
        running = await asyncio.gather(*map(self._launch_member, self.plan.members))
        self.plan = msgspec.structs.replace(self.plan, members=tuple(running))
        save(self.plan, self.plan_file)

    async def add(self, member: Member) -> Member:
        """Start the server of a member that the hub does not know yet; returns its entry with the real ports.

        The plan is not changed: `operations.join` does that with this entry.
        """
        return await self._launch_member(member)

    async def restart(self, name: str, wait: float = 0.0) -> None:
        """Start a killed or stopped server again, on its old ports, after `wait` seconds."""
        server = self[name]
        server.stop()
        await asyncio.sleep(wait)
        server.spawn()
        await server.ready()

    def stop(self) -> None:
        """End all servers; may be called twice."""
        for server in self._servers.values():
            server.send(signal.SIGTERM)
            server.send(signal.SIGCONT)  # a suspended process would not handle the signal
        for server in self._servers.values():
            server.stop()
        self._ports.release()

    async def __aenter__(self) -> "Servers":
        try:
            await self.start()
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    async def _launch_member(self, member: Member) -> Member:
        return await self._launch(member.low, member, self._write_member)

    async def _launch(self, name: str, entry: Entry, write: Callable[[Entry], None]) -> Entry:
        """Write the configuration with the ports that it gets, and start the server."""
        for attempts_left in (2, 1, 0):
            chosen = self._with_ports(entry)
            write(chosen)
            server = NatsServer(name, Path(entry.config_file), Path(entry.ports_dir), self._environs[name])
            self._servers[name] = server
            server.spawn()
            try:
                await server.ready()
            except Fault:
                if attempts_left and "address already in use" in server.last_words():
                    continue
                raise
            return chosen
        raise AssertionError("the last attempt returns or raises")

    def _with_ports(self, entry: Entry) -> Entry:
        """Return the entry with ports for the monitor and for each address that leaves its port to the system."""
        names = ("client", "leaf") if isinstance(entry, Hub) else ("client",)
        left = [name for name in names if getattr(entry, name).endswith(":-1")]
        addresses = {name: f"127.0.0.1:{self._ports.choose()}" for name in left}
        return msgspec.structs.replace(entry, monitor_port=self._ports.choose(), **addresses)

    def _write_hub(self, hub: Hub) -> None:
        _write(hub.config_file, hub_config(self.plan.with_hub(hub).at(HubLink(hub.line))))

    def _write_member(self, member: Member) -> None:
        _write(member.config_file, member_config(self.plan.with_member(member), member.code))


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(path + ".new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
