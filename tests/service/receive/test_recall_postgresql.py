"""A recall in PostgreSQL: `recalled` is said when no file of the server and its replicas has text, key or frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from suar.service.receive import recall
from suar.store.engine.backends.replicas import SERVERS_MAX, servers
from suar.store.engine.keys import stored_frames
from suar.store.engine.keys.row_keys import IN_ROW
from support import stores
from support.corekit import CoreKit
from support.pairs import Two, new
from support.postgresql import Cluster, Standby
from support.receivers import until
from support.stored_pieces import is_in, sealed

pytestmark = pytest.mark.sqlite  # run once: the fixture opens stores of the cluster
NOTHING = frozenset[str]()  # no table but the keys
_WAITING = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and not granted"


@pytest.fixture
def pair(cluster: Cluster, tmp_path: Path) -> Iterator[Two]:
    with stores.in_cluster(cluster):
        made = Two(tmp_path)
        yield made
        made.th.close()
        made.sg.close()


def recall_text(pair: Two, title: str = "a") -> list[bytes]:
    """SG has recalled a message of TH; what stood in its files of it."""
    [id_] = pair.publish(new(title))
    pair.to_sg()
    pieces = sealed(pair.sg, id_)
    assert len(pieces) == 3
    pair.cancel(id_)
    pair.to_sg()
    return pieces


def is_proved(kit: CoreKit) -> bool:
    recall.purge_log(kit.core)
    return not kit.core.due.is_log_suspect


def test_a_reader_of_the_table_puts_it_off(pair: Two) -> None:
    pieces = recall_text(pair)
    with pair.sg.core.database.reading() as reader, pair.sg.core.database.reading() as other:
        other.execute(text("select count(*) from row_key"))
        until(lambda: is_proved(pair.sg) or reader.execute(text(_WAITING)).scalar_one() > 0)
        assert not is_proved(pair.sg)
        assert is_in(stores.files(pair.sg.folder), pieces)
    until(lambda: is_proved(pair.sg))
    assert not is_in(stores.files(pair.sg.folder), pieces)


def file_numbers(kit: CoreKit) -> dict[str, int]:
    """Which file each table is in: another one after it was written anew."""
    with kit.core.database.reading() as connection:
        found = connection.execute(text("select relname, relfilenode from pg_class where relkind = 'r'"))
        return {row.relname: row.relfilenode for row in found}


def test_only_the_keys_are_rewritten(pair: Two) -> None:
    """So it takes as long for a large store as for a small one."""
    until(lambda: is_proved(pair.sg))
    before = file_numbers(pair.sg)
    pieces = recall_text(pair)
    assert is_in(stores.files(pair.sg.folder), pieces[:2])
    until(lambda: is_proved(pair.sg))
    after = file_numbers(pair.sg)
    assert {name for name in after if after[name] != before[name]} == {"row_key"}
    assert not is_in(stores.files(pair.sg.folder), pieces)


def test_a_frame_stands_open_in_no_file(pair: Two) -> None:
    [id_] = pair.publish(new("a"))
    pair.to_sg()
    *keys, seal = sealed(pair.sg, id_)
    assert is_in(stores.files(pair.sg.folder), keys)
    assert not is_in(stores.files(pair.sg.folder), [seal])


def test_a_row_that_came_from_a_file_is_destroyed_too(pair: Two) -> None:
    """`suar restore` puts it there with the salt and the frame in it."""
    [id_] = pair.publish(new("a"))
    pair.to_sg()
    until(lambda: is_proved(pair.sg))
    salt, _, seal = sealed(pair.sg, id_)
    with pair.sg.core.transaction() as connection:
        [stored] = connection.exec_driver_sql("select frame from message").scalars()
        frame = stored_frames.read(connection, pair.sg.core.vault, bytes(stored))
        connection.exec_driver_sql("update message set body_key = %s, frame = %s", (salt, frame))
        connection.exec_driver_sql("delete from row_key")
    before = file_numbers(pair.sg)
    pair.cancel(id_)
    pair.to_sg()
    assert is_in(stores.files(pair.sg.folder), [salt])
    assert is_in(stores.files(pair.sg.folder), [seal])
    until(lambda: is_proved(pair.sg))
    after = file_numbers(pair.sg)
    assert {name for name in after if after[name] != before[name]} == {"row_key", "message"}
    assert not is_in(stores.files(pair.sg.folder), [salt, seal])


def test_after_a_crash_every_table_is_rewritten(pair: Two) -> None:
    """What was destroyed before it may have been in the row itself, in one that came from a file."""
    recall_text(pair)
    pair.sg.restart()
    before = file_numbers(pair.sg)
    until(lambda: is_proved(pair.sg))
    after = file_numbers(pair.sg)
    assert {name for name in after if after[name] != before[name]} == {"row_key", *IN_ROW}


def test_what_is_destroyed_meanwhile_is_waited_for_too(pair: Two) -> None:
    pieces = recall_text(pair)
    until(lambda: pair.sg.core.database.erase(1, NOTHING))
    assert not is_in(stores.files(pair.sg.folder), pieces)
    pieces = recall_text(pair, "another")
    assert not pair.sg.core.database.erase(2, NOTHING)
    until(lambda: pair.sg.core.database.erase(2, NOTHING))
    assert not is_in(stores.files(pair.sg.folder), pieces)


@pytest.fixture
def replicated(cluster: Cluster, tmp_path: Path) -> Iterator[tuple[Two, Standby]]:
    """The same on a server that has a replica, which the stores' URLs name."""
    with cluster.standby() as replica, stores.in_cluster(cluster, has_replica=True):
        made = Two(tmp_path)
        yield made, replica
        made.th.close()
        made.sg.close()


