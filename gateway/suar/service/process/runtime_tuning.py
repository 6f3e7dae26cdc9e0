"""Interpreter settings of a gateway's process; they do not affect the protocol. The benchmarks use the same."""

import gc
import sys
from typing import Final

SWITCH: Final = 0.0005  # seconds: the core releases the GIL at each statement and must not wait 5 ms for it
COLLECT_AFTER: Final = (50_000, 20, 100)
"""Thresholds of the garbage collector for its three generations (`gc.set_threshold`).

A batch creates some ten thousand objects that all live until its commit. With Python's defaults (700, 10, 10) the
collector examined them repeatedly, which took a third of the time of judging them, and never freed any.
"""


def freeze_heap() -> None:
    """Exclude existing objects from later garbage collections; call it after everything is imported and loaded."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
