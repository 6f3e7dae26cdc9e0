"""A pair's database is killed or frozen, and its synchronous standby promoted: what was accepted is delivered."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.pair_live import TAKEN, Desk, delivered_once, pair_of
from support.postgresql import Cluster, Standby

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once, on a cluster of its own: its primary is killed
]


@pytest.fixture
def servers() -> Iterator[tuple[Cluster, Standby]]:
    """A primary whose commits wait for its standby."""
    cluster = Cluster()
    standby = Standby(cluster)
    cluster.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    cluster.execute("SELECT pg_reload_conf()")
    yield cluster, standby
    standby.stop()
    cluster.close()


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_what_was_accepted_is_delivered_by_the_promoted_server(
    servers: tuple[Cluster, Standby], tmp_path: Path, how: str
) -> None:
    """Frozen it stays until everything was delivered: its connections stand, and it answers nothing."""
    cluster, standby = servers
    store = cluster.url_of_both(cluster.new_database())
    async with pair_of(tmp_path, store) as pair:
        checks = {each["id"]: each for each in (await pair.leads.get("/v1/checks"))["checks"]}
        found = "1 of 1 replicas have each commit before it is answered"
        assert (checks["store-replicas"]["status"], checks["store-replicas"]["text"]) == ("ok", found)
        with ExitStack() as frozen:
            async with Desk(pair, how) as desk:
                if how == "killed":
                    cluster.stop(cluster.data)
                else:
                    frozen.enter_context(cluster.frozen())
                standby.promote()
                await desk.until_further(5, TAKEN)
            if desk.by is pair.waits:
                pair.swap()
            await delivered_once(pair, desk)
