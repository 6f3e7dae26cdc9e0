"""A hub of three servers in one cluster, as on three machines: each with a configuration and a plan of its own."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from suar.bus.connect import Bus
from suar.bus.open_bus import connect
from suar.demo.embedded.nats_federation import CONNECTED_WITHIN, INBOX_PREFIX, NatsFederation
from suar.demo.embedded.nats_process import NatsServer
from suar.demo.embedded.prepared import Authority
from suar.demo.embedded.servers import HeldPorts, Servers
from suar.federation.hub_config import hub_config
from suar.federation.operations import HubSide
from suar.federation.plan import Cluster, Hub, Plan

NAMES: Final = ("hub-1", "hub-2", "hub-3")


class ClusterServers(Servers):
    """`machines`: the plan of each server's machine, the first of which is the federation's."""

    machines: list[Plan]
    late = frozenset[str]()
    """Those that the test starts itself, after the others and the members."""

    async def start(self) -> None:
        """Start the three at once, then every member; each member dials all of them."""
        held, authority = HeldPorts(), Authority(self.folder / "cluster")
        ports = {name: held.choose() for name in NAMES}
        hubs = [self._of_the_hub(name, ports, authority) for name in NAMES]
        leafs = tuple(hub.leaf for hub in hubs)
        for hub in hubs:
            self._spawn(hub)
        held.release()
        await asyncio.gather(*(self[name].ready() for name in NAMES if name not in self.late))
        self.plan = self.plan.with_hub(msgspec.structs.replace(hubs[0], name="hub", leaf_urls=leafs))
        members = await asyncio.gather(*map(self._launch_member, self.plan.members))
        self.plan = msgspec.structs.replace(self.plan, members=tuple(members))
        self.machines = [self.plan.with_hub(msgspec.structs.replace(hub, leaf_urls=leafs)) for hub in hubs]

    def _spawn(self, hub: Hub) -> None:
        path = Path(hub.config_file)
        path.write_text(hub_config(self.plan.with_hub(hub)), "utf-8")
        server = NatsServer(hub.name, path, Path(hub.ports_dir), self._environs["hub"])
        self._servers[hub.name] = server
        if hub.name not in self.late:
            server.spawn()

    def _of_the_hub(self, name: str, ports: dict[str, int], authority: Authority) -> Hub:
        at, folder = partial("127.0.0.1:{}".format), self.folder / name
        folder.mkdir()
        routes = tuple(at(port) for other, port in ports.items() if other != name)
        return msgspec.structs.replace(
            self._with_ports(self.plan.hub),
            name=name,
            replicas=3,
            store_dir=str(folder / "jetstream"),
            config_file=str(self.folder / f"{name}.conf"),
            ports_dir=str(folder),
            pid_file=str(folder / "pid"),
            log_file=str(folder / "log"),
            cluster=Cluster(listen=at(ports[name]), routes=routes, tls=authority.issue(name)),
        )


class ClusteredFederation(NatsFederation):
    """`operators`: who acts on each server's machine, by its name."""

    operators: dict[str, HubSide]
    servers: ClusterServers

    @classmethod
    def of_three(cls, folder: Path, codes: tuple[str, ...]) -> "ClusteredFederation":
        """A federation whose hub is three servers, not started."""
        made = cls.new(folder, codes)
        prepared = made.prepared
        clustered = cls(prepared)
        clustered.servers = ClusterServers(prepared.folder, prepared.plan, prepared.environs)
        return clustered

    async def start(self) -> None:
        await super().start()
        servers = self.servers
        assert isinstance(servers, ClusterServers)
        running = [plan for plan in servers.machines if plan.hub.name not in servers.late]
        self.operators = {plan.hub.name: await self._operator(plan) for plan in running}
        self.hub = self.operators[NAMES[0]]
        self.hubs = [self.hub]

    async def _operator(self, plan: Plan) -> HubSide:
        admin, system = await self._opened(plan, "admin"), await self._opened(plan, "sys")
        return HubSide(plan, admin, system)

    async def _opened(self, plan: Plan, role: str) -> Bus:
        seed = self.prepared.seeds["hub", role]
        bus = await connect(plan.hub.url, seed, INBOX_PREFIX[role], role, wait=CONNECTED_WITHIN)
        self._buses.append(bus)
        return bus
