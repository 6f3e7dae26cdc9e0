"""A snapshot of the gateway's numbers, for metrics, health checks and /v1/peers."""

import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row

from suar.observe.alarms import POISON, STORE_ALTERED, about, code_of, word_of
from suar.observe.checks import facts
from suar.observe.numbers import HubNumbers, Numbers, OpenAlarm, Peer, SharedStore
from suar.protocol.transport import outcome
from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Member
from suar.service.access.authentication import rows as token_rows
from suar.service.access.standing import names_beyond_roles, names_with_old_rights
from suar.service.access.troubles import clock_error, count_waiting_for_time, troubles
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.service.gaps import ranges
from suar.service.settings.state import last_backup
from suar.service.status import own_keys
from suar.service.status.hub_link import UNKNOWN, LinkState, ProbedLink, certificate_end
from suar.store.engine.database import StoreFault
from suar.store.faults import AlteredError
from suar.store.inbound import alarm_ends, dated_ahead, gaps, health, incidents
from suar.store.messages import rows as messages
from suar.store.migrations import schema
from suar.store.outbound import accounts, deliveries, outbox
from suar.store.people import webhooks
from suar.store.recovery import positions

ACCOUNTS_SHOWN: Final = 3
SET_ASIDE_SHOWN: Final = 3


class HubSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One of two hubs. `withheld`: origin and number of objects that it alone has not delivered, and how many it passed
    over.

    `losses`: how many times its link went down within an hour; `silent_for`: seconds in which it alone delivered
    nothing.
    """

    state: LinkState
    withheld: tuple[tuple[str, int, int], ...] = ()
    losses: int = 0
    silent_for: float | None = None


class BusState(msgspec.Struct, frozen=True, kw_only=True):
    """What the event loop knows about the own NATS server."""

    is_connected: bool = False
    source_active_seconds: float | None = None
    streams: dict[str, bool] = {}
    stream_room: dict[str, tuple[int, int]] = {}
    link: ProbedLink = UNKNOWN
    hubs: tuple[HubSeen, ...] = ()  # each of two
    read_failed: str = ""
    read_failed_at: int = 0


class ProcessState(NamedTuple):
    """Values that are known only to the running process."""

    bus: BusState
    is_settled: bool
    has_stood_down: bool


def read_snapshot(core: Core, seen: ProcessState) -> Numbers:
    """Read the status and one view of the store at one moment. May be called from any thread.

    Raises StoreFault where a row has a value of another kind than the gateway writes.
    """
    try:
        with core.database.reading() as connection:
            return _read(core, connection, seen)
    except (TypeError, ValueError, AttributeError) as error:
        raise StoreFault(
            "a row of the store has a value of another kind than the gateway writes", schema.NEXT
        ) from error


def _read(core: Core, connection: Connection, seen: ProcessState) -> Numbers:
    now, status = core.clock(), core.status
    trust, bundles = status.trust, status.bundles
    current, own = trust.current, bundles.newest_valid(core.member, trust, now)
    key = trust.key(status.signs)
    waits = gaps.waiting_summary(connection, ranges.lost_epochs(status, connection))
    alarms = alarm_ends.open_alarms(connection)
    set_aside, newest_set_aside = _set_aside(connection, alarms)
    return Numbers(
        **_of_process(core, seen, now),
        member=core.member,
        trust_version=current.version if current else None,
        trust_issued=current.issued if current else None,
        trust_expires=current.expires if current else None,
        bundle_expires=own.bundle.not_after if own else None,
        identity_expires=key.not_after if key else None,
        bundles={code: held for code in status.others() if (held := _bundle_end(status, code)) is not None},
        peers=_peers(status, connection),
        pending=deliveries.pending(connection),
        quarantine_rows=incidents.quarantined(connection),
        waiting_rows=waits.rows,
        waiting_lost=waits.lost,
        waiting_oldest=waits.oldest,
        waiting_senders=waits.senders,
        waits_for_time_members=count_waiting_for_time(status, now),
        backup_at=last_backup(core.config.folder),
        outbox_bytes=outbox.backlog(connection),
        outbox_held=status.outbox.held,
        outbox_limit=status.outbox.limit,
        outbox_accounts=[*accounts.largest(connection, ACCOUNTS_SHOWN)],
        numbers_used=messages.numbers_since(connection, time.gmtime(now / 1000).tm_year),
        alarms_open=[_open_alarm(status, row) for row in alarms],
        altered_rows=[row.message_id for row in alarms if row.name == STORE_ALTERED],
        put_backs=alarm_ends.own_put_backs(connection, core.member),
        set_aside=set_aside,
        set_aside_newest=newest_set_aside,
        is_store_failing=status.is_store_failing(now),
        is_store_up=True,
        read_at=now,
        store_log_bytes=core.database.log_bytes(),
        clock_error=clock_error(status, now),
        epochs_begin=status.begins_ahead(now),
        unechoed_since=core.echo.unechoed_since,
        own_status=status_of(trust.member(core.member)),
        is_own_key_revoked=trust.is_revoked(status.signs),
        keyless=[code for code in status.others() if bundles.newest_valid(code, trust, now) is None],
        revoked=[code for code in status.others() if _is_revoked(status.trust, code)],
        **_unusual_tokens(connection, now),
        audit_broken=status.audit_broken,
        holds_open_since=core.holds_open_since,
        **_rights(connection),
        is_evidence_full=core.is_evidence_full,
        **_integrity(core),
        shared_store=_shared_store(core, connection),
        folder=str(core.config.folder),
        is_key_missing=own_keys.is_newer_key_missing(core, now),
        **_webhooks(connection),
        **health.read_health(connection, core.member, now)._asdict(),
    )


def _rights(connection: Connection) -> dict[str, Any]:
    rights = positions.rights(connection)
    return {} if rights is None else {"rights_as_of": rights.as_of, "rights_differ": rights.differ}


def _of_process(core: Core, seen: ProcessState, now: int) -> dict[str, Any]:
    """Return what is known without the store."""
    status, bus = core.status, seen.bus
    return {
        "now": now, "disk_free_bytes": status.disk_free, "is_clock_back": status.is_clock_back(now),
        "highest_time": status.highest_time, "is_bus_connected": bus.is_connected, "bus_read_failed": bus.read_failed,
        "bus_read_failed_at": bus.read_failed_at, "source_active_seconds": bus.source_active_seconds,
        "streams": bus.streams, "stream_room": bus.stream_room, "link_certificate": core.config.bus.leaf_cert_file,
        "link_expires": certificate_end(core.config.leaf_certificate), "fault_list": [*troubles(status, now)],
        "started_at": status.started_at, "is_settled": seen.is_settled, "has_stood_down": seen.has_stood_down,
        "received_until": status.received_until,
        "has_hub_leaf": bus.link.has_leaf, "hub_answer": bus.link.hub, "listening_since": status.listening_since,
        "passed_over": [*core.passed_over], "key_away": core.key_away,
        "hubs": {each.state.link.entity: _hub(core, each) for each in bus.hubs},
    }  # fmt: skip


def _hub(core: Core, seen: HubSeen) -> HubNumbers:
    state = seen.state
    return HubNumbers(
        source_active_seconds=state.active,
        has_leaf=state.probed.has_leaf,
        answer=state.probed.hub,
        is_standing=state.is_standing,
        withheld=list(seen.withheld),
        losses=seen.losses,
        silent_for=seen.silent_for,
        unechoed_since=core.echo.unechoed_by(state.link),
    )


class Snapshots:
    """Snapshots of one gateway. While its store cannot be read, the last one supplies what only the store knows."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._last: Numbers | None = None

    def read(self, seen: ProcessState) -> Numbers:
        """Return the numbers of this moment; on the reader thread. Raises StoreFault before the first one was read."""
        try:
            self._last = read_snapshot(self._core, seen)
        except StoreFault:
            if self._last is None:
                raise
            fresh = _of_process(self._core, seen, self._core.clock())
            return msgspec.structs.replace(self._last, **fresh, is_store_up=False, is_store_failing=True)
        return self._last


def _integrity(core: Core) -> dict[str, Any]:
    integrity = core.integrity
    return {
        "store_altered": integrity.finding, "store_verified_at": integrity.verified_at,
        "anchor_fault": integrity.books.anchor.fault, "unreadable": len(core.unreadable),
    }  # fmt: skip


