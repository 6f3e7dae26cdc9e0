"""Our identity keys against the trust list: which of those that it gives us are not at hand."""

from suar.protocol.trustlist import Key
from suar.protocol.world import World
from suar.service.core import Core
from suar.service.keyring import Keyring


def unknown(keyring: Keyring, world: World) -> list[Key]:
    """Keys that the list gives to us, in force or to come, and that the keyring does not have."""
    listed = world.trust.member(world.member)
    keys = listed.keys if listed else []
    return [key for key in keys if not world.trust.is_revoked(key.kid) and keyring.find(key.kid) is None]


def is_lacking(core: Core, now: int) -> bool:
    """Whether the list has a newer identity key of ours than the one that signs, and we do not have it."""
    signs = core.world.trust.key(core.sender.identity.kid)
    missing = [key for key in unknown(core.keyring, core.world) if key.not_after > now]
    return any(signs is None or key.not_before > signs.not_before for key in missing)
