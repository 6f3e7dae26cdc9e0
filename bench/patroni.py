"""A pair on a store that Patroni manages, broken at random: `python bench/patroni.py [SEED [FAULTS [FOLDER]]]`.

PATRONI=FOLDER names Patroni's programs (patroni_servers.py). The federation is the one of `make chaos`, but for TH: a
pair of gateways, each with links of its own to a pair of PostgreSQL servers under Patroni. While messages are published
everywhere, FAULTS (50) faults of TH's database follow one another (patroni_faults.py), drawn from SEED: the primary
killed or frozen, its machine killed or frozen, Patroni or etcd killed, a switchover, a gateway cut from its store,
sessions ended. A gateway that ends is started again, as its unit does it. Then the oracle of tests/chaos judges:
nothing lost, doubled or sealed twice, no alarm that no fault explains; the program ends with 1 if it finds anything.
States and logs are kept in FOLDER, if it is named.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, NullPool, create_engine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from chaos.arena import Arena  # noqa: E402
from chaos.oracle import Oracle  # noqa: E402
from chaos.proxy import Link  # noqa: E402
from chaos.run import CODES, DRAIN, Result  # noqa: E402
from chaos.schedule import Schedule  # noqa: E402
from chaos.stores import Store  # noqa: E402
from chaos.traffic import Users  # noqa: E402
from patroni_faults import GATEWAYS, StoreFaults, schedule_of  # noqa: E402 - they use the tests, found by the line above
from patroni_servers import STARTED, Node, Servers  # noqa: E402
from support import warm  # noqa: E402
from support.gateways import PASSPHRASE, Running  # noqa: E402
from support.pair_live import Pair as TwoGateways  # noqa: E402

FAULTS = 50
A_FAULT = 40  # messages for each fault
CODE = "TH"
ANSWERS = 10.0  # seconds in which a gateway answers, or the other one is asked
LATE = 900.0  # seconds behind the schedule in which each message must be accepted: servers are waited for
STORE = "SUAR_STORE__URL"
OWN_ENDS = {"lease_lost"}  # the last words of a gateway that ends as it should


class Either(Running):
    """Two gateways of one member as one: the answer is that of the one that leads."""

    second: Running

    async def call(self, method: str, path: str, body: bytes | None = None, **options: Any) -> httpx.Response:
        """The first answer that is not 503, or the last one. Raises what the last one raised, if none answers."""
        answer: httpx.Response | None = None
        trouble: Exception = OSError("no gateway was asked")
        for gateway in (self, self.second):
            try:
                async with asyncio.timeout(ANSWERS):
                    answer = await Running.call(gateway, method, path, body, **options)
            except (OSError, httpx.HTTPError, ValueError) as error:
                trouble = error
                continue
            if answer.status_code != 503:
                break
        if answer is None:
            raise trouble
        return answer


class PairArena(Arena):
    """The federation; `links` are those of TH's gateways to each server of their store."""

    def __init__(self, folder: Path, codes: tuple[str, ...], servers: Servers) -> None:
        super().__init__(folder, codes)
        self._servers = servers
        first = self.gateways[CODE]
        self.th = self.gateways[CODE] = Either(CODE, first.folder, first.environ)
        self.th.second = Running(CODE, folder / "second")
        self.links = {
            gateway: {name: Link(f"{gateway}-{name}", partial(_address, node)) for name, node in servers.nodes.items()}
            for gateway in GATEWAYS
        }
        self.ends: Counter[str] = Counter()
        self._unit: asyncio.Task[None] | None = None

    async def start(self) -> None:
        for links in self.links.values():
            for link in links.values():
                await link.start()
        await super().start()
        await self._make_second()
        self._unit = asyncio.create_task(self._start_again())

    async def stop(self) -> None:
        if self._unit is not None:
            self._unit.cancel()
            await asyncio.gather(self._unit, return_exceptions=True)
        if self.th.second.process is not None:
            self.th.second.kill()
        await super().stop()
        for links in self.links.values():
            for link in links.values():
                await link.stop()

    def configure(self, code: str) -> None:
        super().configure(code)
        if code == CODE:
            self.th.environ[STORE] = self._url("first")

    async def import_first(self, code: str) -> None:
        """TH's before anybody starts, since it takes longest: nobody opens an epoch without TH's key."""
        if code == self.codes[0]:
            self.configure(CODE)
            (self.folder / "passphrase").write_bytes(PASSPHRASE)
            (self.folder / "list").write_bytes(self.first)
            self.th.environ["SUAR_PASSPHRASE_FILE"] = str(self.folder / "passphrase")
            options = ("--pin", self.pin.hex(), "--state", self.th.folder)
            await self._command("trust", "import", self.folder / "list", *options)
        if code != CODE:
            await super().import_first(code)

    async def _command(self, *arguments: object) -> None:
        done = await warm.run_async("suar", *arguments, env=os.environ | self.th.environ, timeout=STARTED)
        if done.code:
            raise RuntimeError(done.err)

    async def _make_second(self) -> None:
        """From a file of the first one, as operators do it."""
        second, file = self.th.second, self.folder / "th.pair"
        await self._command("pair", "export", "-o", file, "--state", self.th.folder)
        await self._command("pair", "import", file, "--state", second.folder)
        second.environ = self.th.environ | {STORE: self._url("second")}
        second.start()
        await TwoGateways(self, second).standing_by()

    async def _start_again(self) -> None:
        """As a unit does with a gateway that has ended."""
        while True:
            for gateway in (self.th, self.th.second):
                if gateway.process is not None and gateway.process.poll() is not None:
                    event = _last_event(gateway)
                    self.ends[event] += 1
                    if event not in OWN_ENDS:
                        self.broken.append(f"a gateway of {CODE} ended: {gateway.words()[-2000:]}")
                    gateway.start()
            await asyncio.sleep(0.5)

    def _url(self, gateway: str) -> str:
        return self._servers.url(tuple(link.port for link in self.links[gateway].values()))


