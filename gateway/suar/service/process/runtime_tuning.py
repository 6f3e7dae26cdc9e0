"""Interpreter settings of a gateway's process; they do not affect the protocol. The benchmarks use the same."""

import gc
import sys
from typing import Final

SWITCH: Final = 0.0005  # seconds: the core releases the GIL at each statement and must not wait 5 ms for it
COLLECT_AFTER: Final = (50_000, 20, 100)
"""Thresholds of the garbage collector for its three generations (`gc.set_threshold`).

A batch makes some ten thousand objects that all live until its commit. With Python's own numbers (700, 10, 10) the
collector went through them again and again, for a third of the time that judging them takes, and never found anything.
"""


def freeze_heap() -> None:
    """Call it after everything is imported and loaded: existing objects are excluded from later garbage collections."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
