"""The feed: every message that a reader may read, each once, most urgent first, from any position.

A backlog is read lane by lane (protocol/message/urgency.py). Every page begins again at the most urgent lane, so a new
alert is delivered before the rest of the backlog. positions.py has the positions of readers.

A revision that has a later one is left out, because the later one was delivered or is still to come. A cancel is
delivered as a head and a tombstone without a text; the revisions that it destroyed are left out. An agency may not read
what has expired, so it receives an event for each expiry, in the order of expiry. Where a revision is stricter than one
that the agency could read, it receives the head of that one, as withdrawn.
"""

import contextlib
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.message.urgency import LANES
from suar.protocol.policy.restrictions import Reader, may_read_kind
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.feed.events import withdrawal_event
from suar.service.feed.pages import Entry, Page, SharedPage, key_of
from suar.service.feed.positions import FeedPosition, FeedSelection, sealed_positions
from suar.service.feed.withdrawals import Withdrawal, may_see_at, withdrawal_of
from suar.service.feed.written_events import CURRENT, EXPIRY, OVER, WrittenEvent, written_events
from suar.service.reading.trees import could_read_recalled, stored_marking
from suar.store.messages import rows as messages
from suar.store.messages import urgency
from suar.store.messages.urgency import Selection

ROWS: Final = 64  # messages in one page, the most that is held in memory for a slow reader
BYTES: Final = 1024 * 1024  # of a page, unless one message is larger
EXAMINED_MAX: Final = 512  # rows examined for one page, however few of them the reader may read


class StoreView(NamedTuple):
    """What was committed at one moment. `now` (ms) and the turns, of what is kept in memory, are from before it."""

    core: Core
    connection: Connection
    name: Hashable
    now: int
    texts_turn: int
    pages_turn: int

    def page(
        self, selection: FeedSelection, position: FeedPosition, reader: Reader | None = None, *,
        most: int | None = None, since: int = 0,
    ) -> Page:  # fmt: skip
        """Return the events after `position` for `reader`, by default our focal point; at most `most`, else ROWS.

        An agency also receives expiries, and withdrawals of what it could read `since` it was registered (ms).
        """
        core, limit = self.core, most or ROWS
        asks = reader or reading_policy.own_reader(core.member, core.status.trust, self.now)
        key = key_of(self.name, selection, asks, position, limit)
        shared = core.pages.find(key)
        if shared is None or not shared.is_good(asks.now):
            view = _View(core, self.connection, asks, self.texts_turn, {})
            shared = _made(view, selection, _Unfinished(position, limit, asks.now))
            core.pages.keep(key, shared, shared.size, self.pages_turn)
        return Page(core, selection, shared.of_registered(since))


@contextlib.contextmanager
def view_of_store(core: Core) -> Iterator[StoreView]:
    """A view of committed data until the block ends; may be called from any thread."""
    now, texts_turn, pages_turn = core.clock(), core.opened_texts.turn, core.pages.turn
    with core.database.reading() as connection:
        yield StoreView(core, connection, core.database.view_of(connection), now, texts_turn, pages_turn)


def next_page(
    core: Core,
    selection: FeedSelection,
    position: FeedPosition,
    reader: Reader | None = None,
    *,
    most: int | None = None,
    since: int = 0,
) -> Page:
    """Return the page of a view of its own, see StoreView.page."""
    with view_of_store(core) as view:
        return view.page(selection, position, reader, most=most, since=since)


def _made(view: "_View", selection: FeedSelection, page: "_Unfinished") -> SharedPage:
    """Read a page."""
    rows = selection.selection(view.core.member)
    is_last = _add_lanes(view, rows, page) and (view.reader.is_focal_point or _add_expiries(view, rows, page))
    return page.finished(view.core, selection, is_last=is_last)


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
    view = _View(core, connection, reader, None, {})
    form = EXPIRY if is_expiry else view.form(row)
    [written] = view.written([row], [form])
    data, has_text, _ = view.event(row, written, form)
    if data is None:
        return None
    is_over = row.action == "cancel" and not is_expiry and reader.now >= row.expires
    return EventNow(data, has_text, row.expires if is_over else None)


def _add_lanes(view: "_View", selection: Selection, page: "_Unfinished") -> bool:
    """Add what the lanes have, the most urgent first; returns whether all of it was added."""
    for lane in range(len(LANES)):
        while True:
            if page.is_full:
                return False
            at = page.position.lanes[lane]
            between = (at, view.core.vault.numbers.last)  # a higher number is of a row that somebody else wrote
            rows = urgency.lane_after(view.connection, lane, between, selection, page.rows_left, page.bytes_left)
            if not rows:
                break
            if not view.add_to(page, rows, list(map(view.form, rows))):
                return False
    return True


def _add_expiries(view: "_View", selection: Selection, page: "_Unfinished") -> bool:
    """Add what has expired since the position; returns whether all of it was added."""
    while not page.is_full:
        at = page.position.expired
        rows = urgency.expired_after(view.connection, at, view.now, selection, page.rows_left)
        if not rows:
            page.position = page.position.after_expiries_until(view.now)
            return True
        if not view.add_to(page, rows, [EXPIRY] * len(rows)):
            return False
    return False


