"""Reads a stream back by sequence: the messages between two of them.

It sends one direct get for each sequence, many at a time. It needs `allow_direct` on the stream and the subject
`$JS.API.DIRECT.GET.<stream>`, which nats_permissions.py grants a gateway for its own two streams.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.jsapi import Stored

BATCH: Final = 100  # sequences read together: at most 80 MB of the largest frames


class Extent(NamedTuple):
    """The sequences of the first and the last message of a stream; (n + 1, n) if it is empty."""

    first: int
    last: int


async def extent(bus: Bus, stream: str) -> Extent:
    """Return what the stream holds. Raises as `Bus.request` does."""
    state = (await jsapi.stream_info(bus, stream))["state"]
    return Extent(max(1, int(state["first_seq"])), int(state["last_seq"]))


async def acknowledged(bus: Bus, stream: str, consumer: str) -> int:
    """Return the sequence up to which a durable consumer's messages are all acknowledged."""
    return int((await jsapi.consumer_info(bus, stream, consumer))["ack_floor"]["stream_seq"])


async def between(bus: Bus, stream: str, first: int, last: int) -> AsyncIterator[list[Stored]]:
    """Yield the messages from sequence `first` to `last` in order, 100 at a time; deleted ones are left out."""
    for begin in range(first, last + 1, BATCH):
        numbers = range(begin, min(begin + BATCH, last + 1))
        found = await asyncio.gather(*(jsapi.get(bus, stream, number) for number in numbers))
        yield [stored for stored in found if stored is not None]