def waits_for(kit: CoreKit) -> str:
    return kit.core.database.erasure_waits_for


def test_a_replica_that_is_away_is_waited_for(cluster: Cluster, replicated: tuple[Two, Standby]) -> None:
    pair, replica = replicated
    url = pair.sg.core.database.url.render_as_string(hide_password=False)
    pieces = recall_text(pair)
    replica.stop()
    until(lambda: is_proved(pair.sg) or "away: standby" in waits_for(pair.sg))
    assert not is_proved(pair.sg)
    assert not is_in(stores.files(pair.sg.folder), pieces)
    replica.start()
    until(lambda: is_proved(pair.sg))
    assert waits_for(pair.sg) == ""
    assert not is_in(cluster.files(url, replica.data), pieces)


def test_after_it_a_replica_that_crashes_does_not_make_the_files_again(
    cluster: Cluster, replicated: tuple[Two, Standby]
) -> None:
    """It starts at its last restartpoint, which is behind the files that were removed."""
    pair, replica = replicated
    recall_text(pair)
    before = cluster.value("SELECT pg_current_wal_lsn()")
    until(lambda: is_proved(pair.sg))
    replica.stop()
    assert replica.restartpoint() > before


def test_a_replica_that_replays_nothing_is_waited_for(replicated: tuple[Two, Standby]) -> None:
    pair, replica = replicated
    recall_text(pair)
    replica.execute("SELECT pg_wal_replay_pause()")
    until(lambda: is_proved(pair.sg) or "behind or away" in waits_for(pair.sg))
    assert not is_proved(pair.sg)
    replica.execute("SELECT pg_wal_replay_resume()")
    until(lambda: is_proved(pair.sg))


def test_a_replica_that_the_url_does_not_name_is_waited_for(cluster: Cluster, pair: Two) -> None:
    with cluster.standby():
        recall_text(pair)
        until(lambda: is_proved(pair.sg) or waits_for(pair.sg) == "1 replicas that store.url does not name")
        assert not is_proved(pair.sg)
    until(lambda: is_proved(pair.sg))


@pytest.mark.parametrize(
    ("hosts", "ports", "found"),
    [
        ("db", "", [("db", "")]),
        ("a,b", "5432", [("a", "5432"), ("b", "5432")]),
        ("a,b", "1,2", [("a", "1"), ("b", "2")]),
        (",".join("x" * 99), "1", [("x", "1")] * SERVERS_MAX),
    ],
)
def test_servers_of_a_url_are_those_of_libpq(hosts: str, ports: str, found: list[tuple[str, str]]) -> None:
    assert servers(hosts, ports) == found
