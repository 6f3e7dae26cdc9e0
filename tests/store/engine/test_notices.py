"""What PostgreSQL tells of changed rows is held in a bounded way, and a statement over the bound is taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from suar.store.engine import verifying
from suar.store.engine.database import StoreFault
from suar.store.engine.hashing import notices
from suar.store.faults import AlteredError
from suar.store.recovery import adopting
from support.postgresql import Cluster
from support.protected import Kept, opened

pytestmark = pytest.mark.sqlite  # run once: each test opens its own database of the cluster


@pytest.fixture
def kept(tmp_path: Path, cluster: Cluster) -> Iterator[Kept]:
    made = opened(tmp_path, cluster.new_database())
    with made.database.begin() as connection:
        made.books.adopt(connection, adopting.schema_of(connection))
    yield made
    made.database.close()
    cluster.drop_databases()


def fill(connection: Connection, rows: int, name: str = "a") -> None:
    """In one statement."""
    wanted = f"INSERT INTO meta (name, value) SELECT '{name}' || n, 'ours' FROM generate_series(1, {rows}) AS n"
    connection.execute(text(wanted))


def overfill(connection: Connection) -> None:
    """As far as a savepoint."""
    with connection.begin_nested():
        fill(connection, 101)
        connection.execute(text("SELECT 1"))


def names(kept: Kept) -> int:
    with kept.database.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM meta WHERE value LIKE 'our%'")).scalar_one())


def is_well(kept: Kept) -> bool:
    with kept.database.reading() as connection:
        account = kept.books.kept(connection)
        assert account is not None
        return verifying.check(connection, kept.books, account, "meta") is None


def test_a_statement_that_changes_too_many_rows_is_taken_back(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "HASHES_MAX", 100)
    monkeypatch.setattr(notices, "NOTICES_MAX", 7)
    with pytest.raises(StoreFault, match="more than 100 protected rows"), kept.database.begin() as connection:
        fill(connection, 101)
    assert names(kept) == 0
    with kept.database.begin() as connection:
        fill(connection, 100)
    assert names(kept) == 100
    assert is_well(kept)


def test_what_a_savepoint_takes_back_does_not_refuse_the_rest(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "HASHES_MAX", 100)
    monkeypatch.setattr(notices, "NOTICES_MAX", 7)
    with kept.database.begin() as connection:
        fill(connection, 10, "before")
        with pytest.raises(StoreFault):
            overfill(connection)
        fill(connection, 10, "after")
    assert names(kept) == 20
    assert is_well(kept)


def test_a_transaction_of_many_statements_has_no_such_bound(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "HASHES_MAX", 100)
    monkeypatch.setattr(notices, "WRITE_AT", 30)
    with kept.database.begin() as connection:
        for number in range(10):
            fill(connection, 25, f"part {number} ")
    assert names(kept) == 250
    assert is_well(kept)


@pytest.mark.parametrize(("texts", "characters"), [(1, 1 << 22), (1_000, 1), (3, 300)])
def test_rows_that_are_hashed_while_the_statement_runs(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, texts: int, characters: int
) -> None:
    monkeypatch.setattr(notices, "NOTICES_MAX", texts)
    monkeypatch.setattr(notices, "NOTICE_CHARACTERS_MAX", characters)
    with kept.database.begin() as connection:
        fill(connection, 20)
        connection.execute(text("UPDATE meta SET value = 'ours still' WHERE name LIKE 'a1%'"))
        connection.execute(text("DELETE FROM meta WHERE name = 'a2'"))
    assert names(kept) == 19
    assert is_well(kept)


def test_a_row_that_others_changed_is_found_while_the_statement_runs(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found in the driver's own call is not lost there."""
    monkeypatch.setattr(notices, "NOTICES_MAX", 1)
    with kept.database.begin() as connection:
        fill(connection, 3)
    others = create_engine(kept.url)
    with others.begin() as connection:
        connection.execute(text("UPDATE meta SET value = 'theirs' WHERE name = 'a2'"))
    others.dispose()
    with pytest.raises(AlteredError, match="row a2 is not as"), kept.database.begin() as connection:
        connection.execute(text("UPDATE meta SET value = 'ours' WHERE name LIKE 'a%'"))
