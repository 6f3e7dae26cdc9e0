"""`suar bench receipts`: the cost of the signed receipts of ten members, compared with the messages that they confirm.

Two federations of one sender and ten receivers on this machine differ only in that the gateways of the second send no
`stored` receipts. Repeats take turns. The difference is the cost of `stored` for everybody who makes, transports,
checks and stores it: CPU of all gateways and NATS servers, and bytes on all links of the hub. The cost without any
message (heartbeats, timers) is measured before and subtracted.
"""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from suar.bench.arena.arena import HEARTBEAT, SENDER, Arena
from suar.bench.arena.processes import cpu
from suar.bench.arena.stores import Receipts, committed, rows_of
from suar.bench.founding import MESSAGE_BYTES, drafts
from suar.bench.measure import Report, Reporter, print_progress, rounded
from suar.demo.embedded.federation import Federation
from suar.demo.embedded.founding import NAMES
from suar.demo.embedded.nursery import Nursery
from suar.federation import monitor
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, random_seed
from suar.service.receipts.receipts import Statements

RECEIVERS: Final = 10
SYNC: Final = "always"
PACE: Final = 100.0  # messages a second, one in each frame, where receipts have their highest relative cost
WITHIN: Final = 300.0
_SETTLED: Final = 1.0  # seconds after the last receipt, for acknowledgements between the servers


@dataclass(frozen=True)
class Settings:
    """The size of the run: messages at full speed and at PACE, repeats, receiving members, seconds of rest before."""

    messages: int = 10_000
    paced: int = 500
    repeats: int = 5
    receivers: int = RECEIVERS
    idle: float = 10.0


@dataclass(frozen=True)
class Spent:
    """CPU in seconds and bytes on the hub's links, in total or within a period."""

    at: float
    sender: float
    receivers: float
    servers: float
    bytes: float

    def since(self, before: "Spent", idle: "Spent | None" = None) -> "Spent":
        """Return what was spent since `before`, minus what `idle` (a period too) would have cost."""
        seconds = self.at - before.at
        share = seconds / idle.at if idle else 0.0
        values = (
            getattr(self, name) - getattr(before, name) - share * (getattr(idle, name) if idle else 0.0)
            for name in ("sender", "receivers", "servers", "bytes")
        )
        return Spent(seconds, *values)

    @property
    def cpu(self) -> float:
        """The CPU seconds of all processes."""
        return self.sender + self.receivers + self.servers


@dataclass
class Side:
    """A federation, and what each repeat cost in it."""

    name: str
    arena: Arena
    is_confirming: bool
    idle: Spent | None = None
    fast: list[Spent] = field(default_factory=list)
    slow: list[Spent] = field(default_factory=list)

    async def spent(self) -> Spent:
        """Return the CPU seconds and bytes of the hub's links until now."""
        arena = self.arena
        hub = arena.federation.nats.servers.plan.hub
        links = await monitor.leafs(hub.monitor_port)
        return Spent(
            time.perf_counter(), cpu(arena.gateway(SENDER)), cpu(*(arena.gateway(code) for code in arena.receivers)),
            cpu(*arena.servers(arena.federation.nats)), sum(one["in_bytes"] + one["out_bytes"] for one in links),
        )  # fmt: skip

    async def rest(self, seconds: float) -> None:
        """Measure the cost without any message for `seconds`."""
        before = await self.spent()
        await asyncio.sleep(seconds)
        self.idle = (await self.spent()).since(before)

    async def carry(self, first: int, count: int, rate: float = 0.0) -> Spent:
        """Publish `count` messages, until every receiver has committed and, if it does so, confirmed them."""
        arena, lines = self.arena, list(drafts(first, count))
        receipts = Receipts(arena.store(SENDER), arena.last_id, len(arena.receivers))
        with rows_of([arena.store(code) for code in arena.receivers]) as rows, contextlib.closing(receipts):
            begin, wanted = await self.spent(), [each.count + count for each in rows]
            publishing = asyncio.create_task(arena.publish(lines, rate))
            await committed(rows, wanted, WITHIN)
            await publishing
            if self.is_confirming:
                await _confirmed(receipts, count)
            await asyncio.sleep(_SETTLED)
            return (await self.spent()).since(begin, self.idle)


async def _confirmed(receipts: Receipts, count: int) -> None:
    deadline = time.perf_counter() + WITHIN
    while receipts.count_rows() < count:
        if time.perf_counter() > deadline:
            raise Fault(f"{receipts.count} of {count} messages are confirmed after {WITHIN:g} s", "see the logs")
        await asyncio.sleep(0.05)


