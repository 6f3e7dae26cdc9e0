"""The immutable status that the core publishes after each commit, for all other threads.

Event loops and the reader thread read this and never the core's own objects, which its thread changes. Large parts
(lists, bundles, epochs) are copied when they change and shared otherwise.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.transport.epoch import Link
from suar.protocol.transport.world import Chain, ChainKey, EpochView, MissingEpoch, World
from suar.protocol.trust.bundle import BundleView
from suar.protocol.trust.members import TrustStore, TrustView
from suar.service.core.observations import STORE_FAILURE_MS, NamedEnd

NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


def frozen_copy(values: Mapping[str, int]) -> Mapping[str, int]:
    """Return a read-only copy."""
    return MappingProxyType(dict(values)) if values else NOBODY


class MissingInChain(NamedTuple):
    """A chain with epochs that were never received."""

    key: ChainKey
    missing: Mapping[bytes, MissingEpoch]


class Epochs(Struct, frozen=True):
    """The known epochs of all members, and the chains with missing epochs."""

    by_sender: Mapping[str, Mapping[bytes, EpochView]] = MappingProxyType({})
    incomplete: tuple[MissingInChain, ...] = ()

    def get(self, epoch_id: bytes) -> EpochView | None:
        """Return the epoch with that id."""
        found = (epochs.get(epoch_id) for epochs in self.by_sender.values())
        return next((each for each in found if each is not None), None)

    def values(self) -> Iterator[EpochView]:
        """Iterate over all epochs; those of one sender in order of arrival."""
        for epochs in self.by_sender.values():
            yield from epochs.values()


class OutboxView(NamedTuple):
    """The fill level of OUTBOX; see outbox_capacity.py."""

    held: int | None = None
    limit: int | None = None
    is_ordinary_blocked: bool = False


class Status(Struct, frozen=True, kw_only=True):
    """One gateway at its last commit; times in ms, None: never, or not known.

    `outbox`, `disk_free`: last measured. `silent_after`: ms without a heartbeat after which a member is silent: two
    intervals. `ends`: (realm, end) of our own channels to all. `epochs_begin`: the
    latest begin of an own epoch. `queued`: how many times something was left in the queue
    to be sealed.
    """

    member: str
    trust: TrustView
    bundles: BundleView
    epochs: Epochs = Epochs()
    signs: bytes = b""
    ends: tuple[tuple[str, Link], ...] = ()
    has_chains: bool = False
    epochs_begin: int = 0
    started_at: int = 0
    restored_at: int | None = None
    highest_time: int = 0
    time_waits: Mapping[str, int] = NOBODY
    last_heard: Mapping[str, int] = NOBODY
    offsets: Mapping[str, int] = NOBODY
    named: Mapping[tuple[str, str], NamedEnd] = MappingProxyType({})
    silent_after: int = 0
    listening_since: int | None = None
    expected_since: Mapping[str, int] = NOBODY
    received_until: int | None = None
    store_fault: str | None = None
    store_failed_at: int | None = None
    has_no_room: bool = False
    outbox: OutboxView = OutboxView()
    disk_free: int = 0
    is_list_missing: bool = False
    queued: int = 0
    audit_broken: str | None = None

    def is_clock_back(self, now: int) -> bool:
        """[T14] Return whether the clock is more than 5 min below the highest time ever seen."""
        return now < self.highest_time - limits.CLOCK_TOLERANCE

    def is_store_failing(self, now: int) -> bool:
        """Return whether the store failed within STORE_FAILURE_MS."""
        return self.store_failed_at is not None and abs(now - self.store_failed_at) <= STORE_FAILURE_MS

    def is_store_full(self, now: int) -> bool:
        """Return whether it failed because the disk is full."""
        return self.has_no_room and self.is_store_failing(now)

    def begins_ahead(self, now: int) -> int | None:
        """Return the latest begin of an own epoch if the others wait for it: our clock was ahead as it opened."""
        return self.epochs_begin if self.epochs_begin > now + limits.CLOCK_TOLERANCE else None

    def has_listened(self, milliseconds: int, now: int) -> bool:
        """Whether other members could be received for that long (ms); else their silence means nothing."""
        return self.listening_since is not None and now - self.listening_since > milliseconds

    def can_judge_silence(self, code: str, now: int) -> bool:
        """Whether heartbeats of the member could be received for two intervals, in which it was active."""
        is_expected = now - self.expected_since.get(code, 0) > self.silent_after
        return is_expected and self.has_listened(self.silent_after, now)

    def is_frozen(self, code: str) -> bool:
        """Return whether the member's newest epoch to all, that of its heartbeats, is frozen ([F6])."""
        of_member = self.epochs.by_sender.get(code, {}).values()
        to_all = [each for each in of_member if (each.chain.realm, each.chain.channel) == (ACTUAL, ALL)]
        return bool(to_all) and max(to_all, key=lambda each: each.epoch.not_before).sequence.is_frozen

    def others(self) -> list[str]:
        """The other active members."""
        return [code for code in self.trust.active_members() if code != self.member]


