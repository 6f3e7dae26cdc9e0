"""Identity keys that the trust list has for us and that the keyring does not have."""

from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Key
from suar.service.core.core import Core
from suar.service.settings.keyring import Keyring


def missing_keys(keyring: Keyring, trust: Trust, member: str) -> list[Key]:
    """Keys that the list gives to us, in force or to come, and that the keyring does not have."""
    listed = trust.member(member)
    keys = listed.keys if listed else []
    return [key for key in keys if not trust.is_revoked(key.kid) and keyring.find(key.kid) is None]


def is_newer_key_missing(core: Core, now: int) -> bool:
    """Whether the list has a newer identity key of ours than the one that signs, and we do not have it."""
    status = core.status
    signs = status.trust.key(status.signs)
    missing = [key for key in missing_keys(core.keyring, status.trust, core.member) if key.not_after > now]
    return any(signs is None or key.not_before > signs.not_before for key in missing)
