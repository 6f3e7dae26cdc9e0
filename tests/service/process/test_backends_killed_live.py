"""Sessions of a server of PostgreSQL are killed, or get no triggers, under load: a gateway goes on by itself."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from support.gateways import eventually
from support.pair_live import TAKEN, Desk, Pair, alone_on, delivered_once
from support.postgresql import Cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: it is about PostgreSQL
]
KILLS = 20


@pytest.fixture
def server() -> Iterator[Cluster]:
    """One of its own, since it restarts."""
    made = Cluster()
    yield made
    made.close()


async def kill_one(server: Cluster, url: str) -> int:
    """Kill a session of the gateway, once it has one; the process that was killed."""
    killed = list[int]()

    async def is_killed() -> bool:
        found = server.kill_sessions(url)
        killed.extend([] if found is None else [found])
        return bool(killed)

    await eventually(is_killed, TAKEN)
    return killed[0]


async def is_refused(pair: Pair) -> bool:
    return (await pair.leads.call("GET", "/readyz")).status_code == 503


async def is_read(pair: Pair, desk: Desk) -> bool:
    """Whether a reader's request is answered: the first one after its session was ended is refused (503)."""
    id_ = next(iter(desk.accepted))
    return (await pair.leads.call("GET", f"/v1/messages/{id_}/deliveries")).status_code == 200


async def test_what_was_accepted_is_delivered_once_whatever_session_was_killed(server: Cluster, tmp_path: Path) -> None:
    url = server.new_database()
    async with alone_on(tmp_path, url) as pair:
        async with Desk(pair, "killed") as desk:
            for _ in range(KILLS):
                killed = await kill_one(server, url)
                await eventually(partial(server.has_begun_again, killed), TAKEN)
                await desk.until_further(1, TAKEN)
            name = make_url(url).database
            role = f"ALTER DATABASE {name}"
            server.execute(f"{role} SET session_replication_role = replica")
            server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            await eventually(lambda: is_refused(pair), TAKEN, pair.leads.words)
            server.execute(f"{role} RESET session_replication_role")
            await desk.until_further(5, TAKEN)
        assert pair.leads.process is not None
        assert pair.leads.process.poll() is None, pair.leads.words()
        await eventually(lambda: is_read(pair, desk), TAKEN, pair.leads.words)
        await delivered_once(pair, desk)
        checks = {each["id"]: each["status"] for each in (await pair.leads.get("/v1/checks"))["checks"]}
        assert checks["store-integrity"] == "ok"
