"""Progress of a catch-up: the objects in INBOX that are not processed yet, by origin, with rate and remaining time.

The total is exact: INBOX's last sequence minus the last processed one. The count of an origin is what the stream holds
of its epochs minus what the chains hold, so copies of a frame that was sent twice are counted; the counts together are
limited to the total. Objects that have not reached INBOX are not counted here; the heads of peers show them (`suar
peers`).
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.observe.hooks import Happened, ToCome
from suar.protocol.base import subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.link_names import ONLY_HUB, HubLink
from suar.protocol.transport.world import EpochState, EpochView
from suar.service.core.core import Core

MANY: Final = 200  # objects; fewer are normal operation and are processed within a second or two
DETAIL_EVERY: Final = 5.0  # seconds between two counts by origin
WINDOW: Final = 10.0  # seconds over which the rate is averaged
LOG_EVERY: Final = 10.0  # seconds between two log events
_TOKEN: Final = 16  # digits of an epoch's id in its subject


class Progress(Struct, frozen=True, kw_only=True):
    """The progress at one moment.

    `to_come`: objects in INBOX that are not processed; `origins`: about how many of them are frames of each member;
    `a_second`: recent rate; `seconds_left`: None if nothing was processed recently, 0 if nothing is left.
    """

    to_come: int = 0
    origins: dict[str, int] = {}
    a_second: float = 0.0
    seconds_left: float | None = 0.0

    @property
    def is_catching_up(self) -> bool:
        """Whether at least `MANY` objects are left."""
        return self.to_come >= MANY

    def in_words(self) -> str:
        """Return the progress as one line of text."""
        members = sorted(self.origins.items(), key=lambda item: -item[1])
        by = ", ".join(f"{code} {count:,}" for code, count in members if count)
        left = "nothing moves" if self.seconds_left is None else f"about {max(1, round(self.seconds_left)):,} s"
        return f"catching up: {self.to_come:,} to come{f' ({by})' if by else ''}, {left}"


NOTHING: Final = Progress()


class CatchingUp:
    """Tracks the progress of one gateway. Used on its event loop; `clock` returns seconds."""

    def __init__(self, core: Core, clock: Callable[[], float] = time.monotonic) -> None:
        self._core, self._clock = core, clock
        self.now = NOTHING
        self._sequences: dict[HubLink, int] = {}
        self._sequences_before: dict[HubLink, int] = {}  # when the state of the streams was read
        self._judged = 0
        self._taken: deque[tuple[float, int]] = deque()  # (time, objects judged until then)
        self._shares: dict[str, int] = {}
        self._shares_at = self._reported_at = -1e9

    def record_batch(self, sequence: int, count: int, link: HubLink = ONLY_HUB) -> None:
        """Record that `count` objects were processed; `sequence` is the last one's number in the INBOX of `link`."""
        self._sequences[link] = max(self._sequences.get(link, 0), sequence)
        self._judged += count
        self._taken.append((self._clock(), self._judged))

    def begin_update(self, links: Iterable[HubLink]) -> None:
        """Remember what is processed before the streams are read: objects processed meanwhile are not counted as to
        come.
        """
        self._sequences_before = {link: self._sequence(link) for link in links}

    async def update(self, bus: Bus, inboxes: Mapping[HubLink, jsapi.Json]) -> None:
        """Compare with the state of the streams that are available now, once a second.

        Two hubs deliver the same objects: those to come are the ones that the hub with the fewer remaining objects
        still has.
        """
        if not inboxes:
            return
        to_come, link = min((self._left(link, inbox), link) for link, inbox in inboxes.items())
        before, rate = self.now, self._rate()
        if to_come >= MANY and self._clock() - self._shares_at >= DETAIL_EVERY:
            await self._count_origins(bus, link)
        elif to_come < MANY:
            self._shares, self._shares_at = {}, -1e9
        left = 0.0 if not to_come else to_come / rate if rate else None
        shares = bounded(self._shares, to_come)
        self.now = Progress(to_come=to_come, origins=shares, a_second=rate, seconds_left=left)
        self._report(before)

    def _left(self, link: HubLink, inbox: jsapi.Json) -> int:
        last = int(inbox["state"]["last_seq"])
        is_recreated = self._sequences_before.get(link, 0) > last
        return last if is_recreated else max(0, last - self._sequence(link))

    def _sequence(self, link: HubLink) -> int:
        return max(self._sequences.get(link, 0), (self._core.stream_positions.last_known(link.position) or 0))

    def _rate(self) -> float:
        """Return the objects processed per second over the window."""
        now = self._clock()
        while len(self._taken) > 1 and self._taken[0][0] < now - WINDOW:
            self._taken.popleft()
        if not self._taken or self._taken[-1][0] < now - WINDOW:
            return 0.0
        first_at, first = self._taken[0]
        return (self._judged - first) / (now - first_at) if now > first_at else 0.0

    async def _count_origins(self, bus: Bus, link: HubLink) -> None:
        self._shares_at = self._clock()
        held = await self._core.run_read_only(_held, self._core)
        stream, found = link.inbox(self._core.member), {}
        try:
            for code in self._core.status.trust.active_members():
                named = {"subjects_filter": f"tip.v1.{code.lower()}.*.frame.*.*"}
                info = await jsapi.call(bus, f"STREAM.INFO.{stream}", named)
                found[code] = count_missing(info["state"].get("subjects") or {}, held)
        except BusError:
            return
        self._shares = {code: count for code, count in found.items() if count and code != self._core.member}

    def _report(self, before: Progress) -> None:
        progress, at, now = self.now, self._core.clock(), self._clock()
        if progress.to_come or before.to_come or before.origins:
            record = ToCome(at=at, to_come=progress.to_come, origins=progress.origins, a_second=progress.a_second)
            self._core.hooks(record)
        is_over = before.is_catching_up and not progress.is_catching_up
        if is_over or (progress.is_catching_up and now - self._reported_at >= LOG_EVERY):
            self._reported_at = now
            event = "caught_up" if is_over else "catching_up"
            facts: dict[str, Any] = {"to_come": progress.to_come, "origins": progress.origins}
            facts["seconds_left"] = None if progress.seconds_left is None else round(progress.seconds_left, 1)
            self._core.hooks(Happened(at=at, event=event, facts=facts))


def _held(core: Core) -> dict[str, int | None]:
    return held_by_epoch(core.status.epochs.values())


def held_by_epoch(epochs: Iterable[EpochState | EpochView]) -> dict[str, int | None]:
    """Return the number of frames that we hold of each epoch, by its subject token.

    None if its frames are not for us.
    """
    return {
        state.id.hex()[:_TOKEN]: state.sequence.next - len(state.sequence.missing) if state.kind == "open" else None
        for state in epochs
    }


def count_missing(counts: Mapping[str, int], held: Mapping[str, int | None]) -> int:
    """Return how many frames a stream holds that we do not. `counts` has the stream's objects by subject.

    All frames of an unknown epoch are counted.
    """
    total = 0
    for subject, count in counts.items():
        try:
            token = subjects.parse(subject).token
        except Refused:
            continue
        ours = held.get(token, 0)
        total += 0 if ours is None else max(0, count - ours)
    return total


def bounded(shares: Mapping[str, int], whole: int) -> dict[str, int]:
    """Return the counts by origin, reduced in proportion if their sum exceeds `whole`, which was counted a moment
    later.
    """
    total = sum(Counter(shares).values())
    return dict(shares) if total <= whole else {code: count * whole // total for code, count in shares.items()}
