"""[F11] A heartbeat of another member: it is there now, and names its trust list, its key bundle and heads."""

from typing import Final

from suar.observe.alarms import BUNDLE_WITHHELD
from suar.observe.hooks import HeartbeatSeen
from suar.protocol.base import limits
from suar.protocol.transport.heartbeat import Heartbeat
from suar.protocol.transport.outcome import Alarm, Outcome
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.gaps import heads, heads_seen
from suar.service.receive.batch import BatchTransaction
from suar.store.inbound import incidents
from suar.store.inbound.gaps import Heads

NO_BUNDLE: Final = bytes(16)


def apply_heartbeat(turn: BatchTransaction, origin: str, out: Outcome) -> None:
    """Hear who sent it, compare what it names with what we hold, and ask for a list above ours."""
    beat = out.heartbeat
    if beat is None or out.frame is None:
        return
    core, lacks_bundle = turn.core, _lacks_bundle(turn.core, origin, beat.bundle_kid, out.frame.parsed.ts)
    if turn.by_hand is None and out.result != "late":  # else it says how things were
        _record_presence(turn, origin, beat, out.frame.parsed.ts, claims.claimed_ends(turn.core.world, out.alarms))
        raised = {alarm.name for alarm in out.alarms if alarm.member == origin}
        core.observations.record_doubts(origin, raised | ({BUNDLE_WITHHELD} if lacks_bundle else set()), turn.now)
    heads_seen.advance_own_chains(core, turn.connection, beat.heads_seen)
    if lacks_bundle:
        alarm = Alarm(BUNDLE_WITHHELD, origin, message_id=beat.bundle_kid.hex())
        core.raise_alarm(turn.connection, alarm, out.frame.parsed.data)
    ahead = beat.trust_version - core.world.trust.version
    if 0 < ahead <= limits.TRUST_AHEAD:
        turn.ask_for_list(origin)


def _record_presence(turn: BatchTransaction, origin: str, beat: Heartbeat, sent: int, claimed: Heads) -> None:
    """The member is there now."""
    core = turn.core
    core.record_heartbeat(origin, sent, turn.now)
    incidents.note_heartbeat(turn.connection, origin, turn.now, beat.trust_version, beat.faults)
    heads.store_heads(core, turn.connection, origin, beat, sent, claimed)
    core.queue_record(
        HeartbeatSeen(at=turn.now, member=origin, trust_version=beat.trust_version, faults=tuple(beat.faults))
    )


def _lacks_bundle(core: Core, member: str, name: bytes, sent: int) -> bool:
    """[F11] Whether the member uses a bundle that did not come. A heartbeat that waited names one that has gone."""
    bundles = core.world.bundles
    newest = bundles.soonest(member)
    is_old = newest is not None and sent < newest.bundle.not_before
    return name != NO_BUNDLE and not is_old and not bundles.holds(member, name)
