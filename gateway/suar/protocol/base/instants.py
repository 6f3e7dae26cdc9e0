"""Instants of the standard: RFC 3339 in UTC with whole seconds, such as `2027-01-15T08:00:00Z`.

Internal times are milliseconds since 1970. The format and all conversions are defined here.
"""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

LAST: Final = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * 1000
"""The last instant that the format can represent (ms)."""
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def instant(at: int) -> str:
    """Return milliseconds since 1970 as an instant, rounded down.

    Raises ValueError, OverflowError or OSError for a time that the calendar cannot represent.
    """
    return _of_second(at // 1000)


def claimed_at(at: int) -> str:
    """Return milliseconds that somebody else wrote as an instant; `N ms` for what the calendar cannot represent."""
    try:
        return instant(at)
    except (ValueError, OverflowError, OSError):
        return f"{at} ms"


def instant_of(at: datetime) -> str:
    """Return a date and time with its UTC offset as an instant, rounded down.

    Raises OverflowError if the calendar cannot represent it in UTC.
    """
    return _written(at.astimezone(UTC))


@lru_cache(4096)  # messages of a batch share few distinct times
def milliseconds(text: str) -> int:
    """Return the milliseconds since 1970 of a valid instant. Raises ValueError for any other text."""
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def moment(text: str) -> datetime:
    """Return an instant as a date and time in UTC. Raises ValueError for any other form."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return a date and time in `zone`; unchanged if the result would be outside the years 1 to 9999."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


@lru_cache(4096)  # a list shows as many
def _of_second(since_1970: int) -> str:
    return _written(datetime.fromtimestamp(since_1970, UTC))


def _written(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"  # strftime writes the year 50 as 50


def rfc3339(at: int | None) -> str | None:
    """Return a time (ms) in RFC 3339, or None if there is none."""
    return None if at is None else instant(at)
