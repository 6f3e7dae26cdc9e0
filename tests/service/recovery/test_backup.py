"""A backup: made at work, opened by its passphrase alone, checked before anything is touched."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from suar.protocol.base.errors import Fault
from suar.service.recovery import backup
from suar.service.recovery.restore import restore
from suar.service.settings.config import load
from suar.service.settings.keyring import Keyring
from suar.service.settings.state import locked
from suar.store.engine.database import Database
from suar.store.recovery import copies
from support.corekit import CoreKit
from support.kit import NOW

pytestmark = pytest.mark.sqlite  # about a file; of a database: test_backup_postgresql.py
PASSPHRASE = b"test"


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    kit = CoreKit(tmp_path / "th", "TH")
    kit.keyring.save()
    yield kit
    kit.close()


@pytest.fixture
def made(th: CoreKit, tmp_path: Path) -> Path:
    """A backup of a gateway that holds its store open."""
    file = tmp_path / "th.backup"
    backup.make(th.folder, PASSPHRASE, file, now=NOW)
    return file


def put_back(file: Path, state: Path, passphrase: bytes = PASSPHRASE, *, replace: bool = False) -> Path | None:
    return restore(file, passphrase, state, now=NOW + 1, replace=replace)[1]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_full_disk_is_that_of_the_backup(th: CoreKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, the error named the store, whose disk has room."""
    (tmp_path / "to").mkdir()
    opened = sqlite3.connect

    def small(path: Path, *arguments: object, **more: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = opened(path, *arguments, **more)  # type: ignore[call-overload]  # as it was called
        connection.execute("PRAGMA max_page_count = 8")  # of this connection: what it writes finds no room
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", small)
        with pytest.raises(Fault, match="is full") as caught:
            copies.copy(th.folder / copies.STORE, tmp_path / "to" / "suar.db")
    assert str(tmp_path / "to") in caught.value.text
    assert str(th.folder) not in caught.value.text


def test_everything_comes_back_and_says_so(th: CoreKit, made: Path, tmp_path: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    assert put_back(made, tmp_path / "new") is None
    assert names(tmp_path / "new") == {
        "suar.toml",
        "keyring.suar",
        "nats.env",
        "TH.request.json",
        "suar.db",
        "anchor.suar",
    }
    for name in ("suar.toml", "keyring.suar", "nats.env", "TH.request.json"):
        assert (tmp_path / "new" / name).read_bytes() == (th.folder / name).read_bytes()
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "new").iterdir())
    with sqlite3.connect(tmp_path / "new" / "suar.db") as store:
        assert store.execute("SELECT value FROM meta WHERE name = 'restored_at'").fetchone() == (str(NOW + 1),)
        assert store.execute("SELECT max(version) FROM trust_list").fetchone() == (1,)
    store.close()


def test_the_gate_key_comes_back(th: CoreKit, made: Path, tmp_path: Path) -> None:
    put_back(made, tmp_path / "new")
    assert Keyring.open(tmp_path / "new" / "keyring.suar", PASSPHRASE).gate_key == th.keyring.gate_key


def test_nothing_is_left_beside_it(made: Path, tmp_path: Path) -> None:
    put_back(made, tmp_path / "new")
    assert names(tmp_path) == {"th", "th.backup", "new"}


def test_it_says_nothing_to_who_has_no_passphrase(th: CoreKit, made: Path) -> None:
    data = made.read_bytes()
    for word in (b"suar.toml", b"asean", b"SQLite", (th.folder / "nats.env").read_bytes()[-30:]):
        assert word not in data


@pytest.mark.parametrize("at", [3, 11, 40, 70, 200, 260, -40_000, -1])
def test_one_changed_byte_anywhere_is_noticed_and_nothing_written(made: Path, tmp_path: Path, at: int) -> None:
    data = bytearray(made.read_bytes())
    data[at] ^= 1
    made.write_bytes(data)
    with pytest.raises(Fault):
        put_back(made, tmp_path / "new")
    assert names(tmp_path) == {"th", "th.backup"}


@pytest.mark.parametrize(
    "change",
    [lambda d: d[:-1], lambda d: d + b"\0", lambda d: d[: len(d) // 2], lambda d: d[:20]],
    ids=["a byte", "grown", "half", "almost all"],
)
def test_cut_short_or_grown(made: Path, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    made.write_bytes(change(made.read_bytes()))
    with pytest.raises(Fault):
        put_back(made, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_wrong_passphrase(made: Path, tmp_path: Path) -> None:
    """Its hint speaks of the passphrase and of another backup, never of restoring the backup from a backup."""
    with pytest.raises(Fault, match="the passphrase does not open the backup") as raised:
        put_back(made, tmp_path / "new", b"another")
    assert raised.value.hint == "give the right one; if this is it, the file is damaged: use another backup"


def test_a_folder_that_is_not_empty_is_left_or_kept_aside(th: CoreKit, made: Path) -> None:
    before = names(th.folder)
    with pytest.raises(Fault, match="is not empty"):
        put_back(made, th.folder)
    assert names(th.folder) - {"lock"} == before - {"lock"}
    aside = put_back(made, th.folder, replace=True)
    assert aside is not None
    assert names(aside) - {"lock"} == before - {"lock"}


def test_a_folder_in_use_is_refused_even_to_replace(th: CoreKit, made: Path) -> None:
    with locked(th.folder), pytest.raises(Fault, match="a gateway runs on"):
        put_back(made, th.folder, replace=True)


def test_a_store_of_a_newer_version_is_refused(th: CoreKit, tmp_path: Path) -> None:
    with sqlite3.connect(th.folder / "suar.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    backup.make(th.folder, PASSPHRASE, tmp_path / "new.backup", now=NOW)
    with pytest.raises(Fault, match="newer"):
        put_back(tmp_path / "new.backup", tmp_path / "new")


def test_a_store_elsewhere_is_not_in_it(th: CoreKit, tmp_path: Path) -> None:
    config = load(th.folder, {})
    elsewhere = replace(config, store=replace(config.store, url="postgresql+psycopg://localhost/suar"))
    assert backup.store_file(th.folder, elsewhere) is None
    assert backup.store_file(th.folder, config) == th.folder / "suar.db"


def test_the_copy_is_one_moment_while_others_write(th: CoreKit, tmp_path: Path) -> None:
    """A writer in the middle of a transaction neither waits for the copy nor stands in it."""
    with th.core.database.begin() as connection:
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES ('half', '1')")
        backup.make(th.folder, PASSPHRASE, tmp_path / "busy.backup", now=NOW)
    put_back(tmp_path / "busy.backup", tmp_path / "new")
    with sqlite3.connect(tmp_path / "new" / "suar.db") as store:
        assert store.execute("SELECT count(*) FROM meta WHERE name = 'half'").fetchone() == (0,)
    store.close()


def test_what_was_put_back_opens(made: Path, tmp_path: Path) -> None:
    put_back(made, tmp_path / "new")
    database = Database(tmp_path / "new")
    database.migrate()
    database.close()
