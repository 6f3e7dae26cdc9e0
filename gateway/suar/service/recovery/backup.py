"""Creates a backup of a state folder as one encrypted file (backup_file.py), also while the gateway runs."""

import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from suar import __version__
from suar.files import PRIVATE, atomic_write, flush_folder, read
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.recovery import backup_file
from suar.service.recovery.backup_file import PIECE, PURPOSE, STORE, File, Manifest, hash_of
from suar.service.settings import config as settings
from suar.service.settings.config import CONFIG
from suar.service.settings.keyring import PURPOSE as KEYRING_PURPOSE
from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import Seal, cost_of, open_sealed
from suar.service.settings.state import KEYRING, NATS_ENVIRONMENT, note_backup
from suar.store.recovery import copies

ENDING: Final = ".backup"


def make(state: Path, passphrase: bytes, target: Path, *, now: int) -> Manifest:
    """Write a backup of `state` to the new file `target` (mode 0600) and return its manifest.

    Raises Fault if it cannot.

    `now` is in ms. The gateway may be running.
    """
    if target.exists():
        raise Fault(f"{target} exists already", "name another file")
    if not target.parent.is_dir():
        raise Fault(f"there is no folder {target.parent}", "make it first, or name another file")
    config = settings.load(state, os.environ)
    keyring = Keyring.open(state / KEYRING, passphrase)
    seal, _ = open_sealed(KEYRING_PURPOSE, passphrase, read(state / KEYRING, "the keyring"), "the keyring")
    copy = target.with_name(f".{target.name}.{secrets.token_hex(6)}.db")
    ring = copy.with_suffix(".keyring")  # copied before the store, so that the keyring is never ahead of it
    atomic_write(ring, read(state / KEYRING, "the keyring"))
    try:
        sources, manifest = _gather(state, config, keyring, (copy, ring), now)
        _write(target, Seal.new(PURPOSE, passphrase, cost_of(seal)), manifest, sources)
    finally:
        for leftover in (copy, ring, *(copy.with_name(copy.name + end) for end in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)
    note_backup(state, now)
    return manifest


def named(folder: Path, state: Path, now: int) -> Path:
    """The file of a backup of `state` made at `now` (ms) in a folder of backups."""
    member = settings.load(state, os.environ).member.code.lower()
    return folder / f"{member}-{datetime.fromtimestamp(now / limits.SECOND, UTC):%Y-%m-%dT%H%M%SZ}{ENDING}"


def remove_older(newest: Path, keep: int) -> list[Path]:
    """Remove the backups of the same member other than `newest`, except for the `keep` newest; returns what was
    removed.

    Only files with the names that `named` returns are counted and removed.
    """
    member = newest.name.partition("-")[0]
    pattern = re.compile(rf"{re.escape(member)}-\d{{4}}-\d\d-\d\dT\d{{6}}Z{re.escape(ENDING)}")
    found = sorted(path for path in newest.parent.iterdir() if pattern.fullmatch(path.name))
    older = found[: max(len(found) - keep, 0)]
    for path in older:
        path.unlink()
    return older


def _gather(
    state: Path, config: settings.Config, keyring: Keyring, copies_: tuple[Path, Path], now: int
) -> tuple[list[Path], Manifest]:
    copy, ring = copies_
    names = [CONFIG, KEYRING, NATS_ENVIRONMENT, f"{keyring.member}.request.json"]
    sources = {name: state / name for name in names if (state / name).exists()} | {KEYRING: ring}
    schema, trust_version, texts = "", 0, 0
    has_copy = _copy_store(state, config, copy)
    if copy.exists():
        schema, trust_version = copies.describe(copy)
        texts = copies.texts_of_others(copy, keyring.member)
        sources[STORE] = copy
    files = tuple(File(name, path.stat().st_size, hash_of(path)) for name, path in sources.items())
    manifest = Manifest(
        "suar-backup/1", keyring.member, config.federation.name or keyring.federation, now, __version__, schema,
        trust_version, "sqlite" if has_copy else "external", files, texts,
    )  # fmt: skip
    return list(sources.values()), manifest


def _copy_store(state: Path, config: settings.Config, target: Path) -> bool:
    """Copy the store, if there is one already; False for one that is not part of a backup."""
    if copies.is_on_server(config.store_url):
        from suar.store.recovery import server_copies

        server_copies.copy(state, config.store_url, target)
        return True
    store = store_file(state, config)
    if store is not None and store.exists():  # there is none before the first start
        copies.copy(store, target)
    return store is not None


def store_file(state: Path, config: settings.Config) -> Path | None:
    """Return the SQLite file of a state folder; None if the store is in another file, which is no part of a backup."""
    _, is_sqlite, path = config.store_url.partition("sqlite:///")
    return Path(path) if is_sqlite and Path(path) == state.absolute() / STORE else None


def _write(target: Path, seal: Seal, manifest: Manifest, sources: list[Path]) -> None:
    """Write to a temporary file, flush it and rename it, so that a reader finds the whole backup or none."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            backup_file.write(file, seal, _plain(manifest, sources))
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
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece
        if left:
            raise Fault(f"{source} became shorter while it was read", "try again")
