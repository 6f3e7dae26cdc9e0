"""A key holder's root key: an encrypted file, and FILE.pub with the public key for the federation."""

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from suar.federation.root import RootPublic, write_root
from suar.files import PUBLIC, atomic_write
from suar.profiles import Cost
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, public_of, random_seed
from suar.service.settings.sealed import Seal, open_file

PURPOSE: Final = "root"


class RootKey(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """An opened root key: whose it is, when it was made (ms), its seed."""

    magic: Literal["suar-root/1"]
    holder: str
    created: int
    seed: bytes

    def __repr__(self) -> str:
        return f"RootKey({self.holder})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("holder", self.holder)]


_decode: Final = msgspec.msgpack.Decoder(RootKey).decode


def create(path: Path, passphrase: bytes, *, holder: str, now: int, cost: Cost) -> RootPublic:
    """Write a fresh root key to `path` (0600) and its public part to `path`.pub; Fault when one of them exists."""
    beside = path.with_name(path.name + ".pub")
    if beside.exists():
        raise Fault(f"{beside} exists already", "choose another name, or move it away first")
    seed = random_seed()
    content = RootKey("suar-root/1", holder, now, bytes(seed))
    sealed = Seal.new(PURPOSE, passphrase, cost).close(msgspec.msgpack.encode(content))
    public = RootPublic.of(holder, public_of(seed))
    atomic_write(path, sealed, replace=False)
    atomic_write(beside, write_root(public), PUBLIC, replace=False)
    return public


def open_root(path: Path, passphrase: bytes) -> tuple[str, Secret]:
    """(holder, seed) of a root key file; Fault for a wrong passphrase, an altered file, a missing one."""
    _, content = open_file(_decode, PURPOSE, passphrase, path, "the root key")
    return content.holder, Secret(content.seed)
