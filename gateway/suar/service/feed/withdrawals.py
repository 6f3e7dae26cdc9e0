"""The earlier revisions that a later revision withdrew from a reader who could read them.

A text may have been destroyed meanwhile: then its stored marking decides.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, Row

from suar.protocol.message.marking import TLPS, Marking, rank
from suar.protocol.policy.decision import decide
from suar.protocol.policy.restrictions import Reader, may_read_kind
from suar.service.core.altered_rows import NOT_SHOWN
from suar.service.core.core import Core
from suar.service.reading import views
from suar.service.reading.trees import could_read_recalled, stored_marking
from suar.store.messages import markings


def may_see_at(reader: Reader, marking: Marking | None, now: int) -> bool:
    """Whether the reader may see what has this marking at that moment (ms)."""
    return decide(marking, reader if reader.now == now else replace(reader, now=now)).is_allowed


class Withdrawal(NamedTuple):
    """The newest revision that a reader could read, and until when (ms): who was registered later never could.

    `number`: the row with which it was withdrawn, the first that was stored after it.
    """

    earlier: Row[Any]
    until: int
    number: int


def withdrawal_of(
    core: Core, connection: Connection, reader: Reader, newest: Any, marking: Marking | None
) -> Withdrawal | None:
    """Return what the newest revision of a message, or one before it, withdrew from a reader; None if nothing.

    It is withdrawn once, however many stricter revisions follow, and their recall. None, too, for our focal point, and
    where the reader could read `newest` when it arrived: then its expiry is reported.
    """
    if reader.is_focal_point or may_see_revision(core, connection, reader, newest, marking):
        return None
    earlier = next(could_read_before(core, connection, reader, newest), None)
    following = None if earlier is None else markings.replacing(connection, earlier.id, earlier.rev)
    if earlier is None or following is None:
        return None
    return Withdrawal(earlier, min(following.at, earlier.expires), following.n)


def may_see_revision(core: Core, connection: Connection, reader: Reader, row: Any, marking: Marking | None) -> bool:
    """Whether the reader could read a revision when it arrived; a cancel if it could read what that recalls, too."""
    if not may_see_at(reader, marking, min(row.at, reader.now)):
        return False
    return row.action != "cancel" or could_read_recalled(core, connection, reader, row) is not False


def could_read_before(core: Core, connection: Connection, reader: Reader, row: Any) -> Iterator[Row[Any]]:
    """The revisions before `row` that the reader could read when they came, the newest first.

    The first revision has none, nor a message of a kind that the reader may not read: all revisions of an id are of one
    kind. Neither is searched, for what an agency may not read is most of what many of them look at.
    """
    if row.rev == 1 or not may_read_kind(reader, row.kind):
        return
    ceiling = rank(reader.highest_tlp, unknown=-1)
    for earlier in markings.earlier(connection, row.id, row.rev, TLPS[: ceiling + 1]):
        marking = stored_marking(core, connection, earlier)
        if marking is not None and decide(marking, replace(reader, now=earlier.at)).is_allowed:
            yield earlier


def opened(core: Core, row: Any) -> dict[str, Any] | None:
    """The message of a row; None where it was destroyed or altered, or cannot be read."""
    try:
        return views.body_of(core, row)
    except NOT_SHOWN:  # the next check reports it; the others are returned
        return None
