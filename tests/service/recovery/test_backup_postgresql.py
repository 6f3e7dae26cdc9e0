"""A backup of a store in PostgreSQL: the same file as of SQLite's, restored into an empty database or a file."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.service.recovery import backup
from suar.service.recovery.restore import REPLACED, restore
from suar.service.setup import units
from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.faults import LeaseFault, StoreFault
from suar.store.recovery import copies, server_copies
from support import stores
from support.kit import NOW
from support.pairs import Two, new
from support.postgresql import Cluster
from support.two_versions import Machine

pytestmark = pytest.mark.sqlite  # run once: the fixtures open stores of the cluster
PASSPHRASE = b"test"
EMPTY = "TEMPLATE template0"


@pytest.fixture
def pair(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    """TH and SG on stores of the cluster; the settings of this process name TH's."""
    with stores.in_cluster(cluster):
        made = Two(tmp_path)
        made.th.keyring.save()
        made.publish(new("one"), new("two"))
        made.to_sg()
        monkeypatch.setenv("SUAR_STORE__URL", str(stores.url(made.th.folder)))
        yield made
        made.th.close()
        made.sg.close()


@pytest.fixture
def made(pair: Two, tmp_path: Path) -> Path:
    """A backup of TH, whose gateway holds its store open."""
    file = tmp_path / "th.backup"
    manifest = backup.make(pair.th.folder, PASSPHRASE, file, now=NOW)
    assert (manifest.store, "suar.db" in [each.name for each in manifest.files]) == ("sqlite", True)
    return file


def put_back(file: Path, state: Path, *, replace: bool = False) -> Path | None:
    return restore(file, PASSPHRASE, state, now=NOW + 1, replace=replace)[1]


def content(url: str) -> dict[str, list[Any]]:
    """All that a store has, but for what a restoration writes."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = {name: connection.execute(table.select()).all() for name, table in t.metadata.tables.items()}
    engine.dispose()
    left_out = ("meta", "audit", "audit_head", "integrity", "sessions")
    return {name: sorted(map(repr, found)) for name, found in rows.items() if name not in left_out}


def opened(pair: Two, folder: Path) -> None:
    """A gateway of TH opens the store of that folder, finds every row as it should be, and publishes."""
    th, files = pair.th, pair.th.folder
    th.close()
    th.folder = folder
    try:
        th.core = th.opened()
        assert th.core.integrity.finding is None
        assert [found for _, _, found in th.core.integrity.verified() if found] == []
        assert json.loads(json.dumps(pair.publish(new("three"))))
    finally:
        th.folder = files


def test_it_is_restored_into_an_empty_database(
    pair: Two, made: Path, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.new_database(EMPTY)
    before = content(str(stores.url(pair.th.folder)))
    assert before["message"]
    monkeypatch.setenv("SUAR_STORE__URL", url)
    assert put_back(made, tmp_path / "new") is None
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "suar.toml", "keyring.suar", "nats.env", "TH.request.json", "anchor.suar",
    }  # fmt: skip
    assert content(url) == before
    stores.name(tmp_path / "new", url)
    opened(pair, tmp_path / "new")
    with pair.th.core.database.reading() as connection:
        assert connection.execute(text("select value from meta where name = 'restored_at'")).scalar() == str(NOW + 1)
        assert connection.execute(text("select value from meta where name = 'lease'")).scalar() is not None


def test_it_is_restored_into_a_file_and_a_file_into_a_database(
    pair: Two, made: Path, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row has the same hash in both: so a gateway moves from one to the other."""
    before = content(str(stores.url(pair.th.folder)))
    monkeypatch.setenv("SUAR_STORE__URL", "")
    put_back(made, tmp_path / "file")
    assert content(f"sqlite:///{tmp_path}/file/suar.db") == before
    backup.make(tmp_path / "file", PASSPHRASE, tmp_path / "second.backup", now=NOW + 2)
    url = cluster.new_database(EMPTY)
    monkeypatch.setenv("SUAR_STORE__URL", url)
    put_back(tmp_path / "second.backup", tmp_path / "server")
    assert content(url) == before
    stores.name(tmp_path / "server", url)
    opened(pair, tmp_path / "server")


def test_a_database_with_a_store_is_refused_or_kept_aside(pair: Two, made: Path) -> None:
    url, folder = str(stores.url(pair.th.folder)), pair.th.folder
    pair.publish(new("later"))
    later = content(url)
    pair.th.close()
    with pytest.raises(Fault, match="is not empty"):
        restore(made, PASSPHRASE, folder.with_name("new"), now=NOW + 1, replace=False)
    assert content(url) == later
    assert not folder.with_name("new").exists()
    aside = put_back(made, folder, replace=True)
    assert aside is not None
    assert len(content(url)["message"]) < len(later["message"])
    assert content(f"sqlite:///{aside / REPLACED}") == later
    assert copies.describe(aside / REPLACED)[1] == 1
    assert (aside / REPLACED).stat().st_mode & 0o777 == 0o600
    opened(pair, folder)


