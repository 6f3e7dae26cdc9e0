"""Heads: how far others say that their `all` channels go, and how far they say that ours came to them.

Only a live heartbeat is kept. One that fills a gap late, or that came in a carried file, says how things were.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.transport.heartbeat import Head, Heartbeat
from suar.protocol.transport.world import EpochState
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.store.inbound import gaps
from suar.store.inbound.gaps import Heads, PeerHeads
from suar.store.outbound import sent_before


def store_heads(core: Core, connection: Connection, member: str, beat: Heartbeat, sent: int, claimed: Heads) -> None:
    """Store what `member` states of its own channels and of ours, and its claims about other members' frames."""
    known = core.world.epochs
    both = (*beat.heads_of_mine, *beat.heads_seen)
    own = [*(h for h in both if _is_of(known, h, member)), *(h for h in beat.heads_of_mine if h.epoch_id not in known)]
    mine = list({head.epoch_id: head.frames for head in own}.items())
    seen = [(head.epoch_id, head.frames) for head in beat.heads_seen if head.epoch_id not in known]
    seen = [*claimed[: limits.HEADS_SEEN], *seen[: limits.HEADS_SEEN]]
    gaps.save_peer_heads(connection, member, PeerHeads(core.clock(), sent, mine[: limits.HEADS_SEEN], seen))


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

    `seen` is null where the member names no epoch of that channel, or an older one.
    """
    seen = dict(heads.seen) if heads else {}
    found = []
    for realm, end in status.ends:
        if end.frames:
            found.append(
                {"realm": realm, "epoch": end.epoch_id.hex(), "frames": end.frames, "seen": seen.get(end.epoch_id)}
            )
    return found


def seen_until(connection: Connection, heads: PeerHeads | None) -> int | None:
    """When the newest frame of ours left that the member saw by its own word (ms); None when it never named one."""
    times = [sent_before.sealed_at(connection, epoch_id, frames) for epoch_id, frames in heads.seen] if heads else []
    return max((at for at in times if at is not None), default=None)
