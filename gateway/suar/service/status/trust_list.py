"""The data of `suar trust show`: the trust list in force."""

from typing import Any

from suar.protocol.base import limits
from suar.protocol.base.instants import rfc3339
from suar.protocol.trust.members import Trust
from suar.service.core.core import Core


def shown_list(core: Core) -> dict[str, Any]:
    """Return the trust list in force: federation, members, keys, root keys and Revokes."""
    held, now = core.status.trust, core.clock()
    current = held.current
    if current is None:
        return {"version": 0, "hash": None, "federation": core.federation, "members": [], "roots": []}
    return {
        "version": current.version, "hash": held.hash.hex(), "federation": current.federation,
        "issued": rfc3339(current.issued), "expires": rfc3339(current.expires),
        "days_left": (current.expires - now) // limits.DAY, "threshold": current.threshold,
        "roots": [{"kid": root.kid.hex(), "holder": root.holder} for root in current.roots],
        "members": [
            {
                "code": m.code, "name": m.name, "status": m.status, "publish": m.publish, "read": m.read,
                "keys": [_shown_key(held, key.kid, key.not_before, key.not_after) for key in m.keys],
            }
            for m in current.members
        ],
        "revokes": [kid.hex() for kid in held.revokes],
    }  # fmt: skip


def _shown_key(held: Trust, kid: bytes, not_before: int, not_after: int) -> dict[str, Any]:
    window = {"not_before": rfc3339(not_before), "not_after": rfc3339(not_after)}
    return {"kid": kid.hex(), **window, "revoked": held.is_revoked(kid)}
