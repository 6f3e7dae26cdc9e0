"""The key bundle: a gateway's current encryption key, signed by its identity key (protocol.md section 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import CryptoError, KemPublic, Signer, bundle_kid, kid, sign, verify
from suar.protocol.base.subjects import Subject
from suar.protocol.base.wire import Array, Bytes32, Code, Malformed, UInt, decode, encode
from suar.protocol.trust.members import Trust, TrustStore

MAGIC: Final = b"SUK1"
_HEAD: Final = 84  # magic, signer kid, signature
_KemBytes = Annotated[bytes, msgspec.Meta(min_length=limits.KEM_PUBLIC_BYTES, max_length=limits.KEM_PUBLIC_BYTES)]


class Bundle(Array, frozen=True):
    """The signed content; the last two fields are informative only."""

    magic: Literal["suar-keys/1"]
    federation: str
    member: Code
    not_before: UInt
    not_after: UInt
    kem_public: _KemBytes
    trust_version: UInt
    trust_hash: Bytes32

    @property
    def kid(self) -> bytes:
        """The name that epochs use for this key."""
        return bundle_kid(self.member, self.kem_public)


_decoder = msgspec.msgpack.Decoder(Bundle)


class AcceptedBundle(NamedTuple):
    """A bundle that passed every rule; `key` is ready for wrapping."""

    signer: bytes
    bundle: Bundle
    kid: bytes
    key: KemPublic
    data: bytes


_KEPT: Final = 8  # bundles kept for a member; more than one is valid only around a rotation


class Bundles:
    """Queries about the bundles that are held."""

    last: Mapping[bytes, AcceptedBundle]
    _of: Mapping[str, Sequence[AcceptedBundle]]

    def newest_valid(self, member: str, trust: Trust, now: int) -> AcceptedBundle | None:
        """[K7] Return the member's newest bundle that is valid now, of a key that is not revoked, or None."""
        valid = [
            held
            for held in self._of.get(member, ())
            if held.bundle.not_before <= now < held.bundle.not_after and not trust.is_revoked(held.signer)
        ]
        return max(valid, key=lambda held: held.bundle.not_before, default=None)

    def is_in_schedule(self, member: str, name: bytes, trust: Trust, now: int) -> bool:
        """[E13] Whether the bundle of that kid is valid now, and every newer one came by a scheduled rotation.

        A rotation is scheduled if the replaced bundle had been in use for BUNDLE_SCHEDULED. An earlier replacement may
        be because of a compromised key, and then concerns every key before it.
        """
        begun = [held for held in self._of.get(member, ()) if held.bundle.not_before <= now]
        ordered = sorted(begun, key=lambda held: held.bundle.not_before)
        position = next((n for n, held in enumerate(ordered) if held.kid == name), None)
        if position is None:
            return False
        of_it = ordered[position:]
        is_valid = now < of_it[0].bundle.not_after and not trust.is_revoked(of_it[0].signer)
        times = [held.bundle.not_before for held in of_it]
        return is_valid and all(after - before >= limits.BUNDLE_SCHEDULED for before, after in pairwise(times))

    def count(self, member: str) -> int:
        """How many of the member's bundles are kept."""
        return len(self._of.get(member, ()))

    def has_bundle(self, member: str, name: bytes) -> bool:
        """Whether the member has a kept bundle of that kid."""
        return any(held.kid == name for held in (*self._of.get(member, ()), *self.last.values()))

    def next_change(self, now: int) -> int:
        """Return when the next validity period of a bundle begins or ends; until then `newest_valid` stays the same."""
        windows = (held.bundle for kept in self._of.values() for held in kept)
        edges = (edge for bundle in windows for edge in (bundle.not_before, bundle.not_after) if edge > now)
        return min(edges, default=limits.INTEGER_MAX)

    def newest(self, member: str) -> AcceptedBundle | None:
        """Return the member's newest bundle for display, whether it is valid now or not."""
        held = [held for held in self.last.values() if held.bundle.member == member]
        return max(held, key=lambda item: item.bundle.not_before, default=None)


@dataclass(frozen=True, slots=True)
class BundleView(Bundles):
    """A read-only copy of one moment, which any thread may use."""

    last: Mapping[bytes, AcceptedBundle] = field(repr=False)
    _of: Mapping[str, Sequence[AcceptedBundle]] = field(repr=False)


