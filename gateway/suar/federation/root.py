"""The public part of a root key: a small JSON file that a key holder sends to the federation."""

from typing import Final, Literal

import msgspec

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import is_valid_point, kid


class RootPublic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"format_": "format"}):
    """A key holder and their public key (hex)."""

    format_: Literal["suar-root-public/1"]
    holder: str
    kid: str
    public: str

    @classmethod
    def of(cls, holder: str, public: bytes) -> "RootPublic":
        """Return the public part of a root key."""
        return cls("suar-root-public/1", holder, kid(public).hex(), public.hex())


_decode: Final = msgspec.json.Decoder(RootPublic).decode


def write_root(root: RootPublic) -> bytes:
    """Return the file's bytes."""
    return msgspec.json.format(msgspec.json.encode(root), indent=1) + b"\n"


def read_root(data: bytes, what: str) -> RootPublic:
    """Return a root file after its kid was checked against its key. Raises Fault naming `what`."""
    try:
        root = _decode(data)
        public = bytes.fromhex(root.public)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise Fault(f"{what} is no public root key", "give the .pub files that `suar root keygen` wrote") from None
    if not is_valid_point(public) or kid(public).hex() != root.kid:
        raise Fault(f"{what} names a key that is not its own", "ask its holder for the file again")
    return root
