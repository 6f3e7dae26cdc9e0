"""Settings of a gateway's process; they do not affect the protocol. The benchmarks use the same."""

import contextlib
import gc
import os
import resource
import sys
from typing import Final

SWITCH: Final = 0.0005  # seconds: the core releases the GIL at each statement and must not wait 5 ms for it
COLLECT_AFTER: Final = (50_000, 20, 100)
"""Thresholds of the garbage collector for its three generations (`gc.set_threshold`).

A batch creates some ten thousand objects that all live until its commit. With Python's defaults (700, 10, 10) the
collector examined them repeatedly, which took a third of the time of judging them, and never freed any.
"""


OPEN_FILES: Final = 65_536
"""Most files and connections of the process, as its unit of systemd states: the bounds of HTTP and webhooks fit it."""


def raise_open_files() -> None:
    """Raise the limit of open files to OPEN_FILES, as far as the system lets this process; it is never lowered.

    The 1,024 that a shell usually gives are fewer than the connections that docs/bounds.md allows.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def freeze_heap() -> None:
    """Exclude existing objects from later garbage collections; call it after everything is imported and loaded."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def schedule_as_batch() -> None:
    """Let this thread, and threads that it starts from now on, be scheduled as SCHED_BATCH (sched(7)).

    A gateway that wakes up then does not interrupt what runs on the same core: the others of a busy machine, and its
    own threads, are interrupted less often. Another policy than the default, such as one set by an operator, is kept;
    where a system denies the call, as the unit of systemd does, the unit sets the policy itself.
    """
    if os.sched_getscheduler(0) == os.SCHED_OTHER:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
