"""What a running gateway hears and feels, in memory alone: for checks and `why`, never for a judgement.

Lost at a restart, and known again within two heartbeats. Times are milliseconds of our clock.
"""

import errno
from typing import Final

FELT_FOR: Final = 5_000  # ms: a store that fails is tried every second
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Hearing:
    """Clocks of the others, our own voice as the hub gives it back, our store's failures."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}  # member -> its clock minus ours (ms) as its last live heartbeat came
        self._beats: dict[str, tuple[int, int]] = {}
        self.unechoed_since: int | None = None  # something of ours for everybody left and did not come back yet
        self._failed_at: int | None = None
        self._is_full = False

    def beat(self, member: str, sent: int, now: int) -> None:
        """A heartbeat came that its sender dated `sent`.

        After an outage many come at once, each as old as it is: they say nothing about a clock. Live ones come as far
        apart as they were sent.
        """
        before, self._beats[member] = self._beats.get(member), (sent, now)
        if before is not None and now - before[1] >= (sent - before[0]) / 2:
            self.offsets[member] = sent - now

    def spoke(self, now: int) -> None:
        """Our own server took something for everybody: the hub gives that back."""
        self.unechoed_since = self.unechoed_since or now

    def echoed(self) -> None:
        """Something of ours came back."""
        self.unechoed_since = None

    def failed(self, error: BaseException, now: int) -> None:
        """The store could not take a change."""
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        self._failed_at = now
        self._is_full = getattr(cause, "errno", None) in _FULL or "full" in str(error)

    def is_failing(self, now: int) -> bool:
        """Whether the store failed a moment ago; a heartbeat may fit where a batch does not."""
        return self._failed_at is not None and abs(now - self._failed_at) <= FELT_FOR

    def is_full(self, now: int) -> bool:
        """Whether it failed for want of room."""
        return self.is_failing(now) and self._is_full
