"""Heads: how far others say that their `all` channels go, and how far they say that ours came to them.

Only a live heartbeat is kept. One that fills a gap late, or that came in a carried file, says how things were.
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
    """Store and return what `member` states of its own channels and of ours, and its claims about others' frames.

    A heartbeat names some heads of others, in turn: what an earlier one said of a chain stays until the chain is named
    again.
    """
    known = core.world.epochs
    both = (*beat.heads_of_mine, *beat.heads_seen)
    own = [*(h for h in both if _is_of(known, h, member)), *(h for h in beat.heads_of_mine if h.epoch_id not in known)]
    mine = list({head.epoch_id: head.frames for head in own}.items())
    seen = [(head.epoch_id, head.frames) for head in beat.heads_seen if head.epoch_id not in known]
    before = gaps.load_heads_of(connection, member)
    seen = [*claimed, *seen, *(_still_said(known, before.seen, both) if before else ())]
    stated = PeerHeads(core.clock(), sent, mine[: limits.HEADS_KEPT], seen[: limits.HEADS_KEPT])
    gaps.save_peer_heads(connection, member, stated)
    return stated


def record_ends(core: Core, member: str, beat: Heartbeat, stated: PeerHeads, claimed: Heads) -> None:
    """Observe how far the channels of others, and ours, go by a live heartbeat of `member`; one without heads of others
    says nothing of ours."""
    now, chain = core.clock(), core.sender.chains.get((ACTUAL, ALL))
    claims.record_ends(core.observations, core.world, member, claimed, now)
    if chain is not None and beat.heads_seen:
        end = chain.end
        frames = dict(stated.seen).get(end.epoch_id, 0)
        is_all = frames >= end.frames
        core.observations.record_named(member, core.member, end.epoch_id, frames, now, is_all=is_all)


def _still_said(known: Mapping[bytes, EpochState], before: Heads, named: Sequence[Head]) -> Heads:
    """Of what earlier heartbeats said, newest first: open claims of chains that this one does not name, and the newest
    heads of epochs that are none of another member's (ours are)."""
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
    """Of each channel to all: how many frames the member has sent, by its own word, and how many we hold."""
    found = []
    for epoch_id, frames in heads.mine if heads else ():
        state = status.epochs.get(epoch_id)
        held = state.sequence.next - len(state.sequence.missing) if state and state.kind == "open" else 0
        realm = state.chain.realm if state else None
        found.append({"realm": realm, "epoch": epoch_id.hex(), "frames": max(frames, held), "held": held})
    return found


def own_heads(status: Status, heads: PeerHeads | None) -> list[dict[str, Any]]:
    """Of each channel of ours to all: how many frames left, and how many the member saw by its own word.

    `seen` is null where the member names no epoch of that channel, or an older one, or more frames than left.
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
    """When the newest frame of ours left that the member saw by its own word (ms); None when it never named one."""
    times = [sent_before.sealed_at(connection, epoch_id, frames) for epoch_id, frames in heads.seen] if heads else []
    return max((at for at in times if at is not None), default=None)
