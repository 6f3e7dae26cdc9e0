"""A store in PostgreSQL: which database is taken, its connections, and what is said when they end."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text

from suar.store.engine import meta
from suar.store.engine.backends import answers, erasing, postgresql, replicas, sessions
from suar.store.engine.backends.server_checks import ROLES, is_plain
from suar.store.engine.database import Database, StoreFault
from suar.store.migrations import schema
from support.postgresql import Cluster
from support.receivers import until

pytestmark = pytest.mark.sqlite  # run once: each test opens its own database of the cluster
_LOCKED = "select count(*) from pg_locks where locktype = 'advisory' and granted = :granted"


@pytest.fixture
def database(cluster: Cluster, tmp_path: Path) -> Iterator[Database]:
    store = Database(tmp_path, cluster.new_database())
    yield store
    store.close()
    cluster.drop_databases()


def one(connection: Connection, statement: str, **values: Any) -> Any:
    return connection.execute(text(statement), values).scalar_one()


@pytest.mark.parametrize(
    "options", ["ENCODING 'LATIN1' LOCALE 'C'", "ENCODING 'UTF8' LOCALE 'C.UTF-8'", "ENCODING 'SQL_ASCII' LOCALE 'C'"]
)
def test_a_database_of_another_encoding_or_order_is_refused(cluster: Cluster, tmp_path: Path, options: str) -> None:
    database = Database(tmp_path, cluster.new_database(f"TEMPLATE template0 {options}"))
    with pytest.raises(StoreFault, match="not in UTF-8 and locale C") as caught:
        database.migrate()
    assert "ENCODING 'UTF8' LOCALE 'C'" in caught.value.hint
    with database.reading() as connection:
        assert one(connection, "select count(*) from pg_tables where schemaname = 'public'") == 0
    database.close()
    cluster.drop_databases()


def test_the_example_for_administrators_makes_what_a_store_needs(cluster: Cluster, tmp_path: Path) -> None:
    """deploy/postgresql/suar.sql; its role owns the database alone."""
    file = Path(__file__).parents[3] / "deploy" / "postgresql" / "suar.sql"
    statements = re.sub("^--.*$", "", file.read_text(), flags=re.MULTILINE).split(";")
    for statement in filter(str.strip, statements):
        cluster.execute(statement)
    url = make_url(cluster.url("suar")).set(username="suar").render_as_string(hide_password=False)
    database = Database(tmp_path, url)
    try:
        database.prepare()
        database.migrate()
        with database.reading() as connection:
            assert one(connection, "select current_user") == "suar"
            assert not one(connection, "select rolsuper from pg_roles where rolname = current_user")
    finally:
        database.close()
        cluster.execute("DROP DATABASE suar WITH (FORCE)")
        cluster.execute("DROP ROLE suar")


def test_a_server_that_is_not_there_is_reported_without_the_password(tmp_path: Path) -> None:
    database = Database(tmp_path, f"postgresql://suar:hunter2@/suar?host={tmp_path}")
    with pytest.raises(StoreFault) as caught:
        database.migrate()
    database.close()
    assert "hunter2" not in caught.value.text + caught.value.hint + repr(caught.value)
    assert "\n" not in caught.value.text


def test_who_migrates_second_waits_for_the_first(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cluster.new_database("TEMPLATE template0")
    first, second, watcher = (Database(tmp_path, url) for _ in range(3))
    upgrade, has_begun, may_end = schema.upgrade, threading.Event(), threading.Event()
    found: list[int] = []

    def slow(connection: Connection, revision: str) -> None:
        found.append(one(connection, "select count(*) from pg_tables where tablename = 'message'"))
        has_begun.set()
        assert may_end.wait(60)
        upgrade(connection, revision)

    def waiting() -> int:
        with watcher.reading() as connection:
            return int(one(connection, _LOCKED, granted=False))

    monkeypatch.setattr(schema, "upgrade", slow)
    with ThreadPoolExecutor(2) as threads:
        ends = [threads.submit(first.migrate)]
        assert has_begun.wait(60)
        ends.append(threads.submit(second.migrate))
        until(lambda: waiting() == 1)
        assert found == [0]
        may_end.set()
        for each in ends:
            each.result()
    assert found == [0, 1]  # the second one began when all was done
    for database in (first, second, watcher):
        database.close()
    cluster.drop_databases()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP TABLE alembic_version",
    ],
)
def test_a_store_of_this_version_alone_is_not_migrated(
    database: Database, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A standby that is to lead loads nothing of what migrates."""
    migrated: list[str] = []
    monkeypatch.setattr(schema, "upgrade", lambda _, revision: migrated.append(revision))
    database.migrate()
    assert migrated == []
    with database.begin() as connection:
        connection.execute(text(change))
    database.migrate()
    assert migrated == ["head"]


def test_readers_change_nothing(database: Database) -> None:
    with pytest.raises(StoreFault, match="read-only"), database.reading() as connection:
        meta.put(connection, "name", "value")
    with database.reading() as connection:
        assert meta.get(connection, "name") is None


