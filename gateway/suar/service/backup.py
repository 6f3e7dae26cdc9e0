"""A backup of a state folder in one sealed file, and how it is put back.

    "SUARBKUP" | u32 length | head | stream

head is a sealed file (sealed.py, purpose `backup`, the keyring's passphrase) that holds a fresh key; stream is
libsodium's secretstream (XChaCha20-Poly1305) under it, so that a store of any size is written and checked a piece at a
time, and a piece that was cut off, moved or changed is noticed. Inside: u32 length | manifest (JSON) | the files in
its order. The keyring stands in it sealed as it is.
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Literal

import msgspec
from filelock import FileLock, Timeout
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from suar import __version__
from suar.files import PRIVATE, flush_folder, private_folder, read
from suar.protocol.errors import Fault
from suar.protocol.primitives import Secret
from suar.service import config as settings
from suar.service.keyring import PURPOSE as KEYRING_PURPOSE
from suar.service.keyring import Keyring
from suar.service.run import LOCK
from suar.service.sealed import Seal, cost_of, open_sealed
from suar.service.state import CONFIG, KEYRING, NATS_ENVIRONMENT
from suar.store import copies

MAGIC: Final = b"SUARBKUP"
PURPOSE: Final = "backup"
STORE: Final = "suar.db"
_PIECE: Final = 1 << 20
_OVER: Final = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_HEAD_MAX: Final = 4096
_MANIFEST_MAX: Final = 1 << 20
_FINAL: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MORE: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_AGAIN: Final = "take another copy of it, or an older backup"


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the backup; its BLAKE2b-256 in hex."""

    name: str
    size: int
    blake2b: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup says of itself. `store` is `external` where PostgreSQL's own tools back the store up.

    `texts`: messages of other members whose text is in it. A cancel that comes later does not reach into the file.
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


# -- making


