"""Opening, migrating, committing; what a full or foreign store says."""

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ProgrammingError

from suar.service.access.authentication import rows
from suar.service.access.troubles import troubles
from suar.service.core.observations import STORE_FAILURE_MS
from suar.store.engine import meta
from suar.store.engine.database import Database, StoreFault
from suar.store.migrations import schema
from suar.store.outbound import outbox
from suar.store.people import access
from suar.store.tables import metadata
from support import stores
from support.corekit import CoreKit
from support.executables import MOUNT, UMOUNT
from support.kit import NOW


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.begin() as connection:
        meta.put(connection, "name", "value")
    database.migrate()
    with database.begin() as connection:
        assert meta.get(connection, "name") == "value"


def test_texts_are_ordered_by_their_bytes(database: Database) -> None:
    names = ["a", "B", "Z", "_", "é", "z", "ស", "ไ", "TH-ALERT-2027-000001", "TH-alert"]
    with database.begin() as connection:
        for name in names:
            meta.put(connection, name, "")
        found = connection.execute(sa.text("select name from meta order by name")).scalars().all()
    assert found == sorted(names, key=str.encode)


def test_a_view_shows_what_was_committed_when_it_began(database: Database) -> None:
    with database.reading() as connection:
        assert meta.get(connection, "name") is None
        with database.begin() as writer:
            meta.put(writer, "name", "value")
        assert meta.get(connection, "name") is None
    with database.reading() as connection:
        assert meta.get(connection, "name") == "value"


def test_each_commit_of_anybody_is_another_view(tmp_path: Path) -> None:
    """By it what was read from the store is kept in memory: nobody's commit may go unseen."""
    ours, others = stores.empty(tmp_path), stores.opened(tmp_path)
    ours.migrate()
    for writer in (ours, others, ours):
        with ours.reading() as connection:
            before = ours.view_of(connection)
        with ours.reading() as connection:
            assert ours.view_of(connection) == before
            with writer.begin() as change:
                meta.put(change, "name", f"{before}")
            assert ours.view_of(connection) == before
        with ours.reading() as connection:
            assert ours.view_of(connection) != before
    ours.close()
    others.close()


def test_two_migrate_at_once(tmp_path: Path) -> None:
    first = stores.empty(tmp_path)
    second = stores.opened(tmp_path)
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(each.migrate) for each in (first, second)]:
            done.result()
    with second.begin() as connection:
        found = connection.execute(sa.text("select version_num from alembic_version")).scalars().all()
    first.close()
    second.close()
    assert found == [schema.newest()]


@pytest.mark.sqlite
def test_a_new_store_is_opened_by_several_at_once(tmp_path: Path) -> None:
    """Each puts the file into WAL; SQLite refused some of four at once in a third of all attempts."""

    def opened(folder: Path, together: Barrier) -> str:
        database = stores.opened(folder)
        together.wait()
        with database.begin() as connection:
            found = str(connection.execute(sa.text("pragma journal_mode")).scalar_one())
        database.close()
        return found

    with ThreadPoolExecutor(4) as threads:
        for n in range(40):
            folder, together = tmp_path / str(n), Barrier(4)
            folder.mkdir()
            futures = [threads.submit(opened, folder, together) for _ in range(4)]
            assert {future.result() for future in futures} == {"wal"}


def test_a_token_of_before_is_marked_by_the_update(tmp_path: Path) -> None:
    database = stores.empty(tmp_path)
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        before = ScriptDirectory.from_config(config).get_revision("0006").down_revision
        command.upgrade(config, str(before))
        connection.execute(
            sa.text("insert into token (name, hash, scopes, created_at) values ('desk', :hash, 'read operate', 1)"),
            {"hash": bytes(32)},
        )
    database.migrate()
    with database.begin() as connection:
        access.insert_token(connection, {"name": "new", "hash": b"n" * 32, "scopes": "read", "created_at": 2})
        [old, new] = rows(connection)
        assert access.makers(connection)["desk"] == (None, False)
    database.close()
    assert (old.is_old, new.is_old) == (True, False)
    assert old.info.scopes == {"read", "acknowledge", "operate", "admin", "monitor"}
    assert new.info.scopes == {"read"}


def test_a_store_of_a_newer_version_is_refused(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(StoreFault) as caught:
        database.migrate()
    assert "another version" in caught.value.text


@pytest.mark.sqlite
def test_sqlite_syncs_every_commit_wipes_what_is_deleted_and_is_ours_alone(database: Database) -> None:
    with database.begin() as connection:
        pragma = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                  ("journal_mode", "synchronous", "secure_delete")}  # fmt: skip
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600


@pytest.mark.sqlite
@pytest.mark.parametrize("before", [None, 0o644], ids=["new", "made by an earlier version"])
def test_the_log_of_a_store_is_ours_alone_too(tmp_path: Path, before: int | None) -> None:
    """It holds what the store holds; the folder may be one that others look into."""
    if before is not None:
        (tmp_path / "suar.db").touch(before)
    umask = os.umask(0o022)
    try:
        database = Database(tmp_path)
        database.migrate()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(umask)
    assert modes == dict.fromkeys(("suar.db", "suar.db-wal", "suar.db-shm"), 0o600)


def test_what_raises_is_rolled_back(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError), database.begin() as connection:
        meta.put(connection, "name", "value")
        meta.put(connection, "name", str(1 // 0))
    with database.begin() as connection:
        assert meta.get(connection, "name") is None


def test_a_fault_of_the_store_names_no_parameter(database: Database) -> None:
    with pytest.raises((StoreFault, ProgrammingError)) as caught, database.begin() as connection:
        connection.execute(sa.text("insert into nowhere values (:secret)"), {"secret": "hidden-text"})
    assert "hidden-text" not in str(caught.value) + getattr(caught.value, "hint", "")


def _fill(kit: CoreKit) -> None:
    for n in range(2000):
        with kit.core.transaction() as connection:
            access.note(connection, "test", "check", "x" * 1000, n)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB: an empty store with its log takes two."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run([MOUNT, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run([UMOUNT, "-l", str(folder)], check=True)


@pytest.mark.sqlite
def test_a_full_disk_is_a_fault_and_what_was_accepted_stays(small_disk: Path) -> None:
    kit = CoreKit(small_disk / "SG", "SG")
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with pytest.raises(StoreFault) as caught:
        _fill(kit)
    assert "room" in caught.value.hint
    filler.unlink()
    with kit.core.transaction() as connection:
        access.note(connection, "test", "check", "", NOW)
        assert outbox.backlog(connection) > 0  # the list that was imported before
    assert kit.core.status.store_fault is None
    kit.now += STORE_FAILURE_MS + 1
    assert "store" not in troubles(kit.core.status, kit.now)
    kit.close()
