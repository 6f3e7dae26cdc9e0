"""Test seams: the clock, and fault points between the steps.

Both are passed to `serve`. In production the clock is the system's and no fault point is set; a fault point
can only make this very process fail (die, or find its disk full), never change what it accepts.
"""

import errno
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], int]

CHECK_THREADS: Final = "SUAR_CHECK_THREADS"
POINTS: Final = (
    "inbound.admitted",  # judged in memory, nothing committed
    "inbound.committed",  # committed, not acknowledged
    "inbound.acknowledged",
    "outbound.accepted",  # queued in memory's transaction, not committed
    "outbound.queued",  # committed: the person has an answer
    "outbound.sealed",  # sealed in memory, not committed
    "outbound.committed",  # sealed bytes committed, not published
    "outbound.published",  # acknowledged by the own server, not marked
)


def system_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def shifted_clock(file: Path) -> Clock:
    """The system's clock moved by the milliseconds that `file` holds, read at every call; for tests of clock steps."""

    def now() -> int:
        try:
            return system_clock() + int(file.read_text() or 0)
        except (OSError, ValueError):
            return system_clock()

    return now


STORED: Final = "inbound.stored"
"""About to be written: a point for `refuse` alone."""


class FaultPoints:
    """Return the fault points: nothing happens unless SUAR_FAULT_POINT=`point[:nth][:kill|full]` names one.

    `inbound.stored:FILE:refuse`: the store refuses the messages whose ids are in FILE, which is read at every message.
    """

    def __init__(self, spec: str = "") -> None:
        name, _, rest = spec.partition(":")
        count, _, action = rest.partition(":")
        if name and name not in POINTS and (name, action) != (STORED, "refuse"):
            raise ValueError(f"no such fault point: {name}")
        self._ids = Path(count) if action == "refuse" else None
        self._name, self._left, self._action = name, 1 if self._ids else int(count or 1), action or "kill"

    def refuse(self, point: str, id_: str) -> None:
        """Raise what the store raises for a value that it cannot hold, if this is the configured point and id."""
        if self._ids is not None and point == self._name and id_ in self._ids.read_text().split():
            raise OverflowError(f"fault point: {id_} is not stored")

    def hit(self, point: str) -> None:
        """Fail here if this is the configured point and its count is reached."""
        if point != self._name or self._ids is not None:
            return
        self._left -= 1
        if self._action == "full" and self._left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def is_thread_checked() -> bool:
    """Whether access to the core's objects from another thread is refused (thread_affinity.py); tests enable it."""
    return bool(os.environ.get(CHECK_THREADS))


def from_environment(environ: Mapping[str, str]) -> tuple[Clock, FaultPoints]:
    """Return the seams that tests of whole processes set; without those variables, the production ones."""
    file = environ.get("SUAR_CLOCK_FILE")
    clock = shifted_clock(Path(file)) if file else system_clock
    return clock, FaultPoints(environ.get("SUAR_FAULT_POINT", ""))
