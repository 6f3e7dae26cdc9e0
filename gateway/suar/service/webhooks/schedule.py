"""When an event that did not arrive is sent again: exponential backoff with jitter, for 72 hours."""

from typing import Final

from suar.protocol.base import limits

FIRST: Final = 5 * limits.SECOND
LONGEST: Final = limits.HOUR
ABANDON_AFTER: Final = 72 * limits.HOUR
"""ms from the first attempt after which an event goes to the list of dead letters."""
_DOUBLINGS_MAX: Final = 16


def delay(failures: int, chance: float) -> int:
    """Return how long to wait after so many failures (ms).

    It is doubled after each, and reduced by up to half by `chance` (0 to 1).
    """
    longest = min(LONGEST, FIRST << min(max(failures - 1, 0), _DOUBLINGS_MAX))
    return longest - int(longest / 2 * chance)


def next_attempt(first: int, now: int, failures: int, chance: float) -> int | None:
    """When an event is sent again that was first sent at `first` (ms); None when its time is over.

    The last attempt is made at the end of its time.
    """
    end = first + ABANDON_AFTER
    return None if now >= end else min(now + delay(failures, chance), end)
