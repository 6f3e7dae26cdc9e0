"""What one gateway knows of all others: lists, bundles, epochs and their chains, in memory.

The database is the state of record; `World` is its working copy. Admission changes the world and records the changes;
`pop_changes` returns them to be committed in one transaction. A world whose commit failed is discarded and loaded again
from the store.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from suar.protocol.base import limits
from suar.protocol.base.primitives import KemKey, Secret, bundle_kid
from suar.protocol.base.recent import Recent
from suar.protocol.transport.epoch import Epoch, unwrap
from suar.protocol.transport.heartbeat import HeadChecks
from suar.protocol.transport.replay import HeldFrame, Numbers, Sequence
from suar.protocol.trust.bundle import AcceptedBundle, BundleStore
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import TrustList

EpochKind = Literal["open", "skip", "refused"]


class ChainKey(NamedTuple):
    """A chain of epochs: one signer, one realm, one channel."""

    signer: bytes
    realm: str
    channel: str


@dataclass(slots=True)
class EpochState:
    """An epoch that is part of its chain."""

    id: bytes
    chain: ChainKey
    epoch: Epoch
    kind: EpochKind
    is_live: bool
    sequence: Sequence
    raw: bytes = field(repr=False, default=b"")  # this and `wrap` after a restart, until the secret is unwrapped again
    wrap: bytes = field(repr=False, default=b"")
    kid: bytes = b""
    data: bytes = field(repr=False, default=b"")  # the object; kept until it is committed
    secret: Secret | None = field(repr=False, default=None)
    tip_frames: int = 0  # number after the newest held frame, whose hash is `sequence.last_hash`
    tip_signature: bytes = b""

    def view(self) -> "EpochView":
        """Return a copy of its state at this moment."""
        return EpochView(self.id, self.chain, self.epoch, self.kind, self.is_live, self.sequence.view())


class EpochView(NamedTuple):
    """A copy of an epoch's state at one moment, without its secret."""

    id: bytes
    chain: ChainKey
    epoch: Epoch
    kind: EpochKind
    is_live: bool
    sequence: Numbers


class MissingEpoch(NamedTuple):
    """An epoch that its successor names and that did not arrive: its number of frames, and the last one's hash."""

    frames: int
    hash: bytes


@dataclass(slots=True)
class Chain:
    """The epochs of one chain in the order of acceptance."""

    newest: bytes | None = None
    newest_not_before: int = -1
    missing: dict[bytes, MissingEpoch] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)  # hour of not_before -> epochs, for [E10]


class Revision(NamedTuple):
    """Of a message: its number, BLAKE2b-256 of its bytes, whether it cancels, and its realm."""

    rev: int
    digest: bytes
    is_cancel: bool
    realm: str


class Neighbours(NamedTuple):
    """What [F9] needs of the held revisions of an id: all are of one realm, and none is above a cancel."""

    same: Revision | None  # of the number that was asked for
    highest: Revision | None


class Revisions(dict[int, Revision]):
    """Revisions of one id in memory, by number; written by `add` alone."""

    highest: Revision | None = None

    def add(self, revision: Revision) -> None:
        """Add one."""
        self[revision.rev] = revision
        self.highest = max(revision, self.highest or revision)


class Held(Protocol):
    """The queries to a store about what it holds; each is one look-up by a key."""

    def frame(self, epoch_id: bytes, seq: int) -> HeldFrame | None:
        """Return the frame that used up this number, or None."""

    def revisions(self, id_: str, rev: int) -> Neighbours:
        """Return the accepted revision of the message id at that number, and the highest one."""

    def has_receipt(self, digest: bytes) -> bool:
        """Whether a receipt of these bytes is held."""


@dataclass(slots=True)
class Changes:
    """What one transaction must commit so that the store equals the world."""

    lists: list[tuple[TrustList, bytes]] = field(default_factory=list)
    revokes: list[tuple[bytes, bytes]] = field(default_factory=list)
    bundles: list[AcceptedBundle] = field(default_factory=list)
    epochs: dict[bytes, EpochState] = field(default_factory=dict)
    chains: dict[ChainKey, Chain] = field(default_factory=dict)
    frames: dict[tuple[bytes, int], HeldFrame] = field(default_factory=dict)
    messages: dict[str, Revisions] = field(default_factory=dict)
    receipts: set[bytes] = field(default_factory=set)
    highest_time: int | None = None
    kept: dict[bytes, int] = field(default_factory=dict)  # frame hash -> messages that this frame delivered first


class Memory:
    """A `Held` in memory, for conformance runs and tests; `commit` stores changes."""

    def __init__(self) -> None:
        self._frames: dict[tuple[bytes, int], HeldFrame] = {}
        self._messages: dict[str, Revisions] = {}
        self._receipts: set[bytes] = set()

    def commit(self, changes: Changes) -> None:
        """Store what admission recorded."""
        self._frames |= changes.frames
        for id_, revisions in changes.messages.items():
            for revision in revisions.values():
                self._messages.setdefault(id_, Revisions()).add(revision)
        self._receipts |= changes.receipts

    def frame(self, epoch_id: bytes, seq: int) -> HeldFrame | None:
        """Return the frame that used up this number, or None."""
        return self._frames.get((epoch_id, seq))

    def revisions(self, id_: str, rev: int) -> Neighbours:
        """Return the accepted revision of the message id at that number, and the highest one."""
        held = self._messages.get(id_, Revisions())
        return Neighbours(held.get(rev), held.highest)

    def has_receipt(self, digest: bytes) -> bool:
        """Whether a receipt of these bytes is held."""
        return digest in self._receipts