def test_what_a_newer_version_left_is_kept_aside_by_its_own_tables(pair: Two, made: Path) -> None:
    """As on the way back of an upgrade: this version does not know how the store is made."""
    url, folder = str(stores.url(pair.th.folder)), pair.th.folder
    pair.th.close()
    stores.write(folder, "UPDATE alembic_version SET version_num = '9999'")
    stores.write(folder, "CREATE TABLE newer (one text)")
    stores.write(folder, "INSERT INTO newer VALUES ('kept')")
    with pytest.raises(Fault, match="newer"):
        backup.make(folder, PASSPHRASE, folder.with_name("newer.backup"), now=NOW)
    aside = put_back(made, folder, replace=True)
    assert aside is not None
    with closing(sqlite3.connect(aside / REPLACED)) as file:
        assert file.execute("SELECT one FROM newer").fetchall() == [("kept",)]
        assert file.execute("SELECT count(*) FROM message").fetchone()[0] == len(content(url)["message"])
    opened(pair, folder)


def test_while_a_gateway_leads_it_is_refused(pair: Two, made: Path) -> None:
    url, folder = str(stores.url(pair.th.folder)), pair.th.folder
    pair.th.close()
    other = Database(folder, url)
    other.acquire()
    before = content(url)
    with pytest.raises(LeaseFault, match="holds the store's lease"):
        put_back(made, folder, replace=True)
    other.close()
    assert content(url) == before
    assert (folder / "anchor.suar").exists()


def test_a_gateway_that_returns_does_not_go_on(pair: Two, made: Path) -> None:
    """It led before; its session ended, and the store that it knew was replaced by an older one."""
    url, folder = str(stores.url(pair.th.folder)), pair.th.folder
    pair.th.close()
    other = Database(folder, url)
    other.acquire()
    other.claim(pair.th.keyring.pair_hashes(), "frozen")
    stores.write(folder, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    put_back(made, folder, replace=True)
    with pytest.raises(StoreFault), other.begin() as connection:
        connection.execute(text("SELECT 1"))  # its session has ended
    with pytest.raises(LeaseFault, match="held the store's lease meanwhile"), other.begin():
        pytest.fail("it wrote")
    other.close()


def test_a_row_that_was_altered_is_found_before_anything_is_replaced(pair: Two, tmp_path: Path) -> None:
    url, folder = str(stores.url(pair.th.folder)), pair.th.folder
    stores.write(folder, "UPDATE trust_list SET version = 7")
    backup.make(folder, PASSPHRASE, tmp_path / "altered.backup", now=NOW)
    pair.th.close()
    before = content(url)
    with pytest.raises(Fault, match="the store in the backup was altered: trust_list"):
        put_back(tmp_path / "altered.backup", folder, replace=True)
    assert content(url) == before


def test_an_empty_database_has_no_store_yet(
    pair: Two, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.new_database(EMPTY)
    monkeypatch.setenv("SUAR_STORE__URL", url)
    manifest = backup.make(pair.th.folder, PASSPHRASE, tmp_path / "first.backup", now=NOW)
    assert "suar.db" not in [each.name for each in manifest.files]
    assert server_copies.revision(tmp_path, url) == ""
    put_back(tmp_path / "first.backup", tmp_path / "new")


def test_ids_go_on_after_the_highest(
    pair: Two, made: Path, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.new_database(EMPTY)
    monkeypatch.setenv("SUAR_STORE__URL", url)
    put_back(made, tmp_path / "new")
    engine = create_engine(url)
    with engine.begin() as connection:
        next_n = connection.execute(text("SELECT nextval('message_n_seq')")).scalar_one()
        assert next_n == connection.execute(text("SELECT max(n) + 1 FROM message")).scalar_one()
    engine.dispose()


def test_an_upgrade_that_changed_the_store_puts_the_backup_back(
    pair: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps are tested in tests/service/setup/test_upgrade.py; here the store is in a database."""
    url, started = str(stores.url(pair.th.folder)), 0
    before = content(url)
    pair.th.close()

    def systemctl(*arguments: str) -> None:
        nonlocal started
        if arguments[-1:] == ("suar.service",) and arguments[0] == "restart":
            started += 1
            if started == 1:  # the new version has migrated the store, and does not get ready
                stores.write(pair.th.folder, "UPDATE alembic_version SET version_num = '9999'")

    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(units, "systemctl", systemctl)
    machine = Machine(tmp_path / "machine")
    shutil.rmtree(machine.places.state)
    shutil.copytree(pair.th.folder, machine.places.state)
    with pytest.raises(Fault, match="is in use again"):
        machine.upgrade(False, True, passphrase=Secret(PASSPHRASE))
    assert str(machine.reports[-1]) == "the new version had changed the store: the backup is put back"
    assert started == 2
    assert content(url) == before
    stores.name(machine.places.state, url)
    opened(pair, machine.places.state)