class BundleStore(Bundles):
    """The last bundle of each signer kid, and for each member those that may still be the newest valid one.

    A bundle may begin up to 5 min from now; until then its predecessor is in use.
    """

    def __init__(self) -> None:
        self.last: dict[bytes, AcceptedBundle] = {}
        self._of: dict[str, list[AcceptedBundle]] = {}
        self.generation = 0  # number of changes, by which caches are invalidated

    def view(self) -> BundleView:
        """Return a read-only copy of this moment."""
        return BundleView(
            MappingProxyType(dict(self.last)),
            MappingProxyType({member: tuple(held) for member, held in self._of.items()}),
        )

    def apply(self, accepted: AcceptedBundle) -> None:
        """Make an admitted bundle the last one of its signer."""
        self.generation += 1
        self.last[accepted.signer] = accepted
        begin, before = accepted.bundle.not_before, self._of.get(accepted.bundle.member, ())
        kept = [accepted, *(held for held in before if held.bundle.not_after > begin)]
        self._of[accepted.bundle.member] = kept[:_KEPT]


def admit(trust: TrustStore, store: BundleStore, subject: Subject, data: bytes, now: int) -> AcceptedBundle | None:
    """[K1]-[K6] Return the bundle, not yet applied, or None for one that we hold. Raises Refused or Wait."""
    _size(data)
    signer, raw = data[4:20], data[_HEAD:]
    member = _signer(trust, signer, now)
    bundle = _signed(trust, signer, data, raw)
    if not bundle.federation == trust.federation or not bundle.member == member == subject.sender:  # [K3]
        raise Refused("E-BUNDLE-FORM", "K3")
    _window(trust, signer, bundle, now)
    last = store.last.get(signer)
    if last is not None and last.data[_HEAD:] == raw:  # [K5]
        return None
    if last is not None and bundle.not_before <= last.bundle.not_before:  # [K5]
        raise Refused("E-BUNDLE-OLDER", "K5")
    return AcceptedBundle(signer, bundle, bundle.kid, _usable(bundle), data)


def read_held(trust: TrustStore, signer: bytes, data: bytes) -> AcceptedBundle:
    """[K1] [K3] [K6] Return a bundle of key `signer` that was admitted before; time-dependent checks are omitted."""
    _size(data)
    member = trust.owner(signer)
    if data[4:20] != signer or member is None:
        raise Refused("E-BUNDLE-SIGNER", "K2")
    bundle = _signed(trust, signer, data, data[_HEAD:])
    if bundle.federation != trust.federation or bundle.member != member:
        raise Refused("E-BUNDLE-FORM", "K3")
    return AcceptedBundle(signer, bundle, bundle.kid, _usable(bundle), data)


def _size(data: bytes) -> None:
    """[K1] At most 4 KiB."""
    if len(data) > limits.BUNDLE_BYTES or len(data) <= _HEAD or data[:4] != MAGIC:  # [K1]
        raise Refused("E-BUNDLE-SIZE", "K1")


def _signer(trust: TrustStore, signer: bytes, now: int) -> str:
    """[K2] The signer must be known (else it waits), its member active, the key valid now and not revoked."""
    member, key = trust.owner(signer), trust.key(signer)
    if member is None:
        raise Wait("E-BUNDLE-SIGNER", "K2")
    if not trust.is_active(member) or trust.is_revoked(signer) or key is None or not key.is_valid(now):
        raise Refused("E-BUNDLE-SIGNER", "K2")
    return member


def _signed(trust: TrustStore, signer: bytes, data: bytes, raw: bytes) -> Bundle:
    """[K3] Check the signature, then the types."""
    try:
        verify("keys", trust.public(signer), raw, data[20:_HEAD])
    except CryptoError as error:
        raise Refused("E-BUNDLE-SIGNATURE", "K3") from error
    try:
        return decode(_decoder, raw)
    except Malformed as error:
        raise Refused("E-BUNDLE-FORM", "K3") from error


def _window(trust: TrustStore, signer: bytes, bundle: Bundle, now: int) -> None:
    """[K4] At most 7 days, begun (else it waits), not over, not longer than its signer's key."""
    key = trust.key(signer)
    if not 0 < bundle.not_after - bundle.not_before <= limits.BUNDLE_WINDOW_MAX:
        raise Refused("E-BUNDLE-WINDOW", "K4")
    if bundle.not_before > now + limits.CLOCK_TOLERANCE:
        raise Wait("E-BUNDLE-WINDOW", "K4", for_time=bundle.not_before)
    if key is None or not now < bundle.not_after <= key.not_after:
        raise Refused("E-BUNDLE-WINDOW", "K4")


def _usable(bundle: Bundle) -> KemPublic:
    """[K6] Try an encapsulation, because some invalid keys fail only on use."""
    try:
        key = KemPublic(bundle.kem_public)
        key.wrap(bytes(32), b"")
    except CryptoError as error:
        raise Refused("E-BUNDLE-KEY", "K6") from error
    return key


def make(bundle: Bundle, key64: bytes | Signer, public: bytes) -> bytes:
    """Return the signed object of a bundle."""
    raw = encode(bundle)
    return MAGIC + kid(public) + sign("keys", key64, raw) + raw
