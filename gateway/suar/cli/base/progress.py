"""Progress lines on stderr during a long check: proving a large table takes up to half a minute."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from suar.cli.base.common import print_notice

FIRST: Final = 2.0
EVERY: Final = 5.0
CHECKING: Final = "still checking; a large table takes up to half a minute"


@contextmanager
def progress(
    what: str, *, first: float = FIRST, every: float = EVERY, progress: Callable[[str], None] = print_notice
) -> Iterator[None]:
    """Print `what` is being done after `first` seconds, and then every `every` seconds with the elapsed time."""
    over, began = threading.Event(), time.monotonic()

    def report() -> None:
        wait = first
        while not over.wait(wait):
            progress(f"{what} ({round(time.monotonic() - began)} s)")
            wait = every

    thread = threading.Thread(target=report, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
