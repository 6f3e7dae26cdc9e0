"""Progress lines on stderr during a long check: proving a large table takes up to half a minute."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from suar.cli.base.common import print_notice

FIRST: Final = 2.0
EVERY: Final = 5.0
CHECKING: Final = "still checking"
CHECKING_TABLE: Final = f"{CHECKING}; a large table takes up to half a minute"
LATE: Final = 30.0
UNANSWERED: Final = "no answer yet: the check takes longer than usual, or the gateway does not answer"
UNPUBLISHED: Final = (
    f"{UNANSWERED}; it may still take the message: after Ctrl-C hand in the same file again later: the "
    "message is sent only once if that is within a day"
)


def checking(data: bytes) -> str:
    """Return what is printed while a message is checked: only one with figures has a table."""
    return CHECKING_TABLE if b'"obs"' in data else CHECKING


@contextmanager
def progress(
    what: str, *, late: str = "", first: float = FIRST, every: float = EVERY, after: float = LATE,
    progress: Callable[[str], None] = print_notice,
) -> Iterator[None]:  # fmt: skip
    """Print `what` is being done after `first` seconds, and then every `every` seconds with the elapsed time.

    `late`: what is printed instead `after` so many seconds.
    """
    over, began = threading.Event(), time.monotonic()

    def report() -> None:
        wait = first
        while not over.wait(wait):
            seconds = time.monotonic() - began
            progress(f"{late if late and seconds >= after else what} ({round(seconds)} s)")
            wait = every

    thread = threading.Thread(target=report, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