def _shared_store(core: Core, connection: Connection) -> SharedStore | None:
    found = core.database.shared_store(connection)
    if found is None:
        return None
    return msgspec.structs.replace(found, recall_waits_for=core.database.erasure_waits_for)


def _webhooks(connection: Connection) -> dict[str, Any]:
    """Return the state of the webhooks of agencies that may read now."""
    found = webhooks.troubled(connection)
    return {
        "webhooks_failing": [(row.agency, row.failing_since) for row in found if row.stopped_at is None],
        "webhooks_stopped": [row.agency for row in found if row.stopped_at is not None],
        "webhook_dead_letters": sum(dead for _, dead in webhooks.counts(connection).values()),
    }


def _unusual_tokens(connection: Connection, now: int) -> dict[str, Any]:
    """Tokens that allow other than their scopes say."""
    try:
        rows = token_rows(connection)
    except AlteredError:  # the check store-integrity reports it
        rows = []
    return {"old_tokens": names_with_old_rights(rows, now), "tokens_beyond_roles": names_beyond_roles(rows, now)}


def _open_alarm(status: Status, row: Row[Any]) -> OpenAlarm:
    """Return the alarm; one that rests on a third member's claim also names the frames' owner ([F11])."""
    origin = claims.origin_of(status.epochs, row.name, row.member, row.epoch_id)
    whom = about(row.name, row.member, row.message_id)
    other = "" if origin in (None, row.member) else str(origin)
    return OpenAlarm(row.name, whom, row.at, other, row.seen_again, word_of(row.name, row.message_id))


def _set_aside(connection: Connection, alarms: Sequence[Row[Any]]) -> tuple[int, list[str]]:
    """Return how many objects could not be processed, since the oldest open alarm about one, and the newest of them."""
    since = min((row.at for row in alarms if row.name == POISON), default=None)
    if since is None:
        return 0, []
    return incidents.set_aside(connection, code_of(POISON), since, SET_ASIDE_SHOWN)


def _bundle_end(status: Status, code: str) -> int | None:
    held = status.bundles.newest(code)
    return held.bundle.not_after if held else None


def _peers(status: Status, connection: Connection) -> dict[str, Peer]:
    beats = {row.member: row for row in incidents.heartbeats(connection)}
    totals, known = ranges.totals(status, connection), _gaps_known(connection)
    waiting, found = dated_ahead.senders_ahead(connection), {}
    for code in status.others():
        beat, ahead = beats.get(code), waiting.get(code)
        found[code] = Peer(
            last_heartbeat=status.last_heard.get(code),
            expected_since=status.expected_since.get(code, 0),
            trust_version=beat.trust_version if beat else None,
            faults=tuple(dict.fromkeys(beat.faults.split(","))) if beat and beat.faults else (),
            missing=totals[code].all_missing if code in totals else 0,
            lost_known=totals[code].lost if code in totals and code in known else 0,
            bundle_expires=_bundle_end(status, code),
            clock_offset=status.offsets.get(code, 0),
            witnesses=claims.witnesses(status, code),
            is_frozen=status.is_frozen(code),
            waits_until=ahead.until if ahead else None,
            waiting_came=ahead.arrived if ahead else 0,
            waits_ahead=ahead.ahead if ahead else 0,
            is_set_right=ahead is not None and ahead.is_set_right,
        )
    return found


def _gaps_known(connection: Connection) -> set[str]:
    """Return the members whose open gaps are all acknowledged."""
    rows = alarm_ends.active_alarms(connection, (outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING))
    return {row.member for row in rows} - {row.member for row in rows if row.acknowledged_at is None}


def _is_revoked(trust: Trust, code: str) -> bool:
    """Whether the list has keys of the member, and all are revoked."""
    listed = trust.member(code)
    return listed is not None and bool(listed.keys) and all(trust.is_revoked(key.kid) for key in listed.keys)


def status_of(listed: Member | None) -> facts.Status:
    """Return a member's status in the trust list."""
    return "none" if listed is None else "active" if listed.is_active else "suspended"
