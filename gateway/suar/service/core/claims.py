"""What a member says of another's frames ([F11]): a gap that rests on its word alone, until the other confirms it.

The signature in a head covers the hash of a frame and not its number, so a third party can name a true frame under any
number. Its claim is shown under its name, the other member is asked for the range, and nothing is missing for it: what
is missing is said by the origin's own head, the next epoch, or a later frame.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.world import EpochState, World
from suar.service.core.status import Epochs
from suar.store.inbound.gaps import Heads, Said

FIRST_AFTER: Final = 5 * limits.MINUTE
LONGEST: Final = 6 * limits.HOUR
EPOCHS_MAX: Final = 64  # for which one member's word makes us ask, in an hour


Known = Epochs | Mapping[bytes, EpochState]
"""The epochs as published, for any thread, or as they are at this moment, for the core's."""


class Claim(NamedTuple):
    """`member` says that the epoch of another has these frames; nothing of them is confirmed."""

    member: str
    realm: str
    channel: str
    epoch_id: bytes
    first: int
    last: int


class ClaimQuota:
    """How often the word of one member makes us ask another for frames: in memory, a restart begins anew."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, bytes], tuple[int, int]] = {}  # (claimant, epoch) -> when, how often

    def may_ask(self, member: str, epoch_id: bytes, now: int) -> bool:
        """Whether to ask now, which counts: the first time, then after 5 minutes and twice as long each time."""
        at, times = self._asked.get((member, epoch_id), (0, 0))
        if times and 0 <= now - at < min(FIRST_AFTER << min(times - 1, 10), LONGEST):
            return False
        self._forget(now)
        if not times and sum(claimant == member for claimant, _ in self._asked) >= EPOCHS_MAX:
            return False
        self._asked[member, epoch_id] = (now, times + 1)
        return True

    def _forget(self, now: int) -> None:
        self._asked = {key: asked for key, asked in self._asked.items() if abs(now - asked[0]) < LONGEST}


def claimed_epoch(world: World, alarm: Alarm) -> EpochState | None:
    """The other member's epoch that a gap speaks of by a third party's word; None for every other alarm."""
    state = world.epochs.get(alarm.epoch_id) if alarm.name == outcome.GAP else None
    return state if state is not None and state.epoch.sender != alarm.member else None


def origin_of(epochs: Known, name: str, member: str, epoch_id: bytes) -> str | None:
    """The member whose frames an alarm speaks of; None when its epoch is known no more."""
    state = epochs.get(epoch_id)
    if state is not None:
        return state.epoch.sender
    return None if name == outcome.GAP else member


def claimed_ends(world: World, alarms: Iterable[Alarm]) -> Heads:
    """(epoch id, frames) of the claims among the alarms of one heartbeat that say that an epoch goes on, one each."""
    found: dict[bytes, int] = {}
    for alarm in alarms:
        state = claimed_epoch(world, alarm)
        if state is not None and alarm.last is not None and alarm.last >= state.sequence.next:
            found[state.id] = max(found.get(state.id, 0), alarm.last + 1)
    return list(found.items())


def unconfirmed_claims(
    epochs: Known, said: Mapping[str, Said], announced: Mapping[bytes, int]
) -> Iterator[tuple[str, Claim]]:
    """(origin, claim) of each member's last live heartbeat, less what is held or known to be missing."""
    for member, word in said.items():
        for epoch_id, frames in word.seen:
            state = epochs.get(epoch_id)
            if state is None or state.kind != "open" or not state.live or state.epoch.sender == member:
                continue
            first = max(state.sequence.next, announced.get(epoch_id, 0))
            if frames > first:
                chain = state.chain
                yield state.epoch.sender, Claim(member, chain.realm, chain.channel, epoch_id, first, frames - 1)
