"""A pair of gateways on one store: one leads, the other waits; killed, frozen, asked to yield, cut from its session."""

import json
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import FLOOR
from support.gateways import PASSPHRASE, Running, eventually, now_ms
from support.pair_live import (
    HOST,
    TAKEN,
    Desk,
    Pair,
    delivered_once,
    nothing_alarmed,
    pair_of,
    suar,
)
from support.patience import PATIENCE
from support.postgresql import Cluster
from support.standstill import stop

TESTS = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: the pair's store is in the cluster, those of the others are files
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running_pair(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> AsyncIterator[Pair]:
    async with pair_of(tmp_path_factory.mktemp("pair"), cluster.new_database()) as pair:
        yield pair


@pytest_asyncio.fixture(loop_scope="module")
async def pair(running_pair: Pair) -> AsyncIterator[Pair]:
    yield running_pair
    await running_pair.whole()


async def test_a_standby_reveals_no_hosts_to_strangers(pair: Pair) -> None:
    url = pair.waits.address["url"]
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as stranger:
        assert (await stranger.get("/healthz")).json() == {"status": "alive"}
        ready = await stranger.get("/readyz")
        assert (ready.status_code, ready.json()["reasons"]) == (503, ["standby"])
        assert (await stranger.head("/readyz")).content == b""
        for path in ("/v1/messages", "/metrics", "/console"):
            refused = await stranger.get(path)
            assert refused.status_code == 503
            assert (HOST in refused.text, refused.json()["detail"]) == (False, "standby")
        forged = await stranger.get("/readyz", headers={"Authorization": "Bearer x"})
        assert forged.json()["reasons"] == ["standby"]
    done = await suar("inbox", "--state", pair.waits.folder, **pair.waits.environ)
    assert done.code == 1
    assert f"standby of {HOST}" in done.err


async def test_both_are_monitored(pair: Pair) -> None:
    """By a token of the store; what it opens at the standby names no host."""
    body = json.dumps({"name": "prometheus", "scopes": ["monitor"]}).encode()
    token = (await pair.leads.call("POST", "/v1/tokens", body)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def is_known() -> bool:
        return (await pair.waits.call("GET", "/metrics", headers=headers)).status_code == 200

    await eventually(is_known, 120, pair.waits.words)
    pages = [(await each.call("GET", "/metrics", headers=headers)).text for each in pair.gateways]
    values = [dict(re.findall(r"^(suar_\w+) (\S+)$", page, re.MULTILINE)) for page in pages]
    assert [each["suar_lease_held"] for each in values] == ["1.0", "0.0"]
    assert values[0]["suar_lease_term"] == values[1]["suar_lease_term"]
    assert (values[0]["suar_lease_standbys"], values[1]["suar_standby_ready"]) == ("1.0", "1.0")
    assert HOST not in pages[1]
    found = await pair.waits.call("GET", "/v1/checks", headers=headers)
    assert (found.status_code, HOST in found.text) == (200, False)
    assert (await pair.waits.call("GET", "/readyz", headers=headers)).json()["reasons"] == ["standby"]
    await pair.leads.call("DELETE", "/v1/tokens/prometheus")

    async def is_unknown() -> bool:
        return (await pair.waits.call("GET", "/metrics", headers=headers)).status_code == 503

    await eventually(is_unknown, 120, pair.waits.words)
    checks = {each["id"]: each for each in (await pair.leads.get("/v1/checks"))["checks"]}
    assert (checks["pair"]["status"], HOST in checks["pair"]["text"]) == ("ok", True)
    assert (checks["store-roles"]["status"], checks["store-replicas"]["status"]) == ("ok", "warning")


async def doctor(gateway: Running) -> tuple[int, dict[str, dict[str, str]]]:
    done = await suar("doctor", "--json", "--state", gateway.folder, **gateway.environ)
    return done.code, {each["id"]: each for each in json.loads(done.out)["checks"]}


async def test_doctor_at_the_standby_says_whether_it_could_lead(pair: Pair) -> None:
    code, checks = await doctor(pair.waits)
    assert (code, checks["pair"]["text"]) == (0, f"this gateway is the standby of {HOST}")
    pair.waits.kill()
    _, checks = await doctor(pair.waits)
    assert (checks["gateway-running"]["status"], checks["store-roles"]["status"]) == ("critical", "ok")


async def test_killed_under_load_the_other_one_leads(pair: Pair) -> None:
    async with Desk(pair, "killed") as desk:
        pair.leads.kill()
        pair.swap()
        took = await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)
    print(f"accepted again after {took:.1f} s")


async def test_a_standby_has_imported_what_it_leads_with(pair: Pair) -> None:
    """A process of its own, which no other one has warmed: at load each import is paid for when nobody leads."""
    pair.waits.kill()
    pair.waits.program = ("-m", "support.warm_standby")
    try:
        pair.waits.start(PYTHONPATH=str(TESTS))
        await pair.standing_by()
        pair.leads.kill()
        pair.swap()
        await pair.leads.ready()
        [imported] = pair.leads.events("imported")
    finally:
        pair.leads.program = ()
    assert [name for name in imported["modules"] if name.partition(".")[0] in ("suar", "alembic", "litestar")] == []
    assert len(imported["modules"]) < 10


async def test_frozen_the_other_one_leads_and_the_woken_one_ends(pair: Pair) -> None:
    async with Desk(pair, "frozen") as desk:
        frozen = pair.leads
        assert frozen.process is not None
        stop(frozen.process.pid)
        pair.swap()
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
        frozen.process.send_signal(signal.SIGCONT)
        assert frozen.wait(60) == 1
        assert frozen.events("lease_lost")
        assert "the store's lease" in frozen.events("lease_lost")[0]["error"]
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)