def make(state: Path, passphrase: bytes, target: Path, *, now: int) -> Manifest:
    """Write a backup of `state` to `target` (0600, new), while its gateway runs or not. Fault when it cannot be."""
    if target.exists():
        raise Fault(f"{target} exists already", "name another file")
    config = settings.load(state, os.environ)
    keyring = Keyring.open(state / KEYRING, passphrase)
    seal, _ = open_sealed(KEYRING_PURPOSE, passphrase, read(state / KEYRING, "the keyring"), "the keyring")
    copy = target.with_name(f".{target.name}.{secrets.token_hex(6)}.db")
    try:
        sources, manifest = _gather(state, config, keyring, copy, now)
        _write(target, Seal.new(PURPOSE, passphrase, cost_of(seal)), manifest, sources)
    finally:
        for leftover in (copy, *(copy.with_name(copy.name + end) for end in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)
    return manifest


def _gather(
    state: Path, config: settings.Config, keyring: Keyring, copy: Path, now: int
) -> tuple[list[Path], Manifest]:
    names = [CONFIG, KEYRING, NATS_ENVIRONMENT, f"{keyring.member}.request.json"]
    sources = {name: state / name for name in names if (state / name).exists()}
    schema, trust_version, texts = "", 0, 0
    store = store_file(state, config)
    if store is not None and store.exists():  # there is none before the first start
        copies.copy(store, copy)
        schema, trust_version = copies.describe(copy)
        texts = copies.texts_of_others(copy, keyring.member)
        sources[STORE] = copy
    files = tuple(File(name, path.stat().st_size, _hash(path)) for name, path in sources.items())
    manifest = Manifest(
        "suar-backup/1", keyring.member, config.federation.name or keyring.federation, now, __version__, schema,
        trust_version, "sqlite" if store else "external", files, texts,
    )  # fmt: skip
    return list(sources.values()), manifest


def store_file(state: Path, config: settings.Config) -> Path | None:
    """The SQLite file of a state; None where the store lies elsewhere and has tools of its own."""
    _, is_sqlite, path = config.store_url.partition("sqlite:///")
    return Path(path) if is_sqlite and Path(path) == state.absolute() / STORE else None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()


def _write(target: Path, seal: Seal, manifest: Manifest, sources: list[Path]) -> None:
    """Beside the target, flushed, then under its name: a reader meets the whole backup or none."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write_sealed(file, seal, _plain(manifest, sources))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
        flush_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _plain(manifest: Manifest, sources: list[Path]) -> Iterator[bytes]:
    text = msgspec.json.encode(manifest)
    yield len(text).to_bytes(4, "big") + text
    for source, listed in zip(sources, manifest.files, strict=True):
        left = listed.size
        with source.open("rb") as file:
            while left and (piece := file.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
        if left:
            raise Fault(f"{source} became shorter while it was read", "try again")


def _write_sealed(file: IO[bytes], seal: Seal, plain: Iterator[bytes]) -> None:
    key = sodium.crypto_secretstream_xchacha20poly1305_keygen()
    head = seal.close(key)
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    opening = sodium.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    file.write(MAGIC + len(head).to_bytes(4, "big") + head + opening)
    buffer = bytearray()
    for piece in plain:
        buffer += piece
        while len(buffer) > _PIECE:
            file.write(sodium.crypto_secretstream_xchacha20poly1305_push(state, bytes(buffer[:_PIECE]), tag=_MORE))
            del buffer[:_PIECE]
    file.write(sodium.crypto_secretstream_xchacha20poly1305_push(state, bytes(buffer), tag=_FINAL))


# -- putting back


def restore(file: Path, passphrase: bytes, state: Path, *, now: int, replace: bool) -> tuple[Manifest, Path | None]:
    """Put a backup back as the folder `state`; (its manifest, where the folder that stood there was kept).

    Everything is checked in a folder beside it before `state` is touched. Fault when the folder is in use, is not
    empty (without `replace`), or the backup does not open.
    """
    with _unused(state, replace=replace) as has_content:
        fresh = state.parent / f".{state.name}.{secrets.token_hex(6)}.restore"
        try:
            manifest = _unpack(file, passphrase, fresh)
            _check(fresh, manifest, passphrase)
            if (fresh / STORE).exists():
                copies.mark_restored(fresh / STORE, now)
            _flush(fresh)
            return manifest, _swap(fresh, state, now, keep=has_content)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


class _unused:  # noqa: N801 - used as a function
    """Holds the lock of a folder that stands already; what was made to take it is taken away again."""

    def __init__(self, state: Path, *, replace: bool) -> None:
        self._state, self._replace = state, replace
        self._lock: FileLock | None = None

    def __enter__(self) -> bool:
        state = self._state
        if not state.exists():
            state.parent.mkdir(parents=True, exist_ok=True)
            return False
        if not state.is_dir():
            raise Fault(f"{state} is no folder", "name the state folder with --state")
        names = {path.name for path in state.iterdir()} - {LOCK}
        lock = FileLock(state / LOCK, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Fault(f"a gateway runs on {state}", "stop it first, or restore into another folder") from None
        self._lock = lock
        if names and not self._replace:
            self.__exit__()
            hint = "restore into another folder, or give --replace: what stands there is then kept aside"
            raise Fault(f"{state} is not empty", hint)
        return bool(names)

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()


def _unpack(file: Path, passphrase: bytes, into: Path) -> Manifest:
    """Every file of the backup, each of its length and hash. Fault at the first byte that is wrong."""
    if not file.is_file():
        raise Fault(f"the backup {file} does not exist", "check the path")
    private_folder(into)
    with file.open("rb") as source:
        reader = _Reader(source, passphrase, file)
        manifest = _manifest(reader, file)
        for listed in manifest.files:
            _unpack_one(reader, listed, into / listed.name)
        reader.end()
    return manifest


def _manifest(reader: "_Reader", file: Path) -> Manifest:
    length = int.from_bytes(reader.take(4), "big")
    if length > _MANIFEST_MAX:
        raise Fault(f"the backup {file} is damaged", _AGAIN)
    try:
        manifest = msgspec.json.decode(reader.take(length), type=Manifest)
    except msgspec.DecodeError:
        raise Fault(f"the backup {file} is of another version of suar", "use the version that wrote it") from None
    names = {CONFIG, KEYRING, NATS_ENVIRONMENT, STORE, f"{manifest.member}.request.json"}
    if not {listed.name for listed in manifest.files} <= names:
        raise Fault(f"the backup {file} names files that no state folder has", _AGAIN)
    return manifest


def _unpack_one(reader: "_Reader", listed: File, path: Path) -> None:
    digest, left = hashlib.blake2b(digest_size=32), listed.size
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        while left:
            piece = reader.take(min(left, _PIECE))
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    if digest.hexdigest() != listed.blake2b:
        raise Fault(f"{listed.name} in the backup is not what its manifest says", _AGAIN)


class _Reader:
    """The opened content of a backup, in order."""

    def __init__(self, file: IO[bytes], passphrase: bytes, path: Path) -> None:
        self._file, self._what = file, f"the backup {path}"
        start = file.read(12)
        length = int.from_bytes(start[8:], "big")
        if start[:8] != MAGIC or not 0 < length <= _HEAD_MAX:
            raise Fault(f"{self._what} is no backup of suar", "check the path")
        _, key = open_sealed(PURPOSE, passphrase, file.read(length), self._what)
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
        return Fault(f"{self._what} was altered, damaged or cut short", _AGAIN)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self._buffer) < size:
            self._pull()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _pull(self) -> None:
        cipher = self._file.read(_PIECE + _OVER)
        if self._is_over or len(cipher) < _OVER:
            raise self._damaged()
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, cipher)
        except (CryptoError, ValueError):
            raise self._damaged() from None
        self._is_over = tag == _FINAL
        self._buffer += plain

    def end(self) -> None:
        """Nothing may follow."""
        if not self._is_over and not self._buffer:
            self._pull()
        if self._buffer or not self._is_over or self._file.read(1):
            raise self._damaged()


def _check(folder: Path, manifest: Manifest, passphrase: bytes) -> None:
    """It is one gateway's: settings, keyring and store that this version reads."""
    keyring = Keyring.open(folder / KEYRING, passphrase)
    config = settings.load(folder, {})
    if not keyring.member == config.member.code == manifest.member:
        raise Fault("keyring and settings in the backup are of two members", _AGAIN)
    if (folder / STORE).exists():
        revision, _ = copies.describe(folder / STORE)
        if not copies.is_known(revision):
            text = f"the store in the backup was written by suar {manifest.suar}, which is newer"
            raise Fault(text, "install that version, then restore")


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    flush_folder(folder)


def _swap(fresh: Path, state: Path, now: int, *, keep: bool) -> Path | None:
    """The new folder under the old one's name; the old one aside."""
    aside = None
    if keep:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now / 1000))
        aside = state.with_name(f"{state.name}.before-{stamp}-{secrets.token_hex(2)}")
        state.rename(aside)
    elif state.exists():
        (state / LOCK).unlink(missing_ok=True)
        state.rmdir()
    fresh.rename(state)
    flush_folder(state.parent)
    return aside
