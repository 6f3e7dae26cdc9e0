"""The next event for one agency, its content at the time of sending, and the results of each call in the store.

An event is chosen first, and built when the connection is established: from the store, by the agency's registration of
that moment. So a text that was recalled, or that the agency may no longer read, is in no later attempt. The position
advances when an event was delivered, or when it was set aside to be sent again.
"""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row

from suar.observe.hooks import WebhookCalled
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.policy.restrictions import Reader
from suar.service.access.act_notes import note_reading
from suar.service.access.agencies import PREFIX, AgencyBook, reader_of
from suar.service.access.agency_texts import keep_texts
from suar.service.core.core import Core
from suar.service.feed.events import positioned
from suar.service.feed.feed import event_now, next_page
from suar.service.feed.positions import FeedPosition, FeedSelection, decode_position, encode_position, first_position
from suar.service.reading.views import UnknownPosition
from suar.service.webhooks import schedule
from suar.service.webhooks.calling import CallFailed
from suar.store.people import access
from suar.store.people import webhooks as rows
from suar.store.people.agencies import AgencyText
from suar.store.people.webhooks import EventKey

WAITING_MAX: Final = 1_000
"""Events of one agency that wait to be sent again; while there are so many, only they are sent."""
DELIVERED: Final = "delivered"
GONE: Final = "gone"


class Target(NamedTuple):
    """An event that is due.

    `position` is the one after it, `before` the stored one when it was chosen. `first_at` and `tries` are of earlier
    attempts.
    """

    key: EventKey
    position: str
    before: str
    is_again: bool = False
    first_at: int | None = None
    tries: int = 0


class Reached(NamedTuple):
    """How far an agency's feed was searched beyond the stored position."""

    stored: str
    position: FeedPosition


class Choice(NamedTuple):
    """The next event, None if there is none; and how far was searched.

    `is_last`: nothing more is waiting now. `next_at`: when an event is sent again (ms).
    """

    target: Target | None
    reached: Reached | None
    is_last: bool = True
    next_at: int = INTEGER_MAX


def selection(core: Core, book: AgencyBook, agency: str) -> tuple[FeedSelection, Reader, int] | None:
    """All that an agency's registration opens, the agency as a reader, and when it was registered (ms).

    None when it may read nothing now.
    """
    found = book.find(agency)
    if found is None:
        return None
    registration = found.registration
    feed_selection = FeedSelection(registration.realm, has_own=True, agency=agency)
    return feed_selection, reader_of(registration, core.member, core.status.trust, core.clock()), found.created_at


def choose(core: Core, book: AgencyBook, agency: str, reached: Reached | None, *, prefers_new: bool) -> Choice:
    """What is sent next: of what is sent again and what is new the one, or else the other. For any thread."""
    asking, now = selection(core, book, agency), core.clock()
    with core.database.reading() as connection:
        row = rows.progress(connection, agency)
        first = rows.first_waiting(connection, agency)
        is_crowded = rows.count_waiting(connection, agency) >= WAITING_MAX
    if asking is None or row is None or row.stopped_at is not None:
        return Choice(None, reached)
    again = Choice(_again(first, row.position), reached) if first is not None and first.next_at <= now else None
    if again is not None and (is_crowded or not prefers_new):
        return again
    if is_crowded:
        return Choice(None, reached, next_at=_next_at(first))
    new = _new(core, *asking, row.position, reached)
    if new.target is not None or (again is None and not new.is_last):
        return new
    if again is not None:
        return again._replace(reached=new.reached)
    return new._replace(next_at=_next_at(first))


def _next_at(first: Row[Any] | None) -> int:
    return INTEGER_MAX if first is None else int(first.next_at)


def _again(row: Row[Any], before: str) -> Target:
    key = EventKey(row.id, row.rev, row.is_expiry)
    return Target(key, row.position, before, is_again=True, first_at=row.first_at, tries=row.tries)


def _new(
    core: Core, selection: FeedSelection, reader: Reader, since: int, stored: str, reached: Reached | None
) -> Choice:  # fmt: skip
    """Return the next event of the feed after the stored position, or after what was searched since."""
    if reached is None or reached.stored != stored:
        reached = Reached(stored, _decoded(core, selection, stored))
    page = next_page(core, selection, reached.position, reader, most=1, since=since)
    if not page.events:
        return Choice(None, Reached(stored, page.position), page.is_last)
    [event] = page.events
    return Choice(Target(EventKey(*event.about, event.is_expiry), event.position, stored), reached)


def _decoded(core: Core, selection: FeedSelection, stored: str) -> FeedPosition:
    """Return the stored position; after a restore of the store, the beginning: nothing is lost, and ids show
    repetitions.
    """
    try:
        return decode_position(core, selection, stored)
    except UnknownPosition:
        return first_position(core)


