"""Positions of the feed: where a reader continues, sealed, for one selection of messages.

A position holds one row number for each lane. Rows are only ever appended to a lane, so a reader that returns with a
position misses nothing and gets nothing twice. The position is sealed under the store's key together with its
selection: its numbers disclose nothing, and a position of another store or another selection is rejected.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.limits import INTEGER_MAX, SECOND
from suar.protocol.base.primitives import ACTUAL, EXERCISE, Secret, is_equal
from suar.protocol.message.urgency import LANES
from suar.service.core.core import Core
from suar.service.reading.views import UnknownPosition
from suar.store.engine.vault import MARK
from suar.store.messages import urgency
from suar.store.messages.urgency import Selection

PLACE_MAX: Final = 512  # characters of an encoded position
START_AGAIN: Final = "begin anew without a position: leave `after` out, and Last-Event-ID"
_SEALED_AS: Final = "feed"
_DIGEST: Final = 8  # bytes of the newest message's digest, by which a position of another store is detected


class FeedSelection(Struct, frozen=True):
    """The messages that a feed contains.

    `realm` `all` includes exercises; `has_own` includes what this gateway published. `agency` is the reader, "" for our
    focal point.
    """

    realm: str = ACTUAL
    kind: str | None = None
    origin: str | None = None
    has_own: bool = False
    agency: str = ""

    def as_line(self) -> str:
        """Return the selection as one line; positions are bound to it."""
        return f"{self.messages} for {self.agency}" if self.agency else self.messages

    @property
    def messages(self) -> str:
        """The selection, independent of the reader."""
        return f"{self.realm} {self.kind or '*'} {self.origin or '*'} {'own' if self.has_own else 'others'}"

    def selection(self, member: str) -> Selection:
        """Return the selection in the store's form."""
        realm = self.realm if self.realm in (ACTUAL, EXERCISE) else None
        return Selection(self.kind, self.origin, realm, None if self.has_own or self.origin == member else member)


class FeedPosition(Struct, frozen=True, array_like=True):
    """The last row number delivered in each lane, and the start of the digest of the newest of these rows.

    `expired`: the expiry (ms) and the row number up to which expiries were delivered to an agency.
    """

    lanes: tuple[int, ...] = (0,) * len(LANES)
    digest: bytes = b""
    expired: tuple[int, int] = (0, 0)

    def after(self, row: Any) -> "FeedPosition":
        """Return the position after `row`."""
        lanes = (*self.lanes[: row.lane], row.n, *self.lanes[row.lane + 1 :])
        return FeedPosition(lanes, row.digest[:_DIGEST] if row.n > max(self.lanes) else self.digest, self.expired)

    def after_expiry(self, row: Any) -> "FeedPosition":
        """Return the position after the event that `row` has expired."""
        return FeedPosition(self.lanes, self.digest, (row.expires, row.n))

    def after_expiries_until(self, now: int) -> "FeedPosition":
        """Return the position once no expiry is left at `now` (ms).

        It names the whole second, so that those who read at the same time are at the same position afterwards.
        """
        return FeedPosition(self.lanes, self.digest, max(self.expired, (now - now % SECOND, INTEGER_MAX)))


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(FeedPosition).decode


def encode_position(core: Core, selection: FeedSelection, position: FeedPosition) -> str:
    """Return the position as the text that readers keep."""
    [sealed] = sealed_positions(core, selection, [position])
    return (mark_of(core, selection, sealed) + sealed).decode()


def sealed_positions(core: Core, selection: FeedSelection, positions: Sequence[FeedPosition]) -> list[bytes]:
    """Return positions of a page, each without the mark of its reader: they are equal for all readers of the page."""
    sealed = core.vault.wrap_all(list(map(_encode, positions)), f"{_SEALED_AS} {selection.messages}")
    return [urlsafe_b64encode(each).rstrip(b"=") for each in sealed]


def mark_of(core: Core, selection: FeedSelection, sealed: bytes) -> bytes:
    """Return the prefix of a sealed position, and of each other one of its page, which binds it to its reader.

    A reader that did not receive this page has no mark for it.
    """
    return urlsafe_b64encode(core.vault.mark(_decoded(sealed), f"{_SEALED_AS} {selection.as_line()}"))


def decode_position(core: Core, selection: FeedSelection, name: str) -> FeedPosition:
    """Return the position that this store encoded for that selection. Raises UnknownPosition."""
    try:
        position = _decode(bytes(_opened(core, selection, _decoded(name[:PLACE_MAX].encode()))))
    except (ValueError, Fault, msgspec.MsgspecError):
        raise UnknownPosition("this gateway did not give this position for this selection", START_AGAIN) from None
    with core.database.reading() as connection:
        if len(position.lanes) != len(LANES) or _digest(connection, max(position.lanes)) != position.digest:
            raise UnknownPosition("the position is of another store than this", START_AGAIN)
    return position


def _decoded(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"==")


def _opened(core: Core, selection: FeedSelection, position: bytes) -> Secret:
    mark, sealed, about = position[:MARK], position[MARK:], f"{_SEALED_AS} {selection.as_line()}"
    if is_equal(mark, core.vault.mark(sealed, about)):
        return core.vault.unwrap_one(sealed, f"{_SEALED_AS} {selection.messages}")
    return core.vault.unwrap(position, about)  # a position of an older version


def latest_position(core: Core) -> FeedPosition:
    """Return the position after every stored message."""
    begin = first_position(core)
    with core.database.reading() as connection:
        lanes = urgency.newest(connection, core.vault.numbers.last)
        return FeedPosition(lanes, _digest(connection, max(lanes)), begin.expired)


def first_position(core: Core) -> FeedPosition:
    """Return the position before every stored message; expiries of seconds before this one are not delivered."""
    return FeedPosition().after_expiries_until(core.clock())


def _digest(connection: Connection, number: int) -> bytes:
    return (urgency.digest_at(connection, number) or b"")[:_DIGEST] if number else b""
