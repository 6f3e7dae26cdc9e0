"""The sending path, the counterpart of `admission.py`: what a gateway may seal, for whom, and in which epoch.

`Sender` holds the secrets of the open epochs in memory only ([E11]); after a restart new epochs are opened. Everything
that it returns must be committed with the new head before it is published. If that commit fails, `forget` drops the
open epochs, so that no header is ever used for two different contents.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import ACTUAL, EXERCISE, ZERO32, Secret, Signer, kid, public_of, signing_key
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport import heartbeat as heartbeats
from suar.protocol.transport.epoch import Link, Terms
from suar.protocol.transport.frame import Position
from suar.protocol.transport.heartbeat import Head, Heartbeat, Trouble
from suar.protocol.transport.sending import KeyLookup, Outgoing, SendingChain
from suar.protocol.transport.world import ChainKey, EpochState, World
from suar.protocol.trust.bundle import AcceptedBundle
from suar.protocol.trust.trustlist import TrustList


class Identity:
    """The identity key that signs this gateway's bundles and epochs."""

    def __init__(self, seed: Secret | Signer) -> None:
        self.public = public_of(seed)
        self.signing = signing_key(seed)
        self.kid = kid(self.public)

    @property
    def is_ready(self) -> bool:
        """Whether it signs now: a key in a hardware module may be away."""
        return isinstance(self.signing, bytes) or self.signing.is_ready


