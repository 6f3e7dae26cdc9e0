"""The valid keys of an evidence file: [V2] trust lists under the pin, [V3] Revokes, [V4] [V5] epochs."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import ACTUAL, EXERCISE, is_signed_hash
from suar.protocol.files.evidence import Evidence, Unproved, describe_refusal
from suar.protocol.transport import epoch as epochs
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import Key, Member, TrustList, parse, read_list

PINNED: Final = "the trust lists"
"""The part that is named where the pin is the hash of none of the file's lists."""


class ProvedEpoch(NamedTuple):
    """An epoch that a listed key signed. `standing.py` judges whether that key was revoked."""

    id: bytes
    epoch: epochs.Epoch
    member: Member
    kid: bytes


def read_lists(evidence: Evidence, pin: bytes) -> tuple[TrustStore, int]:
    """[V2] Check that each list follows its predecessor; return the version of the list that the pin is the hash of."""
    trust = follow_lists(evidence.lists)
    pinned = [version for version, accepted in trust.history.items() if accepted.hash == pin]
    if not pinned:
        raise Unproved("V2", PINNED, "none of them is the one that is pinned")
    return trust, pinned[0]


def follow_lists(lists: Iterable[bytes]) -> TrustStore:
    """[V2] Check the first list by its own roots, and that each other follows its predecessor; return them all."""
    trust: TrustStore | None = None
    for number, data in enumerate(lists, 1):
        part = f"trust list {number}"
        try:
            signed = parse(data)
            content = read_list(signed.raw)
            if trust is None:
                trust = TrustStore(content.federation, signed.hash)
                _own_signatures(part, signed.hash, signed.signatures, content)
            if trust.admit(data, content.issued) is None:  # judged at its own time; the time of reading does not matter
                raise Unproved("V2", part, "it is repeated")
        except Refused as refused:
            raise Unproved("V2", part, describe_refusal(refused)) from None
        trust.apply(content, data)
    if trust is None:
        raise Unproved("V2", PINNED, "there are none")
    return trust


def _own_signatures(part: str, digest_: bytes, signatures: Any, content: TrustList) -> None:
    """[V2] Check the signatures of the first list, which has no predecessor, by its own roots."""
    roots = {root.kid: root.public for root in content.roots}
    for each in signatures:
        if each.kid in roots and not is_signed_hash("trust", roots[each.kid], digest_, each.signature):
            raise Unproved("V2", part, "a signature of one of its own roots is not valid")


def apply_revokes(trust: TrustStore, evidence: Evidence) -> None:
    """[V3] [R1] Apply the Revokes; each must be of a listed key and signed by it."""
    for number, data in enumerate(evidence.revokes, 1):
        try:
            name = trust.admit_revoke(data)
        except (Refused, Wait) as error:
            raise Unproved("V3", f"Revoke {number}", describe_refusal(error)) from None
        if name is None:
            raise Unproved("V3", f"Revoke {number}", "there are two of one key")
        trust.apply_revoke(name, data)


def read_epochs(trust: TrustStore, evidence: Evidence) -> dict[bytes, ProvedEpoch]:
    """[V4] [V5] Return the epochs by id, each signed by a member's valid key; [V4] is checked for all first."""
    signed = [_signed_epoch(trust, data, f"epoch {n}") for n, data in enumerate(evidence.epochs, 1)]  # [V4]
    return {each.id: _of_member(trust, each, f"epoch {n}") for n, each in enumerate(signed, 1)}  # [V5]


def _signed_epoch(trust: TrustStore, data: bytes, part: str) -> epochs.Verified:
    """[V4] [E1] [E2] [E3] Check that it is signed by a listed key, in the realm that it names, by that key's member."""
    try:
        return _signed_in_its_realm(trust, data)
    except Refused as refused:
        raise Unproved("V4", part, describe_refusal(refused)) from None


def _signed_in_its_realm(trust: TrustStore, data: bytes) -> epochs.Verified:
    parsed = epochs.parse(data, max(len(held.list.members) for held in trust.history.values()))
    owner = trust.owner(parsed.signer)
    if owner is None:
        raise Refused("E-EPOCH-SIZE", "E1")
    for realm in (ACTUAL, EXERCISE):
        try:
            verified = epochs.verify_signature(parsed, trust.public(parsed.signer), realm)
        except Refused as refused:
            if realm == EXERCISE or refused.code != "E-EPOCH-SIGNATURE":
                raise
            continue
        epoch = verified.epoch
        if epoch.realm != realm or epoch.federation != trust.federation or epoch.sender != owner:
            raise Refused("E-EPOCH-SUBJECT", "E3")
        return verified
    raise Refused("E-EPOCH-SIGNATURE", "E2")


def _of_member(trust: TrustStore, verified: epochs.Verified, part: str) -> ProvedEpoch:
    """[V5] Check it against the list that it names: member active, key valid, window, channel, recipients."""
    try:
        return _as_listed(trust, verified, epochs.named_list(trust, verified.epoch))
    except Refused as refused:
        raise Unproved("V5", part, describe_refusal(refused)) from None


def _as_listed(trust: TrustStore, verified: epochs.Verified, named: TrustList) -> ProvedEpoch:
    epoch, member = verified.epoch, named.member(verified.epoch.sender)
    key = _key(member, verified.signer)
    if member is None or key is None or not member.is_active or not key.is_valid(epoch.not_before):
        raise Refused("E-EPOCH-SIGNER", "E4")
    if not 0 < epoch.not_after - epoch.not_before <= limits.EPOCH_LIFETIME_MAX or epoch.not_after > key.not_after:
        raise Refused("E-EPOCH-WINDOW", "E5")
    epochs.check_recipients(verified, named)
    return ProvedEpoch(verified.id, epoch, member, verified.signer)


def _key(member: Member | None, kid: bytes) -> Key | None:
    return next((key for key in member.keys if key.kid == kid), None) if member else None
