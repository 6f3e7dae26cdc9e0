"""The feed: every message that a reader may read, each once, most urgent first, from any position.

A backlog is read lane by lane (protocol/message/urgency.py). Every page begins again at the most urgent lane, so a new
alert is delivered before the rest of the backlog. Where a reader is: positions.py.

A revision that has a later one is left out, because the later one was delivered or is still to come. A cancel is
delivered as a head and a tombstone without a text; the revisions that it destroyed are left out.
An agency may not read what has expired, so it receives an event for each expiry, in the order of expiry. Where a
revision is stricter than one that the agency could read, it receives the head of that one, as withdrawn.
"""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row

from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.message.urgency import LANES
from suar.protocol.policy.restrictions import Reader
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.feed.events import expiry_event, message_event, positioned, withdrawal_event
from suar.service.feed.positions import FeedPosition, FeedSelection, encode_position
from suar.service.feed.withdrawals import may_see_at, opened, readable_before
from suar.store.messages import urgency
from suar.store.messages.urgency import Selection

ROWS: Final = 64  # messages in one page, the most that is held in memory for a slow reader
BYTES: Final = 1024 * 1024  # of a page, unless one message is larger
LOOKED: Final = 512  # rows examined for one page, however few of them the reader may read


class Event(NamedTuple):
    """One message for one reader: the position after it, and a CloudEvents 1.0 document."""

    position: str
    data: bytes
    is_exercise: bool
    reads: int | None  # the row number, when no program was given this message of another member before
    about: tuple[str, int]  # id and revision
    has_text: bool  # it is no tombstone, expiry or withdrawal
    is_expiry: bool = False

    @property
    def positioned(self) -> bytes:
        """The document with the position after it, an extension attribute of CloudEvents."""
        return positioned(self.data, self.position)


class Page(NamedTuple):
    """The next events and the position after them; `is_last` if nothing more is waiting."""

    events: list[Event]
    position: FeedPosition
    is_last: bool


def next_page(
    core: Core, asked: FeedSelection, position: FeedPosition, reader: Reader | None = None, *, most: int | None = None
) -> Page:
    """Return the events after `position` for `reader`, by default our focal point; at most `most`, else ROWS.

    An agency also receives expiries. Reads committed data; may be called from any thread.
    """
    asks = reader or reading_policy.own_reader(core.member, core.status.trust, core.clock())
    selection, page = asked.selection(core.member), _Unfinished(core, asked, position, most or ROWS)
    with core.database.reading() as connection:
        view = _View(core, connection, asks)
        is_last = _lanes(view, selection, page) and (asks.is_focal_point or _expiries(view, selection, page))
    return Page(page.events, page.position, is_last)


class EventNow(NamedTuple):
    """The event of a revision as a reader would get it at this moment.

    `has_text`: it is no tombstone, expiry or withdrawal. `reasonless_since`: since when (ms) a tombstone has nothing
    of what its publisher wrote for it; None while it has.
    """

    data: bytes
    has_text: bool
    reasonless_since: int | None = None


def event_now(
    core: Core, connection: Connection, reader: Reader, about: tuple[str, int], *, is_expiry: bool = False
) -> EventNow | None:
    """Return the event of a revision, or of its expiry, for `reader` now; None where it would get none."""
    row = urgency.revision(connection, *about)
    if row is None:
        return None
    view = _View(core, connection, reader)
    data, has_text = (view.expiry(row), False) if is_expiry else view.message(row)
    if data is None:
        return None
    is_over = row.action == "cancel" and not is_expiry and reader.now >= row.expires
    return EventNow(data, has_text, row.expires if is_over else None)


