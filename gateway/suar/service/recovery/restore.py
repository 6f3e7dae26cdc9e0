"""Restores a backup as a state folder; everything is verified in a temporary folder before it replaces the state."""

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from filelock import FileLock, Timeout

from suar.files import PRIVATE, flush_folder, private_folder
from suar.protocol.base.errors import Fault
from suar.service.recovery import reanchor, replaced_store
from suar.service.recovery.backup_file import AGAIN, PIECE, STORE, File, Manifest, Reader
from suar.service.settings import config as settings
from suar.service.settings.config import CONFIG
from suar.service.settings.keyring import Keyring
from suar.service.settings.state import KEYRING, LOCK, NATS_ENVIRONMENT
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import ClosedFile
from suar.store.recovery import copies

REPLACED: Final = "postgresql.db"  # an SQLite file of a store that was in a database
_MANIFEST_MAX: Final = 1 << 20
_decode: Final = msgspec.json.Decoder(Manifest).decode


class PutBack(NamedTuple):
    """What was restored.

    `aside`: the previous folder, if there was one. `has_open_holds`: recalled texts are destroyed only once two
    persons have confirmed the legal holds. `carried`: how many decisions that ended rights were carried over from the
    previous store; None where it could not be read.
    """

    manifest: Manifest
    aside: Path | None
    has_open_holds: bool
    carried: int | None = None


def restore(
    file: Path, passphrase: bytes, state: Path, *, now: int, replace: bool, second: str | None = None,
    holds: bool = False,
) -> PutBack:  # fmt: skip
    """Restore a backup as the folder `state`.

    Everything is verified in a temporary folder before `state` is changed. Where the settings name a database of
    PostgreSQL, the store is put into it, and what was there is kept in the previous folder as REPLACED. `now` is in
    ms. Raises Fault if the folder is in use, is not empty (without `replace`), the backup cannot be opened, or the
    token of a `second` person is missing (reanchor.py, also for `holds`). What ended rights in the store that is
    replaced is carried over (replaced_store.py).
    """
    with _unused(state, replace=replace) as has_content:
        fresh = state.parent / f".{state.name}.{secrets.token_hex(6)}.restore"
        try:
            manifest = _unpack(file, passphrase, fresh)
            keyring = _check(fresh, manifest, passphrase)
            has_open_holds, store, carried = False, fresh / STORE, None
            if store.exists():
                url = settings.load(fresh, os.environ).store_url
                replaced = replaced_store.read(state, url, keyring, now) if replace else None
                closed = ClosedFile(state, AccountSeal(keyring.store_key)).named()
                done = reanchor.of_backup(
                    fresh, keyring, second, now, holds=holds, made_at=manifest.made_at, replaced=replaced,
                    closed=closed,
                )  # fmt: skip
                has_open_holds = copies.has_open_holds(store)
                carried = done.carried if replaced is not None else None
            has_kept = _into_database(fresh, state, keyring, now, replace=replace)
            _flush(fresh)
            aside = _swap(fresh, state, now, keep=has_content or has_kept)
            return PutBack(manifest, aside, has_open_holds, carried)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


class _unused:  # noqa: N801 - used as a function
    """Holds the lock of a state folder that exists. Entering returns whether the folder contains files.

    Raises Fault if a gateway runs on it, or if it contains files and `replace` is not set.
    """

    def __init__(self, state: Path, *, replace: bool) -> None:
        self._state, self._may_replace = state, replace
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
        if names and not self._may_replace:
            self.__exit__()
            hint = "restore into another folder, or give --replace: what stands there is then kept aside"
            raise Fault(f"{state} is not empty", hint)
        return bool(names)

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()


def _unpack(file: Path, passphrase: bytes, into: Path) -> Manifest:
    """Unpack every file of the backup and verify its length and hash. Raises Fault at the first difference."""
    if not file.is_file():
        raise Fault(f"the backup {file} does not exist", "check the path")
    private_folder(into)
    with file.open("rb") as source:
        reader = Reader(source, passphrase, file)
        manifest = _manifest(reader, file)
        for listed in manifest.files:
            _unpack_one(reader, listed, into / listed.name)
        reader.end()
    return manifest


def _manifest(reader: Reader, file: Path) -> Manifest:
    length = int.from_bytes(reader.read(4), "big")
    if length > _MANIFEST_MAX:
        raise Fault(f"the backup {file} is damaged", AGAIN)
    try:
        manifest = _decode(reader.read(length))
    except msgspec.DecodeError:
        raise Fault(f"the backup {file} is of another version of suar", "use the version that wrote it") from None
    names = {CONFIG, KEYRING, NATS_ENVIRONMENT, STORE, f"{manifest.member}.request.json"}
    if not {listed.name for listed in manifest.files} <= names:
        raise Fault(f"the backup {file} names files that no state folder has", AGAIN)
    return manifest


def _unpack_one(reader: Reader, listed: File, path: Path) -> None:
    digest, left = hashlib.blake2b(digest_size=32), listed.size
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        while left:
            piece = reader.read(min(left, PIECE))
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    if digest.hexdigest() != listed.blake2b:
        raise Fault(f"{listed.name} in the backup is not what its manifest says", AGAIN)


def _check(folder: Path, manifest: Manifest, passphrase: bytes) -> Keyring:
    """Verify that settings, keyring and store belong to one gateway and this version can read them.

    Returns the keyring.
    """
    keyring = Keyring.open(folder / KEYRING, passphrase)
    config = settings.load(folder, {})
    if not keyring.member == config.member.code == manifest.member:
        raise Fault("keyring and settings in the backup are of two members", AGAIN)
    if (folder / STORE).exists():
        revision, _ = copies.describe(folder / STORE)
        if not copies.is_known(revision):
            text = f"the store in the backup was written by suar {manifest.suar}, which is newer"
            raise Fault(text, "install that version, then restore")
    return keyring


def _into_database(fresh: Path, state: Path, keyring: Keyring, now: int, *, replace: bool) -> bool:
    """Put the store into the database that the settings name, if any; returns whether one that was there is kept."""
    url = settings.load(fresh, os.environ).store_url
    if not (fresh / STORE).exists() or not copies.is_on_server(url):
        return False
    from suar.store.recovery.server_copies import Target, put

    kept = state / REPLACED if replace else None
    if kept is not None:
        private_folder(state)
        kept.unlink(missing_ok=True)  # of an attempt that failed
    has_kept = put(fresh, Target(url, keyring.pair_hashes()), fresh / STORE, kept, now)
    (fresh / STORE).unlink()
    return has_kept


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    flush_folder(folder)


def _swap(fresh: Path, state: Path, now: int, *, keep: bool) -> Path | None:
    """Rename the new folder to the old one's name; the old folder is kept under another name, or removed if empty."""
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
