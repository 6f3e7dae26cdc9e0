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
from suar.bench.arena.stores import Rows, Watch, last_of
from suar.bench.founding import drafts
from suar.bench.measure import percentiles
from suar.demo.embedded.nursery import Nursery

YIELDING: Final = 10  # nice: of a process that stands for programs on other machines
Work = Callable[[], contextlib.AbstractAsyncContextManager[None]]


async def measured(arena: Arena, first: int, rate: float, count: int) -> dict[str, float]:
    """Publish `count` messages at `rate`; percentiles of how late each was committed at the receiver, in ms."""
    watch = Watch([partial(Rows, arena.store(arena.receivers[0]))], count)
    watch.start()
    begin, _ = await arena.publish(list(drafts(first, count)), rate)
    moments = last_of(await watch.end())
    return percentiles([(moment - begin - i / rate) * 1e3 for i, moment in enumerate(moments)])


async def ratio_with_work(work: Work, arena: Arena, first: int, rate: float, count: int, repeats: int) -> float:
    """The median over `repeats` of the p99 beside the work divided by the p99 without; which comes first alternates."""
    ratios = list[float]()
    for repeat in range(repeats):
        found: dict[bool, dict[str, float]] = {}
        for has_work in (False, True) if repeat % 2 == 0 else (True, False):
            async with work() if has_work else contextlib.nullcontext():
                found[has_work] = await measured(arena, first, rate, count)
            first += count
        ratios.append(found[True]["p99"] / found[False]["p99"])
        print(f"alone {found[False]}   beside {found[True]}   p99 {ratios[-1]:.2f}x", flush=True)
    return median(ratios)


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
