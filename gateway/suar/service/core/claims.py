"""Claims: frames of another member that only a third member says to exist ([F11]), until the origin confirms them.

The signature in a head covers the hash of a frame and not its number, so a third party can name a true frame under any
number. The claim is shown under the claimant's name and the range is requested from the origin, but it does not count
as missing: that takes the origin's own head, the next epoch, or a later frame.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.world import EpochState, World
from suar.service.core.observations import Observations
from suar.service.core.status import Epochs, Status
from suar.store.inbound.gaps import Heads, PeerHeads

FIRST_AFTER: Final = 5 * limits.MINUTE
LONGEST: Final = 6 * limits.HOUR
EPOCHS_MAX: Final = 64  # for which the claims of one member cause requests, within LONGEST


Known = Epochs | Mapping[bytes, EpochState]
"""The epochs as published, for any thread, or as they are now, for the core's thread."""


class Claim(NamedTuple):
    """`member` states that the epoch of another member has these frames; nothing confirms them."""

    member: str
    realm: str
    channel: str
    epoch_id: bytes
    first: int
    last: int


class ClaimQuota:
    """Limits the requests to one member that the claims of another cause; in memory, a restart resets it."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, bytes], tuple[int, int]] = {}  # (claimant, epoch) -> when, how often

    def count_request(self, member: str, epoch_id: bytes, now: int) -> bool:
        """Count a request; returns False if none may be sent now: the first at once, then at doubling intervals."""
        at, times = self._requests.get((member, epoch_id), (0, 0))
        if times and 0 <= now - at < min(FIRST_AFTER << min(times - 1, 10), LONGEST):
            return False
        self._forget(now)
        if not times and sum(claimant == member for claimant, _ in self._requests) >= EPOCHS_MAX:
            return False
        self._requests[member, epoch_id] = (now, times + 1)
        return True

    def _forget(self, now: int) -> None:
        self._requests = {key: record for key, record in self._requests.items() if abs(now - record[0]) < LONGEST}


def claimed_epoch(world: World, alarm: Alarm) -> EpochState | None:
    """Return the epoch of another member that the gap of an alarm claims; None for any other alarm."""
    state = world.epochs.get(alarm.epoch_id) if alarm.name == outcome.GAP else None
    return state if state is not None and state.epoch.sender != alarm.member else None


def origin_of(epochs: Known, name: str, member: str, epoch_id: bytes) -> str | None:
    """Return the member whose frames an alarm is about; None when its epoch is no longer known."""
    state = epochs.get(epoch_id)
    if state is not None:
        return state.epoch.sender
    return None if name == outcome.GAP else member


def claimed_ends(world: World, alarms: Iterable[Alarm]) -> Heads:
    """Return (epoch id, frames) for each epoch that the alarms of one heartbeat claim."""
    found: dict[bytes, int] = {}
    for alarm in alarms:
        state = claimed_epoch(world, alarm)
        if state is not None and alarm.last is not None:
            found[state.id] = max(found.get(state.id, 0), alarm.last + 1)
    return list(found.items())


def unconfirmed_claims(
    epochs: Known, heads: Mapping[str, PeerHeads], announced: Mapping[bytes, int]
) -> Iterator[tuple[str, Claim]]:
    """Return (origin, claim) for each member's last live heartbeat, without what is held or known to be missing."""
    for member, claim in heads.items():
        for epoch_id, frames in claim.seen:
            state = epochs.get(epoch_id)
            if state is None or state.kind != "open" or not state.is_live or state.epoch.sender == member:
                continue
            first, bound = max(state.sequence.next, announced.get(epoch_id, 0)), state.sequence.bound
            end = frames if bound is None else min(frames, bound)  # the next epoch states how many there were
            if end > first:
                chain = state.chain
                yield state.epoch.sender, Claim(member, chain.realm, chain.channel, epoch_id, first, end - 1)


# -- what the heartbeats of others state about the delivery of a member's frames


def record_ends(observations: Observations, world: World, by: str, claimed: Heads, now: int) -> None:
    """Record what a live heartbeat claims about others' channels to all (realm actual), for each the newest epoch."""
    newest: dict[str, tuple[EpochState, int]] = {}
    for epoch_id, frames in claimed:
        state = world.epochs[epoch_id]
        known = newest.get(state.epoch.sender)
        is_presence = (state.chain.realm, state.chain.channel) == (ACTUAL, ALL)
        if is_presence and (known is None or known[0].epoch.not_before < state.epoch.not_before):
            newest[state.epoch.sender] = (state, frames)
    for of, (state, frames) in newest.items():
        observations.record_named(by, of, state.id, frames, now)


def witnesses(status: Status, code: str) -> tuple[str, ...]:
    """Return the members whose heartbeats named ever newer frames of this one after it had been silent here.

    Each is a claim of that member: the frames are signed, their numbers and times are not ([F11]).
    """
    last_heard = status.last_heard.get(code)
    if last_heard is None:
        return ()
    others = [(other, status.named.get((other, code))) for other in status.others()]
    return tuple(other for other, end in others if end and end.moves and end.since - last_heard > status.silent_after)


def unseen_since(status: Status, code: str, now: int) -> int | None:
    """Return since when (ms) the heartbeats of this member, which we receive, show that it gets nothing new of ours.

    None: it received something within the time in which it names each of its heads again, or it never named one.
    """
    end, ours = status.named.get((code, status.member)), dict(status.ends).get(ACTUAL)
    rounds = -(-2 * len(status.trust.active_members()) // limits.HEADS_SEEN)  # two realms
    if end is None or ours is None or now - end.since <= status.silent_after * (1 + rounds):
        return None
    is_behind = end.epoch_id != ours.epoch_id or end.frames < ours.frames
    return end.since if is_behind else None
