"""What is published for an agency: the events of its selection after a position, each as one message of FEED."""

from typing import Final, NamedTuple

import msgspec

from suar.protocol.base.instants import instant
from suar.service.access.agencies import AgencyBook, Registration, reader_of
from suar.service.core.core import Core
from suar.service.feed.feed import event_now, next_page
from suar.service.feed.pages import Event
from suar.service.feed.positions import FeedPosition, FeedSelection, decode_position, encode_position, first_position
from suar.service.nats_feed.held import HeldEvent
from suar.service.nats_feed.stream import EVENT_MAX, Outgoing
from suar.service.reading.views import UnknownPosition

GAP_TYPE: Final = "suar.feed.gap"


class FeedPage(NamedTuple):
    """The next events of an agency, and the positions before and after them."""

    events: list[Outgoing]
    before: FeedPosition
    after: FeedPosition
    is_last: bool


class Judged(NamedTuple):
    """An event of the stream that its agency may no longer have, and its replacement if it was not read."""

    event: HeldEvent
    replacement: Outgoing | None


def selection_of(registration: Registration) -> FeedSelection:
    """The selection of an agency at this door: all that it is registered for."""
    return FeedSelection(realm=registration.realm, has_own=True, agency=registration.name)


def position_of(core: Core, selection: FeedSelection, position: str) -> FeedPosition:
    """The position that was kept; the first one where there is none, or it is of another store. For any thread."""
    if not position:
        return first_position(core)
    try:
        return decode_position(core, selection, position)
    except UnknownPosition:  # a store that was restored from a backup: it begins again
        return first_position(core)


def page_of(core: Core, book: AgencyBook, name: str, before: FeedPosition) -> FeedPage | None:
    """Return the page of an agency after a position, by its present registration; None when it may read nothing."""
    agency = book.find(name)
    if agency is None:
        return None
    selection = selection_of(agency.registration)
    reader = reader_of(agency.registration, core.member, core.status.trust, core.clock())
    page = next_page(core, selection, before, reader, since=agency.created_at)
    events, position = list[Outgoing](), encode_position(core, selection, before)
    for each in page.events:
        events.append(_outgoing(core, selection, each, position))
        position = each.position
    return FeedPage(events, before, page.position, page.is_last)


def _outgoing(core: Core, selection: FeedSelection, event: Event, before: str) -> Outgoing:
    name = str(_named(event.data).id)
    data = event.positioned
    if len(data) > EVENT_MAX:  # it is read by HTTP
        return gap(core, selection, before, name)
    text = event.about if event.has_text else None
    return Outgoing(subject_of(selection.agency, event.about[0]), data, name, before, text)


def subject_of(agency: str, id_: str) -> str:
    """The subject of everything about one message for one agency; a message's id begins with member and kind."""
    origin, kind = id_.lower().split("-")[:2]
    return f"feed.{agency}.{kind}.{origin}.{id_}"


class _Named(msgspec.Struct):
    """Of an event its id."""

    id: str


_named: Final = msgspec.json.Decoder(_Named).decode


def gap(core: Core, selection: FeedSelection, before: str, what: str) -> Outgoing:
    """Return the event that reports missing events, like HTTP after the position `before`; `what` names it once."""
    name = f"gap/{what}"
    document = {
        "specversion": "1.0", "id": name, "source": f"/members/{core.member}", "type": GAP_TYPE,
        "subject": selection.agency, "time": instant(core.clock()), "datacontenttype": "application/json",
        "data": {"feed": f"/v1/feed?status={selection.realm}", "after": before or None},
    }  # fmt: skip
    subject = f"feed.{selection.agency}.gap.{core.member.lower()}.feed"
    return Outgoing(subject, msgspec.json.encode(document), name, before)


def judge(core: Core, book: AgencyBook, events: list[HeldEvent]) -> list[Judged]:
    """Return which of these events their agencies may no longer have, by the present rules. On the reader thread.

    A tombstone remains for an agency; the text of the publisher in it is removed when it expires.
    """
    found = list[Judged]()
    with core.database.reading() as connection:
        for each in events:
            agency = book.find(each.agency)
            if each.revision is None or agency is None:  # who may read nothing is purged
                continue
            core.yield_to_writer()
            reader = reader_of(agency.registration, core.member, core.status.trust, core.clock())
            now = event_now(core, connection, reader, (each.about, each.revision))
            if now is None or _named(now.data).id != each.event:
                found.append(Judged(each, None))
            elif now.reasonless_since is not None and each.at < now.reasonless_since:
                found.append(Judged(each, _over(each, now.data)))
    return found


def _over(event: HeldEvent, data: bytes) -> Outgoing:
    """The same tombstone without its reason."""
    return Outgoing(subject_of(event.agency, event.about), data, f"{event.event}/over", event.before)
