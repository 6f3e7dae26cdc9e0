"""A TCP proxy on loopback whose link can be made bad: delayed, held, losing, half open, reset, refused.

It looks into nothing: TLS passes through. What a fault does to a TCP connection is what networks do to one: bytes are
late, or never come and the connection ends; a stream is never altered.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

CHUNK = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST

Address = tuple[str, int]


@dataclass(eq=False)
class _Pair:
    """One connection through the proxy: the dialling side and the side that it wants."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    silent: bool = False  # half open: one side is gone, the other is not told

    def writers(self) -> list[asyncio.StreamWriter]:
        return [writer for writer in (self.near, self.far) if writer is not None]


class Link:
    """One proxied address. `target` is asked at every connection, since a server's port may not be known before."""

    def __init__(self, name: str, target: Callable[[], Address], host: str = "127.0.0.1") -> None:
        self.name, self._target, self._host = name, target, host
        self.port = 0
        self.connections = 0  # ever accepted
        self._delay = 0.0
        self._loses = self._refuses = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a port that the system chooses."""
        self._server = await asyncio.start_server(self._accept, self._host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut everything and listen no longer."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pair in self._pairs:
            _abort(*pair.writers())
        await asyncio.sleep(0)  # transports close in the next turn

    # -- what can be done to it

    def delay(self, seconds: float) -> None:
        """Every piece that arrives waits this long; 0: none."""
        self._delay = seconds

    def hold(self) -> None:
        """A black hole: connections stand, nothing passes until `heal`; then everything does."""
        self._flows.clear()

    def lose(self) -> None:
        """Everything that is sent from now on is lost; `heal` resets the connections that lost something."""
        self._loses = True

    def refuse(self) -> None:
        """Cut everything, and cut every new connection at once."""
        self._refuses = True
        self.reset()

    def half_open(self, *, near_goes: bool) -> None:
        """One side of each connection ends without the other being told: it waits for ever, or until its own ping."""
        for pair in list(self._pairs):
            gone = pair.near if near_goes else pair.far
            if not pair.silent and gone is not None:
                pair.silent = True
                _abort(gone)

    def reset(self) -> None:
        """RST on both sides of every connection; half-open ones stay as they are."""
        for pair in list(self._pairs):
            if not pair.silent:
                _abort(*pair.writers())

    def heal(self) -> None:
        """A good link again."""
        if self._loses:
            self.reset()
        self._delay, self._loses, self._refuses = 0.0, False, False
        self._flows.set()

    # -- passing bytes

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(_Pair(writer), reader))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, pair: _Pair, reader: asyncio.StreamReader) -> None:
        self._pairs.add(pair)
        try:
            await self._flows.wait()
            if not self._refuses:
                far_reader, pair.far = await asyncio.open_connection(*self._target())
                await asyncio.gather(self._pump(pair, reader, pair.far), self._pump(pair, far_reader, pair.near))
        except OSError:
            pass
        if not pair.silent:
            _abort(*pair.writers())
            self._pairs.discard(pair)

    async def _pump(self, pair: _Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One direction, until its source ends; then the other end is told, unless the link is half open."""
        try:
            while data := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._flows.wait()
                if pair.silent or self._loses:
                    continue
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        if not pair.silent:
            await self._flows.wait()
            _abort(*pair.writers())


def _abort(*writers: asyncio.StreamWriter) -> None:
    for writer in writers:
        raw: socket.socket | None = writer.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
