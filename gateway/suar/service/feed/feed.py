"""The feed: every message that a reader may read, each once, most urgent first, from any position.

A backlog is read lane by lane (protocol/message/urgency.py). Every page begins again at the most urgent lane, so a new
alert is delivered before the rest of the backlog. A position holds one row number for each lane. Rows are only ever
appended to a lane, so a reader that returns with a position misses nothing and gets nothing twice. The position is
sealed under the store's key together with its selection: its numbers disclose nothing, and a position of another store
or another selection is rejected.

A revision that has a later one is left out, because the later one was delivered or is still to come. A cancel is
delivered as a head and a tombstone without a text; the revisions that it destroyed are left out.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.message.urgency import LANES, urgency_of
from suar.protocol.policy.restrictions import Reader
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.reading import views
from suar.service.reading.views import UnknownPosition, rfc3339
from suar.store.messages import urgency
from suar.store.messages.rows import AlteredRow
from suar.store.messages.urgency import Selection

ROWS: Final = 64  # messages in one page, the most that is held in memory for a slow reader
BYTES: Final = 1024 * 1024  # of a page, unless one message is larger
LOOKED: Final = 512  # rows examined for one page, however few of them the reader may read
PLACE_MAX: Final = 512  # characters of an encoded position of an encoded position
_SEALED_AS: Final = "feed"
_DIGEST: Final = 8  # bytes of the newest message's digest, by which a position of another store is detected


_LINE_ENDS: Final = tuple((chr(code).encode(), b"\\u%04x" % code) for code in (0x85, 0x2028, 0x2029))
"""Characters that some line readers treat as a line break, with their JSON escapes."""


class FeedSelection(Struct, frozen=True):
    """The messages that a feed contains.

    `realm` `all` includes exercises; `own` includes what this gateway published.
    """

    realm: str = ACTUAL
    kind: str | None = None
    origin: str | None = None
    own: bool = False

    def as_line(self) -> str:
        """Return the selection as one line; positions are bound to it."""
        return f"{self.realm} {self.kind or '*'} {self.origin or '*'} {'own' if self.own else 'others'}"

    def selection(self, member: str) -> Selection:
        """Return the selection in the store's form."""
        realm = self.realm if self.realm in (ACTUAL, EXERCISE) else None
        return Selection(self.kind, self.origin, realm, None if self.own or self.origin == member else member)


class FeedPosition(Struct, frozen=True, array_like=True):
    """The last row number delivered in each lane, and the start of the digest of the newest of these rows."""

    lanes: tuple[int, ...] = (0,) * len(LANES)
    digest: bytes = b""

    def after(self, row: Row[Any]) -> "FeedPosition":
        """Return the position after `row`."""
        lanes = (*self.lanes[: row.lane], row.n, *self.lanes[row.lane + 1 :])
        return FeedPosition(lanes, row.digest[:_DIGEST] if row.n > max(self.lanes) else self.digest)


_place: Final = msgspec.msgpack.Decoder(FeedPosition).decode


class Event(NamedTuple):
    """One message for one reader: the position after it, and a CloudEvents 1.0 document."""

    place: str
    data: bytes
    is_exercise: bool
    reads: int | None  # row number of another member's message that no program has read yet, else None


class Page(NamedTuple):
    """The next events and the position after them; `is_last` if nothing more is waiting."""

    events: list[Event]
    place: FeedPosition
    is_last: bool


# -- positions


def encode_position(core: Core, asked: FeedSelection, position: FeedPosition) -> str:
    """Return the position as the text that readers keep."""
    sealed = core.vault.wrap(msgspec.msgpack.encode(position), f"{_SEALED_AS} {asked.as_line()}")
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def decode_position(core: Core, asked: FeedSelection, name: str) -> FeedPosition:
    """Return the position that this store encoded for that selection. Raises UnknownPosition."""
    try:
        sealed = urlsafe_b64decode(name[:PLACE_MAX].encode() + b"==")
        plain = bytes(core.vault.unwrap(sealed, f"{_SEALED_AS} {asked.as_line()}"))
        place = _place(plain)
    except (ValueError, Fault, msgspec.MsgspecError):
        raise UnknownPosition(
            "the place is none that this gateway gave for this selection", "begin anew: leave Last-Event-ID out"
        ) from None
    with core.database.reading() as connection:
        if len(place.lanes) != len(LANES) or _digest(connection, max(place.lanes)) != place.digest:
            raise UnknownPosition("the place is of another store than this", "begin anew: leave Last-Event-ID out")
    return place


