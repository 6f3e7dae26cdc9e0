"""Verifies accepted objects again when they are loaded from a store, because an attacker could write to it.

Everything that depends only on the signed bytes is judged as on arrival; what depended on the time of arrival is not
judged again.
"""

from collections.abc import Sequence

from suar.protocol.base.errors import Refused, Wait
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.epoch import Epoch, Parsed
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import parse, read_list


def first_hash(data: bytes) -> bytes | None:
    """Return the hash that pins this list, or None if it is not a list."""
    try:
        return parse(data).hash
    except Refused:
        return None


def reapply_lists(trust: TrustStore, rows: Sequence[tuple[int, bytes]]) -> list[tuple[int, str]]:
    """[T1]-[T10] Apply the lists (version, object) that follow one another from the pin; return (index, rule) of the
    others.

    Each is judged at its own issue time ([T8]).
    """
    refused = []
    for index, (version, data) in enumerate(rows):
        try:
            content = read_list(parse(data).raw)
            if content.version != version or trust.admit(data, content.issued) is None:
                raise Refused("E-TRUST-VERSION", "T6")
        except Refused as error:
            refused.append((index, error.rule))
        else:
            trust.apply(content, data)
    return refused


def reapply_revoke(trust: TrustStore, kid: bytes, data: bytes) -> None:
    """[R1] Apply a Revoke of the key `kid`. Raises Refused."""
    try:
        if trust.admit_revoke(data) != kid:
            raise Refused("E-REVOKE", "R1")
    except Wait as wait:  # the key is in no list
        raise Refused(wait.code, wait.rule) from None
    trust.apply_revoke(kid, data)


def check_epoch(trust: TrustStore, parsed: Parsed, epoch: Epoch) -> bytes:
    """[E2] [E3] [E6] [E7] Return the id of a validly signed epoch for its named recipients. Raises Refused.

    Whether its list had a successor ([E6]) is not checked again, because the successor may have arrived later.
    """
    owner = trust.owner(parsed.signer)
    if owner is None:
        raise Refused("E-EPOCH-SIZE", "E1")
    verified = epochs.verify_signature(parsed, trust.public(parsed.signer), epoch.realm)
    if epoch.federation != trust.federation or epoch.sender != owner:
        raise Refused("E-EPOCH-SUBJECT", "E3")
    held = trust.history.get(epoch.trust_version)
    if held is None or held.hash != epoch.trust_hash:
        raise Refused("E-EPOCH-TRUST", "E6")
    epochs.check_recipients(verified, held.list)
    return verified.id
