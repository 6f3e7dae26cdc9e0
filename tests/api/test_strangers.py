"""What somebody without a token can cost: the head of a call, silence, connections."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from suar.api import server
from suar.api.app import create_app
from suar.api.http import connections, door
from suar.api.http.connections import (
    FIELD_BYTES,
    FIELDS_MAX,
    HEADER_BYTES,
    OUTSTANDING_MAX,
    READ_BYTES,
    UNREAD_BYTES,
    Connection,
)
from suar.api.http.door import BEGUN_MAX, Door
from suar.api.server import HttpServer
from suar.service.access.tokens import TokenInfo
from support.fake_gateway import FakeGateway, tokens
from support.gateway_state import LOCAL, alert_draft
from support.patience import PATIENCE

PIECE = 16 * 1024
SENT_MAX = 32 * HEADER_BYTES  # bytes that a stranger sends before the test gives up
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
        while sent < SENT_MAX and not reader.at_eof():
            writer.write(endless)
            await writer.drain()
            sent += len(endless)
            await asyncio.sleep(0.002)
        async with asyncio.timeout(60):
            await reader.read()
    writer.close()
    return sent < SENT_MAX


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
        assert (await asyncio.wait_for(reader.read(), 60)).startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize(("fields", "status"), [(FIELDS_MAX, b"200"), (FIELDS_MAX + 1, b"400")])
async def test_a_head_has_so_many_fields(own: FakeGateway, fields: int, status: bytes) -> None:
    """A field of six bytes takes thirty times as much in memory: 250 connections took 390 MiB with heads of 28 kB."""
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(
            START + b"".join(b"X%d:y\r\n" % number for number in range(fields - 2)) + b"Connection: close\r\n\r\n"
        )
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).split()[1] == status
        writer.close()


@pytest.mark.parametrize("drip", [b"", b"\r\n", b"X"], ids=["silent", "blank lines", "letters"])
@pytest.mark.parametrize("before", [b"", START + b"\r\n"], ids=["first", "after a call"])
async def test_who_sends_no_whole_head_is_let_go(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch, drip: bytes, before: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(server, "KEEP_ALIVE", 1)
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(before)
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(drip)
                    await writer.drain()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await reader.read(1000)
        writer.close()


async def test_a_body_may_take_longer_than_a_head(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    held = await tokens(own)
    async with listening(own) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        head = f"POST /v1/messages HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {held['publish']}\r\n"
        body = alert_draft()
        writer.write(head.encode() + b"Content-Length: %d\r\n\r\n{" % len(body))
        silent = await asyncio.open_connection(host, port)
        assert await is_ended(silent)  # it came later, and has had the time of a head
        silent[1].close()
        writer.write(body[1:])
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 201")
        writer.close()


async def is_ended(streams: Streams) -> bool:
    """Whether the server ended the connection."""
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(streams[0].read(), 60) == b""
    return True


async def test_connections_have_a_bound_and_those_that_stand_continue(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CONNECTIONS_MAX", 3)
    sent = {"Authorization": f"Bearer {LOCAL}"}
    async with listening(own) as address, client_of(address, sent) as client:
        assert (await client.get("/v1/keys")).status_code == 200
        strangers = [await asyncio.open_connection(*address) for _ in range(4)]
        assert [await is_ended(each) for each in strangers[:2]] == [True, True]  # the oldest
        for reader, writer in strangers[2:]:
            writer.write(START + b"\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 200")
        assert (await client.get("/v1/keys")).status_code == 200
        for _, writer in strangers:
            writer.close()


async def test_a_token_gets_in_past_any_number_of_idle_strangers(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CONNECTIONS_MAX", 10)
    monkeypatch.setattr(door, "STRANGERS_MAX", 5)
    sent = {"Authorization": f"Bearer {LOCAL}"}
    async with listening(own) as address, contextlib.AsyncExitStack() as stack:
        strangers = [await asyncio.open_connection(*address) for _ in range(20)]
        for _ in range(5):
            client = await stack.enter_async_context(client_of(address, sent))
            assert (await client.get("/v1/keys")).status_code == 200
        assert [await is_ended(each) for each in strangers[:15]] == [True] * 15
        for _, writer in strangers:
            writer.close()


class Caller:
    """A connection of which the door asks nothing."""

    is_idle = True

    def abort(self) -> None:
        raise AssertionError

    def stalled_checks(self) -> int:
        return 0


async def test_a_token_s_request_waits_for_few_strangers() -> None:
    """Before, a turn of the loop took a request of each stranger: a call with a token took ten seconds in a flood."""

    def identify(token: str, *, is_here: bool) -> TokenInfo | None:
        return TokenInfo(token, frozenset()) if is_here and token == "desk" else None

    entrance = Door(identify, lambda _: None)
    begun: list[Caller] = []
    strangers, known = [Caller() for _ in range(100)], Caller()
    for each in (*strangers, known):
        entrance.enter(each)
    entrance.introduce(known, "desk", is_here=True)

    def begin_request(caller: Caller) -> asyncio.Task[None]:
        async def app() -> None:
            begun.append(caller)

        return asyncio.ensure_future(entrance.in_turn(caller, app)())

    waiting = [begin_request(each) for each in strangers]
    waiting[1].cancel()  # its caller has gone
    await begin_request(known)
    assert begun == [known]
    turn: list[int] = []
    while len(begun) < len(strangers):
        before = len(begun)
        await asyncio.sleep(0)  # one turn of the loop
        turn.append(len(begun) - before)
    assert max(turn) == BEGUN_MAX
    assert begun[1:] == [each for each in strangers if each is not strangers[1]]
    entrance.close()


async def test_one_token_leaves_room_for_others(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CONNECTIONS_A_TOKEN", 2)
    held = await tokens(own)
    ask = b"GET /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n"
    async with listening(own) as address:
        opened = []
        for _ in range(3):
            reader, writer = await asyncio.open_connection(*address)
            writer.write(ask % held["read"].encode())
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 200")
            opened.append((reader, writer))
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(opened[0][0].read(), 60)  # the answer, then the end
        for _, writer in opened:
            writer.close()


@contextlib.asynccontextmanager
async def client_of(address: tuple[str, int], headers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{address[1]}", headers=headers, trust_env=False, timeout=PATIENCE
    ) as client:
        yield client


# -- requests behind each other


async def answers(streams: Streams, count: int) -> list[bytes]:
    """The status lines of so many answers with bodies of a known length."""
    found = []
    for _ in range(count):
        head = await asyncio.wait_for(streams[0].readuntil(b"\r\n\r\n"), 60)
        found.append(head.split(b"\r\n")[0])
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await streams[0].readexactly(int(length.split(b":")[1]))
    return found


async def test_a_hundred_requests_behind_each_other_are_answered_in_order(own: FakeGateway) -> None:
    async with listening(own) as address:
        streams = await asyncio.open_connection(*address)
        for number in range(100):
            path = b"/healthz" if number % 2 else b"/nowhere"
            streams[1].write(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        lines = await answers(streams, 100)
        assert [line.split()[1] for line in lines] == [b"404", b"200"] * 50
        streams[1].close()


async def test_no_more_than_eight_wait_for_their_answer(own: FakeGateway) -> None:
    """A call that is not answered yet stops the reading of what is behind it, whatever its sender does."""
    held = await tokens(own)
    go, most = asyncio.Event(), 0

    async def slow(**_: object) -> list[object]:
        nonlocal most
        await go.wait()
        (connection,) = doors[0].connections
        assert isinstance(connection, Connection)
        most = max(most, connection.outstanding)
        return []

    own.messages = slow  # type: ignore[assignment, method-assign]  # one call of the fake gateway is another
    ask = b"GET /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n" % held["read"].encode()
    server_ = HttpServer()
    address = await server_.start(create_app(own), ("127.0.0.1", 0))
    assert server_.door is not None
    doors = [server_.door]
    streams = await asyncio.open_connection(*address)
    streams[1].write(ask * 10_000)
    connection = await stopped_reading(server_.door, streams[1], ask)
    assert connection.outstanding == OUTSTANDING_MAX
    assert 0 < connection.unread <= READ_BYTES
    assert connection.held > connection.unread + OUTSTANDING_MAX * FIELD_BYTES
    go.set()
    assert {line.split()[1] for line in await answers(streams, 100)} == {b"200"}
    assert most == OUTSTANDING_MAX
    streams[1].close()
    await server_.stop()


async def stopped_reading(found: Door, writer: asyncio.StreamWriter, more: bytes) -> Connection:
    """The server's connection, once it reads no more of what is sent without end and the system keeps no more."""

    async def send() -> None:
        while True:
            writer.write(more * 1000)
            await writer.drain()

    sending = asyncio.create_task(send())
    async with asyncio.timeout(PATIENCE):
        while True:
            for connection in found.connections:
                assert isinstance(connection, Connection)
                if connection.flow.read_paused and writer.transport.get_write_buffer_size():
                    sending.cancel()
                    return connection
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def behind_an_unanswered_call(own: FakeGateway) -> AsyncIterator[tuple[Door, asyncio.StreamWriter, bytes]]:
    """A connection whose first call is not answered until the end; yields also the head of that call, to be ended."""
    held = await tokens(own)
    go = asyncio.Event()

    async def slow(**_: object) -> list[object]:
        await go.wait()
        return []

    own.messages = slow  # type: ignore[assignment, method-assign]  # one call of the fake gateway is another
    server_ = HttpServer()
    address = await server_.start(create_app(own), ("127.0.0.1", 0))
    assert server_.door is not None
    _, writer = await asyncio.open_connection(*address)
    head = b"GET /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n" % held["read"].encode()
    yield server_.door, writer, head
    go.set()
    writer.close()
    await server_.stop()


