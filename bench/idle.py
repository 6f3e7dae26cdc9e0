"""CPU time of gateways at full speed and at rest: `python bench/idle.py [REPEATS [SECONDS [RECEIVERS]]]`.

A sender and RECEIVERS (2) receivers, servers with their default sync. First 5,000 messages at a time, of which the
median is told; then nothing for so many seconds. To compare two versions, run it with each in turns
(PYTHONPATH=.../gateway).
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from suar.bench.arena.arena import Arena, arena
from suar.bench.arena.processes import cpu
from suar.bench.arena.stores import committed, rows_of
from suar.bench.founding import drafts
from suar.bench.measure import print_progress
from suar.demo.embedded.nursery import Nursery

MESSAGES = 5_000
SETTLE = 2.0  # seconds until the last receipts are back


async def spent(arena: Arena, first: int) -> dict[str, float]:
    """CPU us a message of each gateway, from the request until every receiver has committed all of them."""
    lines = list(drafts(first, MESSAGES))
    before = {code: cpu(arena.gateway(code)) for code in arena.codes}
    with rows_of([arena.store(code) for code in arena.receivers]) as rows:
        wanted = [each.count + MESSAGES for each in rows]
        publishing = asyncio.create_task(arena.publish(lines))
        await committed(rows, wanted)
        used = {code: (cpu(arena.gateway(code)) - before[code]) / MESSAGES * 1e6 for code in arena.codes}
        _, last = await publishing
    await arena.reached(last, "stored")
    return used


async def measure(folder: Path, nursery: Nursery, repeats: int, seconds: float, receivers: int) -> None:
    async with arena(folder, nursery, receivers, "2m", print_progress) as running:
        runs = [await spent(running, 1 + repeat * MESSAGES) for repeat in range(repeats + 1)][1:]
        print("CPU us a message:", {code: round(median(run[code] for run in runs)) for code in running.codes})
        await asyncio.sleep(SETTLE)
        before = {code: cpu(running.gateway(code)) for code in running.codes}
        await asyncio.sleep(seconds)
        at_rest = {code: (cpu(running.gateway(code)) - before[code]) / seconds * 1e3 for code in running.codes}
        print("CPU ms a second at rest:", {code: round(used, 1) for code, used in at_rest.items()})


if __name__ == "__main__":
    repeats, seconds, receivers = [*sys.argv[1:], *("5", "30", "2")[len(sys.argv) - 1 :]]
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    (folder / "arena").mkdir()
    nursery = Nursery()
    try:
        asyncio.run(measure(folder / "arena", nursery, int(repeats), float(seconds), int(receivers)))
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
