"""Whether a stricter revision took something from a reader: the newest one before it that the reader could read."""

from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row

from suar.protocol.policy.restrictions import Reader
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.reading import views
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow


def may_see_at(reader: Reader, row: Row[Any], body: dict[str, Any], now: int) -> bool:
    """Whether the reader may see a row at that moment (ms)."""
    return reading_policy.may_see(replace(reader, now=now), row.kind, row.origin, row.realm, body).allowed


def readable_before(
    core: Core, connection: Connection, reader: Reader, row: Row[Any], body: dict[str, Any]
) -> Row[Any] | None:
    """The revision that the reader could read when `row` came, which it may not; None when there is none.

    None, too, for our focal point, and where the reader could read `row` when it came: then its expiry is told.
    """
    came = min(row.at, reader.now)
    if reader.is_focal_point or may_see_at(reader, row, body, came):
        return None
    for earlier in messages.earlier(connection, row.id, row.rev):  # the newest first
        its = None if earlier.body is None else opened(core, earlier)
        if its is not None and may_see_at(reader, earlier, its, came):
            return earlier
    return None


def opened(core: Core, row: Row[Any]) -> dict[str, Any] | None:
    """The message of a row; None where it was destroyed or altered."""
    try:
        return views.body_of(core, row)
    except AlteredRow:  # told at the next look; the others are given
        return None
