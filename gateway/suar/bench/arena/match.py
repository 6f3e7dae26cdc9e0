"""Gateways and plain programs in one arena, in turns: at full speed, at a fixed rate, and for memory."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, Final, TypeAlias

from suar.bench.arena import plain
from suar.bench.arena.arena import SENDER, Arena
from suar.bench.arena.figures import SLOW, Run, Side, run_of
from suar.bench.arena.processes import cpu, rss
from suar.bench.arena.stores import Receipts, Rows, Watch, committed, last_of, rows_of
from suar.bench.founding import MESSAGE_BYTES, drafts
from suar.bench.measure import Reporter, percentiles, rounded

ARENAS: Final = {
    "always-2": ("always", 2), "always-10": ("always", 10), "default-2": ("2m", 2), "default-10": ("2m", 10),
}  # fmt: skip
QUARTERS: Final = 4
Publish: TypeAlias = Callable[[Sequence[bytes], float], Awaitable[tuple[float, str]]]


@dataclass(frozen=True)
class Settings:
    """The size of the run: messages and repeats for rates, seconds at a fixed rate, messages of the memory run."""

    messages: int = 5_000
    repeats: int = 5
    seconds: float = 5.0
    memory_messages: int = 200_000
    only: tuple[str, ...] = tuple(ARENAS)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings for the document."""
        return {
            "messages": self.messages, "repeats": self.repeats, "seconds": self.seconds,
            "memory_messages": self.memory_messages, "arenas": list(self.only), "message_bytes": MESSAGE_BYTES,
        }  # fmt: skip


