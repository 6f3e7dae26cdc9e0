"""Finds objects that one hub delivered and the other did not.

Each member's objects leave its OUTBOX in one order, and each hub delivers them in that order. So a hub that delivered a
later object of a member, and not this one, passed over it: that is `skipped`, however far a link is behind. Where a hub
delivered nothing after it, it may still be in transit, or that member has no link to the hub: that is only `behind`. An
object is named by its subject and its id: the same bytes under another subject are refused and have no effect.

While a link is down, and for a while after, its time stands still, so an outage is not counted. In memory only: what
was delivered before a start is known to the store, is judged `duplicate`, and is not compared; the newest of it is read
back from INBOX, so that a replay of it is detected. Used on the event loop; `clock` returns seconds.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Final, NamedTuple

from suar.protocol.base.link_names import HubLink
from suar.protocol.base.primitives import message_id

REMEMBERED: Final = 20_000  # ids of one link; as many of those that it has not delivered
SETTLING: Final = 30.0  # seconds after an outage in which links and sources of other members reconnect
PATIENCE: Final = 60.0  # seconds of a working link in which the other hub has to deliver it
LOSSES: Final = 3_600.0  # seconds in which outages of a link are counted
LOST_MAX: Final = 64  # outages that are counted
KEPT: Final = 86_400.0  # seconds for which it is reported as not delivered


def name_of(subject: str, data: bytes) -> str:
    """Return how an object is named here."""
    return f"{subject} {message_id(data)}"


class Withheld(NamedTuple):
    """Objects of `origin` that the hub of `link` has not delivered for a minute while its link was up.

    `skipped`: how many of them it passed over; the others are behind. `first`: the oldest, by subject and id.
    """

    link: HubLink
    origin: str
    skipped: int
    behind: int
    first: str


@dataclass(slots=True)
class _Missing:
    """One object that this link has not delivered since `at`; `since` is in the time of the link."""

    at: float
    since: float
    is_skipped: bool = False


@dataclass
class _Side:
    """What one link delivered, and what it has not, by origin in the order of the other link."""

    delivered: dict[str, None] = field(default_factory=dict)
    missing: dict[str, dict[str, _Missing]] = field(default_factory=dict)
    count: int = 0
    delivered_at: float = float("-inf")  # when it last delivered something
    is_standing: bool = False
    elapsed: float = 0.0  # the link's own time, until `counts_from`
    counts_from: float = 0.0
    lost: deque[float] = field(default_factory=partial(deque, maxlen=LOST_MAX))  # when its link went down

    def time(self, now: float) -> float:
        """Return the link's own time: the seconds for which it was up, without those after an outage."""
        return self.elapsed + (max(0.0, now - self.counts_from) if self.is_standing else 0.0)

    def add(self, origin: str, id_: str, now: float) -> None:
        """Note that the other link delivered this one; outages, and the time after them, are not counted."""
        if self.is_standing and now >= self.counts_from and self.count < REMEMBERED:
            self.missing.setdefault(origin, {})[id_] = _Missing(now, self.time(now))
            self.count += 1

    def remove(self, origin: str, id_: str) -> bool:
        """Remove one that arrived, and mark what the other link delivered before it; returns whether it was missing."""
        waiting = self.missing.get(origin, {})
        if id_ not in waiting:
            return False
        self._mark(takewhile(lambda item: item[0] != id_, waiting.items()))
        del waiting[id_]
        self.count -= 1
        return True

    def mark_skipped(self, origin: str) -> None:
        """Mark all that is missing of an origin: this link delivered what the other one delivered after it."""
        self._mark(self.missing.get(origin, {}).items())

    def _mark(self, passed_over: Iterable[tuple[str, _Missing]]) -> None:
        for id_, each in passed_over:
            each.is_skipped |= id_ not in self.delivered  # else it is here, and is judged in a moment

    def late(self, until: float) -> dict[str, dict[str, _Missing]]:
        """Return by origin what has been missing since `until` of the link's time, or before."""
        return {
            origin: {id_: each for id_, each in waiting.items() if each.since <= until and id_ not in self.delivered}
            for origin, waiting in sorted(self.missing.items())
        }

    def forget_before(self, time: float) -> None:
        """Forget what has been missing since before `time`."""
        for waiting in self.missing.values():
            while waiting and next(iter(waiting.values())).at < time:
                del waiting[next(iter(waiting))]
                self.count -= 1

    def end_standing(self, now: float) -> None:
        """Stop the link's time."""
        self.elapsed, self.is_standing = self.time(now), False
        self.lost.append(now)

    def begin_standing(self, now: float) -> None:
        """Let the link's time go on, after an outage a while later."""
        self.counts_from, self.is_standing = now + (SETTLING if self.lost else 0.0), True

    def losses(self, now: float) -> int:
        """Return how often the link went down within the last hour."""
        return sum(each > now - LOSSES for each in self.lost)


