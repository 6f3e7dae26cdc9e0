"""Collects acknowledgements, so that those of several batches are sent in one write, shortly after their commits.

Each write wakes the own server, which costs more than the data. After a crash, messages with an unsent acknowledgement
are delivered again and recognized as known.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from suar.bus.consume import Delivery
from suar.bus.errors import BusError

FLUSH_SECONDS: Final = 0.1  # seconds that an acknowledgement waits for others
FLUSH_COUNT: Final = 100  # acknowledgements that are sent at once; far below the consumer's max_ack_pending


class Acks:
    """The processed messages of one consumer. Used on the event loop."""

    def __init__(self) -> None:
        self._done: list[Delivery] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def add(self, batch: Sequence[Delivery]) -> None:
        """Add messages that are committed."""
        self._done += batch
        if len(self._done) >= FLUSH_COUNT:
            await self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush_when_due)

    async def flush(self) -> None:
        """Acknowledge everything now. Without a connection they are dropped, and are delivered again as duplicates."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        done, self._done = self._done, []
        try:
            for each in done:
                await each.ack()
        except BusError:
            pass

    def _flush_when_due(self) -> None:
        self._timer = None
        self._flushing = asyncio.create_task(self.flush())
