"""What is done to a store that Patroni manages: a pure function of the seed, then each fault, one after the other.

The primary and the machine of the primary are those that lead at that moment. After a fault what was broken runs again,
and the next one waits until one server leads and the other one follows it.
"""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

import httpx
import psycopg

from chaos.arena import Arena
from chaos.faults import Done, Injector
from chaos.proxy import Link
from chaos.schedule import SPACING, Fault, Schedule, make
from patroni_servers import Node, Servers
from support.gateways import now_ms

GATEWAYS: Final = ("first", "second")
WHOLE: Final = 240.0  # seconds behind a fault: a server that was the primary is rewound, or copied anew
_TROUBLE: Final = (OSError, LookupError, httpx.HTTPError, psycopg.Error)
_END: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, 'suar')"


class _Kind(NamedTuple):
    """How often, how long (seconds), about how long the servers need afterwards, and of which gateway it is."""

    weight: int
    lasts: tuple[float, float]
    settles: float
    targets: tuple[str, ...] = ("",)


KINDS: Final[Mapping[str, _Kind]] = {
    "kill-server": _Kind(10, (0, 0), 12),
    "freeze-server": _Kind(8, (3, 30), 8),
    "freeze-machine": _Kind(8, (3, 40), 12),
    "kill-machine": _Kind(6, (1, 30), 15),
    "kill-patroni": _Kind(6, (1, 40), 10),
    "kill-etcd": _Kind(5, (1, 40), 12),
    "switch-over": _Kind(8, (0, 0), 10),
    "hold-store": _Kind(6, (2, 20), 3, GATEWAYS),
    "reset-store": _Kind(3, (0, 0), 3, GATEWAYS),
    "end-sessions": _Kind(4, (0, 0), 3),
}


def schedule_of(seed: int, codes: tuple[str, ...], faults: int, messages: int) -> Schedule:
    """The faults of a seed, and its messages over the time that they take."""
    rng, at, drawn = random.Random(f"patroni {seed}"), 5.0, []
    for _ in range(faults):
        name = rng.choices(list(KINDS), [kind.weight for kind in KINDS.values()])[0]
        kind = KINDS[name]
        low, high = kind.lasts
        drawn.append(Fault(at, name, rng.choice(kind.targets), rng.uniform(low, high)))
        at += drawn[-1].lasts + kind.settles + rng.uniform(0, 4)
    made = make(seed, codes, round(at / SPACING), messages)
    return replace(made, faults=tuple(drawn), lasts=at)


class StoreFaults(Injector):
    """Does them; `links` are those of each gateway to each server."""

    def __init__(
        self, arena: Arena, servers: Servers, links: Mapping[str, Mapping[str, Link]], report: Callable[[str], None]
    ) -> None:
        super().__init__(arena, report)
        self._servers, self._links = servers, links

    async def run(self, schedule: Schedule) -> None:
        """Each at its time, or when the servers are whole after the one before it."""
        start = time.monotonic()
        for fault in schedule.faults:
            await asyncio.sleep(max(0.0, start + fault.at - time.monotonic()))
            begin = now_ms()
            try:
                leader = await self._leader()
                self.report(f"{fault} ({leader.name} leads)")
                await _DOERS[fault.kind](self, fault, leader)
                await self._servers.until(self._servers.is_whole, WHOLE)
            except (*_TROUBLE, TimeoutError) as error:
                self.wrong.append(f"{fault}: {error!r}")
            self.done.append(Done(fault, begin, now_ms()))

    async def _leader(self) -> Node:
        found: list[Node] = []

        async def is_there() -> bool:
            found.append(await self._servers.primary())
            return True

        await self._servers.until(is_there, WHOLE)
        return found[-1]

    async def kill_database(self, fault: Fault, leader: Node) -> None:
        leader.signal_server(signal.SIGKILL)

    async def freeze_server(self, fault: Fault, leader: Node) -> None:
        """Patroni goes on beside it."""
        leader.signal_server(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts)
        leader.signal_server(signal.SIGCONT)

    async def freeze_machine(self, fault: Fault, leader: Node) -> None:
        """A server that takes writes again before its Patroni knows that another one leads."""
        leader.signal_patroni(signal.SIGSTOP)
        leader.signal_server(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts)
        leader.signal_server(signal.SIGCONT)
        leader.signal_patroni(signal.SIGCONT)

    async def kill_machine(self, fault: Fault, leader: Node) -> None:
        leader.signal_patroni(signal.SIGKILL)
        leader.signal_server(signal.SIGKILL)
        await asyncio.sleep(fault.lasts)
        self._servers.start_patroni(leader)

    async def kill_patroni(self, fault: Fault, leader: Node) -> None:
        """The server goes on without it, also after the other one was promoted."""
        leader.signal_patroni(signal.SIGKILL)
        await asyncio.sleep(fault.lasts)
        self._servers.start_patroni(leader)

    async def kill_etcd(self, fault: Fault, leader: Node) -> None:
        self._servers.kill_etcd()
        await asyncio.sleep(fault.lasts)
        self._servers.start_etcd()

    async def switch_over(self, fault: Fault, leader: Node) -> None:
        await self._servers.until(self._servers.switch_over, WHOLE)

    async def hold_store(self, fault: Fault, leader: Node) -> None:
        """Nothing passes between one gateway and both servers; then everything does."""
        for link in self._links[fault.target].values():
            link.hold()
        await asyncio.sleep(fault.lasts)
        for link in self._links[fault.target].values():
            link.heal()

    async def reset_store(self, fault: Fault, leader: Node) -> None:
        for link in self._links[fault.target].values():
            link.reset()

    async def end_sessions(self, fault: Fault, leader: Node) -> None:
        await asyncio.to_thread(self._end_sessions, leader)

    def _end_sessions(self, leader: Node) -> None:
        with contextlib.suppress(psycopg.OperationalError), self._servers.session(leader) as connection:
            connection.execute(_END)


Doer = Callable[[StoreFaults, Fault, Node], Awaitable[None]]
_DOERS: Final[Mapping[str, Doer]] = {
    "kill-server": StoreFaults.kill_database,
    "freeze-server": StoreFaults.freeze_server,
    "freeze-machine": StoreFaults.freeze_machine,
    "kill-machine": StoreFaults.kill_machine,
    "kill-patroni": StoreFaults.kill_patroni,
    "kill-etcd": StoreFaults.kill_etcd,
    "switch-over": StoreFaults.switch_over,
    "hold-store": StoreFaults.hold_store,
    "reset-store": StoreFaults.reset_store,
    "end-sessions": StoreFaults.end_sessions,
}
