"""A bus at a server that says what it likes: it reads, or ends the connection and says so; it never dies."""

import asyncio
import contextlib
import gc

import pytest
from nats.aio.msg import Msg

from suar.bus import connect
from suar.bus.connect import Bus
from suar.bus.wire import MAX_DROPPED, MAX_LINE
from suar.federation.nats_users import new_nkey
from support.hostile import MARK, Connection, Scene, greeting, run
from support.nats_server import eventually


async def test_hostile_bytes_end_as_a_message_or_as_a_closed_connection_with_a_reason() -> None:
    """`make fuzz` gives 100,000."""
    seen = await run(400, 0)
    assert {outcome for _, outcome in seen} == {"read", "ended", "greeting taken", "greeting refused"}
    assert len({kind for kind, _ in seen}) == 6


@pytest.mark.parametrize("token", [b"\xff\xfe", b"\x0bX", b"\rX"])
async def test_a_subject_that_does_not_decode_is_a_message_like_others(token: bytes) -> None:
    """Five bytes under such a subject ended every gateway's reading for good."""
    got: list[Msg] = []
    async with Scene().playing() as scene:

        async def keep(message: Msg) -> None:
            got.append(message)

        await scene.bus.subscribe("other", keep)
        connection = await scene.server.subscribed()

        async def has_both() -> bool:
            return "other" in connection.sids

        await eventually(has_both)
        scene.connection = connection
        line = b"MSG a.frame.all.%s %s 5\r\nhello\r\n" % (token, connection.sids["other"])
        assert await scene.send_marked(line, "after") == "read"
        assert [(each.subject.startswith("a.frame.all.\\x"), each.data) for each in got] == [(True, b"hello")]
        assert scene.faults == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"MSG mark 1 %d\r\n" % (MAX_DROPPED + 1), "a message of"),
        (b"x" * (MAX_LINE + 1), "a line of more than"),
        (b"MSG a.b 1 \xff 1 1\r\n", "too many or too few fields"),
    ],
)
async def test_what_cannot_be_read_is_reported_with_the_message_before_it(data: bytes, why: str) -> None:
    async with Scene().playing() as scene:
        first = await scene.connected()
        named = b"MSG a.frame.all.1 %s $JS.ACK.INBOX_TH.gw.1.17.17.0.0 1\r\nx\r\n" % first.sids[MARK]
        assert await scene.send_marked(named + data, "never") == "ended"
        assert [event.kind for event in scene.events if event.kind == "read_failed"] == ["read_failed"]
        failed = scene.bus.read_failed
        assert failed is not None
        assert why in failed.why
        assert await scene.send_marked(b"", "again") == "read"  # it is there again


async def test_a_tls_handshake_that_never_ends_times_out_at_the_first_dialling_too() -> None:
    """nats-py waited for the end of the handshake for ever, and the gateway was deaf until its restart."""
    async with Scene().playing() as scene:
        assert await scene.send_marked(b"-ERR \r\n", "closes") in ("read", "ended")  # another client dials anew
        assert await scene.greeted(greeting(tls_required=True)) == "greeting refused"
        assert await scene.send_marked(b"", "again") == "read"


async def test_errors_without_end_are_one_end_of_the_connection() -> None:
    async with Scene().playing() as scene:
        outcome = await scene.send_marked(b"-ERR\r\n" * 20_000, "n")
        assert outcome in ("read", "ended")
        assert await scene.send_marked(b"", "again") in ("read", "ended")
        assert scene.faults < 50


async def test_an_answer_to_an_abandoned_ping_is_ignored() -> None:
    """nats-py sets the result of a future that was cancelled, and stops reading."""
    async with Scene().playing() as scene:
        connection = await scene.connected()
        connection.holds_back = True
        with pytest.raises(TimeoutError):
            await scene.clients[-1].rtt(0.05)  # type: ignore[arg-type]  # int by annotation only
        connection.holds_back = False
        connection.answer_pings()
        assert await scene.send_marked(b"", "after") == "read"


class _Deaf:
    """Greets, answers the first PING, and from then on sends PINGs and reads nothing."""

    def __init__(self) -> None:
        self.dials = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dials += 1
        with contextlib.suppress(OSError, asyncio.CancelledError):
            writer.write(greeting())
            while not (await reader.readline()).startswith(b"PING"):
                pass
            writer.write(b"PONG\r\n")
            while True:
                writer.write(b"PING\r\n" * 1000)
                await writer.drain()
                await asyncio.sleep(0)
        writer.transport.abort()


async def test_a_server_that_only_asks_and_takes_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pings fill the queue of answers; nats-py's own probe then waits behind them without end."""
    monkeypatch.setattr(connect, "PROBE_EVERY", 0.2)
    monkeypatch.setattr(connect, "PROBE_TIMEOUT", 0.2)
    deaf = _Deaf()
    server = await asyncio.start_server(deaf.serve, "127.0.0.1", 0, limit=1024)
    port = server.sockets[0].getsockname()[1]
    async with Bus(f"nats://127.0.0.1:{port}", new_nkey()[0], "_INBOX", "asked"):

        async def left() -> bool:
            return deaf.dials > 1

        await eventually(left, 120)
    server.close()
    gc.collect()


async def test_no_address_that_a_greeting_names_is_dialled() -> None:
    dialled: list[int] = []

    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialled.append(1)
        writer.transport.abort()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as elsewhere:
        url = f"127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}"
        async with Scene().playing() as scene:
            for _ in range(3):
                await scene.greeted(greeting(connect_urls=[url] * 50))
                assert await scene.send_marked(b'INFO {"connect_urls": ["%s"]}\r\n' % url.encode(), "after") == "read"
            assert len(scene.clients[-1].servers) == 1
    assert not dialled


async def test_a_greeting_without_tls_receives_nothing() -> None:
    """Whoever sits between could strike `tls_required` out, and nats-py would go on in clear."""
    received: list[Connection] = []
    greeted = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        received.append(connection)
        writer.write(greeting())
        await connection.answer(lambda _: None)
        greeted.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Bus(f"tls://127.0.0.1:{port}", new_nkey()[0], "_INBOX", "tls") as bus:
            await asyncio.wait_for(greeted.wait(), 60)

            async def has_reported() -> bool:
                return "offers no TLS" in bus.last_error

            await eventually(has_reported)
            assert not bus.is_connected
    assert [each.lines_read for each in received] == [[] for _ in received]