class _Unfinished:
    """A page that is being read."""

    def __init__(self, position: FeedPosition, most: int, now: int) -> None:
        self.position, self._most, self._now, self._until = position, most, now, INTEGER_MAX
        self._found = list[_Found]()
        self._examined = self._size = 0

    @property
    def is_full(self) -> bool:
        """Whether it has, or has read, as much as a page may."""
        return self._examined >= EXAMINED_MAX or len(self._found) >= self._most or self._size >= BYTES

    @property
    def rows_left(self) -> int:
        """Rows that are read next: more at once the more were left out."""
        return min(ROWS - len(self._found), max(self._most - len(self._found), self._examined))

    @property
    def bytes_left(self) -> int:
        """Bytes that it still has room for."""
        return BYTES - self._size

    def add(self, row: Any, form: str, event: "_Event") -> None:
        """Advance past `row`, and add its event unless that is None."""
        is_expiry = form == EXPIRY
        self.position = self.position.after_expiry(row) if is_expiry else self.position.after(row)
        self._examined += 1
        self._until = min(self._until, *(at for at in (row.at, row.expires) if at > self._now), INTEGER_MAX)
        if event.data is not None:
            self._found.append(_Found(self.position, row, event.data, event.has_text, is_expiry, event.until))
            self._size += len(event.data)

    def finished(self, core: Core, selection: FeedSelection, *, is_last: bool) -> SharedPage:
        """What it has, each with the position after it."""
        found = self._found
        positions = sealed_positions(core, selection, [each.position for each in found])
        entries = [
            Entry(
                sealed, each.data, is_exercise(each.row.realm), _news(core, selection, each.row),
                (each.row.id, each.row.rev), each.has_text, each.is_expiry, each.until,
            )
            for sealed, each in zip(positions, found, strict=True)
        ]  # fmt: skip
        return SharedPage(entries, self.position, self._now, self._until, is_last=is_last)


class _Found(NamedTuple):
    """An event of a page, and the position after it."""

    position: FeedPosition
    row: Any
    data: bytes
    has_text: bool
    is_expiry: bool
    until: int


class _Event(NamedTuple):
    """The event of a row for a reader; `data` is None where it gets none. `until`: as in Entry."""

    data: bytes | None = None
    has_text: bool = False
    until: int = INTEGER_MAX


def _news(core: Core, selection: FeedSelection, row: Any) -> int | None:
    is_news = row.origin != core.member and row.read_at is None and row.action != "cancel"
    return row.n if is_news and not selection.agency else None


class _View(NamedTuple):
    """One reader's view of the store at one moment. `turn`: of `core.opened_texts` before it, or None."""

    core: Core
    connection: Connection
    reader: Reader
    turn: int | None
    withdrawn: dict[str, Withdrawal | None]
    """What was withdrawn of each message that was looked at."""

    @property
    def now(self) -> int:
        """The moment (ms)."""
        return self.reader.now

    def form(self, row: Any) -> str:
        """The form of a row's event. Our focal point is shown what the publisher wrote for a tombstone at any time."""
        is_kept = row.action == "cancel" and self.reader.is_focal_point
        return OVER if row.expires <= self.now and not is_kept else CURRENT

    def written(self, rows: Sequence[Any], forms: Sequence[str]) -> list[WrittenEvent | None]:
        """Return the events of these rows, before the policy."""
        return written_events(self.core, self.connection, rows, forms, self.turn)

    def add_to(self, page: _Unfinished, rows: Sequence[Any], forms: Sequence[str]) -> bool:
        """Add the events of these rows; returns whether the page had room for all of them."""
        for row, form, written in zip(rows, forms, self.written(rows, forms), strict=True):
            if page.is_full:
                return False
            page.add(row, form, self.event(row, written, form))
        return True

    def event(self, row: Any, written: WrittenEvent | None, form: str) -> _Event:
        """Return the event of a row.

        None for what the reader may not read, what a later revision replaced, and what was destroyed. A tombstone does
        not expire for an agency, which has to receive it; the text of the publisher in it does. An expiry is sent to
        those who could read the message until then.
        """
        if written is None:
            return _Event() if form == EXPIRY or row.last_rev == row.rev else self.withdrawal(row)
        is_cancel = row.action == "cancel"
        until_then = form == EXPIRY or (is_cancel and form == OVER)
        if may_see_at(self.reader, written.marking, row.expires - 1 if until_then else self.now):
            if not is_cancel:
                return _Event(written.data, has_text=form != EXPIRY)
            could_read = could_read_recalled(self.core, self.connection, self.reader, row)
            if could_read is not False:
                return _Event(written.data if could_read else self.without_reason(row))
        return _Event() if form == EXPIRY else self.withdrawal(row)

    def without_reason(self, row: Any) -> bytes | None:
        """Return the tombstone of a cancel without what its publisher wrote for it."""
        [written] = self.written([row], [OVER])
        return None if written is None else written.data

    def withdrawal(self, row: Any) -> _Event:
        """Return the event of the row with which something was withdrawn from the reader; of others none."""
        if self.reader.is_focal_point or row.rev == 1 or not may_read_kind(self.reader, row.kind):
            return _Event()
        if row.id not in self.withdrawn:
            newest = messages.lean(self.connection, row.id)
            marking = stored_marking(self.core, self.connection, newest)
            self.withdrawn[row.id] = withdrawal_of(self.core, self.connection, self.reader, newest, marking)
        found = self.withdrawn[row.id]
        if found is None or found.number != row.n:
            return _Event()
        return _Event(withdrawal_event(self.core, found.earlier), until=found.until)
