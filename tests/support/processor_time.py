"""Processor time of a piece of work, compared with the milliseconds that docs/bounds.md states (ADR 0072).

Never the time of a clock: other processes may take the processor meanwhile. What a processor needs for the same work
still differs between machines, and by half beside a busy neighbour, so only `TIMES` the stated milliseconds fail.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

TIMES: Final = 10
"""How many times the stated milliseconds a test allows."""
MOST: Final = 5
"""Measurements, of which the least counts."""


def milliseconds(run: Callable[[], object]) -> float:
    """Processor time of this process while `run` runs, in ms; what threads beside do counts too."""
    began = time.process_time()
    run()
    return (time.process_time() - began) * 1000


def again(measure: Callable[[], float]) -> Iterator[float]:
    """Measure as often as is asked, with nothing left over from before."""
    while True:
        gc.collect()
        yield measure()


def least(measured: Iterable[float], stated: float) -> float:
    """The least of at most `MOST` measurements; none is made once one is within what a test allows of the stated ms."""
    found: list[float] = []
    for each in measured:
        found.append(each)
        if each <= TIMES * stated or len(found) == MOST:
            break
    return min(found)


def is_within(measured: Iterable[float], stated: float) -> bool:
    """Whether the work takes no more than a test allows."""
    return least(measured, stated) <= TIMES * stated
