"""The hub's watchdog: checks what every member sends and is sent, its link, and the certificates of both its ends."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from suar.bus import ingest, streams
from suar.bus.jsapi import Json, call, consumer_info, stream_info
from suar.federation import monitor
from suar.federation.links.link_certificate import days_left, signed_end
from suar.federation.operations import HubSide, probe
from suar.federation.plan import Member
from suar.federation.positions import position
from suar.federation.watching.links import Links
from suar.federation.watching.positions import DETAILS, Beginnings, Positions
from suar.federation.watching.put_back import PutBacks
from suar.federation.watching.refusals import Refusals
from suar.federation.watching.rounds import Case, SourceState, Watch, now

STANDING = 3.0  # seconds without an acknowledgement although some are due
SILENCE = 2.0  # seconds after the last delivery; the heartbeat after 1 s must have been acknowledged
CERTIFICATE = "link-certificate"
EXPIRING_DAYS = (60, 21, 7)  # days left below which the certificate is reported, as at a member's gateway
PAST_END = (
    "IN_{0} stands at {1} of OUTBOX_{0}, which ends before: what the member sends is dropped; "
    "run `suar federation streams --hub --plan PLAN.toml found`, see keys/playbooks/COMPROMISE.md"
)
UNBOUNDED = (
    "IN_{0} was left without its limits and its source by a command that did not end, and has them again: run "
    "`suar federation streams --hub --plan PLAN.toml found` to have that command's work checked"
)
REFUSED = (
    "IN_{0} refuses the object behind number {1} of OUTBOX_{0} again and again, and what comes behind it waits; the "
    "hub's log has the reason; call the member's operator, then run "
    "`suar federation streams --hub --plan PLAN.toml pass-over {0}`, see keys/playbooks/COMPROMISE.md"
)


@dataclass
class HubWatch(Watch):
    """The hub's watchdog: sources of every IN and of REGION, consumers whose acknowledgements stopped, links.

    `plan_file`: beside it are the certificates that were signed for members; without it only the hub's own is checked.
    """

    hub: HubSide
    plan_file: Path | None = None
    _links: Links = field(default_factory=Links, init=False)
    _positions: Positions = field(default_factory=Positions, init=False)
    _beginnings: Beginnings = field(default_factory=Beginnings, init=False)
    _put_backs: PutBacks = field(default_factory=PutBacks, init=False)
    _refusals: Refusals = field(default_factory=Refusals, init=False)

    async def _inspect(self) -> list[SourceState]:
        links = (await self.hub.links()).by_member()
        misnamed = await streams.misnamed_up(self.hub.admin)
        region = await stream_info(self.hub.admin, "REGION")
        end = await monitor.leaf_certificate_end(self.hub.plan.hub.monitor_port)
        seen = _certificate(CERTIFICATE, end, "`suar federation tls request --hub`, then `sign`")
        seen += await self._put_backs.compare(self.hub.admin, self.hub.admin.server_id, region)
        for member in self.hub.plan.members:
            if member.status == "active":
                seen += await self._subjects(member, misnamed.get(member.code, 0))
                seen += await self._source(member, links.get(member.code, []))
                seen += await self._hop(member, region)
                seen += self._links.compare(member.code, links.get(member.code, []))
                seen += self._signed(member)
                if member.code in links:
                    seen.append(await self._consumer(member, region["state"]["last_seq"]))
        return seen

    def _signed(self, member: Member) -> list[SourceState]:
        """Report what was last signed for a member's link. What its server has, only the member sees."""
        end = signed_end(self.plan_file, member.low) if self.plan_file is not None else None
        step = f"ask the member for `suar federation tls request --member {member.code}`, then `sign`"
        return _certificate(f"{CERTIFICATE} of {member.code}", end, step)

    async def _subjects(self, member: Member, misnamed: int) -> list[SourceState]:
        name = f"subjects of OUTBOX_{member.code}"
        if not self._count_misnamed(name, misnamed):
            return []
        failures = self._cases[name].failures
        self._acted(name)
        if failures % 2:
            await self.hub.cut(member)
        there = ingest.of(self.hub.admin, member.code)
        config = (await stream_info(there, f"IN_{member.code}"))["config"]
        await streams.re_add_source(there, config, streams.region_source(member.code, self.hub.plan.link))
        return [
            SourceState(name, "cut" if failures % 2 else "re-added", 0.0, f"{misnamed} objects without their subject")
        ]

    async def _source(self, member: Member, links: Sequence[dict[str, Any]]) -> list[SourceState]:
        name, there = f"OUTBOX_{member.code}", ingest.of(self.hub.admin, member.code)
        if await streams.stream_config(there, f"IN_{member.code}") is None:
            why = f"the hub has no IN_{member.code}: run `suar federation streams --hub` once"
            return [SourceState(name, "failed", -1.0, why)]
        info = await stream_info(there, f"IN_{member.code}")
        put_back = await self._put_backs.compare(there, self.hub.admin.server_id, info)
        state = await self._unbounded(member, info) or await self._state(member, info, links)
        return [*put_back, state]

    async def _unbounded(self, member: Member, info: Json) -> SourceState | None:
        """Restore the limits of an IN that an interrupted `ingest.free` left without them at two checks."""
        name, code = f"limits of IN_{member.code}", member.code
        if not self._count_round(name, not ingest.is_bounded(info)):
            return None if ingest.is_bounded(info) else SourceState(f"OUTBOX_{code}", "suspect", 0.0)
        self._acted(name)
        hub = self.hub.plan.hub
        config = ingest.ingest(code, hub.replicas, hub.ingest_bytes, self.hub.plan.link)
        await streams.ensure_stream(ingest.of(self.hub.admin, code), config)
        return SourceState(f"OUTBOX_{code}", "re-added", 0.0, UNBOUNDED.format(code))

    async def _state(self, member: Member, info: Json, links: Sequence[dict[str, Any]]) -> SourceState:
        """Return the state of the source of an IN, and start a dead one again."""
        name = f"OUTBOX_{member.code}"
        active = streams.source_active(info, name)
        found = await self._standstill(member, info, active, links)
        if found is None and not self._is_dead(active):
            found = await self._beginning(member, info, active)
        if found is not None:
            return found
        if not self._count_round(name, self._is_dead(active)):
            return SourceState(name, "suspect" if self._is_dead(active) else "healthy", active)
        if not links:
            return SourceState(name, "no-leaf", active, "the member's server is away or shut out")
        return await self._restart(member, name, active, info["config"])

    async def _standstill(
        self, member: Member, info: Json, active: float, links: Sequence[dict[str, Any]]
    ) -> SourceState | None:
        """Return a failure that no restart of the source repairs: IN is full, after OUTBOX's end, or refuses what
        arrives.
        """
        code, name, here = member.code, f"OUTBOX_{member.code}", (self.hub.admin, member, self.hub.plan.link, info)
        if ingest.is_full(info):
            return SourceState(name, "full", active, f"IN_{code} is full: what the member sends waits in its OUTBOX")
        if self._is_dead(active):
            return None
        if await self._positions.note_position(*here):
            return SourceState(name, "past-end", active, PAST_END.format(code, position(info, member)))
        if await self._refusals.note_delivered(*here, links):
            return SourceState(name, "refused", active, REFUSED.format(code, position(info, member)))
        return None

    async def _beginning(self, member: Member, info: Json, active: float) -> SourceState | None:
        """Have an IN that lacks the first objects of OUTBOX begin again, if it did so at two checks."""
        name, here = f"OUTBOX_{member.code}", (self.hub.admin, member, self.hub.plan.link, info)

        def count_round(sick: bool) -> bool:
            """Count a check of its beginning; returns True if it is time to act, which is counted as well."""
            if due := self._count_round(f"beginning of {name}", sick):
                self._acted(f"beginning of {name}")
            return due

        kind, number = await self._beginnings.result(*here, count_round)
        if kind == "healthy":
            return None
        return SourceState(name, kind, active, DETAILS.get(kind, "").format(member.code, number))

    async def _restart(self, member: Member, name: str, active: float, config: Json) -> SourceState:
        """Start a dead source of an IN again, once the member's consumer can be reached."""
        missing = await probe(self.hub.admin, f"fed.ctl.{member.low}.CONSUMER.RESET.{name}.{self.hub.plan.link.up}")
        self._acted(name)
        if missing:
            await self.hub.reload()  # harmless; adds service imports that the first reload omitted
            return SourceState(name, "reloaded", active, missing)
        there = ingest.of(self.hub.admin, member.code)
        await streams.re_add_source(there, config, streams.region_source(member.code, self.hub.plan.link))
        return SourceState(name, "re-added", active, f"source of {member.code}")

    async def _hop(self, member: Member, region: Json) -> list[SourceState]:
        """Check the source from IN to REGION, within one server; reported only if it does not work."""
        name = f"IN_{member.code}"
        active = streams.source_active(region, name)
        if not self._count_round(name, self._is_dead(active)):
            return [SourceState(name, "suspect", active)] if self._is_dead(active) else []
        self._acted(name)
        await streams.re_add_source(self.hub.admin, region["config"], ingest.source(member.code))
        return [SourceState(name, "re-added", active, f"source of REGION for {member.code}")]

    async def _consumer(self, member: Member, last: int) -> SourceState:
        """Check `down_<cc>`: acknowledgements that are due and do not arrive mean lost replies.

        Also its position: `last` is REGION's last number before this check. Acknowledgements are due when nothing was
        delivered for a moment, or when the window is full; while messages are delivered continuously, none need arrive.
        """
        name, wanted = self.hub.plan.link.down(member.code), streams.down(member.code, self.hub.plan.link)
        if await streams.ensure_consumer(self.hub.admin, "REGION", wanted) == "created":
            return SourceState(name, "made-consumer", -1.0)
        info = await consumer_info(self.hub.admin, "REGION", name)
        case = self._cases.setdefault(name, Case())
        if info["delivered"]["stream_seq"] > last and await self._is_past_end(info):
            return await self._set_back(name, case)
        floor = info["ack_floor"]["stream_seq"]
        if floor != case.ack_floor or not info["num_ack_pending"]:
            case.ack_floor, case.since = floor, now()
        is_stalled = now() - case.since > STANDING
        if is_stalled and not _is_owed(info):
            return SourceState(name, "healthy", 0.0)  # the history of earlier rounds is kept
        if not self._count_round(name, is_stalled):
            return SourceState(name, "suspect" if is_stalled else "healthy", 0.0)
        self._acted(name)
        await self.hub.reload()
        return SourceState(name, "reloaded", 0.0, f"{info['num_ack_pending']} unacknowledged, none moving")

    async def _is_past_end(self, info: Json) -> bool:
        """Whether a consumer's position is after REGION's last object, where it would never deliver one."""
        region = await stream_info(self.hub.admin, "REGION")
        return bool(info["delivered"]["stream_seq"] > region["state"]["last_seq"])

    async def _set_back(self, name: str, case: Case) -> SourceState:
        """Have the consumer continue after what was acknowledged last, else from the first object.

        A holder of a link's key can have its consumer start anywhere (a source does so by itself). The source of the
        member's INBOX does not store again what that has already.
        """
        first = max(1, case.ack_floor + 1)
        await call(self.hub.admin, f"CONSUMER.RESET.REGION.{name}", {"seq": first})
        return SourceState(name, "set-back", 0.0, f"it stood behind REGION's end and delivered nothing; now at {first}")


def _certificate(name: str, end: int | None, step: str) -> list[SourceState]:
    """Report a certificate of the links only when it is about to end (`end` in ms; None: not known)."""
    if end is None:
        return []
    days = days_left(end, time.time_ns() // 1_000_000)
    passed = [mark for mark in EXPIRING_DAYS if days < mark]
    if not passed:
        return []
    return [SourceState(name, "expiring", 0.0, f"{days} days left, fewer than {min(passed)}: {step}")]


def _is_owed(info: dict[str, Any]) -> bool:
    """Whether a flow control consumer should have been acknowledged by now; both times are the server's."""
    delivered = info["delivered"].get("last_active")
    if delivered is None or info["num_ack_pending"] >= info["config"]["max_ack_pending"]:
        return True
    return (datetime.fromisoformat(info["ts"]) - datetime.fromisoformat(delivered)).total_seconds() > SILENCE
