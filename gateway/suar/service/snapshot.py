"""The numbers of one moment: what gauges, checks and /v1/peers show."""

import shutil

import msgspec
from sqlalchemy import Connection

from suar.service import ranges, trust_sync
from suar.service.core import Core
from suar.service.line import UNKNOWN, Line
from suar.service.troubles import troubles, waits_for_time
from suar.store import deliveries, incidents, outbox


class PeerState(msgspec.Struct, frozen=True, kw_only=True):
    """One other active member as we see it; times in ms, None: never."""

    last_heartbeat: int | None
    trust_version: int | None
    faults: tuple[str, ...]
    missing: int
    bundle_expires: int | None


class BusState(msgspec.Struct, frozen=True, kw_only=True):
    """What the event loop knows of the own NATS server."""

    connected: bool = False
    source_active_seconds: float | None = None
    streams: dict[str, bool] = {}
    line: Line = UNKNOWN


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a gateway; times in ms, None: not known."""

    now: int
    member: str
    trust_version: int | None
    trust_issued: int | None
    trust_expires: int | None
    bundle_expires: int | None
    identity_expires: int | None
    bundles: dict[str, int]
    peers: dict[str, PeerState]
    pending: dict[str, tuple[int, int]]
    quarantine_rows: int
    waiting_rows: int
    waiting_oldest: int | None
    waits_for_time_members: int
    outbox_bytes: int
    disk_free_bytes: int
    clock_back: bool
    highest_time: int
    bus_connected: bool
    source_active_seconds: float | None
    streams: dict[str, bool]
    alarms_open: list[tuple[str, str, int]]
    fault_list: list[str]


def take(core: Core, bus: BusState) -> Snapshot:
    """Read one moment in one transaction."""
    with core.transaction() as connection:
        return _read(core, connection, bus)


def _read(core: Core, connection: Connection, bus: BusState) -> Snapshot:
    now, trust = core.clock(), core.world.trust
    current, own = trust.current, trust_sync.own_bundle(core)
    key = trust.key(core.sender.identity.kid)
    waiting_rows, waiting_oldest = incidents.waiting_state(connection)
    alarms = incidents.alarms(connection, core.started_at)
    return Snapshot(
        now=now,
        member=core.member,
        trust_version=current.version if current else None,
        trust_issued=current.issued if current else None,
        trust_expires=current.expires if current else None,
        bundle_expires=own.bundle.not_after if own else None,
        identity_expires=key.not_after if key else None,
        bundles={code: held for code in _others(core) if (held := _bundle_end(core, code)) is not None},
        peers=_peers(core, connection),
        pending=deliveries.pending(connection),
        quarantine_rows=incidents.quarantined(connection),
        waiting_rows=waiting_rows,
        waiting_oldest=waiting_oldest,
        waits_for_time_members=waits_for_time(core, now),
        outbox_bytes=outbox.backlog(connection),
        disk_free_bytes=_disk_free(core),
        clock_back=core.world.is_clock_back(now),
        highest_time=core.world.highest_time,
        bus_connected=bus.connected,
        source_active_seconds=bus.source_active_seconds,
        streams=bus.streams,
        alarms_open=[(row.name, row.member, row.at) for row in alarms],
        fault_list=[*troubles(core)],
    )


def _others(core: Core) -> list[str]:
    return [code for code in core.world.trust.active_members() if code != core.member]


def _bundle_end(core: Core, code: str) -> int | None:
    held = core.world.bundles.soonest(code)
    return held.bundle.not_after if held else None


def _peers(core: Core, connection: Connection) -> dict[str, PeerState]:
    beats = {row.member: row for row in incidents.heartbeats(connection)}
    missing = ranges.lacking(core, connection)
    found = {}
    for code in _others(core):
        beat = beats.get(code)
        found[code] = PeerState(
            last_heartbeat=core.last_heard.get(code),
            trust_version=beat.trust_version if beat else None,
            faults=tuple(beat.faults.split(",")) if beat and beat.faults else (),
            missing=missing.get(code, 0),
            bundle_expires=_bundle_end(core, code),
        )
    return found


def _disk_free(core: Core) -> int:
    return shutil.disk_usage(core.config.folder).free
