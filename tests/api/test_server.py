"""The server: where it listens, what stands against it, and how it ends."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from suar.api import server as server_module
from suar.api.app import create_app
from suar.api.server import HttpServer, start_http, url_of
from suar.protocol.base.errors import Fault
from support.fake_gateway import FakeGateway, running_gateway, tokens
from support.gateway_state import alert_draft
from support.patience import PATIENCE


async def test_the_system_may_choose_the_port(own: FakeGateway) -> None:
    server = HttpServer()
    host, port = await server.start(create_app(own), ("127.0.0.1", 0))
    assert host == "127.0.0.1"
    assert port > 0
    assert server.url == f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        assert (await client.get(f"{server.url}/healthz")).status_code == 200
    await server.stop()
    with pytest.raises(OSError, match=r"."):
        await asyncio.open_connection(host, port)


async def test_a_body_leaves_at_once_behind_its_head(own: FakeGateway) -> None:
    """Else it waits until the client's system has acknowledged the head: 40 ms a call."""
    server = HttpServer()
    await server.start(create_app(own), ("127.0.0.1", 0))
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        await client.get(f"{server.url}/healthz")
        assert server.door is not None
        connection: Any
        [connection] = server.door.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    await server.stop()


async def test_it_starts_where_the_settings_say(tmp_path: Path) -> None:
    with running_gateway(tmp_path, SUAR_HTTP__LISTEN="localhost:0") as gateway:
        server = await start_http(gateway)
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            assert (await client.get(f"{server.url}/healthz")).status_code == 200
        await server.stop()
        await server.stop()


@pytest.mark.parametrize(("listen", "is_reported"), [("0.0.0.0:0", True), ("127.0.0.1:0", False)])
async def test_listening_to_the_network_is_reported(tmp_path: Path, listen: str, is_reported: bool) -> None:
    with structlog.testing.capture_logs() as events, running_gateway(tmp_path, SUAR_HTTP__LISTEN=listen) as gateway:
        server = await start_http(gateway)
        await server.stop()
    assert ("http_open_to_network" in [event["event"] for event in events]) is is_reported


async def test_a_busy_port_is_a_fault_with_a_hint(own: FakeGateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Fault) as caught:
        await HttpServer().start(create_app(own), taken.getsockname()[:2])
    assert "another program listens there already" in caught.value.text
    assert "http.listen" in caught.value.hint


@pytest.mark.parametrize(
    ("listen", "text"),
    [(("no-such-host.invalid", 0), "no such host"), (("192.0.2.1", 0), "not this machine's")],
    ids=["unknown", "foreign"],
)
async def test_an_address_that_cannot_be(own: FakeGateway, listen: tuple[str, int], text: str) -> None:
    with pytest.raises(Fault, match=text):
        await HttpServer().start(create_app(own), listen)


async def test_signals_stay_with_the_gateway(own: FakeGateway) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    server = HttpServer()
    await server.start(create_app(own), ("127.0.0.1", 0))
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    seen = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, seen.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(seen.wait(), 60)
    await server.stop()


async def test_it_ends_with_an_idle_connection_open(own: FakeGateway) -> None:
    server = HttpServer()
    address = await server.start(create_app(own), ("127.0.0.1", 0))
    _, writer = await asyncio.open_connection(*address)
    async with asyncio.timeout(60):
        await server.stop()
    writer.close()


async def is_listening(address: tuple[str, int]) -> bool:
    """Whether a connection is accepted there."""
    try:
        _, writer = await asyncio.open_connection(*address)
    except ConnectionError:
        return False
    writer.close()
    return True


async def test_a_call_in_flight_is_answered_before_the_end(own: FakeGateway) -> None:
    held = await tokens(own)
    started, go = asyncio.Event(), asyncio.Event()
    publish = own.publish

    async def slow(*args: object, **kwargs: object) -> object:
        started.set()
        await go.wait()
        return await publish(*args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    own.publish = slow  # type: ignore[method-assign, assignment]  # one call of the fake gateway is another
    server = HttpServer()
    address = await server.start(create_app(own), ("127.0.0.1", 0))
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        sent = {"Authorization": f"Bearer {held['publish']}"}
        call = asyncio.create_task(client.post("/v1/messages", content=alert_draft(), headers=sent))
        await started.wait()
        stop = asyncio.create_task(server.stop())
        async with asyncio.timeout(PATIENCE):
            while await is_listening(address):
                pass
        go.set()
        assert (await call).status_code == 201
        await stop


async def test_an_open_batch_does_not_hold_up_the_end(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "GRACE", 2 * PATIENCE)  # it does not wait for this
    held = await tokens(own)
    server = HttpServer()
    host, port = await server.start(create_app(own), ("127.0.0.1", 0))
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST /v1/messages/batch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {held['publish']}\r\n"
    writer.write(head.encode() + b"Content-Length: 9000\r\n\r\n%s\n%s" % (alert_draft(), alert_draft()[:9]))
    await asyncio.wait_for(reader.readuntil(b'"published"'), 60)
    async with asyncio.timeout(PATIENCE):
        await server.stop()
    assert (await reader.read()).endswith(b"\r\n0\r\n\r\n")  # the answer is whole
    assert len(own.published) == 1
    writer.close()


def test_how_to_call_it() -> None:
    assert url_of("0.0.0.0", 1) == "http://127.0.0.1:1"
    assert url_of("::", 1) == "http://[::1]:1"
    assert url_of("::1", 1) == "http://[::1]:1"
