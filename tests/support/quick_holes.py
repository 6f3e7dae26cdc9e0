"""`suar` that passes over a hole in a stream after seconds: `python -m support.quick_holes serve`.

A gateway holds for a minute what comes after a message that was deleted from its stream: everything outstanding would
be delivered again in that time.
"""

from typing import Final

from suar.bus import consume
from suar.cli.main import main

ABANDON_AFTER: Final = 3.0  # seconds


def shorten() -> None:
    """In this process, from now on."""
    assert hasattr(consume, "ABANDON_AFTER")
    consume.ABANDON_AFTER = ABANDON_AFTER


if __name__ == "__main__":
    shorten()
    main()
