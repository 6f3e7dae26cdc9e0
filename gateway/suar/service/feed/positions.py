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
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.base.primitives import ACTUAL, EXERCISE, Secret
from suar.protocol.message.urgency import LANES
from suar.service.core.core import Core
from suar.service.reading.views import UnknownPosition
from suar.store.messages import urgency
from suar.store.messages.urgency import Selection

PLACE_MAX: Final = 512  # characters of an encoded position
BEGIN_ANEW: Final = "begin anew without a position: leave `after` out, and Last-Event-ID"
_SEALED_AS: Final = "feed"
_DIGEST: Final = 8  # bytes of the newest message's digest, by which a position of another store is detected


class FeedSelection(Struct, frozen=True):
    """The messages that a feed contains.

    `realm` `all` includes exercises; `own` includes what this gateway published. `agency` is the reader, "" for our
    focal point.
    """

    realm: str = ACTUAL
    kind: str | None = None
    origin: str | None = None
    own: bool = False
    agency: str = ""

    def as_line(self) -> str:
        """Return the selection as one line; positions are bound to it."""
        line = f"{self.realm} {self.kind or '*'} {self.origin or '*'} {'own' if self.own else 'others'}"
        return f"{line} for {self.agency}" if self.agency else line

    def selection(self, member: str) -> Selection:
        """Return the selection in the store's form."""
        realm = self.realm if self.realm in (ACTUAL, EXERCISE) else None
        return Selection(self.kind, self.origin, realm, None if self.own or self.origin == member else member)


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


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(FeedPosition).decode


def encode_position(core: Core, asked: FeedSelection, position: FeedPosition) -> str:
    """Return the position as the text that readers keep."""
    return encode_positions(core, asked, [position])[0]


def encode_positions(core: Core, asked: FeedSelection, positions: Sequence[FeedPosition]) -> list[str]:
    """Return the positions of one selection, all at once."""
    sealed = core.vault.wrap_all(list(map(_encode, positions)), f"{_SEALED_AS} {asked.as_line()}")
    return [urlsafe_b64encode(each).decode().rstrip("=") for each in sealed]


def decode_position(core: Core, asked: FeedSelection, name: str) -> FeedPosition:
    """Return the position that this store encoded for that selection. Raises UnknownPosition."""
    try:
        sealed = urlsafe_b64decode(name[:PLACE_MAX].encode() + b"==")
        position = _decode(bytes(_opened(core, sealed, f"{_SEALED_AS} {asked.as_line()}")))
    except (ValueError, Fault, msgspec.MsgspecError):
        raise UnknownPosition("this gateway did not give this position for this selection", BEGIN_ANEW) from None
    with core.database.reading() as connection:
        if len(position.lanes) != len(LANES) or _digest(connection, max(position.lanes)) != position.digest:
            raise UnknownPosition("the position is of another store than this", BEGIN_ANEW)
    return position


def _opened(core: Core, sealed: bytes, about: str) -> Secret:
    try:
        return core.vault.unwrap_one(sealed, about)
    except Fault:
        return core.vault.unwrap(sealed, about)  # a position of before


def latest_position(core: Core) -> FeedPosition:
    """Return the position after every stored message."""
    begin = first_position(core)
    with core.database.reading() as connection:
        lanes = urgency.newest(connection)
        return FeedPosition(lanes, _digest(connection, max(lanes)), begin.expired)


def first_position(core: Core) -> FeedPosition:
    """Return the position before every stored message; earlier expiries are not delivered."""
    return FeedPosition(expired=(core.clock(), INTEGER_MAX))


def _digest(connection: Connection, number: int) -> bytes:
    return (urgency.digest_at(connection, number) or b"")[:_DIGEST] if number else b""
