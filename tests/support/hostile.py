"""A NATS server that says what it likes: real TCP, hostile bytes. `make fuzz`: python tests/support/hostile.py 100000.

A bus of ours is connected to it. After each input the server sends a message that can be read; then either the message
arrives, or the bus has ended the connection, said so, and dials again. A bus that does neither is dead and silent.
A failure names its seed: `python tests/support/hostile.py 1 --seed N`.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest import mock

from nats.aio.msg import Msg

from suar.bus import connect
from suar.bus.client import Client, ReadFailed, options
from suar.bus.connect import Bus, BusEvent
from suar.bus.wire import MAX_LINE, MAX_PAYLOAD
from suar.federation.nats_users import new_nkey

GREETING = {"server_id": "N", "version": "2.15.1", "headers": True, "max_payload": 1048576, "proto": 1, "nonce": "abc"}
MARK = "mark"
WITHIN = 60.0  # seconds for a reaction; none of the bounds that a test sets is over half a second
KEPT = max(MAX_LINE, MAX_PAYLOAD) + 64 * 1024  # bytes: the most that a client may hold of what it has not read


def greeting(**other: object) -> bytes:
    """The first line of a server."""
    return b"INFO " + json.dumps({**GREETING, **other}).encode() + b"\r\n"


class Connection:
    """One client at the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.sids: dict[str, bytes] = {}
        self.lines_read: list[bytes] = []
        self.closed = asyncio.Event()
        self.holds_back = False  # whether a PING waits for `give_back`
        self._held = 0

    async def answer(self, on_subscribed: Callable[["Connection"], None]) -> None:
        """Read what the client says until it hangs up; every PING has its PONG."""
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
            while line := await self.reader.readline():
                self.lines_read = [*self.lines_read[-10:], line]
                command, *fields = line.split()
                if command in (b"PUB", b"HPUB"):
                    await self.reader.readexactly(int(fields[-1]) + 2)
                elif command == b"PING":
                    self._held += 1
                    self.answer_pings(0 if self.holds_back else self._held)
                elif command == b"SUB":
                    self.sids[fields[0].decode()] = fields[-1]
                    if fields[0].decode() == MARK:
                        on_subscribed(self)
        self.closed.set()
        self.writer.transport.abort()

    def answer_pings(self, count: int | None = None) -> None:
        """Answer so many PINGs that wait; without a number all of them."""
        count = self._held if count is None else count
        self._held -= count
        self.writer.write(b"PONG\r\n" * count)


class Server:
    """Listens on a port of 127.0.0.1; `greet` is what the next connection is told first."""

    def __init__(self) -> None:
        self.greet = greeting()
        self.dials = 0
        self.connections: list[Connection] = []
        self._ready: asyncio.Queue[Connection] = asyncio.Queue()
        self._server: asyncio.Server

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        finally:
            self._server.close()
            for each in self.connections:
                each.writer.transport.abort()

    async def subscribed(self) -> Connection:
        """A connection that has its subscriptions and still stands."""
        async with asyncio.timeout(WITHIN):
            while (found := await self._ready.get()).closed.is_set():
                pass
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dials += 1
        first, self.greet = self.greet, greeting()
        connection = Connection(reader, writer)
        self.connections = [each for each in self.connections if not each.closed.is_set()] + [connection]
        writer.write(first)
        await connection.answer(self._ready.put_nowait)


def recording(made: list[Client]) -> type[Client]:
    """A class of clients of which each is written into a list as it is made."""

    class Recorded(Client):
        def __init__(self, on_read_failed: Callable[[ReadFailed], None] = lambda _: None) -> None:
            super().__init__(on_read_failed)
            made[:] = [*made[-9:], self]

    return Recorded