def beginning(core: Core, realm: str, agency: str) -> str:
    """The position before everything that is stored."""
    return encode_position(core, FeedSelection(realm, has_own=True, agency=agency), first_position(core))


class Document(NamedTuple):
    """An event as it is sent: its id, the CloudEvent with its position, and whether it has the text of a message."""

    id: str
    body: bytes
    has_text: bool = False


class _Named(msgspec.Struct):
    id: str


_id: Final = msgspec.json.Decoder(_Named).decode


class NotActive(Exception):  # noqa: N818 - it is an outcome, and says so
    """The agency may read nothing now."""


def document(core: Core, book: AgencyBook, agency: str, target: Target) -> Document | None:
    """The event as it is at this moment; None when there is none any more. Raises NotActive. For any thread."""
    asking = selection(core, book, agency)
    if asking is None:
        raise NotActive
    key = target.key
    with core.database.reading() as connection:
        found = event_now(core, connection, asking[1], (key.id, key.rev), is_expiry=key.is_expiry)
    if found is None:
        return None
    return Document(_id(found.data).id, positioned(found.data, target.position), found.has_text)


# -- what becomes of it, on the core's thread


def store_received(core: Core, agency: str, target: Target) -> None:
    """Store that the agency receives the text of an event, whatever its receiver answers."""
    with core.transaction() as connection:
        keep_texts(core, connection, [AgencyText(target.key.id, target.key.rev, agency, core.clock())])


def arrived(core: Core, agency: str, target: Target) -> None:
    """Note that an event arrived."""
    now = core.clock()
    with core.transaction() as connection:
        _move(core, agency, target)
        rows.change(connection, agency, {"outcome": DELIVERED, "delivered_at": now, "failing_since": None})
        note_reading(core, PREFIX + agency, "feed", "webhook")
        core.queue_record(WebhookCalled(at=now, agency=agency, outcome=DELIVERED))


def dropped(core: Core, agency: str, target: Target) -> None:
    """Note that an event is none any more: it was recalled, overtaken, or is over."""
    with core.transaction():
        _move(core, agency, target)


def _move(core: Core, agency: str, target: Target) -> None:
    with core.transaction() as connection:
        rows.settle(connection, agency, target.key)
        if not target.is_again:
            rows.advance(connection, agency, target.before, target.position)


def failed(core: Core, agency: str, target: Target, failure: CallFailed, chance: float) -> None:
    """Note that an event did not arrive: it waits, or is a dead letter after 72 hours; `chance` as of `delay`."""
    now, first = core.clock(), target.first_at
    with core.transaction() as connection:
        if rows.progress(connection, agency) is None:  # it was removed meanwhile
            return
        begun = now if first is None else first
        tries = target.tries + 1
        again = schedule.next_attempt(begun, now, tries, chance)
        if again is None:
            rows.bury(connection, agency, target.key, failure.why, now)
            access.note(connection, access.GATEWAY, "webhook-dead", f"{agency} {target.key.id} {target.key.rev}", now)
        else:
            values = {
                "position": target.position, "first_at": begun, "tries": tries, "next_at": again,
                "outcome": failure.why,
            }  # fmt: skip
            rows.put(connection, agency, target.key, values)
        if not target.is_again:
            rows.advance(connection, agency, target.before, target.position)
        _note_failure(core, agency, failure)


def _note_failure(core: Core, agency: str, failure: CallFailed) -> None:
    now = core.clock()
    with core.transaction() as connection:
        row = rows.progress(connection, agency)
        since = row.failing_since if row is not None else None
        values = {"outcome": failure.why, "failing_since": now if since is None else since}
        rows.change(connection, agency, values)
        if since is None:
            core.log_event("webhook_failing", "warning", agency=agency, outcome=failure.why)
        core.queue_record(WebhookCalled(at=now, agency=agency, outcome=failure.outcome))


def stopped(core: Core, agency: str) -> None:
    """Note that the receiver answered 410: nothing is sent until it is started again."""
    now = core.clock()
    with core.transaction() as connection:
        rows.change(connection, agency, {"outcome": GONE, "stopped_at": now})
        access.note(connection, access.GATEWAY, "webhook-stopped", agency, now)
        core.log_event("webhook_stopped", "warning", agency=agency)
        core.queue_record(WebhookCalled(at=now, agency=agency, outcome=GONE))


def started_again(core: Core, agency: str) -> None:
    """Note that the receiver accepted a test event: a stopped webhook continues, waiting events are sent at once."""
    with core.transaction() as connection:
        rows.end_waiting(connection, agency, core.clock())
        rows.change(connection, agency, {"outcome": DELIVERED, "stopped_at": None, "failing_since": None})
