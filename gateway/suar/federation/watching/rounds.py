"""The watchdog: finds sources that stopped silently, and restarts them.

A stalled source shows no error: its `lag` is 0. Its `active` (time since its last activity; a heartbeat arrives every
second) shows it: -1 means that it never started, much over a second that it is dead. The server itself retries after 10
s; the watchdog acts only if a source looked dead twice in a row, and never on one that works, because a reset makes it
send again. Re-adding a source (an update without it, then one with it) loses, duplicates and reorders nothing.

A second fault is silent too: after a leaf link was down, nats-server 2.15.1 may store what a source delivers under the
subject that carried it (`fed.up.th`) instead of its own. No consumer delivers such an object; its recipients request it
from its origin. The watchdog detects that their number increases, and restarts the source; if that did not help, it
cuts the member's link first.

Each round returns frozen records of what was found and done; logging and metrics use the callback.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from suar.bus.errors import BusError
from suar.protocol.base.errors import Fault

INTERVAL = 5.0  # seconds between two rounds
DEAD_AFTER = 15.0  # seconds without activity; the server's own retry is after 10
BACKOFF = 10.0  # seconds times failures before acting on the same source again
MAX_BACKOFF = 120.0

Kind = Literal[
    "healthy",
    "suspect",
    "no-leaf",
    "no-path",
    "re-added",
    "reloaded",
    "made-consumer",
    "set-back",
    "past-end",
    "put-back",
    "refused",
    "skipped",
    "begun-again",
    "cut",
    "full",
    "expiring",
    "second-link",
    "needs-admin",
    "failed",
]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source or consumer in one round: `active` in seconds (-1: never started), `detail` for a person."""

    name: str
    kind: Kind
    active: float
    detail: str = ""


@dataclass(slots=True)
class Case:
    """The history of one source."""

    bad: int = 0
    failures: int = 0
    not_before: float = 0.0
    ack_floor: int = -1
    since: float = 0.0
    misnamed: int | None = None  # objects under another subject than their own, in the last round


@dataclass
class Watch(ABC):
    """Checks every `interval` seconds and passes each `SourceState` to `on_seen`."""

    on_seen: Callable[[SourceState], None] = field(default=lambda _: None, kw_only=True)
    interval: float = field(default=INTERVAL, kw_only=True)
    dead_after: float = field(default=DEAD_AFTER, kw_only=True)
    backoff: float = field(default=BACKOFF, kw_only=True)
    _cases: dict[str, Case] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Run until cancelled; an unreachable server is one failed round."""
        while True:
            await self.run_once()
            await asyncio.sleep(self.interval)

    async def run_once(self) -> list[SourceState]:
        """Check once, and act if it is due."""
        try:
            seen = await self._inspect()
        except (BusError, Fault) as error:
            seen = [SourceState("server", "failed", 0.0, str(error))]
        for each in seen:
            self.on_seen(each)
        return seen

    def failures(self, name: str) -> int:
        """How often it acted on a source or consumer that has not been healthy since."""
        return self._cases[name].failures if name in self._cases else 0

    @abstractmethod
    async def _inspect(self) -> list[SourceState]: ...

    def _count_round(self, name: str, sick: bool) -> bool:
        """Count a round of `name`; returns True if this one and the one before were faulty, and its backoff is over."""
        case = self._cases.setdefault(name, Case())
        if not sick:
            case.bad = case.failures = 0
            case.not_before = 0.0
            return False
        case.bad += 1
        return case.bad >= 2 and now() >= case.not_before

    def _acted(self, name: str) -> None:
        case = self._cases[name]
        case.failures += 1
        case.bad = 0
        case.not_before = now() + min(self.backoff * case.failures, MAX_BACKOFF)

    def _count_misnamed(self, name: str, misnamed: int) -> bool:
        """Note how many objects are under the subject that carried them; returns True if there are more than in the
        last round, and it is time to act.
        """
        case = self._cases.setdefault(name, Case())
        before, case.misnamed = case.misnamed, misnamed
        return before is not None and misnamed > before and now() >= case.not_before

    def _is_dead(self, active: float) -> bool:
        return active < 0 or active > self.dead_after


def now() -> float:
    """Return the event loop's time in seconds."""
    return asyncio.get_running_loop().time()
