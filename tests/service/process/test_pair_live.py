"""A pair of gateways on one store: one leads, the other waits; real processes, servers and a real PostgreSQL."""

import asyncio
import itertools
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from chaos.stores import Store
from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import FLOOR
from support import warm
from support.gateways import AGAIN, PASSPHRASE, Federation, Running, draft, eventually, now_ms
from support.headers import no_header_twice
from support.postgresql import Cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,  # run once: the pair's store is in the cluster, those of the others are files
    pytest.mark.asyncio(loop_scope="module"),
]
MODULE = "support.on_postgresql"
HOST = socket.gethostname()
PEERS = ("SG", "VN")
TAKEN = 20.0  # seconds until the other one accepts; 1.5 on an idle machine
TAKEN_FROM_FROZEN = 40.0  # the same, of which six are patience
QUIET = {"silence", "clock"}  # of a busy machine


class Pair:
    """TH's two gateways; `leads` is the one that leads, as the test knows it."""

    def __init__(self, federation: Federation, second: Running) -> None:
        self.federation, self.gateways = federation, [federation["TH"], second]

    @property
    def leads(self) -> Running:
        return self.gateways[0]

    @property
    def waits(self) -> Running:
        return self.gateways[1]

    def swap(self) -> None:
        self.gateways.reverse()

    async def standing_by(self) -> None:
        """Until the second one waits."""

        async def is_standby() -> bool:
            try:
                answer = await self.waits.call("GET", "/readyz")
            except (OSError, httpx.HTTPError):
                return False
            return answer.status_code == 503 and f"standby of {HOST}" in answer.json()["reasons"]

        await eventually(is_standby, 60, self.waits.words)

    async def whole(self) -> None:
        """One leads and the other waits, whatever a test left."""
        for each in self.gateways:
            assert each.process is not None
            each.process.send_signal(signal.SIGCONT)
            if each.process.poll() is None:
                each.kill()
        await self.leads.start_and_wait()
        self.waits.start()
        await self.standing_by()


async def suar(*arguments: object, **environ: str) -> warm.Ended:
    return await warm.run_beside(MODULE, *arguments, env=os.environ | environ)


