"""Whether anything is sealed now: only what can be sent soon, so that urgent messages overtake those that cannot.

A sealed frame has its number in a chain, and nothing can overtake it any more. While the own server or the link to the
hub is down, while the hub drops what a state that was put back sends, and while many sealed objects wait already,
messages stay in the queue, committed and in the order of their urgency; a carried file seals them first
(`suar carry export`). Unknown states delay nothing: a link whose state is not known counts as up.
"""

from typing import Final

from suar.bus.connect import Bus
from suar.service.pacing.heartbeat_pace import HeartbeatPace
from suar.service.pacing.readiness import Readiness

AHEAD: Final = 1_000  # sealed objects found waiting at once: a full publication


class SendGate:
    """Of one gateway's way out."""

    def __init__(self, ready: Readiness, bus: Bus, pace: HeartbeatPace) -> None:
        self._ready, self._bus, self._pace = ready, bus, pace
        self._waiting = 0

    @property
    def is_open(self) -> bool:
        """Whether what is sealed now can be sent soon."""
        has_way = self._bus.is_connected and self._ready.bus.link.has_leaf is not False
        return has_way and self._waiting < AHEAD and not self._pace.is_holding_messages

    def record_backlog(self, waiting: int) -> bool:
        """Record that so many sealed objects were found waiting; returns whether the window opened by that."""
        was_full, self._waiting = self._waiting >= AHEAD, waiting
        return was_full and waiting < AHEAD
