"""What one person is told now by one channel: what is immediate singly and first, a few singly, many as one digest.

Pure but for the store's rows: the caller brings clock, settings and what was said lately. In quiet hours only what is
immediate is looked at; the rest stays due.
"""

from collections import deque
from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from suar.service.notify_config import Notify, Person, quiet_hours
from suar.store import notices
from suar.store.notices import Recipient

LISTED: Final = 20  # of a digest, by id
DIGEST_PREFIX: Final = "dig_"
URGENT_PAUSE: Final = 60_000  # ms between digests that have something immediate in them
REALMS: Final = ("actual", "exercise")  # a digest is of one


class Sending(NamedTuple):
    """One thing to tell: a row, or a digest by its key."""

    key: str
    row: Row[Any] | None = None


class Lately:
    """What was told to one recipient: times in ms. It is forgotten with the process, which costs a few notices more."""

    def __init__(self) -> None:
        self.urgent: deque[int] = deque()
        self.plain: deque[int] = deque()
        self.digest: int | None = None

    def left(self, told: "deque[int]", now: int, settings: Notify) -> int:
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


def plan(
    connection: Connection, who: Recipient, now: int, settings: Notify, lately: Lately, *, quiet: bool
) -> list[Sending]:
    """What is to be told in this order; a digest among it is claimed, with the caller's transaction."""
    notices.drop_overtaken(connection, who, now)
    allowed = lately.left(lately.urgent, now, settings)
    urgent = notices.due(connection, who, now, immediate=True, limit=allowed + 1)
    singly = [Sending(row.key, row) for row in urgent[:allowed]]
    is_storm = len(urgent) > allowed
    begun = [Sending(key) for key in notices.claimed(connection, who, now) if not quiet or _is_urgent(connection, key)]
    if quiet and not is_storm:
        return singly + begun
    allowed = lately.left(lately.plain, now, settings)
    plain = [] if quiet else notices.due(connection, who, now, immediate=False, limit=allowed + 1)
    if not is_storm and len(plain) <= allowed:
        return singly + begun + [Sending(row.key, row) for row in plain]
    pause = min(URGENT_PAUSE, int(settings.digest_seconds * 1000)) if is_storm else int(settings.digest_seconds * 1000)
    if not lately.may_digest(now, pause):
        return singly + begun
    spared = [each.row.n for each in singly if each.row is not None]
    return singly + begun + list(_digests(connection, who, now, spared, quiet=quiet))


def _is_urgent(connection: Connection, key: str) -> bool:
    """Whether a digest begins with something immediate."""
    head = notices.head_of(connection, key, 1)
    return bool(head) and head[0].lane == notices.NOW


def _digests(connection: Connection, who: Recipient, now: int, spared: list[int], *, quiet: bool) -> list[Sending]:
    """One digest a realm of everything that is due; in quiet hours of what is immediate alone."""
    found = []
    for status in REALMS:
        name = "\0".join((who.person, who.channel, status, str(now), *map(str, spared)))
        key = DIGEST_PREFIX + sha256(name.encode()).hexdigest()[:32]
        if notices.claim(connection, who, now, key, status=status, spared=spared, only_urgent=quiet):
            found.append(Sending(key))
    return found
