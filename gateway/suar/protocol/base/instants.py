"""Instants of the standard: RFC 3339 in UTC and whole seconds, as in `2027-01-15T08:00:00Z`.

Times inside are milliseconds since 1970. Both directions and the format stand here and nowhere else.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def instant(at: int) -> str:
    """Milliseconds since 1970 as an instant, rounded down. ValueError, OverflowError or OSError beyond the calendar."""
    return _of_second(at // 1000)


def instant_of(at: datetime) -> str:
    """A date and time with its offset as an instant, rounded down. OverflowError where UTC leaves the calendar."""
    return _written(at.astimezone(UTC))


@lru_cache(4096)  # messages that come together have few times among them
def milliseconds(text: str) -> int:
    """The milliseconds of an instant that was checked already. ValueError for what is none."""
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def moment(text: str) -> datetime:
    """An instant as a date and time in UTC. ValueError for any other form of it."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


@lru_cache(256)
def _of_second(since_1970: int) -> str:
    return _written(datetime.fromtimestamp(since_1970, UTC))


def _written(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"  # strftime writes the year 50 as 50
