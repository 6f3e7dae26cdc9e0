"""A pair of gateways on one store, a desk that publishes without end, and what is true of it afterwards.

Real processes, real servers and a real PostgreSQL. TH has the pair; the stores of SG and VN are files.
"""

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

from chaos.stores import Store
from support import warm
from support.gateways import AGAIN, PASSPHRASE, Federation, Running, draft, eventually
from support.headers import no_header_twice

HOST = socket.gethostname()
PEERS = ("SG", "VN")
TAKEN = 120.0  # seconds until the other one accepts; 1.5 on an idle machine, and six more from one that is frozen
QUIET = {"silence", "clock"}  # of a busy machine


class Pair:
    """TH's gateways, two or one; `leads` is the one that leads, as the test knows it."""

    def __init__(self, federation: Federation, *second: Running) -> None:
        self.federation, self.gateways = federation, [federation["TH"], *second]

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

        await eventually(is_standby, 120, self.waits.words)

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
    return await warm.run_async("suar", *arguments, env=os.environ | environ)


@asynccontextmanager
async def alone_on(folder: Path, store: str) -> AsyncIterator[Pair]:
    """TH has one gateway."""
    federation = Federation(folder, ("TH", *PEERS))
    await federation.found()
    try:
        first, th = federation.lists.next(), federation["TH"]
        for code in ("TH", *PEERS):
            federation.configure(code)
        for code in PEERS:
            federation.import_lists(code, first, pin=federation.lists.prev)
            federation[code].start()
        (folder / "passphrase").write_bytes(PASSPHRASE)
        (folder / "list").write_bytes(first)
        th.environ |= {"SUAR_STORE__URL": store, "SUAR_PASSPHRASE_FILE": str(folder / "passphrase")}
        pin = federation.lists.prev.hex()
        done = await suar("trust", "import", folder / "list", "--pin", pin, "--state", th.folder, **th.environ)
        assert done.code == 0, done.err
        await th.start_and_wait()
        await asyncio.gather(*(federation[code].ready() for code in PEERS))
        try:
            yield Pair(federation)
        finally:
            _end(th)
    finally:
        await federation.stop()


@asynccontextmanager
async def pair_of(folder: Path, store: str) -> AsyncIterator[Pair]:
    """TH has two."""
    async with alone_on(folder, store) as alone:
        th = alone.leads
        second = Running("TH", folder / "second", th.environ)
        done = await suar("pair", "export", "-o", folder / "th.pair", "--state", th.folder, **th.environ)
        assert done.code == 0, done.err
        done = await suar("pair", "import", folder / "th.pair", "--state", second.folder, "--json", **th.environ)
        assert json.loads(done.out)["is_changed"], done.err
        pair = Pair(alone.federation, second)
        second.start()
        try:
            await pair.standing_by()
            yield pair
        finally:
            _end(second)


def _end(gateway: Running) -> None:
    if gateway.process is not None:
        gateway.process.send_signal(signal.SIGCONT)
        gateway.kill()


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
                async with asyncio.timeout(2):  # `wait_for` of Python 3.11 may lose the cancellation of this task
                    answer = await gateway.call("POST", "/v1/messages", body, headers=headers)
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

    async def until_further(self, number: int, within: float) -> None:
        """Until so many more were accepted, by either."""
        least = len(self.accepted) + number

        async def has_accepted() -> bool:
            return len(self.accepted) >= least

        await eventually(has_accepted, within, self._pair.leads.words)


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
