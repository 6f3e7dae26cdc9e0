"""Facts for `why` about a member and about this gateway, from the core and the event loop."""

from typing import Any, Final

from sqlalchemy import Connection

from suar.observe.alarms import ALARMS, CAUSE
from suar.observe.checks import facts
from suar.protocol.base import limits
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import epoch
from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Member
from suar.service.access.troubles import clock_error, has_recent_heartbeat, is_clock_agreed, is_clock_wrong
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.service.gaps import ranges
from suar.service.status.hub_link import QUIET
from suar.service.status.snapshot import BusState, ProcessState, status_of
from suar.store.inbound import alarm_ends, dated_ahead, gaps, incidents
from suar.store.inbound.health import wait_counts
from suar.store.outbound import own_heads

UNEASY: Final = 1.5  # seconds without activity of the source, which is normally active once a second
DEAD: Final = 5.0
_NEWEST: Final = 8  # own epochs of a channel: more are opened only by restarts while the clock is ahead


def own_facts(core: Core, seen: ProcessState) -> facts.Ours:
    """Return the facts about this gateway as of the last commit. May be called from any thread."""
    now, status, link = core.clock(), core.status, seen.bus.link
    trust = status.trust
    key, until = _key(trust, trust.member(core.member), now)
    current = trust.current
    return facts.Ours(
        code=core.member,
        status=status_of(trust.member(core.member)),
        key=key,
        key_until=until,
        trust_version=trust.version,
        trust_until=current.expires + limits.TRUST_GRACE if current else None,
        is_clock_wrong=is_clock_wrong(status, now),
        clock_error=clock_error(status, now),
        is_settled=seen.is_settled,
        has_stood_down=seen.has_stood_down,
        is_store_failing=status.is_store_failing(now),
        is_disk_full=status.is_store_full(now),
        is_outbox_full=status.outbox.is_ordinary_blocked,
        is_connected=seen.bus.is_connected,
        has_leaf=link.has_leaf,
        hub=link.hub,
        is_quiet=_is_without_sign(status, seen.bus, now, QUIET),
        is_dead=_is_without_sign(status, seen.bus, now, DEAD),
        is_isolated=_is_isolated(status, now) and _is_without_sign(status, seen.bus, now, UNEASY),
        is_unechoed=is_unechoed(core, now),
        missing_stream=next((name for name, is_there in sorted(seen.bus.streams.items()) if not is_there), ""),
        folder=str(core.config.folder),
    )


def _is_without_sign(status: Status, bus: BusState, now: int, seconds: float) -> bool:
    """Whether the stream from the hub was inactive for `seconds`, counted from the start if it was never active."""
    active = bus.source_active_seconds
    if not bus.is_connected or active is None:
        return False
    if active < 0:
        return now - status.started_at > seconds * limits.SECOND
    return active > seconds


def _has_listened(status: Status, now: int) -> bool:
    """Whether we could receive heartbeats for at least two intervals."""
    return status.has_listened(status.silent_after, now)


def _is_isolated(status: Status, now: int) -> bool:
    others = status.others()
    return (
        len(others) > 1
        and _has_listened(status, now)
        and not any(has_recent_heartbeat(status, code, now) for code in others)
    )


def is_unechoed(core: Core, now: int) -> bool:
    """Whether what we sent to all members two intervals ago has not returned from the hub."""
    since = core.echo.unechoed_since
    return since is not None and now - since > core.silent_after + QUIET * 1000


def member_facts(core: Core, connection: Connection, code: str, *, may_read: bool) -> facts.Member:
    """Return the facts about another member: what we know and what it states itself. May be called from any thread."""
    now, status = core.clock(), core.status
    trust, bundles = status.trust, status.bundles
    key, until = _key(trust, trust.member(code), now)
    held, waits = bundles.newest(code), wait_counts(connection, code)
    beat = next((row for row in incidents.heartbeats(connection) if row.member == code), None)
    offset, ahead = status.offsets.get(code, 0), dated_ahead.senders_ahead(connection).get(code)
    return facts.Member(
        code=code,
        status=status_of(trust.member(code)),
        key=key,
        key_until=until,
        may_read=may_read,
        has_bundle=bundles.newest_valid(code, trust, now) is not None,
        bundle_until=held.bundle.not_after if held else None,
        last_heard=status.last_heard.get(code),
        has_heartbeat=has_recent_heartbeat(status, code, now),
        is_silent=not has_recent_heartbeat(status, code, now) and status.can_judge_silence(code, now),
        faults=tuple(dict.fromkeys(beat.faults.split(","))) if beat and beat.faults else (),
        trust_version=beat.trust_version if beat else None,
        clock_offset=offset if abs(offset) > limits.CLOCK_TOLERANCE else 0,
        is_ahead=ahead is not None and not ahead.is_set_right and not is_clock_agreed(status, code, now),
        ahead_until=ahead.until if ahead else None,
        has_epoch_ahead=bool(waits.epochs_for_time),
        is_waiting_for_list=bool(waits.for_list),
        missing_here=ranges.missing_by_member(status, connection).get(code, 0),
        claimed_by=_claimed_by(status, connection, code),
        is_frozen=status.is_frozen(code),
        witnesses=claims.witnesses(status, code),
        unseen_since=claims.unseen_since(status, code, now),
        alarm=_alarm(connection, code),
    )


def _claimed_by(status: Status, connection: Connection, code: str) -> tuple[str, ...]:
    """Return the members that alone say that more frames of this member exist ([F11])."""
    open_claims = claims.unconfirmed_claims(
        status.epochs, gaps.load_peer_heads(connection), gaps.load_announced(connection)
    )
    return tuple(sorted({claim.member for origin, claim in open_claims if origin == code}))


def _alarm(connection: Connection, code: str) -> str:
    """Return the newest open alarm about a member that no other cause of `why` covers."""
    named = [row.name for row in alarm_ends.open_alarms(connection) if row.member == code]
    return next((name for name in reversed(named) if name in ALARMS and ALARMS[name].cause == CAUSE), "")


def _key(trust: Trust, listed: Member | None, now: int) -> tuple[facts.Key, int | None]:
    """Return the state of its best identity key, and the end of that key's validity."""
    keys = listed.keys if listed else []
    good = [key for key in keys if not trust.is_revoked(key.kid)]
    if not good:
        return ("revoked" if keys else "none"), None
    valid = [key.not_after for key in good if key.is_valid(now)]
    if valid:
        return "valid", max(valid)
    return ("early" if any(key.not_before > now for key in good) else "expired"), max(key.not_after for key in good)


def begins(core: Core, connection: Connection, row: Any, member: str) -> int | None:
    """Return when a member can judge an own revision that was sealed while our clock was ahead; None for any other.

    An epoch that begins ahead of our clock is kept after `--reset-clock`, since its successor could only begin later
    ([E8]); the others let it wait ([E5]). May be called from any thread.
    """
    now = core.clock()
    if core.status.begins_ahead(now) is None:
        return None
    for id_, data in own_heads.newest_epochs(connection, row.realm, (ALL, member), _NEWEST):
        judged = epoch.content(data).not_before - limits.CLOCK_TOLERANCE
        if judged > now and own_heads.has_frame_of(connection, id_, row.id, row.rev):
            return judged
    return None
