"""The earlier revisions that a later revision withdrew from a reader who could read them.

A text may have been destroyed meanwhile: then its stored marking decides.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Fault
from suar.protocol.message.marking import TLPS, Marking, rank
from suar.protocol.policy.decision import decide
from suar.protocol.policy.restrictions import Reader, may_read_kind
from suar.service.core.altered_rows import NOT_SHOWN, open_row
from suar.service.core.core import Core
from suar.service.reading import views
from suar.service.reading.trees import marking_in
from suar.store.messages import markings
from suar.store.messages.rows import AlteredRow


def may_see_at(reader: Reader, marking: Marking | None, now: int) -> bool:
    """Whether the reader may see what has this marking at that moment (ms)."""
    return decide(marking, reader if reader.now == now else replace(reader, now=now)).is_allowed


def readable_before(
    core: Core, connection: Connection, reader: Reader, row: Any, marking: Marking | None
) -> Row[Any] | None:
    """Return the newest revision before `row` that the reader could read; None when there is none, or it may read
    `row`.

    None, too, for our focal point, and where the reader could read `row` when it arrived: then its expiry is reported.
    """
    if reader.is_focal_point or may_see_at(reader, marking, min(row.at, reader.now)):
        return None
    return next(could_read_before(core, connection, reader, row), None)


def could_read_before(core: Core, connection: Connection, reader: Reader, row: Any) -> Iterator[Row[Any]]:
    """The revisions before `row` that the reader could read when they came, the newest first.

    The first revision has none, nor a message of a kind that the reader may not read: all revisions of an id are of one
    kind. Neither is searched, for what an agency may not read is most of what many of them look at.
    """
    if row.rev == 1 or not may_read_kind(reader, row.kind):
        return
    ceiling = rank(reader.highest_tlp, unknown=-1)
    for earlier in markings.earlier(connection, row.id, row.rev, TLPS[: ceiling + 1]):
        marking = _marking(core, connection, earlier)
        if marking is not None and decide(marking, replace(reader, now=earlier.at)).is_allowed:
            yield earlier


def _marking(core: Core, connection: Connection, row: Row[Any]) -> Marking | None:
    """The marking of a row, also of a destroyed one; None where it is not known."""
    try:
        data = None if row.body is None else open_row(core, row)
    except AlteredRow:  # the next check reports it
        data = None
    if data is not None:
        return marking_in(data)
    try:
        return markings.find(connection, core.vault, row.id, row.rev)
    except Fault:  # altered; the check of the protected tables reports it
        return None


def opened(core: Core, row: Any) -> dict[str, Any] | None:
    """The message of a row; None where it was destroyed or altered, or cannot be read."""
    try:
        return views.body_of(core, row)
    except NOT_SHOWN:  # the next check reports it; the others are returned
        return None
