"""A server of PostgreSQL that is frozen keeps its connections: they are given up. One that takes its time is not."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import create_engine, text

from suar.store.engine import meta
from suar.store.engine.backends import answers
from suar.store.engine.backends.lease_watch import LeaseWatch
from suar.store.engine.database import Database, StoreFault
from support.postgresql import Cluster
from support.receivers import until

pytestmark = pytest.mark.sqlite  # run once: a file has no server
WRITTEN = "SELECT pg_current_wal_lsn()"
REPLAYED = "SELECT coalesce(min(replay_lsn), '0/0') FROM pg_stat_replication"
PORT = itertools.count(5432)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is asked sooner than by a gateway, and has all the time that a busy machine takes."""
    monkeypatch.setattr(answers, "ASK_AFTER", 0.05)
    monkeypatch.setattr(answers, "ANSWER_WAIT", 60)


def put(store: Database, value: str) -> None:
    with store.begin() as connection:
        meta.put(connection, "test", value)


def kept(store: Database) -> str | None:
    with store.reading() as connection:
        return meta.get(connection, "test")


def test_a_frozen_server_is_given_up_for_the_one_that_was_promoted(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the session that writes, the one that reads and the standby's, each in the middle of its work."""
    with cluster.standby() as standby:
        store = Database(tmp_path, cluster.url_of_both(cluster.new_database()))
        store.acquire()
        store.claim(("key",), "a")
        assert store.lease is not None
        watch = LeaseWatch(store.lease, "b")
        put(store, "before")
        seen = (kept(store), watch.observe().session)
        assert seen[0] == "before"
        until(lambda: cluster.value(REPLAYED) >= cluster.value(WRITTEN))
        with cluster.frozen():
            monkeypatch.setattr(answers, "ANSWER_WAIT", 0.1)
            for work in (lambda: put(store, "lost"), lambda: kept(store), watch.observe):
                with pytest.raises(StoreFault, match="no longer answers"):
                    work()
            monkeypatch.setattr(answers, "ANSWER_WAIT", 60)
            standby.promote()
            put(store, "now")
            assert kept(store) == "now"
            assert watch.observe().session not in (None, seen[1])
            watch.close()
            store.close()
    cluster.drop_databases()


def test_a_statement_that_waits_goes_on_while_its_server_answers(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bool] = []

    def recorded(raw: psycopg.Connection[Any]) -> bool:
        found.append(question(raw))
        return found[-1]

    question = answers.is_answering
    monkeypatch.setattr(answers, "is_answering", recorded)
    url = cluster.new_database()
    store, other = Database(tmp_path, url), create_engine(url)
    with ThreadPoolExecutor(1) as threads, other.connect() as holds:
        holds.execute(text("LOCK TABLE meta"))
        waits = threads.submit(put, store, "at last")
        until(lambda: len(found) >= 3)
        assert not waits.done()
        holds.rollback()
        waits.result()
    assert all(found)
    assert kept(store) == "at last"
    other.dispose()
    store.close()
    cluster.drop_databases()


def on_network() -> tuple[socket.socket, str, int]:
    made = socket.create_server(("127.0.0.1", 0))
    return made, "127.0.0.1", made.getsockname()[1]


def on_abstract_socket() -> tuple[socket.socket, str, int]:
    host, port = f"suar-{threading.get_native_id()}", next(PORT)
    made = socket.socket(socket.AF_UNIX)
    made.bind(f"\0{host}/.s.PGSQL.{port}")
    made.listen()
    return made, f"@{host}", port


@pytest.fixture
def session() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("open_server", [on_network, on_abstract_socket])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"S", True), (b"N", True), (b"", False), (None, False)],
    ids=["with TLS", "without", "the connection ends", "nothing comes"],
)
def test_what_counts_as_an_answer(
    session: tuple[socket.socket, socket.socket],
    open_server: Callable[[], tuple[socket.socket, str, int]],
    answer: bytes | None,
    expected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if answer is None:
        monkeypatch.setattr(answers, "ANSWER_WAIT", 0.1)
    server, host, port = open_server()
    ends = threading.Event()

    def serve() -> None:
        with server.accept()[0] as asking:
            assert len(asking.recv(8)) == 8
            if answer is None:
                ends.wait()
            else:
                asking.sendall(answer)

    with server, ThreadPoolExecutor(1) as threads:
        serving = threads.submit(serve)
        assert answers.is_answering(raw(session[0], host, port)) is expected
        ends.set()
        serving.result()


def test_a_server_that_nobody_reaches_does_not_answer(
    session: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    assert not answers.is_answering(raw(session[0], str(tmp_path), 5432))


def test_an_answer_that_comes_meanwhile_counts(session: tuple[socket.socket, socket.socket]) -> None:
    server, host, port = on_network()
    with server:
        session[1].sendall(b"at last")
        assert answers.is_answering(raw(session[0], host, port))


def raw(ours: socket.socket, host: str, port: int) -> psycopg.Connection[Any]:
    """What is read of a session of the driver."""
    info = SimpleNamespace(host=host, hostaddr="" if host.startswith("@") else host, port=port)
    return cast("psycopg.Connection[Any]", SimpleNamespace(info=info, pgconn=SimpleNamespace(socket=ours.fileno())))
