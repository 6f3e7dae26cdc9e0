"""A user of a NATS server who writes the protocol's lines by hand: a client of ours would not send these bytes."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import nkeys

WITHIN = 120.0  # seconds for any answer


class RawClient:
    """One connection that is let in; `send` returns when the server has read everything."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def greet(self, seed: bytes) -> None:
        """Answer the server's greeting as the user of that seed."""
        info = json.loads((await self._line()).removeprefix(b"INFO "))
        pair = nkeys.from_seed(bytearray(seed))
        signature = base64.urlsafe_b64encode(pair.sign(info["nonce"].encode())).rstrip(b"=").decode()
        options = {"verbose": False, "headers": True, "nkey": pair.public_key.decode(), "sig": signature}
        await self.send(b"CONNECT " + json.dumps(options).encode() + b"\r\n")

    async def send(self, data: bytes) -> None:
        """Hand over any bytes, which have to end with a line; AssertionError for an error of the server."""
        self._writer.write(data + b"PING\r\n")
        while (line := await self._line()) != b"PONG\r\n":
            assert not line.startswith(b"-ERR"), line
            if line == b"PING\r\n":
                self._writer.write(b"PONG\r\n")

    async def _line(self) -> bytes:
        line = await asyncio.wait_for(self._reader.readline(), WITHIN)
        assert line, "the server ended the connection"
        return line


@contextlib.asynccontextmanager
async def raw_client(url: str, seed: bytes) -> AsyncIterator[RawClient]:
    """Connected to a server of ours as the user with that seed."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    client = RawClient(reader, writer)
    try:
        await client.greet(seed)
        yield client
    finally:
        writer.transport.abort()
