"""Shapes of the feed and of catching up, for the OpenAPI document only; the gateway creates the answers."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class Tombstone(Struct):
    """What is left of a recalled message; `reason` is null when the message has expired since."""

    rev: int
    sent: str
    reason: str | None


class FeedContent(Struct):
    """A message, or the tombstone of a cancelled one, or the head of one that has expired or is withdrawn."""

    id: str
    rev: int
    kind: str
    origin: str
    status: Literal["actual", "exercise"]
    action: Literal["new", "update", "cancel", "expire", "withdraw"]
    tlp: str
    received: str
    state: Literal["current", "expired", "cancelled", "withdrawn"]
    urgency: str | None
    banner: str | None
    title: str | None
    message: dict[str, Any] | None
    tombstone: Tombstone | None
    frame_hash: str | None


class CloudEvent(Struct):
    """An event of the feed, CloudEvents 1.0 in JSON. `data` has the message, or the tombstone of a cancelled one."""

    specversion: str
    id: str
    source: str
    type: Literal[
        "suar.message.new", "suar.message.update", "suar.message.cancel", "suar.message.expire", "suar.message.withdraw"
    ]  # fmt: skip
    subject: str
    time: str
    datacontenttype: str
    suarkind: str
    suarstatus: str
    data: FeedContent
    suarurgency: str | UnsetType = UNSET


class ProgressDocument(Struct):
    """Objects of the bus that were not judged yet; `origins` about so many frames of each; `seconds_left` null while
    nothing moves; `text` a line for people while it is catching up."""

    to_come: int
    origins: dict[str, int]
    a_second: float
    seconds_left: float | None
    catching_up: bool
    text: str | None
