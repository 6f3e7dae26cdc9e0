"""What the core's thread does while a federation carries messages: `python bench/turns.py [RATE [RECEIVERS [SYNC]]]`.

One line a kind of job that runs alone and one a size of turn (jobs that share a commit), at the sender and at one
receiver: how many, how long each waited, how long it ran with its commit, and the sum. A sum near the run's length
means that the thread, and so the latency, is full.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

from suar.bench.arena.arena import arena
from suar.bench.arena.stores import Rows, Watch, last_of
from suar.bench.founding import drafts
from suar.bench.measure import percentiles, print_progress
from suar.demo.embedded.nursery import Nursery
from suar.service.core.core import Core

SECONDS = 5
FOLDER = Path(tempfile.mkdtemp(prefix="suar-bench-"))


async def run(self: Core, function: Any, *args: Any, **kwargs: Any) -> Any:
    """`Core.run`, which also writes down when the job was asked for, begun and ended."""
    requested, times = time.perf_counter(), [0.0, 0.0]

    def timed() -> Any:
        times[0] = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            times[1] = time.perf_counter()

    try:
        return await asyncio.get_running_loop().run_in_executor(self._thread, timed)
    finally:
        with (FOLDER / f"turns-{self.member}").open("a") as file:
            name = getattr(function, "__qualname__", repr(function)).replace(" ", "_")
            file.write(f"{name} {requested} {times[0] - requested} {times[1] - times[0]}\n")


def run_jobs(self: Core, jobs: Any, shared: Any = Core.run_jobs) -> Any:
    """`Core.run_jobs`, which also writes down how many jobs a turn had and how long it took with its commit."""
    begun = time.perf_counter()
    try:
        return shared(self, jobs)
    finally:
        with (FOLDER / f"turns-{self.member}").open("a") as file:
            file.write(f"turn_of_{len(jobs)} {begun} 0 {time.perf_counter() - begun}\n")


async def carry(nursery: Nursery, rate: float, receivers: int, sync: str) -> None:
    async with arena(FOLDER / "arena", nursery, receivers, sync, print_progress) as running:
        count = int(rate * SECONDS)
        for first in (1, count + 1):  # the first time warms up
            begun = time.perf_counter()
            watch = Watch([partial(Rows, running.store(code)) for code in running.receivers], count)
            watch.start()
            begin, _ = await running.publish(list(drafts(first, count)), rate)
            moments = last_of(await watch.end())
        late = [(moment - begin - i / rate) * 1e3 for i, moment in enumerate(moments)]
        print(f"{rate:g} a second for {SECONDS} s, ms until committed at all: {percentiles(late)}")
        for code in ("TH", running.receivers[0]):
            print_turns(code, begun)


def print_turns(code: str, begun: float) -> None:
    jobs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in (FOLDER / f"turns-{code}").read_text().splitlines():
        name, requested, waited, ran = line.split()
        if float(requested) >= begun:
            jobs[name].append((float(waited), float(ran)))
    total = sum(ran for each in jobs.values() for _, ran in each)
    print(f"\n{code}: its thread ran {total:.1f} s")
    print("job                                jobs  waits p50 ms   p95   runs p50 ms   p95   sum s")
    for name, each in sorted(jobs.items(), key=lambda item: -sum(ran for _, ran in item[1])):
        waits, runs = (sorted(1e3 * pair[side] for pair in each) for side in (0, 1))
        half, most = len(each) // 2, int(len(each) * 0.95)
        sums = f"{waits[half]:12.1f}{waits[most]:7.1f}{runs[half]:13.1f}{runs[most]:7.1f}{sum(runs) / 1e3:8.2f}"
        print(f"{name:34}{len(each):5}{sums}")


if __name__ == "__main__":
    rate, receivers, sync = [*sys.argv[1:], *("100", "2", "always")[len(sys.argv) - 1 :]]
    Core.run_jobs = run_jobs  # type: ignore[method-assign]
    Core.run = run  # type: ignore[method-assign]  # before the nursery forks the gateways
    (FOLDER / "arena").mkdir()
    nursery = Nursery()
    try:
        asyncio.run(carry(nursery, float(rate), int(receivers), sync))
    finally:
        nursery.close()
        shutil.rmtree(FOLDER, ignore_errors=True)
