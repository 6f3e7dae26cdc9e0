"""Reading a stream back by its numbers: what lies in it between two of them.

A direct get a number, many on the way at once; needs `allow_direct` on the stream and the bare subject
`$JS.API.DIRECT.GET.<stream>`, which nats_permissions.py gives a gateway for its own two streams.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.jsapi import Stored

AT_ONCE: Final = 100  # numbers read together: at most 80 MB of the largest frames


class Extent(NamedTuple):
    """The numbers of the first and the last message of a stream; (n + 1, n) when it is empty."""

    first: int
    last: int


async def extent(bus: Bus, stream: str) -> Extent:
    """What the stream holds; raises as `Bus.request`."""
    state = (await jsapi.stream_info(bus, stream))["state"]
    return Extent(max(1, int(state["first_seq"])), int(state["last_seq"]))


async def acknowledged(bus: Bus, stream: str, consumer: str) -> int:
    """The number up to which a durable consumer has seen everything acknowledged."""
    return int((await jsapi.consumer_info(bus, stream, consumer))["ack_floor"]["stream_seq"])


async def between(bus: Bus, stream: str, first: int, last: int) -> AsyncIterator[list[Stored]]:
    """Messages number `first` to `last` in order, a hundred at a time; a number that is gone is left out."""
    for begin in range(first, last + 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, last + 1))
        found = await asyncio.gather(*(jsapi.get(bus, stream, number) for number in numbers))
        yield [stored for stored in found if stored is not None]
