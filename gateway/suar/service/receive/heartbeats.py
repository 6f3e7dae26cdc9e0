"""[F11] Heartbeats of other members: presence, trust list version, key bundle and heads."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from suar.observe.alarms import BUNDLE_WITHHELD
from suar.observe.hooks import HeartbeatSeen
from suar.protocol.base import limits
from suar.protocol.transport.frame import Parsed
from suar.protocol.transport.heartbeat import Head, Heartbeat
from suar.protocol.transport.outcome import Alarm, Outcome
from suar.service.access import audit_commitments
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.gaps import heads as stated_heads
from suar.service.gaps import heads_seen
from suar.service.reading import proof_keeping
from suar.service.receive.batch import BatchTransaction
from suar.store.inbound import commitments, incidents
from suar.store.inbound.gaps import Heads

NO_BUNDLE: Final = bytes(16)


def apply_heartbeat(transaction: BatchTransaction, origin: str, out: Outcome) -> None:
    """Record the presence of the sender, compare its heads with ours, and request a newer trust list."""
    beat = out.heartbeat
    if beat is None or out.frame is None:
        return
    core, is_bundle_missing = (
        transaction.core,
        _is_bundle_missing(transaction.core, origin, beat.bundle_kid, out.frame.parsed.ts),
    )
    if transaction.on_carried is None and out.result != "late":  # else it describes an earlier state
        _record_presence(
            transaction, origin, beat, out.frame.parsed.ts, claims.claimed_ends(transaction.core.world, out.alarms)
        )
        _keep_as_witness(transaction, origin, beat, out.frame.parsed)
        raised = {alarm.name for alarm in out.alarms if alarm.member == origin}
        core.observations.record_doubts(
            origin, raised | ({BUNDLE_WITHHELD} if is_bundle_missing else set()), transaction.now
        )
        core.due.alarms.note_heartbeat(origin)
    heads_seen.advance_own_chains(core, transaction.connection, beat.heads_seen)
    if is_bundle_missing:
        alarm = Alarm(BUNDLE_WITHHELD, origin, message_id=beat.bundle_kid.hex())
        core.raise_alarm(transaction.connection, alarm, out.frame.parsed.data)
    ahead = beat.trust_version - core.world.trust.version
    if 0 < ahead <= limits.TRUST_AHEAD:
        transaction.ask_for_list(origin)


def _record_presence(transaction: BatchTransaction, origin: str, beat: Heartbeat, sent: int, claimed: Heads) -> None:
    """Record that the member is present now."""
    core = transaction.core
    core.record_heartbeat(origin, sent, transaction.now)
    incidents.note_heartbeat(transaction.connection, origin, transaction.now, beat.trust_version, beat.faults)
    audit_commitments.keep(transaction.connection, origin, sent, beat.audit, transaction.now)
    stated = stated_heads.store_heads(core, transaction.connection, origin, beat, sent, claimed)
    stated_heads.record_ends(core, origin, beat, stated, claimed)
    core.queue_record(
        HeartbeatSeen(at=transaction.now, member=origin, trust_version=beat.trust_version, faults=tuple(beat.faults))
    )


def _keep_as_witness(transaction: BatchTransaction, origin: str, beat: Heartbeat, frame: Parsed) -> None:
    """Keep a heartbeat of each hour that names heads, for files of evidence: the first one that names a frame in which
    messages are, else the first one. Others show a message only with frames that no file has.
    """
    is_wanted = transaction.core.config.evidence.peer_heads and beat.heads_seen
    if not is_wanted or len(frame.data) > limits.WITNESS_BYTES:
        return
    core, connection, hour = transaction.core, transaction.connection, transaction.now // limits.HOUR
    kept = commitments.heartbeat_of(connection, origin, hour)
    if kept is None or (kept and _is_better(core, connection, beat.heads_seen, kept)):
        commitments.keep_heartbeat(connection, origin, hour, frame.ts, frame.data)


def _is_better(core: Core, connection: Connection, heads: Sequence[Head], kept: bytes) -> bool:
    """Whether these heads name a frame in which messages are, and those of the heartbeat that is kept name none."""
    if not commitments.is_message_frame(connection, heads):
        return False
    return not commitments.is_message_frame(connection, proof_keeping.heads_of(core, connection, kept))


def _is_bundle_missing(core: Core, member: str, name: bytes, sent: int) -> bool:
    """[F11] Whether the member uses a bundle that was not received; not from a heartbeat that waited."""
    bundles = core.world.bundles
    newest = bundles.newest(member)
    is_old = newest is not None and sent < newest.bundle.not_before
    return name != NO_BUNDLE and not is_old and not bundles.has_bundle(member, name)
