"""The way from a gateway to its store in PostgreSQL is cut under load: it goes on, and nothing is lost or doubled."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.gateways import eventually
from support.pair_live import TAKEN, Desk, Pair, alone_on, delivered_once
from support.postgresql import Cluster
from support.store_line import StoreLine

pytestmark = [
    pytest.mark.essential,
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: it is about PostgreSQL
]


@pytest.fixture
def line(cluster: Cluster) -> Iterator[StoreLine]:
    with tempfile.TemporaryDirectory(prefix="suar-line-", dir="/tmp") as folder:  # a short path, as a socket needs
        made = StoreLine(Path(folder), cluster.folder)
        yield made
        made.mend()
        made.cut()


async def is_away(pair: Pair) -> bool:
    """Whether the gateway says that its store is away and that it is not ready; who watches it is still answered.

    Each is true from the moment when its own part of the gateway asked the store in vain.
    """
    try:
        answer, ready = [await pair.leads.call("GET", path) for path in ("/metrics", "/readyz")]
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and "\nsuar_store_up 0" in answer.text and ready.status_code == 503


async def test_a_gateway_whose_store_is_cut_off_goes_on(line: StoreLine, cluster: Cluster, tmp_path: Path) -> None:
    """Each way of it twice, while people publish: connections end and none is taken, or nothing comes any more."""
    async with alone_on(tmp_path, line.url(cluster.new_database())) as pair:
        async with Desk(pair, "cut") as desk:
            for stop in (line.cut, line.hold, line.cut, line.hold):
                stop()
                if stop == line.cut:
                    await eventually(lambda: is_away(pair), TAKEN, pair.leads.words)
                line.mend()
                await desk.until_further(5, TAKEN)
        assert pair.leads.process is not None
        assert pair.leads.process.poll() is None, pair.leads.words()
        await delivered_once(pair, desk)
