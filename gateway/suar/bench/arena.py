"""A real federation and its plain counterpart, and the eyes that watch both from outside.

Gateways, plain programs and NATS servers are processes of their own. The plain programs have servers of their own,
founded alike to the last setting, on the same disk: in the gateways' own streams their messages would be what a gateway
must raise an alarm about. While one side is measured the other is idle. What counts as committed is what another
process can read from the receiver's SQLite file.
"""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from suar.bench import plain
from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.demo.embedded import INBOX_PREFIX, Embedded
from suar.demo.federation import Federation
from suar.demo.founding import NAMES
from suar.demo.nursery import Nursery
from suar.protocol.errors import Fault
from suar.protocol.primitives import Secret, random_seed

SENDER: Final = "TH"
HEARTBEAT: Final = 30  # seconds, the standard's
WITHIN: Final = 300.0  # seconds until a run that does not end is a fault
_POLL: Final = 0.002
_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Rows:
    """A receiver's table `message`, read by this process: how many rows the sender's messages have."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._version, self.count, self._last = -1, 0, 0

    def look(self) -> int:
        """The number of committed rows; cheap while nothing was committed."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._read(self._connection)
        return self.count

    def _read(self, connection: sqlite3.Connection) -> None:
        wanted = "SELECT count(*), max(n) FROM message WHERE n > ?"
        count, last = connection.execute(wanted, (self._last,)).fetchone()
        if count:
            self.count, self._last = self.count + count, last

    def close(self) -> None:
        self._connection.close()


class Receipts(Rows):
    """The sender's store: how many messages after `last_id` have the signed receipt of every receiver.

    It looks only at what is new and at the frames that still lack one, so that looking does not slow what it measures.
    """

    def __init__(self, path: Path, last_id: str, receivers: int) -> None:
        super().__init__(path)
        self._last_id, self._receivers = last_id, receivers
        self._open: dict[bytes, int] = {}  # frame -> its messages

    def _read(self, connection: sqlite3.Connection) -> None:
        for frame, id_ in connection.execute("SELECT frame_hash, id FROM place WHERE id > ?", (self._last_id,)):
            self._open[frame] = self._open.get(frame, 0) + 1
            self._last_id = max(self._last_id, id_)
        stored = "SELECT count(*) FROM statement WHERE frame_hash = ? AND stage = 'stored'"
        for frame, messages in list(self._open.items()):
            if connection.execute(stored, (frame,)).fetchone()[0] == self._receivers:
                self.count += messages
                del self._open[frame]


async def committed(rows: Sequence[Rows], counts: Sequence[int], within: float = WITHIN) -> float:
    """Wait until every receiver has its number of rows; the moment (perf_counter) at which the last had."""
    deadline = time.perf_counter() + within
    while any(each.look() < count for each, count in zip(rows, counts, strict=True)):
        if time.perf_counter() > deadline:
            held = [each.count for each in rows]
            raise Fault(f"not committed in {within:g} s: {held} of {list(counts)}", "see the gateways' logs")
        await asyncio.sleep(_POLL)
    return time.perf_counter()


class Watch:
    """A thread that notes when each next row became visible in each store, three thousand looks a second."""

    def __init__(self, stores: Sequence[Callable[[], Rows]], count: int) -> None:
        self._stores, self._count = stores, count
        self.times: list[list[float]] = [[] for _ in stores]
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        rows = [store() for store in self._stores]
        begun = [each.look() for each in rows]
        self._ready.set()
        while not self._stop.is_set() and any(len(times) < self._count for times in self.times):
            for each, times, before in zip(rows, self.times, begun, strict=True):
                new = each.look() - before - len(times)
                if new:
                    times.extend([time.perf_counter()] * new)
            time.sleep(0.0003)
        for each in rows:
            each.close()

    async def end(self, within: float = WITHIN) -> list[list[float]]:
        """For each store, when each row was visible there."""
        await asyncio.to_thread(self._thread.join, within)
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
        if any(len(times) < self._count for times in self.times):
            raise Fault(f"not committed in {within:g} s", "see the gateways' logs")
        return self.times


