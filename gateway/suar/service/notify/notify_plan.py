"""What one person is told next by one channel: what is immediate first and singly, then a few singly, or one digest.

Pure but for the store's rows: the caller brings clock, settings and what was said lately. In quiet hours only what is
immediate is looked at; the rest waits.
"""

from collections import deque
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from suar.service.settings.notify_config import Notify, Person, quiet_hours
from suar.store.people import notices
from suar.store.people.notices import Recipient

LISTED: Final = 20  # of a digest, by id
DIGEST_PREFIX: Final = "dig_"
URGENT_PAUSE: Final = 60_000  # ms between digests that have something immediate in them
REALMS: Final = ("actual", "exercise")  # a digest is of one


class Sending(NamedTuple):
    """One thing to tell: a row, or a digest by its key."""

    key: str
    row: Row[Any] | None = None


class RecentNotices:
    """What was told to one recipient: times in ms. It is forgotten with the process, which costs a few notices more."""

    def __init__(self) -> None:
        self.urgent: deque[int] = deque()
        self.plain: deque[int] = deque()
        self.digest: int | None = None

    def singles_left(self, told: "deque[int]", now: int, settings: Notify) -> int:
        """How many more may be told singly."""
        since = now - int(settings.digest_seconds * 1000)
        while told and not since < told[0] <= now:
            told.popleft()
        return max(0, settings.digest_above - len(told))

    def may_digest(self, now: int, pause: int) -> bool:
        """Whether the last digest is long enough ago; also after a clock that ran ahead."""
        return self.digest is None or not 0 <= now - self.digest < pause

    def note(self, sending: Sending, now: int) -> None:
        """It was told."""
        if sending.row is None:
            self.digest = now
        else:
            (self.urgent if sending.row.lane == notices.NOW else self.plain).append(now)


def is_quiet(person: Person, zone: ZoneInfo, now: int) -> bool:
    """Whether `now` (ms) lies in the person's quiet hours, by the clock on their wall."""
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
    """What is told next; a digest is claimed by it, with the caller's transaction. None: nothing, for now."""
    urgent = notices.undigested(connection, who, immediate=True, limit=1)
    if urgent and recent.singles_left(recent.urgent, now, settings):
        return Sending(urgent[0].key, urgent[0])
    for key in notices.claimed(connection, who):
        if not quiet or notices.head_of(connection, who, key, 1)[0].lane == notices.NOW:
            return Sending(key)
    pause = int(settings.digest_seconds * 1000)
    if urgent:  # a storm of them
        pause = min(pause, URGENT_PAUSE)
    else:
        left = recent.singles_left(recent.plain, now, settings)
        plain = [] if quiet else notices.undigested(connection, who, immediate=False, limit=left + 1)
        if len(plain) <= left:
            return Sending(plain[0].key, plain[0]) if plain else None
    return _digest(connection, who, now, quiet=quiet) if recent.may_digest(now, pause) else None


def _digest(connection: Connection, who: Recipient, now: int, *, quiet: bool) -> Sending | None:
    """Everything that waits, as a digest a realm; in quiet hours of what is immediate alone. The first of them."""
    found = []
    for status in REALMS:
        name = "\0".join((who.person, who.channel, status, str(now)))
        key = DIGEST_PREFIX + sha256(name.encode()).hexdigest()[:32]
        if notices.claim(connection, who, key, status=status, only_urgent=quiet):
            found.append(Sending(key))
    return found[0] if found else None
