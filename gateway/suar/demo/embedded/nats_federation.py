"""A whole federation of NATS servers on this machine: started, founded and joined, as one object.

It holds the seeds of all sides, which no real party does; the demo and the tests play all roles with it.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Self

from suar.bus.connect import Bus
from suar.bus.open_bus import connect
from suar.demo.embedded.prepared import Prepared, prepare
from suar.demo.embedded.servers import Servers
from suar.federation import nats_permissions
from suar.federation.operations import HubSide, MemberSide
from suar.federation.plan import Member, save
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.member_watch import MemberWatch
from suar.federation.watching.rounds import DEAD_AFTER, INTERVAL

CONNECTED_WITHIN = 60.0  # seconds; on a busy machine
INBOX_PREFIX = {
    "admin": nats_permissions.ADMIN_INBOX,
    "sys": nats_permissions.ADMIN_INBOX,
    "feed_admin": nats_permissions.ADMIN_INBOX,
    "gateway": nats_permissions.GATEWAY_INBOX,
    "watch": nats_permissions.WATCH_INBOX,
    "feed": nats_permissions.FEED_INBOX,
}


@contextlib.asynccontextmanager
async def at_work(*watches: HubWatch | MemberWatch) -> AsyncIterator[None]:
    """Run these watchdogs within the block."""
    tasks = [asyncio.create_task(watch.run()) for watch in watches]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Startable(ABC):
    """Base of what runs within an `async with` block: started on entry, stopped at its end or if the start fails."""

    @abstractmethod
    async def start_all(self) -> None:
        """Start everything; called on entry."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop everything that was started, also after an incomplete start."""

    async def __aenter__(self) -> Self:
        try:
            await self.start_all()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


class NatsFederation(Startable):
    """`async with NatsFederation(prepare(folder, codes)) as federation:` returns a founded federation."""

    def __init__(self, prepared: Prepared, report: Callable[[str], None] = lambda _: None) -> None:
        self.prepared = prepared
        self.servers = Servers(prepared.folder, prepared.plan, prepared.environs)
        self.hub: HubSide  # of two: the first
        self.hubs: list[HubSide] = []
        self.members: dict[str, MemberSide] = {}
        self._report = report
        self._buses: list[Bus] = []

    @classmethod
    def new(
        cls, folder: Path, codes: Iterable[str], *, sync_interval: str = "always", hubs: int = 1
    ) -> "NatsFederation":
        """Return a federation with new keys and certificates, not started yet."""
        return cls(prepare(folder, codes, sync_interval=sync_interval, hubs=hubs))

    async def start_all(self) -> None:
        """Start the servers and found the federation."""
        await self.start()
        await self.found()

    async def start(self) -> None:
        """Start every server and connect every operator."""
        await self.servers.start()
        plan = self.servers.plan
        for link, hub in zip(plan.links, plan.every_hub, strict=True):
            admin, system = await asyncio.gather(self.connect(hub.name, "admin"), self.connect(hub.name, "sys"))
            self.hubs.append(HubSide(plan.at(link), admin, system, self._report))
        self.hub = self.hubs[0]
        await asyncio.gather(*(self.operate(member) for member in self.servers.plan.members))

    async def found(self) -> None:
        """Found it in the required order: OUTBOX and `up` everywhere, REGION with all sources, INBOX and `gw`
        everywhere.
        """
        await asyncio.gather(*(member.create_outbox() for member in self.members.values()))
        await asyncio.gather(*(hub.found() for hub in self.hubs))
        await asyncio.gather(*(member.create_inbox() for member in self.members.values()))

    @contextlib.asynccontextmanager
    async def watched(self, interval: float = INTERVAL, dead_after: float = DEAD_AFTER) -> AsyncIterator[None]:
        """Run the watchdogs of the hub and of every member within the block, as in production; times in seconds."""
        watches: list[HubWatch | MemberWatch] = [
            HubWatch(hub, interval=interval, dead_after=dead_after) for hub in self.hubs
        ]
        for code, side in self.members.items():
            admin = partial(self.connect, code, "admin")
            bus = await self.connect(code, "watch")
            watch = MemberWatch(side.member, bus, admin, side.links, interval=interval, dead_after=dead_after)
            watches.append(watch)
        async with at_work(*watches):
            yield

    async def join(self, code: str, entry: Member | None = None) -> Member:
        """Add a member to the running federation; if `entry` is given, its keys are prepared already."""
        member = await self.servers.add(entry or self.prepared.newcomer(code))
        side = await self.operate(member)
        await side.create_outbox()
        for hub in self.hubs:
            hub.plan = hub.plan.with_member(member)
            await hub.join(code)
        self.servers.plan = self.hub.plan
        save(self.servers.plan, self.servers.plan_file)
        await side.create_inbox()
        return member

    async def connect(self, who: str, role: str) -> Bus:
        """Return a connection as a user of a hub, by its name, or of a member (`role`: admin, gateway, watch, ...)."""
        hubs = {hub.name: hub for hub in self.servers.plan.every_hub}
        entry = hubs[who] if who in hubs else self._entry(who)
        seed, name = self.prepared.seeds[who, role], f"{who}-{role}".lower()
        bus = await connect(entry.url, seed, INBOX_PREFIX[role], name, wait=CONNECTED_WITHIN)
        self._buses.append(bus)
        return bus

    async def stop(self) -> None:
        """Close the connections and end the servers."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(*(bus.close() for bus in self._buses))
        self._buses.clear()
        self.servers.stop()

    def _entry(self, code: str) -> Member:
        side = self.members.get(code)
        return side.member if side is not None else self.servers.plan.member(code)

    async def operate(self, member: Member) -> MemberSide:
        """Connect the operator of a member whose server runs."""
        seed, name = self.prepared.seeds[member.code, "admin"], f"{member.low}-admin"
        bus = await connect(member.url, seed, nats_permissions.ADMIN_INBOX, name, wait=CONNECTED_WITHIN)
        self._buses.append(bus)
        self.members[member.code] = side = MemberSide.of(self.servers.plan, member, bus, self._report)
        return side
