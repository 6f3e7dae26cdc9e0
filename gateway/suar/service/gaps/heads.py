"""Heads: up to which frame others state that their `all` channels go, and up to which they have received ours.

Only a live heartbeat is kept. One that fills a gap late, or that arrived in a carried file, describes an earlier state.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.transport.heartbeat import Head, Heartbeat
from suar.protocol.transport.world import EpochState
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.store.inbound import gaps
from suar.store.inbound.gaps import Heads, PeerHeads
from suar.store.outbound import sent_before


def store_heads(
    core: Core, connection: Connection, member: str, beat: Heartbeat, sent: int, claimed: Heads
) -> PeerHeads:
    """Store and return what `member` states about its own channels and ours, and its claims about others' frames.

    A heartbeat names some heads of others, in rotation: an earlier statement about a chain remains until the chain is
    named again.
    """
    known = core.world.epochs
    both = (*beat.heads_of_mine, *beat.heads_seen)
    own = [*(h for h in both if _is_of(known, h, member)), *(h for h in beat.heads_of_mine if h.epoch_id not in known)]
    mine = list({head.epoch_id: head.frames for head in own}.items())
    seen = [(head.epoch_id, head.frames) for head in beat.heads_seen if head.epoch_id not in known]
    before = gaps.load_heads_of(connection, member)
    seen = [*claimed, *seen, *(_still_valid(known, before.seen, both) if before else ())]
    stated = PeerHeads(core.clock(), sent, mine[: limits.HEADS_KEPT], seen[: limits.HEADS_KEPT])
    gaps.save_peer_heads(connection, member, stated)
    return stated


def record_ends(core: Core, member: str, beat: Heartbeat, stated: PeerHeads, claimed: Heads) -> None:
    """Observe how far the channels of others, and ours, go by a live heartbeat of `member`.

    One without heads of others states nothing about ours.
    """
    now, chain = core.clock(), core.sender.chains.get((ACTUAL, ALL))
    claims.record_ends(core.observations, core.world, member, claimed, now)
    if chain is not None and beat.heads_seen:
        end = chain.end
        frames = dict(stated.seen).get(end.epoch_id, 0)
        is_all = frames >= end.frames
        core.observations.record_named(member, core.member, end.epoch_id, frames, now, is_all=is_all)


def _still_valid(known: Mapping[bytes, EpochState], before: Heads, named: Sequence[Head]) -> Heads:
    """Return from earlier heartbeats, newest first, the open claims and newest heads that still apply.

    These are claims of chains that this one does not name, and heads of epochs that are none of another member's (ours
    are).
    """
    ids = {head.epoch_id for head in named}
    chains = {known[id_].chain for id_ in ids if id_ in known}
    rest = [claim for claim in before if claim[0] not in ids]
    claimed = [
        (id_, frames)
        for id_, frames in rest
        if id_ in known and known[id_].chain not in chains and frames > known[id_].sequence.next
    ]
    return [*claimed, *[claim for claim in rest if claim[0] not in known][: limits.HEADS_SEEN]]


def _is_of(known: Mapping[bytes, EpochState], head: Head, member: str) -> bool:
    """[F11] Return whether a head belongs to the member, which holds only if the epoch does."""
    state = known.get(head.epoch_id)
    return state is not None and state.epoch.sender == member


def peer_heads(status: Status, heads: PeerHeads | None) -> list[dict[str, Any]]:
    """Return for each channel to all how many frames the member states to have sent, and how many we hold."""
    found = []
    for epoch_id, frames in heads.mine if heads else ():
        state = status.epochs.get(epoch_id)
        held = state.sequence.next - len(state.sequence.missing) if state and state.kind == "open" else 0
        realm = state.chain.realm if state else None
        found.append({"realm": realm, "epoch": epoch_id.hex(), "frames": max(frames, held), "held": held})
    return found


def own_heads(status: Status, heads: PeerHeads | None) -> list[dict[str, Any]]:
    """Return for each channel of ours to all how many frames were sent, and how many the member states to have seen.

    `seen` is null where the member names no epoch of that channel, or an older one, or more frames than were sent.
    """
    stated = dict(heads.seen) if heads else {}
    found = []
    for realm, end in status.ends:
        if end.frames:
            seen = stated.get(end.epoch_id, 0)
            known = seen if 0 < seen <= end.frames else None
            found.append({"realm": realm, "epoch": end.epoch_id.hex(), "frames": end.frames, "seen": known})
    return found


def seen_until(connection: Connection, heads: PeerHeads | None) -> int | None:
    """Return when (ms) the newest frame of ours was sent that the member states to have seen; None if it named none."""
    times = [sent_before.sealed_at(connection, epoch_id, frames) for epoch_id, frames in heads.seen] if heads else []
    return max((at for at in times if at is not None), default=None)
