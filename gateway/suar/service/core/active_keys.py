"""The keys that may act for each member, and the changes of trust that close or reinstate them ([T12])."""

from collections.abc import Mapping
from typing import TypeAlias

from suar.protocol.transport.world import World

ActiveKeys: TypeAlias = Mapping[str, frozenset[bytes]]


def active_keys(world: World) -> ActiveKeys:
    """Return the key ids of each active member that are not revoked."""
    trust = world.trust
    members = trust.current.members if trust.current else ()
    return {m.code: frozenset(k.kid for k in m.keys if not trust.is_revoked(k.kid)) for m in members if m.is_active}


def reinstated(before: ActiveKeys, after: ActiveKeys) -> set[str]:
    """Return the members with a valid key that had none before, or that lost a key."""
    return {code for code, kids in after.items() if kids and not (before.get(code) and before[code] <= kids)}
