"""A pair whose store came back older, by its administrators or a backup: one accepts it, the other gets its file."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import make_url

from support.pair_live import TAKEN, Desk, Pair, delivered_once, pair_of, suar
from support.postgresql import Cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: the pair's store is in the cluster, those of the others are files
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> AsyncIterator[Pair]:
    async with pair_of(tmp_path_factory.mktemp("restored"), cluster.new_database()) as made:
        yield made


def stop(pair: Pair) -> None:
    for each in pair.gateways:
        each.kill()


def store_of(pair: Pair) -> str:
    return pair.leads.environ["SUAR_STORE__URL"]


async def of_administrators(pair: Pair, cluster: Cluster, copied: str) -> None:
    """The database is as it was at an earlier point of time; nothing of that passes the gateway."""
    name, kept = make_url(store_of(pair)).database, make_url(copied).database
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")
    cluster.execute(f"ALTER DATABASE {kept} RENAME TO {name}")
    leads = pair.leads
    refused = await suar("serve", "--state", leads.folder, **leads.environ)
    assert refused.code != 0
    assert "suar store restored" in refused.err
    done = await suar("store", "restored", "--reason", "as of noon", "--state", leads.folder, **leads.environ)
    assert done.code == 0, done.err


async def leads_again(pair: Pair, by: str) -> None:
    """The first machine leads; the other one refuses the store until it has the new file, and takes over then."""
    await pair.leads.start_and_wait()
    pair.waits.start()
    await pair.standing_by()
    pair.leads.kill()
    assert pair.waits.wait(60) != 0
    assert "restored" in pair.waits.words()
    await pair.leads.start_and_wait()
    file = pair.federation.folder / f"{by}.pair"
    done = await suar("pair", "export", "-o", file, "--state", pair.leads.folder, **pair.leads.environ)
    assert done.code == 0, done.err
    done = await suar("pair", "import", file, "--state", pair.waits.folder, **pair.waits.environ)
    assert done.code == 0, done.err
    pair.waits.start()
    await pair.standing_by()
    async with Desk(pair, f"taken over after the {by}") as desk:
        pair.leads.kill()
        pair.swap()
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)
    pair.waits.start()
    await pair.standing_by()


async def reads_back(pair: Pair, lost: Desk) -> None:
    """What left after the moment of the copy came back from the own streams."""
    for id_ in lost.accepted:
        assert (await pair.leads.call("GET", f"/v1/messages/{id_}")).status_code == 200


async def test_a_store_that_its_administrators_put_back(pair: Pair, cluster: Cluster) -> None:
    stop(pair)
    copied = cluster.copy(store_of(pair))
    await pair.whole()
    async with Desk(pair, "lost") as lost:
        await lost.until_further(3, TAKEN)
    await delivered_once(pair, lost)
    stop(pair)
    await of_administrators(pair, cluster, copied)
    await leads_again(pair, "administrators")
    await reads_back(pair, lost)


async def test_a_store_that_a_backup_put_back(pair: Pair, tmp_path: Path) -> None:
    file, leads = tmp_path / "th.backup", pair.leads
    done = await suar("backup", "-o", file, "--state", leads.folder, **leads.environ)
    assert done.code == 0, done.err
    async with Desk(pair, "after the backup") as lost:
        await lost.until_further(3, TAKEN)
    await delivered_once(pair, lost)
    pair.waits.kill()
    refused = await suar("restore", file, "--replace", "--state", leads.folder, **leads.environ)
    assert refused.code == 1
    assert "a gateway runs on" in refused.err
    leads.kill()
    done = await suar("restore", file, "--replace", "--state", leads.folder, **leads.environ)
    assert done.code == 0, done.err
    await leads_again(pair, "copy")
    await reads_back(pair, lost)
