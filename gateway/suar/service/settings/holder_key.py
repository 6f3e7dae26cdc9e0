"""The key of one named person: an encrypted file, and FILE.pub with its public part.

Root keys and evidence keys are such keys. They differ in purpose, magic and public part.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from suar.files import PUBLIC, atomic_write
from suar.profiles import Cost
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, random_seed
from suar.service.settings.sealed import Seal, open_file

Public = TypeVar("Public")


class HolderKey(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """An opened key: of which kind, whose it is, when it was made (ms), its seed."""

    magic: str
    holder: str
    created: int
    seed: bytes

    def __repr__(self) -> str:
        return f"HolderKey({self.holder})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("holder", self.holder)]


class Kind(NamedTuple):
    """A kind of keys: the purpose of the seal, the magic of the content, what a Fault calls the file."""

    purpose: str
    magic: str
    called: str

    def decode(self, plain: bytes) -> HolderKey:
        """The content of a file of this kind. msgspec.DecodeError for another one."""
        content = _decode(plain)
        if content.magic != self.magic:
            raise msgspec.ValidationError("the magic is of another kind or version")
        return content


_decode: Final = msgspec.msgpack.Decoder(HolderKey).decode


def create(
    kind: Kind, path: Path, passphrase: bytes, public_of: Callable[[Secret], Public],
    written: Callable[[Public], bytes], *, holder: str, now: int, cost: Cost,
) -> Public:  # fmt: skip
    """Write a fresh key to `path` (0600), and its public part, `written`, to `path`.pub; return that part.

    Raises Fault when one of them exists.
    """
    public_file = path.with_name(path.name + ".pub")
    if public_file.exists():
        raise Fault(f"{public_file} exists already", "choose another name, or move it away first")
    seed = random_seed()
    content = HolderKey(kind.magic, holder, now, bytes(seed))
    sealed = Seal.new(kind.purpose, passphrase, cost).close(msgspec.msgpack.encode(content))
    public = public_of(seed)
    atomic_write(path, sealed, replace=False)
    atomic_write(public_file, written(public), PUBLIC, replace=False)
    return public


def open_key(kind: Kind, path: Path, passphrase: bytes) -> tuple[str, Secret]:
    """(holder, seed) of a key's file. Raises Fault for a wrong passphrase, an altered file, a missing one."""
    content = open_file(kind.decode, kind.purpose, passphrase, path, kind.called)[1]
    return content.holder, Secret(content.seed)
