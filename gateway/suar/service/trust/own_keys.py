"""Our identity keys that are in the trust list and missing from the keyring."""

from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Key
from suar.service.core.core import Core
from suar.service.settings.keyring import Keyring


def missing_keys(keyring: Keyring, trust: Trust, member: str) -> list[Key]:
    """Return our listed keys, not revoked, that the keyring does not have; keys that are not valid yet are included."""
    listed = trust.member(member)
    keys = listed.keys if listed else []
    return [key for key in keys if not trust.is_revoked(key.kid) and keyring.find(key.kid) is None]


def is_newer_key_missing(core: Core, now: int) -> bool:
    """Whether the trust list has an identity key of ours that is newer than the signing one and not in the keyring."""
    status = core.status
    signs = status.trust.key(status.signs)
    missing = [key for key in missing_keys(core.keyring, status.trust, core.member) if key.not_after > now]
    return any(signs is None or key.not_before > signs.not_before for key in missing)
