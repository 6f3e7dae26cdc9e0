"""The federation that chaos is made in: real servers and gateways, bad links between them, watchdogs as in production.

Between each national server and the hub, and between each gateway and its server, lies a `Link`. Every gateway has its
own clock file. The hub's and the members' watchdogs run all the time, on connections of their own.
"""

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from chaos.proxy import Address, Link
from suar.demo.embedded.nats_federation import Startable
from suar.demo.embedded.servers import Servers
from suar.federation import nats_config
from suar.federation.plan import Member
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.member_watch import MemberWatch
from suar.federation.watching.rounds import SourceState
from suar.protocol.base.link_names import HubLink
from support.gateways import Federation

HEARTBEAT = 2.0  # seconds


class LinkedServers(Servers):
    """National servers dial each hub through their own link to it, and learn of no other address."""

    leafs: dict[str, Link]

    def _write_member(self, member: Member) -> None:
        plan = self.plan.with_member(member)
        for link, hub in zip(plan.links, plan.every_hub, strict=True):
            address = f"127.0.0.1:{self.leafs[link_name(member.code, link)].port}"
            plan = plan.with_hub(msgspec.structs.replace(hub, leaf_urls=(address,)))
        text = nats_config.member_config(plan, member.code)
        path = Path(member.config_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("    urls: ", "    ignore_discovered_servers: true\n    urls: "), "utf-8")


def link_name(code: str, link: HubLink) -> str:
    """How the link of a member's server to a hub is named here."""
    return f"{code}-{link.name}" if link.name else code


class Arena(Federation, Startable):
    """`async with Arena(folder, codes) as arena:` a founded federation whose gateways are ready."""

    def __init__(
        self, folder: Path, codes: tuple[str, ...], heartbeat: float = HEARTBEAT, *, is_watched: bool = True,
        hubs: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(folder, codes, heartbeat, hubs)
        prepared = self.nats.prepared
        servers = LinkedServers(prepared.folder, prepared.plan, prepared.environs)
        self.codes, self._is_watched = codes, is_watched
        self.leafs = {
            link_name(code, link): Link(f"leaf {link_name(code, link)}", partial(self._leaf_port, link))
            for code in codes
            for link in prepared.plan.links
        }
        self.buses = {code: Link(f"bus {code}", self._client_port(code)) for code in codes}
        servers.leafs = self.leafs
        self.nats.servers = servers
        self.watched: list[SourceState] = []
        self.broken: list[str] = []  # a watchdog that ended by anything but its own end is a bug
        self._watchdogs: list[asyncio.Task[None]] = []

    def _leaf_port(self, link: HubLink) -> Address:
        return address_of(self.nats.servers.plan.at(link).hub.leaf)

    def links_of(self, hub: str) -> list[Link]:
        """Every member's link to the hub of that name."""
        plan = self.nats.servers.plan
        links = [link for link, each in zip(plan.links, plan.every_hub, strict=True) if each.name == hub]
        return [self.leafs[link_name(code, link)] for code in self.codes for link in links]

    def _client_port(self, code: str) -> Any:
        return lambda: address_of(self.nats.servers.plan.member(code).client)

    async def start_all(self) -> None:
        await self.start()

    async def start(self) -> None:
        for link in (*self.leafs.values(), *self.buses.values()):
            await link.start()
        await super().start()
        if self._is_watched:
            await self._watch()

    async def stop(self) -> None:
        for task in self._watchdogs:
            task.cancel()
        await asyncio.gather(*self._watchdogs, return_exceptions=True)
        for running in self.gateways.values():
            if running.process is not None and running.process.poll() is None:
                running.process.kill()
                running.process.wait(60)
        await self.nats.stop()
        for link in (*self.leafs.values(), *self.buses.values()):
            await link.stop()

    def configure(self, code: str) -> None:
        super().configure(code)
        running = self.gateways[code]
        running.environ |= {
            "SUAR_BUS__URL": f"nats://127.0.0.1:{self.buses[code].port}",
            "SUAR_CLOCK_FILE": str(self._clock_file(code)),
            "SUAR_LOG__LEVEL": os.environ.get("CHAOS_LOG", "warning"),
        }
        self.set_clock(code, 0)

    def set_clock(self, code: str, milliseconds: int) -> None:
        """Step the clock of one gateway to this distance from the machine's."""
        fresh = self._clock_file(code).with_suffix(".new")
        fresh.write_text(str(milliseconds))
        fresh.replace(self._clock_file(code))

    def _clock_file(self, code: str) -> Path:
        return self.folder / f"clock-{code.lower()}"

    async def _watch(self) -> None:
        watches: list[HubWatch | MemberWatch] = [HubWatch(hub, on_seen=self._seen) for hub in self.nats.hubs]
        for code in self.codes:
            bus = await self.nats.connect(code, "watch")
            admin = partial(self.nats.connect, code, "admin")
            side = self.nats.members[code]
            watches.append(MemberWatch(side.member, bus, admin, side.links, on_seen=self._seen))
        self._watchdogs = [asyncio.create_task(self._forever(watch)) for watch in watches]

    def _seen(self, seen: SourceState) -> None:
        if seen.kind not in {"healthy", "suspect", "failed", "no-leaf"}:
            self.watched.append(seen)

    async def _forever(self, watch: HubWatch | MemberWatch) -> None:
        """As its supervisor would: started again when it ends."""
        while True:
            try:
                await watch.run()
            except Exception as error:
                self.broken.append(f"{type(watch).__name__}: {error!r}")
            await asyncio.sleep(1)


def address_of(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)
