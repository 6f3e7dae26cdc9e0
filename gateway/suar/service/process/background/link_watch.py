"""The state of the link to each hub and, with two hubs, which objects one delivered and the other did not."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from suar.bus import jsapi
from suar.federation import monitor
from suar.observe.alarms import HUB_WITHHOLDS
from suar.observe.hooks import Happened, LineLost
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import HubLink
from suar.protocol.transport.outcome import Alarm
from suar.service.core.core import Core
from suar.service.pacing.hub_comparison import Withheld
from suar.service.process.running import LoopContext
from suar.service.status.hub_link import PATIENCE, HubProbe, LinkState, both, monitors_of, of_server
from suar.service.status.snapshot import HubSeen

RAISED_EVERY: Final = 60.0  # seconds between two alarms about the same hub and member
LINKS_EVERY: Final = 5.0  # seconds between two checks of the own server's links


class LinkWatch:
    """Checks every link once a second; on the event loop. `clock` returns seconds."""

    def __init__(self, run: LoopContext, clock: Callable[[], float] = time.monotonic) -> None:
        config = run.core.config.bus
        self._bus, self._core, self._comparison, self._clock = run.bus, run.core, run.hubs, clock
        self._monitors = monitors_of(run.core.config)
        self._probes = {link: HubProbe(self._monitors, link) for link in config.links}
        self._states = {link: LinkState(link) for link in config.links}
        self._lost: dict[HubLink, float] = {}  # since when a link is down
        self._links: dict[str, int] = {}  # account: the number that the own server gave to its link
        self._links_at = -LINKS_EVERY
        self._raised: dict[tuple[HubLink, str], tuple[float, int]] = {}  # last alarm: time, number of objects

    async def update(self, inboxes: Mapping[HubLink, jsapi.Json | None]) -> LinkState:
        """Check each source; returns the state of all links as one."""
        for link, inbox in inboxes.items():
            active = source_active(inbox)
            probed = await self._probes[link].probe(self._bus.server_id, active)
            state = LinkState(link, active, probed)
            self._note_change(link, was_standing=self._states[link].is_standing, is_standing=state.is_standing)
            self._states[link] = state
            self._comparison.set_standing(link, is_standing=state.is_standing)
        await self._note_new_links()
        return both(list(self._states.values()))

    def _note_change(self, link: HubLink, *, was_standing: bool, is_standing: bool) -> None:
        if not self._comparison.is_on:
            return
        if was_standing and not is_standing:
            self._lost[link] = self._clock()
            self._core.hooks(LineLost(at=self._core.clock(), hub=link.entity))
        elif is_standing and link in self._lost:
            self._links.pop(link.account, None)  # its number is a new one, and the loss was reported already
            facts = {"hub": link.entity, "seconds": round(self._clock() - self._lost.pop(link), 1)}
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
        for link in self._states:
            before, now = self._links.get(link.account), links.get(link.account)
            if before is not None and now is not None and now != before and link not in self._lost:
                self._core.hooks(LineLost(at=self._core.clock(), hub=link.entity, is_renewed=True))
            if now is not None:
                self._links[link.account] = now

    def disconnected(self) -> None:
        """Record that no link works without the own server."""
        for link in self._states:
            self._states[link] = LinkState(link)
            self._comparison.set_standing(link, is_standing=False)

    def of_standing(self, inboxes: Mapping[HubLink, jsapi.Json | None]) -> dict[HubLink, jsapi.Json]:
        """Return the streams whose link works; if none does, all existing ones."""
        there = {link: inbox for link, inbox in inboxes.items() if inbox is not None}
        return {link: inbox for link, inbox in there.items() if self._states[link].is_standing} or there

    @property
    def standing(self) -> list[HubLink]:
        """The links whose hub reaches us now."""
        return [link for link, state in self._states.items() if state.is_standing]

    def seen(self) -> tuple[HubSeen, ...]:
        """Return the numbers of each of two hubs for the checks; nothing if there is one hub."""
        if not self._comparison.is_on:
            return ()
        withheld = self._comparison.withheld()
        return tuple(
            HubSeen(
                state=state,
                withheld=_of(link, withheld),
                losses=self._comparison.losses(link),
                silent_for=self._comparison.silent_for(link),
            )
            for link, state in self._states.items()
        )

    async def raise_alarms(self) -> None:
        """Raise the alarm `hub-withholds` about a hub that passed over further objects, once a minute a member."""
        now = self._clock()
        skipped = {(each.link, each.origin): each for each in self._comparison.withheld() if each.skipped}
        new = {key: each for key, each in skipped.items() if self._is_new(key, each.skipped, now)}
        if new:
            await self._core.run(_raise, self._core, list(new.values()))
        raised = self._raised | {key: (now, each.skipped) for key, each in new.items()}
        self._raised = {key: each for key, each in raised.items() if key in skipped}

    def _is_new(self, key: tuple[HubLink, str], skipped: int, now: float) -> bool:
        at, before = self._raised.get(key, (-RAISED_EVERY, 0))
        return skipped > before and now - at >= RAISED_EVERY


def source_active(inbox: jsapi.Json | None) -> float | None:
    """Return the seconds since the last activity of a stream's source; -1 if it never started, None if not known."""
    sources = (inbox or {}).get("sources") or []
    active = sources[0].get("active", -1) if sources else None
    return None if active is None else active / 1e9 if active >= 0 else -1.0


def _of(link: HubLink, withheld: tuple[Withheld, ...]) -> tuple[tuple[str, int, int], ...]:
    return tuple((each.origin, each.skipped + each.behind, each.skipped) for each in withheld if each.link == link)


def _raise(core: Core, withheld: list[Withheld]) -> None:
    """Raise an alarm that names the hub; the log also names the member, whose own server may have omitted them."""
    with core.transaction() as connection:
        for each in withheld:
            core.raise_alarm(connection, Alarm(HUB_WITHHOLDS, core.member, message_id=each.link.entity))
            core.log_event(
                "hub_withholds", "error", hub=each.link.entity, origin=each.origin, objects=each.skipped,
                first=each.first,
            )  # fmt: skip
