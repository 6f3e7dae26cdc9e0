"""`suar bench catchup`: how fast a gateway that was stopped processes its backlog, compared with a plain receiver.

The receiver's gateway is stopped, everything is published and waits in its INBOX; its state folder is saved. A repeat
restores that folder and resets the consumer to the stream's beginning, starts the gateway, and measures from when it is
ready, its consumer still paused, until its store has every message. The plain receiver is treated in the same way.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from suar.bench.arena import plain
from suar.bench.arena.arena import SENDER, Arena, arena, pause
from suar.bench.arena.processes import cpu
from suar.bench.arena.stores import Rows
from suar.bench.founding import MESSAGE_BYTES, drafts
from suar.bench.measure import Report, Reporter, print_progress, ratio, rounded
from suar.bench.parts.urgent import urgent
from suar.bus import jsapi, streams
from suar.bus.connect import Bus
from suar.demo.embedded.nursery import Nursery
from suar.protocol.base.instants import instant
from suar.protocol.base.limits import HOUR

RECEIVER: Final = "SG"
WITHIN: Final = 600.0
_STEP: Final = 10_000  # messages in one call while the backlog is published


class Drain:
    """The two receivers of one arena, and what they need to start again."""

    def __init__(self, arena: Arena, messages: int, report: Reporter) -> None:
        self.arena, self.messages, self._report = arena, messages, report
        self.state = arena.federation.founded.state(RECEIVER)
        self.kept = arena.folder / "kept"
        self.suar: list[tuple[float, float]] = []  # seconds, CPU seconds
        self.plain: list[tuple[float, float]] = []

    async def fill(self) -> None:
        """Publish everything for both while neither receives."""
        federation = self.arena.federation
        await federation.stop_gateway(RECEIVER)
        self.arena.stop_program(RECEIVER)
        shutil.copytree(self.state, self.kept)
        for first in range(1, self.messages + 1, _STEP):
            count = min(_STEP, self.messages + 1 - first)
            self._report(f"queueing, {first - 1} of {self.messages} messages")
            plain_run = self.arena.programs[SENDER].run(plain.Job(first, count, MESSAGE_BYTES))
            (_, last), _ = await asyncio.gather(self.arena.publish(list(drafts(first, count))), plain_run)
        await self.arena.reached(last, "sent", "stored", every=0.5)
        for bus in (await self._admin(twin=False), await self._admin(twin=True)):
            await _settled(bus)

    async def _admin(self, *, twin: bool) -> Bus:
        nats = self.arena.twin if twin else self.arena.federation.nats
        return await nats.connect(RECEIVER, "admin")

    async def suar_once(self) -> None:
        """Run one gateway in the state in which it was stopped."""
        federation = self.arena.federation
        shutil.rmtree(self.state)
        shutil.copytree(self.kept, self.state)
        admin = await self._admin(twin=False)
        await _from_the_start(admin)
        await federation.start_gateway(RECEIVER)
        pid = self.arena.gateway(RECEIVER)
        self.suar.append(await self._timed(admin, pid, self.arena.store(RECEIVER)))
        await federation.stop_gateway(RECEIVER)
        await admin.close()

    async def plain_once(self) -> None:
        """Run one plain receiver with an empty table."""
        admin = await self._admin(twin=True)
        await _from_the_start(admin)
        program = self.arena.start_program("receiver", RECEIVER, fresh=True)
        await program.word("ready")
        self.plain.append(await self._timed(admin, program.pid, program.database))
        self.arena.stop_program(RECEIVER)
        await admin.close()

    async def _timed(self, admin: Bus, pid: int, store: Path) -> tuple[float, float]:
        rows = Rows(store)
        before, spent = rows.count_rows(), cpu(pid)
        begin = await pause(admin, RECEIVER, 0.5)
        while rows.count_rows() - before < self.messages:
            if time.perf_counter() - begin > WITHIN:
                raise AssertionError(f"{rows.count - before} of {self.messages} messages after {WITHIN:g} s")
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - begin
        rows.close()
        return seconds, cpu(pid) - spent


async def _settled(admin: Bus) -> None:
    """Wait until the stream no longer grows."""
    before = -1
    while (now := (await jsapi.stream_info(admin, f"INBOX_{RECEIVER}"))["state"]["last_seq"]) != before:
        before = now
        await asyncio.sleep(1.0)


async def _from_the_start(admin: Bus) -> None:
    """Reset the consumer as it was created, with nothing delivered, paused."""
    stream = f"INBOX_{RECEIVER}"
    await streams.delete_consumer(admin, stream, "gw")
    until = instant(time.time_ns() // 1_000_000 + HOUR)
    await streams.ensure_consumer(admin, stream, streams.gw() | {"pause_until": until})


def catchup(messages: int, repeats: int, sync_interval: str = "always", progress: Reporter = print_progress) -> Report:
    """Publish `messages` once, received `repeats` times by each side; every process has ended when this returns."""
    settings = {
        "messages": messages, "repeats": repeats, "sync_interval": sync_interval, "message_bytes": MESSAGE_BYTES
    }  # fmt: skip
    report = Report("catchup", settings)
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    nursery = Nursery()
    try:
        asyncio.run(_all(report, messages, repeats, sync_interval, folder, nursery, progress))
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
    return report


async def _all(
    report: Report, messages: int, repeats: int, sync: str, folder: Path, nursery: Nursery, progress: Reporter
) -> None:
    async with arena(folder, nursery, 2, sync, progress) as running:
        drain = Drain(running, messages, progress)
        await drain.fill()
        for repeat in range(repeats):
            progress(f"catch-up, repeat {repeat + 1} of {repeats}")
            turns = [drain.suar_once, drain.plain_once]
            for turn in turns if repeat % 2 else reversed(turns):
                await turn()
        await running.federation.start_gateway(RECEIVER)
        found = await urgent(running, RECEIVER, messages + 1, messages, progress)
    report.rows = [_row("suar catchup", drain.suar, messages), _row("plain catchup", drain.plain, messages)]
    report.rows += found.rows()
    report.ratios = found.ratios() | {
        "catchup_vs_plain_nats": ratio([one[0] for one in drain.plain], [one[0] for one in drain.suar]),
        "catchup_seconds": rounded(median(one[0] for one in drain.suar)),
    }


def _row(name: str, taken: list[tuple[float, float]], messages: int) -> dict[str, Any]:
    seconds = [one[0] for one in taken]
    return {
        "name": name, "count": messages, "repeats": len(taken), "seconds": rounded(median(seconds)),
        "seconds_least": rounded(min(seconds)), "seconds_most": rounded(max(seconds)),
        "messages_per_s": rounded(messages / median(seconds)),
        "cpu_us": rounded(median(one[1] for one in taken) / messages * 1e6),
    }  # fmt: skip
