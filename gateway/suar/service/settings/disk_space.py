"""Free space of the disk with the state folder, measured at most every few seconds."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

EVERY: Final = 3.0  # seconds between two measurements


class DiskSpace:
    """The free space of one folder; used on the core's thread. `clock` gives seconds."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._free = 0
        self._measured_at: float | None = None

    def free(self) -> int:
        """Return the free bytes, as last measured."""
        now = self._clock()
        if self._measured_at is None or now - self._measured_at >= EVERY:
            self._free, self._measured_at = shutil.disk_usage(self._folder).free, now
        return self._free
