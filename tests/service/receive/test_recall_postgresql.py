"""A recall in PostgreSQL: `recalled` is said when no file of the server and its standbys has text, key or frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from suar.service.receive import lifecycle
from support import stores
from support.corekit import CoreKit
from support.pairs import Two, new
from support.postgresql import Cluster
from support.receivers import until
from support.stored_pieces import is_in, sealed

pytestmark = pytest.mark.sqlite  # run once: the fixture opens stores of the cluster
_WAITING = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and not granted"


@pytest.fixture
def pair(cluster: Cluster, tmp_path: Path) -> Iterator[Two]:
    with stores.in_cluster(cluster):
        made = Two(tmp_path)
        yield made
        made.th.close()
        made.sg.close()


def recall(pair: Two, title: str = "a") -> list[bytes]:
    """SG has recalled a message of TH; what stood in its files of it."""
    [id_] = pair.publish(new(title))
    pair.to_sg()
    pieces = sealed(pair.sg, id_)
    assert len(pieces) == 3
    pair.cancel(id_)
    pair.to_sg()
    return pieces


def is_proved(kit: CoreKit) -> bool:
    lifecycle.purge_log(kit.core)
    return not kit.core.due.is_log_suspect


def test_a_reader_of_the_table_puts_it_off(pair: Two) -> None:
    pieces = recall(pair)
    with pair.sg.core.database.reading() as reader, pair.sg.core.database.reading() as other:
        other.execute(text("select count(*) from message"))
        until(lambda: is_proved(pair.sg) or reader.execute(text(_WAITING)).scalar_one() > 0)
        assert not is_proved(pair.sg)
        assert is_in(stores.files(pair.sg.folder), pieces)
    until(lambda: is_proved(pair.sg))
    assert not is_in(stores.files(pair.sg.folder), pieces)


def test_what_is_destroyed_meanwhile_is_waited_for_too(pair: Two) -> None:
    pieces = recall(pair)
    until(lambda: pair.sg.core.database.erase(1))
    assert not is_in(stores.files(pair.sg.folder), pieces)
    pieces = recall(pair, "another")
    assert not pair.sg.core.database.erase(2)
    until(lambda: pair.sg.core.database.erase(2))
    assert not is_in(stores.files(pair.sg.folder), pieces)


def test_a_standby_that_is_away_is_waited_for(cluster: Cluster, pair: Two) -> None:
    url = pair.sg.core.database.url.render_as_string(hide_password=False)
    with cluster.standby() as standby:
        pieces = recall(pair)
        standby.stop()
        until(lambda: not is_in(stores.files(pair.sg.folder), pieces) or is_proved(pair.sg))
        assert not is_proved(pair.sg)
        standby.start()
        until(lambda: is_proved(pair.sg))
        assert not is_in(cluster.files(url, standby.data), pieces)
