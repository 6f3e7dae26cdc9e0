"""The store's account of its protected rows: how many each table has and what they add up to, sealed.

It stands in the table `integrity`, committed with the rows that it counts, and in the anchor (anchor.py) outside the
database. The sum is a multiset hash: 256-bit values of a keyed hash, added modulo 2^256, so that it is carried on row
by row and needs no order. Nobody sees the values or their sum, so nobody can look for other rows that add up to it.
"""

import hashlib
from typing import Final, Literal

import msgspec
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ZERO32, Secret

STORE: Final = "suar/store"  # what a sealed account was sealed for: one does not pass for the other
ANCHOR: Final = "suar/anchor"
_PERSON: Final = b"suar/store/anchr"
_NONCE: Final = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_MODULUS: Final = 1 << 256


class Sum(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The rows of one table: what they add up to, how many."""

    total: bytes = ZERO32
    rows: int = 0

    def __repr__(self) -> str:
        return f"Sum({self.rows} rows)"

    def plus(self, total: int, rows: int) -> "Sum":
        """With what was added and taken away since."""
        value = (int.from_bytes(self.total, "big") + total) % _MODULUS
        return Sum(value.to_bytes(32, "big"), self.rows + rows)


class Account(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The store as of one commit.

    `lineage`: random, new whenever people say that a store stands for the gateway from now on. `generation` rises with
    every commit that changes the account. `schema`: the revision of the tables. `audit`: number and hash of the last
    line of the audit.
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
    """Seals and opens accounts, under a key made of the keyring's store key."""

    def __init__(self, store_key: Secret) -> None:
        self._key = hashlib.blake2b(digest_size=32, key=bytes(store_key), person=_PERSON).digest()

    def __repr__(self) -> str:
        return "AccountSeal(...)"

    def close(self, account: Account, purpose: str) -> bytes:
        """The sealed account, for STORE or ANCHOR."""
        nonce, plain = sodium.randombytes(_NONCE), msgspec.msgpack.encode(account)
        return nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, purpose.encode(), nonce, self._key)

    def open(self, sealed: bytes, purpose: str, what: str) -> Account:
        """The account; Fault when `what` was altered or is another gateway's."""
        try:
            plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
                sealed[_NONCE:], purpose.encode(), sealed[:_NONCE], self._key
            )
            return _decode(plain)
        except (CryptoError, ValueError, TypeError, msgspec.DecodeError):
            raise Fault(f"{what} was altered, or is of another gateway", NEXT) from None


NEXT: Final = (
    "put a backup back with `suar restore`; or, when two persons know why the store differs, `suar store restored`"
)