def last_of(times: Sequence[Sequence[float]]) -> list[float]:
    """When each row was visible at the last of several stores."""
    return [max(moments) for moments in zip(*times, strict=True)]


def cpu(*pids: int) -> float:
    """Seconds of CPU that these processes have used, from /proc/PID/stat."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def rss(pid: int) -> int:
    """Bytes of memory that are the process's, shared pages included."""
    return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * _PAGE


@dataclass
class Program:
    """A plain program: sender or receiver."""

    process: subprocess.Popen[bytes]
    database: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    async def word(self, wanted: str) -> None:
        """Wait for what it says."""
        out = self.process.stdout
        said = (await asyncio.to_thread(out.readline)).decode().strip() if out else ""
        if said != wanted:
            raise Fault(f"a plain program of the benchmark ended: {said or self.process.poll()}", "see stderr")

    async def run(self, job: plain.Job) -> None:
        """Have the sender do a job; returns when it is done."""
        self.tell(job)
        await self.word("done")

    def tell(self, value: object) -> None:
        if self.process.stdin:
            self.process.stdin.write(msgspec.json.encode(value) + b"\n")
            self.process.stdin.flush()

    def end(self) -> None:
        """Close its stdin; kill it when that does not end it."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@dataclass
class Arena:
    """A federation of one sender and some receivers, and the plain programs beside it."""

    folder: Path
    federation: Federation
    twin: Embedded  # the plain programs' servers
    receivers: tuple[str, ...]
    programs: dict[str, Program] = field(default_factory=dict)
    admins: dict[str, Bus] = field(default_factory=dict)
    last_id: str = ""  # of what was published last

    @property
    def codes(self) -> tuple[str, ...]:
        return (SENDER, *self.receivers)

    def gateway(self, code: str) -> int:
        """The pid of a member's gateway."""
        return self.federation.gateways[code].pid

    def servers(self, nats: Embedded) -> list[int]:
        """The pids of the hub and of every national server."""
        servers = nats.servers
        return [servers.hub.pid, *(servers[code].pid for code in self.codes)]

    def store(self, code: str) -> Path:
        """The SQLite file of a member's gateway."""
        return self.federation.founded.state(code) / "suar.db"

    async def pause(self, *codes: str) -> None:
        """Deliver nothing from these members' INBOX to their gateways until `resume`."""
        for code in codes:
            if code not in self.admins:
                self.admins[code] = await self.federation.nats.connect(code, "admin")
            await pause(self.admins[code], code, 3600)

    async def resume(self, *codes: str) -> None:
        for code in codes:
            await pause(self.admins[code], code, 0.1)

    # -- the plain programs

    async def start_plain(self) -> None:
        """A sender, and a receiver for each receiving gateway, with the users and consumers that gateways have."""
        self.start_program("sender", SENDER)
        for code in self.receivers:
            self.start_program("receiver", code)
        await asyncio.gather(*(program.word("ready") for program in self.programs.values()))

    def start_program(self, role: str, code: str, *, fresh: bool = False) -> Program:
        """Start a plain program; with `fresh` its table is empty."""
        nats = self.twin
        database = self.folder / f"plain-{code.lower()}.db"
        if fresh:
            plain.fresh(database)
        order = plain.Order(
            role, nats.servers.plan.member(code).url, nats.prepared.seeds[code, "gateway"].decode(),
            INBOX_PREFIX["gateway"], f"INBOX_{code}", str(database),
        )  # fmt: skip
        command = [sys.executable, "-m", "suar.bench.plain"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
        program = self.programs[code] = Program(process, database)
        program.tell(order)
        return program

    def stop_program(self, code: str) -> None:
        self.programs.pop(code).end()

    def end_plain(self) -> None:
        for program in self.programs.values():
            program.end()
        self.programs.clear()

    # -- publishing as a program of the member does

    async def publish(self, lines: Sequence[bytes], rate: float = 0.0) -> tuple[float, str]:
        """POST /v1/messages/batch: (perf_counter at its begin, the id of the last message).

        At `rate` lines a second, or all at once. Fault when one is not published.
        """
        gateway = self.federation.gateways[SENDER]
        begin, self.last_id = await post_batch(gateway.desk.url, gateway.desk.tokens["publish"], lines, rate)
        return begin, self.last_id

    async def reached(self, id_: str, *states: str, within: float = WITHIN, every: float = 0.02) -> float:
        """Wait until the sender shows the message in one of `states` for every member; the moment. Asks it often."""
        desk, deadline = self.federation.desk(SENDER), time.perf_counter() + within
        while not set((await desk.deliveries(id_)).values()) <= set(states):
            if time.perf_counter() > deadline:
                raise Fault(f"{id_} is not {states[0]} everywhere after {within:g} s", "see the gateways' logs")
            await asyncio.sleep(every)
        return time.perf_counter()


async def pause(admin: Bus, code: str, seconds: float) -> float:
    """Pause the consumer of the member's INBOX for so long; the moment (perf_counter) when it goes on.

    By the server's timer: one that is resumed by a call says nothing to an open request until the next message comes.
    """
    end = time.time() + seconds
    moment = time.perf_counter() + seconds
    until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end)) + f".{int(end % 1 * 1e6):06}Z"
    await jsapi.call(admin, f"CONSUMER.PAUSE.INBOX_{code}.gw", {"pause_until": until})
    return moment


