"""The format of a backup file: a manifest and one encrypted stream.

    "SUARBKUP" | u32 length | head | stream

head is a sealed file (sealed.py, purpose `backup`, the keyring's passphrase) that contains a fresh key. stream is
libsodium's secretstream (XChaCha20-Poly1305) under that key, so that a store of any size is written and verified in
pieces, and a piece that was removed, moved or changed is detected. Its content: u32 length | manifest (JSON) | the
files in the manifest's order. The keyring is included in its encrypted form.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Literal

import msgspec
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.service.settings.sealed import Seal, open_sealed

MAGIC: Final = b"SUARBKUP"
PURPOSE: Final = "backup"
STORE: Final = "suar.db"
PIECE: Final = 1 << 20  # bytes read, encrypted and written at a time
AGAIN: Final = "take another copy of it, or an older backup"
_OVER: Final = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_HEAD_MAX: Final = 4096
_FINAL: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MORE: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file in the backup; `blake2b` is its BLAKE2b-256 hash in hex."""

    name: str
    size: int
    blake2b: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of a backup.

    `store` is `sqlite` for a copy in the file, of a store in PostgreSQL too; `external` if the store is an SQLite file
    outside the state folder, which is not in the backup.

    `texts`: how many messages of other members have their text in the backup. A later cancel does not change the file.
    """

    format: Literal["suar-backup/1"]
    member: str
    federation: str
    made_at: int
    suar: str
    schema: str
    trust_version: int
    store: Literal["sqlite", "external"]
    files: tuple[File, ...]
    texts: int = 0


def write(file: IO[bytes], seal: Seal, plain: Iterator[bytes], magic: bytes = MAGIC) -> None:
    """Write `plain` to `file` as a backup: its key sealed with `seal`, then the encrypted stream.

    `magic`: of another file of the same form (archive_file.py).
    """
    key = sodium.crypto_secretstream_xchacha20poly1305_keygen()
    head = seal.close(key)
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    opening = sodium.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    file.write(magic + len(head).to_bytes(4, "big") + head + opening)
    buffer = bytearray()
    for piece in plain:
        buffer += piece
        while len(buffer) > PIECE:
            file.write(sodium.crypto_secretstream_xchacha20poly1305_push(state, bytes(buffer[:PIECE]), tag=_MORE))
            del buffer[:PIECE]
    file.write(sodium.crypto_secretstream_xchacha20poly1305_push(state, bytes(buffer), tag=_FINAL))


class Reader:
    """Reads the decrypted content of a backup in order. Raises Fault for a wrong passphrase or a damaged file.

    `magic` and `purpose`: of another file of the same form (archive_file.py).
    """

    def __init__(
        self, file: IO[bytes], passphrase: bytes, path: Path, *, magic: bytes = MAGIC, purpose: str = PURPOSE
    ) -> None:
        self._file, self._what = file, f"the {purpose} {path}"
        start = file.read(12)
        length = int.from_bytes(start[8:], "big")
        if start[:8] != magic or not 0 < length <= _HEAD_MAX:
            raise Fault(f"{self._what} is no {purpose} of suar", "check the path")
        _, key = open_sealed(purpose, passphrase, file.read(length), self._what)
        self._state = self._begin(key)
        self._buffer = bytearray()
        self._is_over = False

    def _begin(self, key: Secret) -> "sodium.crypto_secretstream_xchacha20poly1305_state":
        state = sodium.crypto_secretstream_xchacha20poly1305_state()
        opening = self._file.read(sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES)
        try:
            sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, opening, bytes(key))
        except (CryptoError, ValueError):
            raise self._damaged() from None
        return state

    def _damaged(self) -> Fault:
        return Fault(f"{self._what} was altered, damaged or cut short", AGAIN)

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes. Raises Fault if the file is damaged."""
        while len(self._buffer) < size:
            self._pull()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _pull(self) -> None:
        cipher = self._file.read(PIECE + _OVER)
        if self._is_over or len(cipher) < _OVER:
            raise self._damaged()
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, cipher)
        except (CryptoError, ValueError):
            raise self._damaged() from None
        self._is_over = tag == _FINAL
        self._buffer += plain

    def end(self) -> None:
        """Check that nothing follows. Raises Fault otherwise."""
        if not self._is_over and not self._buffer:
            self._pull()
        if self._buffer or not self._is_over or self._file.read(1):
            raise self._damaged()


def hash_of(path: Path) -> str:
    """BLAKE2b-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
