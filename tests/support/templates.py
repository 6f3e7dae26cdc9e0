"""State folders and stores as their making leaves them, made once by a process of tests and then copied.

A migration and an argon2id of the smallest cost take longer than most of what is tested on them. How a state folder is
made and a store migrated is tested in service/settings/test_keyring.py and store/engine/test_database.py.
"""

import copy
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import FLOOR
from suar.service.settings.state import KEYRING, create_state
from suar.store.engine.database import Database
from support import stores

PASSPHRASE = b"test"


class _State(NamedTuple):
    files: dict[str, tuple[bytes, int]]  # content and mode, by name
    keyring: Keyring


def new_state(folder: Path, code: str, name: str, federation: str, now: int) -> Keyring:
    """A member's state folder with an empty store of this version, under PASSPHRASE; its keyring, opened."""
    made = _state(code, name, federation, now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file, (content, mode) in made.files.items():
        (folder / file).write_bytes(content)
        (folder / file).chmod(mode)
    new_store(folder)
    stores.named_in_settings(folder)
    keyring = copy.copy(made.keyring)
    keyring.path, keyring.identities = folder / KEYRING, list(made.keyring.identities)
    return keyring


def new_store(folder: Path) -> Database:
    """An empty store of this version in `folder`, as one migration left it."""
    if not stores.is_sqlite():
        stores.new_url(folder)
        return stores.opened(folder)
    database = Database(folder)
    database.path.touch(mode=0o600)
    database.path.write_bytes(_store())
    return database


@cache
def _state(code: str, name: str, federation: str, now: int) -> _State:
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path) / "state"
        create_state(folder, PASSPHRASE, member=code, name=name, federation=federation, now=now, cost=FLOOR)
        files = {each.name: (each.read_bytes(), each.stat().st_mode & 0o777) for each in folder.iterdir()}
        return _State(files, Keyring.open(folder / KEYRING, PASSPHRASE))


@cache
def _store() -> bytes:
    with tempfile.TemporaryDirectory() as path:
        database = Database(Path(path))
        database.migrate()
        database.close()
        return database.path.read_bytes()