async def post_batch(url: str, token: str, lines: Sequence[bytes], rate: float = 0.0) -> tuple[float, str]:
    """One call of HTTP/1.1 with a chunked body; verdicts are read while lines are still sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
    head = (
        f"POST /v1/messages/batch HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n"
        "content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    answer = asyncio.create_task(reader.read())
    begin = time.perf_counter()
    try:
        await _send(writer, lines, rate, begin)
        return begin, _last_id(await answer, len(lines))
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, lines: Sequence[bytes], rate: float, begin: float) -> None:
    done, step = 0, 64  # lines in a chunk: 64 KiB
    while done < len(lines):
        due = len(lines) if not rate else min(len(lines), int((time.perf_counter() - begin) * rate) + 1)
        part = lines[done : min(due, done + step)]
        if part:
            body = b"".join(line + b"\n" for line in part)
            writer.write(b"%x\r\n%b\r\n" % (len(body), body))
            await writer.drain()
            done += len(part)
        else:
            await asyncio.sleep(max(0.0, begin + done / rate - time.perf_counter()))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _last_id(answer: bytes, count: int) -> str:
    lines = [line for line in answer.splitlines() if line.startswith(b"{")]
    verdicts = [msgspec.json.decode(line) for line in lines]
    bad = next((each for each in verdicts if each["verdict"] != "published"), None)
    if bad is not None or len(verdicts) != count:
        raise Fault(f"{len(verdicts)} of {count} messages were answered, one: {bad}", "see the sender's gateway.log")
    return str(verdicts[-1]["id"])


@contextlib.asynccontextmanager
async def arena(folder: Path, nursery: Nursery, receivers: int, sync_interval: str, tell: Any) -> AsyncIterator[Arena]:
    """A founded federation, every gateway ready, plain programs beside it; all of it ends with the block."""
    codes = tuple(NAMES)[: receivers + 1]
    federation = Federation(
        folder, codes, Secret(random_seed().hex().encode()), nursery, tell, sync_interval=sync_interval,
        heartbeat=HEARTBEAT,
    )  # fmt: skip
    async with federation, Embedded.new(folder / "twin", codes, sync_interval=sync_interval) as twin:
        made = Arena(folder, federation, twin, codes[1:])
        try:
            await made.start_plain()
            yield made
        finally:
            made.end_plain()


@contextlib.contextmanager
def rows_of(paths: Sequence[Path]) -> Iterator[list[Rows]]:
    """Readers of these files, closed with the block; their counts begin at what is there."""
    found = [Rows(path) for path in paths]
    for each in found:
        each.look()
    try:
        yield found
    finally:
        for each in found:
            each.close()
