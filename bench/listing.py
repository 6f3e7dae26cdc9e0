"""What listing the inbox costs receiving: `python bench/listing.py [SECONDS [REPEATS [RATE [ROWS]]]]`.

A real federation of a sender and a receiver. Each repeat publishes RATE messages (100) a second for SECONDS (10) twice:
once while nobody looks, once while `suar inbox --limit ROWS` (1,000) runs at the receiver in a loop; which comes first
turns. From each message's turn to be sent until it is committed at the receiver: percentiles in ms. The ratio of the
two p99 is taken within a repeat, then the median of the repeats (5); it must not be above 1.2. `suar inbox` is called
again and again in one process of its own: what starting Python costs is no part of it.
"""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from statistics import median

from suar.bench.arena.arena import Arena, arena
from suar.bench.arena.stores import Rows, Watch, last_of
from suar.bench.founding import drafts
from suar.bench.measure import percentiles, print_progress
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


async def measured(place: Arena, first: int, rate: float, count: int) -> dict[str, float]:
    """Publish `count` messages at `rate`; percentiles of how late each was committed at the receiver."""
    watch = Watch([partial(Rows, place.store(place.receivers[0]))], count)
    watch.start()
    begin, _ = await place.publish(list(drafts(first, count)), rate)
    moments = last_of(await watch.end())
    return percentiles([(moment - begin - i / rate) * 1e3 for i, moment in enumerate(moments)])


async def run(folder: Path, nursery: Nursery, seconds: float, repeats: int, rate: float, rows: int) -> float:
    async with arena(folder / "arena", nursery, 1, "always", print_progress) as place:
        state, count = place.federation.founded.state(place.receivers[0]), int(rate * seconds)
        await measured(place, 1, rate, max(rows, count))  # the inbox has so many, and everything is warm
        first, counts, ratios = max(rows, count) + 1, list[int](), list[float]()
        for repeat in range(repeats):
            found: dict[bool, dict[str, float]] = {}
            for is_listed in (False, True) if repeat % 2 == 0 else (True, False):
                around = listing(folder, state, rows, counts) if is_listed else contextlib.nullcontext()
                async with around:
                    found[is_listed] = await measured(place, first, rate, count)
                first += count
            ratios.append(found[True]["p99"] / found[False]["p99"])
            print(
                f"quiet {found[False]}   listed {found[True]}   p99 {ratios[-1]:.2f}x   {counts[-1]} lists", flush=True
            )
    print(f"{rate:g} a second, {rows} rows a list: p99 {median(ratios):.2f}x, at most {MOST}x, {sum(counts)} lists")
    return median(ratios)


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]]
    seconds, repeats, rate, rows = (*given, *(10.0, 5.0, 100.0, 1_000.0)[len(given) :])
    folder = Path(tempfile.mkdtemp(prefix="suar-listing-"))
    (folder / "arena").mkdir()
    nursery = Nursery()
    try:
        ratio = asyncio.run(run(folder, nursery, seconds, int(repeats), rate, int(rows)))
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(ratio > MOST)
