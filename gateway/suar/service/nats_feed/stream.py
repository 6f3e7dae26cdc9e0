"""FEED at the server: its consumers, its messages, and how they are erased; as the feed user of account AGENCIES."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from nats.aio.msg import Msg

from suar.bus import jsapi, streams
from suar.bus.connect import Bus
from suar.bus.consume import ack_numbers
from suar.bus.errors import (
    CONSUMER_NOT_FOUND,
    ApiError,
    Disconnected,
    NoResponders,
    NotPermitted,
    PublishRefused,
)
from suar.bus.listing import Listing
from suar.bus.publish import PubAck, Publisher
from suar.service.nats_feed.held import GAP, HELD_EVENTS, OVERHEAD, HeldEvent

BEFORE: Final = "Suar-Before"
"""Header of an event: the position of the feed before it."""
AT: Final = "Suar-At"
"""Header of an event: when it was published (ms), by the gateway's clock."""
EVENT_MAX: Final = streams.MAX_EVENT - OVERHEAD
"""Bytes of an event's document."""
_ERASED_BATCH: Final = 32


class Outgoing(NamedTuple):
    """An event to publish; `text`: the (id, revision) whose text it has."""

    subject: str
    data: bytes
    event: str
    before: str
    text: tuple[str, int] | None = None

    @property
    def is_gap(self) -> bool:
        """Whether it reports a gap, and is of no message."""
        return self.event.startswith(GAP)

    @property
    def message(self) -> str:
        """The id of the message that it is about."""
        return self.event.partition("/")[0]


def consumer(agency: str) -> jsapi.Json:
    """Return the durable consumer of an agency; its start is set when it is created."""
    return {
        "durable_name": agency,
        "name": agency,
        "filter_subject": f"feed.{agency}.>",
        "ack_policy": "explicit",
        "ack_wait": 30 * streams.SECOND,
        "max_ack_pending": HELD_EVENTS,
        "max_deliver": -1,
        "max_waiting": 16,
        "max_batch": 1000,
        "max_expires": 300 * streams.SECOND,
        "replay_policy": "instant",
    }


_LISTING: Final[jsapi.Json] = {
    "durable_name": streams.FEED_LISTING,
    "name": streams.FEED_LISTING,
    "filter_subject": "feed.>",
    "ack_policy": "none",
    "deliver_policy": "all",
    "headers_only": True,
    "inactive_threshold": 60 * streams.SECOND,
    "replay_policy": "instant",
}


class FeedStream:
    """The stream of one member. Each call raises the errors of the bus."""

    def __init__(self, bus: Bus, member: str) -> None:
        self.bus, self.name = bus, f"FEED_{member}"
        self._publisher, self._listing = Publisher(bus), Listing(bus)

    async def extent(self) -> tuple[int, int]:
        """The sequences of the oldest message that it holds, and of the newest that it ever held."""
        state = (await jsapi.stream_info(self.bus, self.name))["state"]
        return int(state["first_seq"]), int(state["last_seq"])

    async def listed(self) -> list[HeldEvent]:
        """Everything that it holds, without the documents."""
        await self.close(streams.FEED_LISTING)
        await streams.ensure_consumer(self.bus, self.name, _LISTING)
        found = list[HeldEvent]()
        async for message in self._listing.messages(self.name, streams.FEED_LISTING):
            event = _held(message)
            if event is not None:
                found.append(event)
        await self.close(streams.FEED_LISTING)
        return found

    async def floor(self, agency: str) -> int | None:
        """Up to which sequence an agency has acknowledged everything; None where it has no consumer."""
        try:
            info = await jsapi.consumer_info(self.bus, self.name, agency)
        except ApiError as error:
            if error.err_code != CONSUMER_NOT_FOUND:
                raise
            return None
        return int(info["ack_floor"]["stream_seq"])

    async def open(self, agency: str, after: int) -> None:
        """Create the consumer of an agency if it has none; a new one begins after a sequence."""
        begins: jsapi.Json = {}
        if await self.floor(agency) is None:
            begins = {"deliver_policy": "by_start_sequence", "opt_start_seq": after + 1}
        await streams.ensure_consumer(self.bus, self.name, consumer(agency) | begins)

    async def close(self, agency: str) -> None:
        """Delete the consumer of an agency: from then on its user reaches nothing."""
        await streams.delete_consumer(self.bus, self.name, agency)

    async def purge(self, agency: str) -> None:
        """Remove whatever the stream holds of an agency."""
        await jsapi.call(self.bus, f"STREAM.PURGE.{self.name}", {"filter": f"feed.{agency}.>"})

    async def erase(self, events: Iterable[HeldEvent]) -> None:
        """Erase events: the server overwrites them on its disk."""
        events = list(events)
        for at in range(0, len(events), _ERASED_BATCH):
            some = events[at : at + _ERASED_BATCH]
            await asyncio.gather(*(self._erase(each.seq) for each in some))

    async def _erase(self, seq: int) -> None:
        await jsapi.delete_message(self.bus, self.name, seq)

    async def publish(self, agency: str, run: int, events: Sequence[Outgoing], now: int) -> list[HeldEvent]:
        """Publish events in order; those that the server has stored, up to the first of which it is not known.

        Where the connection broke, the others are published again, under the same ids: the server stores each once.
        """
        sent = list[asyncio.Future[PubAck]]()
        with contextlib.suppress(Disconnected):
            for each in events:
                name, more = f"{agency}.{run}/{each.event}", {BEFORE: each.before, AT: str(now)}
                sent.append(await self._publisher.publish(each.subject, each.data, name, more=more))
        stored = list[HeldEvent]()
        for each, answer in zip(events, await asyncio.gather(*sent, return_exceptions=True), strict=False):
            if isinstance(answer, PublishRefused | NotPermitted | NoResponders):
                raise answer
            if not isinstance(answer, PubAck):
                break
            stored.append(HeldEvent(answer.seq, agency, each.event, each.before, now, len(each.data) + OVERHEAD))
        return stored


def _held(message: Msg) -> HeldEvent | None:
    """An event as the stream lists it; None for what no gateway wrote."""
    headers = message.headers or {}
    owner, _, event = headers.get("Nats-Msg-Id", "").partition("/")
    agency, _, run = owner.rpartition(".")
    size, at = headers.get("Nats-Msg-Size", ""), headers.get(AT, "")
    is_ours = agency and event and all(each.isdecimal() for each in (run, size, at))
    if not is_ours or message.subject.split(".")[1:2] != [agency]:
        return None
    seq = ack_numbers(message.reply).stream_seq
    return HeldEvent(seq, agency, event, headers.get(BEFORE, ""), int(at), int(size) + OVERHEAD)