class Sender:
    """Signs and seals everything that this gateway sends."""

    def __init__(
        self, identity: Identity, lifetime: int = limits.EPOCH_LIFETIME, *,
        rotates_at_once: bool = False, rotation: "HeadRotation | None" = None,
    ) -> None:  # fmt: skip
        self.identity, self.lifetime, self.may_rotate_at_once = identity, lifetime, rotates_at_once
        self.rotation = rotation or HeadRotation()
        self.chains: dict[tuple[str, str], SendingChain] = {}
        self.steps = 0  # counts epochs opened or closed and frames sealed, so that a failed commit can be detected

    def chain(self, realm: str, channel: str) -> SendingChain:
        """Return our chain in that realm and channel."""
        chain = self.chains.get((realm, channel))
        if chain is None:
            chain = self.chains[realm, channel] = SendingChain(realm, channel)
        return chain

    def resume(self, realm: str, channel: str, link: Link, not_before: int) -> None:
        """[E12] Set the end of the chain of an earlier process; the next epoch names it."""
        self.steps += 1
        self.chains[realm, channel] = SendingChain(realm, channel, link, not_before)

    def forget(self) -> None:
        """Drop every open epoch and head; the caller then resumes them from the committed state."""
        self.steps += 1
        self.chains.clear()

    # -- whether sealing is allowed

    def check(self, world: World, now: int) -> TrustList:
        """[T13], [T14] Return the list to seal under. Raises Refused or Wait if nothing may be sealed now."""
        if world.is_clock_back(now):  # [T14]
            raise Wait("E-CLOCK", "T14")
        current = world.trust.current
        if current is None or now >= current.expires + limits.TRUST_GRACE:  # [T13]
            raise Refused("E-TRUST-EXPIRED", "T13")
        key = world.trust.key(self.identity.kid)
        if not world.trust.may_sign(self.identity.kid, world.member) or key is None or not key.is_valid(now):  # [E4]
            raise Refused("E-SELF-SUSPENDED", "E4")
        return current

    # -- epochs

    def is_stale(self, world: World, chain: SendingChain, now: int) -> bool:
        """[E13] Whether the chain needs a new epoch before the next frame.

        A member may rotate its bundle at any rate. If each rotation opened an epoch of ours, all others would refuse
        ours as a flood; so after EPOCHS_RENEWED in an hour the open epoch continues. Its recipients open it with their
        earlier seeds; a member that had no key gets its messages in its own channel ([K7]).

        An epoch that begins ahead of our clock (which was ahead and then reset) continues too: the next one could only
        begin even later ([E8]), and one for each frame would be a flood ([E10]).
        """
        opened = chain.opened
        if opened is None:
            return True
        epoch = opened.epoch
        return (
            now >= epoch.not_after
            or chain.seq >= limits.FRAMES_AN_EPOCH
            or epoch.trust_version != world.trust.version
            or (not chain.is_busy(world, now) and self._has_other_recipients(world, chain, now))
        )

    def _has_other_recipients(self, world: World, chain: SendingChain, now: int) -> bool:
        """Whether a new epoch would be sealed to other keys; computed again only after a change of trust, Revokes or
        bundles.

        [E13] A key that replaces one of the epoch's by a scheduled rotation counts as the same until the epoch ends.
        """
        state = (world.trust.version, len(world.trust.revokes), world.bundles.generation)
        last = chain.looked_at
        if last is not None and last.state == state and last.begin <= now < last.end:
            return False
        newest = {held.bundle.member: held.kid for held in self._keys(world, chain.channel, now)[0]}
        is_same = newest.keys() == chain.recipients.keys() and all(
            kid == chain.recipients[member] or self._may_wait(world, member, chain.recipients[member], now)
            for member, kid in newest.items()
        )
        chain.looked_at = KeyLookup(state, now, world.bundles.next_change(now)) if is_same else None
        return chain.looked_at is None

    def _may_wait(self, world: World, member: str, name: bytes, now: int) -> bool:
        """[E13] Whether sealing to the key `name` of a member with a newer key may continue until the epoch ends."""
        return not self.may_rotate_at_once and world.bundles.is_in_schedule(member, name, world.trust, now)

    def _keys(self, world: World, channel: str, now: int) -> tuple[list[AcceptedBundle], tuple[str, ...]]:
        """[K7] Return our newest valid bundle and that of each member of the channel, and the members without one."""
        current = world.trust.current
        members = current.channel_members(world.member, channel) if current else frozenset()
        found = {code: world.bundles.newest_valid(code, world.trust, now) for code in sorted({*members, world.member})}
        missing = tuple(code for code, held in found.items() if held is None and code != world.member)
        return [held for held in found.values() if held is not None], missing

    def _open(self, world: World, chain: SendingChain, trust: TrustList, now: int) -> Outgoing:
        """Open a new epoch of the chain. Raises Refused if no other member could open it."""
        keys, left_out = self._keys(world, chain.channel, now)
        if not any(held.bundle.member != world.member for held in keys):
            raise Refused("E-NO-VALID-KEY", "K7", channel=chain.channel)
        key = world.trust.key(self.identity.kid)
        limit = key.not_after if key else now
        begin = max(now, chain.not_before + 1)  # [E8] strictly after the last one
        terms = Terms(
            world.federation, chain.realm, world.member, chain.channel, begin,
            min(begin + self.lifetime, limit), trust.version, world.trust.hash,
        )  # fmt: skip
        recipients = [(held.bundle.member, held.kid, held.key) for held in keys]
        end = chain.end
        self.steps += 1
        opened = epochs.open_epoch(terms, end, recipients, self.identity.signing, self.identity.public)
        chain.link, chain.opened, chain.last, chain.not_before = end, opened, None, begin
        chain.recipients, chain.left_out = {member: name for member, name, _ in recipients}, left_out
        chain.looked_at = None
        chain.count_epoch(begin)
        subject = subjects.epoch(chain.realm, chain.channel, opened.id)
        return Outgoing("epoch", subject, opened.data, chain.realm, chain.channel, opened.id)

    # -- frames

    def prepare(self, world: World, realm: str, channel: str, contents: Sequence[bytes], now: int) -> list[Outgoing]:
        """Seal `contents` (messages, in order) for one channel: an epoch if one is due, then as few frames as fit."""
        trust = self.check(world, now)
        chain = self.chain(realm, channel)
        out: list[Outgoing] = []
        for first, part in _split(contents):
            if self.is_stale(world, chain, now):
                out.append(self._open(world, chain, trust, now))
            out.append(self._seal(chain, now, part, first=first))
        return out

    def _due(self, world: World, chain: SendingChain, trust: TrustList, now: int) -> list[Outgoing]:
        return [self._open(world, chain, trust, now)] if self.is_stale(world, chain, now) else []

    def _seal(
        self, chain: SendingChain, now: int, contents: Sequence[bytes], *,
        first: int = 0, body: bytes | None = None, is_last: bool = False,
    ) -> Outgoing:  # fmt: skip
        opened = chain.opened
        if opened is None:
            raise AssertionError("a frame needs an open epoch")
        self.steps += 1
        at = Position(opened.id, chain.seq, chain.last.hash if chain.last else opened.id)
        ts = _frame_time(chain, now)
        sealed = frames.seal_frame(
            chain.realm, opened.secret, opened.signing, at, ts, contents, body=body, is_last=is_last
        )
        chain.last, chain.sent_at = sealed, now
        subject = subjects.frame(chain.realm, chain.channel, opened.id)
        return Outgoing("frame", subject, sealed.data, chain.realm, chain.channel, opened.id, sealed, first)

    def heartbeat(
        self, world: World, now: int, faults: Sequence[Trouble] = (), commit: Callable[[int], bytes] | None = None
    ) -> list[Outgoing]:
        """[F11] Return a heartbeat on `all` in realm actual, with our heads and those of others before it.

        `commit` returns the commitment to the audit log for the time of the frame; empty: none is written.
        """
        trust = self.check(world, now)
        chain = self.chain(ACTUAL, ALL)
        due = self._due(world, chain, trust, now)
        seen = self.rotation.next_heads(world, self.identity.kid)
        beat = self._beat(world, now, list(faults), self._own_heads(), seen)
        if commit is not None:
            beat = replace(beat, audit=commit(_frame_time(chain, now)))
        return [*due, self._seal(chain, now, (), body=heartbeats.write(beat))]

    def close(self, world: World, realm: str, channel: str, now: int) -> list[Outgoing]:
        """[E13] Return the last frame of an open epoch, or nothing if none is open; the chain continues with a new
        epoch.

        An epoch that permits no further frame is closed without one; its successor states its end. Raises Refused or
        Wait as `check` does.
        """
        self.check(world, now)
        self.steps += 1
        chain = self.chain(realm, channel)
        frames_ = [] if self.is_stale(world, chain, now) else [self._last_frame(world, chain, now)]
        chain.link, chain.opened, chain.last = chain.end, None, None
        return frames_

    def _last_frame(self, world: World, chain: SendingChain, now: int) -> Outgoing:
        body = heartbeats.write(self._beat(world, now, [], [], []))
        return self._seal(chain, now, (), body=body, is_last=True)

    def is_idle(self, chain: SendingChain, now: int) -> bool:
        """[E13] Whether a bilateral epoch has had no traffic for 10 min."""
        return chain.channel != ALL and chain.opened is not None and now - chain.sent_at >= limits.EPOCH_IDLE

    def _own_heads(self) -> list[Head]:
        chains = (self.chains.get((realm, ALL)) for realm in (ACTUAL, EXERCISE))
        return [
            Head(chain.opened.id, chain.seq, chain.last.hash, chain.last.signature)
            for chain in chains
            if chain and chain.opened and chain.last
        ]

    def _beat(self, world: World, now: int, faults: list[Trouble], mine: list[Head], seen: list[Head]) -> Heartbeat:
        own = world.bundles.newest_valid(world.member, world.trust, now)
        name = own.kid if own else ZERO32[:16]
        trust = world.trust
        return Heartbeat(mine, seen, trust.version, trust.hash, trust.revokes_hash(), name, faults)


