"""What other work costs receiving: the same messages without it and beside it, in turns (listing.py, console.py)."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from suar.bench.arena.arena import Arena
from suar.bench.arena.stores import Rows, Watch
from suar.bench.founding import drafts
from suar.bench.measure import percentiles
from suar.demo.embedded.nursery import Nursery

YIELDING: Final = 10  # nice: of a process that stands for programs on other machines
Work = Callable[[], contextlib.AbstractAsyncContextManager[None]]


async def measured(arena: Arena, first: int, rate: float, count: int) -> list[dict[str, float]]:
    """Publish `count` messages at `rate`; for each receiver, how late each was committed: percentiles in ms."""
    watch = Watch([partial(Rows, arena.store(each)) for each in arena.receivers], count)
    watch.start()
    begin, _ = await arena.publish(list(drafts(first, count)), rate)
    times = await watch.end()
    return [percentiles([(moment - begin - i / rate) * 1e3 for i, moment in enumerate(each)]) for each in times]


async def ratio_with_work(work: Work, arena: Arena, first: int, rate: float, count: int, repeats: int) -> float:
    """What the work costs the gateway at which it is done, the first receiver; the second receiver has no such work.

    In each repeat the messages are published without the work and beside it; which comes first alternates. The result
    is the median of p99 at the first receiver divided by p99 at the second one, of the same messages beside the work:
    both share the processors with the work, and only the first one does it. Printed too, as medians: the same without
    the work, which shows how alike the two are, and p99 at the first receiver beside the work divided by p99 without.
    """
    ratios = dict[str, list[float]]()
    for repeat in range(repeats):
        found: dict[bool, list[float]] = {}
        for has_work in (False, True) if repeat % 2 == 0 else (True, False):
            async with work() if has_work else contextlib.nullcontext():
                both = await measured(arena, first, rate, count)
            found[has_work] = [each["p99"] for each in both]
            print(f"{'beside' if has_work else 'alone '} {both[0]}   the other gateway {both[1]}", flush=True)
            first += count
        (alone, other_alone), (busy, other) = found[False], found[True]
        of_repeat = {
            "beside/other": busy / other, "alone/other": alone / other_alone,
            "beside/alone": busy / alone, "other beside/alone": other / other_alone,
        }  # fmt: skip
        for name, ratio in of_repeat.items():
            ratios.setdefault(name, []).append(ratio)
    medians = {name: round(median(values), 2) for name, values in ratios.items()}
    print(f"p99, medians: {medians}", flush=True)
    return median(ratios["beside/other"])


@contextlib.contextmanager
def workplace(name: str) -> Iterator[tuple[Path, Any]]:
    """A folder with the arena's folder in it, and what starts processes; both are gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix=f"suar-{name}-"))
    (folder / "arena").mkdir()
    nursery = Nursery()
    try:
        yield folder, nursery
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