def _lanes(view: "_View", selection: Selection, page: "_Unfinished") -> bool:
    """Add what the lanes have, the most urgent first; whether all of it was added."""
    for lane in range(len(LANES)):
        while True:
            if page.is_full:
                return False
            at = page.position.lanes[lane]
            rows = urgency.lane_after(view.connection, lane, at, selection, page.rows_left, page.bytes_left)
            if not rows:
                break
            for row in rows:
                if page.is_full:
                    return False
                data, has_text = view.message(row)
                page.add(page.position.after(row), row, data, has_text=has_text)
    return True


def _expiries(view: "_View", selection: Selection, page: "_Unfinished") -> bool:
    """Add what has expired since the position; whether all of it was added."""
    while not page.is_full:
        at = page.position.expired
        rows = urgency.expired_after(view.connection, at, view.now, selection, page.rows_left)
        if not rows:
            page.position = msgspec.structs.replace(page.position, expired=(view.now, INTEGER_MAX))
            return True
        for row in rows:
            if page.is_full:
                return False
            position = msgspec.structs.replace(page.position, expired=(row.expires, row.n))
            page.add(position, row, view.expiry(row), is_expiry=True)
    return False


class _Unfinished:
    """A page that is being read."""

    def __init__(self, core: Core, asked: FeedSelection, position: FeedPosition, most: int) -> None:
        self._core, self._asked, self.position, self._most = core, asked, position, most
        self.events = list[Event]()
        self.looked = self._size = 0

    @property
    def is_full(self) -> bool:
        """Whether it has, or has read, as much as a page may."""
        return self.looked >= LOOKED or len(self.events) >= self._most or self._size >= BYTES

    @property
    def rows_left(self) -> int:
        """Rows that are read next: more at once the more were left out."""
        return min(ROWS - len(self.events), max(self._most - len(self.events), self.looked))

    @property
    def bytes_left(self) -> int:
        """Bytes that it still has room for."""
        return BYTES - self._size

    def add(
        self, position: FeedPosition, row: Row[Any], data: bytes | None, *,
        has_text: bool = False, is_expiry: bool = False,
    ) -> None:  # fmt: skip
        """Go on behind `row`, with its event unless that is None."""
        self.position = position
        self.looked += 1
        if data is None:
            return
        is_news = row.origin != self._core.member and row.read_at is None and row.action != "cancel"
        name = encode_position(self._core, self._asked, position)
        number = row.n if is_news and not self._asked.agency else None
        about, is_drill = (row.id, row.rev), is_exercise(row.realm)
        self.events.append(Event(name, data, is_drill, number, about, has_text, is_expiry))
        self._size += len(data)


class _View(NamedTuple):
    """One reader's sight of the store at one moment."""

    core: Core
    connection: Connection
    reader: Reader

    @property
    def now(self) -> int:
        """The moment (ms)."""
        return self.reader.now

    def message(self, row: Row[Any]) -> tuple[bytes | None, bool]:
        """The event of a row; None for what it may not read, what a later revision overtook, what was destroyed.

        Second, whether it has the text.

        A tombstone does not expire for an agency, which must hear of it; what the publisher wrote for it does.
        """
        body = self._body(row)
        if body is None:
            return None, False
        is_over = row.action == "cancel" and not self.reader.is_focal_point and self.now >= row.expires
        if not self._may_see(row, body, row.expires - 1 if is_over else self.now):
            earlier = readable_before(self.core, self.connection, self.reader, row, body)
            return None if earlier is None else withdrawal_event(self.core, earlier, row), False
        return message_event(self.core, row, body, self.now, has_reason=not is_over), row.action != "cancel"

    def expiry(self, row: Row[Any]) -> bytes | None:
        """The event that a row has expired, for who could read it until then."""
        body = self._body(row)
        if body is None or not self._may_see(row, body, row.expires - 1):
            return None
        return expiry_event(self.core, row)

    def _body(self, row: Row[Any]) -> dict[str, Any] | None:
        return None if row.body is None or row.last_rev != row.rev else opened(self.core, row)

    def _may_see(self, row: Row[Any], body: dict[str, Any], now: int) -> bool:
        return may_see_at(self.reader, row, body, now)
