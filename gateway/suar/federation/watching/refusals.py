"""Finds an IN that refuses one object of its member's OUTBOX repeatedly, so that nothing after it arrives.

IN accepts no object whose headers have more than 65,535 bytes with those of the hub, and none above its `max_msg_size`.
The source then starts over every 2 s without any report: it is active, its `lag` is 0, and only the hub's log has the
reason. It is detected because IN stores nothing while the member's link delivers the same objects repeatedly, much more
than an idle one. Only then is the member's consumer queried whether OUTBOX has more, because the query starts it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import Json
from suar.federation import positions
from suar.federation.links.hub_links import key
from suar.federation.plan import Member
from suar.federation.watching.rounds import now
from suar.protocol.base.link_names import HubLink

FOR: Final = 10.0  # seconds in which IN stored nothing
RATE: Final = 8 * 1024  # bytes a second of the link; a refused object alone is 64 KiB every 2 s, heartbeats 200 bytes


@dataclass(slots=True)
class _Standstill:
    """Since when an IN has stored nothing, and what its member's links had delivered then."""

    end: int
    delivered: dict[tuple[str, int], int]
    since: float
    is_refusing: bool = False

    def rate(self, delivered: dict[tuple[str, int], int]) -> float:
        """Return the bytes a second that the links delivered since then."""
        return (sum(delivered.values()) - sum(self.delivered.values())) / (now() - self.since)


@dataclass(slots=True)
class Refusals:
    """Compares each IN with the results of earlier checks."""

    _positions: dict[str, _Standstill] = field(default_factory=dict, init=False)

    async def note_delivered(
        self, admin: Bus, member: Member, link: HubLink, info: Json, links: Sequence[dict[str, Any]]
    ) -> bool:
        """Note what the links delivered; returns True if an IN repeatedly refuses it. `info` is that of IN."""
        end, delivered = int(info["state"]["last_seq"]), {key(link): int(link["in_bytes"]) for link in links}
        standstill = self._positions.get(member.code)
        if standstill is None or standstill.end != end or standstill.delivered.keys() != delivered.keys():
            self._positions[member.code] = _Standstill(end, delivered, now())
            return False
        if now() - standstill.since < FOR:
            return standstill.is_refusing
        is_repeated = standstill.rate(delivered) > RATE
        refuses = is_repeated and (standstill.is_refusing or await _has_more(admin, member, link, info))
        self._positions[member.code] = _Standstill(end, delivered, now(), refuses)
        return refuses


async def _has_more(admin: Bus, member: Member, link: HubLink, info: Json) -> bool:
    try:
        return await positions.has_more(admin, member, link, info)
    except BusError:  # the member's server is unreachable: queried at a later check
        return False