def latest_position(core: Core) -> FeedPosition:
    """Return the position after every stored message."""
    with core.database.reading() as connection:
        lanes = urgency.newest(connection)
        return FeedPosition(lanes, _digest(connection, max(lanes)))


def _digest(connection: Connection, number: int) -> bytes:
    return (urgency.digest_at(connection, number) or b"")[:_DIGEST] if number else b""


# -- pages


def next_page(core: Core, asked: FeedSelection, position: FeedPosition) -> Page:
    """Return the events after `position`. Reads committed data; may be called from any thread."""
    reader = msgspec.structs.replace(reading_policy.own_reader(core.member, core.status.trust), now=core.clock())
    selection, events = asked.selection(core.member), list[Event]()
    looked = size = 0
    with core.database.reading() as connection:
        for lane in range(len(LANES)):
            while True:
                if looked >= LOOKED or len(events) >= ROWS or size >= BYTES:
                    return Page(events, position, is_last=False)
                rows = urgency.lane_after(
                    connection, lane, position.lanes[lane], selection, ROWS - len(events), BYTES - size
                )
                if not rows:
                    break
                for row in rows:
                    position = position.after(row)
                    event = _event(core, asked, reader, row, position)
                    if event is not None:
                        events.append(event)
                        size += len(event.data)
                looked += len(rows)
    return Page(events, position, is_last=True)


def _event(core: Core, asked: FeedSelection, reader: Reader, row: Row[Any], position: FeedPosition) -> Event | None:
    """Return the event of a row, or None if the reader may not read it, a later revision exists, or its text is
    destroyed.
    """
    if row.body is None or row.last_rev != row.rev:
        return None
    try:
        body = views.body_of(core, row)
    except AlteredRow:  # reported by the next check of stored rows; the other messages are delivered
        return None
    if body is None or not reading_policy.may_see(reader, row.kind, row.origin, row.realm, body).allowed:
        return None
    is_cancel = row.action == "cancel"
    data = msgspec.json.encode(_envelope(core, row, body) | {"data": _content(row, body, core.clock())})
    is_news = row.origin != core.member and row.read_at is None and not is_cancel
    for raw, escaped in _LINE_ENDS:
        data = data.replace(raw, escaped)
    return Event(encode_position(core, asked, position), data, is_exercise(row.realm), row.n if is_news else None)


def _envelope(core: Core, row: Row[Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the CloudEvents 1.0 attributes; that standard allows only letters and digits in extension names."""
    named = {
        "specversion": "1.0", "id": f"{row.id}/{row.rev}",
        "source": f"/federations/{quote(core.federation, safe='')}/members/{row.origin}",
        "type": f"suar.message.{row.action}", "subject": row.id, "time": body["sent"],
        "datacontenttype": "application/json", "suarkind": row.kind, "suarstatus": row.realm,
    }  # fmt: skip
    urgent = urgency_of(row.lane)
    return named | ({"suarurgency": urgent} if urgent else {})


def _content(row: Row[Any], body: dict[str, Any], now: int) -> dict[str, Any]:
    is_cancel = row.action == "cancel"
    state = "cancelled" if is_cancel else "expired" if row.expires <= now else "current"
    tombstone = {"rev": row.rev, "sent": body["sent"], "reason": body.get("reason")}
    return {
        "id": row.id, "rev": row.rev, "kind": row.kind, "origin": row.origin, "status": row.realm,
        "action": row.action, "tlp": row.tlp, "received": rfc3339(row.at), "state": state,
        "urgency": urgency_of(row.lane), "banner": BANNER if is_exercise(row.realm) else None,
        "title": None if is_cancel else marked(views.title_of(body) or "", row.realm),
        "message": None if is_cancel else body, "tombstone": tombstone if is_cancel else None,
        "frame_hash": row.frame_hash.hex() if row.frame_hash else None,
    }  # fmt: skip
