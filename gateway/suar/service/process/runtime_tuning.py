"""How the interpreter runs a gateway: settings of the process, not of the protocol; benchmarks take the same."""

import gc
import sys
from typing import Final

SWITCH: Final = 0.0005  # seconds: the core's thread gives way at each statement and must not wait 5 ms to go on
COLLECT_AFTER: Final = (50_000, 20, 100)
"""Objects made before the collector looks at the young ones; and how many such looks before it looks further.

A batch makes some ten thousand objects that all live until its commit. With Python's own numbers (700, 10, 10) the
collector went through them again and again, for a third of the time that judging them takes, and never found anything.
"""


def freeze_heap() -> None:
    """Once everything is imported and loaded: what is there now stays, and is not looked at again."""
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
