"""The lease of a store in PostgreSQL: one session writes, and what another one remembers is never written."""

import select
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import msgspec
import pytest
from sqlalchemy import create_engine, make_url, text

from suar.store.engine import meta
from suar.store.engine.backends import lease, lease_watch
from suar.store.engine.backends.lease import UNREADY, Leading, boot_seconds, waiting
from suar.store.engine.backends.lease_watch import ERASING, PATIENCE, STARTING, LeaseWatch, Patience, Sight
from suar.store.engine.backends.server_checks import KEEPALIVES, ROLES, require_keepalives
from suar.store.engine.database import Database, StoreFault
from suar.store.faults import LeaseFault
from suar.store.recovery import adopting
from support.postgresql import Cluster
from support.protected import opened
from support.receivers import until

pytestmark = pytest.mark.sqlite  # run once: a file has no lease
KEYS = ("before", "now")


class Two:
    """Two gateways' stores of one database."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.url = cluster.new_database()
        self.a, self.b = Database(folder, self.url), Database(folder, self.url)

    def lead(self, store: Database, keyrings: tuple[str, ...] = KEYS, host: str = "a") -> None:
        store.acquire()
        store.claim(keyrings, host)

    def renew(self, store: Database) -> Leading:
        assert store.lease is not None
        since = boot_seconds()
        with store.begin() as connection:
            leading = store.lease.renew(connection)
        store.lease.renewed(leading, since)
        return leading

    def write(self, store: Database, value: str) -> None:
        with store.begin() as connection:
            meta.put(connection, "test", value)

    def read(self) -> str | None:
        with self.b.reading() as connection:
            return meta.get(connection, "test")

    def watch(self, host: str = "b") -> LeaseWatch:
        assert self.b.lease is not None
        return LeaseWatch(self.b.lease, host)


@pytest.fixture
def two(cluster: Cluster, tmp_path: Path) -> Iterator[Two]:
    made = Two(cluster, tmp_path)
    yield made
    for store in (made.a, made.b):
        store.close()
    cluster.drop_databases()


def end_session(cluster: Cluster) -> None:
    cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")


def until_written(two: Two, store: Database, value: str) -> None:
    """The first attempts meet the session that was ended."""
    for _ in range(5):
        with suppress(StoreFault):
            two.write(store, value)
            return
    raise AssertionError("nothing was written")


def test_the_second_one_writes_nothing_until_the_first_has_closed(two: Two) -> None:
    two.lead(two.a)
    with pytest.raises(LeaseFault, match="another gateway of this member holds"):
        two.b.acquire()
    with pytest.raises(LeaseFault):
        two.write(two.b, "from b")
    two.write(two.a, "from a")
    assert two.read() == "from a"
    two.a.close()
    two.lead(two.b)
    two.write(two.b, "from b")
    assert two.read() == "from b"


def test_an_ended_session_continues_where_nobody_led_meanwhile(two: Two, cluster: Cluster) -> None:
    two.lead(two.a)
    term = two.renew(two.a).term
    end_session(cluster)
    until_written(two, two.a, "again")
    assert two.renew(two.a).term == term


def test_who_comes_back_after_another_led_writes_nothing_more(two: Two, cluster: Cluster) -> None:
    two.lead(two.a)
    two.renew(two.a)
    assert two.a.is_leading
    end_session(cluster)
    two.lead(two.b, host="b")
    two.write(two.b, "from b")
    two.b.close()  # the lock is free again, and still a may not take it
    for _ in range(3):
        with pytest.raises(StoreFault):
            two.write(two.a, "from a")
    assert not two.a.is_leading
    assert two.read() == "from b"
    with pytest.raises(LeaseFault, match="held the store's lease meanwhile"):
        two.write(two.a, "from a")


def test_an_older_copy_of_the_store_is_not_gone_on_with(two: Two, cluster: Cluster) -> None:
    """As after a failover to a standby that had not received the last commits."""
    two.lead(two.a)
    first = two.renew(two.a)
    two.renew(two.a)
    with two.a.begin() as connection:
        meta.put(connection, lease.ROW, msgspec.json.encode(first).decode())
    end_session(cluster)
    with pytest.raises(StoreFault):
        two.write(two.a, "ended")
    with pytest.raises(LeaseFault):
        two.write(two.a, "from memory")


def test_commits_that_a_failover_lost_between_two_renewals_are_missed(cluster: Cluster, tmp_path: Path) -> None:
    """The row of the lease is the same then; the sealed account of the rows is not."""
    kept = opened(tmp_path, cluster.new_database())
    with kept.database.begin() as connection:
        kept.books.adopt(connection, adopting.schema_of(connection))
    with kept.database.begin() as connection:
        meta.put(connection, "test", "left")
    server = create_engine(kept.url)
    with server.begin() as connection:
        older = connection.execute(text("SELECT sealed, value, mac FROM integrity, meta WHERE name = 'test'")).one()
    with kept.database.begin() as connection:
        meta.put(connection, "test", "lost")
    with server.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE integrity SET sealed = :sealed"), {"sealed": older.sealed})
        connection.execute(text("UPDATE meta SET value = :value, mac = :mac WHERE name = 'test'"), older._asdict())
    end_sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    with server.begin() as connection:
        ours = "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"{end_sessions} {ours}"))
    for fault in (StoreFault, LeaseFault, LeaseFault):  # the first one meets the end of its session
        with pytest.raises(fault), kept.database.begin() as connection:
            meta.put(connection, "test", "from memory")
    with server.begin() as connection:
        assert connection.execute(text("SELECT value FROM meta WHERE name = 'test'")).scalar_one() == "left"
    server.dispose()
    assert kept.books.findings == {}
    kept.database.close()


def test_nothing_leaves_before_the_first_renewal_nor_four_seconds_after_the_last(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.lead(two.a)
    assert not two.a.is_leading
    two.renew(two.a)
    assert two.a.is_leading
    late = boot_seconds() + lease.FRESH
    monkeypatch.setattr(lease, "boot_seconds", lambda: late)
    assert not two.a.is_leading


def test_a_file_is_always_ours(tmp_path: Path) -> None:
    store = Database(tmp_path)
    store.migrate()
    store.acquire()
    store.claim(KEYS, "a")
    assert store.is_leading
    with store.reading() as connection:
        assert meta.get(connection, lease.ROW) is None
    store.close()


@pytest.mark.parametrize(("keyrings", "is_taken"), [(("now",), True), (("now", "newer"), True), (("before",), False)])
def test_without_a_key_of_the_last_leader_none_leads(two: Two, keyrings: tuple[str, ...], is_taken: bool) -> None:
    two.lead(two.a)
    two.a.close()
    if is_taken:
        two.lead(two.b, keyrings)
        return
    with pytest.raises(LeaseFault, match="pair-keyring"):
        two.lead(two.b, keyrings)


def test_a_standby_is_seen_and_sees_who_leads(two: Two) -> None:
    watch = two.watch("host-b")
    assert watch.observe() == Sight(None, None)
    two.lead(two.a, host="host-a")
    assert not watch.observe().is_renewing
    two.renew(two.a)
    with two.a.reading() as connection:
        assert (waiting(connection), waiting(connection, UNREADY)) == ([], [])
    watch.announce(is_ready=True)
    sight = watch.observe()
    assert (sight.is_renewing, sight.leading and sight.leading.host) == (True, "host-a")
    with two.a.reading() as connection:
        assert (waiting(connection), waiting(connection, UNREADY)) == (["host-b"], [])
    watch.announce(is_ready=False)
    with two.a.reading() as connection:
        assert (waiting(connection), waiting(connection, UNREADY)) == ([], ["host-b"])
    watch.close()


class Pooler(threading.Thread):
    """Passes bytes on between a client and the server, and has a number of its own for the session, as poolers do."""

    def __init__(self, folder: Path, server: Path) -> None:
        super().__init__(daemon=True)
        self._server = str(server / ".s.PGSQL.5432")
        self.listens = socket.socket(socket.AF_UNIX)
        self.listens.bind(str(folder / ".s.PGSQL.5432"))
        self.listens.listen()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listens.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    at = data.find(b"K\x00\x00\x00\x0c") if one is server else -1
                    if at >= 0:
                        data = data[: at + 5] + bytes(4) + data[at + 9 :]
                    (client if one is server else server).sendall(data)


@contextmanager
def pooled(cluster: Cluster, url: str) -> Iterator[str]:
    """The same database behind a pooler."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        pooler = Pooler(Path(folder), cluster.folder)
        pooler.start()
        yield url.replace(quote_plus(str(cluster.folder)), quote_plus(folder))
        pooler.listens.shutdown(socket.SHUT_RDWR)
        pooler.join(10)
        pooler.listens.close()