class InServers(Store):
    """TH's store, at whichever server takes writes."""

    def __init__(self, running: Running, servers: Servers) -> None:
        super().__init__(running)
        self._url = servers.url()

    def engine(self) -> Engine:
        return create_engine(self._url, poolclass=NullPool)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.engine().connect() as connection:
            found = connection.exec_driver_sql(sql.replace("instr(", "strpos("), values or None)
            return [tuple(row) for row in found.all()]


def _address(node: Node) -> tuple[str, int]:
    return "127.0.0.1", node.port


def _last_event(gateway: Running) -> str:
    """What its log says last of why it ended."""
    lines = [json.loads(line) for line in gateway.words().splitlines() if line.startswith("{") and line.endswith("}")]
    return next((line["event"] for line in reversed(lines) if line["event"] in OWN_ENDS), "without a word")


async def play(folder: Path, schedule: Schedule, report: Callable[[str], None]) -> Result:
    """Found the federation, break TH's store while messages are published, judge."""
    start = time.monotonic()
    async with Servers() as servers, PairArena(folder, CODES, servers) as arena:
        report(f"founded in {time.monotonic() - start:.1f} s")
        users, injector = Users(arena, report), StoreFaults(arena, servers, arena.links, report)
        begin = time.monotonic()
        await asyncio.gather(users.run(schedule, begin + schedule.lasts + LATE), injector.run(schedule))
        report(f"faults over after {time.monotonic() - begin:.0f} s, {len(users.accepted)} messages accepted")
        report(f"gateways of {CODE} ended and were started again: {dict(arena.ends)}")
        oracle = Oracle(arena, users, injector)
        oracle.stores[CODE] = InServers(arena.th, servers)
        verdict = await oracle.judge(DRAIN, report)
        watched = [f"{seen.name} {seen.kind}" for seen in arena.watched]
        for log in servers.folder.glob("*.log"):
            shutil.copy(log, folder)
    return Result(schedule, verdict, len(users.accepted), users.refused, [], watched, time.monotonic() - start)


def main() -> bool:
    """Play one seed; whether something is wrong."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(1_000_000)
    faults = int(sys.argv[2]) if len(sys.argv) > 2 else FAULTS
    schedule, start = schedule_of(seed, CODES, faults, faults * A_FAULT), time.monotonic()
    print(f"seed {seed}, {faults} faults in about {schedule.lasts:.0f} s; again: bench/patroni.py {seed} {faults}")

    def report(text: str) -> None:
        print(f"{time.monotonic() - start:6.1f}  {text}", flush=True)

    with contextlib.ExitStack() as stack:
        named = Path(sys.argv[3]) if len(sys.argv) > 3 else None
        folder = named or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="suar-patroni-run-")))
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(play(folder, schedule, report))
    print(*result.lines(), sep="\n")
    return not result.is_good


if __name__ == "__main__":
    sys.exit(main())
