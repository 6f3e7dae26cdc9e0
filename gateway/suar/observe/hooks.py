"""Events as frozen records, passed to listeners: metrics, the log, tests, the demo.

The core emits records and does not depend on its listeners. A record contains ids and codes, never text or secrets.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An event at `at` (ms)."""

    at: int


class ObjectJudged(Record, frozen=True, kw_only=True):
    """Admission checked one object of `origin`, by its subject. `hub`: which of two hubs delivered and named it."""

    origin: str
    type: str
    realm: str
    result: str
    rule: str | None = None
    code: str | None = None
    is_redelivered: bool = False
    hub: str = ""


class MessageReceived(Record, frozen=True, kw_only=True):
    """A message was committed; `seconds`: from its `sent` to its commit here."""

    origin: str
    kind: str
    realm: str
    id: str
    rev: int
    seconds: float


class MessageRefused(Record, frozen=True, kw_only=True):
    """Rule F8 or F9 refused one message of a frame."""

    origin: str
    code: str
    rule: str


class MessagePublished(Record, frozen=True, kw_only=True):
    """An own message was accepted from a user and committed as queued."""

    kind: str
    realm: str
    id: str
    rev: int


class FrameSent(Record, frozen=True, kw_only=True):
    """An own frame was acknowledged by the own server."""

    realm: str
    channel: str
    messages: int
    bytes: int


class ReceiptReceived(Record, frozen=True, kw_only=True):
    """A member's signed receipt about own messages; `seconds`: from publication to receipt, for each message."""

    member: str
    stage: str
    seconds: tuple[float, ...]
    code: str | None = None


class Overdue(Record, frozen=True, kw_only=True):
    """`member` has not acknowledged an alert in time; `role`: who is notified at this member."""

    id: str
    rev: int
    member: str
    role: str


class Notified(Record, frozen=True, kw_only=True):
    """A notification by a channel was sent, has failed for now (failed), or was abandoned (given-up)."""

    channel: str
    about: str
    result: str


class NoticesWaiting(Record, frozen=True, kw_only=True):
    """The number of unsent notifications by channel."""

    channels: dict[str, int]


class WebhookCalled(Record, frozen=True, kw_only=True):
    """A webhook of an agency was called, with this outcome. Its address is not named: it may hold a secret."""

    agency: str
    outcome: str


class WebhooksWaiting(Record, frozen=True, kw_only=True):
    """Events for webhooks that wait to be sent again, and dead letters, over all agencies."""

    waiting: int
    dead: int


class AlarmRaised(Record, frozen=True, kw_only=True):
    """Admission or a check raised an alarm about `member`; first and last are frame numbers.

    `claimed_of`: the gap is in frames of that other member, as stated by `member` only ([F11]).
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
    """Unchecked objects in INBOX: their number, the estimated frames by origin, and the recent rate."""

    to_come: int
    origins: dict[str, int]
    a_second: float


class BusChanged(Record, frozen=True, kw_only=True):
    """The connection to the own NATS server at these addresses was opened or lost; `error` is the cause."""

    is_connected: bool
    server: str = ""
    error: str = ""


class LineLost(Record, frozen=True, kw_only=True):
    """The link to one of two hubs went down, or was found reconnected after a short interruption (`is_renewed`)."""

    hub: str
    is_renewed: bool = False


class Happened(Record, frozen=True, kw_only=True):
    """Any other event for the log: a snake_case name and facts without secrets."""

    event: str
    level: str = "info"
    facts: dict[str, Any] = {}


Listener: TypeAlias = Callable[[Sequence[Record]], None]
"""Gets the records of a commit together: a gateway emits thousands of records a second."""


class Hooks:
    """Passes all records to every listener."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = list(listeners)

    def listen(self, listener: Listener) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def __call__(self, record: Record) -> None:
        """Pass one record to every listener."""
        self.pass_on((record,))

    def pass_on(self, records: Sequence[Record]) -> None:
        """Pass the records of a commit, in their order, to one listener after another."""
        if records:
            for listener in self._listeners:
                listener(records)


def has_messages(records: Sequence[Record]) -> bool:
    """Whether a message was published or received."""
    return any(isinstance(each, MessageReceived | MessagePublished) for each in records)
