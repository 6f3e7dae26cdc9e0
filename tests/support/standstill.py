"""A process that stands still: a signal to stop is delivered a moment after it is sent, thread by thread."""

import os
import signal
import time
from pathlib import Path

from support.patience import PATIENCE


def stop(pid: int) -> None:
    """Stop a process, and return when every thread of it stands; SIGCONT lets it go on."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + PATIENCE
    while {_state(task) for task in Path(f"/proc/{pid}/task").iterdir()} - {"T", "Z"}:
        assert time.monotonic() < deadline, f"{pid} does not stand still"
        time.sleep(0.002)


def _state(task: Path) -> str:
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return "Z"