class HubComparison:
    """Compares two links. With one there is nothing to compare, and every method does nothing."""

    def __init__(self, links: Sequence[HubLink], clock: Callable[[], float] = time.monotonic) -> None:
        self._links, self._clock = tuple(links), clock
        self._sides = {link: _Side() for link in links} if len(links) > 1 else {}

    @property
    def is_on(self) -> bool:
        """Whether there are two hubs."""
        return bool(self._sides)

    def record_delivery(self, link: HubLink, id_: str) -> bool:
        """Record that the link delivered an object, before it is judged; returns whether it is the first time."""
        if not self.is_on:
            return False
        side = self._sides[link]
        side.delivered_at = self._clock()
        if id_ in side.delivered:
            return False
        side.delivered[id_] = None
        if len(side.delivered) > REMEMBERED:
            del side.delivered[next(iter(side.delivered))]
        return True

    def record_judged(self, link: HubLink, origin: str, id_: str, *, is_new: bool) -> None:
        """Record, in the order of the link's delivery, whether the store did not have an object before."""
        if not self.is_on:
            return
        side, other = self._sides[link], self._sides[self._other(link)]
        was_missing = side.remove(origin, id_)
        if was_missing or (is_new and id_ in other.delivered):  # both have it: earlier objects were passed over
            other.mark_skipped(origin)
        elif is_new:
            other.add(origin, id_, self._clock())

    def set_standing(self, link: HubLink, *, is_standing: bool) -> None:
        """Record whether objects of this hub reach us at this moment."""
        if self.is_on:
            side = self._sides[link]
            if side.is_standing and not is_standing:
                side.end_standing(self._clock())
            elif is_standing and not side.is_standing:
                side.begin_standing(self._clock())

    def losses(self, link: HubLink) -> int:
        """How often the link went down within the last hour, at most LOST_MAX times."""
        return self._sides[link].losses(self._clock()) if self.is_on else 0

    def silent_for(self, link: HubLink) -> float | None:
        """Return the seconds for which a link delivered nothing while the other delivered something; else None."""
        if not self.is_on:
            return None
        now, side = self._clock(), self._sides[link]
        owed = [each.at for late in side.late(side.time(now) - PATIENCE).values() for each in late.values()]
        return now - min(owed) if owed and side.delivered_at < min(owed) else None

    def withheld(self) -> tuple[Withheld, ...]:
        """Return what has been missing on a link for more than a minute in which it was up, by link and origin."""
        now, found = self._clock(), []
        for link, side in self._sides.items():
            side.forget_before(now - KEPT)
            for origin, late in side.late(side.time(now) - PATIENCE).items():
                if late:
                    skipped = sum(each.is_skipped for each in late.values())
                    found.append(Withheld(link, origin, skipped, len(late) - skipped, next(iter(late))))
        return tuple(found)

    def _other(self, link: HubLink) -> HubLink:
        return self._links[1 - self._links.index(link)]