@pytest.mark.parametrize("framing", [b"Content-Length: 1000000", b"Transfer-Encoding: chunked"])
async def test_bodies_that_nobody_takes_stay_small(own: FakeGateway, framing: bytes) -> None:
    """Eight calls with bodies behind one that is not answered: what they hold is 64 KiB together."""
    async with behind_an_unanswered_call(own) as (found, writer, head):
        writer.write(head + b"\r\n" + HEAD + framing + b"\r\n\r\n")
        body = b"a" * 50_000 if b"Length" in framing else b"c350\r\n%s\r\n" % (b"a" * 50_000)
        connection = await stopped_reading(found, writer, body)
        assert 0 < connection.unread <= UNREAD_BYTES


async def test_what_all_connections_hold_together_is_bounded(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest connection without a token that holds something goes first; one that holds nothing may stay."""
    monkeypatch.setattr(door, "HELD_MAX", 5 * PIECE)
    begun = START + b"X-Long: " + b"a" * PIECE  # and never the end of the head
    server_ = HttpServer()
    address = await server_.start(create_app(own), ("127.0.0.1", 0))
    found = server_.door
    assert found is not None

    async def hold(count: int) -> None:
        def holding() -> int:
            return sum(each.held > PIECE for each in found.connections if isinstance(each, Connection))

        async with asyncio.timeout(60):
            while holding() != count:  # noqa: ASYNC110 - the server tells nobody what it has read
                await asyncio.sleep(0.01)

    silent = await asyncio.open_connection(*address)
    opened = []
    for number in range(4):
        opened.append(await asyncio.open_connection(*address))
        opened[-1][1].write(begun)
        await hold(number + 1)
    before = found.connections
    fifth = await asyncio.open_connection(*address)
    fifth[1].write(begun)
    assert await is_ended(opened[0])
    await hold(4)
    assert set(before) - set(found.connections) == {before[1]}
    for _, writer in (silent, *opened, fifth):
        writer.close()
    await server_.stop()


async def test_who_alone_holds_too_much_is_let_go_whatever_its_token(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "HELD_MAX", PIECE)
    held = await tokens(own)
    head = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n" % held["publish"].encode()
    async with listening(own) as address:
        silent = await asyncio.open_connection(*address)
        streams = await asyncio.open_connection(*address)
        streams[1].write(head + b"X-Long: " + b"a" * PIECE + b"\r\nContent-Length: 2\r\n\r\n")
        assert await is_ended(streams)
        silent[1].write(START + b"\r\n")
        assert (await asyncio.wait_for(silent[0].readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 200")
        for _, writer in (silent, streams):
            writer.close()


async def test_heads_that_wait_behind_another_count_as_unread(own: FakeGateway) -> None:
    """Before, only bodies did."""
    async with behind_an_unanswered_call(own) as (found, writer, head):
        long = head + b"X-Long: " + b"a" * (READ_BYTES // 5) + b"\r\n\r\n"
        connection = await stopped_reading(found, writer, long)
        assert 2 * (READ_BYTES // 5) < connection.unread <= UNREAD_BYTES
        assert connection.held < UNREAD_BYTES + HEADER_BYTES


async def test_a_bad_request_behind_good_ones_is_reported_after_their_answers(own: FakeGateway) -> None:
    async with listening(own) as address:
        streams = await asyncio.open_connection(*address)
        streams[1].write((START + b"\r\n") * 3 + b"GET / HTTP/9.9\r\n\r\n" + START + b"\r\n")
        lines = await answers(streams, 4)
        assert [line.split()[1] for line in lines] == [b"200", b"200", b"200", b"400"]
        assert await is_ended(streams)
        streams[1].close()


@pytest.mark.parametrize(
    "sent",
    [
        START + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n",
        START + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    ],
    ids=["websocket", "h2c"],
)  # fmt: skip
async def test_no_other_protocol_is_spoken(own: FakeGateway, sent: bytes) -> None:
    """The call is answered as one of HTTP/1.1, then the connection ends: nothing behind it is taken for a request."""
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(), 60)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer.lower()
        writer.close()


async def test_http_2_without_asking_is_refused(own: FakeGateway) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 64)
        assert (await asyncio.wait_for(reader.read(), 60)).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_nobody_may_continue_with_a_body_before_its_token(own: FakeGateway) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(HEAD + b"Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 401")
        writer.close()


@pytest.mark.parametrize("is_pipelined", [False, True])
async def test_who_does_not_read_an_answer_is_let_go(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch, is_pipelined: bool
) -> None:
    """Also when the connection is closed already and waits for its last bytes to leave."""
    monkeypatch.setattr(door, "SWEEP", 0.1)
    monkeypatch.setattr(door, "STUCK_SECONDS", 0.3)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(server, "KEEP_ALIVE", 1)
    served = HttpServer()
    address = await served.start(create_app(own), ("127.0.0.1", 0))
    assert served.door is not None
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(address)
    plain.setblocking(False)
    ask = b"GET /schema/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    plain.send(ask * (1000 if is_pipelined else 1))
    async with asyncio.timeout(60):
        while not served.door.strangers:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    async with asyncio.timeout(60):
        while served.door.strangers:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)
    plain.close()
    await served.stop()


HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"
ABSOLUTE = b"GET %shealthz HTTP/1.1\r\nHost: %s\r\n\r\n"


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
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (HEAD.replace(b"1.1", b"1.0", 1) + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (ABSOLUTE % (b"http://evil.example/", b"127.0.0.1"), b"400"),
        (ABSOLUTE % (b"http://127.0.0.1@evil.example/", b"127.0.0.1"), b"400"),
        (ABSOLUTE % (b"ftp://127.0.0.1/", b"127.0.0.1"), b"400"),
        (ABSOLUTE % (b"http://evil.example/", b"evil.example"), b"421"),
    ],
    ids=[
        "length and chunks", "two lengths", "another coding", "blank before the colon", "folded", "bare line ends",
        "zero", "no host", "two hosts", "two hosts, ours first", "options", "connect", "gzip under chunks",
        "gzip before chunks", "chunks twice", "chunks of 1.0", "another host in the target", "a user in the target",
        "another scheme", "another host in both",
    ],
)  # fmt: skip
async def test_what_two_readers_would_read_two_ways_is_refused(own: FakeGateway, sent: bytes, status: bytes) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        assert answer.split()[1] == status
        writer.close()
        assert own.published == []


@pytest.mark.parametrize("target", [b"http://127.0.0.1/", b"HTTP://127.0.0.1/"])
async def test_an_absolute_target_with_our_host_is_answered(own: FakeGateway, target: bytes) -> None:
    async with listening(own) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(ABSOLUTE % (target, b"127.0.0.1"))
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_trailer_is_no_header(own: FakeGateway) -> None:
    """Neither a token nor a host counts that stands behind the body; the call behind is read as ever."""
    held = await tokens(own)
    token = b"Authorization: Bearer %s\r\n" % held["publish"].encode()
    body = alert_draft()
    chunks = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(body), body)
    async with listening(own) as address:
        streams = await asyncio.open_connection(*address)
        streams[1].write(HEAD + chunks + token + b"\r\n")
        streams[1].write(HEAD.replace(b"Host: 127.0.0.1\r\n", token) + chunks + b"Host: 127.0.0.1\r\n\r\n")
        lines = [await one_status(streams[0]) for _ in range(2)]
        assert lines == [b"401", b"421"]
        assert own.published == []
        streams[1].write(HEAD + token + chunks + b"X-Checksum: 1\r\n\r\n" + START + b"\r\n")
        assert [await one_status(streams[0]) for _ in range(2)] == [b"201", b"200"]
        streams[1].close()


async def one_status(reader: asyncio.StreamReader) -> bytes:
    """The status of the next answer, whose body is read too."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return head.split()[1]