async def test_who_leads_may_yield_to_a_standby_alone(pair: Pair) -> None:
    async with Desk(pair, "yielded") as desk:
        done = await suar("lease", "yield", "--state", pair.leads.folder, "--json", **pair.leads.environ)
        assert (done.code, json.loads(done.out)) == (0, {"standby": [HOST]}), done.err
        assert pair.leads.wait(60) == 0
        pair.swap()
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)
    done = await suar("lease", "yield", "--state", pair.leads.folder, **pair.leads.environ)
    assert done.code == 1
    assert "no standby waits for the lease" in done.err
    audit = await pair.leads.get("/v1/audit")
    assert [line["about"] for line in audit["lines"] if line["what"] == "yield-lease"] == [HOST]


async def test_a_session_that_its_administrators_end_continues_in_the_same_term(pair: Pair, cluster: Cluster) -> None:
    """Nobody led meanwhile: the standby is frozen, so it cannot be the faster one."""
    assert pair.waits.process is not None
    stop(pair.waits.process.pid)
    async with Desk(pair, "session") as desk:
        cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)


async def test_another_keyring_does_not_lead(pair: Pair, tmp_path: Path) -> None:
    """A machine that was set up by `suar init` in place of `suar pair import`, on the right store."""
    pair.waits.kill()
    stranger = Running("TH", tmp_path / "stranger", pair.leads.environ)
    file = pair.federation.folder / "th.pair"
    done = await suar("pair", "import", file, "--state", stranger.folder, **stranger.environ)
    assert done.code == 0, done.err
    (stranger.folder / "keyring.suar").unlink()
    Keyring.create(
        stranger.folder / "keyring.suar", PASSPHRASE, member="TH", federation="asean-test", now=now_ms(), cost=FLOOR
    )
    stranger.start()

    async def refuses() -> bool:
        try:
            reasons = (await stranger.call("GET", "/readyz")).json()["reasons"]
        except (OSError, httpx.HTTPError):
            return False
        return any("pair-keyring" in each for each in reasons)

    async def is_reported() -> bool:
        checks = {each["id"]: each for each in (await pair.leads.get("/v1/checks"))["checks"]}
        return bool(checks["pair"]["text"] == f"the gateway on {HOST} waits and could not lead")

    try:
        await eventually(refuses, 120, stranger.words)
        code, checks = await doctor(stranger)
        assert (code, "pair-keyring" in checks["pair"]["text"]) == (2, True)
        await eventually(is_reported, 120, pair.leads.words)
        pair.leads.kill()
        await eventually(refuses, 120, stranger.words)
        assert not stranger.events("started")
    finally:
        stranger.kill()
    done = await suar("token", "list", "--state", stranger.folder, **stranger.environ)
    assert done.code == 1
    assert "pair-keyring" in done.err
    await pair.leads.start_and_wait()
    done = await suar("audit", "verify", "--store", "--state", stranger.folder, **stranger.environ)
    assert done.code == 1
    assert "another gateway of this member holds the store's lease" in done.err
    await nothing_alarmed(pair)
