"""The faults done, each to its end: what was broken runs again, by the documented way, before it returns."""

import asyncio
import contextlib
import resource
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import httpx

from chaos.arena import Arena
from chaos.schedule import Fault, Schedule
from suar.bus.errors import BusError
from suar.demo.story.adversary import LyingHub
from suar.protocol.base.errors import Fault as OurFault
from support.gateways import Running, now_ms

CLOCK_STEP: Final = 600_000  # ms
PATIENCE: Final = 90.0  # seconds in which an operator's step must succeed, whatever else is broken
NOTICED: Final = 1.5  # seconds beyond two heartbeats: a gateway looks every second
_UNLIMITED: Final = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
_TROUBLE: Final = (OSError, httpx.HTTPError, BusError, OurFault, TimeoutError, AssertionError, ValueError)


@dataclass(frozen=True)
class Done:
    """A fault with when it was really done, ms."""

    fault: Fault
    begin: int
    end: int


@dataclass
class Injector:
    """Does a schedule's faults. What failed on the way (an operator's step, a freeze that nobody noticed) is kept."""

    arena: Arena
    report: Callable[[str], None] = lambda _: None
    done: list[Done] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    noticed: list[float] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # member -> faults of its own
    suspended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._lists = asyncio.Lock()
        self._start = 0.0

    async def run(self, schedule: Schedule) -> None:
        """All of them at their times; returns when the last thing is mended."""
        self._start = time.monotonic()
        await asyncio.gather(*(self._one(fault) for fault in schedule.faults))

    async def _one(self, fault: Fault) -> None:
        await asyncio.sleep(max(0.0, self._start + fault.at - time.monotonic()))
        async with self._locks[fault.entity]:
            begin = now_ms()
            self.report(str(fault))
            self.under_way[fault.target] += 1
            try:
                await _DOERS[fault.kind](self, fault)
            except _TROUBLE as error:
                self.wrong.append(f"{fault}: {error!r}")
            finally:
                self.under_way[fault.target] -= 1
                self.done.append(Done(fault, begin, now_ms()))

    # -- processes

    async def kill_gateway(self, fault: Fault) -> None:
        running = self.arena[fault.target]
        running.kill()
        await asyncio.sleep(fault.lasts)
        await self._up(running)

    async def stop_gateway(self, fault: Fault) -> None:
        process = self.arena[fault.target].process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts)
        process.send_signal(signal.SIGCONT)

    async def kill_server(self, fault: Fault) -> None:
        server = self.arena.nats.servers[fault.target]
        server.kill()
        await asyncio.sleep(fault.lasts)
        server.spawn()
        await server.ready()

    async def stop_server(self, fault: Fault) -> None:
        server = self.arena.nats.servers[fault.target]
        server.send(signal.SIGSTOP)
        await asyncio.sleep(fault.lasts)
        server.send(signal.SIGCONT)

    async def stop_hub(self, fault: Fault) -> None:
        """And see that every gateway notices within two heartbeats; of two hubs the other one goes on."""
        server = self.arena.nats.servers[fault.target]
        server.send(signal.SIGSTOP)
        await self._notice(fault)
        server.send(signal.SIGCONT)

    async def crash_point(self, fault: Fault) -> None:
        """Started so that it dies between two steps; killed when it does not come to that point in time."""
        running = self.arena[fault.target]
        running.kill()
        running.start(SUAR_FAULT_POINT=fault.detail)
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(running.wait, fault.lasts)
        running.kill()
        await self._up(running)

    # -- disks

    async def full_point(self, fault: Fault) -> None:
        """From a certain commit on every one fails, as on a full disk; then it is started with room again."""
        running = self.arena[fault.target]
        running.kill()
        running.start(SUAR_FAULT_POINT=fault.detail)
        await asyncio.sleep(fault.lasts)
        running.kill()
        await self._up(running)

    async def full_disk(self, fault: Fault) -> None:
        """No file of the process can grow: what a full disk is to SQLite, and it comes and goes while it runs."""
        running = self.arena[fault.target]
        assert running.process is not None
        size = (running.folder / "suar.db").stat().st_size // 2
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        await asyncio.sleep(fault.lasts)
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, _UNLIMITED)

    # -- links

    async def link(self, fault: Fault) -> None:
        """`kind` is what-where."""
        what, _, where = fault.kind.rpartition("-")
        link = (self.arena.leafs if where == "leaf" else self.arena.buses)[fault.target]
        if what == "half-open":
            link.half_open(near_goes=fault.detail == "near")
        elif what == "delay":
            link.delay(float(fault.detail))
        else:
            {"reset": link.reset, "hold": link.hold, "lose": link.lose, "refuse": link.refuse}[what]()
        await asyncio.sleep(fault.lasts)
        link.heal()

    async def half_open_hub(self, fault: Fault) -> None:
        """The hub is gone for every national server, and none is told."""
        links = self.arena.links_of(fault.target)
        for link in links:
            link.half_open(near_goes=False)
            link.hold()
        await self._notice(fault)
        for link in links:
            link.heal()

    async def _notice(self, fault: Fault) -> None:
        """Two heartbeats after the hub stood still no gateway that can know may call a peer up."""
        start = time.monotonic()
        limit = 2 * self.arena.heartbeat + NOTICED
        free = [code for code in self.arena.codes if not self.under_way[code]]
        if fault.lasts > limit and len(self.arena.nats.hubs) == 1:
            await asyncio.sleep(2 * self.arena.heartbeat)
            free = [code for code in free if not self.under_way[code]]
            for code in free:
                await self._all_silent(code, start, limit)
        await asyncio.sleep(max(0.0, start + fault.lasts - time.monotonic()))

    async def _all_silent(self, code: str, start: float, limit: float) -> None:
        up: list[str] = ["nobody answered"]
        while time.monotonic() < start + limit:
            with contextlib.suppress(*_TROUBLE):
                up = [peer["member"] for peer in await self.arena[code].get("/v1/peers") if peer["up"]]
                if not up:
                    self.noticed.append(time.monotonic() - start)
                    return
            await asyncio.sleep(0.1)
        if not self.under_way[code]:
            self.wrong.append(f"{code} did not notice within {limit} s that the hub stands still: {up}")

    # -- clocks

    async def clock_ahead(self, fault: Fault) -> None:
        """Ten minutes ahead and back; the way back is the documented one."""
        self.arena.set_clock(fault.target, CLOCK_STEP)
        await asyncio.sleep(fault.lasts)
        self.arena.set_clock(fault.target, 0)
        await self._insist(lambda: self._reset_clock(fault.target))

    async def _reset_clock(self, code: str) -> None:
        answer = await self.arena[code].call("POST", "/v1/clock/reset")
        assert answer.status_code == 200, answer.text

    async def set_clock_back(self, fault: Fault) -> None:
        self.arena.set_clock(fault.target, -CLOCK_STEP)
        await asyncio.sleep(fault.lasts)
        self.arena.set_clock(fault.target, 0)

    # -- people

    async def trust_list(self, fault: Fault) -> None:
        await self._new_list(fault.target)

    async def _new_list(self, code: str, change: Callable[[], None] = lambda: None) -> None:
        """A next list, handed to one gateway; to another when that one does not take it."""
        async with self._lists:
            change()
            data = self.arena.lists.next()
            order = [code, *(other for other in self.arena.codes if other != code)]
            deadline = time.monotonic() + PATIENCE
            while not await self._hand_over(order[0], data):
                assert time.monotonic() < deadline, "no gateway takes the list"
                order = [*order[1:], order[0]]
                await asyncio.sleep(0.3)

    async def _hand_over(self, code: str, data: bytes) -> bool:
        """Whether that gateway has the list now."""
        with contextlib.suppress(*_TROUBLE):
            await self.arena[code].call("POST", "/v1/trust", data)
            return bool((await self.arena[code].get("/v1/trust"))["version"] >= self.arena.lists.version)
        return False

    async def rotate_keys(self, fault: Fault) -> None:
        await self._insist(lambda: self._rotate(fault.target))

    async def _rotate(self, code: str) -> None:
        if code in self.suspended:
            return
        answer = await self.arena[code].call("POST", "/v1/keys/rotate")
        is_ahead = answer.status_code == 503 and "still to come" in answer.text  # after a clock that ran ahead
        assert answer.status_code == 200 or is_ahead or code in self.suspended, answer.text

    async def suspend(self, fault: Fault) -> None:
        """By the list and at each hub, then back at all of them."""
        code = fault.target
        helper = next(other for other in self.arena.codes if other != code)
        self.suspended.add(code)
        await self._new_list(helper, lambda: self.arena.lists.set_status(code, "suspended"))
        for hub in self.arena.nats.hubs:
            await self._insist(partial(hub.suspend, code))
        await asyncio.sleep(fault.lasts)
        await self._new_list(helper, lambda: self.arena.lists.set_status(code, "active"))
        for hub in self.arena.nats.hubs:
            await self._insist(partial(hub.join, code))
        self.suspended.discard(code)

    # -- the hub's operator lies

    async def withhold(self, fault: Fault) -> None:
        """Keep from `detail` what `target` says to all; the hub's own watchdog may end it sooner."""
        hub = LyingHub(self.arena.nats.hub.admin)
        with contextlib.suppress(BusError, OurFault):
            async with hub.withholding(fault.detail, fault.target, self.arena.codes):
                await asyncio.sleep(fault.lasts)

    # -- helpers

    async def _up(self, running: Running) -> None:
        """Start it again and wait until it answers: that alone is owed, the bus may be away."""
        running.start()

        async def answers() -> Any:
            assert running.process is not None
            if running.process.poll() is not None:
                self.wrong.append(f"{running.code} ended at its start: {running.words()[-500:]}")
                running.start()
            answer = await running.call("GET", "/healthz")
            assert answer.status_code == 200

        await self._insist(answers)

    async def _insist(self, step: Callable[[], Awaitable[Any]]) -> Any:
        """As an operator: again and again until it is done."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await step()
            except _TROUBLE:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.3)


Doer = Callable[[Injector, Fault], Awaitable[None]]
_DOERS: Final[Mapping[str, Doer]] = {
    "kill-gateway": Injector.kill_gateway,
    "kill-server": Injector.kill_server,
    "kill-hub": Injector.kill_server,
    "stop-gateway": Injector.stop_gateway,
    "stop-server": Injector.stop_server,
    "stop-hub": Injector.stop_hub,
    "crash-point": Injector.crash_point,
    "full-point": Injector.full_point,
    "full-disk": Injector.full_disk,
    "half-open-hub": Injector.half_open_hub,
    "clock-ahead": Injector.clock_ahead,
    "clock-behind": Injector.set_clock_back,
    "trust-list": Injector.trust_list,
    "rotate-keys": Injector.rotate_keys,
    "withhold": Injector.withhold,
    "suspend": Injector.suspend,
} | dict.fromkeys(
    (
        "reset-leaf", "reset-bus", "half-open-leaf", "half-open-bus", "hold-leaf", "hold-bus", "lose-leaf",
        "lose-bus", "refuse-leaf", "delay-leaf", "delay-bus",
    ),
    Injector.link,
)  # fmt: skip
