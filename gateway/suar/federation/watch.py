"""The watchdog: finds sources that stopped silently, and restarts them.

A stalled source shows no error: its `lag` is 0. Its `active` (time since its last activity; a heartbeat comes every
second) shows it: -1 means that it never started, much over a second that it is dead. The server itself retries after 10
s; the watchdog acts only if a source looked dead twice in a row, and never on one that works, because a reset makes it
send again. Re-adding a source (an update without it, then one with it) loses, duplicates and reorders nothing.

A second fault is silent too: after a leaf link was down, nats-server 2.15.1 may store what a source delivers under the
subject that carried it (`fed.up.th`) instead of its own. No consumer delivers such an object; its recipients request it
from its origin. The watchdog notices when their number grows, and restarts the source; if that did not help, it cuts
the member's link first.

Each round returns frozen records of what was found and done; logging and metrics use the callback.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from suar.bus import ingest, streams
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import Json, call, consumer_info, stream_info
from suar.federation import monitor
from suar.federation.link_certificate import days_left
from suar.federation.operations import HubSide, probe
from suar.federation.plan import Member
from suar.protocol.base.errors import Fault
from suar.protocol.base.hub_lines import ONE_HUB, HubLine

INTERVAL = 5.0  # seconds between two rounds
DEAD_AFTER = 15.0  # seconds without activity; the server's own retry is after 10
STANDING = 3.0  # seconds without an acknowledgement although some are due
SILENCE = 2.0  # seconds after the last delivery; the heartbeat after 1 s must have been acknowledged
CERTIFICATE = "link-certificate"
EXPIRING_DAYS = 60
FULL = 0.98  # part of an IN's bytes above which the next object may not fit
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
    "cut",
    "full",
    "expiring",
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
class _Case:
    """The history of one source."""

    bad: int = 0
    failures: int = 0
    not_before: float = 0.0
    ack_floor: int = -1
    since: float = 0.0
    misnamed: int | None = None  # objects under another subject than their own, in the last round


@dataclass
class _Watch(ABC):
    """Checks every `interval` seconds and passes each `SourceState` to `on_seen`."""

    on_seen: Callable[[SourceState], None] = field(default=lambda _: None, kw_only=True)
    interval: float = field(default=INTERVAL, kw_only=True)
    dead_after: float = field(default=DEAD_AFTER, kw_only=True)
    backoff: float = field(default=BACKOFF, kw_only=True)
    _cases: dict[str, _Case] = field(default_factory=dict, init=False)

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

    def _due(self, name: str, sick: bool) -> bool:
        """Whether `name` was faulty in this round and the one before, and its backoff is over."""
        case = self._cases.setdefault(name, _Case())
        if not sick:
            case.bad = case.failures = 0
            case.not_before = 0.0
            return False
        case.bad += 1
        return case.bad >= 2 and _now() >= case.not_before

    def _acted(self, name: str) -> None:
        case = self._cases[name]
        case.failures += 1
        case.bad = 0
        case.not_before = _now() + min(self.backoff * case.failures, MAX_BACKOFF)

    def _is_misnaming(self, name: str, misnamed: int) -> bool:
        """Whether more objects than in the last round are under the subject that carried them, and it is time to
        act.
        """
        case = self._cases.setdefault(name, _Case())
        before, case.misnamed = case.misnamed, misnamed
        return before is not None and misnamed > before and _now() >= case.not_before

    def _is_dead(self, active: float) -> bool:
        return active < 0 or active > self.dead_after


@dataclass
class MemberWatch(_Watch):
    """A member's watchdog. `bus` is the user `watch`, which may read, and change nothing.

    A user that may update a stream can also empty it (`max_msgs: 1`), and one that may have the hub's consumer start
    elsewhere can have it start behind everything. So the hub is asked and a source re-added by the administrator's
    user, whose connection `admin` opens for that moment; without it the watchdog reports that it is needed.
    """

    member: Member
    bus: Bus
    admin: Callable[[], Awaitable[Bus]] | None = None
    lines: Sequence[HubLine] = ONE_HUB

    async def _inspect(self) -> list[SourceState]:
        """Each line by itself: what fails at one hub keeps nothing from being looked at on the other."""
        return [state for line in self.lines for state in await self._inspect_line(line)]

    async def _inspect_line(self, line: HubLine) -> list[SourceState]:
        inbox = line.inbox(self.member.code)
        info = await stream_info(self.bus, inbox)
        active = streams.source_active(info, "REGION")
        if self._is_misnaming(f"subjects of {inbox}", await streams.misnamed_down(self.bus, self.member.code, line)):
            self._acted(f"subjects of {inbox}")
            why = "source REGION: it brought objects without their subject"
            return [await self._re_add(line, info["config"], active, why)]
        if not self._due(inbox, self._is_dead(active)):
            return [SourceState(inbox, "suspect" if self._is_dead(active) else "healthy", active)]
        leafs = await monitor.leafs(self.member.monitor_port)
        if not any(leaf["account"] == line.account for leaf in leafs):
            return [SourceState(inbox, "no-leaf", active, "the server retries every second")]
        self._acted(inbox)
        return [await self._re_add(line, info["config"], active, "source REGION", is_dead=True)]

    async def _re_add(
        self, line: HubLine, config: Json, active: float, why: str, *, is_dead: bool = False
    ) -> SourceState:
        """Re-add the source as the administrator; one that `is_dead` only where the hub can be reached."""
        name = line.inbox(self.member.code)
        if self.admin is None:
            return SourceState(
                name, "needs-admin", active, f"{why}; start the watchdog with --state or --admin-seed-file"
            )
        async with await self.admin() as admin:
            reset = f"{line.hub_api}.CONSUMER.RESET.REGION.{line.down(self.member.code)}"
            missing = await probe(admin, reset) if is_dead else ""
            if missing:
                return SourceState(name, "no-path", active, missing)
            await streams.re_add_source(admin, config, streams.inbox_source(self.member.code, line))
        return SourceState(name, "re-added", active, why)


@dataclass
class HubWatch(_Watch):
    """The hub's watchdog: sources of every IN and of REGION, and consumers whose acknowledgements stopped."""

    hub: HubSide

    async def _inspect(self) -> list[SourceState]:
        connected = await self.hub.connected()
        misnamed = await streams.misnamed_up(self.hub.admin)
        region = await stream_info(self.hub.admin, "REGION")
        seen = _certificate(await monitor.leaf_certificate_end(self.hub.plan.hub.monitor_port))
        for member in self.hub.plan.members:
            if member.status == "active":
                seen += await self._subjects(member, misnamed.get(member.code, 0))
                seen.append(await self._source(member, member.code in connected))
                seen += await self._hop(member, region)
                if member.code in connected:
                    seen.append(await self._consumer(member, region["state"]["last_seq"]))
        return seen

    async def _subjects(self, member: Member, misnamed: int) -> list[SourceState]:
        name = f"subjects of OUTBOX_{member.code}"
        if not self._is_misnaming(name, misnamed):
            return []
        failures = self._cases[name].failures
        self._acted(name)
        if failures % 2:
            await self.hub.cut(member)
        config = (await stream_info(self.hub.admin, f"IN_{member.code}"))["config"]
        await streams.re_add_source(self.hub.admin, config, streams.region_source(member.code, self.hub.plan.line))
        return [
            SourceState(name, "cut" if failures % 2 else "re-added", 0.0, f"{misnamed} objects without their subject")
        ]

    async def _source(self, member: Member, leaf: bool) -> SourceState:
        name = f"OUTBOX_{member.code}"
        if await streams.stream_config(self.hub.admin, f"IN_{member.code}") is None:
            return SourceState(
                name, "failed", -1.0, f"the hub has no IN_{member.code}: run `suar federation streams --hub` once"
            )
        info = await stream_info(self.hub.admin, f"IN_{member.code}")
        active = streams.source_active(info, name)
        if info["state"]["bytes"] > FULL * info["config"]["max_bytes"]:
            return SourceState(
                name, "full", active, f"IN_{member.code} is full: what the member sends waits in its OUTBOX"
            )
        if not self._due(name, self._is_dead(active)):
            return SourceState(name, "suspect" if self._is_dead(active) else "healthy", active)
        if not leaf:
            return SourceState(name, "no-leaf", active, "the member's server is away or shut out")
        missing = await probe(self.hub.admin, f"fed.ctl.{member.low}.CONSUMER.RESET.{name}.{self.hub.plan.line.up}")
        self._acted(name)
        if missing:
            await self.hub.reload()  # harmless; adds service imports that the first reload omitted
            return SourceState(name, "reloaded", active, missing)
        await streams.re_add_source(
            self.hub.admin, info["config"], streams.region_source(member.code, self.hub.plan.line)
        )
        return SourceState(name, "re-added", active, f"source of {member.code}")

    async def _hop(self, member: Member, region: Json) -> list[SourceState]:
        """Check the source from IN to REGION, within one server; reported only if it does not work."""
        name = f"IN_{member.code}"
        active = streams.source_active(region, name)
        if not self._due(name, self._is_dead(active)):
            return [SourceState(name, "suspect", active)] if self._is_dead(active) else []
        self._acted(name)
        await streams.re_add_source(self.hub.admin, region["config"], ingest.source(member.code))
        return [SourceState(name, "re-added", active, f"source of REGION for {member.code}")]

    async def _consumer(self, member: Member, last: int) -> SourceState:
        """Check `down_<cc>`: acknowledgements that are due and do not arrive mean lost replies.

        And where it stands: `last` is REGION's last number before this look.

        They are due when nothing was delivered for a moment, or when the window is full; while messages are delivered
        continuously, none need arrive.
        """
        name, wanted = self.hub.plan.line.down(member.code), streams.down(member.code, self.hub.plan.line)
        if await streams.ensure_consumer(self.hub.admin, "REGION", wanted) == "created":
            return SourceState(name, "made-consumer", -1.0)
        info = await consumer_info(self.hub.admin, "REGION", name)
        case = self._cases.setdefault(name, _Case())
        if info["delivered"]["stream_seq"] > last and await self._is_past_end(info):
            return await self._set_back(name, case)
        floor = info["ack_floor"]["stream_seq"]
        if floor != case.ack_floor or not info["num_ack_pending"]:
            case.ack_floor, case.since = floor, _now()
        stood = _now() - case.since > STANDING
        if stood and not _is_owed(info):
            return SourceState(name, "healthy", 0.0)  # the history of earlier rounds is kept
        if not self._due(name, stood):
            return SourceState(name, "suspect" if stood else "healthy", 0.0)
        self._acted(name)
        await self.hub.reload()
        return SourceState(name, "reloaded", 0.0, f"{info['num_ack_pending']} unacknowledged, none moving")

    async def _is_past_end(self, info: Json) -> bool:
        """Whether a consumer stands behind REGION's last object, where it would never deliver one."""
        region = await stream_info(self.hub.admin, "REGION")
        return bool(info["delivered"]["stream_seq"] > region["state"]["last_seq"])

    async def _set_back(self, name: str, case: _Case) -> SourceState:
        """Have the consumer go on behind what was acknowledged last, else from the first object.

        Whoever has a link's key can have its consumer start anywhere (a source does so by itself). What the member's
        INBOX has already, its source does not take again.
        """
        first = max(1, case.ack_floor + 1)
        await call(self.hub.admin, f"CONSUMER.RESET.REGION.{name}", {"seq": first})
        return SourceState(name, "set-back", 0.0, f"it stood behind REGION's end and delivered nothing; now at {first}")


def _certificate(end: int | None) -> list[SourceState]:
    """The hub's side of the links: said only when its certificate is about to end (`end` in ms; None: not known)."""
    days = EXPIRING_DAYS if end is None else days_left(end, time.time_ns() // 1_000_000)
    detail = f"{days} days left: `suar federation tls request --hub`, then `sign`"
    return [SourceState(CERTIFICATE, "expiring", 0.0, detail)] if days < EXPIRING_DAYS else []


def _is_owed(info: dict[str, Any]) -> bool:
    """Whether a flow control consumer should have been acknowledged by now; both times are the server's."""
    delivered = info["delivered"].get("last_active")
    if delivered is None or info["num_ack_pending"] >= info["config"]["max_ack_pending"]:
        return True
    return (datetime.fromisoformat(info["ts"]) - datetime.fromisoformat(delivered)).total_seconds() > SILENCE


def _now() -> float:
    return asyncio.get_running_loop().time()
