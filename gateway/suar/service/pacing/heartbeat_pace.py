"""How soon the next heartbeat follows: after the interval, or at once while the hub drops what we send after a start.

If the files of a gateway and those of its NATS server were put back together, the hub drops what OUTBOX gets under
numbers that it had before. Each heartbeat uses up one of these numbers, so we are received again after as many
heartbeats as objects were lost. The hub's consumer at our own server shows it: objects are delivered, and none is
confirmed since the consumer started. Until an object of ours has returned, messages wait in the queue, because what is
published meanwhile is lost.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.service.core.core import Core
from suar.service.pacing.readiness import Readiness
from suar.service.status.hub_link import QUIET

FAST: Final = 0.25  # seconds between two heartbeats while they are dropped
MOST: Final = 2_000  # such heartbeats in 24 hours
PATIENCE: Final = limits.SECOND  # ms in which an object returns
FIRST: Final = 5 * limits.SECOND  # ms for which messages wait at a start for the first heartbeat to return


class HeartbeatPace:
    """The pace of one gateway's heartbeats. Used on the event loop."""

    def __init__(self, core: Core, ready: Readiness, bus: Bus) -> None:
        self._core, self._ready, self._bus = core, ready, bus
        self._is_dropped = False  # as of the last check
        self._is_one_due = False  # a heartbeat in a new epoch
        self._sent: deque[int] = deque(maxlen=MOST)  # when the last fast ones were sent (ms)

    @property
    def is_fast(self) -> bool:
        """Whether the hub drops what we send since the start, and more heartbeats may be sent."""
        return self._is_dropped and not self._core.echo.has_returned and self._has_link() and self._is_within_bound()

    @property
    def is_dropped(self) -> bool:
        """Whether the hub dropped what we send since the start, at the last check."""
        return self._is_dropped

    @property
    def seconds(self) -> float:
        """Seconds between two heartbeats."""
        interval = self._core.config.bus.heartbeat_seconds
        return min(FAST, interval) if self.is_fast or self._is_one_due else interval

    @property
    def is_holding_messages(self) -> bool:
        """Whether messages wait: the hub drops what we send, or the first heartbeat was sent a moment ago."""
        echo = self._core.echo
        if echo.has_returned:
            return self._is_dropped  # until the next check, after which a new epoch is opened
        is_first = echo.unechoed_since is not None and self._core.clock() - echo.unechoed_since < FIRST
        return self.is_fast or (is_first and self._has_link())

    def record_sent(self) -> None:
        """Record that a heartbeat is sent now, or cannot be."""
        self._is_one_due = False
        if self.is_fast:
            self._sent.append(self._core.clock())

    async def check(self) -> bool:
        """Read whether a hub drops what we send, if nothing of it has returned since the start; once a second.

        Returns whether that has ended: then what waits may be sent.
        """
        echo, was_dropped = self._core.echo, self._is_dropped
        if echo.has_returned:
            if was_dropped:
                await self.open_epoch()
                self._log("hub_accepts_ours", "info")
            return was_dropped
        since = echo.unechoed_since
        self._is_dropped = (
            since is not None and self._core.clock() - since >= PATIENCE and await self._is_dropped_by_hub()
        )
        if self._is_dropped and not was_dropped:
            self._log("hub_drops_ours", "warning")
        return False

    async def open_epoch(self) -> None:
        """Have a new epoch opened: the hub dropped the one that was opened at the start, and its frames wait for it."""
        await self._core.run(self._core.request_reload)
        self._is_dropped, self._is_one_due = False, True

    def _log(self, event: str, level: str) -> None:
        facts = {"heartbeats": len(self._sent)}
        self._core.hooks(Happened(at=self._core.clock(), event=event, level=level, facts=facts))

    async def _is_dropped_by_hub(self) -> bool:
        stream = f"OUTBOX_{self._core.member}"
        try:
            return any(
                [
                    is_dropping(await jsapi.consumer_info(self._bus, stream, link.up))
                    for link in self._core.config.bus.links
                ]
            )
        except BusError:
            return False

    def _has_link(self) -> bool:
        bus = self._ready.bus
        active = bus.source_active_seconds
        return bus.link.has_leaf is not False and active is not None and 0 <= active < QUIET

    def _is_within_bound(self) -> bool:
        return len(self._sent) < MOST or not 0 <= self._core.clock() - self._sent[0] < limits.DAY


def is_dropping(consumer: Mapping[str, Any]) -> bool:
    """Return whether a hub was delivered objects by its consumer of OUTBOX, and answered without confirming any.

    One that cannot store an object now starts the consumer over without an answer.
    """
    delivered, confirmed = consumer["delivered"], consumer["ack_floor"]
    has_answered = bool(confirmed.get("last_active"))
    return has_answered and int(delivered["consumer_seq"]) > 0 == int(confirmed["consumer_seq"])
