"""A key holder's root key: an encrypted file, and FILE.pub with the public key for the federation."""

from pathlib import Path
from typing import Final

from suar.federation.root import RootPublic, write_root
from suar.profiles import Cost
from suar.protocol.base.primitives import Secret, public_of
from suar.service.settings import holder_key

_KIND: Final = holder_key.Kind("root", "suar-root/1", "the root key")


def create(path: Path, passphrase: bytes, *, holder: str, now: int, cost: Cost) -> RootPublic:
    """Write a fresh root key to `path` (0600) and its public part to `path`.pub; Fault when one of them exists."""

    def public(seed: Secret) -> RootPublic:
        return RootPublic.of(holder, public_of(seed))

    return holder_key.create(_KIND, path, passphrase, public, write_root, holder=holder, now=now, cost=cost)


def open_root(path: Path, passphrase: bytes) -> tuple[str, Secret]:
    """(holder, seed) of a root key file; Fault for a wrong passphrase, an altered file, a missing one."""
    return holder_key.open_key(_KIND, path, passphrase)
