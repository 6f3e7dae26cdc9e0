"""SQLite's log is folded into its file beside the writer, and a commit is on disk before."""

import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from suar.store.engine.backends.sqlite import CACHE_KIB, Checkpointer
from suar.store.engine.database import Database
from suar.store.people.access import note

pytestmark = pytest.mark.sqlite


def _lines(file: Path) -> int:
    """What the file alone holds, its log left out; 0 while it is half folded."""
    alone = shutil.copy(file, file.with_suffix(".alone"))
    connection = sqlite3.connect(alone)
    try:
        return int(connection.execute("select count(*) from audit").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0
    finally:
        connection.close()


def _write(database: Database, count: int) -> None:
    for number in range(count):
        with database.begin() as connection:
            note(connection, "test", "check", str(number), number)


def test_the_file_catches_up_without_a_commit_that_folds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suar.store.engine.backends.sqlite.FOLD_EVERY", 0.0)
    written = 0
    while _lines(database.path) < 20 and written < 400:  # far below the length at which SQLite folds within a commit
        _write(database, 1)
        written += 1
        time.sleep(0.01)
    assert _lines(database.path) >= 20


def test_a_fold_that_fails_is_no_fault_of_the_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Checkpointer) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("suar.store.engine.backends.sqlite.FOLD_EVERY", 0.0)
    monkeypatch.setattr(Checkpointer, "checkpoint", broken)
    _write(database, 3)
    with database.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from audit").scalar() == 3


def test_each_connection_keeps_the_pages_of_random_keys(database: Database) -> None:
    with database.begin() as writer, database.reading() as reader:
        sizes = [each.exec_driver_sql("PRAGMA cache_size").scalar() for each in (writer, reader)]
    assert sizes == [-CACHE_KIB, -CACHE_KIB]
    assert CACHE_KIB > 2 * 1024  # SQLite's own, of which a table of a day's requests takes more
