"""What a running gateway hears and feels, in memory alone: for checks and `why`, never for a judgement.

Lost at a restart, and known again within two heartbeats. Times are milliseconds of our clock.
"""

import errno
from collections.abc import Collection
from typing import Final, NamedTuple

STORE_FAILURE_MS: Final = 5_000  # ms: a store that fails is tried every second
MAX_CHECK_GAP_MS: Final = 5_000  # ms between two looks, which come each second: the process or the machine stood still
LINK_RECOVERY_MS: Final = 10_000  # ms: after the hub was away the links of the others come back at their own pace
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Doubts(NamedTuple):
    """The alarms that a member's last live heartbeat raised about it, and when that came."""

    at: int
    names: frozenset[str]


class Observations:
    """Clocks of the others, since when we hear them, our store's failures; on the core's thread."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}  # member -> its clock minus ours (ms) as its last live heartbeat came
        self._beats: dict[str, tuple[int, int]] = {}
        self.doubts: dict[str, Doubts] = {}
        self.listening_since: int | None = None  # None: at this moment nobody can be heard; to come: after a break
        self._has_been_cut = False
        self._checked_at: int | None = None
        self.failed_at: int | None = None  # when the store could not take a change
        self.has_no_room = False  # and whether it was for want of room

    def record_heartbeat(self, member: str, sent: int, now: int) -> None:
        """A heartbeat came that its sender dated `sent`.

        After an outage many come at once, each as old as it is: they say nothing about a clock. Live ones come as far
        apart as they were sent.
        """
        before, self._beats[member] = self._beats.get(member), (sent, now)
        if before is not None and now - before[1] >= (sent - before[0]) / 2:
            self.offsets[member] = sent - now

    def record_doubts(self, member: str, names: Collection[str], now: int) -> None:
        """A live heartbeat of the member raised these alarms about it, and no others."""
        self.doubts[member] = Doubts(now, frozenset(names))

    def record_listening(self, is_listening: bool, now: int, patience: int = MAX_CHECK_GAP_MS) -> None:
        """What comes from the hub reaches us at this look, or not. Looks further apart than `patience` (ms) say that we
        were away meanwhile."""
        was_away = self._checked_at is None or not 0 <= now - self._checked_at <= patience
        self._checked_at = now
        if not is_listening:
            self._has_been_cut |= self.listening_since is not None
            self.listening_since = None
        elif self.listening_since is None or was_away:
            self.listening_since = now + (LINK_RECOVERY_MS if self._has_been_cut else 0)
            self._has_been_cut = False

    def clamp_times(self, now: int) -> None:
        """After a clock that ran ahead."""
        if self.listening_since is not None:
            self.listening_since = min(self.listening_since, now)

    def has_listened(self, milliseconds: int, now: int) -> bool:
        """Whether we could hear the others all that time: before that it is no wonder that nothing was heard."""
        since = self.listening_since
        return since is not None and now - since > milliseconds

    def record_store_failure(self, error: BaseException, now: int) -> None:
        """The store could not take a change."""
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        self.failed_at = now
        self.has_no_room = getattr(cause, "errno", None) in _FULL or "full" in str(error)
