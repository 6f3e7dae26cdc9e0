"""Who may speak: what a change of trust closes and opens again ([T12])."""

from collections.abc import Mapping
from typing import TypeAlias

from suar.protocol.transport.world import World

ActiveKeys: TypeAlias = Mapping[str, frozenset[bytes]]


def active_keys(world: World) -> ActiveKeys:
    """Active member -> its keys that nobody revoked."""
    trust = world.trust
    members = trust.current.members if trust.current else ()
    return {m.code: frozenset(k.kid for k in m.keys if not trust.is_revoked(k.kid)) for m in members if m.is_active}


def reinstated(before: ActiveKeys, after: ActiveKeys) -> set[str]:
    """Members that may speak, and could not before or lost a key."""
    return {code for code, kids in after.items() if kids and not (before.get(code) and before[code] <= kids)}
