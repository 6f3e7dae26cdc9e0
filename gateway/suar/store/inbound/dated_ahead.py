"""What waits for its time: objects of a member whose clock is, or was, ahead of ours (protocol.md section 7)."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, and_, func, select

from suar.protocol.base import limits
from suar.protocol.transport import frame
from suar.store import tables as t
from suar.store.inbound.strange_waiting import HAS_VALID_VALUES

_COMPARED: Final = 64  # newest waiting frames whose times are compared
_LATER: Final = limits.SECOND  # ms between two frames that did not arrive in one batch
_w: Final = t.waiting


class DatedAhead(NamedTuple):
    """Of one member; times in ms. `until`: when all of it can be judged. `arrived`: when its newest object came.

    `ahead`: how far its newest frame was dated ahead when it came. `is_set_right`: that frame is dated no later than
    one that came before it, as a sender dates its frames once its clock was set back: by the begin of their epoch.
    What a frame states is not verified before it is judged: this is for people, never for admission.
    """

    until: int
    arrived: int
    ahead: int
    is_set_right: bool


def senders_ahead(connection: Connection) -> dict[str, DatedAhead]:
    """Return each member of which something waits for its time."""
    last, is_ahead = func.max(_w.c.for_time), and_(_w.c.for_time.is_not(None), HAS_VALID_VALUES)
    found = connection.execute(select(_w.c.sender, last).where(is_ahead).group_by(_w.c.sender)).all()
    return {sender: _of(connection, sender, for_time) for sender, for_time in found}


def _of(connection: Connection, sender: str, for_time: int) -> DatedAhead:
    is_theirs = and_(_w.c.sender == sender, HAS_VALID_VALUES)
    header = func.substr(_w.c.data, 1, limits.FRAME_HEADER)
    newest = select(_w.c.since, header).where(is_theirs, _w.c.type == "frame").order_by(_w.c.n.desc())
    frames = [(row[0], frame.stated_time(row[1])) for row in connection.execute(newest.limit(_COMPARED))]
    arrived: int = connection.execute(select(func.max(_w.c.since)).where(is_theirs)).scalar_one()
    until = for_time - limits.CLOCK_TOLERANCE
    if not frames:
        return DatedAhead(until, arrived, for_time - arrived, is_set_right=False)
    newest_since, dated = frames[0]
    is_set_right = any(newest_since - since >= _LATER and dated <= at for since, at in frames[1:])
    return DatedAhead(until, arrived, dated - newest_since, is_set_right)