class Match:
    """Gateways and plain programs in one arena, measured in turns."""

    def __init__(self, arena: Arena, name: str, settings: Settings, report: Reporter) -> None:
        self.arena, self.settings, self.name = arena, settings, name
        self._report = report
        self.suar, self.plain = Side(f"suar {name}"), Side(f"plain {name}")
        self._sent = 1
        self._stores = [arena.store(code) for code in arena.receivers]
        self._databases = [arena.programs[code].database for code in arena.receivers]

    async def warm_up(self) -> None:
        """Run each side once without measuring."""
        for side in (self.suar, self.plain):
            await self._full_speed(side)
            side.runs.clear()

    async def play(self) -> None:
        """Run everything in which the two sides take turns."""
        await self._turns("full speed", self._full_speed)
        await self._turns("100 a second", self._slow)
        slower = min(median(run.rate for run in side.runs) for side in (self.suar, self.plain))
        self.suar.half_rate = self.plain.half_rate = slower / 2
        await self._turns("half of the maximum", self._half)
        for repeat in range(self.settings.repeats):
            self._report(f"{self.name}: single POST, repeat {repeat + 1} of {self.settings.repeats}")
            await self._single()

    async def _turns(self, what: str, measure: Callable[[Side], Awaitable[None]]) -> None:
        sides = [self.suar, self.plain]
        for repeat in range(self.settings.repeats):
            self._report(f"{self.name}: {what}, repeat {repeat + 1} of {self.settings.repeats}")
            for side in sides:
                await measure(side)
            sides.reverse()

    def _numbers(self, count: int) -> int:
        """Return the number of the first of `count` new messages."""
        first, self._sent = self._sent, self._sent + count
        return first

    # -- at full speed

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
        arena, count = self.arena, len(lines)
        receivers = [arena.gateway(code) for code in arena.receivers]
        servers = arena.servers(arena.federation.nats)
        before = (cpu(arena.gateway(SENDER)), cpu(*receivers), cpu(*servers))
        wanted = [each.count + count for each in rows]
        publishing = asyncio.create_task(arena.publish(lines))
        end = await committed(rows, wanted)
        spent = (cpu(arena.gateway(SENDER)), cpu(*receivers), cpu(*servers))
        begin, last = await publishing
        back = await arena.reached(last, "stored")
        return run_of(count, end - begin, back - begin, before, spent, len(receivers))

    async def _plain_run(self, rows: list[Rows], first: int, count: int) -> Run:
        arena = self.arena
        sender, receivers = arena.programs[SENDER], [arena.programs[code].pid for code in arena.receivers]
        servers = arena.servers(arena.twin)
        before = (cpu(sender.pid), cpu(*receivers), cpu(*servers))
        wanted = [each.count + count for each in rows]
        begin = time.perf_counter()
        job = asyncio.create_task(sender.run(plain.Job(first, count, MESSAGE_BYTES)))
        end = await committed(rows, wanted)
        spent = (cpu(sender.pid), cpu(*receivers), cpu(*servers))
        await job
        return run_of(count, end - begin, 0.0, before, spent, len(receivers))

    # -- the cost of sending alone

    async def cost(self, repeat: int) -> None:
        """Deliver nothing to the receivers until everything is sent, so that the sender's CPU until then is for
        sending.
        """
        self._report(f"{self.name}: cost at the sender, repeat {repeat + 1} of {self.settings.repeats}")
        arena, count = self.arena, self.settings.messages
        lines = list(drafts(self._numbers(count), count))
        with rows_of(self._stores) as rows:
            wanted = [each.count + count for each in rows]
            await arena.pause(*arena.receivers)
            begin = cpu(arena.gateway(SENDER))
            _, last = await arena.publish(lines)
            await arena.reached(last, "sent", "stored", every=1.0)
            sent = cpu(arena.gateway(SENDER))
            await arena.resume(*arena.receivers)
            await committed(rows, wanted)
            await arena.reached(last, "stored", every=1.0)
        self.suar.sending_us.append((sent - begin) / count * 1e6)
        self.suar.receipts_us.append((cpu(arena.gateway(SENDER)) - begin) / count * 1e6)

    # -- at a fixed rate

    async def _slow(self, side: Side) -> None:
        side.slow.append(await self._latency(side, SLOW))

    async def _half(self, side: Side) -> None:
        side.half.append(await self._latency(side, side.half_rate))

    async def _single(self) -> None:
        """Publish each message as a POST of its own, on a kept connection: latency and CPU of the gateways."""
        arena, count = self.arena, max(int(SLOW * self.settings.seconds), 20)
        pids = [arena.gateway(SENDER)], [arena.gateway(code) for code in arena.receivers]
        before = [cpu(*each) for each in pids]
        found = await self._latency(self.suar, SLOW, arena.publish_singly)
        await arena.reached(arena.last_id, "stored")
        sender, receivers = ((cpu(*each) - was) / count * 1e6 for each, was in zip(pids, before, strict=True))
        self.suar.single.append(found | {"cpu_us_sender": sender, "cpu_us_receiver": receivers / len(pids[1])})

    async def _latency(self, side: Side, rate: float, publish: Publish | None = None) -> dict[str, float]:
        """Return ms from when a message was due until the last receiver's store had it; delays of the sender count.

        For the gateways also until the sender's store had the signed receipt of every receiver.
        """
        count = max(int(rate * self.settings.seconds), 20)
        first = self._numbers(count)
        arena, receivers = self.arena, len(self.arena.receivers)
        if side is self.suar:
            receipts = partial(Receipts, arena.store(SENDER), arena.last_id, receivers)
            watch = Watch([*(partial(Rows, path) for path in self._stores), receipts], count)
            watch.start()
            begin, _ = await (publish or arena.publish)(list(drafts(first, count)), rate)
        else:
            watch = Watch([partial(Rows, path) for path in self._databases], count)
            watch.start()
            begin = time.perf_counter()
            await arena.programs[SENDER].run(plain.Job(first, count, MESSAGE_BYTES, rate))
        times = await watch.end()
        found = _late(last_of(times[:receivers]), begin, rate)
        back = [_late(each, begin, rate) for each in times[receivers:]]
        return found | {f"{cut}_receipts": value for each in back for cut, value in each.items()}

    # -- memory

    async def memory(self) -> tuple[dict[str, Any], float]:
        """Publish very many messages and compare the gateways' memory in the last quarter with that in the first."""
        arena, total = self.arena, self.settings.memory_messages
        step = max(total // 40, 1)
        taken: dict[str, list[int]] = {code: [] for code in arena.codes}
        with rows_of(self._stores) as rows:
            for done in range(0, total, step):
                lines = list(drafts(self._numbers(step), step))
                wanted = [each.count + len(lines) for each in rows]
                _, last = await arena.publish(lines)
                await committed(rows, wanted)
                await arena.reached(last, "stored")
                for code in arena.codes:
                    taken[code].append(rss(arena.gateway(code)))
                if done % (total // 10) == 0:
                    self._report(f"{self.name}: memory, {done} of {total} messages")
        growth = {code: _growth(values) for code, values in taken.items()}
        mib = {
            f"mib_{code.lower()}_{when}": rounded(values[at] / 2**20)
            for code, values in taken.items()
            for when, at in (("first", 0), ("last", -1))
        }
        return {"name": f"memory {self.name}", "messages": total, **mib}, max(growth.values())


def _late(moments: Sequence[float], begin: float, rate: float) -> dict[str, float]:
    return percentiles([(moment - begin - i / rate) * 1e3 for i, moment in enumerate(moments)])


def _growth(values: Sequence[int]) -> float:
    quarter = max(len(values) // QUARTERS, 1)
    return rounded(median(values[-quarter:]) / median(values[:quarter]))
