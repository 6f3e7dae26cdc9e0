"""A file encrypted with a passphrase: argon2id derives the key (RFC 9106), XChaCha20-Poly1305 encrypts.

    off len
      0   8  magic "SUARSEAL"
      8   8  purpose, NUL-padded: a root key never opens as a keyring
     16   4  argon2id passes
     20   4  argon2id memory, KiB
     24  16  salt
     40  16  check: tells a wrong passphrase from a damaged file
     56  24  nonce
     80   .  ciphertext; bytes 0..55 are its associated data

The nonce is long and random, so that a file may be encrypted repeatedly under one derived key. The costs are stored in
the file, so that they can be raised later; they are bounded on both sides before argon2id runs on untrusted values.
"""

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeVar

import msgspec
from nacl import bindings as sodium
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from suar.files import read
from suar.profiles import Cost, profiles
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret, is_equal

MAGIC: Final = b"SUARSEAL"
FLOOR: Final = Cost(memory_mib=19, passes=2)  # OWASP's minimum: less is no protection of a file that was stolen
CEILING: Final = Cost(memory_mib=2048, passes=64)  # more only stops the gateway
_MIB: Final = 1024 * 1024
HEADER: Final = struct.Struct(">8s8sII16s16s")
_NONCE: Final = 24
_FROM_A_BACKUP: Final = "restore it from a backup"
_ANOTHER_BACKUP: Final = "use another backup"  # for a backup itself
_EXPORT_AGAIN: Final = "export it again"  # for the file of a pair

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Seal(NamedTuple):
    """What one passphrase made of one salt: seals the same file again without asking for it. Never shown."""

    header: bytes
    key: Secret

    @classmethod
    def new(cls, purpose: str, passphrase: bytes, cost: Cost) -> Self:
        """A seal with a fresh salt. Fault for costs below the floor."""
        _bounded(cost, "the argon2id profile")
        salt = sodium.randombytes(16)
        key, check = _derive(passphrase, salt, cost)
        label = purpose.encode().ljust(8, b"\0")
        header = HEADER.pack(MAGIC, label, cost.passes, cost.memory_mib * 1024, salt, b"")[:-16]
        return cls(header + _check(check, header), key)

    def close(self, plain: bytes) -> bytes:
        """The bytes of the file."""
        nonce = sodium.randombytes(_NONCE)
        cipher = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(plain), self.header, nonce, bytes(self.key))
        return self.header + nonce + cipher


def open_again(seal: Seal, data: bytes) -> Secret | None:
    """The content of a file's `data` under the key of an earlier opening; None when it is sealed otherwise by now."""
    size = HEADER.size
    if data[:size] != seal.header:
        return None
    try:
        plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            data[size + _NONCE :], seal.header, data[size : size + _NONCE], bytes(seal.key)
        )
    except (CryptoError, ValueError, TypeError):
        return None
    return Secret(plain)


def cost(profile: str) -> Cost:
    """The argon2id costs of a named profile of keys/profiles.toml."""
    known = {name: costs for name, costs in profiles().argon2id.items() if name != "floor"}
    if profile not in known:
        raise Fault(f"no argon2id profile {profile}", f"one of: {', '.join(known)}")
    return known[profile]


def cost_of(seal: Seal) -> Cost:
    """What a guess of this seal's passphrase costs."""
    _, _, passes, memory_kib, *_ = HEADER.unpack(seal.header)
    return Cost(memory_mib=memory_kib // 1024, passes=passes)


def open_sealed(purpose: str, passphrase: bytes, data: bytes, what: str) -> tuple[Seal, Secret]:
    """The seal and the content of a file's `data`; `what` names the file in the Fault when it does not open."""
    header = _header(purpose, data, what)
    _, _, passes, memory_kib, salt, expected = HEADER.unpack(header)
    costs = Cost(memory_mib=memory_kib // 1024, passes=passes)
    _bounded(costs, what)
    key, check = _derive(passphrase, salt, costs)
    if not is_equal(_check(check, header[:-16]), expected):
        raise Fault(
            f"the passphrase does not open {what}",
            f"give the right one; if this is it, the file is damaged: {_instead(purpose)}",
        )
    nonce, cipher = data[HEADER.size : HEADER.size + _NONCE], data[HEADER.size + _NONCE :]
    try:
        plain = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(cipher, header, nonce, bytes(key))
    except (CryptoError, ValueError, TypeError):
        raise Fault(f"{what} was altered or damaged", _instead(purpose)) from None
    return Seal(header, key), Secret(plain)


def open_file(
    decode: Callable[[bytes], Shape], purpose: str, passphrase: bytes, path: Path, what: str
) -> tuple[Seal, Shape]:
    """The seal and the content of a sealed file, by `decode`; `what` names it in the Fault when it does not open."""
    return open_data(decode, purpose, passphrase, read(path, what), f"{what} {path}")


def open_data(
    decode: Callable[[bytes], Shape], purpose: str, passphrase: bytes, data: bytes, what: str
) -> tuple[Seal, Shape]:
    """The same of the bytes of such a file."""
    seal, plain = open_sealed(purpose, passphrase, data, what)
    try:
        return seal, decode(plain)
    except msgspec.DecodeError:
        raise Fault(f"{what} is of another version of suar", "use the version that wrote it") from None


def _header(purpose: str, data: bytes, what: str) -> bytes:
    header = data[: HEADER.size]
    if len(data) < HEADER.size + _NONCE + 16 or header[:8] != MAGIC:
        raise Fault(f"{what} is no sealed file, or cut short", f"check the path, or {_instead(purpose)}")
    found = header[8:16].rstrip(b"\0")
    if found != purpose.encode():
        raise Fault(f"{what} is sealed for another purpose", f"this needs a file of the purpose {purpose}")
    return header


def _instead(purpose: str) -> str:
    """What to do about a file that is damaged."""
    return {"backup": _ANOTHER_BACKUP, "pair": _EXPORT_AGAIN}.get(purpose, _FROM_A_BACKUP)


def _bounded(costs: Cost, what: str) -> None:
    if not (
        FLOOR.memory_mib <= costs.memory_mib <= CEILING.memory_mib and FLOOR.passes <= costs.passes <= CEILING.passes
    ):
        raise Fault(
            f"{what} has argon2id costs out of bounds", f"at least {FLOOR.memory_mib} MiB, {FLOOR.passes} passes"
        )


def _derive(passphrase: bytes, salt: bytes, costs: Cost) -> tuple[Secret, Secret]:
    both = argon2id.kdf(64, bytes(passphrase), salt, opslimit=costs.passes, memlimit=costs.memory_mib * _MIB)
    return Secret(both[:32]), Secret(both[32:])


def _check(key: bytes, header: bytes) -> bytes:
    return hashlib.blake2b(header, digest_size=16, key=bytes(key), person=b"suar/seal").digest()