def test_a_fourth_reader_is_refused_after_a_wait(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suar.store.engine.backends.postgresql.WAIT", 0.1)
    database = Database(tmp_path, cluster.new_database())
    with ExitStack() as views:
        for _ in range(postgresql.READERS):
            views.enter_context(database.reading())
        with pytest.raises(StoreFault), database.reading():
            pass
    with database.reading() as connection:
        assert meta.get(connection, "name") is None
    database.close()
    cluster.drop_databases()


@pytest.mark.parametrize("how", ["begin", "reading"])
def test_a_session_that_was_ended_is_a_fault_and_the_next_one_works(
    cluster: Cluster, database: Database, how: str
) -> None:
    open_one = getattr(database, how)

    def end(connection: Connection) -> None:
        cluster.execute(f"select pg_terminate_backend({one(connection, 'select pg_backend_pid()')}, 10000)")
        meta.get(connection, "name")

    with pytest.raises(StoreFault) as caught, open_one() as connection:
        end(connection)
    assert "goes on by itself" in caught.value.hint
    with open_one() as connection:
        assert meta.get(connection, "name") is None


@pytest.mark.parametrize(
    ("kept", "found"), [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")]
)
def test_what_was_committed_is_on_disk_whatever_the_database_sets(
    cluster: Cluster, tmp_path: Path, kept: str, found: str
) -> None:
    url = cluster.new_database()
    cluster.execute(f"ALTER DATABASE {url.rpartition('/')[2].partition('?')[0]} SET synchronous_commit = {kept}")
    database = Database(tmp_path, url)
    with database.begin() as connection:
        assert one(connection, "show synchronous_commit") == found
    database.close()
    cluster.drop_databases()


def test_every_bound_is_named_with_its_value() -> None:
    page = (Path(__file__).parents[3] / "docs/bounds.md").read_text()
    table = page.partition("| limit of the connections | value | of what | over it |")[2].partition("\n\n")[0]
    named = dict(re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+) \|", table, re.MULTILINE))
    assert named == {
        "READERS": str(postgresql.READERS), "WAIT": str(sessions.WAIT), "ASK_AFTER": str(answers.ASK_AFTER),
        "ASK_MAX": str(answers.ASK_MAX), "ANSWER_WAIT": str(answers.ANSWER_WAIT),
        "LOCK_WAIT": erasing.LOCK_WAIT.removesuffix("s"), "SERVERS_MAX": str(replicas.SERVERS_MAX),
    }  # fmt: skip


@pytest.mark.parametrize("missing", ROLES)
def test_a_role_without_what_a_recall_needs_is_refused(cluster: Cluster, tmp_path: Path, missing: str) -> None:
    url = make_url(cluster.new_database("TEMPLATE template0"))
    granted = ", ".join(role for role in ROLES if role != missing)
    cluster.execute("CREATE ROLE suar LOGIN")
    cluster.execute(f"GRANT {granted} TO suar")
    cluster.execute(f"ALTER DATABASE {url.database} OWNER TO suar")
    database = Database(tmp_path, url.set(username="suar").render_as_string(hide_password=False))
    try:
        with pytest.raises(StoreFault, match=f"lacks {missing}") as caught:
            database.migrate()
        assert caught.value.hint == f"GRANT {missing} TO suar"
        cluster.execute(f"GRANT {missing} TO suar")
        database.migrate()
        until(lambda: database.erase(0, frozenset()))
    finally:
        database.close()
        cluster.drop_databases()
        cluster.execute("DROP ROLE suar")


@pytest.mark.parametrize("engine", ["writing", "reading"])
def test_a_machine_that_is_gone_is_noticed_by_this_side_too(database: Database, engine: str) -> None:
    """Else an answer that never comes is waited for for hours."""
    database.migrate()
    with database.begin() if engine == "writing" else database.reading() as connection:
        raw: Any = connection.connection.driver_connection
        found = raw.info.get_parameters()
    wanted = {"keepalives_idle": "2", "keepalives_interval": "1", "keepalives_count": "3", "tcp_user_timeout": "4000"}
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("host", "address", "has_tls", "expected"),
    [
        ("db1", "192.0.2.1", False, True), ("db1", "192.0.2.1", True, False), ("db1", "2001:db8::1", False, True),
        ("localhost", "127.0.0.1", False, False), ("here", "::1", False, False), ("/run/postgresql", "", False, False),
        ("db1", "fe80::1%eth0", False, True), ("db1", "", False, True),
    ],
)  # fmt: skip
def test_which_connection_crosses_a_network_without_tls(host: str, address: str, has_tls: bool, expected: bool) -> None:
    raw = SimpleNamespace(info=SimpleNamespace(host=host, hostaddr=address), pgconn=SimpleNamespace(ssl_in_use=has_tls))
    assert is_plain(raw) is expected


def test_a_socket_of_this_machine_needs_no_tls(database: Database) -> None:
    with database.reading() as connection:
        assert not is_plain(connection.connection.driver_connection)