@asynccontextmanager
async def pair_of(folder: Path, store: str) -> AsyncIterator[Pair]:
    federation = Federation(folder, ("TH", *PEERS))
    await federation.found()
    try:
        first, th = federation.lists.next(), federation["TH"]
        for code in ("TH", *PEERS):
            federation.configure(code)
        for code in PEERS:
            federation.import_lists(code, first, pin=federation.lists.prev)
            federation[code].start()
        th.module = MODULE
        (folder / "passphrase").write_bytes(PASSPHRASE)
        (folder / "list").write_bytes(first)
        th.environ |= {"SUAR_STORE__URL": store, "SUAR_PASSPHRASE_FILE": str(folder / "passphrase")}
        pin = federation.lists.prev.hex()
        done = await suar("trust", "import", folder / "list", "--pin", pin, "--state", th.folder, **th.environ)
        assert done.code == 0, done.err
        second = Running("TH", folder / "second", th.environ, module=MODULE)
        done = await suar("pair", "export", "-o", folder / "th.pair", "--state", th.folder, **th.environ)
        assert done.code == 0, done.err
        done = await suar("pair", "import", folder / "th.pair", "--state", second.folder, "--json", **th.environ)
        assert json.loads(done.out)["is_changed"], done.err
        pair = Pair(federation, second)
        await th.start_and_wait()
        await asyncio.gather(*(federation[code].ready() for code in PEERS))
        second.start()
        try:
            await pair.standing_by()
            yield pair
        finally:
            for each in pair.gateways:
                if each.process is not None:
                    each.process.send_signal(signal.SIGCONT)
                    each.kill()
    finally:
        await federation.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running_pair(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> AsyncIterator[Pair]:
    async with pair_of(tmp_path_factory.mktemp("pair"), cluster.new_database()) as pair:
        yield pair


@pytest_asyncio.fixture(loop_scope="module")
async def pair(running_pair: Pair) -> AsyncIterator[Pair]:
    yield running_pair
    await running_pair.whole()


class Desk:
    """People who publish one message after the other, wherever it is accepted, as long as the block lasts."""

    def __init__(self, pair: Pair, prefix: str) -> None:
        self._pair, self._prefix = pair, prefix
        self.accepted: dict[str, str] = {}  # title by id
        self.known = {code: ids_at(pair, code) for code in PEERS}
        self.last_at = 0.0
        self.by: Running | None = None  # who accepted the last one

    async def __aenter__(self) -> "Desk":
        self._task = asyncio.create_task(self._publish())
        await eventually(self._has_some)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        (ended,) = await asyncio.gather(self._task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended

    async def _has_some(self) -> bool:
        return len(self.accepted) > 5 or self._task.done()

    async def _publish(self) -> None:
        for number in itertools.count():
            title = f"{self._prefix} {number}"
            body = json.dumps(draft(title)).encode()
            await eventually(partial(self._is_accepted, title, body))

    async def _is_accepted(self, title: str, body: bytes) -> bool:
        """By either; one that took it and died before it answered knows the message again by its key."""
        for gateway in self._pair.gateways:
            try:
                headers = {"Idempotency-Key": title.replace(" ", "-")}
                answer = await asyncio.wait_for(gateway.call("POST", "/v1/messages", body, headers=headers), 2)
            except (OSError, httpx.HTTPError, TimeoutError, ValueError):
                continue
            if answer.status_code == 201:
                id_ = answer.json()["id"]
                assert self.accepted.setdefault(id_, title) == title
                self.last_at, self.by = time.monotonic(), gateway
                return True
            assert answer.status_code == 503, answer.text
        return False

    async def until_by(self, gateway: Running, since: float, within: float) -> float:
        """Seconds since then until that gateway accepted one."""

        async def has_accepted() -> bool:
            return self.by is gateway and self.last_at > since

        await eventually(has_accepted, within, gateway.words)
        return self.last_at - since


def ids_at(pair: Pair, code: str) -> set[str]:
    """Ids of the messages of TH that this member holds."""
    return {id_ for (id_,) in Store(pair.federation[code]).rows("select id from message where id like 'TH-%'")}


async def delivered_once(pair: Pair, desk: Desk) -> None:
    """Everything that was accepted is at every peer once, under one id, and nobody saw a fork or a gap."""
    left = list(desk.accepted)

    async def all_stored() -> bool:
        while left and set((await pair.leads.states(left[-1])).values()) == {"stored"}:
            left.pop()
        return not left

    await eventually(all_stored, AGAIN, pair.leads.words)
    assert len(set(desk.accepted.values())) == len(desk.accepted)
    for code in PEERS:
        here = ids_at(pair, code) - desk.known[code]
        assert set(desk.accepted) <= here
        assert len(here - set(desk.accepted)) <= 1, "more than the one whose answer nobody waited for"
    await no_header_twice(pair.federation)
    await nothing_alarmed(pair)


async def nothing_alarmed(pair: Pair) -> None:
    for code in PEERS:
        assert {each["name"] for each in await pair.federation[code].alarms()} <= QUIET


async def test_a_standby_tells_strangers_nothing_of_hosts(pair: Pair) -> None:
    url = pair.waits.address["url"]
    async with httpx.AsyncClient(base_url=url) as stranger:
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


async def test_killed_under_load_the_other_one_leads(pair: Pair) -> None:
    async with Desk(pair, "killed") as desk:
        pair.leads.kill()
        pair.swap()
        took = await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)
    print(f"accepted again after {took:.1f} s")


async def test_frozen_the_other_one_leads_and_the_woken_one_ends(pair: Pair) -> None:
    async with Desk(pair, "frozen") as desk:
        frozen = pair.leads
        assert frozen.process is not None
        frozen.process.send_signal(signal.SIGSTOP)
        pair.swap()
        await desk.until_by(pair.leads, time.monotonic(), TAKEN_FROM_FROZEN)
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


async def test_a_session_that_its_administrators_end_goes_on_in_the_same_term(pair: Pair, cluster: Cluster) -> None:
    """Nobody led meanwhile: the standby is frozen, so it cannot be the faster one."""
    assert pair.waits.process is not None
    pair.waits.process.send_signal(signal.SIGSTOP)
    async with Desk(pair, "session") as desk:
        cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        await desk.until_by(pair.leads, time.monotonic(), TAKEN)
    await delivered_once(pair, desk)


async def test_another_keyring_does_not_lead(pair: Pair, tmp_path: Path) -> None:
    """A machine that was set up by `suar init` in place of `suar pair import`, on the right store."""
    pair.waits.kill()
    stranger = Running("TH", tmp_path / "stranger", pair.leads.environ, module=MODULE)
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

    try:
        await eventually(refuses, 60, stranger.words)
        pair.leads.kill()
        await eventually(refuses, 10, stranger.words)
        assert not stranger.events("started")
    finally:
        stranger.kill()
    done = await suar("token", "list", "--state", stranger.folder, **stranger.environ)
    assert done.code == 1
    assert "pair-keyring" in done.err
    await pair.leads.start_and_wait()
    await nothing_alarmed(pair)
