"""Receivers of webhooks that attack who calls them, each at a port of its own of the test's event loop.

A behaviour gets the connection after the request was read. What it sends is counted in `sent`.
"""

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

PIECE = 65_536
BOMB = gzip.compress(bytes(64 * 1024**2), mtime=0)
"""64 MiB that came from 64 KiB."""


class Attacker:
    """One port: the events that came, how many bytes were sent, and how often it was called."""

    def __init__(self, behave: "Behave") -> None:
        self.behave = behave
        self.ids, self.sent, self.calls, self.port = list[str](), 0, 0, 0
        self.tasks = set[asyncio.Task[Any]]()

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Send this, and wait until it is taken."""
        writer.write(data)
        await writer.drain()
        self.sent += len(data)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.calls += 1
        try:
            if self.behave not in (deaf, greeting):
                self.ids.append(await _request(reader))
            await self.behave(self, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who called has left, or speaks no HTTP
        finally:
            self.tasks.discard(task)
            writer.transport.abort() if self.behave is deaf else writer.close()


Behave = Callable[[Attacker, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _request(reader: asyncio.StreamReader) -> str:
    """Read one request; its webhook-id."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    named = (line.partition(": ") for line in head.splitlines()[1:] if line)
    headers = {name.lower(): value for name, _, value in named}
    await reader.readexactly(int(headers["content-length"]))
    return headers["webhook-id"]


async def deaf(_: Attacker, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, and neither read nor answer."""
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    await asyncio.Event().wait()


async def greeting(self: Attacker, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak first, and no TLS."""
    await self.send(writer, b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def silent(_: Attacker, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Read the request, and answer nothing until the caller leaves."""
    await reader.read(1)


async def closing(_: Attacker, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""


def answering(status: str, *lines: str, body: bytes = b"", times: int = 1) -> Behave:
    """Send this answer, with `body` so many times, and close."""

    async def behave(self: Attacker, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.send(writer, "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode())
        for _at in range(times):
            await self.send(writer, body)

    return behave


def sending(data: bytes) -> Behave:
    """Send this, whatever it is, and close."""

    async def behave(self: Attacker, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.send(writer, data)

    return behave


def dripping(first: bytes, again: bytes, seconds: float) -> Behave:
    """Send `first`, then `again` for ever with pauses."""

    async def behave(self: Attacker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.send(writer, first)
        while not reader.at_eof():
            await self.send(writer, again)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), seconds)

    return behave


def flooding(first: bytes, again: bytes) -> Behave:
    """Send `first`, then `again` for ever as fast as it is taken."""

    async def behave(self: Attacker, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.send(writer, first)
        while True:
            await self.send(writer, again)

    return behave


def by_turns(*acts: Behave) -> Behave:
    """Each act once, the last one for ever."""

    async def behave(self: Attacker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await acts[min(len(self.ids), len(acts)) - 1](self, reader, writer)

    return behave


@contextlib.asynccontextmanager
async def listening(
    attackers: dict[str, tuple[Behave, ssl.SSLContext | None]],
) -> AsyncIterator[dict[str, Attacker]]:
    """All of them listen on loopback until the block ends."""
    made, servers = dict[str, Attacker](), list[asyncio.Server]()
    try:
        for name, (behave, tls) in attackers.items():
            attacker = made[name] = Attacker(behave)
            server = await asyncio.start_server(attacker.serve, "127.0.0.1", 0, ssl=tls)
            attacker.port = server.sockets[0].getsockname()[1]
            servers.append(server)
        yield made
    finally:
        for server in servers:
            server.close()
        for task in [task for attacker in made.values() for task in attacker.tasks]:
            task.cancel()
