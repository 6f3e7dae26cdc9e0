"""The state of the line to each hub and, with two hubs, which objects one delivered and the other did not."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from suar.bus import jsapi
from suar.federation import monitor
from suar.observe.alarms import HUB_WITHHOLDS
from suar.observe.hooks import Happened, LineLost
from suar.protocol.base.errors import Fault
from suar.protocol.base.hub_lines import HubLine
from suar.protocol.transport.outcome import Alarm
from suar.service.core.core import Core
from suar.service.pacing.hub_comparison import Withheld
from suar.service.process.running import LoopContext
from suar.service.status.hub_link import PATIENCE, HubProbe, LineState, both, monitors_of, of_server
from suar.service.status.snapshot import HubSeen

RAISED_EVERY: Final = 60.0  # seconds between two alarms about the same hub and member
LINKS_EVERY: Final = 5.0  # seconds between two checks of the own server's links


class LineWatch:
    """Checks every line once a second; on the event loop. `clock` returns seconds."""

    def __init__(self, run: LoopContext, clock: Callable[[], float] = time.monotonic) -> None:
        config = run.core.config.bus
        self._bus, self._core, self._comparison, self._clock = run.bus, run.core, run.hubs, clock
        self._monitors = monitors_of(run.core.config)
        self._probes = {line: HubProbe(self._monitors, line) for line in config.lines}
        self._states = {line: LineState(line) for line in config.lines}
        self._lost: dict[HubLine, float] = {}  # since when a line is down
        self._links: dict[str, int] = {}  # account: the number that the own server gave to its link
        self._links_at = -LINKS_EVERY
        self._raised: dict[tuple[HubLine, str], tuple[float, int]] = {}  # last alarm: time, number of objects

    async def update(self, inboxes: Mapping[HubLine, jsapi.Json | None]) -> LineState:
        """Check each source; returns the state of all lines as one."""
        for line, inbox in inboxes.items():
            active = source_active(inbox)
            link = await self._probes[line].probe(self._bus.server_id, active)
            state = LineState(line, active, link)
            self._note_change(line, was_standing=self._states[line].is_standing, is_standing=state.is_standing)
            self._states[line] = state
            self._comparison.set_standing(line, is_standing=state.is_standing)
        await self._note_new_links()
        return both(list(self._states.values()))

    def _note_change(self, line: HubLine, *, was_standing: bool, is_standing: bool) -> None:
        if not self._comparison.is_on:
            return
        if was_standing and not is_standing:
            self._lost[line] = self._clock()
            self._core.hooks(LineLost(at=self._core.clock(), hub=line.entity))
        elif is_standing and line in self._lost:
            self._links.pop(line.account, None)  # its number is a new one, and the loss was reported already
            facts = {"hub": line.entity, "seconds": round(self._clock() - self._lost.pop(line), 1)}
            self._core.hooks(Happened(at=self._core.clock(), event="line_back", facts=facts))

    async def _note_new_links(self) -> None:
        """Detect a link that was interrupted: it returns within a second or two, and only its number changes."""
        if not (self._comparison.is_on and self._monitors) or self._clock() - self._links_at < LINKS_EVERY:
            return
        self._links_at = self._clock()
        of, _ = await of_server(self._monitors, self._bus.server_id)
        if of is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                links = {str(each.get("account")): int(each.get("id", 0)) for each in await monitor.leafs(of)}
        except (Fault, TimeoutError, TypeError, ValueError):
            return
        for line in self._states:
            before, now = self._links.get(line.account), links.get(line.account)
            if before is not None and now is not None and now != before and line not in self._lost:
                self._core.hooks(LineLost(at=self._core.clock(), hub=line.entity, is_renewed=True))
            if now is not None:
                self._links[line.account] = now

    def disconnected(self) -> None:
        """Record that no line works without the own server."""
        for line in self._states:
            self._states[line] = LineState(line)
            self._comparison.set_standing(line, is_standing=False)

    def of_standing(self, inboxes: Mapping[HubLine, jsapi.Json | None]) -> dict[HubLine, jsapi.Json]:
        """Return the streams whose line works; if none does, all existing ones."""
        there = {line: inbox for line, inbox in inboxes.items() if inbox is not None}
        return {line: inbox for line, inbox in there.items() if self._states[line].is_standing} or there

    @property
    def standing(self) -> list[HubLine]:
        """The lines whose hub reaches us now."""
        return [line for line, state in self._states.items() if state.is_standing]

    def seen(self) -> tuple[HubSeen, ...]:
        """Return the numbers of each of two hubs for the checks; nothing if there is one hub."""
        if not self._comparison.is_on:
            return ()
        withheld = self._comparison.withheld()
        return tuple(
            HubSeen(
                state=state,
                withheld=_of(line, withheld),
                losses=self._comparison.losses(line),
                silent_for=self._comparison.silent_for(line),
            )
            for line, state in self._states.items()
        )

    async def raise_alarms(self) -> None:
        """Raise the alarm `hub-withholds` about a hub that passed over further objects, once a minute a member."""
        now = self._clock()
        skipped = {(each.line, each.origin): each for each in self._comparison.withheld() if each.skipped}
        new = {key: each for key, each in skipped.items() if self._is_new(key, each.skipped, now)}
        if new:
            await self._core.run(_raise, self._core, list(new.values()))
        raised = self._raised | {key: (now, each.skipped) for key, each in new.items()}
        self._raised = {key: each for key, each in raised.items() if key in skipped}

    def _is_new(self, key: tuple[HubLine, str], skipped: int, now: float) -> bool:
        at, before = self._raised.get(key, (-RAISED_EVERY, 0))
        return skipped > before and now - at >= RAISED_EVERY


def source_active(inbox: jsapi.Json | None) -> float | None:
    """Return the seconds since the last activity of a stream's source; -1 if it never started, None if not known."""
    sources = (inbox or {}).get("sources") or []
    active = sources[0].get("active", -1) if sources else None
    return None if active is None else active / 1e9 if active >= 0 else -1.0


def _of(line: HubLine, withheld: tuple[Withheld, ...]) -> tuple[tuple[str, int, int], ...]:
    return tuple((each.origin, each.skipped + each.behind, each.skipped) for each in withheld if each.line == line)


def _raise(core: Core, withheld: list[Withheld]) -> None:
    """Raise an alarm that names the hub; the log also names the member, whose own server may have omitted them."""
    with core.transaction() as connection:
        for each in withheld:
            core.raise_alarm(connection, Alarm(HUB_WITHHOLDS, core.member, message_id=each.line.entity))
            core.log_event(
                "hub_withholds", "error", hub=each.line.entity, origin=each.origin, objects=each.skipped,
                first=each.first,
            )  # fmt: skip