@contextlib.contextmanager
def nurseries() -> Iterator[tuple[Nursery, Nursery]]:
    """Return a parent of normal gateways and one of gateways without receipts, both made before the event loop."""
    made = [Nursery()]
    states = Statements.about_frame
    try:
        Statements.about_frame = _nothing  # type: ignore[method-assign,assignment]  # in processes forked now
        made.append(Nursery())
    finally:
        Statements.about_frame = states  # type: ignore[method-assign]
    try:
        yield made[0], made[1]
    finally:
        for each in reversed(made):  # the later one keeps the earlier one's socket open
            each.close()


def _nothing(_: Statements, *__: object) -> None:
    """Replaces the statements of a gateway without receipts."""


# -- the whole bench


def receipts(options: Settings, progress: Reporter = print_progress) -> Report:
    """Measure both federations in turns; every process has ended on return."""
    settings = {
        "messages": options.messages, "messages_paced": options.paced, "repeats": options.repeats,
        "receivers": options.receivers, "sync_interval": SYNC, "message_bytes": MESSAGE_BYTES,
    }  # fmt: skip
    report = Report("receipts", settings)
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    try:
        with nurseries() as parents:
            asyncio.run(_all(report, folder, parents, options, progress))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


async def _all(
    report: Report, folder: Path, parents: tuple[Nursery, Nursery], options: Settings, progress: Reporter
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        sides = []
        for name, nursery in zip(("with receipts", "without"), parents, strict=True):
            side_folder = folder / name.partition(" ")[0]
            side_folder.mkdir()
            federation = Federation(
                side_folder, tuple(NAMES)[: options.receivers + 1], Secret(random_seed().hex().encode()), nursery,
                progress, sync_interval=SYNC, heartbeat=HEARTBEAT,
            )  # fmt: skip
            await stack.enter_async_context(federation)
            arena = Arena(side_folder, federation, federation.nats, tuple(NAMES)[1 : options.receivers + 1])
            sides.append(Side(name, arena, is_confirming=name != "without"))
        await _play(sides, options, progress)
    report.rows = [
        *_rows("full speed", sides, "fast", options.messages),
        *_rows(f"at {PACE:g}/s", sides, "slow", options.paced),
    ]
    report.ratios = _ratios(sides)


async def _play(sides: list[Side], options: Settings, report: Reporter) -> None:
    first, warm = 1, max(options.messages // 10, 10)
    for side in sides:  # warm-up, not measured
        await side.carry(first, warm)
    first += warm
    for side in sides:
        report(f"{side.name}: at rest")
        await side.rest(options.idle)
    for repeat in range(options.repeats):
        for side in sides:
            report(f"{side.name}: repeat {repeat + 1} of {options.repeats}")
            side.fast.append(await side.carry(first, options.messages))
            side.slow.append(await side.carry(first + options.messages, options.paced, PACE))
        first += options.messages + options.paced
        sides = sides[::-1]


def _rows(what: str, sides: list[Side], which: str, count: int) -> list[dict[str, Any]]:
    """Return for each message the us of CPU and the bytes, of the messages and of the receipts."""
    pairs = _pairs(sides, which)
    found = []
    for name in ("messages", "receipts"):
        row: dict[str, Any] = {"name": f"{name} {what}", "count": count, "repeats": len(pairs)}
        for part in ("sender", "receivers", "servers", "cpu", "bytes"):
            spent = [
                _part_of(alone, part) if name == "messages" else _part_of(both, part) - _part_of(alone, part)
                for alone, both in pairs
            ]
            key, scale = (
                ("bytes_on_links", 1.0) if part == "bytes" else ("cpu_us" if part == "cpu" else f"cpu_us_{part}", 1e6)
            )
            row[key] = rounded(median(spent) / count * scale)
        found.append(row)
    return found


def _pairs(sides: list[Side], which: str) -> list[tuple[Spent, Spent]]:
    """Return (without, with receipts) of each repeat."""
    both, alone = sorted(sides, key=lambda side: not side.is_confirming)
    return list(zip(getattr(alone, which), getattr(both, which), strict=True))


def _part_of(spent: Spent, part: str) -> float:
    return float(getattr(spent, part))


def _ratios(sides: list[Side]) -> dict[str, float]:
    """Return receipts relative to messages, as the median over the repeats."""
    found = {}
    for end, which in (("", "fast"), ("_at_100_per_s", "slow")):
        for part in ("bytes", "cpu"):
            shares = [
                (_part_of(both, part) - _part_of(alone, part)) / _part_of(alone, part)
                for alone, both in _pairs(sides, which)
            ]
            found[f"receipts_vs_messages_{part}{end}"] = rounded(median(shares))
    return found
