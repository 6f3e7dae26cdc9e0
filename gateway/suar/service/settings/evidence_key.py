"""An offline evidence key: an encrypted file of one person, and FILE.pub with the public key for suar.toml."""

from pathlib import Path
from typing import Final

from suar.profiles import Cost
from suar.protocol.base.primitives import Secret
from suar.protocol.base.sealing import public_of
from suar.service.settings import holder_key

_KIND: Final = holder_key.Kind("evidence", "suar-evidence-key/1", "the evidence key")


def create(path: Path, passphrase: bytes, *, holder: str, now: int, cost: Cost) -> bytes:
    """Write a fresh key to `path` (0600) and its public part in hex to `path`.pub; return that part.

    Raises Fault when one of them exists.
    """
    return holder_key.create(_KIND, path, passphrase, public_of, _line, holder=holder, now=now, cost=cost)


def open_key(path: Path, passphrase: bytes) -> tuple[str, Secret]:
    """Return (holder, seed) of an evidence key file.

    Raises Fault for a wrong passphrase, an altered or a missing file.
    """
    return holder_key.open_key(_KIND, path, passphrase)


def _line(public: bytes) -> bytes:
    return public.hex().encode() + b"\n"
