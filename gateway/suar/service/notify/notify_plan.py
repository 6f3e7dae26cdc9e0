"""Selects what one recipient receives next: immediate notices singly, then a few others singly, else one digest.

Apart from the rows of the store it is pure: the caller passes in the time, the settings and the recent notices. In
quiet hours only immediate notices are selected; the others wait.
"""

from collections import deque
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from suar.service.settings.sections.notify_config import Notify, Person, quiet_hours
from suar.store.people import notices
from suar.store.people.notices import Recipient

LISTED: Final = 20  # notices that a digest names by id
DIGEST_PREFIX: Final = "dig_"
URGENT_PAUSE: Final = 60_000  # ms between two digests that contain immediate notices
REALMS: Final = ("actual", "exercise")  # a digest contains notices of one realm


class Sending(NamedTuple):
    """One delivery: a single notice with its row, or a digest with its key only."""

    key: str
    row: Row[Any] | None = None


class RecentNotices:
    """The recent deliveries to one recipient, as times in ms.

    After a restart it is empty, so a few more go out singly.
    """

    def __init__(self) -> None:
        self.urgent: deque[int] = deque()
        self.plain: deque[int] = deque()
        self.digest: int | None = None

    def singles_left(self, sent: "deque[int]", now: int, settings: Notify) -> int:
        """Return how many more notices may be delivered singly in this interval; entries older than it are removed from
        `sent`.
        """
        since = now - int(settings.digest_seconds * 1000)
        while sent and not since < sent[0] <= now:
            sent.popleft()
        return max(0, settings.digest_above - len(sent))

    def may_digest(self, now: int, pause: int) -> bool:
        """Whether the last digest is at least `pause` ms old; also true if the clock has been set back since."""
        return self.digest is None or not 0 <= now - self.digest < pause

    def note(self, sending: Sending, now: int) -> None:
        """Record a delivery at `now` (ms)."""
        if sending.row is None:
            self.digest = now
        else:
            (self.urgent if sending.row.lane == notices.NOW else self.plain).append(now)


def is_quiet(person: Person, zone: ZoneInfo, now: int) -> bool:
    """Whether `now` (ms) is within the person's quiet hours, in the time zone `zone`."""
    hours = quiet_hours(person.quiet)
    if hours is None:
        return False
    wall = datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).time()
    return _is_between(wall, *hours)


def _is_between(wall: time, start: time, end: time) -> bool:
    return start <= wall < end if start < end else wall >= start or wall < end


def next_sending(
    connection: Connection, who: Recipient, now: int, settings: Notify, recent: RecentNotices, *, quiet: bool
) -> Sending | None:
    """Return the next delivery, or None if nothing may be delivered now.

    A new digest is claimed for its notices in the caller's transaction.
    """
    urgent = notices.undigested(connection, who, immediate=True, limit=1)
    if urgent and recent.singles_left(recent.urgent, now, settings):
        return Sending(urgent[0].key, urgent[0])
    for key in notices.claimed(connection, who):
        if not quiet or notices.head_of(connection, who, key, 1)[0].lane == notices.NOW:
            return Sending(key)
    pause = int(settings.digest_seconds * 1000)
    if urgent:  # too many for single notices
        pause = min(pause, URGENT_PAUSE)
    else:
        left = recent.singles_left(recent.plain, now, settings)
        plain = [] if quiet else notices.undigested(connection, who, immediate=False, limit=left + 1)
        if len(plain) <= left:
            return Sending(plain[0].key, plain[0]) if plain else None
    return _digest(connection, who, now, quiet=quiet) if recent.may_digest(now, pause) else None


def _digest(connection: Connection, who: Recipient, now: int, *, quiet: bool) -> Sending | None:
    """Claim all waiting notices as one digest for each realm and return the first.

    In quiet hours only immediate notices.
    """
    found = []
    for status in REALMS:
        name = "\0".join((who.person, who.channel, status, str(now)))
        key = DIGEST_PREFIX + sha256(name.encode()).hexdigest()[:32]
        if notices.claim(connection, who, key, status=status, only_urgent=quiet):
            found.append(Sending(key))
    return found[0] if found else None