class Views:
    """Immutable copies of the parts of a world, each renewed only when the part changed; used on the core's thread."""

    def __init__(self) -> None:
        self._world: World | None = None
        self._trust: tuple[object, TrustView] | None = None
        self._bundles: tuple[object, BundleView] | None = None
        self._epochs = Epochs()

    def trust(self, store: TrustStore) -> TrustView:
        """Return the view of the trust store."""
        state = (store, store.version, len(store.revokes))
        if self._trust is None or self._trust[0] != state:
            self._trust = state, store.view()
        return self._trust[1]

    def bundles(self, world: World) -> BundleView:
        """Return the view of the bundles."""
        state = (world.bundles, world.bundles.generation)
        if self._bundles is None or self._bundles[0] != state:
            self._bundles = state, world.bundles.view()
        return self._bundles[1]

    @property
    def epochs(self) -> Epochs:
        """As of the last commit."""
        return self._epochs

    def apply_commit(self, world: World, epochs: Mapping[bytes, object], chains: Mapping[ChainKey, Chain]) -> None:
        """Update the views after a commit that changed these epochs and chains and may have dropped old ones."""
        known = sum(map(len, self._epochs.by_sender.values()))
        if world is not self._world:
            self._world, self._epochs = world, _all(world)
            return
        if epochs:
            self._epochs = Epochs(self._updated(world, epochs), self._epochs.incomplete)
            known = sum(map(len, self._epochs.by_sender.values()))
        if known != len(world.epochs):
            self._epochs = _all(world)
        elif chains:
            self._epochs = Epochs(self._epochs.by_sender, _incomplete(world))

    def _updated(self, world: World, changed: Mapping[bytes, object]) -> Mapping[str, Mapping[bytes, EpochView]]:
        by_sender = dict(self._epochs.by_sender)
        fresh: dict[str, dict[bytes, EpochView]] = {}
        for id_ in changed:
            state = world.epochs.get(id_)
            if state is not None:
                fresh.setdefault(state.epoch.sender, {})[id_] = state.view()
        for sender, epochs in fresh.items():
            by_sender[sender] = MappingProxyType({**by_sender.get(sender, {}), **epochs})
        return MappingProxyType(by_sender)


def _all(world: World) -> Epochs:
    found: dict[str, dict[bytes, EpochView]] = {}
    for id_, state in world.epochs.items():
        found.setdefault(state.epoch.sender, {})[id_] = state.view()
    by_sender = MappingProxyType({sender: MappingProxyType(epochs) for sender, epochs in found.items()})
    return Epochs(by_sender, _incomplete(world))


def _incomplete(world: World) -> tuple[MissingInChain, ...]:
    chains = ((key, chain) for key, chain in world.chains.items() if chain.missing)
    return tuple(MissingInChain(key, MappingProxyType(dict(chain.missing))) for key, chain in chains)
