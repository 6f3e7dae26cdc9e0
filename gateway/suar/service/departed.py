"""What the own server has, before the store says so.

That a frame left is written down with many others: nothing waits for it, and what a crash leaves unwritten is published
once more, the same bytes under the same id.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Row

from suar.bus.publish import PubAck
from suar.protocol import subjects
from suar.service import outbound
from suar.service.core import Core

AFTER: Final = 0.2  # seconds that a row waits for others
MANY: Final = 1_000  # that wait for no more


class Departed:
    """Rows of the outbox that left and are not marked yet. `failed` is told why they could not be marked."""

    def __init__(self, core: Core, failed: Callable[[BaseException], None]) -> None:
        self._core, self._failed = core, failed
        self.numbers: set[int] = set()  # not to be published again
        self._left: list[tuple[Row[Any], PubAck, int]] = []  # and when, ms
        self._timer: asyncio.TimerHandle | None = None

    def add(self, acks: Sequence[tuple[Row[Any], PubAck]]) -> None:
        """The own server has these."""
        now = self._core.clock()
        if any(row.channel == subjects.ALL for row, _ in acks):
            self._core.echo.spoke(now)
        places = [ack.seq for _, ack in acks]
        self._core.places.left(max(places))
        self.numbers.update(row.n for row, _ in acks)
        self._left += [(row, ack, now) for row, ack in acks]
        if len(self._left) >= MANY:
            self._note()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AFTER, self._note)

    async def noted(self) -> None:
        """Write down now what left."""
        if self._left:
            await asyncio.wait({self._note()})

    def _note(self) -> "asyncio.Future[None]":
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        left, self._left = self._left, []
        rows, times = [row for row, _, _ in left], {row.n: at for row, _, at in left}
        place, duplicates = max(ack.seq for _, ack, _ in left), {row.n for row, ack, _ in left if ack.duplicate}
        noted = self._core.ride(outbound.published, self._core, rows, place, duplicates, times)
        noted.add_done_callback(lambda _: self._told(noted, times))
        return noted

    def _told(self, noted: "asyncio.Future[None]", numbers: Iterable[int]) -> None:
        self.numbers.difference_update(numbers)
        error = None if noted.cancelled() else noted.exception()
        if error is not None:
            self._failed(error)
