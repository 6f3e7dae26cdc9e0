"""What somebody without a token can cost: the head of a call, silence, connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from fake_gateway import FakeGateway, tokens
from suar.api import server as module
from suar.api.app import create_app
from suar.api.server import HEADER_BYTES, HttpServer

PIECE = 16 * 1024
PATIENCE = 32 * HEADER_BYTES  # bytes that a stranger sends before the test gives up
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def listening(gateway: FakeGateway) -> AsyncIterator[tuple[str, int]]:
    server = HttpServer()
    address = await server.start(create_app(gateway), ("127.0.0.1", 0))
    yield address
    await server.stop()


async def is_cut_off(streams: Streams, endless: bytes) -> bool:
    """Whether the server ends a connection on which `endless` is sent again and again."""
    reader, writer = streams
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < PATIENCE and not reader.at_eof():
            writer.write(endless)
            await writer.drain()
            sent += len(endless)
            await asyncio.sleep(0.002)
        async with asyncio.timeout(2):
            await reader.read()
    writer.close()
    return sent < PATIENCE


START = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "endless"),
    [
        (b"GET /", b"a" * PIECE),
        (START + b"X-Long: ", b"a" * PIECE),
        (START, b"".join(b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(150))),
        (CHUNKED + b"1;", b"a" * PIECE),
        (CHUNKED + b"0\r\nX-Trailer: ", b"a" * PIECE),
        (CHUNKED + b"0\r\n", b"X-Trailer: %s\r\n" % (b"a" * PIECE)),
        (b"", b"\r\n" * PIECE),
    ],
    ids=["address", "header", "headers", "extension", "trailer", "trailers", "blank lines"],
)
async def test_an_endless_head_is_cut_off(own: FakeGateway, start: bytes, endless: bytes) -> None:
    async with listening(own) as address:
        streams = await asyncio.open_connection(*address)
        streams[1].write(start)
        assert await is_cut_off(streams, endless)


async def test_a_head_of_the_usual_size_is_read_in_pieces(own: FakeGateway) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        head = START + b"X-Long: %s\r\nConnection: close\r\n\r\n" % (b"a" * (HEADER_BYTES // 2))
        for at in range(0, len(head), 1000):
            writer.write(head[at : at + 1000])
            await writer.drain()
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize("drip", [b"", b"\r\n", b"X"], ids=["silent", "blank lines", "letters"])
@pytest.mark.parametrize("before", [b"", START + b"\r\n"], ids=["first", "after a call"])
async def test_who_sends_no_whole_head_is_let_go(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch, drip: bytes, before: bytes
) -> None:
    monkeypatch.setattr(module, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(module, "KEEP_ALIVE", 1)
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(before)
        async with asyncio.timeout(4):
            with contextlib.suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(drip)
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await reader.read(1000)
        writer.close()


async def test_a_body_may_take_longer_than_a_head(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_SECONDS", 0.2)
    held = await tokens(own)
    async with listening(own) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        head = f"POST /v1/messages HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {held['publish']}\r\n"
        writer.write(head.encode() + b"Content-Length: 4\r\n\r\n{")
        await asyncio.sleep(0.6)
        writer.write(b"  }")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)).startswith(b"HTTP/1.1 201")
        writer.close()


async def test_connections_have_a_bound_and_those_that_stand_go_on(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 3)
    async with listening(own) as address, httpx.AsyncClient(base_url=f"http://127.0.0.1:{address[1]}") as client:
        assert (await client.get("/healthz")).status_code == 200
        held = [await asyncio.open_connection(*address) for _ in range(2)]
        reader, writer = await asyncio.open_connection(*address)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        assert (await client.get("/healthz")).status_code == 200
        for _, each in held:
            each.close()


HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + START + b"\r\n", b"400"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", b"400"),
        (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"400"),
        (GET + b"Host : 127.0.0.1\r\n\r\n", b"400"),
        (GET + b"Host: 127.0.0.1\r\nX: a\r\n b\r\n\r\n", b"400"),
        (GET.replace(b"\r", b"") + b"Host: 127.0.0.1\n\n", b"400"),
        (GET + b"Host: 127.0.0.1\r\nX: \0\r\n\r\n", b"400"),
        (GET + b"\r\n", b"421"),
        (GET + b"Host: evil.example\r\nHost: 127.0.0.1\r\n\r\n", b"421"),
        (GET + b"Host: 127.0.0.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"OPTIONS /v1/messages HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"CONNECT evil.example:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"400"),
    ],
    ids=[
        "length and chunks", "two lengths", "another coding", "blank before the colon", "folded", "bare line ends",
        "zero", "no host", "two hosts", "two hosts, ours first", "options", "connect",
    ],
)  # fmt: skip
async def test_what_two_readers_would_read_two_ways_is_refused(own: FakeGateway, sent: bytes, status: bytes) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert answer.split()[1] == status
        writer.close()
        assert own.published == []
