"""[E8] and [E10]: adds an epoch to its signer's chain, and checks the end of its predecessor."""

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ZERO32
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Outcome, Result
from suar.protocol.transport.world import Chain, EpochState, MissingEpoch, World


def join_chain(world: World, state: EpochState, out: Outcome) -> Result:
    """[E8], [E10] Add `state` to its chain; `noop` for an epoch that is in it already, `late` for a missing one."""
    if state.id in world.epochs:
        return "noop"
    chain = world.chain(state.chain)
    recorded = chain.missing.get(state.id)
    if recorded is None and state.epoch.not_before <= chain.newest_not_before:  # [E8]
        raise Refused("E-EPOCH-CHAIN", "E8")
    hour = state.epoch.not_before // limits.HOUR
    if chain.hours.get(hour, 0) >= limits.EPOCHS_AN_HOUR:  # [E10]
        raise Refused("E-EPOCH-FLOOD", "E10")
    chain.hours[hour] = chain.hours.get(hour, 0) + 1
    _check_predecessor(world, chain, state, out, is_late=recorded is not None)
    world.epochs[state.id] = state
    world.mark_changed(state)
    if recorded is not None:
        return _add_missing(world, chain, state, recorded)
    chain.newest, chain.newest_not_before = state.id, state.epoch.not_before
    return "ok"


def _add_missing(world: World, chain: Chain, state: EpochState, recorded: MissingEpoch) -> Result:
    """Add a late epoch, whose end its successor has already stated."""
    del chain.missing[state.id]
    world.mark_chain_changed(state.chain)
    state.sequence.bound, state.sequence.tail_hash = recorded.frames, recorded.hash
    return "late"


def _check_predecessor(world: World, chain: Chain, state: EpochState, out: Outcome, *, is_late: bool) -> None:
    """[E8] Compare what the epoch states about its predecessor with what we hold."""
    epoch, name = state.epoch, state.epoch.prev_epoch
    if name == ZERO32:
        if chain.newest is not None and not is_late:
            out.alarm(outcome.RESTORED, epoch.sender)
        return
    before = world.epochs.get(name)
    if before is None or before.chain != state.chain:
        if name not in chain.missing:
            chain.missing[name] = MissingEpoch(epoch.prev_frames, epoch.prev_hash)
            if len(chain.missing) > limits.EPOCHS_MISSING:
                del chain.missing[next(iter(chain.missing))]
            world.mark_chain_changed(state.chain)
        out.alarm(outcome.EPOCH_MISSING, epoch.sender, epoch_id=name)
        return
    _check_end(world, before, state, out)
    if name != chain.newest and not is_late:
        out.alarm(outcome.RESTORED, epoch.sender)


def _check_end(world: World, before: EpochState, state: EpochState, out: Outcome) -> None:
    """[E8] Check the predecessor's end: missing last frames were withheld; another hash or fewer frames is a fork."""
    if before.kind != "open":
        return  # its frames were not for us, so no frame is held to compare
    epoch, sequence = state.epoch, before.sequence
    held, newest = sequence.held, world.frame(before.id, sequence.held - 1)
    held_hash = newest.hash if newest else sequence.last_hash
    missing = sequence.end(epoch.prev_frames, epoch.prev_hash)
    world.mark_changed(before)
    if missing:
        out.alarm(outcome.WITHHELD_TAIL, epoch.sender, first=missing[0], last=missing[1], epoch_id=before.id)
    elif epoch.prev_frames < held or epoch.prev_hash != held_hash:
        out.alarm(outcome.FORK, epoch.sender, epoch_id=before.id)
