"""Whoever writes the database lets an index lie: the rows of a table stay whole, what is found by the index is not."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.process import run
from suar.service.recovery import backup, reanchor
from suar.store.engine.verifying import Sweep
from suar.store.faults import AlteredError
from suar.store.people import access
from support.corekit import PASSPHRASE, CoreKit, rows
from support.kit import NOW

pytestmark = pytest.mark.sqlite  # PostgreSQL compares indexes for its administrators only


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.keyring.save()
    made.receive_bundles()
    with made.core.transaction() as connection:
        access.note(connection, "desk", "publish", "a", made.now)
        connection.exec_driver_sql("INSERT INTO request VALUES (x'00', x'00', 1)")
    yield made
    made.close()


def emptied(folder: Path, name: str) -> None:
    """The index `name` swapped for one without entries, in the pages of another; SQLite's list looks as before."""
    store = sqlite3.connect(folder / "suar.db", isolation_level=None, timeout=30)
    store.execute("PRAGMA writable_schema=ON")
    table, sql = store.execute("SELECT tbl_name, sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    every = ", ".join(f'"{row[1]}"' for row in store.execute(f'PRAGMA table_info("{table}")'))
    columns = ", ".join(f'"{row[2]}"' for row in store.execute(f'PRAGMA index_info("{name}")'))
    store.execute(f"CREATE TABLE zz ({every}{'' if sql else f', UNIQUE ({columns})'})")
    if sql:
        store.execute(f"CREATE INDEX zi ON zz ({columns})")
    kind = "name = 'zi'" if sql else "tbl_name = 'zz' AND type = 'index'"
    (page,) = store.execute(f"SELECT rootpage FROM sqlite_master WHERE {kind}").fetchone()
    store.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (page, name))
    store.execute("DELETE FROM sqlite_master WHERE tbl_name = 'zz'")
    store.close()


@pytest.mark.parametrize("index", ["sqlite_autoindex_meta_1", "sqlite_autoindex_trust_list_1"])
def test_an_index_of_a_protected_table_that_lies_stops_the_start(th: CoreKit, index: str) -> None:
    table = index.split("_", 2)[2].removesuffix("_1")
    th.core.close()
    emptied(th.folder, index)
    with pytest.raises(AlteredError) as found:
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)
    assert f"table {table}: its pages or indexes" in found.value.text
    assert "REINDEX" in found.value.text
    assert table in [name for name, _, finding in run.verified(th.folder, PASSPHRASE, {}) if finding]
    with pytest.raises(Fault, match="altered"):
        reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now)
    with pytest.raises(Fault, match="damaged"):
        backup.make(th.folder, PASSPHRASE, th.folder.parent / "backup", now=NOW)


def test_an_index_of_any_table_that_lies_is_found_beside_and_closes(th: CoreKit) -> None:
    th.core.close()
    emptied(th.folder, "ix_request_at")
    th.restart()
    assert th.core.integrity.finding is None
    while th.core.integrity.verified_at is None:
        th.core.integrity.verify_next(th.now, lambda: None)
    assert "table request: its pages or indexes" in str(th.core.integrity.finding)
    with pytest.raises(AlteredError):
        rows(th, "select 1")


def test_messages_are_the_first_whose_indexes_are_compared(th: CoreKit) -> None:
    assert Sweep(th.core.integrity.books, ("token",)).order[:2] == ["message", "token"]


@pytest.mark.parametrize(("table", "values"), [
    ("heartbeat", "CAST(n AS TEXT), 1, 1, ''"), ("revoke", "randomblob(16), x'00', 1, NULL"),
    ("meta", "CAST(n AS TEXT), '', NULL"),
])  # fmt: skip
def test_more_rows_than_a_table_ever_has_are_not_read(th: CoreKit, table: str, values: str) -> None:
    th.core.close()
    store = sqlite3.connect(th.folder / "suar.db")
    store.execute(
        f"INSERT INTO {table} WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000)"
        f" SELECT {values} FROM c"
    )
    store.commit()
    store.close()
    with pytest.raises(AlteredError, match=f"table {table}: more than .* rows, which it never has"):
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE meta SET value = CAST(zeroblob(250000000) AS TEXT) WHERE name = 'highest_time'",
        "UPDATE integrity SET sealed = zeroblob(250000000)",
        "UPDATE trust_list SET data = zeroblob(250000000)",
    ],
)
def test_a_value_that_no_row_has_is_not_read(th: CoreKit, change: str) -> None:
    th.core.close()
    store = sqlite3.connect(th.folder / "suar.db")
    assert store.execute(change).rowcount == 1
    store.commit()
    store.close()
    with pytest.raises(Fault) as found:
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)
    assert "too big" in found.value.text
    assert "suar restore" in found.value.hint
