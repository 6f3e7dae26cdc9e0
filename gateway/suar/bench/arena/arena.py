"""A real federation and its plain counterpart.

Gateways, plain programs and NATS servers are separate processes. The plain programs have their own servers with the
same settings on the same disk, because in the gateways' streams their messages would raise alarms. While one side is
measured the other is idle.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from suar.bench.arena import plain, plain_rows
from suar.bench.arena.posting import post_batch, post_singly
from suar.bench.arena.processes import Program
from suar.bench.arena.stores import WITHIN
from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.demo.embedded.federation import Federation
from suar.demo.embedded.founding import NAMES
from suar.demo.embedded.nats_federation import INBOX_PREFIX, NatsFederation
from suar.demo.embedded.nursery import Nursery
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, random_seed
from suar.service.pacing.readiness import NO_SERVER

SENDER: Final = "TH"
HEARTBEAT: Final = 30  # seconds, the standard's


@dataclass
class Arena:
    """A federation of one sender and some receivers, and the plain programs."""

    folder: Path
    federation: Federation
    twin: NatsFederation  # the plain programs' servers
    receivers: tuple[str, ...]
    programs: dict[str, Program] = field(default_factory=dict)
    admins: dict[str, Bus] = field(default_factory=dict)
    last_id: str = ""  # id of the last published message

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all members, the sender first."""
        return (SENDER, *self.receivers)

    def gateway(self, code: str) -> int:
        """Return the pid of a member's gateway."""
        return self.federation.gateways[code].pid

    def servers(self, nats: NatsFederation) -> list[int]:
        """Return the pids of the hub and of every national server."""
        servers = nats.servers
        return [servers.hub.pid, *(servers[code].pid for code in self.codes)]

    def store(self, code: str) -> Path:
        """Return the SQLite file of a member's gateway."""
        return self.federation.founded.state(code) / "suar.db"

    async def pause(self, *codes: str) -> None:
        """Deliver nothing from these members' INBOX to their gateways until `resume`."""
        for code in codes:
            if code not in self.admins:
                self.admins[code] = await self.federation.nats.connect(code, "admin")
            await pause(self.admins[code], code, 3600)

    async def resume(self, *codes: str) -> None:
        """Deliver again to these members' gateways."""
        for code in codes:
            await pause(self.admins[code], code, 0.1)

    async def disconnect(self, code: str, within: float = WITHIN) -> None:
        """Kill the member's NATS server, and wait until its gateway knows it: until then it seals what is published.

        Nothing overtakes what is sealed. Raises Fault after `within` seconds.
        """
        self.federation.nats.servers[code].kill()
        desk, deadline = self.federation.desk(code), time.perf_counter() + within
        while NO_SERVER not in await desk.blocking_reasons():
            if time.perf_counter() > deadline:
                raise Fault(f"the gateway of {code} has a server after {within:g} s", "see its gateway.log")
            await asyncio.sleep(0.02)

    # -- the plain programs

    async def start_plain(self) -> None:
        """Start a sender, and a receiver for each receiving gateway, with users and consumers like those of
        gateways.
        """
        self.start_program("sender", SENDER)
        for code in self.receivers:
            self.start_program("receiver", code)
        await asyncio.gather(*(program.word("ready") for program in self.programs.values()))

    def start_program(self, role: str, code: str, *, fresh: bool = False) -> Program:
        """Start a plain program; with `fresh` its table is empty."""
        nats = self.twin
        database = self.folder / f"plain-{code.lower()}.db"
        if fresh:
            plain_rows.fresh(database)
        order = plain.Order(
            role, nats.servers.plan.member(code).url, nats.prepared.seeds[code, "gateway"].decode(),
            INBOX_PREFIX["gateway"], f"INBOX_{code}", str(database),
        )  # fmt: skip
        command = [sys.executable, "-m", "suar.bench.arena.plain"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
        program = self.programs[code] = Program(process, database)
        program.send(order)
        return program

    def stop_program(self, code: str) -> None:
        """Stop a plain program."""
        self.programs.pop(code).end()

    def end_plain(self) -> None:
        """Stop all plain programs."""
        for program in self.programs.values():
            program.end()
        self.programs.clear()

    # -- publishing like a program of the member

    async def publish(self, lines: Sequence[bytes], rate: float = 0.0) -> tuple[float, str]:
        """POST /v1/messages/batch; returns (perf_counter at its begin, the id of the last message).

        At `rate` lines a second, or all at once. Raises Fault if one is not published.
        """
        gateway = self.federation.gateways[SENDER]
        begin, self.last_id = await post_batch(gateway.desk.url, gateway.desk.tokens["publish"], lines, rate)
        return begin, self.last_id

    async def publish_singly(self, lines: Sequence[bytes], rate: float) -> tuple[float, str]:
        """POST /v1/messages for each message, on one kept connection; returns the same as `publish`."""
        gateway = self.federation.gateways[SENDER]
        begin, self.last_id = await post_singly(gateway.desk.url, gateway.desk.tokens["publish"], lines, rate)
        return begin, self.last_id

    async def reached(self, id_: str, *states: str, within: float = WITHIN, every: float = 0.02) -> float:
        """Wait until the sender shows the message in one of `states` for every member; returns that time.

        Polls often.
        """
        desk, deadline = self.federation.desk(SENDER), time.perf_counter() + within
        while not set((await desk.deliveries(id_)).values()) <= set(states):
            if time.perf_counter() > deadline:
                raise Fault(f"{id_} is not {states[0]} everywhere after {within:g} s", "see the gateways' logs")
            await asyncio.sleep(every)
        return time.perf_counter()


async def pause(admin: Bus, code: str, seconds: float) -> float:
    """Pause the consumer of the member's INBOX for `seconds`; returns the time (perf_counter) when it continues.

    It uses the server's timer: a consumer resumed by a call delivers to an open request only with the next message.
    """
    end = time.time() + seconds
    moment = time.perf_counter() + seconds
    until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end)) + f".{int(end % 1 * 1e6):06}Z"
    await jsapi.call(admin, f"CONSUMER.PAUSE.INBOX_{code}.gw", {"pause_until": until})
    return moment


@contextlib.asynccontextmanager
async def arena(
    folder: Path, nursery: Nursery, receivers: int, sync_interval: str, report: Any
) -> AsyncIterator[Arena]:
    """Return a founded federation with every gateway ready and plain programs; all of it ends with the block."""
    codes = tuple(NAMES)[: receivers + 1]
    federation = Federation(
        folder, codes, Secret(random_seed().hex().encode()), nursery, report, sync_interval=sync_interval,
        heartbeat=HEARTBEAT,
    )  # fmt: skip
    async with federation, NatsFederation.new(folder / "twin", codes, sync_interval=sync_interval) as twin:
        made = Arena(folder, federation, twin, codes[1:])
        try:
            await made.start_plain()
            yield made
        finally:
            made.end_plain()