def test_a_pooler_of_connections_is_refused(cluster: Cluster, two: Two) -> None:
    with pooled(cluster, two.url) as url:
        store = Database(cluster.folder, url)
        with store.reading() as connection:
            assert meta.get(connection, "nothing") is None
        with pytest.raises(StoreFault, match="a pooler of connections"):
            store.acquire()
        store.close()
    assert two.watch().observe().session is None


def test_a_standby_behind_a_pooler_is_refused(cluster: Cluster, two: Two) -> None:
    with pooled(cluster, two.url) as url:
        store = Database(cluster.folder, url)
        assert store.lease is not None
        with pytest.raises(StoreFault, match="a pooler of connections"):
            LeaseWatch(store.lease, "b").observe()
        with pytest.raises(StoreFault, match="a pooler of connections"):
            store.prepare()
        store.close()


@pytest.fixture
def roles(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """Two roles that have what a gateway needs."""
    names = ("gateway", "another")
    for name in names:
        cluster.execute(f"CREATE ROLE {name} LOGIN IN ROLE {', '.join((*ROLES, 'pg_read_all_data'))}")
    yield names
    for name in names:
        cluster.execute(f"DROP ROLE {name}")


def watch_as(two: Two, role: str) -> LeaseWatch:
    store = Database(Path("/nowhere"), make_url(two.url).set(username=role).render_as_string(hide_password=False))
    assert store.lease is not None
    return LeaseWatch(store.lease, "b")


@pytest.mark.parametrize("missing", ROLES)
def test_a_standby_whose_role_lost_what_a_recall_needs_is_not_ready(
    two: Two, cluster: Cluster, roles: tuple[str, str], missing: str
) -> None:
    watch = watch_as(two, roles[0])
    watch.require_fit(watch.observe())
    cluster.execute(f"REVOKE {missing} FROM {roles[0]}")
    with pytest.raises(StoreFault, match=f"lacks {missing}") as caught:
        watch.require_fit(watch.observe())
    assert caught.value.hint == f"GRANT {missing} TO {roles[0]}"
    watch.close()


def test_a_standby_of_another_role_could_not_end_the_one_that_leads(two: Two, roles: tuple[str, str]) -> None:
    two.lead(two.a)
    two.renew(two.a)
    watch = watch_as(two, roles[1])
    sight = watch.observe()
    with pytest.raises(StoreFault, match="has the role postgres in the database"):
        watch.require_fit(sight)
    assert sight.session is not None
    with pytest.raises(StoreFault, match="to terminate"):
        watch.end(sight.session)
    watch.close()
    same = two.watch()
    same.require_fit(same.observe())
    same.close()


def test_a_frozen_one_is_ended_by_its_session(two: Two) -> None:
    two.lead(two.a)
    two.renew(two.a)
    watch = two.watch()
    sight = watch.observe()
    assert sight.session is not None
    watch.end(sight.session)
    watch.close()
    while two.watch().observe().session is not None:
        pass
    two.lead(two.b, host="b")
    with pytest.raises(StoreFault):
        two.write(two.a, "from a")


def test_who_waits_for_a_table_that_is_rewritten_is_not_frozen(two: Two, cluster: Cluster) -> None:
    """A recall: the lock of its VACUUM FULL is held here until the test has seen it."""
    two.lead(two.a)
    two.renew(two.a)
    with two.a.begin() as connection:
        for statement in _SLOW:
            connection.execute(text(statement))
    watch, engine = two.watch(), create_engine(two.url, isolation_level="AUTOCOMMIT")
    assert not watch.observe().is_erasing

    def rewrite() -> None:
        with engine.connect() as connection:
            connection.execute(text("VACUUM (FULL) slow"))

    with engine.connect() as holding, ThreadPoolExecutor(2) as threads:
        holding.execute(text("SELECT pg_advisory_lock(7)"))
        rewriting = threads.submit(rewrite)
        until(lambda: holding.execute(text("SELECT count(*) FROM pg_stat_progress_cluster")).scalar_one() == 1)
        writing = threads.submit(lambda: write_slow(two))
        until(lambda: watch.observe().is_erasing)
        seen = watch.observe()
        patience = Patience()
        assert [patience.observe(seen, now) for now in (0, PATIENCE + 1, ERASING)] == [False, False, True]
        holding.execute(text("SELECT pg_advisory_unlock(7)"))
        rewriting.result()
        writing.result()
    assert not watch.observe().is_erasing
    watch.close()
    engine.dispose()
    two.renew(two.a)


_SLOW = (
    "CREATE FUNCTION waits(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS"
    " $$BEGIN PERFORM pg_advisory_xact_lock(7); RETURN $1; END$$",
    "CREATE TABLE slow (name text)",
    "INSERT INTO slow VALUES ('a')",
    "CREATE INDEX slow_name ON slow (waits(name))",
)


def write_slow(two: Two) -> None:
    with two.a.begin() as connection:
        connection.execute(text("DELETE FROM slow"))


def sight(beats: int, row_session: int = 7, session: int = 7) -> Sight:
    return Sight(session, Leading(3, "a", "k", row_session, beats))


def test_patience_ends_for_what_does_not_change_alone() -> None:
    patience = Patience()
    assert not any(patience.observe(sight(beats), float(beats)) for beats in range(1, 60))
    assert not patience.observe(sight(59), 59 + PATIENCE - 0.1)
    assert patience.observe(sight(59), 59 + PATIENCE)
    assert not patience.observe(sight(60), 59 + PATIENCE)


@pytest.mark.parametrize("loading", [sight(0), sight(9, row_session=6)])
def test_one_that_loads_the_store_gets_more_time(loading: Sight) -> None:
    patience = Patience()
    assert not patience.observe(loading, 0)
    assert not patience.observe(loading, STARTING - 1)
    assert patience.observe(loading, STARTING)


def test_it_sends_nothing_for_two_seconds_before_its_session_is_ended() -> None:
    assert lease.FRESH + 2 <= PATIENCE


@pytest.mark.parametrize("missing", range(len(KEEPALIVES)))
def test_a_session_that_outlives_its_machine_is_refused(missing: int) -> None:
    found: list[tuple[str, str]] = [
        (name, "0" if n == missing else value) for n, (name, value) in enumerate(KEEPALIVES)
    ]
    with pytest.raises(StoreFault, match=KEEPALIVES[missing][0]):
        require_keepalives(found, is_this_machine=False)
    require_keepalives(found, is_this_machine=True)
    require_keepalives(list(KEEPALIVES), is_this_machine=False)


def test_an_altered_row_is_a_fault_of_the_store(two: Two) -> None:
    two.lead(two.a)
    with two.a.begin() as connection:
        meta.put(connection, lease.ROW, "{}")
    with pytest.raises(StoreFault, match="was altered"):
        two.watch().observe()


def test_the_lock_is_the_one_that_is_looked_for(two: Two) -> None:
    two.lead(two.a)
    with two.a.reading() as connection:
        found: Any = connection.execute(text("SELECT objid FROM pg_locks WHERE locktype = 'advisory'")).scalar_one()
    assert found == lease.LOCK
    assert str(lease.LOCK) in lease.HOLDER
    assert lease_watch.PATIENCE < STARTING
