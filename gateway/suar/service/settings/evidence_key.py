"""An offline evidence key: an encrypted file of one person, and FILE.pub with the public key for suar.toml."""

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from suar.files import PUBLIC, atomic_write
from suar.profiles import Cost
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, random_seed
from suar.protocol.base.sealing import public_of
from suar.service.settings.sealed import Seal, open_file

PURPOSE: Final = "evidence"


class EvidenceKey(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """An opened evidence key: whose it is, when it was made (ms), its seed."""

    magic: Literal["suar-evidence-key/1"]
    holder: str
    created: int
    seed: bytes

    def __repr__(self) -> str:
        return f"EvidenceKey({self.holder})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("holder", self.holder)]


_decode: Final = msgspec.msgpack.Decoder(EvidenceKey).decode


def create(path: Path, passphrase: bytes, *, holder: str, now: int, cost: Cost) -> bytes:
    """Write a fresh key to `path` (0600) and its public part in hex to `path`.pub; return that part.

    Raises Fault when one of them exists.
    """
    beside = path.with_name(path.name + ".pub")
    if beside.exists():
        raise Fault(f"{beside} exists already", "choose another name, or move it away first")
    seed = random_seed()
    content = EvidenceKey("suar-evidence-key/1", holder, now, bytes(seed))
    sealed = Seal.new(PURPOSE, passphrase, cost).close(msgspec.msgpack.encode(content))
    public = public_of(seed)
    atomic_write(path, sealed, replace=False)
    atomic_write(beside, public.hex().encode() + b"\n", PUBLIC, replace=False)
    return public


def open_key(path: Path, passphrase: bytes) -> Secret:
    """Return the seed of an evidence key file. Raises Fault for a wrong passphrase, an altered or a missing file."""
    return Secret(open_file(_decode, PURPOSE, passphrase, path, "the evidence key")[1].seed)
