"""`suar bench e2e`: from HTTP batch to committed at every receiver, every check on the way, beside plain nats-py.

Four arenas, one after the other: servers that sync always and servers as they come (every two minutes), each with two
and with ten receivers. In each, repeats of the gateways and of the plain programs take turns, each on servers of the
same kind. A message counts when every receiver's store holds it; with receipts, when the sender holds the signed
receipt of each.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from suar.bench import plain
from suar.bench.arena import SENDER, Arena, Receipts, Rows, Watch, arena, committed, cpu, last_of, rows_of, rss
from suar.bench.founding import MESSAGE_BYTES, drafts
from suar.bench.measure import Report, Tell, percentiles, ratio, rounded, say
from suar.demo.nursery import Nursery

ARENAS: Final = {
    "always-2": ("always", 2), "always-10": ("always", 10), "default-2": ("2m", 2), "default-10": ("2m", 10),
}  # fmt: skip
SLOW: Final = 100.0  # messages a second
QUARTERS: Final = 4


@dataclass(frozen=True)
class Settings:
    """How long everything is: messages and repeats of a rate, seconds at a pace, messages of the memory run."""

    messages: int = 5_000
    repeats: int = 5
    seconds: float = 5.0
    memory_messages: int = 200_000
    only: tuple[str, ...] = tuple(ARENAS)

    def said(self) -> dict[str, Any]:
        return {
            "messages": self.messages, "repeats": self.repeats, "seconds": self.seconds,
            "memory_messages": self.memory_messages, "arenas": list(self.only), "message_bytes": MESSAGE_BYTES,
        }  # fmt: skip


@dataclass
class Run:
    """One repeat at full speed."""

    rate: float  # messages a second, until committed everywhere
    receipts_rate: float  # until every receipt is back; 0 for the plain programs
    sender_us: float  # CPU a message, until committed everywhere
    receiver_us: float  # mean over the receivers
    servers_us: float  # all NATS servers


@dataclass
class Side:
    """The gateways' or the plain programs' figures in one arena."""

    name: str
    runs: list[Run] = field(default_factory=list)
    slow: list[dict[str, float]] = field(default_factory=list)  # latency, a repeat each, at 100 a second
    half: list[dict[str, float]] = field(default_factory=list)  # at half of the maximum
    half_rate: float = 0.0
    sending_us: list[float] = field(default_factory=list)  # CPU at the sender until its own server has everything
    receipts_us: list[float] = field(default_factory=list)  # the same until every receipt is back as well

    def rows(self) -> list[dict[str, Any]]:
        """Rows of the document: one of rates and CPU (us a message), one a pace of latencies (ms)."""
        rates = [run.rate for run in self.runs]
        row: dict[str, Any] = {
            "name": self.name, "repeats": len(self.runs), "messages_per_s": rounded(median(rates)),
            "messages_per_s_least": rounded(min(rates)), "messages_per_s_most": rounded(max(rates)),
            "cpu_us_sender": rounded(median(run.sender_us for run in self.runs)),
            "cpu_us_receiver": rounded(median(run.receiver_us for run in self.runs)),
            "cpu_us_servers": rounded(median(run.servers_us for run in self.runs)),
        }  # fmt: skip
        if self.sending_us:
            row["messages_per_s_receipts"] = rounded(median(run.receipts_rate for run in self.runs))
            row["cpu_us_sending"] = rounded(median(self.sending_us))
            row["cpu_us_sending_with_receipts"] = rounded(median(self.receipts_us))
        return [row, *(_latency_row(self.name, *pace) for pace in ((SLOW, self.slow), (self.half_rate, self.half)))]


def _latency_row(name: str, rate: float, repeats: list[dict[str, float]]) -> dict[str, Any]:
    cuts = {f"{cut}_ms": rounded(median(each[cut] for each in repeats)) for cut in repeats[0]}
    return {"name": f"{name} at {rate:.0f}/s", "repeats": len(repeats), **cuts}


class Match:
    """Gateways and plain programs in one arena, turn by turn."""

    def __init__(self, place: Arena, name: str, settings: Settings, tell: Tell) -> None:
        self.arena, self.settings, self.name = place, settings, name
        self._tell = tell
        self.suar, self.plain = Side(f"suar {name}"), Side(f"plain {name}")
        self._sent = 1
        self._stores = [place.store(code) for code in place.receivers]
        self._databases = [place.programs[code].database for code in place.receivers]

    async def play(self) -> None:
        """Everything, after a turn of each side that does not count."""
        for side in (self.suar, self.plain):
            await self._full_speed(side)
            side.runs.clear()
        await self._turns("full speed", self._full_speed)
        for repeat in range(self.settings.repeats):
            self._tell(f"{self.name}: cost at the sender, repeat {repeat + 1} of {self.settings.repeats}")
            await self._cost()
        await self._turns("100 a second", self._slow)
        slower = min(median(run.rate for run in side.runs) for side in (self.suar, self.plain))
        self.suar.half_rate = self.plain.half_rate = slower / 2
        await self._turns("half of the maximum", self._half)

    async def _turns(self, what: str, take: Callable[[Side], Awaitable[None]]) -> None:
        sides = [self.suar, self.plain]
        for repeat in range(self.settings.repeats):
            self._tell(f"{self.name}: {what}, repeat {repeat + 1} of {self.settings.repeats}")
            for side in sides:
                await take(side)
            sides.reverse()

    def _numbers(self, count: int) -> int:
        """The number of the first of `count` new messages."""
        first, self._sent = self._sent, self._sent + count
        return first

    # -- as fast as it goes

    async def _full_speed(self, side: Side) -> None:
        count = self.settings.messages
        first = self._numbers(count)
        if side is self.suar:
            with rows_of(self._stores) as rows:
                side.runs.append(await self._suar_run(rows, list(drafts(first, count))))
        else:
            with rows_of(self._databases) as rows:
                side.runs.append(await self._plain_run(rows, first, count))

    async def _suar_run(self, rows: list[Rows], lines: Sequence[bytes]) -> Run:
        place, count = self.arena, len(lines)
        receivers = [place.gateway(code) for code in place.receivers]
        servers = place.servers(place.federation.nats)
        before = (cpu(place.gateway(SENDER)), cpu(*receivers), cpu(*servers))
        wanted = [each.count + count for each in rows]
        publishing = asyncio.create_task(place.publish(lines))
        end = await committed(rows, wanted)
        spent = (cpu(place.gateway(SENDER)), cpu(*receivers), cpu(*servers))
        begin, last = await publishing
        back = await place.reached(last, "stored")
        return _run(count, end - begin, back - begin, before, spent, len(receivers))

    async def _plain_run(self, rows: list[Rows], first: int, count: int) -> Run:
        place = self.arena
        sender, receivers = place.programs[SENDER], [place.programs[code].pid for code in place.receivers]
        servers = place.servers(place.twin)
        before = (cpu(sender.pid), cpu(*receivers), cpu(*servers))
        wanted = [each.count + count for each in rows]
        begin = time.perf_counter()
        job = asyncio.create_task(sender.run(plain.Job(first, count, MESSAGE_BYTES)))
        end = await committed(rows, wanted)
        spent = (cpu(sender.pid), cpu(*receivers), cpu(*servers))
        await job
        return _run(count, end - begin, 0.0, before, spent, len(receivers))

    # -- what sending costs, receiving left out

    async def _cost(self) -> None:
        """The receivers get nothing until everything is sent: what the sender spends until then is for sending."""
        place, count = self.arena, self.settings.messages
        lines = list(drafts(self._numbers(count), count))
        with rows_of(self._stores) as rows:
            wanted = [each.count + count for each in rows]
            await place.pause(*place.receivers)
            begin = cpu(place.gateway(SENDER))
            _, last = await place.publish(lines)
            await place.reached(last, "sent", "stored", every=1.0)
            sent = cpu(place.gateway(SENDER))
            await place.resume(*place.receivers)
            await committed(rows, wanted)
            await place.reached(last, "stored", every=1.0)
        self.suar.sending_us.append((sent - begin) / count * 1e6)
        self.suar.receipts_us.append((cpu(place.gateway(SENDER)) - begin) / count * 1e6)

    # -- at a pace

    async def _slow(self, side: Side) -> None:
        side.slow.append(await self._latency(side, SLOW))

    async def _half(self, side: Side) -> None:
        side.half.append(await self._latency(side, side.half_rate))

    async def _latency(self, side: Side, rate: float) -> dict[str, float]:
        """ms from when a message was due to when the last receiver's store held it: a late sender is not forgiven.

        For the gateways also to when the sender's store held the signed receipt of every receiver.
        """
        count = max(int(rate * self.settings.seconds), 20)
        first = self._numbers(count)
        place, receivers = self.arena, len(self.arena.receivers)
        if side is self.suar:
            receipts = partial(Receipts, place.store(SENDER), place.last_id, receivers)
            watch = Watch([*(partial(Rows, path) for path in self._stores), receipts], count)
            watch.start()
            begin, _ = await place.publish(list(drafts(first, count)), rate)
        else:
            watch = Watch([partial(Rows, path) for path in self._databases], count)
            watch.start()
            begin = time.perf_counter()
            await place.programs[SENDER].run(plain.Job(first, count, MESSAGE_BYTES, rate))
        times = await watch.end()
        found = _late(last_of(times[:receivers]), begin, rate)
        back = [_late(each, begin, rate) for each in times[receivers:]]
        return found | {f"{cut}_receipts": value for each in back for cut, value in each.items()}

    # -- memory

    async def memory(self) -> tuple[dict[str, Any], float]:
        """Publish very many and compare the gateways' memory in the last quarter with that in the first."""
        place, total = self.arena, self.settings.memory_messages
        step = max(total // 40, 1)
        taken: dict[str, list[int]] = {code: [] for code in place.codes}
        with rows_of(self._stores) as rows:
            for done in range(0, total, step):
                lines = list(drafts(self._numbers(step), step))
                wanted = [each.count + len(lines) for each in rows]
                _, last = await place.publish(lines)
                await committed(rows, wanted)
                await place.reached(last, "stored")
                for code in place.codes:
                    taken[code].append(rss(place.gateway(code)))
                if done % (total // 10) == 0:
                    self._tell(f"{self.name}: memory, {done} of {total} messages")
        growth = {code: _growth(values) for code, values in taken.items()}
        mib = {
            f"mib_{code.lower()}_{when}": rounded(values[at] / 2**20)
            for code, values in taken.items()
            for when, at in (("first", 0), ("last", -1))
        }
        return {"name": f"memory {self.name}", "messages": total, **mib}, max(growth.values())


def _late(moments: Sequence[float], begin: float, rate: float) -> dict[str, float]:
    return percentiles([(moment - begin - i / rate) * 1e3 for i, moment in enumerate(moments)])


def _run(
    count: int, seconds: float, with_receipts: float, before: Sequence[float], after: Sequence[float], receivers: int
) -> Run:
    sender, receiver, servers = ((b - a) / count * 1e6 for a, b in zip(before, after, strict=True))
    back = count / with_receipts if with_receipts else 0.0
    return Run(count / seconds, back, sender, receiver / receivers, servers)


def _growth(values: Sequence[int]) -> float:
    quarter = max(len(values) // QUARTERS, 1)
    return rounded(median(values[-quarter:]) / median(values[:quarter]))


# -- the whole bench


def endtoend(settings: Settings, tell: Tell = say) -> Report:
    """Run every arena of the settings; every process has ended when this returns."""
    report = Report("e2e", settings.said())
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    nursery = Nursery()
    try:
        asyncio.run(_all(report, settings, folder, nursery, tell))
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
    return report


async def _all(report: Report, settings: Settings, folder: Path, nursery: Nursery, tell: Tell) -> None:
    matches: dict[str, Match] = {}
    for name in settings.only:
        sync, receivers = ARENAS[name]
        place = folder / name
        place.mkdir()
        async with arena(place, nursery, receivers, sync, tell) as running:
            match = matches[name] = Match(running, name, settings, tell)
            await match.play()
            report.rows += [*match.suar.rows(), *match.plain.rows()]
            if name == next(iter(ARENAS)) and settings.memory_messages:
                row, growth = await match.memory()
                report.rows.append(row)
                report.ratios["rss_growth"] = growth
        shutil.rmtree(place, ignore_errors=True)
    report.ratios |= _ratios(matches)


def _ratios(matches: dict[str, Match]) -> dict[str, float]:
    """The names of interfaces.md first; then the same of the other arenas."""
    found: dict[str, float] = {}
    names = {"always-2": "e2e_vs_plain_nats", "default-2": "e2e_vs_plain_nats_default"}
    for name, match in matches.items():
        suar, beside = match.suar, match.plain
        key = names.get(name, f"e2e_vs_plain_nats_{name.replace('-', '_')}")
        found[key] = ratio([run.rate for run in suar.runs], [run.rate for run in beside.runs])
        p99 = "e2e_p99_vs_plain_nats" if name == "always-2" else f"e2e_p99_vs_plain_nats_{name.replace('-', '_')}"
        found[p99] = ratio([each["p99"] for each in suar.slow], [each["p99"] for each in beside.slow])
    for sync, name in (("always", "e2e_10_vs_2_receivers_cost"), ("default", "e2e_10_vs_2_receivers_cost_default")):
        few, many = matches.get(f"{sync}-2"), matches.get(f"{sync}-10")
        if few and many:
            found[name] = rounded(median(many.suar.sending_us) / median(few.suar.sending_us))
            with_receipts = median(many.suar.receipts_us) / median(few.suar.receipts_us)
            found[f"{name}_with_receipts"] = rounded(with_receipts)
    return found
