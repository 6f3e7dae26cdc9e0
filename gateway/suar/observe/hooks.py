"""What happened, as frozen records given to whoever listens: metrics, the log, tests, the demo.

The core emits records and knows nothing of who counts them. A record carries ids and codes, never text or secrets.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at `at` (milliseconds)."""

    at: int


class ObjectJudged(Record, frozen=True, kw_only=True):
    """Admission judged one object of `origin`."""

    origin: str
    type: str
    realm: str
    result: str
    rule: str | None = None
    code: str | None = None
    is_redelivered: bool = False


class MessageReceived(Record, frozen=True, kw_only=True):
    """A message was committed; `seconds` from its `sent` to stored here."""

    origin: str
    kind: str
    realm: str
    id: str
    rev: int
    seconds: float


class MessageRefused(Record, frozen=True, kw_only=True):
    """F8 or F9 refused one message of a frame."""

    origin: str
    code: str
    rule: str


class MessagePublished(Record, frozen=True, kw_only=True):
    """A message of ours was accepted from a user and committed as queued."""

    kind: str
    realm: str
    id: str
    rev: int


class FrameSent(Record, frozen=True, kw_only=True):
    """A frame of ours was acknowledged by the own server."""

    realm: str
    channel: str
    messages: int
    bytes: int


class ReceiptReceived(Record, frozen=True, kw_only=True):
    """A member's signed receipt about messages of ours: for each the `seconds` from publish to receipt back."""

    member: str
    stage: str
    seconds: tuple[float, ...]
    code: str | None = None


class Overdue(Record, frozen=True, kw_only=True):
    """`member` has not acknowledged an alert in time: `role` is who is to be told at our own member."""

    id: str
    rev: int
    member: str
    role: str


class Notified(Record, frozen=True, kw_only=True):
    """A person was told of something by a channel (sent), could not be told now (failed), or never will (given-up)."""

    channel: str
    about: str
    result: str


class NoticesWaiting(Record, frozen=True, kw_only=True):
    """How many notices are not told yet, by channel."""

    channels: dict[str, int]


class AlarmRaised(Record, frozen=True, kw_only=True):
    """Admission or a check raised an alarm about `member`; first and last are frame numbers.

    `claimed_of`: the gap is in frames of that other member, by the word of `member` alone ([F11]).
    """

    name: str
    member: str
    first: int | None = None
    last: int | None = None
    epoch_id: str = ""
    message_id: str = ""
    claimed_of: str = ""


class HeartbeatSeen(Record, frozen=True, kw_only=True):
    """A peer's heartbeat was admitted."""

    member: str
    trust_version: int
    faults: tuple[str, ...] = ()


class ToCome(Record, frozen=True, kw_only=True):
    """What lies in INBOX and was not judged yet: `to_come` objects, about so many frames by origin; the rate lately."""

    to_come: int
    origins: dict[str, int]
    a_second: float


class BusChanged(Record, frozen=True, kw_only=True):
    """The connection to the own NATS server, at these addresses, came up or went down; `error` says by what."""

    is_connected: bool
    server: str = ""
    error: str = ""


class Happened(Record, frozen=True, kw_only=True):
    """Anything else worth a log line: a snake_case event and safe facts."""

    event: str
    level: str = "info"
    facts: dict[str, Any] = {}


Listener: TypeAlias = Callable[[Record], None]


class Hooks:
    """Hands every record to every listener."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = list(listeners)

    def listen(self, listener: Listener) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def __call__(self, record: Record) -> None:
        for listener in self._listeners:
            listener(record)
