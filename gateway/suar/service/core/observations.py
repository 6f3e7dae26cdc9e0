"""What a running gateway observes, in memory only: for health checks and `why`, never for admission.

It is lost at a restart, and known again within two heartbeats. Times are milliseconds of our clock.
"""

import errno
from collections.abc import Collection
from typing import Final, NamedTuple

STORE_FAILURE_MS: Final = 5_000  # ms: a store that fails is tried every second
MAX_CHECK_GAP_MS: Final = 5_000  # ms between two checks, which run each second; longer: we were suspended
LINK_RECOVERY_MS: Final = 10_000  # ms in which the links of other members reconnect after an outage of the hub
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Doubts(NamedTuple):
    """The alarms that a member's last live heartbeat raised about it, and when it arrived."""

    at: int
    names: frozenset[str]


class NamedEnd(NamedTuple):
    """How current the copy of a member's channel to all is by the heartbeats of another: since when, and how often it
    moved.
    """

    epoch_id: bytes
    frames: int
    since: int
    moves: int


class Observations:
    """Clock offsets of other members, since when they can be heard, and failures of our store; on the core's thread."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}  # member -> its clock minus ours (ms) as its last live heartbeat came
        self._beats: dict[str, tuple[int, int]] = {}
        self.doubts: dict[str, Doubts] = {}
        self.named: dict[tuple[str, str], NamedEnd] = {}  # (who states it, whose channel)
        self.listening_since: int | None = None  # None: no member can be received now; in the future: after a break
        self.expected_since: dict[str, int] = {}  # members that a list made active again: when their links are back
        self.received_until: int | None = None  # the last activity of the stream from the hub, if it was measured
        self._has_been_cut = False
        self._checked_at: int | None = None
        self.failed_at: int | None = None  # when the store could not take a change
        self.has_no_room = False  # and whether the reason was a full disk

    def record_heartbeat(self, member: str, sent: int, now: int) -> None:
        """Record a heartbeat that its sender dated `sent` (ms).

        After an outage many arrive at once, which shows nothing about a clock; live ones arrive at the intervals at
        which they were sent.
        """
        before, self._beats[member] = self._beats.get(member), (sent, now)
        if before is not None and now - before[1] >= (sent - before[0]) / 2:
            self.offsets[member] = sent - now

    def record_doubts(self, member: str, names: Collection[str], now: int) -> None:
        """Record the alarms that a live heartbeat of the member raised about it."""
        self.doubts[member] = Doubts(now, frozenset(names))

    def record_named(self, by: str, of: str, epoch_id: bytes, frames: int, now: int, *, is_all: bool = False) -> None:
        """Record how far a live heartbeat of another names the channel of one member; `is_all`: no more was sent."""
        before = self.named.get((by, of))
        if before is None:
            self.named[by, of] = NamedEnd(epoch_id, frames, now, 0)
            return
        has_moved = epoch_id != before.epoch_id or frames > before.frames
        if has_moved or is_all:
            self.named[by, of] = NamedEnd(epoch_id, frames, now, before.moves + has_moved)

    def record_listening(
        self, is_listening: bool, now: int, patience: int = MAX_CHECK_GAP_MS, received_until: int | None = None
    ) -> None:
        """Record whether objects from the hub reach us, and the last activity of its stream if that was measured.

        A gap of more than `patience` (ms) between two checks means that this process was suspended meanwhile.
        """
        self.received_until = received_until
        was_away = self._checked_at is None or not 0 <= now - self._checked_at <= patience
        self._checked_at = now
        if not is_listening:
            self._has_been_cut |= self.listening_since is not None
            self.listening_since = None
        elif self.listening_since is None or was_away:
            self.listening_since = now + (LINK_RECOVERY_MS if self._has_been_cut else 0)
            self._has_been_cut = False

    def record_reinstated(self, members: Collection[str], now: int) -> None:
        """Record that a trust list made these members active again, and so expected to send."""
        self.expected_since |= dict.fromkeys(members, now + LINK_RECOVERY_MS)

    def clamp_times(self, now: int) -> None:
        """Limit remembered times to `now` (ms) after a clock that ran ahead; what it measured of others is dropped."""
        self.offsets, self._beats = {}, {}
        self.expected_since = {code: min(at, now) for code, at in self.expected_since.items()}
        if self.listening_since is not None:
            self.listening_since = min(self.listening_since, now)
        self.named = {key: end._replace(since=min(end.since, now)) for key, end in self.named.items()}

    def has_listened(self, milliseconds: int, now: int) -> bool:
        """Whether other members could be received for that long (ms); else their silence means nothing."""
        since = self.listening_since
        return since is not None and now - since > milliseconds

    def has_expected(self, member: str, milliseconds: int, now: int) -> bool:
        """Whether the member was active for that long (ms); else nothing was to be heard of it."""
        return now - self.expected_since.get(member, 0) > milliseconds

    def record_store_failure(self, error: BaseException, now: int) -> None:
        """Record that the store failed to commit."""
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        self.failed_at = now
        self.has_no_room = getattr(cause, "errno", None) in _FULL or "full" in str(error)