class World:
    """The working copy. `member` is ours; `kem_keys` are our private bundle keys by kid."""

    def __init__(self, federation: str, member: str, held: Held, pin: bytes | None = None) -> None:
        self.federation, self.member, self._held = federation, member, held
        self.trust = TrustStore(federation, pin)
        self.bundles = BundleStore()
        self.epochs: dict[bytes, EpochState] = {}
        self.chains: dict[ChainKey, Chain] = {}
        self.kem_keys: dict[bytes, KemKey] = {}
        self.highest_time = 0
        self.refused_epochs = Recent()  # [E7] refused permanently, so frames of these epochs do not wait
        self.head_checks = HeadChecks()
        self.time_waits: dict[str, int] = {}  # member -> the time that one of its objects waits for
        self.changes = Changes()

    # -- our keys

    def add_kem_seed(self, seed: bytes) -> bytes:
        """Add a private bundle key; returns its kid."""
        key = KemKey(seed)
        name = bundle_kid(self.member, key.public)
        self.kem_keys[name] = key
        return name

    # -- look-ups in this batch and the store

    def frame(self, epoch_id: bytes, seq: int) -> HeldFrame | None:
        """Return the frame that used up this number, in this batch or the store, or None."""
        return self.changes.frames.get((epoch_id, seq)) or self._held.frame(epoch_id, seq)

    def revisions(self, id_: str, rev: int) -> Neighbours:
        """Return the accepted revision at that number, and the highest one, of this batch and the store."""
        held, fresh = self._held.revisions(id_, rev), self.changes.messages.get(id_)
        if not fresh:
            return held
        return Neighbours(fresh.get(rev) or held.same, max(filter(None, (fresh.highest, held.highest))))

    def has_receipt(self, digest: bytes) -> bool:
        """Whether a receipt of these bytes is in this batch or the store."""
        return digest in self.changes.receipts or self._held.has_receipt(digest)

    def chain(self, key: ChainKey) -> Chain:
        """Return the chain, created when it is first named."""
        return self.chains.setdefault(key, Chain())

    def can_open(self, state: EpochState) -> bool:
        """Whether its secret is available; after a restart the seed may have been erased ([K8])."""
        return state.secret is not None or state.kid in self.kem_keys

    def secret(self, state: EpochState) -> Secret:
        """Return the epoch's secret: kept since admission, or unwrapped again after a restart."""
        if state.secret is None:
            state.secret = unwrap(state.epoch, state.raw, state.wrap, self.kem_keys[state.kid], state.kid)
            state.raw = state.wrap = b""
        return state.secret

    # -- changes

    def add_revision(self, id_: str, revision: Revision) -> None:
        """Record an accepted message."""
        self.changes.messages.setdefault(id_, Revisions()).add(revision)

    def mark_changed(self, state: EpochState) -> None:
        """Mark an epoch's row as changed."""
        self.changes.epochs[state.id] = state

    def mark_chain_changed(self, key: ChainKey) -> None:
        """Mark a chain's missing epochs as changed."""
        self.changes.chains[key] = self.chains[key]

    def record_time(self, now: int) -> None:
        """[T14] Record the highest time ever seen."""
        if now > self.highest_time:
            self.highest_time = self.changes.highest_time = now

    def reset_time(self, now: int) -> None:
        """[T14] Set the highest time seen, as a person decided; the caller stores it durably."""
        self.highest_time = now

    def is_clock_back(self, now: int) -> bool:
        """[T14] Whether the clock is more than 5 min below the highest time ever seen."""
        return now < self.highest_time - limits.CLOCK_TOLERANCE

    def apply_list(self, content: TrustList, data: bytes) -> None:
        """[T12] Make a list the current one and close the epochs of members that it suspends or revokes, together."""
        self.trust.apply(content, data)
        self.changes.lists.append((content, data))
        self._close_dead_epochs()

    def apply_revoke(self, kid: bytes, data: bytes) -> None:
        """[T12] Apply a Revoke, which closes every epoch of its key."""
        self.trust.apply_revoke(kid, data)
        self.changes.revokes.append((kid, data))
        self._close_dead_epochs()

    def apply_bundle(self, accepted: AcceptedBundle) -> None:
        """Make a bundle the last one of its signer."""
        self.bundles.apply(accepted)
        self.changes.bundles.append(accepted)

    def _close_dead_epochs(self) -> None:
        for state in self.epochs.values():
            if state.is_live and not self.may_sign(state.chain.signer, state.epoch.sender):
                state.is_live = False
                self.mark_changed(state)

    def forget_old(self, before: int) -> None:
        """Drop epochs that began before that time and are not the newest of their chain; their frames are refused."""
        newest = {chain.newest for chain in self.chains.values()}
        old = [id_ for id_, s in self.epochs.items() if s.epoch.not_before < before and id_ not in newest]
        for id_ in old:
            del self.epochs[id_]
        for chain in self.chains.values():
            chain.hours = {hour: n for hour, n in chain.hours.items() if (hour + 1) * limits.HOUR >= before}

    def may_sign(self, signer: bytes, member: str) -> bool:
        """Whether the key may sign for the member at this moment."""
        return self.trust.may_sign(signer, member)

    def pop_changes(self) -> Changes:
        """Return what must be committed and begin a new record."""
        changes, self.changes = self.changes, Changes()
        return changes
