"""Members, their keys and their rights to publish: trust lists judged and stored (protocol.md section 3).

Pure: a `TrustStore` is a value in memory; its owner makes an accepted list durable before it is used ([T11]).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import ZERO32, hash_, is_equal, is_signed, is_signed_hash, is_valid_point, kid
from suar.protocol.trust import revoke
from suar.protocol.trust.trustlist import Key, Member, SignedList, TrustList, parse, read_list


class Accepted(NamedTuple):
    """A version that this gateway accepted, with the object as received."""

    list: TrustList
    hash: bytes
    data: bytes


class Trust:
    """Queries about lists and Revokes: who the members are and which keys are valid for them."""

    history: Mapping[int, Accepted]
    current: TrustList | None
    revokes: Mapping[bytes, bytes]
    _owner: Mapping[bytes, str]
    _keys: Mapping[bytes, tuple[Member, Key]]
    _members: Mapping[str, Member]
    _publics: Mapping[bytes, bytes]

    @property
    def version(self) -> int:
        """The current version, 0 before the first."""
        return self.current.version if self.current else 0

    @property
    def hash(self) -> bytes:
        """The hash of the current list, zeros before the first."""
        return self.history[self.version].hash if self.current else ZERO32

    def owner(self, kid_: bytes) -> str | None:
        """Return the member to whom key `kid_` belongs or once belonged; None if no accepted list ever had it."""
        return self._owner.get(kid_)

    def kids_of(self, code: str) -> list[bytes]:
        """Return the kids of every key that an accepted list had for the member."""
        return [kid_ for kid_, owner in self._owner.items() if owner == code]

    def key(self, kid_: bytes) -> Key | None:
        """Return the key in the current list, or None if it is not in it."""
        found = self._keys.get(kid_)
        return found[1] if found else None

    def public(self, kid_: bytes) -> bytes:
        """Return the public key of a known kid, even if a later list no longer has it."""
        return self._publics[kid_]

    def is_revoked(self, kid_: bytes) -> bool:
        """Whether the key is revoked by a list or a Revoke, or is no longer in the current list."""
        found = self._keys.get(kid_)
        return found is None or found[1].revoked_at is not None or kid_ in self.revokes

    def is_active(self, code: str) -> bool:
        """Whether the current list has the member as active."""
        member = self.member(code)
        return member is not None and member.is_active

    def member(self, code: str) -> Member | None:
        """Return the member in the current list, or None."""
        return self._members.get(code)

    def active_members(self) -> list[str]:
        """Return the codes of the active members, sorted."""
        return [m.code for m in self.current.members if m.is_active] if self.current else []

    def issued_after(self, version: int) -> int | None:
        """Return when the successor of `version` was issued, or None if we do not hold it."""
        later = self.history.get(version + 1)
        return later.list.issued if later else None

    def revokes_hash(self) -> bytes:
        """Return the hash that heartbeats compare: all keys revoked by the current list or a held Revoke."""
        listed = {k for k, (_, key) in self._keys.items() if key.revoked_at is not None}
        return hash_("revoke", b"".join(sorted(listed | set(self.revokes))))

    def may_sign(self, signer: bytes, member: str) -> bool:
        """Whether the key may sign for the member at this moment."""
        return self.is_active(member) and not self.is_revoked(signer)


@dataclass(frozen=True, slots=True)
class TrustView(Trust):
    """A read-only copy of one moment, which any thread may use."""

    federation: str
    history: Mapping[int, Accepted]
    current: TrustList | None
    revokes: Mapping[bytes, bytes]
    _owner: Mapping[bytes, str] = field(repr=False)
    _keys: Mapping[bytes, tuple[Member, Key]] = field(repr=False)
    _members: Mapping[str, Member] = field(repr=False)
    _publics: Mapping[bytes, bytes] = field(repr=False)


class TrustStore(Trust):
    """Every accepted list, the Revokes held, and what follows from them. The only authority on members and keys."""

    def __init__(self, federation: str, pin: bytes | None = None) -> None:
        self.federation, self.pin = federation, pin
        self.history: dict[int, Accepted] = {}
        self.current: TrustList | None = None
        self.revokes: dict[bytes, bytes] = {}  # kid -> the Revoke as received
        self._hashes: set[bytes] = set()  # hash of every list ever accepted
        self._admitting: dict[bytes, bytes] = {}  # kid -> public key of the roots that admitted the current list
        self._owner: dict[bytes, str] = {}  # every member key ever listed -> its member's code
        self._keys: dict[bytes, tuple[Member, Key]] = {}  # keys in the current list
        self._members: dict[str, Member] = {}  # members in the current list
        self._ever_revoked: set[bytes] = set()
        self._publics: dict[bytes, bytes] = {}

    def view(self) -> TrustView:
        """Return a read-only copy of this moment."""
        return TrustView(
            self.federation, MappingProxyType(dict(self.history)), self.current, MappingProxyType(dict(self.revokes)),
            MappingProxyType(dict(self._owner)), MappingProxyType(self._keys), MappingProxyType(self._members),
            MappingProxyType(dict(self._publics)),
        )  # fmt: skip

    def set_pin(self, pin: bytes) -> None:
        """Set the hash that the first list must have."""
        self.pin = pin

    # -- lists

    def admit(self, data: bytes, now: int) -> TrustList | None:
        """[T1]-[T10] Return the next list, not yet applied (see `apply`), or None for one that we hold.

        Raises Refused.
        """
        signed = parse(data)
        if signed.hash in self._hashes:
            return None
        current = self.current
        checked = self._signed_by_roots(signed, current) if current else self._pinned(signed)
        content = read_list(signed.raw)
        if content.federation != self.federation:
            raise Refused("E-TRUST-FORM", "T3")
        if current:
            self._fork_only(checked, content)
            _others_signed(signed, content, checked.roots)
        _threshold(content)
        if current:
            self._follows(content, current)
        _dates(content, now)
        self._keys_sound(content)
        _new_roots_signed(signed, content)
        return content

    def _pinned(self, signed: SignedList) -> "_Checked":
        """Check the first list, of any version, by the pin, which replaces T2 and T5-T7."""
        if self.pin is None or not is_equal(signed.hash, self.pin):
            raise Refused("E-TRUST-PIN", "T2")
        return _Checked(frozenset(), is_fork_only=False)

    def _signed_by_roots(self, signed: SignedList, current: TrustList) -> "_Checked":
        """[T2] Before raw is parsed: signed by the current roots, or by those who admitted the list (for T5 only)."""
        own = {root.kid: root.public for root in current.roots}
        for roots, is_fork_only in ((own, False), (self._admitting, True)):
            if _is_signed_by_threshold(signed, roots, current.threshold):
                return _Checked(frozenset(roots), is_fork_only)
        raise Refused("E-TRUST-SIGNATURE", "T2")

    def _fork_only(self, checked: "_Checked", content: TrustList) -> None:
        """[T2] Signatures of the admitting roots allow only the fork check."""
        if checked.is_fork_only and content.version != self.version:
            raise Refused("E-TRUST-SIGNATURE", "T2")

    def _follows(self, content: TrustList, current: TrustList) -> None:
        """[T5] Fork and rollback; [T6] the next version; [T7] its predecessor."""
        if content.version == current.version:  # [T5]
            raise Refused("E-TRUST-FORK", "T5", version=content.version)
        if content.version < current.version:  # [T5]
            raise Refused("E-TRUST-ROLLBACK", "T5", version=content.version)
        if content.version != current.version + 1:  # [T6]
            raise Refused("E-TRUST-VERSION", "T6", version=content.version)
        if not is_equal(content.prev, self.hash) or content.issued < current.issued:  # [T7]
            raise Refused("E-TRUST-CHAIN", "T7")

    def _keys_sound(self, content: TrustList) -> None:
        """[T9] Names match keys, no key twice, valid points, members in order, no revocation undone."""
        pairs = [(root.kid, root.public) for root in content.roots]
        listed = [key for member in content.members for key in member.keys]
        pairs += [(key.kid, key.public) for key in listed]
        codes = [member.code for member in content.members]
        if (
            len({public for _, public in pairs}) != len(pairs)
            or any(kid(public) != name or not is_valid_point(public) for name, public in pairs)
            or codes != sorted(set(codes))
            or any(key.revoked_at is None and key.kid in self._ever_revoked for key in listed)
        ):
            raise Refused("E-TRUST-KEYS", "T9")

    def apply(self, content: TrustList, data: bytes) -> None:
        """Make an admitted list the current one; the caller stores it durably before or together with this ([T11])."""
        signed = parse(data)
        before = self.current or content
        self._admitting = {root.kid: root.public for root in before.roots}
        self.current = content
        self.history[content.version] = Accepted(content, signed.hash, data)
        self._hashes.add(signed.hash)
        self._members = {member.code: member for member in content.members}
        self._keys = {key.kid: (member, key) for member in content.members for key in member.keys}
        for name, (member, key) in self._keys.items():
            self._owner[name], self._publics[name] = member.code, key.public
            if key.revoked_at is not None:
                self._ever_revoked.add(name)

    # -- Revokes

    def admit_revoke(self, data: bytes) -> bytes | None:
        """[R1] Return the kid that a valid Revoke revokes, not yet applied; None if a Revoke of that key is held."""
        name = self.check_revoke(data)
        return None if name in self.revokes else name

    def check_revoke(self, data: bytes) -> bytes:
        """[R1] Return the kid that a valid Revoke revokes, whether one of that key is held or not."""
        name, body = revoke.parse(data)
        if body.federation != self.federation or body.kid != name:
            raise Refused("E-REVOKE", "R1")
        if self.owner(name) is None:
            raise Wait("E-REVOKE", "R1")
        if not is_signed("revoke", self.public(name), data[84:], data[20:84]):
            raise Refused("E-REVOKE", "R1")
        return name

    def apply_revoke(self, kid_: bytes, data: bytes) -> None:
        """Apply a Revoke; it takes effect at once and permanently."""
        self.revokes.setdefault(kid_, data)


class _Checked(NamedTuple):
    roots: frozenset[bytes]  # the kids whose signatures T2 has checked
    is_fork_only: bool


def _is_signed_by_threshold(signed: SignedList, roots: dict[bytes, bytes], threshold: int) -> bool:
    """Whether at least `threshold` signatures by `roots` are valid, and none of theirs is invalid."""
    ours = [signature for signature in signed.signatures if signature.kid in roots]
    return len(ours) >= threshold and all(is_signed_hash("trust", roots[s.kid], signed.hash, s.signature) for s in ours)


def _others_signed(signed: SignedList, content: TrustList, judged: frozenset[bytes]) -> None:
    """[T2] Every other signature must be valid and by a root of the new list."""
    new = {root.kid: root.public for root in content.roots}
    for signature in signed.signatures:
        if signature.kid in judged:
            continue
        if not is_signed_hash("trust", new.get(signature.kid, ZERO32), signed.hash, signature.signature):
            raise Refused("E-TRUST-SIGNATURE", "T2")


def _threshold(content: TrustList) -> None:
    """[T4] A majority, at least two."""
    if not (len(content.roots) < 2 * content.threshold <= 2 * len(content.roots) and content.threshold >= 2):
        raise Refused("E-TRUST-THRESHOLD", "T4")


def _dates(content: TrustList, now: int) -> None:
    """[T8] Not issued in the future, valid for at most 400 days."""
    if not (
        content.issued <= now + limits.CLOCK_TOLERANCE
        and content.issued < content.expires <= content.issued + limits.TRUST_LIFETIME_MAX
    ):
        raise Refused("E-TRUST-DATES", "T8")


def _new_roots_signed(signed: SignedList, content: TrustList) -> None:
    """[T10] The new roots must be able to act: at least the new threshold of them signed."""
    new = {root.kid: root.public for root in content.roots}
    valid = sum(
        signature.kid in new and is_signed_hash("trust", new[signature.kid], signed.hash, signature.signature)
        for signature in signed.signatures
    )
    if valid < content.threshold:
        raise Refused("E-TRUST-NEW-ROOTS", "T10")
