"""How much of a thread may be taken by work that can wait, while messages arrive.

What is received and sent shares the interpreter and the core's thread with the feeds of agencies and the records of
what they were given. While messages come, such work goes in steps: it pauses after each in proportion to the CPU that
it took, or takes for each what it has earned since the one before. While none come it does not pause.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic
from typing import Final

from suar.observe.hooks import Hooks, Record, has_messages

ARRIVING: Final = 2.0
"""Seconds for which messages count as arriving, after the last one."""
PAUSE_MAX: Final = 0.25
"""Seconds of the longest pause, whatever a step took."""


class Pace:
    """Work in steps that takes at most `share` of the time while messages arrive. For any thread.

    `hooks` tell of messages; `clock` gives seconds.
    """

    def __init__(self, share: float, hooks: Hooks, clock: Callable[[], float] = monotonic) -> None:
        self._share, self._rest, self._clock, self._lock = share, 1 / share - 1, clock, Lock()
        self._arrived, self._free_at, self._ended = clock() - ARRIVING, clock(), clock()
        hooks.listen(self._on_records)

    def _on_records(self, records: Sequence[Record]) -> None:
        """Note that messages were committed. Runs on the core's thread."""
        if has_messages(records):
            self._arrived = self._clock()

    def add_spent(self, cpu: float) -> None:
        """Note that a step that has just ended took `cpu` seconds."""
        with self._lock:
            begun = max(self._free_at, self._clock())
            self._free_at = min(begun + cpu * self._rest, self._clock() + PAUSE_MAX)
            self._ended = self._clock()

    def earned(self, most: float) -> float:
        """Return the seconds of CPU for a step now: the share of the time since the last one, `most` at most."""
        return min(most, (self._clock() - self._ended) * self._share)

    @property
    def is_arriving(self) -> bool:
        """Whether messages arrive, or are published."""
        return self._clock() < self._arrived + ARRIVING

    @property
    def pause(self) -> float:
        """Return the seconds until the next step may begin, 0 while no messages arrive."""
        return max(0.0, self._free_at - self._clock()) if self.is_arriving else 0.0
