"""The baseline of the bus: a plain program on nats-py with the same kind of servers, which loses nothing either.

`python -m suar.bench.arena.plain` is one process, a sender or a receiver, controlled over stdin. The sender commits
messages in batches (as many in a transaction as the gateway's HTTP batch), then publishes each singly, with up to 1000
unacknowledged, and marks what was acknowledged. The receiver pulls (as many at once as the gateway), commits them in
one transaction, then acknowledges. Both write to a store like the gateway's (`plain_rows.py`), on a separate thread;
the event loop is uvloop as in the gateway.

It has no signature, encryption, checks, receipts or HTTP. Its transport is nats-py alone, so that a change of suar.bus
does not change it.
"""

import asyncio
import secrets
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from suar.bench.arena.plain_rows import Rows

SUBJECT: Final = "a.frame.all.ffffffffffffffff"  # shaped like the gateways' subjects, so that it is routed alike
WINDOW: Final = 1_000
COMMIT_ROWS: Final = 500  # the gateway's HTTP batch commits as many lines at once
FETCH: Final = 500  # the gateway's pull: 500 objects or 8 MiB
FETCH_BYTES: Final = 8 * 1024 * 1024
COMMITTED_AHEAD: Final = 2_000  # rows committed and not yet published
CONSUMER: Final = "gw"


class Order(msgspec.Struct, frozen=True):
    """The arguments with which one process is started."""

    role: str
    url: str
    seed: str
    inbox: str
    stream: str
    database: str


class Job(msgspec.Struct, frozen=True):
    """Send `count` messages, numbered from `first`, at `rate` a second, or at full speed if it is 0."""

    first: int
    count: int
    size: int
    rate: float = 0.0


# -- receiver


class Receiver:
    """Pulls, commits and acknowledges, with one open request; the next is sent as soon as it is served."""

    def __init__(self, client: Client, rows: Rows, stream: str, inbox: str) -> None:
        self._client, self._rows, self._stream = client, rows, stream
        self._inbox = f"{inbox}.{secrets.token_hex(8)}"
        self._buffer: deque[Msg] = deque()
        self._arrived = asyncio.Event()
        self._left = 0
        self._request = 0

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._on_message)
        await self._ask()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._buffer:
                await self._store([self._buffer.popleft() for _ in range(min(FETCH, len(self._buffer)))])

    async def _store(self, batch: list[Msg]) -> None:
        await self._rows.insert([(int(each.reply.split(".")[5]), each.data) for each in batch])
        for each in batch:
            await self._client.publish(each.reply)

    async def _on_message(self, message: Msg) -> None:
        if message.reply.startswith("$JS.ACK."):
            self._buffer.append(message)
            self._left -= 1
            self._arrived.set()
        elif message.subject == f"{self._inbox}.{self._request}":
            self._left = 0  # the request ended: expired
        if self._left <= 0:
            await self._ask()

    async def _ask(self) -> None:
        self._left = FETCH
        self._request += 1
        body = {"batch": FETCH, "max_bytes": FETCH_BYTES, "expires": 30_000_000_000}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{CONSUMER}"
        await self._client.publish(subject, msgspec.json.encode(body), f"{self._inbox}.{self._request}")


# -- sender


class Sender:
    """Commits, publishes through a window and marks, all at the same time and in order."""

    def __init__(self, client: Client, rows: Rows, inbox: str) -> None:
        self._client, self._rows = client, rows
        self._inbox = f"{inbox}.{secrets.token_hex(8)}"
        self._window = asyncio.Semaphore(WINDOW)
        self._acknowledged = 0
        self._ready: asyncio.Queue[list[tuple[int, bytes]]] = asyncio.Queue(COMMITTED_AHEAD // COMMIT_ROWS)
        self._moved = asyncio.Event()

    async def start(self) -> None:
        """Subscribe to the answers."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._answer)

    async def run(self, job: Job) -> None:
        """Do the job; when it returns everything is published, acknowledged and marked."""
        self._acknowledged, before = 0, await self._rows.count()
        bodies = [(job.first + i, bench_message(job.first + i, job.size)) for i in range(job.count)]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._accept(bodies, job.rate))
            tasks.create_task(self._publish(job.count))
            tasks.create_task(self._mark(before, job.count))

    async def _accept(self, bodies: list[tuple[int, bytes]], rate: float) -> None:
        """Commit what is due: everything at once, or by the rate."""
        loop, done = asyncio.get_running_loop(), 0
        begin = loop.time()
        while done < len(bodies):
            due = len(bodies) if not rate else min(len(bodies), int((loop.time() - begin) * rate) + 1)
            batch = bodies[done : min(due, done + COMMIT_ROWS)]
            if batch:
                await self._rows.insert(batch)
                await self._ready.put(batch)
                done += len(batch)
            else:
                await asyncio.sleep(max(0.0, begin + done / rate - loop.time()))

    async def _publish(self, count: int) -> None:
        sent = 0
        while sent < count:
            for number, body in await self._ready.get():
                await self._window.acquire()
                headers = {"Nats-Msg-Id": f"plain-{number}"}
                await self._client.publish(SUBJECT, body, f"{self._inbox}.{number}", headers)
                sent += 1

    async def _answer(self, message: Msg) -> None:
        if b'"error"' in message.data:
            raise RuntimeError(message.data.decode())
        self._acknowledged += 1
        self._window.release()
        self._moved.set()

    async def _mark(self, before: int, count: int) -> None:
        """Mark what was acknowledged since the last transaction; acknowledgements arrive in order."""
        marked = 0
        while marked < count:
            await self._moved.wait()
            self._moved.clear()
            last = self._acknowledged
            if last > marked and (last == count or last - marked >= COMMIT_ROWS or self._ready.empty()):
                await self._rows.mark(before + marked + 1, before + last)
                marked = last
                if marked < self._acknowledged:
                    self._moved.set()


def bench_message(number: int, size: int) -> bytes:
    """Return `size` bytes that begin with their number."""
    return (b'{"n":%d,"text":"' % number).ljust(size - 2, b"x") + b'"}'


# -- the process


async def _main() -> None:
    reader = asyncio.StreamReader(limit=2**20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    order = msgspec.json.decode(await reader.readline(), type=Order)
    client = Client()
    await client.connect(
        order.url, nkeys_seed_str=order.seed, inbox_prefix=order.inbox, max_reconnect_attempts=-1,
        pending_size=8 * 1024 * 1024,
    )  # fmt: skip
    rows = Rows(order.database)
    work = _receive(client, rows, order, reader) if order.role == "receiver" else _send(client, rows, order, reader)
    await work
    await client.close()


async def _receive(client: Client, rows: Rows, order: Order, reader: asyncio.StreamReader) -> None:
    running = asyncio.create_task(Receiver(client, rows, order.stream, order.inbox).run())
    _print_word("ready")
    ended = asyncio.create_task(_until_closed(reader))
    await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()


async def _until_closed(reader: asyncio.StreamReader) -> None:
    while await reader.readline():
        pass


async def _send(client: Client, rows: Rows, order: Order, reader: asyncio.StreamReader) -> None:
    sender = Sender(client, rows, order.inbox)
    await sender.start()
    _print_word("ready")
    while line := await reader.readline():
        await sender.run(msgspec.json.decode(line, type=Job))
        _print_word("done")


def _print_word(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run one process until its stdin is closed."""
    import uvloop

    run: Callable[[Coroutine[Any, Any, None]], None] = uvloop.run
    run(_main())


if __name__ == "__main__":
    main()
