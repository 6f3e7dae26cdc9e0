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
LINEAR: Final = 40
"""How many times as long ten times the length may take."""
LEAST: Final = 0.02
"""Seconds; a shorter time has more of the machine in it than of the work."""


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


def is_linear(seconds: Callable[[int], float], length: int) -> bool:
    """Whether ten times the length takes less than `LINEAR` times the processor's seconds; the square takes a hundred.

    Of up to `MOST` measurements of each the least counts, and less than `LEAST` seconds count as that. Each is of
    another length, since what was read before may be kept.
    """
    short, long = list[float](), list[float]()
    for more in range(MOST):
        short.append(seconds(length + more))
        long.append(seconds(10 * length + more))
        if min(long) < LINEAR * max(min(short), LEAST):
            return True
    return False


def is_within(measured: Iterable[float], stated: float) -> bool:
    """Whether the work takes no more than a test allows."""
    return least(measured, stated) <= TIMES * stated
