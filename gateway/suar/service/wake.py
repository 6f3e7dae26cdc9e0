"""What wakes the loops: one event a loop, set by whoever made work for it."""

import asyncio
import contextlib


class Wake:
    """Events of one gateway process; made inside its event loop."""

    def __init__(self) -> None:
        self.seal = asyncio.Event()
        self.publish = asyncio.Event()
        self.beat = asyncio.Event()
        self.look = asyncio.Event()
        self.settled = asyncio.Event()
        self.stop = asyncio.Event()

    def ours(self) -> None:
        """Something of ours waits to leave."""
        self.seal.set()
        self.publish.set()

    def all(self) -> None:
        """Something changed that every loop should look at."""
        for event in (self.seal, self.publish, self.beat, self.look, self.settled):
            event.set()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, at most `seconds`; the event is clear afterwards."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
