"""Times on the command line: in this machine's time zone, followed by UTC."""

import os
import re
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from suar.protocol.base.instants import in_zone

_ZONE_VARIABLE: Final = "TZ"
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def local_zone() -> tzinfo:
    """Return the zone of the variable TZ, else the present one of this machine."""
    named = os.environ.get(_ZONE_VARIABLE, "").removeprefix(":")
    if named:
        try:
            return ZoneInfo(named)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return datetime.now(UTC).astimezone().tzinfo or UTC


def short(text: str | None, *, with_seconds: bool = False, with_year: bool = False) -> str | None:
    """Return an instant of the standard for a cell of a table: `02-14 21:06 (13:06Z)`, or in UTC `02-14 13:06Z`.

    A year other than the present one precedes it, with `with_year` every year. `with_seconds`: `21:06:07`. None remains
    None.
    """
    if not text:
        return None
    at = datetime.fromisoformat(text).astimezone(UTC)
    local = in_zone(at, local_zone())
    year = "" if local.year == datetime.now(UTC).year and not with_year else f"{local.year}-"
    day, form = f"{year}{local:%m-%d}", "%H:%M:%S" if with_seconds else "%H:%M"
    if local.utcoffset() == at.utcoffset():
        return f"{day} {at.strftime(form)}Z"
    utc = f"{at.strftime(form)}Z" if local.date() == at.date() else f"{at:%m-%d} {at.strftime(form)}Z"
    return f"{day} {local.strftime(form)} ({utc})"


def dated(text: str) -> str:
    """Return an instant of the standard for a sentence: `2027-02-14 21:06 (13:06Z)`."""
    return str(short(text, with_year=True))


def in_local_time(text: str, *, with_seconds: bool = False) -> str:
    """Return a text that is an instant of the standard as local time followed by UTC, with its year; any other text
    unchanged.
    """
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return str(short(text, with_seconds=with_seconds, with_year=True))
    except ValueError:  # no such day
        return text
