"""Our own keys: the data of `suar keys`, and those that are in the trust list and missing from the keyring."""

from typing import Any

from suar.protocol.base.instants import rfc3339
from suar.protocol.trust.members import Trust
from suar.protocol.trust.trustlist import Key
from suar.service.core.core import Core
from suar.service.core.status import Status
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


def list_keys(core: Core) -> list[dict[str, Any]]:
    """Return our identity keys and the bundle that senders use now."""
    status = core.status
    found = [_identity(status, identity.kid) for identity in core.keyring.identities]
    own = status.bundles.newest_valid(core.member, status.trust, core.clock())
    if own:
        window = {"not_before": rfc3339(own.bundle.not_before), "not_after": rfc3339(own.bundle.not_after)}
        found.append({"key": "bundle", "kid": own.kid.hex(), **window, "state": "in use"})
    return found


def _identity(status: Status, kid: bytes) -> dict[str, Any]:
    key = status.trust.key(kid)
    if key is None:
        return {"key": "identity", "kid": kid.hex(), "not_before": None, "not_after": None, "state": "not listed"}
    state = "signs" if kid == status.signs else "listed"
    if status.trust.is_revoked(kid):
        state = "revoked"
    window = {"not_before": rfc3339(key.not_before), "not_after": rfc3339(key.not_after)}
    return {"key": "identity", "kid": kid.hex(), **window, "state": state}
