"""What listing the inbox costs receiving: `python bench/listing.py [SECONDS [REPEATS [RATE [ROWS]]]]`.

A real federation of a sender and two receivers. Each repeat publishes RATE messages (100) a second for SECONDS (10)
twice: once while nobody looks, once while `suar inbox --limit ROWS` (1,000) runs at the first receiver in a loop; which
comes first turns. From each message's turn to be sent until it is committed at a receiver: percentiles in ms. The p99
of the first receiver is divided by that of the other one (docs/adr/0083), then the median of the repeats (5) is taken;
it must not be above 1.2. `suar inbox` is called again and again in one process of its own: what starting Python costs
is no part of it.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from beside import measured, ratio_with_work, workplace
from suar.bench.arena.arena import arena
from suar.bench.measure import print_progress
from suar.demo.embedded.nursery import Nursery

MOST = 1.2
LOOP = """
import contextlib, os, sys
from suar.cli.main import cli
count = 0
print("ready", flush=True)
sys.stdin.readline()
with open(os.devnull, "w") as out:
    while not os.path.exists(sys.argv[1]):
        with contextlib.redirect_stdout(out):
            cli(["inbox", "--json", "--limit", sys.argv[2], "--state", sys.argv[3]], standalone_mode=False)
        count += 1
print(count, flush=True)
"""


@contextlib.asynccontextmanager
async def listing(folder: Path, state: Path, rows: int, counts: list[int]) -> AsyncIterator[None]:
    """`suar inbox` in a loop, until the block ends; how often it was done is added to `counts`."""
    stop = folder / "stop"
    stop.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOP, str(stop), str(rows), str(state),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdin.write(b"go\n")
    try:
        yield
    finally:
        stop.touch()
        counts.append(int(await process.stdout.readline() or 0))
        await process.wait()


async def run(folder: Path, nursery: Nursery, seconds: float, repeats: int, rate: float, rows: int) -> float:
    async with arena(folder / "arena", nursery, 2, "always", print_progress) as running:
        state, count = running.federation.founded.state(running.receivers[0]), int(rate * seconds)
        first, counts = max(rows, count), list[int]()
        await measured(running, 1, rate, first)  # the inbox has so many, and everything is warm
        ratio = await ratio_with_work(
            partial(listing, folder, state, rows, counts), running, first + 1, rate, count, repeats
        )
    print(f"{rate:g} a second, {rows} rows a list: p99 {ratio:.2f}x, at most {MOST}x, {sum(counts)} lists")
    return ratio


if __name__ == "__main__":
    values = [float(each) for each in sys.argv[1:]]
    seconds, repeats, rate, rows = (*values, *(10.0, 5.0, 100.0, 1_000.0)[len(values) :])
    with workplace("listing") as (folder, nursery):
        ratio = asyncio.run(run(folder, nursery, seconds, int(repeats), rate, int(rows)))
    sys.exit(ratio > MOST)