class HeadRotation:
    """[F11] Selects the heads of other members that the next heartbeat names. Kept in memory, for the life of the
    process.

    Chains are selected in the order of their keys, which is the same at every member. Each member begins after its own
    key, so at any moment different members name different heads.
    """

    def __init__(self) -> None:
        self._last: ChainKey | None = None

    def next_heads(self, world: World, own: bytes) -> list[Head]:
        """Return the newest heads of the next HEADS_SEEN chains of other members; the first selection begins after the
        kid `own`.
        """
        named, last = _seen(world), self._last or ChainKey(own, "", "")
        following = [state for state in named if state.chain > last]
        chosen = [*following, *named[: len(named) - len(following)]][: limits.HEADS_SEEN]
        if chosen:
            self._last = chosen[-1].chain
        return [Head(each.id, each.tip_frames, each.sequence.last_hash, each.tip_signature) for each in chosen]


def _frame_time(chain: SendingChain, now: int) -> int:
    """The `ts` of the next frame of an open epoch."""
    return max(now, chain.opened.epoch.not_before) if chain.opened else now


def _seen(world: World) -> list[EpochState]:
    """Return the newest epoch of each `all` chain of another member of which we hold a frame, ordered by chain key.

    Chains of keys that are no longer valid are left out: they get no further frames, and would fill later heartbeats.
    """
    newest = (world.epochs.get(chain.newest) for chain in world.chains.values() if chain.newest)
    found = [
        state
        for state in newest
        if state and state.chain.channel == ALL and state.tip_frames and state.epoch.sender != world.member
        and world.may_sign(state.chain.signer, state.epoch.sender)
    ]  # fmt: skip
    return sorted(found, key=lambda state: state.chain)


def _split(contents: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield groups of messages that fit into one frame each, with the index of their first message."""
    first = size = 0
    for index, content in enumerate(contents):
        if index > first and not frames.has_room(index + 1 - first, size + len(content)):
            yield first, contents[first:index]
            first, size = index, 0
        size += len(content)
    if contents:
        yield first, contents[first:]