class Scene:
    """A bus of ours at a hostile server, with bounds of time that a test can wait for."""

    def __init__(self) -> None:
        self.server = Server()
        self.events: deque[BusEvent] = deque(maxlen=100)
        self.faults = self.faults_before = (
            0  # events that say that something is wrong: ever, and before this connection
        )
        self.marks: set[str] = set()
        self.marked = asyncio.Event()
        self.bus: Bus
        self.connection: Connection | None = None
        self.clients: list[Client] = []  # that the bus made, the newest last

    @contextlib.asynccontextmanager
    async def playing(self) -> AsyncIterator["Scene"]:
        quick = {"connect_timeout": 0.2, "reconnect_time_wait": 0.0}
        bounds = {"PROBE_EVERY": 0.2, "PROBE_TIMEOUT": 0.2, "MAX_WAIT": 0.0, "RECONNECT_WAIT": 0.0}
        with contextlib.ExitStack() as patched:
            for name, value in bounds.items():
                patched.enter_context(mock.patch.object(connect, name, value))
            patched.enter_context(mock.patch.object(connect, "Client", recording(self.clients)))
            patched.enter_context(mock.patch.object(connect, "options", lambda tls: options(tls) | quick))
            async with self.server.listening() as url:
                self.bus = Bus(url, new_nkey()[0], "_INBOX", "fuzzed", on_event=self._on_event)
                await self.bus.subscribe(MARK, self._on_mark)
                async with self.bus:
                    yield self

    def _on_event(self, event: BusEvent) -> None:
        self.events.append(event)
        self.faults += event.kind != "connected"

    async def connected(self) -> Connection:
        """The connection that stands, with its subscriptions."""
        if self.connection is None or self.connection.closed.is_set():
            self.connection = await self.server.subscribed()
            self.faults_before = self.faults
        return self.connection

    async def _on_mark(self, message: Msg) -> None:
        self.marks.add(message.data.decode("latin-1"))
        self.marked.set()

    async def send_marked(self, data: bytes, name: str) -> str:
        """What became of it: "read", or "ended" by the bus, which then said why. AssertionError: it is dead."""
        connection = await self.connected()
        self.marks.clear()
        self.marked.clear()
        end = name.encode()
        mark = b"MSG mark %s %d\r\n%s\r\n" % (connection.sids[MARK], len(end), end)
        connection.writer.write(data + mark)
        waits = {asyncio.ensure_future(self._until_marked(name)), asyncio.ensure_future(connection.closed.wait())}
        done, pending = await asyncio.wait(waits, timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        assert done, f"neither read nor ended: {self.bus!r}"
        self.check_memory()
        if name in self.marks:
            return "read"
        await self._until_notified()
        return "ended"

    async def greeted(self, sent: bytes) -> str:
        """The next connection is told `sent` first; then the bus must come back to a decent greeting."""
        connection = await self.connected()
        dials = self.server.dials
        self.server.greet = sent
        connection.writer.transport.abort()
        async with asyncio.timeout(WITHIN):
            while self.server.dials == dials:  # noqa: ASYNC110 - the server counts, nothing is told
                await asyncio.sleep(0.001)
        first = self.server.connections[-1]
        self.connection = None
        return "greeting taken" if await self.connected() is first else "greeting refused"

    def check_memory(self) -> None:
        assert not self.clients or self.clients[-1].unparsed <= KEPT

    async def _until_marked(self, name: str) -> None:
        while name not in self.marks:
            self.marked.clear()
            await self.marked.wait()

    async def _until_notified(self) -> None:
        async with asyncio.timeout(WITHIN):
            while self.faults == self.faults_before:  # noqa: ASYNC110 - the bus tells a callback
                await asyncio.sleep(0.001)


# -- inputs

_SUBJECTS = (
    b"mark",
    b"a.frame.all.\xff\xfe",
    b"a.frame.all.\x0bX",
    b"a.\x0c.b",
    b"a.\rb",
    b"\x00",
    b"x" * 5000,
    b"a..b",
)
_HEADERS = (
    b"NATS/1.0\r\nA: b\r\n\r\n",
    b"NATS/1.0",
    b"NATS/1.0 4\xff4 x\r\n\r\n",
    b"NATS/1.0 503\r\n\r\n",
    b"ab",
    b"\xff" * 40,
    b"NATS/1.0 100 \xff\xfe\r\nNats-Last: 1\r\n\r\n",
    b"NATS/1.0\r\n" + b"a:\r\n" * 3000 + b"\r\n",
    b"NATS/1.0\r\n\xff: b\r\n\r\n",
    b"NATS/1.0 ",
    b" " * 30,
    b"\r\n" * 9,
    b"NATS/1.0 \xb2\xb2\xb2\r\n\r\n",
)
_LINES = (
    b"PING\r\n",
    b"PONG\r\n",
    b"PONG\r\n" * 50,
    b"PING\r\n" * 500,
    b"+OK\r\n",
    b"-ERR\r\n",
    b"-ERR \r\n",
    b"-ERR '\xff\xfe'\r\n",
    b"-ERR 'Permissions Violation for Publish to \"a\"'\r\n" * 200,
    b"-ERR 'Authorization Violation'\r\n",
    b"-ERR 'x'\r\n" * 300,
    b"-ERR 'stale connection'\r\n",
    b"INFO {}\r\n",
    b"INFO []\r\n",
    b"INFO 1\r\n",
    b"INFO \r\n",
    b'INFO {"connect_urls": [1, null]}\r\n',
    b'INFO {"connect_urls": ["127.0.0.1:1"], "ldm": true}\r\n',
    b"INFO " + b"[" * 20_000 + b"\r\n",
    b'INFO {"a": ' + b"9" * 5000 + b"}\r\n",
    b"x" * 40_000,
    b"MSG " + b"y" * 33_000,
    b"MSG mark 1 99999999999\r\n",
    b"MSG mark 1 2097153\r\n",
    b"MSG mark 1 2097152\r\n",
    b"MSG mark 1 -1\r\n",
    b"MSG mark 1 " + b"9" * 4400 + b"\r\n",
    b"MSG mark \xb2 1\r\na\r\n",
    b"HMSG mark 1 9 3\r\nabc\r\n",
    b"MSG mark 1 1\r\nabc\r\n",
    b"MSG mark 77 1\r\na\r\n",
    b"MSG\r\n",
    b"\r\n",
    b"\n",
    b"\x00",
    b"msg mark 1 1\r\na\r\n",
)
_VALUES: tuple[Any, ...] = (None, True, 1, -1, 1.5, "", "x", [], {}, "\ud800", "9" * 400, [[]])


def message(rng: random.Random) -> bytes:
    """A message with a subject, reply and headers that somebody chose."""
    subject, reply = rng.choice(_SUBJECTS), rng.choice((b"", b" _INBOX.x", b" \xff\xfe", b" a b"))
    head = rng.choice(_HEADERS) if rng.random() < 0.6 else b""
    body = rng.randbytes(rng.randrange(30))
    sid = rng.choice((b"1", b"2", b"2", b"3"))
    if head:
        return b"HMSG %s %s%s %d %d\r\n%s\r\n" % (subject, sid, reply, len(head), len(head) + len(body), head + body)
    return b"MSG %s %s%s %d\r\n%s\r\n" % (subject, sid, reply, len(body), body)


def changed(rng: random.Random, data: bytes) -> bytes:
    """Some bytes changed, taken out or put in."""
    made = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(made) + 1)
        made[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    return bytes(made)


def make(rng: random.Random) -> tuple[str, bytes]:
    """(kind, bytes)"""
    kind = rng.choice(("random", "message", "message", "message", "changed", "changed", "line", "several", "greeting"))
    if kind == "random":
        return kind, rng.randbytes(rng.randrange(60)) + rng.choice((b"", b"\r\n"))
    if kind == "message":
        return kind, message(rng)
    if kind == "line":
        return kind, rng.choice(_LINES)
    if kind == "several":
        return kind, b"".join(message(rng) for _ in range(rng.randrange(20)))
    if kind == "greeting":
        sent = greeting(
            **{
                rng.choice(
                    [*GREETING, "tls_required", "auth_required", "ldm", "connect_urls", "client_id"]
                ): rng.choice(_VALUES)
            }
        )
        odd = rng.choice(
            (
                b"INFO []\r\n",
                b"\xff\r\n",
                b"INFO \xff\r\n",
                b"INFO {}\r\n",
                b"-ERR x\r\n",
                b"x" * 70_000,
                b"INFO " + b"[" * 9000 + b"\r\n",
            )
        )
        return kind, rng.choice((sent, sent, changed(rng, sent), odd))
    return kind, changed(rng, message(rng) if rng.random() < 0.7 else rng.choice(_LINES)[:2000])


async def run(count: int, seed: int, report: Callable[[str], None] = lambda _: None) -> Counter[tuple[str, str]]:
    """Give `count` inputs; how often each (kind, outcome) came."""
    seen: Counter[tuple[str, str]] = Counter()
    begin = time.monotonic()
    logging.getLogger("nats.aio.client").setLevel(logging.CRITICAL)
    async with Scene().playing() as scene:
        for n in range(seed, seed + count):
            rng = random.Random(n)
            kind, data = make(rng)
            try:
                seen[kind, await (scene.greeted(data) if kind == "greeting" else scene.send_marked(data, str(n)))] += 1
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(
                    f"input {n} ({kind}): python tests/support/hostile.py 1 --seed {n}: {data[:200]!r}"
                ) from error
            if (n + 1 - seed) % 1000 == 0:
                report(f"{n + 1 - seed} of {count}, {(n + 1 - seed) / (time.monotonic() - begin):.0f} a second")
    return seen


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments.count, arguments.seed, lambda text: print(text, file=sys.stderr)))
    for (kind, outcome), times in sorted(found.items()):
        print(f"{kind:10} {outcome:18} {times}")
