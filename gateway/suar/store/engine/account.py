"""The store's account of its protected rows, sealed: the number of rows of each table and the sum of their hashes.

It is stored in the table `integrity`, committed with the rows that it counts, and in the anchor (anchor.py) outside the
database. The sum is a multiset hash: 256-bit values of a keyed hash, added modulo 2^256. It is updated row by row and
does not depend on their order. The values and their sum are never readable in the database, so nobody can search for
other rows with the same sum.
"""

import hashlib
import os
from typing import Final, Literal

import msgspec
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ZERO32, Secret

STORE: Final = "suar/store"  # the purpose of a sealed account: one purpose is refused for the other
ANCHOR: Final = "suar/anchor"
CLOSED: Final = "suar/closed"  # of the file of a finding (anchor.py), which is no account
_PERSON: Final = b"suar/store/anchr"
_NONCE: Final = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_MODULUS: Final = 1 << 256


class Sum(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The sum and the number of the rows of one table."""

    total: bytes = ZERO32
    rows: int = 0

    def __repr__(self) -> str:
        return f"Sum({self.rows} rows)"

    def plus(self, total: int, rows: int) -> "Sum":
        """Return the sum with the difference of the values and of the number of rows applied."""
        value = (int.from_bytes(self.total, "big") + total) % _MODULUS
        return Sum(value.to_bytes(32, "big"), self.rows + rows)


class Account(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The state of the store after one commit.

    `lineage`: random, new each time that people declare a store to be the gateway's. `generation` increases with every
    commit that changes the account. `schema`: the revision of the tables. `audit`: number and hash of the last line of
    the audit.
    """

    magic: Literal["suar-anchor/1"]
    member: str
    lineage: bytes
    generation: int
    schema: str
    audit: tuple[int, bytes]
    tables: dict[str, Sum]

    def __repr__(self) -> str:
        return f"Account(generation {self.generation})"


_decode: Final = msgspec.msgpack.Decoder(Account).decode


class AccountSeal:
    """Seals and opens accounts with a key derived from the keyring's store key."""

    def __init__(self, store_key: Secret) -> None:
        self._key = hashlib.blake2b(digest_size=32, key=bytes(store_key), person=_PERSON).digest()

    def __repr__(self) -> str:
        return "AccountSeal(...)"

    def close(self, account: Account, purpose: str) -> bytes:
        """Return the sealed account, for STORE or ANCHOR."""
        return self.close_bytes(msgspec.msgpack.encode(account), purpose)

    def close_bytes(self, plain: bytes, purpose: str) -> bytes:
        """Return any bytes, sealed for one purpose."""
        nonce = os.urandom(_NONCE)
        return nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, purpose.encode(), nonce, self._key)

    def open(self, sealed: bytes, purpose: str, what: str) -> Account:
        """Return the account. Raises Fault if `what` was altered or belongs to another gateway."""
        try:
            return _decode(self.open_bytes(sealed, purpose, what))
        except msgspec.DecodeError:
            raise _altered(what) from None

    def open_bytes(self, sealed: bytes, purpose: str, what: str) -> bytes:
        """Return the bytes that were sealed for this purpose. Raises Fault as `open`."""
        try:
            return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed[_NONCE:], purpose.encode(), sealed[:_NONCE], self._key
            )
        except (CryptoError, ValueError, TypeError):
            raise _altered(what) from None


def _altered(what: str) -> Fault:
    return Fault(f"{what} was altered, or is of another gateway", NEXT)


NEXT: Final = (
    "put a backup back with `suar restore`; or, when two persons know why the store differs, `suar store restored`"
)
