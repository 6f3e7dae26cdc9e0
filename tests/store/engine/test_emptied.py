"""A database of the cluster that one test has left is as new for another, or is not given to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from support import stores
from support.pairs import SECRET, Two, new
from support.postgresql import Cluster

pytestmark = pytest.mark.sqlite  # run once: about databases of the cluster, whichever room they are for
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 AND relkind = 'r'"
SIZES = "SELECT relname, pg_table_size(oid) FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 't', 'i') ORDER BY 1"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
CHANGES = (
    "CREATE TABLE mine (a int)",
    "ALTER TABLE message ADD COLUMN mine int",
    "ALTER TABLE message ALTER COLUMN id SET DEFAULT 'x'",
    "ALTER TABLE message DROP CONSTRAINT message_pkey CASCADE",
    "CREATE INDEX mine ON message (id)",
    "ALTER TABLE audit DISABLE TRIGGER USER",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "GRANT SELECT ON message TO pg_monitor",
    "ALTER TABLE message SET (fillfactor = 50)",
    "CREATE SCHEMA mine",
    "INSERT INTO alembic_version VALUES ('mine')",
    "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET work_mem = 100'; END $$",
    "SELECT lo_create(0)",
    "CREATE STATISTICS mine ON id, rev FROM message",
    "CREATE RULE mine AS ON DELETE TO message DO INSTEAD NOTHING",
)


@pytest.fixture
def kept(cluster: Cluster) -> Iterator[frozenset[str]]:
    """Databases of others."""
    found = cluster.databases()
    yield found
    cluster.recycle(found)


def name_of(url: str) -> str:
    return str(make_url(url).database)


def changed(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def content_of(url: str) -> dict[str, Any]:
    """What a test could find in a database, but for what the template gives the same to all."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = connection.execute(text(TABLES)).scalars().all()
        rows = {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables}
        sizes, sequences = (connection.execute(text(each)).all() for each in (SIZES, SEQUENCES))
    engine.dispose()
    return {"rows": rows, "sizes": sizes, "sequences": sequences}


def test_what_a_publisher_and_a_reader_have_stored_is_gone_from_rows_and_files(
    cluster: Cluster, tmp_path: Path, kept: frozenset[str]
) -> None:
    as_new = content_of(cluster.new_database())
    with stores.in_cluster(cluster):
        two = Two(tmp_path)
        [id_] = two.publish(new("left"))
        two.to_sg()
        two.open(id_)
        two.to_th()
        urls = [str(stores.url(kit.folder)) for kit in (two.th, two.sg)]
        changed(urls[0], f"INSERT INTO meta VALUES ('left', '{SECRET}')")
        assert all(content_of(url)["rows"]["message"] and content_of(url) != as_new for url in urls)
        assert any(SECRET.encode() in file for file in cluster.files(urls[0]))
        two.th.close()
        two.sg.close()
    again = {name_of(cluster.new_database()) for _ in urls}
    kept_ones = [url for url in urls if name_of(url) in again]  # one at which autovacuum worked just now is dropped
    assert kept_ones
    for url in kept_ones:
        assert content_of(url) == as_new
        assert not any(SECRET.encode() in file for file in cluster.files(url))


@pytest.mark.parametrize("statement", CHANGES)
def test_a_database_in_which_more_than_rows_was_changed_is_dropped(
    cluster: Cluster, kept: frozenset[str], statement: str
) -> None:
    url = cluster.new_database()
    changed(url, statement)
    cluster.recycle(kept)
    assert name_of(cluster.new_database()) != name_of(url)
    names = cluster.databases()
    assert name_of(url) not in names


def test_statistics_of_a_table_are_not_left_to_another_test(cluster: Cluster, kept: frozenset[str]) -> None:
    url = cluster.new_database()
    changed(url, "INSERT INTO meta SELECT n::text, 'x' FROM generate_series(1, 100) AS n", "ANALYZE meta")
    cluster.recycle(kept)
    assert name_of(cluster.new_database()) != name_of(url)


def test_a_connection_that_a_test_left_open_ends(cluster: Cluster, kept: frozenset[str]) -> None:
    url = cluster.new_database()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO meta VALUES ('left', 'x')"))
        cluster.recycle(kept)
        assert cluster.new_database() == url
        assert connection.connection.driver_connection is not None
        with pytest.raises(Exception, match=r"terminat|closed"):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    assert content_of(url)["rows"]["meta"] == []
